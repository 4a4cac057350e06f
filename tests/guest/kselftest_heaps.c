// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's own test of dma-buf heaps, unchanged, and checks that it lacks:
 * it always exits with 0, and does not check memory types. It runs under
 * ptrace; the page table is read before each mapping of a buffer is removed.
 *
 * The first argument is the test's path: a program of this kernel's word size
 * or, on 64 bit, of the other.
 */
#define _GNU_SOURCE
#include "plant.h"

#include <dirent.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define OUTPUT "/tmp/kselftest"
#define NR_HEAPS 2
#define NR_LIVE_MAX 64

static const struct heap {
	const char *name;
	enum plant_type type;
} heaps[NR_HEAPS] = {
	{ "system-uncached", PLANT_UC },
	{ "system-writecombine", PLANT_WC },
};

/* What the run of the test showed; the cases judge it. */
static struct {
	int status;		/* of wait() */
	unsigned int nr_maps[NR_HEAPS];
	unsigned int nr_checked[NR_HEAPS];
	unsigned int nr_odd;	/* entries that are not as they must be */
} seen;

static struct area {
	uint64_t start, len;
	const struct heap *heap;
} live[NR_LIVE_MAX];

/* --- the watch ---------------------------------------------------------------- */

enum call { CALL_OTHER, CALL_MMAP, CALL_MUNMAP };

static enum call call_of(const struct __ptrace_syscall_info *info)
{
	bool is_64 = info->arch == AUDIT_ARCH_X86_64;

	if (info->entry.nr == (is_64 ? 9 : 192))
		return CALL_MMAP;
	return info->entry.nr == (is_64 ? 11 : 91) ? CALL_MUNMAP : CALL_OTHER;
}

/* The heap whose buffer is open as @fd in @pid, or NULL. */
static const struct heap *heap_of_fd(pid_t pid, int fd)
{
	char path[64], line[64];
	size_t i;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	for (i = 0; i < NR_HEAPS; i++) {
		snprintf(line, sizeof(line), "exp_name:\t%s\n",
			 heaps[i].name);
		if (file_has(path, line))
			return &heaps[i];
	}
	return NULL;
}

static void note_area(struct area area)
{
	size_t i;

	for (i = 0; i < NR_LIVE_MAX; i++) {
		if (live[i].heap)
			continue;
		live[i] = area;
		seen.nr_maps[area.heap - heaps]++;
		return;
	}
	EXPECT(!"room for one more mapping");
}

static bool is_odd(const struct plant_entry *entry, const struct heap *heap)
{
	return !entry->present || !entry->special ||
	       entry->type != heap->type;
}

static void check_area(int bed, pid_t pid, const struct area *area)
{
	struct plant_entry entry;
	uint64_t at;

	for (at = 0; at < area->len; at += PAGE) {
		entry = peek_process(bed, pid, area->start + at);
		if (is_odd(&entry, area->heap) && !seen.nr_odd++)
			say("present %u special %u type %u", entry.present,
			    entry.special, entry.type);
	}
	seen.nr_checked[area->heap - heaps]++;
}

static void check_and_forget(int bed, pid_t pid, uint64_t start)
{
	size_t i;

	for (i = 0; i < NR_LIVE_MAX; i++) {
		if (!live[i].heap || live[i].start != start)
			continue;
		check_area(bed, pid, &live[i]);
		live[i].heap = NULL;
	}
}

/* @last is the call that was entered and has not returned yet. */
static void look_at_call(int bed, pid_t pid,
			 struct __ptrace_syscall_info *last)
{
	struct __ptrace_syscall_info info;
	struct area area;

	EXPECT(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		*last = info;
		if (call_of(&info) == CALL_MUNMAP)
			check_and_forget(bed, pid, info.entry.args[0]);
		return;
	}
	if (info.op != PTRACE_SYSCALL_INFO_EXIT ||
	    call_of(last) != CALL_MMAP || info.exit.is_error)
		return;
	area.heap = heap_of_fd(pid, (int)last->entry.args[4]);
	area.start = (uint64_t)info.exit.rval;
	area.len = last->entry.args[1];
	if (last->arch == AUDIT_ARCH_I386)
		area.start = (uint32_t)area.start;
	if (area.heap)
		note_area(area);
}

