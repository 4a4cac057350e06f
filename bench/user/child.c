// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A contender in a separate process. The parent passes the duration and
 * receives the results. The contenders of a case exist at the same time, but
 * take turns, so that only one runs.
 *
 * Threads begin a slice together, and each ends it by its own clock, read once
 * in many accesses, but not before as many slots have been pointed as there
 * are, so that reclaim is part of every slice. One thread alone is timed by its
 * CPU time, which is right also on a busy machine; several by the wall clock,
 * because they wait for each other.
 *
 * The main thread waits on the CPU of the first one: the measurement with one
 * thread is of a process on one CPU, but with two threads, so that the C
 * library does not skip locks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

/* The clock is read about this often. */
#define LOOK_NS		50000u
#define CHUNK_MAX	(1u << 16)
/* Longest slice that waits for reclaim. */
#define SLICE_MAX_NS	2000000000u
/* Longest warm-up. */
#define WARM_NS		1500000000u

struct child {
	pid_t pid;
	int to;
	int from;
	const char *name;
};

/*
 * chunk: accesses between two looks at the clock
 * limit: accesses to make at most; 0: until the slice is over
 */
struct worker {
	struct room *room;
	unsigned int idx;
	pthread_t thread;
	struct job job;
	uint32_t chunk;
	uint64_t limit;
	uint64_t took_ns;
	struct tally tally;
};

/* What the threads of a child share. */
struct room {
	const struct bench_case *c;
	const struct contender *contender;
	struct subject subject;
	uint64_t slice_ns;
	pthread_barrier_t start;
	volatile bool stop;
	struct worker workers[THREADS_MAX];
};

struct reply {
	double ns;
	uint64_t nr_wrong;
	struct tally tally;
};

/* --- CPUs --------------------------------------------------------------------- */

static unsigned int cpus[NR_CPUS_MAX];
static unsigned int nr_cpus;

