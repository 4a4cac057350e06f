// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Starts the workers of fuzz.h, starts again whoever died, and has the verdict.
 *
 * From the environment, and so from the kernel's command line: na_fuzz_seed,
 * na_fuzz_seconds, na_fuzz_members.
 *
 * What was done last is in a ring that all share, and is said when a promise
 * was broken. After a panic nobody can say it: so each operation is a line of
 * the kernel's trace as well, which the kernel is asked to print then.
 *
 * kills: a frame given to the next owner with the contents of the last; a
 * reference, a charge or a frame kept on some way out; a mapping that shows
 * other frames, or that the kernel can pin; an answer about another buffer
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <grp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define NOBODY 65534
#define HUNG_MS 120000
#define END_MS 60000
/* So often tried and never done: it tests nothing. */
#define TRIES_MAX 100

struct fuzz fuzz = { .marker = -1 };
struct fuzz_self self;

static struct fuzz_op ops[OPS_MAX];
static size_t nr_ops_known;
static pid_t group;

static const struct fuzz_op *const parts[] = {
	fuzz_buffer_ops, fuzz_area_ops, fuzz_pin_ops, fuzz_process_ops,
	fuzz_import_ops, fuzz_warden_ops,
};

static const char *const promise_names[NR_PROMISES] = {
	[FRESH_MEMORY_IS_ZERO] = "fresh_memory_is_zero",
	[CONTENTS_STAY] = "contents_stay",
	[CONTENTS_ARE_OF_THE_BUFFER] = "contents_are_of_the_buffer",
	[REFUSED_CALLS_CHANGE_NOTHING] = "refused_calls_change_nothing",
	[WHAT_MUST_FAIL_FAILS] = "what_must_fail_fails",
	[ANSWERS_ARE_TRUE] = "answers_are_true",
	[AUDITS_FIND_NOTHING] = "audits_find_nothing",
	[WORKERS_GO_ON] = "workers_go_on",
};

/* --- chance -------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

uint64_t fuzz_random(void)
{
	self.random += 0x9e3779b97f4a7c15ull;
	return mix(self.random);
}

uint32_t fuzz_below(uint32_t max)
{
	return max ? (fuzz_random() >> 32) % max : 0;
}

bool fuzz_chance(uint32_t nr)
{
	return !fuzz_below(nr);
}

/* --- operations ------------------------------------------------------------------ */

static void mark(const char *format, ...)
{
	char line[160];
	va_list args;
	int len;

	if (fuzz.marker < 0)
		return;
	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(fuzz.marker, line, len) < 0)
		fuzz.marker = -1;
}

void fuzz_note(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	self.args[0] = a;
	self.args[1] = b;
	self.args[2] = c;
	self.args[3] = d;
	mark("  %x %x %x %x\n", a, b, c, d);
}

void fuzz_broken(enum fuzz_promise promise, const char *format, ...)
{
	va_list args;
	int len;

	__atomic_store_n(&fuzz.shared->stop, 1, __ATOMIC_RELAXED);
	if (__atomic_fetch_add(&fuzz.shared->nr_broken[promise], 1,
			       __ATOMIC_RELAXED))
		return;
	len = snprintf(fuzz.shared->broken[promise], 64,
		       "worker %u depth %u pid %d: ", self.worker, self.depth,
		       getpid());
	va_start(args, format);
	vsnprintf(fuzz.shared->broken[promise] + len,
		  sizeof(fuzz.shared->broken[promise]) - len, format, args);
	va_end(args);
	mark("%s\n", fuzz.shared->broken[promise]);
}

static size_t choose_op(void)
{
	uint32_t sum = 0, at;
	size_t i;

	for (i = 0; i < nr_ops_known; i++)
		sum += ops[i].by & self.by ? ops[i].weight : 0;
	at = fuzz_below(sum);
	for (i = 0; i < nr_ops_known; i++) {
		if (!(ops[i].by & self.by))
			continue;
		if (at < ops[i].weight)
			break;
		at -= ops[i].weight;
	}
	return i;
}

