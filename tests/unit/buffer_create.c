// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * buffer: frames from the system, none lost (I7), whatever fails.
 */
#include "buffer_world.h"

/* --- create: blocks --- */

/* kills: a size skipped, a block larger than what is missing */
static void create_largest_blocks_first(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin(&w, 4096, 0, 1024 + 256 + 16 + 2, NA_UC);
	EXPECT_STR(fake_steps(w.port, STEPS_OF_FRAMES),
		   "frames_alloc(1024) frames_alloc(274)");
	EXPECT_EQ(buffer->nr_runs, 2);
	end(&w, buffer);
}

/* kills: no fallback; a size tried again after the system said no */
static void create_failed_size_is_not_tried_again(void)
{
	struct na_buffer *buffer;
	struct world w;

	world_begin(&w, 4096, 0);
	w.port->block_max = 16;
	buffer = create(&w, 1024 + 32, NA_UC);
	EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_ALLOC), 2 + 66);
	EXPECT_EQ(buffer->nr_runs, 66);
	end(&w, buffer);
}

/* kills: buffer-rest-in-old-sizes: a frame that is short of a block, in 12 runs */
static void create_is_consecutive(void)
{
	static const u32 sizes[] = { 3, 150, 450, 760, 1023 };
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buffer = begin(&w, 4096, 0, sizes[i], NA_UC);
		EXPECT_EQ(buffer->nr_runs, 1);
		EXPECT_EQ(buffer->runs[0].nr, sizes[i]);
		EXPECT_EQ(fake_count_ours(w.port), sizes[i]);
		end(&w, buffer);
	}
}

/* kills: buffer-contiguous-in-pieces; a system that is not made to try */
static void create_contiguous(void)
{
	struct na_buffer_spec spec = na_buffer_spec(100, NA_WC);
	struct na_buffer *buffer;
	struct world w;

	spec.is_contiguous = true;
	world_begin(&w, NR, 0);
	w.port->block_max = 16;
	EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), 0);
	EXPECT_EQ(buffer->nr_runs, 1);
	na_buffer_destroy(buffer);
	fragment(&w);
	EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), -ENOMEM);
	EXPECT_EQ(fake_count_ours(w.port), 0);
	na_buffer_destroy(create(&w, 100, NA_WC));
	world_end(&w);
}

/* kills: large blocks or none; an array that does not grow past 16 runs */
static void create_fragmented_memory(void)
{
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	world_begin(&w, NR, 0);
	fragment(&w);
	buffer = create(&w, 100, NA_WC);
	EXPECT_EQ(buffer->nr_runs, 100);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(buffer->runs[i].nr, 1);
		EXPECT_EQ(buffer->starts[i], i);
	}
	end(&w, buffer);
}

/*
 * Every block, also where large ones are only in the other zone.
 *
 * kills: buffer-zone-of-first-block
 */
static void create_takes_from_one_zone(void)
{
	static const struct {
		enum na_zone zone;
		u32 nr_direct;
	} zones[] = {
		{ NA_ZONE_ANY, 0 }, { NA_ZONE_HIGH, 0 }, { NA_ZONE_LOW, 300 },
		{ NA_ZONE_DMA32, 300 },
	};
	struct na_buffer_spec spec = na_buffer_spec(300, NA_UC);
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	for (i = 0; i < 4; i++) {
		world_begin(&w, 4096, 512);
		spec.zone = zones[i].zone;
		EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), 0);
		EXPECT_EQ(buffer->nr_direct, zones[i].nr_direct);
		end(&w, buffer);
	}
	/* None left there, plenty elsewhere. */
	world_begin(&w, 4096, 256);
	spec.zone = NA_ZONE_DMA32;
	EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), -ENOMEM);
	world_end(&w);
}

/* Pieces of metadata that a buffer has while it lives. */
static u32 count_metadata(u32 nr_frames)
{
	struct na_buffer *buffer;
	struct world w;
	u32 nr;

	world_begin(&w, NR, 0);
	fragment(&w);
	/* The ledger's leaf stays. */
	na_buffer_destroy(create(&w, nr_frames, NA_UC));
	nr = fake_nr_blocks(w.port);
	buffer = create(&w, nr_frames, NA_UC);
	nr = fake_nr_blocks(w.port) - nr;
	end(&w, buffer);
	return nr;
}

/* kills: arrays of their own for a buffer of one frame; own arrays freed */
static void create_small_is_one_piece(void)
{
	EXPECT_EQ(count_metadata(1), 1);
	EXPECT_EQ(count_metadata(NA_BUFFER_OWN_RUNS), 1);
	EXPECT_EQ(count_metadata(NA_BUFFER_OWN_RUNS + 1), 2);
	EXPECT_EQ(count_metadata(100), 2);
}

/* kills: one frame more or fewer than asked for */
static void create_takes_exactly(void)
{
	static const u32 sizes[] = { 1, 2, 15, 16, 17, 31, 33, 64, 200 };
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buffer = begin(&w, NR, NR_LOW, sizes[i], NA_UC);
		EXPECT_EQ(buffer->nr_frames, sizes[i]);
		EXPECT_EQ(fake_count_ours(w.port), sizes[i]);
		EXPECT_EQ(world_count(&w, NA_BUFFER), sizes[i]);
		EXPECT_EQ(na_runs_count_frames(buffer->runs, buffer->nr_runs),
			  sizes[i]);
		end(&w, buffer);
	}
}

