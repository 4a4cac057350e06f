// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages of a user address that the kernel maps for debuggers, dumps and
 * hibernation, always cached.
 */
#define _GNU_SOURCE
#include "input_kernel.h"

#include <sys/stat.h>

/* --- debuggers ---------------------------------------------------------------------- */

static void be_traced(void *unused)
{
	(void)unused;
	EXPECT(!ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	for (;;)
		pause();
}

static pid_t start_traced(void)
{
	pid_t pid = start(be_traced, NULL);
	int status;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSTOPPED(status));
	return pid;
}

static bool peeks(pid_t pid, char *mem, size_t offset)
{
	long word, seen;

	memcpy(&word, mem + offset, sizeof(word));
	errno = 0;
	seen = ptrace(PTRACE_PEEKDATA, pid, mem + offset, 0);
	if (!errno && seen == word)
		return true;
	say("offset %zu: %08lx, should be %08lx", offset, seen, word);
	return false;
}

/* kills: access() with wrong offsets, or that stops at the end of a page */
static void ptrace_peek(void)
{
	char *mem = new_filled();
	pid_t pid = start_traced();

	EXPECT(peeks(pid, mem, 0));
	EXPECT(peeks(pid, mem, PAGE - 4));
	EXPECT(peeks(pid, mem, PAGE - 2));
	EXPECT(peeks(pid, mem, 16 * PAGE - 1));
	EXPECT(peeks(pid, mem, LEN - sizeof(long)));
	EXPECT_ERRNO(ptrace(PTRACE_PEEKDATA, pid, mem + LEN - 2, 0), EIO);
	EXPECT(killed(pid));
	expect_intact(mem);
}

/* kills: access() that writes nothing, or elsewhere, or through WB */
static void ptrace_poke(void)
{
	char *mem = new_filled();
	pid_t pid = start_traced();
	long word = 0x12345678;

	EXPECT(!ptrace(PTRACE_POKEDATA, pid, mem + PAGE - 2, word));
	EXPECT(!memcmp(mem + PAGE - 2, &word, sizeof(word)));
	expect_no_alias(mem, LEN);
	fill(mem, 2 * PAGE, 1);
	expect_intact(mem);
	EXPECT(killed(pid));
}

/* kills: access() without its check of the area's flags */
static void ptrace_poke_read_only(void)
{
	char *mem = new_filled();
	pid_t pid;

	EXPECT(!mprotect(mem, LEN, PROT_READ));
	pid = start_traced();
	EXPECT_ERRNO(ptrace(PTRACE_POKEDATA, pid, mem, 5l), EIO);
	EXPECT(peeks(pid, mem, 0));
	EXPECT(killed(pid));
	expect_intact(mem);
}

/* kills: the same where the buffer's descriptor is read-only */
static void ptrace_poke_read_only_fd(void)
{
	struct dma_heap_allocation_data data = { .len = LEN };
	pid_t pid;
	char *mem;

	EXPECT(!ioctl(open_heap(), DMA_HEAP_IOCTL_ALLOC, &data));
	mem = mmap(NULL, LEN, PROT_READ, MAP_SHARED, data.fd, 0);
	EXPECT(mem != MAP_FAILED);
	pid = start_traced();
	EXPECT_ERRNO(ptrace(PTRACE_POKEDATA, pid, mem, 5l), EIO);
	EXPECT(killed(pid));
	EXPECT(is_zero(mem, LEN));
}

static off_t file_offset(const void *addr)
{
	return (off_t)(uintptr_t)addr;
}

/* kills: access() that returns too much or too little across pages */
static void proc_mem_read(void)
{
	char *mem = new_filled(), *copy = new_ordinary();
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	EXPECT_EQ(pread(fd, copy, LEN, file_offset(mem)), LEN);
	EXPECT(holds(copy, LEN, 1));
	EXPECT_EQ(pread(fd, copy, PAGE, file_offset(mem + PAGE / 2)), PAGE);
	EXPECT(!memcmp(copy, mem + PAGE / 2, PAGE));
	expect_intact(mem);
}

