// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffer: frames from the system, in the largest blocks available, converted to
 * one type by one conversion.
 *
 * A cached buffer is not converted, and the ledger does not learn of it. What is
 * WB and the system's is what a frame without an entry is: each mapping of it that
 * the system has or makes has its type, so there is nothing to purge, to flush or
 * to clean, and whoever counts converted frames (hibernation, an audit) need not
 * count these. A claim would keep conversions by others away, as it does not for
 * any other page of the system: only a frame's owner may have it converted.
 *
 * All that is missing is tried in one block first, so that a buffer of up to
 * NA_BLOCK_FRAMES_MAX is consecutive where the system can make it so: devices
 * without an IOMMU may need that, and all have shorter tables then. A size that
 * failed once is not tried again for this buffer, because the system has none
 * without reclaim. A block is freed whole, as it was allocated, unless one of
 * its frames is lost: then the others are freed one by one.
 *
 * The arrays grow by doubling, because the worst case (one frame a block) is
 * rare. Those of a small buffer are part of its struct: a client may have tens
 * of thousands of buffers of one frame.
 */
#include <noalias/buffer.h>
#include <noalias/effect.h>

#define RUNS_MIN 16u

static void use_own(struct na_buffer *buffer)
{
	buffer->runs = buffer->own.runs;
	buffer->starts = buffer->own.starts;
	buffer->room = NA_BUFFER_OWN_RUNS;
}

/* The two arrays in one allocation, by decreasing alignment. */
static void use_table(struct na_buffer *buffer, void *table, u32 room)
{
	buffer->runs = table;
	buffer->starts = (u32 *)(void *)(buffer->runs + room);
	buffer->room = room;
}

static size_t table_len(u32 room)
{
	struct na_buffer *buffer;

	/*
	 * At most the number of frames, less than doubled beyond: no overflow.
	 */
	(void)NA_ASSERT(room < 2 * NA_BUFFER_FRAMES_MAX);
	return room * (sizeof(*buffer->runs) + sizeof(*buffer->starts));
}

static void free_table(const struct na_buffer *buffer)
{
	if (buffer->runs != buffer->own.runs)
		na_port_free(buffer->machine->port, buffer->runs);
}

/* The old arrays are freed after the copy. */
static int grow(struct na_buffer *buffer)
{
	u32 nr = buffer->nr_runs, room = buffer->room * 2;
	struct na_buffer old = *buffer;
	void *table;

	room = room < RUNS_MIN ? RUNS_MIN : room;
	table = na_port_alloc_owned(buffer->machine->port, table_len(room));
	if (!table)
		return -ENOMEM;
	use_table(buffer, table, room);
	na_memcpy(buffer->runs, old.runs, nr * sizeof(*old.runs));
	na_memcpy(buffer->starts, old.starts, nr * sizeof(*old.starts));
	/* A copy of the struct must point at its own arrays. */
	if (old.runs != buffer->own.runs)
		na_port_free(buffer->machine->port, old.runs);
	return 0;
}

static u32 count_direct(struct na_port *port, struct na_run run)
{
	u32 i, nr = 0;

	for (i = 0; i < run.nr; i++)
		nr += na_port_frame_is_direct(port, na_frame_add(run.first, i));
	return nr;
}

static void add_block(struct na_buffer *buffer, struct na_run block, u32 start)
{
	(void)NA_ASSERT(block.nr <= buffer->nr_frames - start);
	buffer->runs[buffer->nr_runs] = block;
	buffer->starts[buffer->nr_runs] = start;
	buffer->nr_direct += count_direct(buffer->machine->port, block);
	buffer->nr_runs++;
	na_yield();
}

/* In few steps to the size that memory in pieces has. */
static u32 size_below(u32 nr)
{
	if (nr > 256)
		return 256;
	return nr > 16 ? 16 : 1;
}

/* The largest block of at most @left; @size_max goes down and never up. */
static int take_block(struct na_buffer *buffer, u32 left, u32 *size_max,
		      struct na_run *block)
{
	bool is_last;
	u32 nr;
	int err;

	for (;;) {
		nr = left < *size_max ? left : *size_max;
		is_last = nr == 1 || buffer->is_contiguous;
		err = na_effect_frames_alloc(buffer->machine, nr, buffer->zone,
					     is_last, block);
		if (!err || is_last)
			return err;
		*size_max = size_below(nr);
	}
}

static int take_frames(struct na_buffer *buffer)
{
	struct na_port *port = buffer->machine->port;
	u32 done = 0, size_max = NA_BLOCK_FRAMES_MAX;
	struct na_run block;
	int err;

	while (done < buffer->nr_frames) {
		if (na_port_is_dying(port))
			return -EINTR;
		if (buffer->nr_runs == buffer->room) {
			err = grow(buffer);
			if (err)
				return err;
		}
		err = take_block(buffer, buffer->nr_frames - done, &size_max,
				 &block);
		if (err)
			return err;
		add_block(buffer, block, done);
		done += block.nr;
	}
	return 0;
}

/* A frame still in the ledger would be freed with its type (I4). */
static void give_frames(struct na_buffer *buffer)
{
	struct na_ledger *ledger = &buffer->machine->ledger;
	u32 i;

	for (i = 0; i < buffer->nr_runs; i++) {
		(void)NA_ASSERT(na_ledger_lookup(ledger, buffer->runs[i].first)
				.state == NA_SYSTEM);
		na_yield();
	}
	for (i = 0; i < buffer->nr_runs; i++) {
		na_effect_frames_free(buffer->machine, buffer->runs[i]);
		na_yield();
	}
}

