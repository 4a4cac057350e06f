// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The runner, and helpers of the test programs that know nothing of the module;
 * see guest.h.
 *
 * The runner is a subreaper: children that a case left behind come to it, are
 * killed with the case's process group, and are waited for, so that what is
 * counted afterwards is what the module kept and not what a process still
 * holds.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define CASE_SECONDS 120
/* Exit status of a case that needs NO_HIGH_MEMORY, and so on from there. */
#define CASE_SKIPPED 77

static const char *const lacks[NR_LACKS] = {
	[NO_HIGH_MEMORY] = "high memory",
	[NO_SECOND_CPU] = "second CPU",
	[NO_PAT] = "PAT",
	[NO_MEMORY_ABOVE_4G] = "memory above 4 GiB",
	[NO_HUGE_PAGES] = "transparent huge pages",
	[NO_LINGERING] = "translation that stays",
	[NO_LARGE_ENTRY] = "direct map of large entries",
	[NO_DMA_OPS] = "DMA operations of a device's own",
	[NO_FIXED_ADDRESS] = "fixed address that a module may set",
};

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

/* Those that were merged into another are links to it. */
void shrink_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct dirent *cache;
	char path[320];

	while (dir && (cache = readdir(dir))) {
		if (cache->d_type != DT_DIR || cache->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 cache->d_name);
		write_text(path, "1");
	}
	if (dir)
		closedir(dir);
}

/* Kernels without high memory lack some fields. */
static bool find_meminfo(const char *field, uint64_t *len)
{
	char *text = read_text("/proc/meminfo"), *at, line[64];

	EXPECT(text);
	snprintf(line, sizeof(line), "\n%s:", field);
	/* The first line is the only one without a newline before it. */
	at = !strncmp(text, line + 1, strlen(line + 1)) ? text :
							  strstr(text, line);
	if (at)
		*len = strtoull(strchr(at, ':') + 1, NULL, 10) * KIB;
	free(text);
	return at;
}

uint64_t meminfo(const char *field)
{
	uint64_t len = 0;

	if (!find_meminfo(field, &len)) {
		say("/proc/meminfo has no %s", field);
		EXPECT(!"the field");
	}
	return len;
}

uint64_t low_memory(void)
{
	uint64_t len;

	return find_meminfo("LowTotal", &len) ? len : meminfo("MemTotal");
}

bool has_high_memory(void)
{
	uint64_t len;

	return find_meminfo("HighTotal", &len) && len > 64 * MIB;
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

static bool has_huge_pages(void)
{
	return !access("/sys/kernel/mm/transparent_hugepage", F_OK);
}

void use_small_pages(void *mem, size_t len)
{
	EXPECT(!madvise(mem, len, MADV_NOHUGEPAGE) || !has_huge_pages());
}

uint64_t frame_in(int pagemap, const void *mem)
{
	uint64_t entry;

	EXPECT_EQ(pread(pagemap, &entry, sizeof(entry),
			(off_t)((uintptr_t)mem / PAGE * sizeof(entry))),
		  sizeof(entry));
	EXPECT(entry >> 63);
	return entry & ((1ull << 55) - 1);
}

uint64_t frame_behind(const void *mem)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t pfn;

	EXPECT(pagemap >= 0);
	pfn = frame_in(pagemap, mem);
	close(pagemap);
	return pfn;
}

void need_huge_pages(void)
{
	if (!has_huge_pages())
		skip_case(NO_HUGE_PAGES);
}

static bool has_debug_pagealloc(void)
{
	return file_has("/sys/module/plant/parameters/debug_pagealloc", "1");
}

void need_lingering(void)
{
	if (has_debug_pagealloc())
		skip_case(NO_LINGERING);
}

void need_large_entries(void)
{
	if (has_debug_pagealloc())
		skip_case(NO_LARGE_ENTRY);
}

bool dofork_is_let(void)
{
	void *vdso = (void *)getauxval(AT_SYSINFO_EHDR);

	return !madvise(vdso, 4096, MADV_DOFORK);
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

unsigned int rounds(unsigned int nr)
{
	return getenv("NA_THOROUGH") ? nr : (nr + 2) / 3;
}

/* --- runner ---------------------------------------------------------------------------- */

/* Kernels with checks built in are slow: vm/boot --append NA_CASE_SECONDS=N. */
static unsigned int case_seconds(void)
{
	const char *seconds = getenv("NA_CASE_SECONDS");

	return seconds ? (unsigned int)atoi(seconds) : CASE_SECONDS;
}

static void run_child(const struct guest_case *c)
{
	setpgid(0, 0);
	alarm(case_seconds());
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

static int run_case(const struct guest_case *c)
{
	uint64_t start_ms = now_ms();
	int verdict;

	log_begin(c->name);
	verdict = run_alone(c);
	if (!wait_released()) {
		say_held();
		verdict = FAILED;
	}
	if (!log_is_as_expected(c->says))
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
