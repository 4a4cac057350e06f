// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * port: the fake port detects misuse. Otherwise all other cases would pass on a
 * port that accepts everything.
 *
 * Each case calls the contract by hand, as an engine with a mutant would.
 */
#include "world.h"

#define NR 32
#define NR_LOW 8

static struct na_run take(struct world *w, u32 nr)
{
	struct na_run block;

	EXPECT_EQ(na_port_frames_alloc(w->port, nr, NA_ZONE_ANY, false, &block), 0);
	return block;
}

static void claim(struct world *w, struct na_run run)
{
	EXPECT_EQ(na_ledger_claim(&w->machine.ledger, &run, 1, NA_SYSTEM,
				  NA_WB), 0);
}

static void commit(struct world *w, struct na_run run, enum na_state to,
		   enum na_memtype type)
{
	na_ledger_commit(&w->machine.ledger, &run, 1, to, type);
}

static int set_direct(struct na_port *port, struct na_run run,
		      enum na_memtype type)
{
	u32 nr_done = 0;

	return na_port_direct_set(port, &run, 1, type, &nr_done);
}

/* All steps of a conversion, but the commit, without those in @left_out. */
static void convert(struct world *w, struct na_run run, enum na_memtype type,
		    u32 left_out)
{
	claim(w, run);
	if (!(left_out & FAKE_BIT(FAKE_KMAP_PURGE)))
		na_port_kmap_purge(w->port);
	if (!(left_out & FAKE_BIT(FAKE_DIRECT_SET)))
		EXPECT_EQ(set_direct(w->port, run, type), 0);
	if (!(left_out & FAKE_BIT(FAKE_TLB_FLUSH)))
		na_port_tlb_flush(w->port);
	if (!(left_out & FAKE_BIT(FAKE_CACHE_CLEAN)))
		EXPECT_EQ(na_port_cache_clean(w->port, &run, 1, type), 0);
	if (!(left_out & FAKE_BIT(FAKE_MARK)))
		na_port_runs_mark(w->port, &run, 1, type);
}

static void expect_fault(struct world *w, const char *part)
{
	const char *fault = fake_fault(w->port);

	EXPECT(fault);
	tap_say("%s", fault);
	EXPECT(strstr(fault, part));
	world_abandon(w);
}

/* --- preconditions --- */

/* kills: a fake port on which frames can be freed that were never taken */
static void free_not_taken(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_ASSERT("is_ours", na_port_frames_free(w.port, na_run(na_frame(3), 1)));
	world_abandon(&w);
}

/* kills: ... freed twice */
static void free_twice(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 4);
	na_port_frames_free(w.port, block);
	EXPECT_ASSERT("is_ours", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: ... freed in pieces that nobody made */
static void free_after_split(void)
{
	struct na_run block;
	struct world w;
	u32 i;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 4);
	EXPECT_ASSERT("block_len",
		      na_port_frames_free(w.port, na_run(block.first, 1)));
	na_port_frames_split(w.port, block);
	EXPECT_ASSERT("block_len", na_port_frames_free(w.port, block));
	EXPECT_ASSERT("block_len", na_port_frames_split(w.port, block));
	for (i = 0; i < 4; i++)
		na_port_frames_free(w.port,
				    na_run(na_frame_add(block.first, i), 1));
	world_end(&w);
}

/* kills: ... freed in another size */
static void free_other_length(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 4);
	EXPECT_ASSERT("block_len",
		      na_port_frames_free(w.port, na_run(block.first, 2)));
	world_abandon(&w);
}