/* kills: an access past the end of the area, into the next frame */
static void proc_mem_read_past_the_end(void)
{
	int buffer = new_buffer(LEN), fd;
	char *copy = new_ordinary(), *place, *mem;

	place = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	munmap(place, 3 * PAGE);
	mem = mmap(place, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, buffer, 0);
	EXPECT(mem == place);
	fill(mem, 2 * PAGE, 1);
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	EXPECT_EQ(pread(fd, copy, 3 * PAGE, file_offset(mem)), 2 * PAGE);
	EXPECT(holds(copy, 2 * PAGE, 1));
	EXPECT_ERRNO(pread(fd, copy, PAGE, file_offset(mem + 2 * PAGE)), EIO);
}

/* kills: writing through a cached mapping, or to the wrong frame */
static void proc_mem_write(void)
{
	char *mem = new_filled(), *copy = new_ordinary();
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	fill(copy, LEN, 2);
	EXPECT_EQ(pwrite(fd, copy, LEN, file_offset(mem)), LEN);
	EXPECT(holds(mem, LEN, 2));
	expect_no_alias(mem, LEN);
	EXPECT_EQ(pwrite(fd, "x", 1, file_offset(mem + 2 * PAGE - 1)), 1);
	EXPECT_EQ(mem[2 * PAGE - 1], 'x');
}

/* kills: the buffer's begin read for a mapping that begins elsewhere */
static void proc_mem_read_at_offset(void)
{
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN), *part, *copy = new_ordinary();

	fill(mem, LEN, 1);
	part = mmap(NULL, LEN - 3 * PAGE, RW, MAP_SHARED, fd, 3 * PAGE);
	EXPECT(part != MAP_FAILED);
	EXPECT_EQ(pread(memory, copy + 3 * PAGE, LEN - 3 * PAGE,
			file_offset(part)), LEN - 3 * PAGE);
	memcpy(copy, mem, 3 * PAGE);
	EXPECT(holds(copy, LEN, 1));
}

/* kills: FOLL_FORCE honoured by access(): a read-only area written */
static void proc_mem_write_read_only(void)
{
	char *mem = new_filled();
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	EXPECT(!mprotect(mem, LEN, PROT_READ));
	EXPECT_ERRNO(pwrite(fd, "x", 1, file_offset(mem)), EIO);
	expect_intact(mem);
}

/* kills: contents read through an entry that is not there any more */
static void proc_mem_read_after_dontneed(void)
{
	char *mem = new_filled(), *copy = new_ordinary();
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	EXPECT_EQ(pread(fd, copy, LEN, file_offset(mem)), LEN);
	EXPECT(holds(copy, LEN, 1));
	expect_intact(mem);
}

/* --- dumps ---------------------------------------------------------------------------- */

static void dump_core(void *arg)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	char *ordinary = new_ordinary();

	fill(ordinary, LEN, 1001);
	fill(arg, LEN, 1002);
	EXPECT(!setrlimit(RLIMIT_CORE, &unlimited));
	EXPECT(!write_text("/proc/self/coredump_filter", "0x1ff"));
	EXPECT(!chdir("/tmp"));
	abort();
}

static bool core_has(const char *core, size_t len, uint32_t seed)
{
	uint32_t words[16];

	/* Not the first words: compare somewhere inside the pattern. */
	fill(words, sizeof(words), seed);
	return memmem(core, len, words, sizeof(words));
}

/* kills: a dump that pins pages to read them */
static void core_dump_of_owner(void)
{
	char *mem = new_filled(), *core;
	int fd, status;
	pid_t pid;
	off_t len;

	EXPECT(!write_text("/proc/sys/kernel/core_pattern", "/tmp/core"));
	pid = start(dump_core, mem);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WCOREDUMP(status));
	fd = open("/tmp/core", O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	len = lseek(fd, 0, SEEK_END);
	core = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	EXPECT(core != MAP_FAILED);
	EXPECT(core_has(core, len, 1001));
	EXPECT(!core_has(core, len, 1002));
	EXPECT(holds(mem, LEN, 1002));
	expect_no_alias(mem, LEN);
	unlink("/tmp/core");
}

