// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Stress of windows: stress_window [--seconds N] [--threads N] [--seed N]
 *
 * A file of pages that carry their numbers. Threads map pieces of it through
 * two windows, of small slots and of large ones, in every way there is, and
 * look at each page's number. Meanwhile workers, processes with windows of
 * their own over the same file, do the same and are killed at random points.
 *
 * Every writer has a word in each page that nobody else writes, and notes in
 * shared memory what it is about to write there. So a word is what was noted,
 * or one less if its writer was killed between the two; whoever takes a killed
 * worker's place finds out which, and the end of the test looks at all.
 *
 * What a thread does is drawn from its seed; the interleaving is the kernel's.
 */
#define _GNU_SOURCE
#include <libnoalias.h>

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define NR_PAGES 2048u
#define NR_HOT 24u
#define NR_WORKERS 3u
#define WORKER_THREADS 2u
#define THREADS_MAX 32u
#define NR_WRITERS (THREADS_MAX + NR_WORKERS * WORKER_THREADS)
#define NR_HELD 3u

/* A page: its number, then a word for each writer. */
struct page {
	uint32_t number;
	uint32_t words[NR_WRITERS];
	uint8_t pad[PAGE - 4 * (NR_WRITERS + 1)];
};

/* notes: what each writer's word is, or is about to become */
struct shared {
	bool stop;
	uint64_t nr_steps;
	uint64_t nr_killed;
	uint32_t notes[NR_WRITERS][NR_PAGES];
};

struct held {
	char *addr;
	uint32_t number;
};

struct actor {
	struct noalias_window *windows[2];
	unsigned int writer;
	uint64_t seed;
	struct held held[NR_HELD];
	pthread_t thread;
};

static struct shared *shared;
static int file;

/* --- trouble ------------------------------------------------------------------ */

