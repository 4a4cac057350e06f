/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on buffers share.
 */
#ifndef BUFFER_WORLD_H
#define BUFFER_WORLD_H

#include <noalias/buffer.h>

#include "world.h"

#define NR 256
#define NR_LOW 32

#define STEPS_OF_FRAMES (FAKE_BIT(FAKE_FRAMES_ALLOC) | \
			 FAKE_BIT(FAKE_FRAMES_FREE))

ROOM struct na_buffer *create(struct world *w, u32 nr_frames,
			      enum na_memtype type)
{
	struct na_buffer *buffer = NULL;

	if (type == NA_WB)
		w->port->nr_cached += nr_frames;
	EXPECT_EQ(na_buffer_create(&w->machine, na_buffer_spec(nr_frames, type), &buffer), 0);
	EXPECT_STR(fake_fault(w->port), NULL);
	EXPECT(buffer);
	return buffer;
}

/* A machine with one buffer. */
ROOM struct na_buffer *begin(struct world *w, u32 nr, u32 nr_low,
			     u32 nr_frames, enum na_memtype type)
{
	world_begin(w, nr, nr_low);
	return create(w, nr_frames, type);
}

/* The same, in blocks of 16 and single frames. */
ROOM struct na_buffer *begin_in_blocks(struct world *w, u32 nr, u32 nr_low,
				       u32 nr_frames, enum na_memtype type)
{
	world_begin(w, nr, nr_low);
	w->port->block_max = 16;
	return create(w, nr_frames, type);
}

ROOM void destroy(struct world *w, struct na_buffer *buffer)
{
	if (buffer && buffer->type == NA_WB)
		w->port->nr_cached -= buffer->nr_frames;
	na_buffer_destroy(buffer);
}

ROOM void end(struct world *w, struct na_buffer *buffer)
{
	destroy(w, buffer);
	world_end(w);
}

ROOM int try_create(struct world *w, u32 nr_frames, enum na_memtype type)
{
	struct na_buffer *untouched = (struct na_buffer *)w;
	struct na_buffer *buffer = untouched;
	int err = na_buffer_create(&w->machine, na_buffer_spec(nr_frames, type), &buffer);

	EXPECT(err);
	EXPECT(buffer == untouched);
	return err;
}

/* Only every other frame is free: no block above order 0. */
ROOM void fragment(struct world *w)
{
	u32 i;

	for (i = 0; i < w->port->nr_frames; i += 2)
		fake_take(w->port, run_of(i, 1));
}

#endif
