// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit frames: which types is each frame mapped with?
 */
#include "audit_frames.h"

/*
 * Nearly every lookup is of a frame that has no chunk, and ends at the first key
 * that is 0. In a table that is a quarter full each fourth does not, which the
 * processor cannot foresee: four times the time for frames at random. A machine
 * has some dozen chunks, so that this table stays nearly empty.
 */
#define SLOTS_MIN 1024u

/* --- the table -------------------------------------------------------------- */

/* Index of the chunk's slot, or of the empty one where it belongs. */
static u32 find_slot(const u32 *keys, u32 nr_slots, u32 key)
{
	u32 idx = na_audit_chunk_hash(key);

	(void)NA_ASSERT(nr_slots && !(nr_slots & (nr_slots - 1)));
	for (;; idx++) {
		idx &= nr_slots - 1;
		if (!keys[idx] || keys[idx] == key)
			return idx;
	}
}

static struct na_audit_chunk *find_chunk(const struct na_audit_frames *frames,
					 unsigned long frame)
{
	u32 idx;

	(void)NA_ASSERT(frames->nr <= frames->nr_slots / 2);
	if (!frames->nr)
		return NULL;
	idx = find_slot(frames->keys, frames->nr_slots,
			na_audit_chunk_key(frame));
	return frames->keys[idx] ? &frames->slots[idx] : NULL;
}

static void move_chunks(const struct na_audit_frames *from,
			struct na_audit_frames *to)
{
	u32 i, idx;

	for (i = 0; i < from->nr_slots; i++) {
		if (!from->keys[i])
			continue;
		idx = find_slot(to->keys, to->nr_slots, from->keys[i]);
		to->keys[idx] = from->keys[i];
		to->slots[idx] = from->slots[i];
	}
	to->nr = from->nr;
}

static void free_table(struct na_audit_frames *frames, struct na_port *port)
{
	na_port_free(port, frames->keys);
	na_port_free(port, frames->slots);
}

static int grow(struct na_audit_frames *frames, struct na_port *port)
{
	u32 nr = frames->nr_slots ? frames->nr_slots * 2 : SLOTS_MIN;
	struct na_audit_frames table = {
		.keys = na_port_alloc(port, nr * sizeof(*table.keys)),
		.slots = na_port_alloc(port, nr * sizeof(*table.slots)),
		.nr_slots = nr,
	};

	if (!table.keys || !table.slots) {
		free_table(&table, port);
		return -ENOMEM;
	}
	move_chunks(frames, &table);
	free_table(frames, port);
	*frames = table;
	(void)NA_ASSERT(frames->nr < nr / 2);
	return 0;
}

static int make_chunk(struct na_audit_frames *frames, struct na_port *port,
		      unsigned long frame, struct na_audit_chunk **chunk)
{
	u32 idx, key = na_audit_chunk_key(frame);
	int err;

	if (frames->nr == frames->nr_slots / 2) {
		err = grow(frames, port);
		if (err)
			return err;
	}
	idx = find_slot(frames->keys, frames->nr_slots, key);
	(void)NA_ASSERT(!frames->keys[idx]);
	frames->keys[idx] = key;
	frames->nr++;
	*chunk = &frames->slots[idx];
	return 0;
}

/* --- a chunk ---------------------------------------------------------------- */

static int split_chunk(struct na_audit_chunk *chunk, struct na_port *port)
{
	(void)NA_ASSERT(!chunk->each);
	chunk->each = na_port_alloc(port, NA_CHUNK_FRAMES);
	if (!chunk->each)
		return -ENOMEM;
	na_memset(chunk->each, chunk->all, NA_CHUNK_FRAMES);
	return 0;
}

/* Sets @bits in frames that have one of @among; 0: in all. */
static int set_bits(struct na_audit_chunk *chunk, struct na_port *port,
		    unsigned long first, unsigned long end, u8 bits, u8 among)
{
	unsigned long i, nr = end - first;
	u8 *each;
	int err;

	(void)NA_ASSERT(nr && nr <= NA_CHUNK_FRAMES);
	if (!chunk->each) {
		if ((chunk->all & bits) == bits ||
		    (among && !(chunk->all & among)))
			return 0;
		if (nr == NA_CHUNK_FRAMES) {
			chunk->all |= bits;
			return 0;
		}
		err = split_chunk(chunk, port);
		if (err)
			return err;
	}
	each = chunk->each + first % NA_CHUNK_FRAMES;
	for (i = 0; i < nr; i++)
		if (!among || each[i] & among)
			each[i] |= bits;
	return 0;
}

/* --- frames ----------------------------------------------------------------- */

bool na_audit_frames_has(const struct na_audit_frames *frames,
			 unsigned long frame)
{
	return find_chunk(frames, frame);
}

bool na_audit_frames_marks(const struct na_audit_frames *frames,
			   unsigned long frame)
{
	const struct na_audit_chunk *chunk = find_chunk(frames, frame);

	if (!chunk)
		return false;
	return chunk->each ? chunk->each[frame % NA_CHUNK_FRAMES] : chunk->all;
}

int na_audit_frames_add(struct na_audit_frames *frames, struct na_port *port,
			unsigned long first, unsigned long end, u8 bits)
{
	struct na_audit_chunk *chunk = find_chunk(frames, first);
	int err;

	(void)NA_ASSERT(bits && na_chunk_end(first, end) == end);
	if (!chunk) {
		err = make_chunk(frames, port, first, &chunk);
		if (err)
			return err;
	}
	return set_bits(chunk, port, first, end, bits, 0);
}

int na_audit_frames_join(struct na_audit_frames *frames, struct na_port *port,
			 unsigned long first, unsigned long end, u8 bits)
{
	struct na_audit_chunk *chunk;
	unsigned long next;
	int err = 0;

	for (; first < end && !err; first = next) {
		next = na_chunk_end(first, end);
		chunk = find_chunk(frames, first);
		if (chunk)
			err = set_bits(chunk, port, first, next, bits, 0xff);
	}
	return err;
}

u8 na_audit_frames_get(const struct na_audit_frames *frames,
		       unsigned long first, unsigned long end,
		       unsigned long *next)
{
	const struct na_audit_chunk *chunk = find_chunk(frames, first);
	unsigned long i = 0, nr;
	const u8 *each;

	*next = na_chunk_end(first, end);
	if (!chunk || !chunk->each)
		return chunk ? chunk->all : 0;
	each = chunk->each + first % NA_CHUNK_FRAMES;
	nr = *next - first;
	while (i < nr && each[i] == each[0])
		i++;
	*next = first + i;
	return each[0];
}

static u32 count_in(const struct na_audit_chunk *chunk)
{
	u32 i, nr = 0;

	if (!chunk->each)
		return chunk->all ? NA_CHUNK_FRAMES : 0;
	for (i = 0; i < NA_CHUNK_FRAMES; i++)
		nr += chunk->each[i] != 0;
	return nr;
}

u64 na_audit_frames_count(const struct na_audit_frames *frames)
{
	u64 nr = 0;
	u32 i;

	for (i = 0; i < frames->nr_slots; i++)
		if (frames->keys[i])
			nr += count_in(&frames->slots[i]);
	return nr;
}

void na_audit_frames_fini(struct na_audit_frames *frames, struct na_port *port)
{
	u32 i;

	for (i = 0; i < frames->nr_slots; i++)
		na_port_free(port, frames->slots[i].each);
	free_table(frames, port);
	*frames = (struct na_audit_frames){ 0 };
}