static void dump_core_beside(void *unused)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	(void)unused;
	EXPECT(!setrlimit(RLIMIT_CORE, &unlimited));
	/* By default shared mappings of files are left out. */
	EXPECT(!write_text("/proc/self/coredump_filter", "0x1ff"));
	new_mapping(64 * MIB);
	abort();
}

/* kills: VM_DONTDUMP left out: a core that has room for each buffer */
static void core_has_no_room_for_buffers(void)
{
	struct stat core;
	int status;
	pid_t pid;

	EXPECT(!write_text("/proc/sys/kernel/core_pattern", "/tmp/core"));
	pid = start(dump_core_beside, NULL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WCOREDUMP(status));
	EXPECT(!stat("/tmp/core", &core));
	unlink("/tmp/core");
	say("the core has %lld bytes", (long long)core.st_size);
	EXPECT((uint64_t)core.st_size < 32 * MIB);
}

#if __SIZEOF_POINTER__ == 4
typedef Elf32_Ehdr core_header;
typedef Elf32_Phdr core_segment;
#else
typedef Elf64_Ehdr core_header;
typedef Elf64_Phdr core_segment;
#endif

/* Where in /proc/kcore a kernel address is; 0: in no segment. */
static off_t kcore_offset(int fd, unsigned long addr)
{
	core_header header;
	core_segment segment;
	int i;

	EXPECT_EQ(pread(fd, &header, sizeof(header), 0), sizeof(header));
	for (i = 0; i < header.e_phnum; i++) {
		EXPECT_EQ(pread(fd, &segment, sizeof(segment), header.e_phoff +
				i * sizeof(segment)), sizeof(segment));
		if (segment.p_type == PT_LOAD && addr >= segment.p_vaddr &&
		    addr - segment.p_vaddr < segment.p_memsz)
			return segment.p_offset + (addr - segment.p_vaddr);
	}
	return 0;
}

/* kills: VM_IOREMAP left out of the kernel mapping: kcore would kmap() it.
 * What kcore passes over reads as zeroes.
 */
static void kcore_read_of_kernel_mapping(void)
{
	int hold = open("/sys/kernel/debug/na_fail/hold", O_RDWR | O_CLOEXEC);
	int kcore = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN), text[64] = "", *copy = new_ordinary();
	unsigned long addr;
	off_t offset;

	fill(mem, LEN, 1);
	EXPECT(hold >= 0 && kcore >= 0);
	snprintf(text, sizeof(text), "%d", fd);
	EXPECT(write(hold, text, strlen(text)) > 0);
	EXPECT(read(hold, text, sizeof(text)) > 0);
	addr = strtoul(text, NULL, 10);
	offset = kcore_offset(kcore, addr);
	EXPECT(offset);
	fill(copy, LEN, 2);
	EXPECT_EQ(pread(kcore, copy, LEN, offset), LEN);
	EXPECT(is_zero(copy, LEN));
	expect_intact(mem);
	close(hold);
	expect_intact(mem);
}

/* kills: frames of RAM that /dev/mem hands out, with a type of its own */
static void dev_mem_of_frame(void)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	char *mem = new_filled(), byte;
	struct look look;

	EXPECT(fd >= 0);
	EXPECT(!look_at(mem, &look));
	EXPECT(map_errno(fd, PAGE, RW, MAP_SHARED,
			 (off_t)look.pfn * PAGE));
	EXPECT(pread(fd, &byte, 1, (off_t)look.pfn * PAGE) <= 0);
	expect_intact(mem);
}

/* kills: frames that compaction takes for movable, and copies cached */
static void compaction_beside_buffer(void)
{
	char *mem = new_filled();
	struct look before, after;

	EXPECT(!look_at(mem, &before));
	EXPECT(!write_text("/proc/sys/vm/compact_memory", "1"));
	EXPECT(!look_at(mem, &after));
	EXPECT_EQ(before.pfn, after.pfn);
	expect_intact(mem);
}