static void run_op(size_t idx, uint32_t nr)
{
	struct fuzz_count *count = &fuzz.shared->counts[self.worker][idx];
	uint32_t at = __atomic_fetch_add(&fuzz.shared->log_next[self.worker], 1,
					 __ATOMIC_RELAXED);
	struct fuzz_log *log = &fuzz.shared->logs[self.worker][at % LOG_LEN];
	uint64_t begin_ms = now_ms();
	int result;

	memset(self.args, 0, sizeof(self.args));
	*log = (struct fuzz_log){ .nr = nr, .pid = getpid(),
				  .name = ops[idx].name, .result = INT32_MIN };
	mark("fuzz %u.%u #%u %s\n", self.worker, self.depth, nr, log->name);
	result = ops[idx].run();
	log->result = result;
	memcpy(log->args, self.args, sizeof(log->args));
	/* Right on the average: ticks fall into long ones. */
	__atomic_fetch_add(&count->ms, now_ms() - begin_ms, __ATOMIC_RELAXED);
	if (result == FUZZ_IDLE)
		return;
	__atomic_fetch_add(&count->tried, 1, __ATOMIC_RELAXED);
	if (!result)
		__atomic_fetch_add(&count->done, 1, __ATOMIC_RELAXED);
}

static bool is_over(void)
{
	return __atomic_load_n(&fuzz.shared->stop, __ATOMIC_RELAXED) ||
	       now_ms() >= fuzz.end_ms;
}

void fuzz_run(uint32_t nr_ops)
{
	uint64_t seed = self.random;
	uint32_t nr;

	for (nr = 0; nr < nr_ops && !is_over(); nr++) {
		self.random = mix(seed + nr);
		run_op(choose_op(), nr);
	}
}

/* --- workers ---------------------------------------------------------------------- */

static void drop_rights(void)
{
	EXPECT(!setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY));
	/* Members may trace each other. */
	EXPECT(!prctl(PR_SET_DUMPABLE, 1));
}

static void be_worker(unsigned int worker, uint32_t life)
{
	self.worker = worker;
	self.by = worker == WARDEN ? BY_WARDEN : BY_MEMBER;
	self.random = mix(mix(fuzz.seed) + worker * 1000003ull + life);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (worker != WARDEN)
		drop_rights();
	contents_catch_faults();
	fuzz_run(UINT32_MAX);
	_exit(0);
}

static void start_worker(unsigned int worker)
{
	uint32_t life = fuzz.shared->lives[worker]++;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	EXPECT(pid >= 0);
	if (!pid) {
		setpgid(0, group);
		be_worker(worker, life);
	}
	if (!group)
		group = pid;
	setpgid(pid, group);
	fuzz.shared->pids[worker] = pid;
}

static bool is_worker(unsigned int i)
{
	return i < fuzz.nr_members || i == WARDEN;
}

static void say_stuck(pid_t pid)
{
	char path[40], *text;

	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	text = read_text(path);
	say("process %d is at: %s", pid, text ? text : "?");
	free(text);
}

/* One that ended before its time, other than by a signal that it was sent. */
static void check_end(unsigned int worker, int status)
{
	bool good = WIFEXITED(status) ? !WEXITSTATUS(status) :
					WTERMSIG(status) == SIGKILL;

	self.worker = worker;
	fuzz_expect(good, WORKERS_GO_ON, "ended with status 0x%x", status);
}

static void reap(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < WORKERS_MAX; i++) {
			if (!is_worker(i) || fuzz.shared->pids[i] != pid)
				continue;
			fuzz.shared->pids[i] = 0;
			check_end(i, status);
			if (!is_over())
				start_worker(i);
		}
	}
}

struct progress {
	uint32_t nr;
	uint64_t since_ms;
};

static void watch_progress(struct progress *progress)
{
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++) {
		if (!is_worker(i))
			continue;
		if (progress[i].nr != fuzz.shared->log_next[i]) {
			progress[i].nr = fuzz.shared->log_next[i];
			progress[i].since_ms = now_ms();
		}
		if (now_ms() - progress[i].since_ms < HUNG_MS)
			continue;
		self.worker = i;
		fuzz_broken(WORKERS_GO_ON, "no operation for %u s",
			    HUNG_MS / 1000);
		say_stuck(fuzz.shared->pids[i]);
	}
}

