// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The runner and the helpers of the test programs; see guest.h.
 *
 * The runner is a subreaper: children that a case left behind come to it, are
 * killed with the case's process group, and are waited for, so that what is
 * counted afterwards is what the module kept and not what a process still
 * holds.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../../include/uapi/noalias.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CASE_SECONDS 120
#define SETTLE_MS 5000
/* Exit status of a case that needs NO_HIGH_MEMORY, and so on from there. */
#define CASE_SKIPPED 77

static const char *const lacks[NR_LACKS] = {
	[NO_HIGH_MEMORY] = "high memory",
	[NO_SECOND_CPU] = "second CPU",
	[NO_PAT] = "PAT",
	[NO_DMA32_HEAP] = "heap for memory below 4 GiB",
};

/* Stands in the kernel log where a case begins; read on from there. */
static const char log_mark[] = "noalias test: ";
static int log_fd = -1;

/* --- output ------------------------------------------------------------------ */

void say(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

void end_case(const char *file, int line, const char *what)
{
	say("%s:%d: not true: %s (errno %d, %s)", file, line, what, errno,
	    strerror(errno));
	_exit(1);
}

void expect_eq(const char *file, int line, const char *what, long long is,
	       long long should)
{
	if (is == should)
		return;
	say("%s:%d: %s is %lld, should be %lld", file, line, what, is, should);
	_exit(1);
}

/* --- files ------------------------------------------------------------------- */

static char *read_fd(int fd)
{
	size_t len = 0, room = 4096;
	char *text = malloc(room);
	ssize_t got;

	while (text && (got = read(fd, text + len, room - len - 1)) > 0) {
		len += got;
		if (room - len < 2048)
			text = realloc(text, room *= 2);
	}
	if (text)
		text[len] = 0;
	return text;
}

char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return NULL;
	text = read_fd(fd);
	close(fd);
	return text;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

bool file_has(const char *path, const char *part)
{
	char *text = read_text(path);
	bool has = text && strstr(text, part);

	free(text);
	return has;
}

bool has_high_memory(void)
{
	char *text = read_text("/proc/meminfo"), *at;
	unsigned long kib;

	EXPECT(text);
	at = strstr(text, "HighTotal:");
	kib = at ? strtoul(at + strlen("HighTotal:"), NULL, 10) : 0;
	free(text);
	return kib > 64 * KIB;
}

void skip_case(enum guest_lack lack)
{
	_exit(CASE_SKIPPED + lack);
}

void need_high_memory(void)
{
	if (!has_high_memory())
		skip_case(NO_HIGH_MEMORY);
}

void need_second_cpu(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip_case(NO_SECOND_CPU);
}

void use_zone(const char *zone)
{
	if (!strcmp(zone, "high"))
		need_high_memory();
	EXPECT_EQ(write_text(PARAMETERS "zone", zone), 0);
}

unsigned int nr_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nr = 0;

	EXPECT(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 3;	/* ".", ".." and the directory itself */
}

/* --- kernel log --------------------------------------------------------------- */

static const char *const bad_lines[] = {
	"WARNING:", "BUG:", "BUG ", "Oops", "possible recursive", "lockdep",
	"ad page", "leak", "assertion failed", "general protection",
	"Out of memory", "oom-kill", "page allocation failure", "soft lockup",
	"self-detected stall", "blocked for more than", "x86/PAT",
	"freeing invalid memtype", "lost until reboot",
};

/* Names the case in the log, for log_has() and for whoever reads dmesg. */
static void mark_log(const char *name)
{
	char line[128];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	snprintf(line, sizeof(line), "<6>%s%s", log_mark, name);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		say("cannot write to /dev/kmsg: %s", strerror(errno));
	close(fd);
	if (log_fd >= 0)
		close(log_fd);
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		say("cannot read /dev/kmsg: %s", strerror(errno));
}

/* The next line of the log; false at its end. */
static bool next_line(int fd, char *line, size_t room)
{
	ssize_t len;

	do	/* EPIPE: older lines were overwritten */
		len = read(fd, line, room - 1);
	while (len < 0 && errno == EPIPE);
	if (len <= 0)
		return false;
	line[len] = 0;
	return true;
}

bool log_has(const char *part)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[8192];
	bool has = false;

	EXPECT(fd >= 0);
	while (next_line(fd, line, sizeof(line))) {
		if (strstr(line, log_mark))
			has = false;
		else if (strstr(line, part))
			has = true;
	}
	close(fd);
	return has;
}