/* kills: frames handed out that are not zero (I3) */
static void create_is_zero(void)
{
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	buffer = begin(&w, NR, NR_LOW, NR, NA_WC);
	for (i = 0; i < NR; i++) {
		EXPECT(w.port->frames[i].is_zero);
		EXPECT(!w.port->frames[i].is_dirty);
	}
	end(&w, buffer);
}

/* kills: contents of one owner seen by the next (I3) */
static void create_after_use_is_zero(void)
{
	struct na_buffer *buffer;
	struct na_frame frame;
	struct world w;

	buffer = begin(&w, 1, 0, 1, NA_WC);
	frame = na_buffer_frame(buffer, 0);
	fake_map(w.port, frame, NA_WC);
	fake_write(w.port, frame, NA_WC);
	fake_unmap(w.port, frame, NA_WC);
	na_buffer_destroy(buffer);
	buffer = create(&w, 1, NA_UC);
	EXPECT(w.port->frames[0].is_zero);
	end(&w, buffer);
}

/* kills: type or machine not kept */
static void create_keeps_type(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin(&w, NR, NR_LOW, 3, NA_WC);
	EXPECT_EQ(buffer->type, NA_WC);
	EXPECT(buffer->machine == &w.machine);
	EXPECT_EQ(na_ledger_lookup(&w.machine.ledger,
				   na_buffer_frame(buffer, 2)).type, NA_WC);
	end(&w, buffer);
}

/* kills: direct frames counted by run or by first frame */
static void create_counts_direct_frames(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin(&w, 64, 16, 50, NA_UC);
	EXPECT_EQ(buffer->nr_direct, 2);
	end(&w, buffer);
}

/*
 * What is the system's stays the system's: not a step but taking the frames.
 *
 * kills: buffer-cached-is-converted; frames of a cached buffer in the ledger
 */
static void create_cached_converts_nothing(void)
{
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	buffer = begin(&w, 64, 16, 50, NA_WB);
	EXPECT_STR(fake_steps(w.port, 0),
		   "frames_alloc(50)! frames_alloc(16) frames_alloc(16) "
		   "frames_alloc(16) frames_alloc(2)");
	EXPECT_EQ(buffer->type, NA_WB);
	EXPECT_EQ(buffer->nr_direct, 2);
	EXPECT_EQ(world_count(&w, NA_BUFFER), 0);
	for (i = 0; i < 50; i++)
		EXPECT(w.port->frames[na_buffer_frame(buffer, i).nr].is_zero);
	end(&w, buffer);
}

/* kills: frames of a cached buffer kept when it fails (I7) */
static void create_cached_not_enough_frames(void)
{
	struct world w;

	world_begin(&w, 40, 8);
	EXPECT_EQ(try_create(&w, 41, NA_WB), -ENOMEM);
	EXPECT_EQ(fake_count_ours(w.port), 0);
	destroy(&w, create(&w, 40, NA_WB));
	world_end(&w);
}

/* kills: time of the allocation not counted */
static void create_counts_time(void)
{
	struct world w;

	world_begin(&w, NR, 0);
	na_buffer_destroy(create(&w, 3, NA_UC));
	EXPECT(world_stat(&w, NA_STAT_ALLOC_NS) > 0);
	world_end(&w);
}

/* --- create: refusals and failures --- */

/* kills: an argument check left out */
static void create_bad_arguments(void)
{
	struct na_buffer_spec spec = na_buffer_spec(1, NA_UC);
	struct na_buffer *buffer;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(try_create(&w, 0, NA_UC), -EINVAL);
	EXPECT_EQ(try_create(&w, NA_BUFFER_FRAMES_MAX + 1, NA_UC), -EINVAL);
	EXPECT_EQ(try_create(&w, ~0u, NA_UC), -EINVAL);
	EXPECT_EQ(try_create(&w, 1, NR_NA_MEMTYPES), -EINVAL);
	spec.zone = NR_NA_ZONES;
	EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), -EINVAL);
	spec = na_buffer_spec(NA_BLOCK_FRAMES_MAX + 1, NA_UC);
	spec.is_contiguous = true;
	EXPECT_EQ(na_buffer_create(&w.machine, spec, &buffer), -EINVAL);
	EXPECT_STR(fake_steps(w.port, ~0u), "");
	world_end(&w);
}

/* kills: the largest size refused */
static void create_largest_size_is_tried(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(try_create(&w, NA_BUFFER_FRAMES_MAX, NA_UC), -ENOMEM);
	world_end(&w);
}

/* kills: frames kept when there are not enough (I7) */
static void create_not_enough_frames(void)
{
	struct world w;

	world_begin(&w, 40, 8);
	EXPECT_EQ(try_create(&w, 41, NA_UC), -ENOMEM);
	EXPECT_EQ(fake_nr_blocks(w.port), 1);
	EXPECT_STR(fake_fault(w.port), NULL);
	na_buffer_destroy(create(&w, 40, NA_UC));
	world_end(&w);
}

