// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * buffer: frames back to the system, none lost (I7), whatever fails.
 */
#include "buffer_world.h"

/* --- destroy --- */

/* kills: NULL not allowed */
static void destroy_null(void)
{
	na_buffer_destroy(NULL);
}

/* kills: blocks given back in pieces; anything given back before it is WB */
static void destroy_gives_blocks_back_whole(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin_in_blocks(&w, 64, 64, 33, NA_UC);
	fake_forget(w.port);
	na_buffer_destroy(buffer);
	EXPECT_STR(fake_steps(w.port, 0),
		   "claim(33) direct_set(33 WB) tlb_flush mark(33 WB) "
		   "commit(SYSTEM) frames_free(16) frames_free(16) "
		   "frames_free(1)");
	world_end(&w);
}

/* kills: buffer-cached-is-converted-back; frames of a cached buffer that are lost */
static void destroy_cached_frees_and_no_more(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin_in_blocks(&w, 64, 64, 33, NA_WB);
	fake_forget(w.port);
	destroy(&w, buffer);
	EXPECT_STR(fake_steps(w.port, 0),
		   "frames_free(16) frames_free(16) frames_free(1)");
	world_end(&w);
}

/* kills: stores of the last owner left in a write-combining buffer */
static void destroy_after_wc_stores(void)
{
	struct na_buffer *buffer;
	struct na_frame frame;
	struct world w;
	u32 i;

	buffer = begin(&w, 64, 32, 50, NA_WC);
	for (i = 0; i < 50; i++) {
		frame = na_buffer_frame(buffer, i);
		fake_map(w.port, frame, NA_WC);
		fake_write(w.port, frame, NA_WC);
		fake_unmap(w.port, frame, NA_WC);
	}
	end(&w, buffer);
}

static u32 count_drains(const struct world *w)
{
	return fake_count(w->port, FAKE_WC_DRAIN) +
	       fake_count(w->port, FAKE_WC_DRAIN_OWN);
}

/* kills: a drain left out, or one of every CPU where the caller's are enough */
static void publish_wc_drains_the_callers_cpus(void)
{
	struct na_buffer *buffer;
	struct world w;
	u32 nr_before;

	buffer = begin(&w, 64, 32, 2, NA_WC);
	nr_before = count_drains(&w);
	na_buffer_publish(buffer);
	EXPECT_EQ(fake_count(w.port, FAKE_WC_DRAIN_OWN), 1);
	EXPECT_EQ(count_drains(&w), nr_before + 1);
	end(&w, buffer);
}

/* kills: other CPUs interrupted for stores that are nowhere gathered */
static void publish_uc_drains_nothing(void)
{
	struct na_buffer *buffer;
	struct world w;
	u32 nr_before;

	buffer = begin(&w, 64, 32, 2, NA_UC);
	nr_before = count_drains(&w);
	na_buffer_publish(buffer);
	EXPECT_EQ(count_drains(&w), nr_before);
	end(&w, buffer);
}

/* kills: frames that are not WB given back to the system (I4) */
static void destroy_direct_fails(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin_in_blocks(&w, 64, 64, 33, NA_UC);
	fake_forget(w.port);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, ~0u);
	na_buffer_destroy(buffer);
	/*
	 * Blocks of 16, 16 and 1 frames. Of 33 the 17th refuses, of 15 left in
	 * its block the 8th, then of 7, 3, 1, and of the last block the only.
	 */
	EXPECT_STR(fake_steps(w.port, FAKE_BIT(FAKE_DIRECT_SET)),
		   "direct_set(33 WB)! direct_set(15 WB)! direct_set(7 WB)! "
		   "direct_set(3 WB)! direct_set(1 WB)! direct_set(1 WB)!");
	EXPECT_EQ(fake_count_ours(w.port), 6);
	EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_SPLIT), 1);
	EXPECT_EQ(fake_count(w.port, FAKE_FRAMES_FREE), 1 + 11);
	world_end_with(&w, 6);
}