static bool is_bad(const char *line)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_lines); i++)
		if (strstr(line, bad_lines[i]))
			return true;
	return false;
}

static bool log_is_clean(void)
{
	bool clean = log_fd >= 0;
	char line[8192];

	while (log_fd >= 0 && next_line(log_fd, line, sizeof(line))) {
		if (strstr(line, log_mark) || !is_bad(line))
			continue;
		say("kernel log: %.*s", (int)strcspn(line, "\n"), line);
		clean = false;
	}
	return clean;
}

/* --- heap and buffers ---------------------------------------------------------- */

const char *heap_name(void)
{
	const char *name = getenv("NA_HEAP");

	return name ? name : "system-uncached";
}

const char *heap_type(void)
{
	return strcmp(heap_name(), "system-writecombine") ? "UC" : "WC";
}

/* From what the machine is told, not from what the module made of it. */
bool has_pat(void)
{
	return file_has("/proc/cpuinfo", " pat ") &&
	       !file_has("/proc/cmdline", "nopat");
}

int open_heap(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", heap_name());
	fd = open(path, O_RDWR | O_CLOEXEC);
	EXPECT(fd >= 0);
	return fd;
}

int alloc_on(int heap, uint64_t len)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	return data.fd;
}

int try_buffer(uint64_t len)
{
	int heap = open_heap(), fd = alloc_on(heap, len);

	close(heap);
	return fd;
}

int new_buffer(uint64_t len)
{
	int fd = try_buffer(len);

	if (fd < 0)
		say("buffer of %llu bytes: %s", (unsigned long long)len,
		    strerror(-fd));
	EXPECT(fd >= 0);
	return fd;
}

void *map_buffer(int fd, size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

int map_errno(int fd, size_t len, int prot, int flags, off_t offset)
{
	void *mem = mmap(NULL, len, prot, flags, fd, offset);
	int err = errno;

	if (mem == MAP_FAILED)
		return err;
	munmap(mem, len);
	return 0;
}

void *new_mapping(size_t len)
{
	int fd = new_buffer(len);
	void *mem = map_buffer(fd, len);

	close(fd);
	return mem;
}

static bool find_counter(const char *text, const char *name, uint64_t *value)
{
	size_t len = strlen(name);

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, len) && text[len] == ' ') {
			*value = strtoull(text + len, NULL, 10);
			return true;
		}
	}
	return false;
}

uint64_t counter(const char *name)
{
	char *text = read_text(DEBUGFS "counters");
	uint64_t value = 0;

	EXPECT(find_counter(text, name, &value));
	free(text);
	return value;
}

static const char *const held_names[] = {
	"frames_claimed", "frames_in_buffers", "frames_lent",
	"frames_quarantined", "frames_charged",
};

uint64_t nr_held(void)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(held_names); i++)
		nr += counter(held_names[i]);
	return nr;
}

static bool has_dmabuf(void)
{
	return !file_has("/sys/kernel/debug/dma_buf/bufinfo",
			 "Total 0 objects, 0 bytes");
}

bool wait_released(void)
{
	uint64_t end_ms = now_ms() + SETTLE_MS;

	while (nr_held() || has_dmabuf()) {
		if (now_ms() > end_ms)
			return false;
		sleep_ms(5);
	}
	return true;
}

/* Does the module tell this thread the same, through a heap? */
static bool is_told(const char *field, const char *limit)
{
	struct noalias_query_refusal query = { 0 };
	int heap = open_heap();
	bool is_same = !ioctl(heap, NOALIAS_IOC_QUERY_REFUSAL, &query) &&
		       !strcmp(query.field, field) &&
		       !strcmp(query.limit, limit) && query.err > 0;

	close(heap);
	if (!is_same)
		say("told: %s, allowed: %s, errno %d", query.field,
		    query.limit, query.err);
	return is_same;
}

bool refused(const char *field, const char *limit)
{
	char comm[16] = "", line[512], *text, *end;
	bool found;

	prctl(PR_GET_NAME, comm);
	text = read_text(DEBUGFS "refusals");
	EXPECT(text);
	end = strchr(text, '\n');
	if (end)
		*end = 0;
	snprintf(line, sizeof(line), "pid %d %s: %s is ", getpid(), comm,
		 field);
	found = !strncmp(text, line, strlen(line));
	snprintf(line, sizeof(line), ", allowed: %s (error -", limit);
	found = found && strstr(text, line);
	if (!found)
		say("last refusal: %s", text);
	free(text);
	return found && is_told(field, limit);
}