/* kills: ... freed while the direct map is not WB */
static void free_direct_not_wb(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, 8, 8);
	block = take(&w, 1);
	w.port->frames[block.first.nr].direct = NA_UC;
	EXPECT_ASSERT("direct", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: ... freed while the system believes them uncached */
static void free_marked(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 1);
	w.port->frames[block.first.nr].marked = NA_WC;
	EXPECT_ASSERT("marked", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: ... freed while a process maps them */
static void free_mapped(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 1);
	fake_map(w.port, block.first, NA_UC);
	EXPECT_ASSERT("mapped", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: ... freed while a TLB still has the process's translation */
static void free_in_tlb(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 1);
	fake_map(w.port, block.first, NA_UC);
	fake_unmap(w.port, block.first, NA_UC);
	EXPECT_ASSERT("tlb", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: ... freed while the ledger has them in a buffer */
static void free_held(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	block = take(&w, 1);
	claim(&w, block);
	commit(&w, block, NA_BUFFER, NA_UC);
	EXPECT_ASSERT("NA_SYSTEM", na_port_frames_free(w.port, block));
	world_abandon(&w);
}

/* kills: a cleaning through frames that the pool still maps */
static void clean_with_stale_kmap(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 9);
	EXPECT_ASSERT("kmap", convert(&w, run_of(8, 4), NA_UC,
				      FAKE_BIT(FAKE_KMAP_PURGE)));
	world_abandon(&w);
}

/* kills: ... that the direct map still maps WB */
static void clean_with_direct_wb(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_ASSERT("direct", convert(&w, run_of(0, 4), NA_UC,
					FAKE_BIT(FAKE_DIRECT_SET)));
	world_abandon(&w);
}

/* kills: ... that a TLB may still translate as WB */
static void clean_with_cached_translation(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_ASSERT("in_tlb", convert(&w, run_of(0, 4), NA_UC,
					FAKE_BIT(FAKE_TLB_FLUSH)));
	world_abandon(&w);
}

/* kills: a change of frames that nobody claimed */
static void change_without_claim(void)
{
	struct na_run run = run_of(0, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_ASSERT("NA_CLAIMED",
		      set_direct(w.port, run, NA_UC));
	EXPECT_ASSERT("NA_CLAIMED",
		      na_port_runs_mark(w.port, &run, 1, NA_UC));
	EXPECT_ASSERT("NA_CLAIMED",
		      na_port_cache_clean(w.port, &run, 1, NA_UC));
	world_abandon(&w);
}

/* kills: a WB entry while write-combining buffers hold stores */
static void direct_wb_before_drain(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	convert(&w, run_of(0, 1), NA_WC, 0);
	fake_map(w.port, na_frame(0), NA_WC);
	fake_write(w.port, na_frame(0), NA_WC);
	fake_unmap(w.port, na_frame(0), NA_WC);
	EXPECT_ASSERT("wc_stores",
		      set_direct(w.port, run_of(0, 1), NA_WB));
	na_port_wc_drain(w.port);
	EXPECT_EQ(set_direct(w.port, run_of(0, 1), NA_WB), 0);
	world_abandon(&w);
}

/* --- whole-state check --- */

/* kills: a check that cannot see a page table of another type */
static void fault_page_table(void)
{
	struct na_run run = run_of(0, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_take(w.port, run);
	convert(&w, run, NA_UC, 0);
	commit(&w, run, NA_LENT, NA_UC);
	EXPECT_STR(fake_fault(w.port), NULL);
	w.port->frames[3].direct = NA_WB;
	expect_fault(&w, "frame 3: I1: a page table");
}

/* kills: ... an entry of the kmap pool */
static void fault_kmap(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	convert(&w, run, NA_UC, 0);
	commit(&w, run, NA_LENT, NA_UC);
	fake_kmap(w.port, na_frame(10));
	expect_fault(&w, "frame 10: I1: reachable through the kmap pool");
}

/* kills: ... a translation of another type */
static void fault_tlb(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	convert(&w, run, NA_UC, 0);
	commit(&w, run, NA_LENT, NA_UC);
	fake_map(w.port, na_frame(11), NA_WC);
	fake_unmap(w.port, na_frame(11), NA_WC);
	expect_fault(&w, "frame 11: I1: a TLB");
}

/* kills: ... a line in a cache */
static void fault_lines(void)
{
	struct na_run run = run_of(8, 1);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_vunmap(w.port, na_frame(8));
	convert(&w, run, NA_UC, FAKE_BIT(FAKE_CACHE_CLEAN));
	commit(&w, run, NA_LENT, NA_UC);
	expect_fault(&w, "frame 8: I2: a cache");
}

/* kills: ... a system that believes another type */
static void fault_mark(void)
{
	struct na_run run = run_of(8, 1);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	convert(&w, run, NA_UC, FAKE_BIT(FAKE_MARK));
	commit(&w, run, NA_LENT, NA_UC);
	expect_fault(&w, "frame 8: the system was not told");
}

/* kills: ... a claim that nobody ended */
static void fault_claimed(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	claim(&w, run_of(6, 1));
	expect_fault(&w, "frame 6: still claimed");
}

/* kills: ... a frame that nobody knows of any more (I7) */
static void fault_lost(void)
{
	struct world w;

	world_begin(&w, NR, 0);
	take(&w, 1);
	expect_fault(&w, "I7: lost");
}

/* kills: ... a frame of the system with a direct map that is not WB */
static void fault_system_not_wb(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	w.port->frames[2].direct = NA_WC;
	expect_fault(&w, "frame 2: I4: a page table");
}

/* kills: ... a UC translation left for the next owner */
static void fault_system_in_tlb(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_map(w.port, na_frame(9), NA_UC);
	fake_unmap(w.port, na_frame(9), NA_UC);
	expect_fault(&w, "frame 9: I4: a TLB");
}

/* kills: ... a quarantined frame that the system has again */
static void fault_quarantine_given_back(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	claim(&w, run_of(6, 1));
	commit(&w, run_of(6, 1), NA_QUARANTINED, NA_WB);
	expect_fault(&w, "frame 6: I7");
}

/* kills: ... a counter that says something else than the words */
static void fault_counter(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	na_atomic64_add(&w.machine.ledger.nr_in_state[NA_LENT], 1);
	expect_fault(&w, "counter of LENT");
}

/* --- faults on request --- */

/* kills: a failure of another call than the one asked for */
static void fail_nth_of_kind(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_fail(w.port, FAKE_BIT(FAKE_FRAMES_ALLOC), 2, 1);
	na_port_free(w.port, na_port_alloc(w.port, 1));
	EXPECT_EQ(na_port_frames_alloc(w.port, 1, NA_ZONE_ANY, false, &block), 0);
	na_port_frames_free(w.port, block);
	EXPECT_EQ(na_port_frames_alloc(w.port, 1, NA_ZONE_ANY, false, &block), -ENOMEM);
	EXPECT_EQ(w.port->nr_failed, 1);
	EXPECT_EQ(na_port_frames_alloc(w.port, 1, NA_ZONE_ANY, false, &block), 0);
	na_port_frames_free(w.port, block);
	world_end(&w);
}

/* kills: a failure of the direct map that changes nothing or everything */
static void fail_direct_half_way(void)
{
	struct na_run run = run_of(0, 4);
	u32 nr_done = 0;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	claim(&w, run);
	fake_fail(w.port, FAKE_FALLIBLE, 1, 1);
	EXPECT_EQ(na_port_direct_set(w.port, &run, 1, NA_UC, &nr_done),
		  -EFAULT);
	EXPECT_EQ(nr_done, 2);
	EXPECT_EQ(w.port->frames[1].direct, NA_UC);
	EXPECT_EQ(w.port->frames[2].direct, NA_WB);
	world_abandon(&w);
}

/* kills: a log that shows calls out of order, or without what failed */
static void steps_in_order(void)
{
	struct na_run run = run_of(0, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN), 1, 1);
	na_port_tlb_flush(w.port);
	claim(&w, run);
	EXPECT_EQ(set_direct(w.port, run, NA_WC), 0);
	na_port_tlb_flush(w.port);
	EXPECT_EQ(na_port_cache_clean(w.port, &run, 1, NA_WC), -ENOMEM);
	commit(&w, run, NA_LENT, NA_WC);
	EXPECT_STR(fake_steps(w.port, 0),
		   "tlb_flush claim(4) direct_set(4 WC) tlb_flush "
		   "cache_clean(4 WC)! commit(LENT)");
	world_abandon(&w);
}

/* kills: low frames handed out while there are high ones */
static void frames_alloc_prefers_high(void)
{
	struct na_run block;
	struct world w;

	world_begin(&w, 16, 8);
	block = take(&w, 8);
	EXPECT_EQ(block.first.nr, 8);
	na_port_frames_free(w.port, block);
	world_end(&w);
}

static const struct tap_case cases[] = {
	TAP(free_not_taken),
	TAP(free_twice),
	TAP(free_other_length),
	TAP(free_after_split),
	TAP(free_direct_not_wb),
	TAP(free_marked),
	TAP(free_mapped),
	TAP(free_in_tlb),
	TAP(free_held),
	TAP(clean_with_stale_kmap),
	TAP(clean_with_direct_wb),
	TAP(clean_with_cached_translation),
	TAP(change_without_claim),
	TAP(direct_wb_before_drain),
	TAP(fault_page_table),
	TAP(fault_kmap),
	TAP(fault_tlb),
	TAP(fault_lines),
	TAP(fault_mark),
	TAP(fault_claimed),
	TAP(fault_lost),
	TAP(fault_system_not_wb),
	TAP(fault_system_in_tlb),
	TAP(fault_quarantine_given_back),
	TAP(fault_counter),
	TAP(fail_nth_of_kind),
	TAP(fail_direct_half_way),
	TAP(steps_in_order),
	TAP(frames_alloc_prefers_high),
};

TAP_MAIN(cases)
