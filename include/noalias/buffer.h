/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: buffer
 *
 * Zeroed frames of one memory type with one owner. The buffer does not know its
 * mappings: the caller removes all of them before na_buffer_destroy().
 */
#ifndef NOALIAS_BUFFER_H
#define NOALIAS_BUFFER_H

#include <noalias/convert.h>

/** NA_BUFFER_OWN_RUNS - runs that are stored in the buffer itself. */
#define NA_BUFFER_OWN_RUNS 2

/**
 * struct na_buffer_spec - a buffer as it is requested
 * @nr_frames: length in frames, 1 to NA_BUFFER_FRAMES_MAX; NA_BLOCK_FRAMES_MAX if
 *	@is_contiguous
 * @type: NA_WB, NA_WC or NA_UC
 * @zone: where its frames are taken
 * @is_contiguous: one block, or none
 */
struct na_buffer_spec {
	u32 nr_frames;
	enum na_memtype type;
	enum na_zone zone;
	bool is_contiguous;
};

/** na_buffer_spec() - a buffer of any frames. */
static inline struct na_buffer_spec na_buffer_spec(u32 nr_frames,
						   enum na_memtype type)
{
	return (struct na_buffer_spec){ .nr_frames = nr_frames, .type = type };
}

/**
 * struct na_buffer - read-only outside the engine
 * @machine: instance
 * @type: NA_WB, NA_WC or NA_UC
 * @zone: where its frames are from
 * @is_contiguous: was one block requested?
 * @nr_frames: length in frames
 * @nr_direct: how many of them are in the direct map
 * @nr_runs: length of @runs
 * @runs: the frames, in the order of their offset in the buffer; each run is
 *	a block as it was allocated
 * @starts: index within the buffer of each run's first frame
 * @room: capacity of @runs
 * @own: storage of the first NA_BUFFER_OWN_RUNS runs
 */
struct na_buffer {
	struct na_machine *machine;
	enum na_memtype type;
	enum na_zone zone;
	bool is_contiguous;
	u32 nr_frames;
	u32 nr_direct;
	u32 nr_runs;
	struct na_run *runs;
	u32 *starts;
	u32 room;
	struct {
		struct na_run runs[NA_BUFFER_OWN_RUNS];
		u32 starts[NA_BUFFER_OWN_RUNS];
	} own;
};

/**
 * NA_BUFFER_FRAMES_MAX - with frames of 4 KiB 256 GiB, or 2 GiB less one frame where
 * a pointer has 32 bits
 *
 * The table of a buffer whose blocks are single frames then has less than 2^31
 * bytes, which is what the kernel allocates at once.
 */
#define NA_BUFFER_FRAMES_MAX \
	(sizeof(void *) == 8 ? 1u << 26 : (1u << 19) - 1)

/**
 * na_buffer_create() - allocate, zero and convert
 * @machine: instance
 * @spec: what is requested
 * @buffer: receives the buffer
 *
 * Frames of a buffer of NA_WB stay as the system gave them: cached, and NA_SYSTEM in
 * the ledger.
 *
 * Tries to get one block, then several, the largest first. For a contiguous
 * buffer the system is to make a block free; for others it takes what is free.
 *
 * Context: may sleep, no lock.
 * Return: 0; -EINVAL @spec; -EINTR a fatal signal; -ENOMEM; others as
 * na_convert_to(). After an error no frame is held except quarantined ones,
 * which the ledger counts.
 */
int na_buffer_create(struct na_machine *machine, struct na_buffer_spec spec,
		     struct na_buffer **buffer);

/**
 * na_buffer_destroy() - convert to WB and free; NULL is allowed
 *
 * No mapping of the buffer may be left. Frames that cannot be made WB again
 * are quarantined. Context: may sleep, no lock.
 */
void na_buffer_destroy(struct na_buffer *buffer);

/**
 * na_buffer_publish() - make the caller's stores visible to devices
 * @buffer: not of NA_WB, whose stores a device may find in a cache
 *
 * Covers stores by all threads of the calling address space, on any CPU.
 * Another process has to publish its own stores. A kernel thread that wrote
 * through its own mapping must fence before it hands over.
 *
 * Ordering. Stores to the buffer that happened before the call are in memory on
 * return. Context: may sleep, no lock.
 */
void na_buffer_publish(struct na_buffer *buffer);

/**
 * na_buffer_run() - index of the run that holds page @idx of the buffer
 *
 * Logarithmic in the number of runs. Context: any. @idx < nr_frames.
 */
u32 na_buffer_run(const struct na_buffer *buffer, u32 idx);

/**
 * na_buffer_frame() - the frame that holds page @idx of the buffer
 *
 * Logarithmic in the number of runs. Context: any. @idx < nr_frames.
 */
struct na_frame na_buffer_frame(const struct na_buffer *buffer, u32 idx);

#endif