__attribute__((noreturn, format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("# %s (process %d)\n# last message: %s\nBail out! stress\n",
	       text, (int)getpid(), noalias_error_message());
	fflush(stdout);
	_exit(1);
}

#define EXPECT(cond) \
	do { \
		if (!(cond)) \
			fail("%s:%d: not true: %s", __FILE__, __LINE__, #cond); \
	} while (0)

/* --- choices -------------------------------------------------------------------- */

static uint32_t draw(struct actor *actor, uint32_t below)
{
	actor->seed ^= actor->seed >> 12;
	actor->seed ^= actor->seed << 25;
	actor->seed ^= actor->seed >> 27;
	return (uint32_t)((actor->seed * 0x2545f4914f6cdd1dull >> 32) % below);
}

/* Most pages are drawn from few: hits and revivals, not only misses. */
static uint32_t draw_page(struct actor *actor, uint32_t nr)
{
	return draw(actor, draw(actor, 4) ? NR_HOT : NR_PAGES - nr);
}

static struct noalias_window *draw_window(struct actor *actor)
{
	return actor->windows[draw(actor, 4) == 0];
}

/* --- what is looked at -------------------------------------------------------------- */

static void check_number(const struct page *page, uint32_t number)
{
	uint32_t found = __atomic_load_n(&page->number, __ATOMIC_RELAXED);

	if (found != number)
		fail("page %u is seen where page %u is mapped, at %p", found,
		     number, (const void *)page);
}

static void write_word(struct actor *actor, struct page *page, uint32_t number)
{
	uint32_t *note = &shared->notes[actor->writer][number];
	uint32_t *word = &page->words[actor->writer];
	uint32_t found = __atomic_load_n(word, __ATOMIC_RELAXED);

	if (found != *note)
		fail("page %u: word of writer %u is %u, should be %u", number,
		     actor->writer, found, *note);
	__atomic_store_n(note, found + 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(word, found + 1, __ATOMIC_SEQ_CST);
}

static void look_at(struct actor *actor, char *addr, uint32_t first,
		    uint32_t nr)
{
	struct page *page = (struct page *)(void *)addr;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		check_number(&page[i], first + i);
		if (draw(actor, 4) == 0)
			write_word(actor, &page[i], first + i);
		check_number(&page[i], first + i);
	}
}

/* --- steps --------------------------------------------------------------------------- */

static uint32_t draw_length(struct actor *actor)
{
	return draw(actor, 8) ? 1 : draw(actor, 4) + 1;
}

static bool holds_some(const struct actor *actor)
{
	unsigned int i;

	for (i = 0; i < NR_HELD; i++)
		if (actor->held[i].addr)
			return true;
	return false;
}

/* Who holds some and wants more must not wait for ever. */
static bool map_some(struct actor *actor, struct noalias_window *window,
		     uint64_t offset, size_t len, void **addr)
{
	int err;

	if (!holds_some(actor)) {
		EXPECT(!noalias_window_map(window, offset, len, addr));
		return true;
	}
	err = noalias_window_map_timeout(window, offset, len,
					 draw(actor, 2) ? 0 : 200000, addr);
	if (err == -ETIMEDOUT)
		return false;
	EXPECT(!err);
	return true;
}

static void map_and_unmap(struct actor *actor)
{
	struct noalias_window *window = draw_window(actor);
	uint32_t nr = draw_length(actor), first = draw_page(actor, nr);
	void *addr;

	if (!map_some(actor, window, (uint64_t)first * PAGE, nr * PAGE, &addr))
		return;
	look_at(actor, addr, first, nr);
	EXPECT(!noalias_window_unmap(window, addr, nr * PAGE));
}

static void map_locally(struct actor *actor)
{
	struct noalias_window *window = actor->windows[0];
	uint32_t one = draw_page(actor, 1), two = draw_page(actor, 1);
	void *first, *second;

	EXPECT(!noalias_window_local_map(window, (uint64_t)one * PAGE, PAGE,
					 &first));
	EXPECT(!noalias_window_local_map(window, (uint64_t)two * PAGE, PAGE,
					 &second));
	look_at(actor, first, one, 1);
	look_at(actor, second, two, 1);
	EXPECT(!noalias_window_local_unmap(window, second));
	look_at(actor, first, one, 1);
	EXPECT(!noalias_window_local_unmap(window, first));
}

/* Pieces with odd ends: the number of the page in the middle is in them. */
static void map_odd_piece(struct actor *actor)
{
	struct noalias_window *window = draw_window(actor);
	uint32_t before = draw(actor, PAGE), after = draw(actor, PAGE);
	uint32_t number = draw_page(actor, 2);
	uint64_t offset = (uint64_t)number * PAGE;
	void *addr;

	if (before > offset)
		before = 0;
	if (!map_some(actor, window, offset - before, before + 4 + after,
		      &addr))
		return;
	check_number((struct page *)(void *)((char *)addr + before), number);
	EXPECT(!noalias_window_unmap(window, addr, before + 4 + after));
}

static void release(struct actor *actor, struct held *held)
{
	look_at(actor, held->addr, held->number, 1);
	EXPECT(!noalias_window_unmap(actor->windows[0], held->addr, PAGE));
	held->addr = NULL;
}

static void release_all(struct actor *actor)
{
	unsigned int i;

	for (i = 0; i < NR_HELD; i++)
		if (actor->held[i].addr)
			release(actor, &actor->held[i]);
}

static void hold_or_release(struct actor *actor)
{
	struct held *held = &actor->held[draw(actor, NR_HELD)];
	uint32_t number = draw_page(actor, 1);
	void *addr;

	if (held->addr) {
		release(actor, held);
	} else if (map_some(actor, actor->windows[0], (uint64_t)number * PAGE,
			    PAGE, &addr)) {
		held->addr = addr;
		held->number = number;
		look_at(actor, addr, number, 1);
	}
}

static void purge_some(struct actor *actor)
{
	int err = noalias_window_purge(draw_window(actor),
				       (uint64_t)draw_page(actor, 16) * PAGE,
				       16 * PAGE);

	EXPECT(!err || err == -EBUSY);
}

static void misuse(struct actor *actor)
{
	struct noalias_window *window = draw_window(actor);
	void *addr;

	EXPECT(noalias_window_map(window, NR_PAGES * PAGE - 1, 2, &addr) ==
	       -ERANGE);
	EXPECT(noalias_window_unmap(window, actor, 1) == -EINVAL);
}

static void step(struct actor *actor)
{
	uint32_t choice = draw(actor, 100);

	if (choice < 20) {
		hold_or_release(actor);
	} else if (choice < 75) {
		map_and_unmap(actor);
	} else if (choice < 83) {
		map_locally(actor);
	} else if (choice < 93) {
		map_odd_piece(actor);
	} else if (choice < 94) {
		purge_some(actor);
	} else if (choice < 95 && draw(actor, 20) == 0) {
		EXPECT(!noalias_kmap_flush_unused(draw_window(actor)));
	} else {
		misuse(actor);
	}
}

static void *act(void *arg)
{
	struct actor *actor = arg;
	uint64_t nr = 0;

	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		step(actor);
		nr++;
	}
	release_all(actor);
	__atomic_add_fetch(&shared->nr_steps, nr, __ATOMIC_RELAXED);
	return NULL;
}

/* --- actors ----------------------------------------------------------------------------- */

static void open_windows(struct noalias_window *windows[2])
{
	struct noalias_window_options options = {
		.size = sizeof(options), .nr_slots = 16, .local_depth = 2,
		.flags = NOALIAS_WINDOW_NO_SHRINK,
	};

	EXPECT(!noalias_window_open(file, &options, &windows[0]));
	options.granule = 16 * PAGE;
	options.nr_slots = 12;
	EXPECT(!noalias_window_open(file, &options, &windows[1]));
}

static void start(struct actor *actors, unsigned int nr, unsigned int writer,
		  uint64_t seed)
{
	struct noalias_window *windows[2];
	unsigned int i;

	open_windows(windows);
	for (i = 0; i < nr; i++) {
		memset(&actors[i], 0, sizeof(actors[i]));
		memcpy(actors[i].windows, windows, sizeof(windows));
		actors[i].writer = writer + i;
		actors[i].seed = (seed + i + 1) * 0x9e3779b97f4a7c15ull | 1;
		EXPECT(!pthread_create(&actors[i].thread, NULL, act,
				       &actors[i]));
	}
}

static void join(struct actor *actors, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		EXPECT(!pthread_join(actors[i].thread, NULL));
}

static void pread_page(struct page *page, uint32_t number)
{
	EXPECT(pread(file, page, PAGE, (off_t)number * PAGE) == PAGE);
	EXPECT(page->number == number);
}

/* The word of a writer that may have been killed before it wrote. */
static void settle(unsigned int writer)
{
	uint32_t number, *note;
	struct page page;

	for (number = 0; number < NR_PAGES; number++) {
		pread_page(&page, number);
		note = &shared->notes[writer][number];
		if (page.words[writer] + 1 == *note)
			*note = page.words[writer];
		EXPECT(page.words[writer] == *note);
	}
}

/* --- workers ------------------------------------------------------------------------------ */

__attribute__((noreturn)) static void work(unsigned int idx, uint64_t seed)
{
	unsigned int writer = THREADS_MAX + idx * WORKER_THREADS, i;
	struct actor actors[WORKER_THREADS];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < WORKER_THREADS; i++)
		settle(writer + i);
	start(actors, WORKER_THREADS, writer, seed);
	join(actors, WORKER_THREADS);
	_exit(0);
}