/* kills: frames given back although somebody still maps one (I4, I5) */
static void destroy_pinned_leaks(void)
{
	struct na_buffer *buffer;
	enum na_memtype type;
	struct world w;

	buffer = begin(&w, 64, 0, 4, NA_UC);
	EXPECT_EQ(na_ledger_pin(&w.machine.ledger, na_buffer_frame(buffer, 3),
				&type), 0);
	EXPECT_SAFE("err", na_buffer_destroy(buffer));
	EXPECT_EQ(fake_count_ours(w.port), 4);
	EXPECT_EQ(world_count(&w, NA_BUFFER), 4);
	EXPECT_STR(fake_fault(w.port), NULL);
	world_abandon(&w);
}

/* --- frame --- */

static void expect_lookup(const struct na_buffer *buffer)
{
	u32 i, j, idx = 0;

	for (i = 0; i < buffer->nr_runs; i++)
		for (j = 0; j < buffer->runs[i].nr; j++)
			EXPECT_EQ(na_buffer_frame(buffer, idx++).nr,
				  buffer->runs[i].first.nr + j);
	EXPECT_EQ(idx, buffer->nr_frames);
}

/* kills: a search that is off by one at the border of two runs */
static void frame_at_run_borders(void)
{
	static const u32 sizes[] = { 1, 2, 16, 17, 18, 32, 100, 256 };
	struct na_buffer *buffer;
	struct world w;
	u32 i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buffer = begin_in_blocks(&w, NR, NR_LOW, sizes[i], NA_UC);
		expect_lookup(buffer);
		end(&w, buffer);
	}
}

/* kills: a search that needs runs of one size */
static void frame_in_fragmented_buffer(void)
{
	struct na_buffer *buffer;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	w.port->block_max = 16;
	fake_take(w.port, run_of(40, 1));
	fake_take(w.port, run_of(90, 3));
	fake_take(w.port, run_of(131, 1));
	buffer = create(&w, 200, NA_UC);
	EXPECT(buffer->nr_runs > 12);
	EXPECT(buffer->runs[0].nr != buffer->runs[buffer->nr_runs - 1].nr);
	expect_lookup(buffer);
	end(&w, buffer);
}

/* kills: an index beyond the buffer answered with somebody else's frame */
static void frame_beyond_end_asserts(void)
{
	struct na_buffer *buffer;
	struct world w;

	buffer = begin(&w, NR, NR_LOW, 17, NA_UC);
	EXPECT_ASSERT("nr_frames", (void)na_buffer_frame(buffer, 17));
	EXPECT_ASSERT("nr_frames", (void)na_buffer_frame(buffer, ~0u));
	end(&w, buffer);
}

/* --- against a model --- */

#define NR_SLOTS 6

/* All that must be known: how many frames each buffer has, how many are lost. */
struct model {
	struct na_buffer *buffers[NR_SLOTS];
	u32 lost;
};

static u32 model_frames(const struct model *m)
{
	u32 i, nr = 0;

	for (i = 0; i < NR_SLOTS; i++)
		nr += m->buffers[i] ? m->buffers[i]->nr_frames : 0;
	return nr;
}

/* Frames of no buffer whose direct map has another type: the only losses. */
static u32 count_not_wb(struct world *w)
{
	struct na_ledger_entry entry;
	u32 i, nr = 0;

	for (i = 0; i < w->port->nr_direct; i++) {
		entry = na_ledger_lookup(&w->machine.ledger, na_frame(i));
		nr += entry.state != NA_BUFFER &&
		      w->port->frames[i].direct != NA_WB;
	}
	return nr;
}

static void expect_model(struct world *w, const struct model *m)
{
	EXPECT_STR(fake_fault(w->port), NULL);
	EXPECT_EQ(world_count(w, NA_BUFFER), model_frames(m));
	EXPECT_EQ(world_count(w, NA_QUARANTINED), m->lost);
	EXPECT_EQ(fake_count_ours(w->port), model_frames(m) + m->lost);
	EXPECT_EQ(count_not_wb(w), m->lost);
}

/* What a call lost, and was allowed to. */
static void count_lost(struct world *w, struct model *m, bool may_lose)
{
	u32 lost = (u32)world_count(w, NA_QUARANTINED);

	EXPECT(lost >= m->lost && (may_lose || lost == m->lost));
	m->lost = lost;
}

static void random_create(struct world *w, struct na_buffer **slot,
			  struct model *m, u64 *seed)
{
	enum na_memtype type = tap_below(seed, 2) ? NA_UC : NA_WC;
	u32 nr_frames = 1 + tap_below(seed, tap_below(seed, 4) ? 12 : 90);
	int err;

