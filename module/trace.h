/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, in /sys/kernel/tracing/events/noalias/. Each is emitted when the
 * work is done, by the task that requested it: its pid is at the beginning of
 * the line, and its name if ftrace has recorded it ("<...>" otherwise). For
 * calls of other modules, noalias_call has the caller's address. Times are ns
 * of the monotonic clock. err is 0 or a negative errno.
 *
 * noalias_alloc: an allocation from a heap, also one that failed
 *	id	number of the buffer as in debugfs; 0 after an error
 *	heap	name of the heap
 *	len	bytes requested, in whole frames
 *	low	bytes of it in the direct map
 *	type	memory type of the heap: WB, WC, UC
 *	err	result
 *	ns	from the checked request to the buffer
 *
 * noalias_free: a buffer without references, before its frames are freed
 *	id, heap, len, low, type	as above
 *	owner	thread group that allocated it; the current task dropped the
 *		last reference
 *
 * noalias_convert: frames changed their memory type, or did not
 *	pfn	first frame; the others need not follow it
 *	nr	frames
 *	runs	runs of consecutive frames
 *	from	memory type before
 *	to	memory type asked for; after an error the frames are as before,
 *		except after -EUCLEAN (-117): some are quarantined
 *	err	result
 *	ns	the whole conversion: purge, direct map, TLBs, caches
 *
 * noalias_purge: frames were checked for stale mappings
 *	pfn, nr, runs	as above
 *	hits	frames that had an entry in the kmap pool before
 *	left	frames that have one after: in use, so err is -EBUSY
 *	alone	1: a separate call, which ended with a TLB flush; 0: a step of
 *		a conversion, which flushes later
 *	err	result
 *	ns	without the time to count hits and left, which only tracing does
 *
 * noalias_kmap_purge: the kmap pool was emptied of unused entries
 *	before	entries of the pool before, in use or stale; all slots where
 *		the pool cannot be read
 *	after	entries after
 *	ns	of the kernel's own purge
 *
 * noalias_tlb_flush: all CPUs dropped all translations
 *	cpus	CPUs online
 *	ns	until the last had done it
 *
 * noalias_call: a call of another module
 *	name	of the call, e.g. na_set_pages_uc
 *	caller	return address, printed as symbol, offset and module
 *	nr	number of pages; 0: the call takes none
 *	err	result
 *	ns	the whole call
 *
 * noalias_refusal: a request was refused
 *	field	name of the field at fault
 *	value	its value
 *	limit	allowed values, in words
 *	err	result
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM noalias

#if !defined(NA_MODULE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NA_MODULE_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <noalias/buffer.h>

/* Numbers instead of enumerators, which readers of the format do not know. */
#define na_show_memtype(type) \
	__print_symbolic(type, { 0, "WB" }, { 1, "WC" }, { 2, "UC" })

TRACE_EVENT(noalias_alloc,
	TP_PROTO(u64 id, const char *heap, enum na_memtype type, u64 len,
		 u64 low, int err, u64 ns),
	TP_ARGS(id, heap, type, len, low, err, ns),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u64, len)
		__field(u64, low)
		__field(u64, ns)
		__field(u32, type)
		__field(int, err)
		__array(char, heap, 32)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->len = len;
		__entry->low = low;
		__entry->ns = ns;
		__entry->type = type;
		__entry->err = err;
		strscpy(__entry->heap, heap, sizeof(__entry->heap));
	),
	TP_printk("id=%llu heap=%s len=%llu low=%llu type=%s err=%d ns=%llu",
		  __entry->id, __entry->heap, __entry->len, __entry->low,
		  na_show_memtype(__entry->type), __entry->err, __entry->ns)
);

TRACE_EVENT(noalias_free,
	TP_PROTO(u64 id, const char *heap, const struct na_buffer *buffer,
		 pid_t owner),
	TP_ARGS(id, heap, buffer, owner),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u64, len)
		__field(u64, low)
		__field(u32, type)
		__field(pid_t, owner)
		__array(char, heap, 32)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->len = (u64)buffer->nr_frames << PAGE_SHIFT;
		__entry->low = (u64)buffer->nr_direct << PAGE_SHIFT;
		__entry->type = buffer->type;
		__entry->owner = owner;
		strscpy(__entry->heap, heap, sizeof(__entry->heap));
	),
	TP_printk("id=%llu heap=%s len=%llu low=%llu type=%s owner=%d",
		  __entry->id, __entry->heap, __entry->len, __entry->low,
		  na_show_memtype(__entry->type), __entry->owner)
);

