// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h that root does while members are at work: reading all
 * that can be read, changing what can be changed, taking CPUs and memory away,
 * and killing.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <elf.h>

#define TRACING "/sys/kernel/tracing/"
#define CPUS "/sys/devices/system/cpu/"

/* --- reading ------------------------------------------------------------------------- */

/* On a kernel with checks built in more would pass for an operation that hangs. */
#define READ_MS 10000

/* All of it, or a part from somewhere. */
static int read_some(const char *path)
{
	static char room[8200];
	int fd = open(path, O_RDONLY), nr = fuzz_chance(2) ? 1000 : 2;
	uint64_t end_ms = now_ms() + READ_MS;
	ssize_t len;

	if (fd < 0)
		return -errno;
	if (fuzz_chance(4))
		lseek(fd, fuzz_below(100000) * 8, SEEK_SET);
	/* Some files are of words. */
	do
		len = read(fd, room, 8 + fuzz_below(sizeof(room)) / 8 * 8);
	while (len > 0 && --nr && now_ms() < end_ms);
	close(fd);
	return len < 0 ? -errno : FUZZ_DONE;
}

static int op_debugfs(void)
{
	static const char *const paths[] = {
		DEBUGFS "buffers", DEBUGFS "frames", DEBUGFS "counters",
		DEBUGFS "refusals", DEBUGFS "buffers",
		"/sys/kernel/debug/dma_buf/bufinfo",
	};

	return read_some(fuzz_pick(paths));
}

static int op_audit(void)
{
	char *text = read_text(DEBUGFS "audit");
	bool good;

	if (!text)
		return -errno;
	good = strstr(text, "\nframes grade=alias ours=0 ") &&
	       strstr(text, "\nframes grade=mixed ours=0 ");
	fuzz_expect(good, AUDITS_FIND_NOTHING, "audit: %.150s", text);
	if (!good)
		say("audit: %.3000s", text);
	free(text);
	return FUZZ_DONE;
}

static int op_parameters(void)
{
	static const char *const names[] = { "limit_percent", "buffers_max",
					     "zone" };
	char path[64];

	snprintf(path, sizeof(path), PARAMETERS "%s", fuzz_pick(names));
	return read_some(path);
}

static pid_t any_member(void)
{
	return fuzz.shared->pids[fuzz_below(fuzz.nr_members)];
}

static int op_proc(void)
{
	static const char *const names[] = {
		"maps", "smaps", "smaps_rollup", "pagemap", "numa_maps", "mem",
		"status", "fdinfo/5", "fdinfo/6", "wchan", "stack",
	};
	pid_t pid = any_member();
	char path[64];

	if (!pid)
		return FUZZ_IDLE;
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, fuzz_pick(names));
	return read_some(path);
}

/* Walks the page tables of a member and changes entries. */
static int op_clear_refs(void)
{
	static const char *const kinds[] = { "1", "2", "3", "4", "5" };
	pid_t pid = any_member();
	char path[64];

	if (!pid)
		return FUZZ_IDLE;
	snprintf(path, sizeof(path), "/proc/%d/clear_refs", pid);
	return write_text(path, fuzz_pick(kinds));
}

/* The arena of another as a debugger of root's sees it. */
static int op_peek(void)
{
	static char room[PAGE];
	pid_t pid = any_member();
	char path[64];
	ssize_t len;
	int fd, i;

	if (!pid)
		return FUZZ_IDLE;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	for (i = 0; i < 20; i++)
		len = pread(fd, room, sizeof(room),
			    (uintptr_t)model_page(fuzz_below(ARENA_PAGES)));
	close(fd);
	return len < 0 ? -errno : FUZZ_DONE;
}

#if __SIZEOF_POINTER__ == 4
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
#else
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
#endif

/* The kernel's own mappings, as memory. */
static int op_kcore(void)
{
	static char room[16 * PAGE];
	const elf_header *header = (void *)room;
	elf_segment segment;
	int fd = open("/proc/kcore", O_RDONLY);
	uint64_t at, len;

	if (fd < 0)
		return -errno;
	if (pread(fd, room, PAGE, 0) < (ssize_t)sizeof(*header))
		goto out;
	memcpy(&segment, room + header->e_phoff +
	       fuzz_below(header->e_phnum) * sizeof(segment), sizeof(segment));
	at = segment.p_offset;
	len = segment.p_filesz;
	if (len > sizeof(room))
		at += (fuzz_random() % (len - sizeof(room))) & -PAGE;
	if (pread(fd, room, sizeof(room), at) < 0)
		goto out;
	errno = 0;
out:
	close(fd);
	return -errno;
}

static int op_page_flags(void)
{
	return read_some(fuzz_chance(2) ? "/proc/kpageflags" :
					  "/proc/kpagecount");
}

/* --- changing ------------------------------------------------------------------------- */

static int op_limit(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%u",
		 fuzz_chance(4) ? fuzz_below(3) : 20 + fuzz_below(75));
	return write_text(PARAMETERS "limit_percent", text);
}