/* kills: a killed process that goes on taking memory */
static void create_dying(void)
{
	struct world w;
	u32 nth;

	for (nth = 1; nth <= 20; nth++) {
		world_begin(&w, NR, NR_LOW);
		w.port->block_max = 1;
		w.port->dies_at = nth;
		EXPECT_EQ(try_create(&w, 20, NA_WC), -EINTR);
		/* Tries of 20 and 16, then a frame for each question. */
		EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_ALLOC),
			  nth - 1 + 2 * (nth > 1));
		EXPECT_EQ(fake_count(w.port, FAKE_DIRECT_SET), 0);
		world_end(&w);
	}
}

/* The n-th fallible call fails; false when there is no n-th. */
static bool fails_cleanly(u32 nr_frames, u32 block_max, u32 nth)
{
	struct na_buffer *buffer = NULL;
	struct world w;
	u32 nr_failed;
	int err;

	world_begin(&w, NR, NR_LOW);
	w.port->block_max = block_max;
	fake_fail(w.port, FAKE_FALLIBLE, nth, 1);
	err = na_buffer_create(&w.machine, na_buffer_spec(nr_frames, NA_WC), &buffer);
	nr_failed = w.port->nr_failed;
	fake_fail_never(w.port);
	EXPECT_STR(fake_fault(w.port), NULL);
	if (err) {
		EXPECT(nr_failed);
		EXPECT(err == -ENOMEM || err == -EFAULT);
		EXPECT_EQ(fake_count_ours(w.port), 0);
		EXPECT_EQ(world_count(&w, NA_BUFFER), 0);
		buffer = create(&w, nr_frames, NA_WC);
	}
	end(&w, buffer);
	return nr_failed;
}

/* kills: an unwinding that forgets frames or metadata (I7) */
static void create_every_failure_is_undone(void)
{
	static const u32 sizes[] = { 1, 16, 37, 240 };
	u32 i, block_max, nth;

	for (i = 0; i < 4; i++)
		for (block_max = 1; block_max <= 256; block_max *= 16) {
			for (nth = 1; fails_cleanly(sizes[i], block_max,
						   nth);
			     nth++)
				;
			/* shell, a block, table, leaf, cleaning, and the next */
			EXPECT(nth > 5);
		}
}

/* kills: quarantined frames given back to the system; lost and not counted;
 * the buffer's other frames lost with them; a block with a hole freed whole
 */
static void create_undo_fails(void)
{
	struct world w;

	world_begin(&w, 64, 64);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 2);
	EXPECT_EQ(try_create(&w, 20, NA_UC), -EUCLEAN);
	EXPECT_EQ(world_count(&w, NA_QUARANTINED), 1);
	EXPECT_EQ(fake_count_ours(w.port), 1);
	EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_SPLIT), 1);
	EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_FREE), 19);
	/* Two tables and one leaf; of the buffer nothing is left. */
	EXPECT_EQ(fake_nr_blocks(w.port), 3);
	world_end_with(&w, 1);
}

/* kills: a failed cleaning followed by a failed undo, handled otherwise */
static void create_clean_undo_fails(void)
{
	struct world w;

	world_begin(&w, 64, 64);
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN) |
		  FAKE_BIT(FAKE_DIRECT_SET), 2, 2);
	EXPECT_EQ(try_create(&w, 40, NA_WC), -EUCLEAN);
	EXPECT_EQ(fake_count_ours(w.port), 1);
	world_end_with(&w, 1);
}

/* kills: a buffer made of what is in quarantine */
static void create_leaves_quarantine_alone(void)
{
	struct world w;

	world_begin(&w, 64, 64);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 2);
	EXPECT_EQ(try_create(&w, 20, NA_UC), -EUCLEAN);
	EXPECT_EQ(try_create(&w, 64, NA_UC), -ENOMEM);
	na_buffer_destroy(create(&w, 63, NA_UC));
	EXPECT_EQ(fake_count_ours(w.port), 1);
	world_end_with(&w, 1);
}

static const struct tap_case cases[] = {
	TAP(create_largest_blocks_first),
	TAP(create_failed_size_is_not_tried_again),
	TAP(create_is_consecutive),
	TAP(create_contiguous),
	TAP(create_fragmented_memory),
	TAP(create_takes_from_one_zone),
	TAP(create_small_is_one_piece),
	TAP(create_takes_exactly),
	TAP(create_is_zero),
	TAP(create_after_use_is_zero),
	TAP(create_keeps_type),
	TAP(create_counts_direct_frames),
	TAP(create_cached_converts_nothing),
	TAP(create_cached_not_enough_frames),
	TAP(create_counts_time),
	TAP(create_bad_arguments),
	TAP(create_largest_size_is_tried),
	TAP(create_not_enough_frames),
	TAP(create_dying),
	TAP(create_every_failure_is_undone),
	TAP(create_undo_fails),
	TAP(create_clean_undo_fails),
	TAP(create_leaves_quarantine_alone),
};

TAP_MAIN(cases)
