/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: window-user
 *
 * Shared by the files of the benchmark of windows in user space.
 *
 * A *contender* is a way to reach a frame of the data. A *case* says which
 * frames are touched in which order, by how many threads, and with how many
 * slots. Each contender of a case runs in a separate process, so that mappings
 * of one do not affect another; the processes take turns.
 */
#ifndef BENCH_USER_H
#define BENCH_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../measure.h"

#define FRAME_SHIFT	12
#define FRAME_LEN	(1u << FRAME_SHIFT)
#define LINE_LEN	64u
#define THREADS_MAX	8u
#define CASES_MAX	64u

/* --- data.c: the file and what is in it ------------------------------------ */

/**
 * struct data - a sealed memfd
 * @fd: open for reading and writing
 * @nr: frames
 * @order: all frames, shuffled; the same in each run
 */
struct data {
	int fd;
	uint32_t nr;
	uint32_t *order;
};

extern struct data data;

/** data_create() - a file of @len bytes, all frames with their numbers. */
void data_create(uint64_t len);

/** data_sum_updates() - how often touch() added to a frame, over all. */
uint64_t data_sum_updates(void);

/* A frame has its number in each line. Which is looked at differs from frame
 * to frame, or all would meet in the same few sets of the caches. */
static inline size_t frame_place(uint32_t frame)
{
	return (size_t)(frame * 0x9e3779b1u >> 26) * LINE_LEN;
}

/* --- trace.c: which frames, in which order --------------------------------- */

/**
 * enum pattern - how a thread chooses frames
 * @PATTERN_SET: any frame of its part of the working set
 * @PATTERN_SHARED: any frame of the working set
 * @PATTERN_CYCLE: all frames of its part of the data, in turn
 * @PATTERN_UNIFORM: any frame of the data
 * @PATTERN_ZIPF: any, the one in place r of the order with a weight of r^-0.99
 * @PATTERN_MIX: a small set, and now and then one that was not touched lately
 */
enum pattern {
	PATTERN_SET,
	PATTERN_SHARED,
	PATTERN_CYCLE,
	PATTERN_UNIFORM,
	PATTERN_ZIPF,
	PATTERN_MIX,
};

/** struct trace - frames to touch, again from the start at the end. */
struct trace {
	uint32_t *frames;
	uint32_t nr;
};

/* --- contenders.c ---------------------------------------------------------- */

/**
 * struct job - one thread's work
 * @trace: frames
 * @at: next one in it
 * @updates: also add one to a word beside the number
 * @buffer: a page of its own
 * @nr_wrong: frames that did not carry their number
 */
struct job {
	struct trace trace;
	uint32_t at;
	bool updates;
	char *buffer;
	uint64_t nr_wrong;
};

/* Every contender looks at a frame with this and nothing else. */
static inline void touch(struct job *job, void *page, uint32_t frame)
{
	volatile uint32_t *word = (volatile uint32_t *)((char *)page +
							frame_place(frame));

	job->nr_wrong += word[0] != frame;
	if (job->updates)
		word[1]++;
}

static inline uint32_t job_next(struct job *job)
{
	uint32_t frame = job->trace.frames[job->at];

	job->at = job->at + 1 == job->trace.nr ? 0 : job->at + 1;
	return frame;
}

/** enum contender_nr - in the order of tables and pictures. */
enum contender_nr {
	ALL,
	FLOOR,
	WINDOW,
	KMAP,
	PREAD,
	MMAP,
	NR_CONTENDERS,
};

struct noalias_window;
struct kmap_pool;
struct floor_slot;

/** struct subject - a contender that is open. */
struct subject {
	uint32_t nr_slots;
	char *base;
	struct noalias_window *window;
	struct kmap_pool *pool;
	uint32_t *heads;
	struct floor_slot *slots;
};

/**
 * struct contender - a way to reach frames
 * @name: a word for scripts
 * @label: for people
 * @open: fills a subject whose nr_slots is given
 * @hold: become a user of a frame and stay one; NULL: means nothing here
 * @run: touch the job's next @nr frames
 * @flush: take away all that is mapped and unused; NULL: there is no such
 * @misses: accesses so far that had to map or copy; NULL: none, ever
 * @calls_each: true: each access is a miss
 */
struct contender {
	const char *name;
	const char *label;
	void (*open)(struct subject *subject);
	void (*hold)(struct subject *subject, uint32_t frame);
	void (*run)(struct subject *subject, struct job *job, uint32_t nr);
	void (*flush)(struct subject *subject);
	uint64_t (*misses)(const struct subject *subject);
	bool calls_each;
};

extern const struct contender contenders[NR_CONTENDERS];

/* --- count.c: what is asked of the system ---------------------------------- */

/**
 * struct tally - counted in each thread
 * @nr: accesses
 * @misses: of them
 * @calls: system calls that map, unmap or copy
 * @clears: of them, those that may leave translations on other CPUs
 * @locks: pthread_mutex_lock()
 * @sleeps: times that a thread gave its CPU up
 */
struct tally {
	uint64_t nr;
	uint64_t misses;
	uint64_t calls;
	uint64_t clears;
	uint64_t locks;
	uint64_t sleeps;
};

/** tally_now() - of the calling thread since it began; not nr, not misses. */
struct tally tally_now(void);

/** tally_calls() - its calls; costs nothing. */
uint64_t tally_calls(void);

/** tally_sub() - @a - @b. */
struct tally tally_sub(struct tally a, struct tally b);

/** tally_add() - @a + @b. */
struct tally tally_add(struct tally a, struct tally b);

/* --- cases.c ---------------------------------------------------------------- */