static int op_buffers_max(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%u",
		 fuzz_chance(4) ? 20 + fuzz_below(60) : 0);
	return write_text(PARAMETERS "buffers_max", text);
}

static int op_zone(void)
{
	static const char *const zones[] = { "any", "low", "high", "any",
					     "", "lowest" };

	return write_text(PARAMETERS "zone", fuzz_pick(zones));
}

static int op_cpu(void)
{
	unsigned int cpu = 1 + fuzz_below(sysconf(_SC_NPROCESSORS_CONF) - 1);
	char path[64];
	int err;

	if (sysconf(_SC_NPROCESSORS_CONF) < 2)
		return FUZZ_IDLE;
	snprintf(path, sizeof(path), CPUS "cpu%u/online", cpu);
	err = write_text(path, "0");
	sleep_ms(fuzz_below(30));
	return write_text(path, "1") ?: err;
}

/* A part of what is left, so that nobody is killed for it. */
static int op_pressure(void)
{
	uint64_t most = meminfo("MemAvailable") / 2;
	size_t len = fuzz_below(fuzz_chance(8) ? 400 : 40) * MIB, at;
	char *mem;

	if (len > most)
		len = most;
	mem = mmap(NULL, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return -errno;
	fuzz_note(len / MIB, 0, 0, 0);
	for (at = 0; at < len && !fuzz.shared->stop; at += PAGE)
		mem[at] = 1;
	munmap(mem, len);
	return FUZZ_DONE;
}

static int op_reclaim(void)
{
	if (fuzz_chance(2))
		return write_text("/proc/sys/vm/drop_caches", "3");
	return write_text("/proc/sys/vm/compact_memory", "1");
}

/* --- ending ---------------------------------------------------------------------------- */

static int op_kill(void)
{
	pid_t pid = any_member();

	if (!pid)
		return FUZZ_IDLE;
	return kill(pid, SIGKILL) ? -errno : FUZZ_DONE;
}

static int op_stop(void)
{
	pid_t pid = any_member();

	if (!pid || kill(pid, SIGSTOP))
		return FUZZ_IDLE;
	sleep_ms(fuzz_below(50));
	return kill(pid, SIGCONT) ? -errno : FUZZ_DONE;
}

/* Somebody always has a node open. */
static int op_unload(void)
{
	fuzz_expect(syscall(SYS_delete_module, "noalias", O_NONBLOCK) < 0,
		    WHAT_MUST_FAIL_FAILS, "the module went");
	return FUZZ_DONE;
}

/* One buffer is there for as long as the run lasts. */
static int op_hibernate(void)
{
	fuzz_expect(write_text("/sys/power/state", "disk") < 0,
		    WHAT_MUST_FAIL_FAILS, "the machine slept");
	return FUZZ_DONE;
}

/*
 * With trace_pipe unread; the buffer is small. Not switched while members are at
 * work: the kernel patches the tracepoints then, and QEMU may go on with the
 * breakpoint of the old code for ever, in na_port_hears() for example.
 */
void fuzz_warden_begin(void)
{
	EXPECT(!write_text(TRACING "events/noalias/enable", "1"));
}

void fuzz_warden_restore(void)
{
	char path[64];
	long cpu;

	write_text(PARAMETERS "limit_percent", "50");
	write_text(PARAMETERS "buffers_max", "0");
	write_text(PARAMETERS "zone", "any");
	write_text(TRACING "events/noalias/enable", "0");
	for (cpu = 1; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		snprintf(path, sizeof(path), CPUS "cpu%ld/online", cpu);
		write_text(path, "1");
	}
}

const struct fuzz_op fuzz_warden_ops[] = {
	{ "debugfs", 30, BY_WARDEN, op_debugfs },
	{ "audit", 10, BY_WARDEN, op_audit },
	{ "parameters", 4, BY_WARDEN, op_parameters },
	{ "proc", 20, BY_WARDEN, op_proc },
	{ "clear_refs", 5, BY_WARDEN, op_clear_refs },
	{ "peek", 8, BY_WARDEN, op_peek },
	{ "kcore", 8, BY_WARDEN, op_kcore },
	{ "page_flags", 2, BY_WARDEN, op_page_flags },
	{ "limit", 6, BY_WARDEN, op_limit },
	{ "buffers_max", 4, BY_WARDEN, op_buffers_max },
	{ "zone", 10, BY_WARDEN, op_zone },
	{ "cpu", 2, BY_WARDEN, op_cpu },
	{ "pressure", 1, BY_WARDEN, op_pressure },
	{ "reclaim", 1, BY_WARDEN, op_reclaim },
	{ "kill", 6, BY_WARDEN, op_kill },
	{ "stop", 6, BY_WARDEN, op_stop },
	{ "unload", 2, BY_WARDEN, op_unload },
	{ "hibernate", 1, BY_WARDEN, op_hibernate },
	{ 0 },
};