uint64_t told_value(void)
{
	struct noalias_query_refusal query = { 0 };
	int heap = open_heap();

	EXPECT(!ioctl(heap, NOALIAS_IOC_QUERY_REFUSAL, &query));
	close(heap);
	return query.value;
}

/* --- contents -------------------------------------------------------------------- */

static uint32_t word_at(size_t idx, uint32_t seed)
{
	uint32_t word = (uint32_t)idx * 2654435761u ^ seed * 2246822519u;

	return (word ^ word >> 15) * 3266489917u | 1;
}

void fill(void *mem, size_t len, uint32_t seed)
{
	volatile uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++)
		word[i] = word_at(i, seed);
}

bool holds(const void *mem, size_t len, uint32_t seed)
{
	const volatile uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++) {
		if (word[i] == word_at(i, seed))
			continue;
		say("word %zu is %08x, should be %08x", i, word[i],
		    word_at(i, seed));
		return false;
	}
	return true;
}

bool is_zero(const void *mem, size_t len)
{
	const uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++) {
		if (!word[i])
			continue;
		say("word %zu is %08x, should be 0", i, word[i]);
		return false;
	}
	return true;
}

/* --- processes --------------------------------------------------------------------- */

pid_t start(void (*fn)(void *), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	EXPECT(pid >= 0);
	if (pid)
		return pid;
	fn(arg);
	fflush(stdout);
	_exit(0);
}

bool passes(pid_t pid)
{
	int status;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	if (status)
		say("child ended with status 0x%x", status);
	return !status;
}

bool killed(pid_t pid)
{
	int status;

	EXPECT(!kill(pid, SIGKILL));
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

union fd_message {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static struct msghdr fd_header(union fd_message *message, struct iovec *part)
{
	return (struct msghdr){
		.msg_iov = part, .msg_iovlen = 1,
		.msg_control = message->room,
		.msg_controllen = sizeof(message->room),
	};
}

int send_fd(int socket, int fd)
{
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	union fd_message message = { .room = "" };
	struct msghdr header = fd_header(&message, &part);
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);

	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(item), &fd, sizeof(fd));
	return sendmsg(socket, &header, 0) == 1 ? 0 : -errno;
}

int receive_fd(int socket)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union fd_message message = { .room = "" };
	struct msghdr header = fd_header(&message, &part);
	struct cmsghdr *item;
	int fd;

	if (recvmsg(socket, &header, MSG_CMSG_CLOEXEC) != 1)
		return -errno;
	item = CMSG_FIRSTHDR(&header);
	if (!item || item->cmsg_type != SCM_RIGHTS)
		return -ENOMSG;
	memcpy(&fd, CMSG_DATA(item), sizeof(fd));
	return fd;
}

void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000l };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

/* --- inside the kernel ---------------------------------------------------------------- */

#define NA_FAIL "/sys/kernel/debug/na_fail/"

static int scan_look(const char *text, struct look *look)
{
	return sscanf(text,
		      "pfn %lu type %15s special %d write %d high %d kmap %d direct %15s",
		      &look->pfn, look->type, &look->special, &look->write,
		      &look->high, &look->kmap, look->direct);
}

int look_at(const volatile void *addr, struct look *look)
{
	int fd = open(NA_FAIL "look", O_RDWR | O_CLOEXEC), err = 0;
	char text[160];
	ssize_t len;

	EXPECT(fd >= 0);
	snprintf(text, sizeof(text), "%lu", (unsigned long)addr);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (err)
		return err;
	EXPECT(len > 0);
	text[len] = 0;
	EXPECT_EQ(scan_look(text, look), 7);
	return 0;
}

static void expect_page(const struct look *look, size_t idx)
{
	bool good = !strcmp(look->type, heap_type()) && look->special &&
		    !look->kmap &&
		    !strcmp(look->direct, look->high ? "none" : heap_type());

	if (!good)
		say("page %zu: pfn %lu type %s special %d kmap %d direct %s",
		    idx, look->pfn, look->type, look->special, look->kmap,
		    look->direct);
	EXPECT(good);
}

/* The whole system's conflicts; those of frames that are not ours are not
 * this module's doing and are left to the suite.
 */
