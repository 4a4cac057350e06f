// SPDX-License-Identifier: GPL-2.0
/*
 * Tap: the events of conversions and purges.
 *
 * Whether an event is on is asked once for each call, because it may be
 * switched meanwhile and half of a measurement is none.
 *
 * Frames in the kmap pool are counted before and after a purge. The count
 * costs more than most purges, so it is made only for the event. It is exact
 * as far as the frames are the caller's own, and nobody else maps them.
 */
#include <linux/cpumask.h>
#include <noalias/convert.h>
#include <noalias/port.h>
#include <noalias/purge.h>

#include "tap.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* --- conversions ----------------------------------------------------------- */

int na_convert_to(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	u64 start_ns;
	int err;

	if (!trace_noalias_convert_enabled())
		return na_engine_convert_to(machine, runs, nr_runs, type,
					    owner);
	start_ns = na_port_time_ns(machine->port);
	err = na_engine_convert_to(machine, runs, nr_runs, type, owner);
	trace_noalias_convert(runs, nr_runs, NA_WB, type, err,
			      na_port_time_ns(machine->port) - start_ns);
	return err;
}

int na_convert_back(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	u64 start_ns;
	int err;

	if (!trace_noalias_convert_enabled())
		return na_engine_convert_back(machine, runs, nr_runs, type,
					      owner);
	start_ns = na_port_time_ns(machine->port);
	err = na_engine_convert_back(machine, runs, nr_runs, type, owner);
	trace_noalias_convert(runs, nr_runs, type, NA_WB, err,
			      na_port_time_ns(machine->port) - start_ns);
	return err;
}

/* --- purges ---------------------------------------------------------------- */

static u32 count_in_run(struct na_port *port, struct na_run run,
			const struct na_sieve *sieve)
{
	u32 nr = 0, idx;

	for (idx = na_sieve_next(sieve, run, 0); idx < run.nr;
	     idx = na_sieve_next(sieve, run, idx + 1))
		nr += na_port_kmap_holds(port, na_frame_add(run.first, idx));
	return nr;
}

/* Frames of @runs that have an entry in the kmap pool. */
static u32 count_in_pool(struct na_port *port, const struct na_run *runs,
			 u32 nr_runs)
{
	struct na_sieve sieve = {};
	u32 i, nr = 0;

	if (!na_port_kmap_list(port, na_frame(0), na_frame(~0ul), &sieve))
		return 0;
	for (i = 0; i < nr_runs; i++)
		nr += count_in_run(port, runs[i], &sieve);
	return nr;
}

static int traced_purge(struct na_machine *machine, const struct na_run *runs,
			u32 nr_runs, bool alone)
{
	u32 hits = count_in_pool(machine->port, runs, nr_runs);
	u64 start_ns = na_port_time_ns(machine->port), ns;
	int err;

	if (alone)
		err = na_engine_purge_stale(machine, runs, nr_runs);
	else
		err = na_engine_purge_kmap(machine, runs, nr_runs);
	ns = na_port_time_ns(machine->port) - start_ns;
	trace_noalias_purge(runs, nr_runs, hits,
			    count_in_pool(machine->port, runs, nr_runs), alone,
			    err, ns);
	return err;
}

int na_purge_kmap(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs)
{
	if (!trace_noalias_purge_enabled())
		return na_engine_purge_kmap(machine, runs, nr_runs);
	return traced_purge(machine, runs, nr_runs, false);
}

int na_purge_stale(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs)
{
	if (!trace_noalias_purge_enabled())
		return na_engine_purge_stale(machine, runs, nr_runs);
	return traced_purge(machine, runs, nr_runs, true);
}

/* --- the port -------------------------------------------------------------- */

static u32 count_pool(struct na_port *port)
{
	struct na_sieve unused = {};

	return na_port_kmap_list(port, na_frame(0), na_frame(~0ul), &unused);
}

void na_tap_kmap_purge(struct na_port *port)
{
	u64 start_ns, ns;
	u32 before;

	if (!trace_noalias_kmap_purge_enabled()) {
		na_port_kmap_purge(port);
		return;
	}
	before = count_pool(port);
	start_ns = na_port_time_ns(port);
	na_port_kmap_purge(port);
	ns = na_port_time_ns(port) - start_ns;
	trace_noalias_kmap_purge(before, count_pool(port), ns);
}

void na_tap_tlb_flush(struct na_port *port)
{
	u64 start_ns;

	if (!trace_noalias_tlb_flush_enabled()) {
		na_port_tlb_flush(port);
		return;
	}
	start_ns = na_port_time_ns(port);
	na_port_tlb_flush(port);
	trace_noalias_tlb_flush(num_online_cpus(),
				na_port_time_ns(port) - start_ns);
}