/** enum group - what a case measures. */
enum group {
	GROUP_HIT,
	GROUP_REVIVE,
	GROUP_SHARED,
	GROUP_MISS,
	GROUP_FLUSH,
	GROUP_MIX,
	GROUP_UPDATE,
	GROUP_UNIFORM,
	GROUP_ZIPF,
	NR_GROUPS,
};

/**
 * struct bench_case - one thing to measure, and what came of it
 * @group: kind
 * @percent: working set and slots of GROUP_HIT to GROUP_FLUSH, slots of the
 *	others, in percent of the data; hits in percent for GROUP_MIX and
 *	GROUP_UPDATE
 * @nr_threads: at the same time
 * @mask: contenders, by bit
 * @counts_only: times mean nothing: more threads than CPUs
 * @nr_slots: that follow
 * @nr_set: frames of the working set
 * @ns: an access; a slot for GROUP_FLUSH
 * @tally: of all rounds
 */
struct bench_case {
	enum group group;
	unsigned int percent;
	unsigned int nr_threads;
	unsigned int mask;
	bool counts_only;
	uint32_t nr_slots;
	uint32_t nr_set;
	struct trace traces[THREADS_MAX];
	struct samples ns[NR_CONTENDERS];
	struct tally tally[NR_CONTENDERS];
};

/**
 * struct options - the command line, and what follows from it
 * @quick: a few seconds
 * @strict: a bar not met fails
 * @data_len: bytes
 * @nr_slots: of the cases with a share of the data; 0: 1, 10 and 50 percent
 * @seconds: to measure, about
 * @json: path or NULL
 * @svg: path or NULL
 * @only: names of groups, with commas between them; NULL: all
 * @spin: a contender to run alone, for --profile; NULL
 * @spin_misses, @nr_spins: how
 * @nr_rounds, @slice_ns: from @seconds
 */
struct options {
	bool quick;
	bool strict;
	uint64_t data_len;
	uint32_t nr_slots;
	double seconds;
	const char *json;
	const char *svg;
	const char *only;
	const char *spin;
	bool spin_misses;
	uint32_t nr_spins;
	unsigned int nr_rounds;
	uint64_t slice_ns;
};

extern struct options options;

/** cases_make() - fill the list, from the options. */
void cases_make(void);

/** cases_run() - measure them all. */
void cases_run(void);

/** cases_nr() - how many there are. */
unsigned int cases_nr(void);

/** case_at() - one of them. */
struct bench_case *case_at(unsigned int idx);

/** case_find() - the timed one. Return: NULL if it was left out. */
const struct bench_case *case_find(enum group group, unsigned int percent,
				   unsigned int nr_threads);

/** case_has() - does @contender take part? */
bool case_has(const struct bench_case *c, unsigned int contender);

/** group_name() - a word for scripts. */
const char *group_name(enum group group);

/** case_label() - for people; static memory. */
const char *case_label(const struct bench_case *c);

/** traces_make() - of each thread of @c. */
void traces_make(struct bench_case *c);

/** traces_free() - give them back. */
void traces_free(struct bench_case *c);

/* --- child.c: a contender in a process of its own --------------------------- */

struct child;

/** child_start() - fork, open, warm up. */
struct child *child_start(const struct bench_case *c, unsigned int contender);

/** child_run() - one slice. Return: ns an access. */
double child_run(struct child *child, uint64_t slice_ns, struct tally *tally);

/** child_end() - close; also checks that it ends well. */
void child_end(struct child *child);

/** cpus_find() - where threads may run. Return: how many. */
unsigned int cpus_find(void);

/** pin_thread() - thread @idx of a process stays on one CPU. */
void pin_thread(unsigned int idx);

/* --- flush.c, limits.c ------------------------------------------------------- */

/**
 * struct flush_count - system calls of noalias_kmap_flush_unused()
 * @nr_slots: of the window
 * @run: stale slots side by side
 * @nr_runs: such runs
 * @calls: made
 * @cleared: of them, as the library counts
 */
struct flush_count {
	uint32_t nr_slots;
	uint32_t run;
	uint32_t nr_runs;
	uint64_t calls;
	uint64_t cleared;
};

#define FLUSH_COUNTS_MAX 16u

extern struct flush_count flush_counts[FLUSH_COUNTS_MAX];
extern unsigned int nr_flush_counts;

/** flush_count_all() - exact: no clock is read. */
void flush_count_all(void);

/** flush_calls_each() - the most calls a run. */
double flush_calls_each(void);

/**
 * struct limits - what this machine asks for things that cannot be avoided
 * @two_locked: two locked instructions on a line of one's own cache
 * @line_moves: a locked instruction on a line that another CPU wrote last
 * @system_call: one that does nothing
 * @set: mmap() of a frame into addresses that are reserved
 * @fault: the first touch of it
 * @clear: one mmap() over a quarter of the slots, a slot
 */
struct limits {
	struct samples two_locked;
	struct samples line_moves;
	struct samples system_call;
	struct samples set;
	struct samples fault;
	struct samples clear;
};

extern struct limits limits;

/** limits_measure() - all of them. */
void limits_measure(void);

/* --- spin.c ------------------------------------------------------------------- */

/**
 * spin() - touch @nr frames through one contender, in this process
 * @name: contender
 * @misses: frames that are not mapped, or those that are
 *
 * Return: false for another name, or frames without their number.
 */
bool spin(const char *name, bool misses, uint32_t nr);

/* --- report.c, plot.c --------------------------------------------------------- */

/** report_print() - tables. */
void report_print(void);

/** report_record() - for machines. */
void report_record(void);

/** bars_set() - compare with what was promised. */
void bars_set(void);

/** notes_print() - what a reader of the bars should know. */
void notes_print(void);

/** plot_write() - the picture. */
void plot_write(const char *path);

#endif