static void expect_auditor_content(void)
{
	char *text = read_text(DEBUGFS "audit.json");
	bool content = text && strstr(text, "\"alias\":{\"ours\":0,") &&
		       strstr(text, "\"mixed\":{\"ours\":0,") &&
		       strstr(text, "\"cut\":[]");

	if (!content)
		say("auditor: %s", text ? text : strerror(errno));
	EXPECT(content);
	free(text);
}

void expect_no_alias(const void *mem, size_t len)
{
	struct look look;
	size_t idx;

	expect_auditor_content();

	for (idx = 0; idx < len / PAGE; idx++)
		if (!look_at((const char *)mem + idx * PAGE, &look))
			expect_page(&look, idx);
}

static int fail_fd = -1;

void fail_call(const char *symbol, unsigned long nth, bool all, long value)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%s %lu %s %ld", symbol, nth,
			   all ? "all" : "once", value);

	if (fail_fd < 0)
		fail_fd = open(NA_FAIL "fail", O_RDWR | O_CLOEXEC);
	EXPECT(fail_fd >= 0);
	EXPECT_EQ(write(fail_fd, text, len), len);
}

struct calls fail_off(void)
{
	struct calls calls;
	char text[64];
	ssize_t len;

	EXPECT_EQ(write(fail_fd, "off", 3), 3);
	len = read(fail_fd, text, sizeof(text) - 1);
	EXPECT(len > 0);
	text[len] = 0;
	EXPECT_EQ(sscanf(text, "calls %lu failed %lu", &calls.nr,
			 &calls.failed), 2);
	return calls;
}

/* --- runner ---------------------------------------------------------------------------- */

static void run_child(const struct guest_case *c)
{
	setpgid(0, 0);
	alarm(CASE_SECONDS);
	if (c->needs_pat && !has_pat())
		skip_case(NO_PAT);
	c->run();
	fflush(stdout);
	_exit(0);
}

static void end_group(pid_t pid)
{
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* What it is not, is skipped for what stands in lacks[] at this index. */
#define PASSED (-1)
#define FAILED (-2)

static int verdict_of(int status)
{
	int lack = WIFEXITED(status) ? WEXITSTATUS(status) - CASE_SKIPPED : -1;

	if (lack >= 0 && lack < NR_LACKS)
		return lack;
	return status ? FAILED : PASSED;
}

static int run_alone(const struct guest_case *c)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		run_child(c);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		say("cannot run: %s", strerror(errno));
		return FAILED;
	}
	if (WIFSIGNALED(status))
		say("ended by signal %d%s", WTERMSIG(status),
		    WTERMSIG(status) == SIGALRM ? ": too slow" : "");
	end_group(pid);
	return verdict_of(status);
}

static void show_held(void)
{
	char *text = read_text(DEBUGFS "counters");
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(held_names); i++)
		if (find_counter(text, held_names[i], &value) && value)
			say("left behind: %s %llu", held_names[i],
			    (unsigned long long)value);
	free(text);
	if (has_dmabuf())
		say("left behind: a dma-buf");
}

static int run_case(const struct guest_case *c)
{
	uint64_t start_ms = now_ms();
	int verdict;

	mark_log(c->name);
	verdict = run_alone(c);
	if (!wait_released()) {
		show_held();
		verdict = FAILED;
	}
	if (!log_is_clean())
		verdict = FAILED;
	if (now_ms() - start_ms > 3000)
		say("%s took %llu ms", c->name,
		    (unsigned long long)(now_ms() - start_ms));
	return verdict;
}

static bool is_wanted(const struct guest_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

static int list_cases(const struct guest_case *cases, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		puts(cases[i].name);
	return 0;
}

int guest_main(int argc, char **argv, const struct guest_case *cases,
	       size_t nr)
{
	size_t i, nr_run = 0, nr_failed = 0;
	int verdict;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list_cases(cases, nr);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	write_text("/proc/sys/kernel/printk_devkmsg", "on");
	for (i = 0; i < nr; i++) {
		if (!is_wanted(&cases[i], argc, argv))
			continue;
		verdict = run_case(&cases[i]);
		printf("%sok %zu - %s%s%s\n", verdict == FAILED ? "not " : "",
		       ++nr_run, cases[i].name,
		       verdict >= 0 ? " # SKIP no " : "",
		       verdict >= 0 ? lacks[verdict] : "");
		nr_failed += verdict == FAILED;
	}
	printf("1..%zu\n", nr_run);
	fflush(stdout);
	return nr_failed ? 1 : 0;
}