TRACE_EVENT(noalias_convert,
	TP_PROTO(const struct na_run *runs, u32 nr_runs, enum na_memtype from,
		 enum na_memtype to, int err, u64 ns),
	TP_ARGS(runs, nr_runs, from, to, err, ns),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, nr)
		__field(u64, ns)
		__field(u32, runs)
		__field(u32, from)
		__field(u32, to)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->pfn = nr_runs ? runs[0].first.nr : 0;
		__entry->nr = na_runs_count_frames(runs, nr_runs);
		__entry->ns = ns;
		__entry->runs = nr_runs;
		__entry->from = from;
		__entry->to = to;
		__entry->err = err;
	),
	TP_printk("pfn=0x%llx nr=%llu runs=%u from=%s to=%s err=%d ns=%llu",
		  __entry->pfn, __entry->nr, __entry->runs,
		  na_show_memtype(__entry->from), na_show_memtype(__entry->to),
		  __entry->err, __entry->ns)
);

TRACE_EVENT(noalias_purge,
	TP_PROTO(const struct na_run *runs, u32 nr_runs, u32 hits, u32 left,
		 bool alone, int err, u64 ns),
	TP_ARGS(runs, nr_runs, hits, left, alone, err, ns),
	TP_STRUCT__entry(
		__field(u64, pfn)
		__field(u64, nr)
		__field(u64, ns)
		__field(u32, runs)
		__field(u32, hits)
		__field(u32, left)
		__field(u32, alone)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->pfn = nr_runs ? runs[0].first.nr : 0;
		__entry->nr = na_runs_count_frames(runs, nr_runs);
		__entry->ns = ns;
		__entry->runs = nr_runs;
		__entry->hits = hits;
		__entry->left = left;
		__entry->alone = alone;
		__entry->err = err;
	),
	TP_printk("pfn=0x%llx nr=%llu runs=%u hits=%u left=%u alone=%u err=%d ns=%llu",
		  __entry->pfn, __entry->nr, __entry->runs, __entry->hits,
		  __entry->left, __entry->alone, __entry->err, __entry->ns)
);

TRACE_EVENT(noalias_kmap_purge,
	TP_PROTO(u32 before, u32 after, u64 ns),
	TP_ARGS(before, after, ns),
	TP_STRUCT__entry(
		__field(u64, ns)
		__field(u32, before)
		__field(u32, after)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->before = before;
		__entry->after = after;
	),
	TP_printk("before=%u after=%u ns=%llu", __entry->before,
		  __entry->after, __entry->ns)
);

TRACE_EVENT(noalias_tlb_flush,
	TP_PROTO(u32 cpus, u64 ns),
	TP_ARGS(cpus, ns),
	TP_STRUCT__entry(
		__field(u64, ns)
		__field(u32, cpus)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->cpus = cpus;
	),
	TP_printk("cpus=%u ns=%llu", __entry->cpus, __entry->ns)
);

TRACE_EVENT(noalias_call,
	TP_PROTO(const char *name, unsigned long caller, u32 nr, int err,
		 u64 ns),
	TP_ARGS(name, caller, nr, err, ns),
	TP_STRUCT__entry(
		__field(u64, ns)
		__field(unsigned long, caller)
		__field(u32, nr)
		__field(int, err)
		__array(char, name, 32)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->caller = caller;
		__entry->nr = nr;
		__entry->err = err;
		strscpy(__entry->name, name, sizeof(__entry->name));
	),
	TP_printk("name=%s caller=%pS nr=%u err=%d ns=%llu", __entry->name,
		  (void *)__entry->caller, __entry->nr, __entry->err,
		  __entry->ns)
);

TRACE_EVENT(noalias_refusal,
	TP_PROTO(const char *field, u64 value, const char *limit, int err),
	TP_ARGS(field, value, limit, err),
	TP_STRUCT__entry(
		__field(u64, value)
		__field(int, err)
		__array(char, field, 32)
		__array(char, limit, 64)
	),
	TP_fast_assign(
		__entry->value = value;
		__entry->err = err;
		strscpy(__entry->field, field, sizeof(__entry->field));
		strscpy(__entry->limit, limit, sizeof(__entry->limit));
	),
	TP_printk("field=\"%s\" value=%llu limit=\"%s\" err=%d",
		  __entry->field, __entry->value, __entry->limit, __entry->err)
);

#endif

/* Found by the -I of Kbuild, because the tree lies outside the kernel's. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
