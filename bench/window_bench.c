// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What the engine's own work for a window costs, in this process.
 *
 * The port is next to nothing: an entry is a word in an array, a shootdown
 * counts itself. So the figures are the engine's, and those of a real port
 * come on top. (The port of tests/fake checks each call, and would be most of
 * what is measured.) The same frames through a pool with one lock, the way kmap()
 * does it, are printed beside: an array instead of an index, no memory types.
 *
 * Time is CPU time of the threads, the best of several tries: a machine with
 * other work to do shows the same figures.
 *
 *   gcc -O2 -pthread -Iinclude -Iport/user bench/window_bench.c \
 *	engine/window*.c engine/{machine,ledger,effect,effect_window,purge}.c
 *
 * Usage: window_bench [--quick] [--threads N]
 */
#include <noalias/effect.h>
#include <noalias/window.h>

#include <time.h>

#define NR_SLOTS 512u
#define NR_FRAMES 65536u
#define NR_THREADS_MAX 64u
#define NR_TRIES 5u

struct na_port {
	u32 nr_cpus;
	u64 nr_shootdowns;
};

struct na_port_range {
	struct na_port *port;
	u64 entries[];
};

static __thread u32 cpu;

/* --- the port --------------------------------------------------------------- */

void *na_port_alloc(struct na_port *port, size_t len)
{
	(void)port;
	return calloc(1, len);
}

void na_port_free(struct na_port *port, void *mem)
{
	(void)port;
	free(mem);
}

u64 na_port_time_ns(struct na_port *port)
{
	struct timespec now;

	(void)port;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

u32 na_port_nr_cpus(struct na_port *port)
{
	return port->nr_cpus;
}

u32 na_port_cpu_get(struct na_port *port)
{
	(void)port;
	return cpu;
}

void na_port_cpu_put(struct na_port *port)
{
	(void)port;
}

bool na_port_tlb_may_speculate(struct na_port *port)
{
	(void)port;
	return true;
}

int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **range)
{
	*range = calloc(1, sizeof(**range) + nr_slots * sizeof(u64));
	if (!*range)
		return -ENOMEM;
	(*range)->port = port;
	return 0;
}

void na_port_range_close(struct na_port_range *range)
{
	free(range);
}

void *na_port_range_addr(struct na_port_range *range, u32 idx)
{
	return &range->entries[idx];
}

struct na_cpus na_port_range_cpus(struct na_port_range *range)
{
	(void)range;
	return (struct na_cpus){ .bits = ~0ull };
}

int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < run.nr; i++)
		range->entries[idx + i] = (u64)(run.first.nr + i) << 3 |
					  (u64)type << 1 | 1;
	return 0;
}

void na_port_window_clear(struct na_port_range *range, const u32 *idxs,
			  u32 nr)
{
	while (nr--)
		range->entries[idxs[nr]] = 0;
}

bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type)
{
	u64 entry = range->entries[idx];

	*frame = na_frame((unsigned long)(entry >> 3));
	*type = (enum na_memtype)(entry >> 1 & 3);
	return entry & 1;
}

u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus)
{
	(void)idxs;
	(void)nr;
	(void)cpus;
	range->port->nr_shootdowns++;
	return 0;
}

void na_port_window_invalidate(struct na_port_range *range, u32 idx)
{
	(void)range;
	(void)idx;
}

int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns)
{
	(void)port;
	(void)timeout_ns;
	while (na_atomic32_read(word) == seen)
		sched_yield();
	return 0;
}

void na_port_wake(struct na_port *port, na_atomic32_t *word)
{
	(void)port;
	(void)word;
}

void na_port_tlb_flush(struct na_port *port)
{
	port->nr_shootdowns++;
}

void na_port_kmap_purge(struct na_port *port)
{
	(void)port;
}

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	(void)port;
	return 0;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	(void)port;
	(void)lowest;
	(void)highest;
	(void)bloom;
	return 0;
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

bool na_port_hears(struct na_port *port, enum na_effect_kind kind)
{
	(void)port;
	(void)kind;
	return false;
}

void na_port_effect(struct na_port *port, struct na_effect *effect)
{
	(void)port;
	(void)effect;
}

/* --- the same with one lock ----------------------------------------------------- */

/* Frame to slot by a table, users by count: what kmap() does on a hit. */
static struct {
	pthread_spinlock_t lock;
	u32 users[NR_FRAMES];
	void *addrs[NR_FRAMES];
} pool;

static void *pool_map(unsigned long frame)
{
	void *addr;

	pthread_spin_lock(&pool.lock);
	addr = pool.addrs[frame];
	pool.users[frame]++;
	pthread_spin_unlock(&pool.lock);
	return addr;
}

static void pool_unmap(unsigned long frame)
{
	pthread_spin_lock(&pool.lock);
	pool.users[frame]--;
	pthread_spin_unlock(&pool.lock);
}

/* --- measuring --------------------------------------------------------------------- */

static struct na_port port;
static struct na_machine machine;
static struct na_window_set *set;
static u32 nr_rounds = 2000000;
static volatile bool has_failed;

struct job {
	pthread_t thread;
	pthread_barrier_t *start;
	void (*run)(struct job *job);
	u32 id;
	u32 first, nr;	/* frames, in turn */
	u64 cpu_ns;
};

