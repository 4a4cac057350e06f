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

static bool has_bit(const u8 *map, u32 idx)
{
	return map[idx / 8] >> idx % 8 & 1;
}

static u8 byte_at(const struct na_audit_chunk *chunk, u32 idx)
{
	if (chunk->form == NA_FORM_EACH)
		return chunk->map[idx];
	if (chunk->form == NA_FORM_TWO && has_bit(chunk->map, idx))
		return chunk->other;
	return chunk->all;
}

/* @byte with @bits, if it has one of @among; 0: in any case. */
static u8 byte_with(u8 byte, u8 bits, u8 among)
{
	return !among || byte & among ? byte | bits : byte;
}

static int make_two(struct na_audit_chunk *chunk, struct na_port *port,
		    u8 other)
{
	(void)NA_ASSERT(chunk->form == NA_FORM_ONE);
	chunk->map = na_port_alloc(port, NA_CHUNK_FRAMES / 8);
	if (!chunk->map)
		return -ENOMEM;
	chunk->other = other;
	chunk->form = NA_FORM_TWO;
	return 0;
}

static int make_each(struct na_audit_chunk *chunk, struct na_port *port)
{
	u8 *each = na_port_alloc(port, NA_CHUNK_FRAMES);
	u32 i;

	(void)NA_ASSERT(chunk->form == NA_FORM_TWO);
	if (!each)
		return -ENOMEM;
	for (i = 0; i < NA_CHUNK_FRAMES; i++)
		each[i] = byte_at(chunk, i);
	na_port_free(port, chunk->map);
	chunk->map = each;
	chunk->form = NA_FORM_EACH;
	return 0;
}

static void give_other(struct na_audit_chunk *chunk, u32 idx, u32 nr)
{
	u32 i;

	for (i = idx; i < idx + nr; i++)
		chunk->map[i / 8] |= (u8)(1u << i % 8);
}

static void set_each(struct na_audit_chunk *chunk, u32 idx, u32 nr, u8 bits,
		     u8 among)
{
	u32 i;

	for (i = idx; i < idx + nr; i++)
		chunk->map[i] = byte_with(chunk->map[i], bits, among);
}

/* Sets @bits in frames that have one of @among; 0: in all. */
static int set_bits(struct na_audit_chunk *chunk, struct na_port *port,
		    unsigned long first, unsigned long end, u8 bits, u8 among)
{
	u8 all = byte_with(chunk->all, bits, among);
	u8 other = byte_with(chunk->other, bits, among);
	u32 idx = (u32)(first % NA_CHUNK_FRAMES), nr = (u32)(end - first);
	bool is_one = chunk->form == NA_FORM_ONE;
	int err;

	(void)NA_ASSERT(nr && nr <= NA_CHUNK_FRAMES);
	if (chunk->form == NA_FORM_EACH) {
		set_each(chunk, idx, nr, bits, among);
		return 0;
	}
	if (all == chunk->all && (is_one || other == chunk->other))
		return 0;
	if (nr == NA_CHUNK_FRAMES) {
		chunk->all = all;
		chunk->other = other;
		return 0;
	}
	if (is_one || all == chunk->other) {
		err = is_one ? make_two(chunk, port, all) : 0;
		if (!err)
			give_other(chunk, idx, nr);
		return err;
	}
	err = make_each(chunk, port);
	if (!err)
		set_each(chunk, idx, nr, bits, among);
	return err;
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

	return chunk && byte_at(chunk, (u32)(frame % NA_CHUNK_FRAMES));
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
	u32 idx = (u32)(first % NA_CHUNK_FRAMES), i, nr;
	u8 byte;

	*next = na_chunk_end(first, end);
	if (!chunk || chunk->form == NA_FORM_ONE)
		return chunk ? chunk->all : 0;
	nr = (u32)(*next - first);
	byte = byte_at(chunk, idx);
	for (i = 1; i < nr && byte_at(chunk, idx + i) == byte; i++)
		;
	*next = first + i;
	return byte;
}

static u32 count_in(const struct na_audit_chunk *chunk)
{
	u32 i, nr = 0;

	if (chunk->form == NA_FORM_ONE)
		return chunk->all ? NA_CHUNK_FRAMES : 0;
	for (i = 0; i < NA_CHUNK_FRAMES; i++)
		nr += byte_at(chunk, i) != 0;
	return nr;
}

static bool has_any(const struct na_audit_chunk *chunk, bool (*is)(u8 byte))
{
	u32 i;

	if (chunk->form != NA_FORM_EACH)
		return is(chunk->all) ||
		       (chunk->form == NA_FORM_TWO && is(chunk->other));
	for (i = 0; i < NA_CHUNK_FRAMES; i++)
		if (is(chunk->map[i]))
			return true;
	return false;
}

bool na_audit_frames_any(const struct na_audit_frames *frames,
			 bool (*is)(u8 byte))
{
	u32 i;

	for (i = 0; i < frames->nr_slots; i++)
		if (frames->keys[i] && has_any(&frames->slots[i], is))
			return true;
	return false;
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
		na_port_free(port, frames->slots[i].map);
	free_table(frames, port);
	*frames = (struct na_audit_frames){ 0 };
}