/* --- hibernation ------------------------------------------------------------------------ */

/* kills: no veto: the image is copied through cached mappings */
static void hibernate_with_buffer(void)
{
	char *mem = new_filled();

	EXPECT(file_has("/sys/power/state", "disk"));
	EXPECT_EQ(write_text("/sys/power/state", "disk"), -EBUSY);
	EXPECT(log_has("no hibernation while"));
	expect_intact(mem);
}

/* kills: the same for the interface of user-space hibernation */
static void snapshot_with_buffer(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO(open("/dev/snapshot", O_RDONLY | O_CLOEXEC), EBUSY);
	expect_intact(mem);
}

/* kills: a veto that is asked for once: who allocates between the question
 * and the freezing of processes has a buffer in the image
 */
static void alloc_while_hibernating(void)
{
	int snapshot = open("/dev/snapshot", O_RDONLY | O_CLOEXEC);

	EXPECT(snapshot >= 0);
	EXPECT_EQ(try_buffer(LEN), -EBUSY);
	EXPECT_EQ(nr_held(), 0);
	close(snapshot);
	close(new_buffer(LEN));
}

#define LARGE_LEN (256 * MIB)

struct last_holder {
	int go;
	int buffer;
};

static void let_go(void *arg)
{
	struct last_holder *holder = arg;
	char byte;

	EXPECT_EQ(read(holder->go, &byte, 1), 1);
	close(holder->buffer);
}

/* A child with the only descriptor of a large buffer; a byte makes it close. */
static pid_t start_holder(int *go)
{
	struct last_holder holder;
	int ends[2];
	pid_t pid;

	EXPECT(!pipe(ends));
	holder.go = ends[0];
	holder.buffer = new_buffer(LARGE_LEN);
	pid = start(let_go, &holder);
	close(holder.buffer);
	close(ends[0]);
	*go = ends[1];
	return pid;
}

/* Asks while a large buffer goes back. False: it was gone too soon. */
static bool asks_on_the_way(void)
{
	bool is_under_way = false;
	int go, snapshot;
	pid_t holder = start_holder(&go);

	EXPECT_EQ(write(go, "", 1), 1);
	while (!is_under_way && counter("frames_in_buffers"))
		is_under_way = counter("frames_claimed");
	if (is_under_way) {
		snapshot = open("/dev/snapshot", O_RDONLY | O_CLOEXEC);
		EXPECT(snapshot >= 0);
		EXPECT_EQ(counter("frames_claimed"), 0);
		EXPECT_EQ(counter("frames_in_buffers"), 0);
		close(snapshot);
	}
	close(go);
	EXPECT(passes(holder));
	return is_under_way;
}

/* kills: a question that does not wait for frames on their way back to WB:
 * it counts them as held, or, between two counters, not at all
 */
static void hibernate_while_buffer_ends(void)
{
	unsigned int tries = 1;

	while (!asks_on_the_way())
		EXPECT(tries++ < 40);
	say("asked on the way at try %u", tries);
}

static const struct guest_case cases[] = {
	CASE(ptrace_peek),
	CASE(ptrace_poke),
	CASE(ptrace_poke_read_only),
	CASE(ptrace_poke_read_only_fd),
	CASE(proc_mem_read),
	CASE(proc_mem_read_past_the_end),
	CASE(proc_mem_read_at_offset),
	CASE(proc_mem_write),
	CASE(proc_mem_write_read_only),
	CASE(proc_mem_read_after_dontneed),
	CASE(core_dump_of_owner),
	CASE(core_has_no_room_for_buffers),
	CASE(kcore_read_of_kernel_mapping),
	CASE(dev_mem_of_frame),
	CASE(compaction_beside_buffer),
	CASE(hibernate_with_buffer),
	CASE(snapshot_with_buffer),
	CASE(alloc_while_hibernating),
	CASE(hibernate_while_buffer_ends),
};

GUEST_MAIN(cases)
