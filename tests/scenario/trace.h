/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the tap between engine and port
 *
 * Engine sources are compiled with "-include trace.h" and are otherwise
 * unchanged: each call below goes through trace.c, which writes it to the log
 * of the scenario, lets it fail when the text says so, and calls the port.
 * Calls that only ask are left alone.
 */
#ifndef SCN_TRACE_H
#define SCN_TRACE_H

#include <noalias/window_port.h>

void na_trace_runs_mark(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type);
void na_trace_kmap_purge(struct na_port *port);
int na_trace_direct_set(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type, u32 *nr_done);
void na_trace_frames_lost(struct na_port *port, u32 nr, const char *why);
void na_trace_tlb_flush(struct na_port *port);
void na_trace_wc_drain(struct na_port *port);
int na_trace_cache_clean(struct na_port *port, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type);
int na_trace_range_open(struct na_port *port, u32 nr_slots,
			struct na_port_range **range);
void na_trace_range_close(struct na_port_range *range);
int na_trace_window_set(struct na_port_range *range, u32 idx,
			struct na_run run, enum na_memtype type);
void na_trace_window_clear(struct na_port_range *range, const u32 *idxs,
			   u32 nr);
u32 na_trace_window_shootdown(struct na_port_range *range, const u32 *idxs,
			      u32 nr, struct na_cpus cpus);
void na_trace_window_invalidate(struct na_port_range *range, u32 idx);

#ifndef SCN_TRACE_SELF
#define na_port_runs_mark na_trace_runs_mark
#define na_port_kmap_purge na_trace_kmap_purge
#define na_port_direct_set na_trace_direct_set
#define na_port_frames_lost na_trace_frames_lost
#define na_port_tlb_flush na_trace_tlb_flush
#define na_port_wc_drain na_trace_wc_drain
#define na_port_cache_clean na_trace_cache_clean
#define na_port_range_open na_trace_range_open
#define na_port_range_close na_trace_range_close
#define na_port_window_set na_trace_window_set
#define na_port_window_clear na_trace_window_clear
#define na_port_window_shootdown na_trace_window_shootdown
#define na_port_window_invalidate na_trace_window_invalidate
#endif

#endif