static void watch(void)
{
	struct progress progress[WORKERS_MAX] = { 0 };
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++) {
		progress[i].since_ms = now_ms();
		if (is_worker(i))
			start_worker(i);
	}
	while (!is_over()) {
		sleep_ms(20);
		reap();
		watch_progress(progress);
	}
}

static bool has_children(void)
{
	siginfo_t info;

	reap();
	return !waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
}

/* True when nobody is left. What is in the middle of something may end it. */
static bool end_workers(void)
{
	uint64_t begin_ms = now_ms(), end_ms = begin_ms + END_MS;
	unsigned int i;

	fuzz.shared->stop = 1;
	while (has_children() && now_ms() < end_ms) {
		kill(-group, SIGCONT);
		if (now_ms() - begin_ms > END_MS / 4)
			kill(-group, SIGKILL);
		sleep_ms(20);
	}
	for (i = 0; i < WORKERS_MAX; i++)
		if (fuzz.shared->pids[i])
			say_stuck(fuzz.shared->pids[i]);
	return !has_children();
}

/* --- setup ------------------------------------------------------------------------- */

static int open_common(const char *path, int flags)
{
	int fd = open(path, flags), high;

	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD, FIRST_COMMON_FD);
	close(fd);
	return high;
}

static void open_inboxes(void)
{
	int sides[2], side;
	unsigned int i;

	for (i = 0; i < fuzz.nr_members; i++) {
		EXPECT(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
				   sides));
		for (side = 0; side < 2; side++) {
			fuzz.inboxes[i][side] = fcntl(sides[side], F_DUPFD,
						      FIRST_COMMON_FD);
			EXPECT(fuzz.inboxes[i][side] >= 0);
			close(sides[side]);
		}
	}
}

static void close_common(void)
{
	int fd;

	for (fd = 3; fd < 2 * FIRST_COMMON_FD; fd++)
		close(fd);
}

/* A WARN ends the guest: then the last operations are on its console. */
static void begin_trace(void)
{
	write_text("/sys/kernel/tracing/buffer_size_kb", "32");
	write_text("/proc/sys/kernel/ftrace_dump_on_oops", "1");
	fuzz.marker = open_common("/sys/kernel/tracing/trace_marker", O_WRONLY);
}

static void end_trace(void)
{
	write_text("/proc/sys/kernel/ftrace_dump_on_oops", "0");
	write_text("/sys/kernel/tracing/trace", "");
	write_text("/sys/kernel/tracing/buffer_size_kb", "1");
}

static void collect_ops(void)
{
	const struct fuzz_op *op;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		for (op = parts[i]; op->name; op++) {
			EXPECT(nr_ops_known < OPS_MAX);
			ops[nr_ops_known++] = *op;
		}
	}
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void open_heaps(void)
{
	fuzz.heaps[0] = open_common("/dev/dma_heap/system-uncached", O_RDWR);
	fuzz.heaps[1] = open_common("/dev/dma_heap/system-writecombine",
				    O_RDWR);
	fuzz.node = open_common("/dev/noalias", O_RDONLY);
	EXPECT(fuzz.heaps[0] >= 0 && fuzz.node >= 0);
	EXPECT(fuzz.heaps[1] >= 0 || !has_pat());
}

static void set_up(uint64_t seconds)
{
	struct rlimit files = { 400, 400 };

	EXPECT(!setrlimit(RLIMIT_NOFILE, &files));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fuzz.seed = number("na_fuzz_seed", 1);
	fuzz.nr_members = number("na_fuzz_members", 4);
	EXPECT(fuzz.nr_members && fuzz.nr_members <= MEMBERS_MAX);
	fuzz.shared = mmap(NULL, sizeof(*fuzz.shared), RW,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(fuzz.shared != MAP_FAILED);
	model_make_arena();
	open_heaps();
	choose_starving_rule();
	open_inboxes();
	begin_trace();
	fuzz_warden_begin();
	collect_ops();
	/* Closed with all others: the machine never hibernates before. */
	new_buffer(PAGE);
	fuzz.end_ms = now_ms() + seconds * 1000;
}

/* --- verdict ------------------------------------------------------------------------ */

static unsigned int nr_cases, nr_failed;

static void case_is(const char *name, bool passed)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++nr_cases, name);
	nr_failed += !passed;
}

