// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The tap: one line of the log for each effect, in the order in which the
 * engine asks for them, written before the effect. Whatever a machine may do
 * its own way is left out: numbers of frames and CPUs, addresses, how many
 * CPUs were interrupted, what time it is.
 */
#define SCN_TRACE_SELF
#include "trace.h"

#include "interp.h"

/* The text's wish that this call fails, taken; NULL: it had none. */
static const struct scn_fail *take_fail(const char *call)
{
	static struct scn_fail taken;
	struct scn_fail *fail = scn_now->fails;
	u32 i;

	for (i = 0; i < SCN_FAILS_MAX; i++) {
		if (!scn_same(fail[i].call, call))
			continue;
		taken = fail[i];
		for (; i + 1 < SCN_FAILS_MAX; i++)
			fail[i] = fail[i + 1];
		fail[i].call[0] = 0;
		return &taken;
	}
	return NULL;
}

static void begin(const char *call)
{
	scn_put(scn_now, "  ");
	scn_put(scn_now, call);
}

static void end(void)
{
	scn_put(scn_now, "\n");
}

static void with_type(enum na_memtype type)
{
	scn_put(scn_now, " ");
	scn_put(scn_now, na_memtype_name(type));
}

static void write_call(const char *call)
{
	begin(call);
	end();
}

static void write_runs(const char *call, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	begin(call);
	scn_put_runs(scn_now, runs, nr_runs);
	with_type(type);
}

static int end_failed(void)
{
	scn_put(scn_now, ", which fails\n");
	return -ENOMEM;
}

static void with_slots(const struct na_port_range *range, const u32 *idxs,
		       u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		scn_put(scn_now, " ");
		scn_put_slot(scn_now, range, idxs[i]);
	}
}

void na_trace_runs_mark(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	write_runs("mark", runs, nr_runs, type);
	end();
	na_port_runs_mark(port, runs, nr_runs, type);
}

void na_trace_kmap_purge(struct na_port *port)
{
	write_call("kmap_purge");
	na_port_kmap_purge(port);
}

int na_trace_direct_set(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	const struct scn_fail *fail = take_fail("direct_set");

	write_runs("direct_set", runs, nr_runs, type);
	if (fail && !fail->is_late)
		return end_failed();
	if (fail) {
		(void)na_port_direct_set(port, runs, nr_runs, type, nr_done);
		return end_failed();
	}
	end();
	return na_port_direct_set(port, runs, nr_runs, type, nr_done);
}

void na_trace_frames_lost(struct na_port *port, u32 nr, const char *why)
{
	begin("frames_lost ");
	scn_put_number(scn_now, nr);
	end();
	na_port_frames_lost(port, nr, why);
}

void na_trace_tlb_flush(struct na_port *port)
{
	write_call("tlb_flush");
	na_port_tlb_flush(port);
}

void na_trace_wc_drain(struct na_port *port)
{
	write_call("wc_drain");
	na_port_wc_drain(port);
}

int na_trace_cache_clean(struct na_port *port, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type)
{
	write_runs("cache_clean", runs, nr_runs, type);
	if (take_fail("cache_clean"))
		return end_failed();
	end();
	return na_port_cache_clean(port, runs, nr_runs, type);
}

int na_trace_range_open(struct na_port *port, u32 nr_slots,
			struct na_port_range **range)
{
	struct scn_set *set = scn_now->opening;
	int err;

	begin("range_open ");
	scn_put(scn_now, set->name);
	/* How many local slots there are is a matter of CPUs. */
	if (set->nr_ranges) {
		scn_put(scn_now, ".local");
	} else {
		scn_put(scn_now, " ");
		scn_put_number(scn_now, nr_slots);
	}
	if (take_fail("range_open"))
		return end_failed();
	end();
	err = na_port_range_open(port, nr_slots, range);
	if (!err)
		set->ranges[set->nr_ranges++] = *range;
	return err;
}

void na_trace_range_close(struct na_port_range *range)
{
	begin("range_close ");
	scn_put_range(scn_now, range);
	end();
	na_port_range_close(range);
}

int na_trace_window_set(struct na_port_range *range, u32 idx,
			struct na_run run, enum na_memtype type)
{
	begin("window_set ");
	scn_put_slot(scn_now, range, idx);
	scn_put(scn_now, " ");
	scn_put_run(scn_now, run);
	with_type(type);
	if (take_fail("window_set"))
		return end_failed();
	end();
	return na_port_window_set(range, idx, run, type);
}

void na_trace_window_clear(struct na_port_range *range, const u32 *idxs,
			   u32 nr)
{
	begin("window_clear");
	with_slots(range, idxs, nr);
	end();
	na_port_window_clear(range, idxs, nr);
}

u32 na_trace_window_shootdown(struct na_port_range *range, const u32 *idxs,
			      u32 nr, struct na_cpus cpus)
{
	struct na_cpus reach = na_port_range_cpus(range);

	begin("window_shootdown");
	with_slots(range, idxs, nr);
	scn_put(scn_now, reach.bits & ~cpus.bits ? " on some CPUs\n" :
						   " on all CPUs\n");
	return na_port_window_shootdown(range, idxs, nr, cpus);
}

void na_trace_window_invalidate(struct na_port_range *range, u32 idx)
{
	begin("window_invalidate");
	with_slots(range, &idx, 1);
	end();
	na_port_window_invalidate(range, idx);
}
