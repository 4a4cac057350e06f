// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Ways by which the kernel itself maps the pages behind a user address, and
 * always cached: pinned pages, debuggers, dumps, /dev/mem, hibernation.
 *
 * Each either fails, or works through a mapping of the buffer's own type.
 * Afterwards no entry of the kmap pool holds a frame of the buffer, which is
 * what a kmap() of such a page would have left behind.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <arpa/inet.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR 20u
#define LEN (NR * PAGE)
#define RW (PROT_READ | PROT_WRITE)

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

static char *new_filled(void)
{
	char *mem = new_mapping(LEN);

	fill(mem, LEN, 1);
	return mem;
}

static void expect_intact(const char *mem)
{
	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
}

/* Ordinary memory to compare with: what fails there proves nothing here. */
static char *new_ordinary(void)
{
	char *mem = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

static bool is_pin_error(int error)
{
	return error == EFAULT || error == EEXIST || error == EOPNOTSUPP;
}

#define EXPECT_NO_PIN(call) \
	do { \
		errno = 0; \
		EXPECT_EQ(call, -1); \
		EXPECT(is_pin_error(errno)); \
	} while (0)

/* --- pinned pages --------------------------------------------------------------- */

static ssize_t vm_read(void *local, void *remote, size_t len)
{
	struct iovec to = { local, len }, from = { remote, len };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0);
}

static ssize_t vm_write(void *local, void *remote, size_t len)
{
	struct iovec from = { local, len }, to = { remote, len };

	return process_vm_writev(getpid(), &from, 1, &to, 1, 0);
}

/* kills: normal entries (vm_insert_page): pages that can be pinned */
static void process_vm_readv_of_mapping(void)
{
	char *mem = new_filled(), *copy = new_ordinary();

	EXPECT_EQ(vm_read(copy, new_ordinary(), LEN), LEN);
	EXPECT_NO_PIN(vm_read(copy, mem, LEN));
	EXPECT_NO_PIN(vm_read(copy, mem + LEN - 4, 4));
	EXPECT(is_zero(copy, LEN));
	expect_intact(mem);
}

/* kills: the same for writing: cached stores into an uncached frame */
static void process_vm_writev_of_mapping(void)
{
	char *mem = new_filled(), *copy = new_ordinary();

	EXPECT_NO_PIN(vm_write(copy, mem, LEN));
	expect_intact(mem);
}

/* kills: a mapping that its own process cannot copy from or to */
static void process_vm_local_side(void)
{
	char *mem = new_filled(), *copy = new_ordinary();

	EXPECT_EQ(vm_write(mem, copy, LEN), LEN);
	EXPECT(holds(copy, LEN, 1));
	fill(copy, LEN, 2);
	EXPECT_EQ(vm_read(mem, copy, LEN), LEN);
	EXPECT(holds(mem, LEN, 2));
	expect_no_alias(mem, LEN);
}