static void run_windows(struct job *job)
{
	struct na_window window;
	u32 i, at = 0;

	for (i = 0; i < nr_rounds; i++) {
		if (na_window_map(set, na_frame(job->first + at), &window))
			has_failed = true;
		na_window_unmap(set, window);
		at = at + 1 == job->nr ? 0 : at + 1;
	}
}

static void run_locals(struct job *job)
{
	struct na_window_local local;
	u32 i;

	for (i = 0; i < nr_rounds; i++) {
		if (na_window_local_map(set, na_frame(job->first), &local))
			has_failed = true;
		na_window_local_unmap(set, local);
	}
}

static void run_pool(struct job *job)
{
	u32 i, at = 0;

	for (i = 0; i < nr_rounds; i++) {
		(void)pool_map(job->first + at);
		pool_unmap(job->first + at);
		at = at + 1 == job->nr ? 0 : at + 1;
	}
}

static u64 thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

static void *job_thread(void *arg)
{
	struct job *job = arg;

	cpu = job->id;
	pthread_barrier_wait(job->start);
	job->cpu_ns = thread_ns();
	job->run(job);
	job->cpu_ns = thread_ns() - job->cpu_ns;
	return NULL;
}

/* CPU time of a map and unmap when @nr_threads threads do it at once. */
static double measure_once(void (*run)(struct job *job), u32 nr_threads,
			   u32 nr_frames, bool is_shared)
{
	struct job jobs[NR_THREADS_MAX];
	pthread_barrier_t start;
	u64 sum_ns = 0;
	u32 i;

	pthread_barrier_init(&start, NULL, nr_threads);
	for (i = 0; i < nr_threads; i++) {
		jobs[i] = (struct job){
			.start = &start, .run = run, .id = i,
			.first = is_shared ? 0 : i * nr_frames,
			.nr = nr_frames,
		};
		pthread_create(&jobs[i].thread, NULL, job_thread, &jobs[i]);
	}
	for (i = 0; i < nr_threads; i++) {
		pthread_join(jobs[i].thread, NULL);
		sum_ns += jobs[i].cpu_ns;
	}
	pthread_barrier_destroy(&start);
	return (double)sum_ns / nr_threads / nr_rounds;
}

static double measure(void (*run)(struct job *job), u32 nr_threads,
		      u32 nr_frames, bool is_shared)
{
	double best = 0, one;
	u32 i;

	for (i = 0; i < NR_TRIES; i++) {
		one = measure_once(run, nr_threads, nr_frames, is_shared);
		best = !best || one < best ? one : best;
	}
	return best;
}

static void print_line(const char *what, u32 nr_threads, double ns)
{
	printf("%-44s %2u threads %8.1f ns\n", what, nr_threads, ns);
}

static void bench_hits(u32 nr_threads)
{
	print_line("window, stale frames of its own", nr_threads,
		   measure(run_windows, nr_threads, 8, false));
	print_line("window, one frame for all", nr_threads,
		   measure(run_windows, nr_threads, 1, true));
	print_line("one lock, frames of its own", nr_threads,
		   measure(run_pool, nr_threads, 8, false));
	print_line("one lock, one frame for all", nr_threads,
		   measure(run_pool, nr_threads, 1, true));
	print_line("local window", nr_threads,
		   measure(run_locals, nr_threads, 1, false));
}

/* Each map takes a slot from another frame. */
static void bench_misses(void)
{
	u64 before = port.nr_shootdowns;
	u64 misses = na_window_stat(set, NA_WINDOW_MISSES);
	double ns = measure(run_windows, 1, NR_SLOTS * 4, false);

	print_line("window, four times as many frames as slots", 1, ns);
	printf("misses for each shootdown: %.1f\n",
	       (double)(na_window_stat(set, NA_WINDOW_MISSES) - misses) /
	       (double)(port.nr_shootdowns - before));
}

static u32 parse(int argc, char **argv)
{
	u32 nr_threads = 2;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--quick")) {
			nr_rounds = 20000;
		} else if (!strcmp(argv[i], "--threads") && i + 1 < argc) {
			nr_threads = (u32)strtoul(argv[++i], NULL, 10);
		} else {
			fprintf(stderr,
				"usage: window_bench [--quick] [--threads N]\n");
			exit(2);
		}
	}
	return nr_threads && nr_threads <= NR_THREADS_MAX ? nr_threads : 1;
}

int main(int argc, char **argv)
{
	struct na_window_config config = {
		.nr_slots = NR_SLOTS, .local_depth = 1,
	};
	u32 nr_threads = parse(argc, argv), nr;

	port.nr_cpus = NR_THREADS_MAX;
	pthread_spin_init(&pool.lock, PTHREAD_PROCESS_PRIVATE);
	if (na_machine_init(&machine, &port, NR_FRAMES) ||
	    na_window_set_create(&machine, &config, &set))
		return 2;
	for (nr = 1; nr <= nr_threads; nr *= 2)
		bench_hits(nr);
	bench_misses();
	na_window_set_destroy(set);
	na_machine_fini(&machine);
	return has_failed;
}