unsigned int cpus_find(void)
{
	cpu_set_t set;
	unsigned int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		die("sched_getaffinity: %s", strerror(errno));
	for (cpu = 0; cpu < CPU_SETSIZE && nr_cpus < NR_CPUS_MAX; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[nr_cpus++] = cpu;
	return nr_cpus;
}

void pin_thread(unsigned int idx)
{
	pin_to_cpu(cpus[idx % nr_cpus]);
}

/* --- a slice -------------------------------------------------------------------- */

static void adapt_chunk(struct worker *worker, uint64_t took_ns)
{
	if (took_ns < LOOK_NS / 2 && worker->chunk < CHUNK_MAX)
		worker->chunk *= 2;
	else if (took_ns > LOOK_NS * 2 && worker->chunk > 1)
		worker->chunk /= 2;
}

static uint64_t clock_ns(const struct room *room)
{
	struct timespec time;

	if (room->c->nr_threads > 1)
		return now_ns();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static bool is_over(const struct worker *worker, uint64_t nr, uint64_t calls,
		    uint64_t took_ns)
{
	const struct room *room = worker->room;

	if (worker->limit)
		return nr >= worker->limit;
	if (took_ns < room->slice_ns)
		return false;
	return room->contender->calls_each || took_ns > SLICE_MAX_NS ||
	       !calls || calls >= room->c->nr_slots / room->c->nr_threads;
}

static void run_slice(struct worker *worker)
{
	struct room *room = worker->room;
	uint64_t start = clock_ns(room), last = start, now, nr = 0;
	struct tally before = tally_now();

	do {
		room->contender->run(&room->subject, &worker->job,
				     worker->chunk);
		nr += worker->chunk;
		now = clock_ns(room);
		adapt_chunk(worker, now - last);
		last = now;
	} while (!is_over(worker, nr, tally_calls() - before.calls,
			  now - start));
	worker->took_ns = now - start;
	worker->tally = tally_sub(tally_now(), before);
	worker->tally.nr = nr;
}

/* Fill every slot, then measure how they are emptied. */
static void run_flush(struct worker *worker)
{
	struct room *room = worker->room;
	struct tally before;
	uint64_t start;

	room->contender->run(&room->subject, &worker->job, room->c->nr_set);
	before = tally_now();
	start = clock_ns(room);
	room->contender->flush(&room->subject);
	worker->took_ns = clock_ns(room) - start;
	worker->tally = tally_sub(tally_now(), before);
	worker->tally.nr = room->c->nr_set;
	room->stop = true;
}

/* A CPU that may have translations has to be told. */
static void keep_busy(const struct room *room)
{
	while (!room->stop)
		;
}

static void *worker_thread(void *arg)
{
	struct worker *worker = arg;
	struct room *room = worker->room;

	pin_thread(worker->idx);
	pthread_barrier_wait(&room->start);
	if (room->c->group != GROUP_FLUSH)
		run_slice(worker);
	else if (!worker->idx)
		run_flush(worker);
	else
		keep_busy(room);
	return NULL;
}

static void run_threads(struct room *room, unsigned int nr)
{
	unsigned int i;
	int err;

	room->stop = false;
	pthread_barrier_init(&room->start, NULL, nr);
	for (i = 0; i < nr; i++) {
		err = pthread_create(&room->workers[i].thread, NULL,
				     worker_thread, &room->workers[i]);
		if (err)
			die("no thread: %s", strerror(err));
	}
	for (i = 0; i < nr; i++)
		pthread_join(room->workers[i].thread, NULL);
	pthread_barrier_destroy(&room->start);
}

static uint64_t misses_now(const struct room *room)
{
	return room->contender->misses ?
	       room->contender->misses(&room->subject) : 0;
}

/* Time of a thread an access: the mean over the threads. */
static struct reply measure(struct room *room)
{
	unsigned int nr = room->c->nr_threads, i;
	uint64_t misses = misses_now(room), nr_timed = nr;
	struct reply reply = { .ns = 0 };

	if (room->c->group == GROUP_FLUSH)
		nr_timed = 1;
	run_threads(room, nr);
	for (i = 0; i < nr_timed; i++) {
		const struct worker *worker = &room->workers[i];

		reply.ns += (double)worker->took_ns /
			    (double)worker->tally.nr / (double)nr_timed;
		reply.tally = tally_add(reply.tally, worker->tally);
		reply.nr_wrong += worker->job.nr_wrong;
	}
	reply.tally.misses = room->contender->calls_each ? reply.tally.nr :
			     misses_now(room) - misses;
	return reply;
}

/* --- beginning -------------------------------------------------------------------- */

/* Every frame of the working set once, so that nothing is met first later. */
static void warm_set(struct room *room)
{
	struct job job = room->workers[0].job;
	uint32_t i;

	job.trace = (struct trace){ .frames = data.order,
				    .nr = room->c->nr_set };
	job.at = 0;
	job.updates = false;
	room->contender->run(&room->subject, &job, room->c->nr_set);
	if (room->c->group != GROUP_HIT || !room->contender->hold)
		return;
	for (i = 0; i < room->c->nr_set; i++)
		room->contender->hold(&room->subject, data.order[i]);
}

/* Until every slot has been pointed and a quarter of them taken back. */
static void warm_trace(struct room *room)
{
	struct job *job = &room->workers[0].job;
	uint32_t nr = room->c->nr_slots;
	uint64_t until = now_ns() + (options.quick ? WARM_NS / 10 : WARM_NS);
	uint64_t first = misses_now(room), looks;
	bool updates = job->updates;

	job->updates = false;
	for (looks = 0; looks < 16ull * nr && now_ns() < until; looks += 256) {
		room->contender->run(&room->subject, job, 256);
		if (misses_now(room) - first > nr + nr / 4)
			break;
	}
	job->updates = updates;
}

static void prepare_worker(struct room *room, unsigned int idx)
{
	struct worker *worker = &room->workers[idx];

	worker->room = room;
	worker->idx = idx;
	worker->chunk = 1;
	/* Only counted: the same number by each thread. */
	worker->limit = room->c->counts_only ? 2000 : 0;
	worker->job.trace = room->c->traces[idx];
	worker->job.updates = room->c->group == GROUP_UPDATE;
	worker->job.buffer = aligned_alloc(FRAME_LEN, FRAME_LEN);
	if (!worker->job.buffer)
		die("no memory");
}

static void prepare(struct room *room)
{
	unsigned int i;

	for (i = 0; i < room->c->nr_threads; i++)
		prepare_worker(room, i);
	pin_thread(0);
	room->subject.nr_slots = room->c->nr_slots;
	room->contender->open(&room->subject);
	if (room->contender->calls_each || room->c->group == GROUP_FLUSH)
		return;
	if (room->c->group <= GROUP_SHARED)
		warm_set(room);
	else
		warm_trace(room);
}

/* --- parent and child ----------------------------------------------------------------- */

static bool get(int fd, void *to, size_t len)
{
	ssize_t got = read(fd, to, len);

	return got == (ssize_t)len;
}

static void put(int fd, const void *from, size_t len)
{
	if (write(fd, from, len) != (ssize_t)len)
		die("a contender does not listen: %s", strerror(errno));
}

__attribute__((noreturn)) static void serve(const struct bench_case *c,
					    unsigned int contender, int from,
					    int to)
{
	struct room room = { .c = c, .contender = &contenders[contender] };
	struct reply reply;
	char is_ready = 1;

	/* Children must not outlive the parent. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prepare(&room);
	put(to, &is_ready, sizeof(is_ready));
	while (get(from, &room.slice_ns, sizeof(room.slice_ns))) {
		reply = measure(&room);
		put(to, &reply, sizeof(reply));
	}
	fflush(stdout);
	_exit(0);
}

static void make_pipe(int fds[2])
{
	if (pipe(fds))
		die("no pipe: %s", strerror(errno));
}

static struct child *await_ready(struct child *child)
{
	char is_ready;

	if (!get(child->from, &is_ready, sizeof(is_ready)))
		die("contender %s did not start", child->name);
	return child;
}

struct child *child_start(const struct bench_case *c, unsigned int contender)
{
	struct child *child = calloc(1, sizeof(*child));
	int down[2], up[2];

	if (!child)
		die("no memory");
	make_pipe(down);
	make_pipe(up);
	fflush(stdout);
	child->name = contenders[contender].name;
	child->pid = fork();
	if (child->pid < 0)
		die("no process: %s", strerror(errno));
	if (!child->pid) {
		close(down[1]);
		close(up[0]);
		serve(c, contender, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	child->to = down[1];
	child->from = up[0];
	return await_ready(child);
}

double child_run(struct child *child, uint64_t slice_ns, struct tally *tally)
{
	struct reply reply;

	put(child->to, &slice_ns, sizeof(slice_ns));
	if (!get(child->from, &reply, sizeof(reply)))
		die("contender %s died", child->name);
	if (reply.nr_wrong)
		die("contender %s: %llu frames without their number",
		    child->name, (unsigned long long)reply.nr_wrong);
	*tally = tally_add(*tally, reply.tally);
	return reply.ns;
}

static const char end_word[1];

void child_end(struct child *child)
{
	int status;

	/* A short read is the end, even if others hold the pipe open. */
	put(child->to, end_word, sizeof(end_word));
	close(child->to);
	close(child->from);
	if (waitpid(child->pid, &status, 0) != child->pid || status)
		die("contender %s did not end well", child->name);
	free(child);
}