static void exec_test(const char *path)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (freopen(OUTPUT, "w", stdout))
		execl(path, path, (char *)NULL);
	_exit(127);
}

static void watch(const char *path)
{
	struct __ptrace_syscall_info last = { 0 };
	int bed = open_bed(), status, sig;
	pid_t pid = fork();

	EXPECT(pid >= 0);
	if (!pid)
		exec_test(path);
	EXPECT(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	EXPECT(!ptrace(PTRACE_SETOPTIONS, pid, NULL,
		       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	for (sig = 0; WIFSTOPPED(status); ) {
		EXPECT(!ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig));
		EXPECT(waitpid(pid, &status, 0) == pid);
		sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
		if (sig != (SIGTRAP | 0x80))
			continue;
		look_at_call(bed, pid, &last);
		sig = 0;
	}
	seen.status = status;
	close(bed);
}

/* --- its words ------------------------------------------------------------------ */

static const char *const parts[] = {
	"allocation and importing", "alloced 4k buffers are zeroed",
	"alloced 1024k buffers are zeroed", "(theoretical)older alloc compat",
	"(theoretical)newer alloc compat", "expected error cases",
};

/* "  Testing PART:  OK": nothing skipped on the way. */
static bool part_is_ok(const char *line, const char *part)
{
	static const char head[] = "  Testing ";
	size_t len = strlen(part);

	if (strncmp(line, head, strlen(head)))
		return false;
	line += strlen(head);
	if (strncmp(line, part, len) || line[len] != ':')
		return false;
	line += len + 1;
	line += strspn(line, " ");
	return !strcmp(line, "OK");
}

/* The lines about @heap are the parts, in order, and nothing else. */
static void expect_parts(const struct heap *heap)
{
	char *text = read_text(OUTPUT), title[64], *line, *rest;
	size_t i;

	EXPECT(text);
	snprintf(title, sizeof(title), "Testing heap: %s\n", heap->name);
	rest = strstr(text, title);
	EXPECT(rest);
	rest += strlen(title);
	line = strsep(&rest, "\n");
	EXPECT(line[0] == '=');
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		line = strsep(&rest, "\n");
		EXPECT(line);
		say("%s:%s", heap->name, line);
		EXPECT(part_is_ok(line, parts[i]));
	}
	EXPECT(!*rest || !strncmp(rest, "Testing heap: ", 14));
	free(text);
}

/* --- cases ---------------------------------------------------------------------- */

/* kills: a test that died, or was ended by a signal, on the way */
static void it_ends_well(void)
{
	EXPECT(WIFEXITED(seen.status));
	EXPECT_EQ(WEXITSTATUS(seen.status), 0);
}

/* kills: a struct with more fields that is refused; memory with contents; an
 * importer that is refused, or was not there
 */
static void uncached_heap_passes_each_part(void)
{
	expect_parts(&heaps[0]);
}

/* kills: the same for the other heap */
static void writecombine_heap_passes_each_part(void)
{
	expect_parts(&heaps[1]);
}

/* kills: contents that are right in memory of the wrong type, as Android's heap
 * has it on x86
 */
static void each_mapping_has_its_heaps_type(void)
{
	size_t i;

	for (i = 0; i < NR_HEAPS; i++) {
		say("%u mappings of %s", seen.nr_maps[i], heaps[i].name);
		EXPECT(seen.nr_maps[i]);
		EXPECT_EQ(seen.nr_checked[i], seen.nr_maps[i]);
	}
	EXPECT_EQ(seen.nr_odd, 0);
}

static const struct guest_case cases[] = {
	CASE(it_ends_well),
	CASE(uncached_heap_passes_each_part),
	CASE(writecombine_heap_passes_each_part),
	CASE(each_mapping_has_its_heaps_type),
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: kselftest_heaps TEST [CASE...]\n");
		return 2;
	}
	watch(argv[1]);
	return guest_main(argc - 1, argv + 1, cases, ARRAY_SIZE(cases));
}