static bool is_lost(const struct na_ledger *ledger, struct na_frame frame)
{
	enum na_state state = na_ledger_lookup(ledger, frame).state;

	(void)NA_ASSERT(state == NA_SYSTEM || state == NA_QUARANTINED);
	return state != NA_SYSTEM;
}

static bool any_lost(const struct na_ledger *ledger, struct na_run run)
{
	u32 i;

	for (i = 0; i < run.nr; i++)
		if (is_lost(ledger, na_frame_add(run.first, i)))
			return true;
	return false;
}

/* A block with a lost frame is freed frame by frame. */
static void give_around_lost(struct na_buffer *buffer, u32 idx)
{
	struct na_machine *machine = buffer->machine;
	struct na_run block = buffer->runs[idx];
	struct na_frame frame;
	u32 i;

	if (block.nr > 1)
		na_effect_frames_split(machine, block);
	for (i = 0; i < block.nr; i++) {
		frame = na_frame_add(block.first, i);
		if (!is_lost(&machine->ledger, frame))
			na_effect_frames_free(machine, na_run(frame, 1));
	}
}

/* Frees all frames that are not in quarantine. */
static void give_rest(struct na_buffer *buffer)
{
	struct na_machine *machine = buffer->machine;
	u32 i;

	(void)NA_ASSERT(na_ledger_count(&machine->ledger, NA_QUARANTINED));
	for (i = 0; i < buffer->nr_runs; i++) {
		if (any_lost(&machine->ledger, buffer->runs[i]))
			give_around_lost(buffer, i);
		else
			na_effect_frames_free(machine, buffer->runs[i]);
		na_yield();
	}
}

static void free_shell(struct na_buffer *buffer)
{
	struct na_port *port = buffer->machine->port;

	free_table(buffer);
	na_port_free(port, buffer);
}

static int fill(struct na_buffer *buffer)
{
	struct na_machine *machine = buffer->machine;
	struct na_effect take = na_effect_on_frames(NA_EFFECT_TAKE, NULL, 0,
						    NA_WB);
	int err;

	na_effect_begin(machine, &take);
	err = na_effect_end(machine, &take, take_frames(buffer));
	if (!err && !na_memtype_is_cached(buffer->type))
		err = na_convert_to(machine, buffer->runs, buffer->nr_runs,
				    buffer->type, NA_BUFFER);
	/* -EUCLEAN: some are quarantined and no longer ours to free. */
	if (err == -EUCLEAN)
		give_rest(buffer);
	else if (err)
		give_frames(buffer);
	return err;
}

static bool is_valid(struct na_buffer_spec spec)
{
	u32 nr_max = spec.is_contiguous ? NA_BLOCK_FRAMES_MAX :
					  NA_BUFFER_FRAMES_MAX;

	return spec.nr_frames && spec.nr_frames <= nr_max &&
	       na_memtype_is_valid(spec.type) && (u32)spec.zone < NR_NA_ZONES;
}

int na_buffer_create(struct na_machine *machine, struct na_buffer_spec spec,
		     struct na_buffer **result)
{
	struct na_buffer *buffer;
	int err;

	na_might_sleep();
	if (!NA_CHECK(is_valid(spec)))
		return -EINVAL;
	buffer = na_port_alloc_owned(machine->port, sizeof(*buffer));
	if (!buffer)
		return -ENOMEM;
	buffer->machine = machine;
	buffer->type = spec.type;
	buffer->zone = spec.zone;
	buffer->is_contiguous = spec.is_contiguous;
	buffer->nr_frames = spec.nr_frames;
	use_own(buffer);
	err = fill(buffer);
	if (err) {
		free_shell(buffer);
		return err;
	}
	*result = buffer;
	return 0;
}

void na_buffer_destroy(struct na_buffer *buffer)
{
	int err = 0;

	if (!buffer)
		return;
	if (!na_memtype_is_cached(buffer->type))
		err = na_convert_back(buffer->machine, buffer->runs,
				      buffer->nr_runs, buffer->type, NA_BUFFER);
	/*
	 * Other errors, e.g. a pin: the frames keep their type and are leaked.
	 */
	(void)NA_ASSERT(!err || err == -EUCLEAN);
	if (!err)
		give_frames(buffer);
	else if (err == -EUCLEAN)
		give_rest(buffer);
	free_shell(buffer);
}

void na_buffer_publish(struct na_buffer *buffer)
{
	na_might_sleep();
	(void)NA_ASSERT(!na_memtype_is_cached(buffer->type));
	/*
	 * Stores to UC memory are not gathered: they are in memory before the
	 * store by which another thread told the caller of them.
	 */
	if (buffer->type == NA_WC)
		na_effect_wc_drain_own(buffer->machine);
}

u32 na_buffer_run(const struct na_buffer *buffer, u32 idx)
{
	u32 low = 0, high = buffer->nr_runs, mid;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (buffer->starts[mid] <= idx)
			low = mid;
		else
			high = mid;
	}
	return low;
}

struct na_frame na_buffer_frame(const struct na_buffer *buffer, u32 idx)
{
	u32 run;

	/* Safe way: a frame of this buffer, not one of another owner. */
	if (!NA_ASSERT(idx < buffer->nr_frames))
		idx = buffer->nr_frames - 1;
	run = na_buffer_run(buffer, idx);
	(void)NA_ASSERT(idx - buffer->starts[run] < buffer->runs[run].nr);
	return na_frame_add(buffer->runs[run].first, idx - buffer->starts[run]);
}