	w->port->block_max = 1u << tap_below(seed, 11);
	w->port->zeroes_by_kmap = tap_below(seed, 2);
	/* Half of them fail somewhere, some of those cannot be undone. */
	fake_fail(w->port, FAKE_FALLIBLE, tap_below(seed, 60),
		  1 + tap_below(seed, 4));
	if (!tap_below(seed, 10))
		w->port->dies_at = 1 + tap_below(seed, 9);
	if (!tap_below(seed, 20))
		w->port->nr_lies = 1;
	err = na_buffer_create(&w->machine, na_buffer_spec(nr_frames, type), slot);
	count_lost(w, m, err == -EUCLEAN);
	EXPECT(!err || err == -EUCLEAN || err == -ENOMEM || err == -EINTR ||
	       err == -EFAULT);
	EXPECT_EQ(!err, *slot != NULL);
	w->port->nr_lies = 0;
	w->port->dies_at = 0;
	fake_fail_never(w->port);
}

static void random_use(struct world *w, const struct na_buffer *buffer,
		       u64 *seed)
{
	u32 idx = tap_below(seed, buffer->nr_frames);
	struct na_frame frame = na_buffer_frame(buffer, idx);
	enum na_memtype type;

	EXPECT_EQ(na_ledger_pin(&w->machine.ledger, frame, &type), 0);
	EXPECT_EQ(type, buffer->type);
	fake_map(w->port, frame, type);
	fake_write(w->port, frame, type);
	fake_unmap(w->port, frame, type);
	na_ledger_unpin(&w->machine.ledger, frame);
}

/* What the system does with frames that are nobody's. */
static void random_system(struct world *w, u64 *seed)
{
	u32 nr = tap_below(seed, w->port->nr_frames);

	if (w->port->frames[nr].is_ours)
		return;
	if (nr >= w->port->nr_direct)
		world_kmap_once(w, nr);
	fake_vunmap(w->port, na_frame(nr));
}

static void random_step(struct world *w, struct model *m, u64 *seed)
{
	struct na_buffer **slot = &m->buffers[tap_below(seed, NR_SLOTS)];

	random_system(w, seed);
	if (!*slot) {
		random_create(w, slot, m, seed);
	} else if (tap_below(seed, 2)) {
		random_use(w, *slot, seed);
	} else {
		fake_fail(w->port, FAKE_BIT(FAKE_DIRECT_SET),
			  tap_below(seed, 20) == 1, 1 + tap_below(seed, 3));
		na_buffer_destroy(*slot);
		*slot = NULL;
		count_lost(w, m, w->port->nr_failed);
		fake_fail_never(w->port);
	}
}

static bool random_life(u64 *seed)
{
	struct model m = { 0 };
	struct world w;
	u32 i;

	/* High memory runs out, or no direct map would ever refuse. */
	world_begin(&w, 128, 64);
	for (i = 0; i < 300; i++) {
		random_step(&w, &m, seed);
		expect_model(&w, &m);
	}
	for (i = 0; i < NR_SLOTS; i++)
		na_buffer_destroy(m.buffers[i]);
	EXPECT_EQ(fake_count_ours(w.port), m.lost);
	world_end_with(&w, m.lost);
	return m.lost;
}

/* kills: whatever the cases above have no name for */
static void buffer_against_model(void)
{
	u64 seed = tap_seed();
	u32 i, nr_with_loss = 0;

	for (i = 0; i < 30; i++)
		nr_with_loss += random_life(&seed);
	tap_say("%u of 30 lives ended with frames in quarantine",
		nr_with_loss);
	/* Both ends were reached, or the case proves less than it says. */
	EXPECT(nr_with_loss > 0 && nr_with_loss < 30);
}

static const struct tap_case cases[] = {
	TAP(destroy_null),
	TAP(destroy_gives_blocks_back_whole),
	TAP(destroy_cached_frees_and_no_more),
	TAP(destroy_after_wc_stores),
	TAP(publish_wc_drains_the_callers_cpus),
	TAP(publish_uc_drains_nothing),
	TAP(destroy_direct_fails),
	TAP(destroy_pinned_leaks),
	TAP(frame_at_run_borders),
	TAP(frame_in_fragmented_buffer),
	TAP(frame_beyond_end_asserts),
	TAP(buffer_against_model),
};

TAP_MAIN(cases)