static struct fuzz_count sum_of(size_t op)
{
	struct fuzz_count sum = { 0 };
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++) {
		sum.tried += fuzz.shared->counts[i][op].tried;
		sum.done += fuzz.shared->counts[i][op].done;
		sum.ms += fuzz.shared->counts[i][op].ms;
	}
	return sum;
}

static bool say_counts(uint64_t ms)
{
	bool all_done = true;
	uint64_t tried = 0, done = 0;
	struct fuzz_count sum;
	size_t i;

	for (i = 0; i < nr_ops_known; i++) {
		sum = sum_of(i);
		say("%-16s %8u tried %8u done %8u ms", ops[i].name, sum.tried,
		    sum.done, sum.ms);
		tried += sum.tried;
		done += sum.done;
		if (!sum.done && sum.tried >= TRIES_MAX) {
			say("%s was never done", ops[i].name);
			all_done = false;
		}
	}
	say("%llu operations tried, %llu done in %llu ms, %llu a second",
	    (unsigned long long)tried, (unsigned long long)done,
	    (unsigned long long)ms, (unsigned long long)(tried * 1000 / ms));
	return all_done;
}

static void say_log(unsigned int worker)
{
	uint32_t next = fuzz.shared->log_next[worker], i;
	const struct fuzz_log *log;

	say("worker %u, %u lives, last operations:", worker,
	    fuzz.shared->lives[worker]);
	for (i = next < LOG_LEN ? 0 : next - LOG_LEN; i < next; i++) {
		log = &fuzz.shared->logs[worker][i % LOG_LEN];
		say("  pid %d #%u %s %x %x %x %x: %d", log->pid, log->nr,
		    log->name ? log->name : "?", log->args[0], log->args[1],
		    log->args[2], log->args[3], log->result);
	}
}

static bool is_kept(enum fuzz_promise promise)
{
	if (!fuzz.shared->nr_broken[promise])
		return true;
	say("%u times, first: %s", fuzz.shared->nr_broken[promise],
	    fuzz.shared->broken[promise]);
	return false;
}

/* Sockets that were sent into themselves: closing one starts the collector. */
static void collect_circles(void)
{
	int i;

	for (i = 0; i < 200 && nr_held(); i++) {
		close(socket(AF_UNIX, SOCK_STREAM, 0));
		sleep_ms(20);
	}
}

static void judge(uint64_t ms, bool all_ended)
{
	bool all_done = say_counts(ms);
	bool is_released;
	unsigned int i;

	for (i = 0; i < NR_PROMISES; i++)
		case_is(promise_names[i], is_kept(i));
	case_is("workers_end", all_ended);
	case_is("every_kind_is_done", all_done);
	say("%llu buffers came with stale kmap entries",
	    (unsigned long long)counter("kmap_hits"));
	collect_circles();
	is_released = wait_released();
	if (!is_released)
		say_held();
	case_is("nothing_is_held", is_released);
	for (i = 0; i < WORKERS_MAX && nr_failed; i++)
		if (is_worker(i))
			say_log(i);
	say("seed %llu", (unsigned long long)fuzz.seed);
}

int main(void)
{
	uint64_t seconds = number("na_fuzz_seconds", 60), begin_ms;
	bool all_ended;

	set_up(seconds);
	say("seed %llu, %u members, %llu s", (unsigned long long)fuzz.seed,
	    fuzz.nr_members, (unsigned long long)seconds);
	begin_ms = now_ms();
	watch();
	begin_ms = now_ms() - begin_ms;
	all_ended = end_workers();
	close_common();
	fuzz_warden_restore();
	end_trace();
	judge(begin_ms, all_ended);
	printf("1..%u\n", nr_cases);
	return nr_failed ? 1 : 0;
}