static pid_t fork_worker(unsigned int idx, uint64_t seed)
{
	pid_t pid = fork();

	if (!pid)
		work(idx, seed);
	EXPECT(pid > 0);
	return pid;
}

/* SIGKILL is what we sent; an exit is a worker that found something. */
static void reap(pid_t pid)
{
	int status;

	EXPECT(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(1);
	EXPECT(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
}

/* One of the workers dies each 2 to 40 ms; another takes its place. */
__attribute__((noreturn)) static void keep_workers(uint64_t seed)
{
	struct actor dice = { .seed = seed | 1 };
	pid_t pids[NR_WORKERS];
	struct timespec pause = { 0 };
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < NR_WORKERS; i++)
		pids[i] = fork_worker(i, draw(&dice, UINT32_MAX));
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		pause.tv_nsec = 2000000 + draw(&dice, 38000000);
		nanosleep(&pause, NULL);
		i = draw(&dice, NR_WORKERS);
		kill(pids[i], SIGKILL);
		reap(pids[i]);
		__atomic_add_fetch(&shared->nr_killed, 1, __ATOMIC_RELAXED);
		pids[i] = fork_worker(i, draw(&dice, UINT32_MAX));
	}
	for (i = 0; i < NR_WORKERS; i++)
		reap(pids[i]);
	_exit(0);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void make_file(void)
{
	uint32_t number;

	file = memfd_create("stress", MFD_CLOEXEC);
	EXPECT(file >= 0 && !ftruncate(file, (off_t)NR_PAGES * PAGE));
	for (number = 0; number < NR_PAGES; number++)
		EXPECT(pwrite(file, &number, 4, (off_t)number * PAGE) == 4);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(shared != MAP_FAILED);
}

static void check_counts(struct noalias_window *window, const char *name)
{
	struct noalias_window_stats s;

	EXPECT(!noalias_window_stats(window, &s, sizeof(s)));
	printf("# %s: hits %llu revivals %llu misses %llu locals %llu waits %llu reclaimed %llu purged %llu calls %llu+%llu\n",
	       name, (unsigned long long)s.hits,
	       (unsigned long long)s.revivals, (unsigned long long)s.misses,
	       (unsigned long long)s.locals, (unsigned long long)s.waits,
	       (unsigned long long)s.reclaimed, (unsigned long long)s.purged,
	       (unsigned long long)s.calls_set,
	       (unsigned long long)s.calls_clear);
	EXPECT(!s.live && !s.lost);
	EXPECT(s.misses && s.hits && s.revivals && s.reclaimed && s.purged);
	EXPECT(s.misses == s.reclaimed + s.purged + s.stale);
	EXPECT(!noalias_window_close(window));
}

static void wait_until_end(unsigned int seconds, pid_t keeper)
{
	struct timespec end;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL))
		;
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	EXPECT(waitpid(keeper, &status, 0) == keeper);
	EXPECT(!status);
}

