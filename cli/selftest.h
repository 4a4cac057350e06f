/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias selftest: what a real machine does with the memory of each heap.
 *
 *	selftest.c        the command, and its report
 *	selftest_heap.c   a buffer: type, contents, other kernel users of its pages
 *	selftest_time.c   what the times of accesses say about the caches
 */
#ifndef NA_CLI_SELFTEST_H
#define NA_CLI_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libnoalias/buffer.h>

#include "bench.h"
#include "findings.h"

/** SELFTEST_LEN - bytes of each buffer. */
#define SELFTEST_LEN (1u << 20)

#define SELFTEST_HEAPS 2

/**
 * enum selftest_verdict - what times say
 * @SELFTEST_NOT_TIMED: there are none
 * @SELFTEST_AS_TOLD: such as memory of its type has
 * @SELFTEST_UNCLEAR: neither
 * @SELFTEST_CACHED: such as cached memory has
 */
enum selftest_verdict {
	SELFTEST_NOT_TIMED,
	SELFTEST_AS_TOLD,
	SELFTEST_UNCLEAR,
	SELFTEST_CACHED,
};

/**
 * struct selftest_heap - a heap of the module
 * @memtype: type that its buffers must have
 * @name: its name; "" if there is none
 * @heap: open, or NULL
 * @buffer: held until the audit is done, or NULL
 * @mapped: its first mapping, or NULL
 * @promise: promise of @buffer
 * @timing: measured
 * @read_ratio: time to read a word, as a multiple of cached memory's
 * @write_ratio: the same of writing
 * @verdict: of these times
 */
struct selftest_heap {
	enum noalias_memtype memtype;
	char name[NOALIAS_NAME_LEN];
	struct noalias_heap *heap;
	struct noalias_buffer *buffer;
	void *mapped;
	enum noalias_promise promise;
	struct bench_memory timing;
	double read_ratio;
	double write_ratio;
	enum selftest_verdict verdict;
};

/**
 * struct selftest - the test
 * @findings: so far
 * @heaps: UC, then WC
 * @cached: times of ordinary memory, of the same run
 * @is_guest: the host may change memory types
 * @is_emulated: there are no caches
 * @is_audited: an audit was read, whatever it said
 */
struct selftest {
	struct findings findings;
	struct selftest_heap heaps[SELFTEST_HEAPS];
	struct bench_memory cached;
	bool is_guest;
	bool is_emulated;
	bool is_audited;
};

/** selftest_try() - allocates @heap->buffer and examines it. */
void selftest_try(struct selftest *test, struct selftest_heap *heap);

/** selftest_release() - unmaps, frees and closes. */
void selftest_release(struct selftest_heap *heap);

/**
 * selftest_time() - measures all heaps and judges.
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int selftest_time(struct selftest *test);

/**
 * selftest_judge() - judges the ratios of a heap
 * @heap: with its ratios; receives the verdict
 * @uc_write_ratio: of the UC heap of the same run; 0 if there is none
 */
void selftest_judge(struct selftest_heap *heap, double uc_write_ratio);

#endif