static int open_direct(void)
{
	int fd = open("/dev/ram0", O_RDWR | O_DIRECT | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

/* kills: pages of a buffer given to the block layer: cached copies, bounces */
static void o_direct_write(void)
{
	char *mem = new_filled();
	int fd = open_direct();

	EXPECT_EQ(pwrite(fd, new_ordinary(), LEN, 0), LEN);
	EXPECT_NO_PIN(pwrite(fd, mem, LEN, 0));
	EXPECT_NO_PIN(pwrite(fd, mem + LEN - PAGE, PAGE, 0));
	expect_intact(mem);
}

/* kills: the same for reading: lines of a cache over the frame */
static void o_direct_read(void)
{
	char *mem = new_filled();
	int fd = open_direct();

	EXPECT_EQ(pread(fd, new_ordinary(), LEN, 0), LEN);
	EXPECT_NO_PIN(pread(fd, mem, LEN, 0));
	expect_intact(mem);
}

/* kills: a scatter of which only the first part is looked at. The kernel may
 * copy what it could not pin; the contents must be those of the disk then.
 */
static void o_direct_mixed_vector(void)
{
	char *mem = new_filled(), *copy = new_ordinary();
	struct iovec parts[] = { { copy, PAGE }, { mem, PAGE } };
	int fd = open_direct();
	ssize_t len;

	fill(copy, 2 * PAGE, 9);
	EXPECT_EQ(pwrite(fd, copy, 2 * PAGE, 0), 2 * PAGE);
	len = preadv(fd, parts, 2, 0);
	if (len == 2 * PAGE)
		EXPECT(!memcmp(mem, copy + PAGE, PAGE));
	else
		EXPECT(holds(mem, PAGE, 1));
	EXPECT(len > 0 || is_pin_error(errno));
	expect_no_alias(mem, LEN);
}

/* kills: pages lent to a pipe */
static void vmsplice_of_mapping(void)
{
	char *mem = new_filled(), *copy = new_ordinary();
	struct iovec part = { mem, LEN }, ordinary = { copy, PAGE };
	int link[2];

	EXPECT(!pipe(link));
	EXPECT_EQ(vmsplice(link[1], &ordinary, 1, 0), PAGE);
	EXPECT_NO_PIN(vmsplice(link[1], &part, 1, 0));
	EXPECT_NO_PIN(vmsplice(link[1], &part, 1, SPLICE_F_GIFT));
	expect_intact(mem);
}

/* kills: pages registered with a ring for as long as it lives */
static void io_uring_fixed_buffer(void)
{
	char params[120] = "", *mem = new_filled();
	struct iovec part = { mem, LEN }, ordinary = { new_ordinary(), LEN };
	int ring = syscall(SYS_io_uring_setup, 4, params);

	EXPECT(ring >= 0);
	EXPECT(!syscall(SYS_io_uring_register, ring, 0, &ordinary, 1));
	EXPECT(!syscall(SYS_io_uring_register, ring, 1, NULL, 0));
	EXPECT_NO_PIN(syscall(SYS_io_uring_register, ring, 0, &part, 1));
	expect_intact(mem);
}

static int loopback_up(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(request.ifr_name, "lo");
	EXPECT(fd >= 0);
	EXPECT(!ioctl(fd, SIOCSIFFLAGS, &request));
	return fd;
}

/* kills: pages hung into a packet */
static void send_zerocopy(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons(4711),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char *mem = new_filled(), *copy = new_ordinary();
	int fd = loopback_up(), one = 1;

	EXPECT(!bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	EXPECT(!connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	EXPECT(!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	EXPECT_EQ(send(fd, copy, 8192, MSG_ZEROCOPY), 8192);
	EXPECT_EQ(recv(fd, copy, 8192, 0), 8192);
	EXPECT_NO_PIN(send(fd, mem, 8192, MSG_ZEROCOPY));
	EXPECT_EQ(send(fd, mem, 8192, 0), 8192);
	EXPECT_EQ(recv(fd, copy, 8192, 0), 8192);
	EXPECT(holds(copy, 8192, 1));
	expect_intact(mem);
}

static long futex(void *addr, int op, uint32_t value)
{
	struct timespec time = { 0, 1000000 };

	return syscall(SYS_futex, addr, op, value, &time, NULL, 0);
}

/* kills: a page pinned as the key of a futex */
static void futex_shared(void)
{
	char *mem = new_filled();
	uint32_t value = *(volatile uint32_t *)mem;

	EXPECT_NO_PIN(futex(mem, FUTEX_WAIT, value));
	EXPECT_NO_PIN(futex(mem, FUTEX_WAKE, 1));
	expect_intact(mem);
}

/* kills: nothing of ours; a private futex needs no page and works */
static void futex_private(void)
{
	char *mem = new_filled();
	uint32_t value = *(volatile uint32_t *)mem;

	EXPECT_ERRNO(futex(mem, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value),
		     ETIMEDOUT);
	EXPECT_ERRNO(futex(mem, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value + 1),
		     EAGAIN);
	expect_intact(mem);
}

/* --- plain copies: must work ------------------------------------------------------ */

static void expect_copies(int to, int from)
{
	char *mem = new_filled(), *copy = new_ordinary();

	EXPECT_EQ(write(to, mem, PAGE + 100), PAGE + 100);
	lseek(from, 0, SEEK_SET);
	EXPECT_EQ(read(from, copy, PAGE + 100), PAGE + 100);
	EXPECT(holds(copy, PAGE + 100, 1));
	fill(copy, LEN, 2);
	lseek(to, 0, SEEK_SET);
	EXPECT_EQ(write(to, copy, PAGE + 100), PAGE + 100);
	lseek(from, 0, SEEK_SET);
	EXPECT_EQ(read(from, mem, PAGE + 100), PAGE + 100);
	EXPECT(holds(mem, PAGE + 100, 2));
	expect_no_alias(mem, LEN);
}

/* kills: entries that copy_from_user() and copy_to_user() cannot use */
static void write_to_file_and_back(void)
{
	int fd = open("/tmp/copy", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	EXPECT(fd >= 0);
	expect_copies(fd, fd);
	unlink("/tmp/copy");
}

/* kills: the same through a pipe */
static void write_to_pipe_and_back(void)
{
	int link[2];

	EXPECT(!pipe(link));
	expect_copies(link[1], link[0]);
}

/* kills: the same through a socket */
static void write_to_socket_and_back(void)
{
	int link[2];

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, link));
	expect_copies(link[1], link[0]);
}

/* kills: a buffer file that splices its pages out */
static void splice_of_descriptor(void)
{
	int fd = new_buffer(LEN), link[2];
	int file = open("/tmp/copy", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	EXPECT(!pipe(link));
	EXPECT_EQ(pwrite(file, "some text", 9, 0), 9);
	EXPECT_ERRNO(splice(fd, NULL, link[1], NULL, PAGE, 0), EINVAL);
	EXPECT_ERRNO(splice(link[0], NULL, fd, NULL, PAGE, 0), EINVAL);
	EXPECT_ERRNO(sendfile(link[1], fd, NULL, PAGE), EINVAL);
	EXPECT_ERRNO(sendfile(fd, file, NULL, PAGE), EINVAL);
	EXPECT_EQ(copy_file_range(fd, NULL, file, NULL, PAGE, 0), -1);
	unlink("/tmp/copy");
}

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
	EXPECT(peeks(pid, mem, LEN - 4));
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

/* kills: VM_DONTDUMP left out, or a dump that pins pages to read them */
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
	CASE(process_vm_readv_of_mapping),
	CASE(process_vm_writev_of_mapping),
	CASE(process_vm_local_side),
	CASE(o_direct_write),
	CASE(o_direct_read),
	CASE(o_direct_mixed_vector),
	CASE(vmsplice_of_mapping),
	CASE(io_uring_fixed_buffer),
	CASE(send_zerocopy),
	CASE(futex_shared),
	CASE(futex_private),
	CASE(write_to_file_and_back),
	CASE(write_to_pipe_and_back),
	CASE(write_to_socket_and_back),
	CASE(splice_of_descriptor),
	CASE(ptrace_peek),
	CASE(ptrace_poke),
	CASE(ptrace_poke_read_only),
	CASE(ptrace_poke_read_only_fd),
	CASE(proc_mem_read),
	CASE(proc_mem_read_past_the_end),
	CASE(proc_mem_write),
	CASE(proc_mem_write_read_only),
	CASE(proc_mem_read_after_dontneed),
	CASE(core_dump_of_owner),
	CASE(kcore_read_of_kernel_mapping),
	CASE(dev_mem_of_frame),
	CASE(compaction_beside_buffer),
	CASE(hibernate_with_buffer),
	CASE(snapshot_with_buffer),
	CASE(alloc_while_hibernating),
	CASE(hibernate_while_buffer_ends),
};
GUEST_MAIN(cases)