static void stress(unsigned int seconds, unsigned int nr_threads, uint64_t seed)
{
	struct actor actors[THREADS_MAX];
	unsigned int writer;
	pid_t keeper;

	make_file();
	fflush(stdout);
	keeper = fork();
	if (!keeper)
		keep_workers(seed);
	EXPECT(keeper > 0);
	start(actors, nr_threads, 0, seed);
	wait_until_end(seconds, keeper);
	join(actors, nr_threads);
	printf("# %llu steps, %llu workers killed\n",
	       (unsigned long long)shared->nr_steps,
	       (unsigned long long)shared->nr_killed);
	printf("ok 1 - threads_see_their_pages\n");
	EXPECT(shared->nr_killed);
	for (writer = 0; writer < NR_WRITERS; writer++)
		settle(writer);
	printf("ok 2 - killed_workers_harm_nobody\n");
	check_counts(actors[0].windows[0], "small slots");
	check_counts(actors[0].windows[1], "large slots");
	printf("ok 3 - counts_add_up\n1..3\n");
}

static unsigned int number_of(const char *text, unsigned int max)
{
	unsigned long number = strtoul(text, NULL, 0);

	if (number && number <= max)
		return (unsigned int)number;
	fprintf(stderr, "stress_window: %s: must be 1 to %u\n", text, max);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "threads", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 'r' },
		{ "list", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int seconds = 60, nr_threads = 8;
	uint64_t seed = (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
	int opt;

	while ((opt = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (opt == 's')
			seconds = number_of(optarg, 86400);
		else if (opt == 't')
			nr_threads = number_of(optarg, THREADS_MAX);
		else if (opt == 'r')
			seed = strtoull(optarg, NULL, 0);
		else
			return opt == 'l' ? 0 : 2;
	}
	printf("# seed %llu, %u seconds, %u threads\n",
	       (unsigned long long)seed, seconds, nr_threads);
	stress(seconds, nr_threads, seed);
	return 0;
}
