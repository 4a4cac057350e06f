// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages of a user address that the kernel pins or copies, always cached.
 */
#define _GNU_SOURCE
#include "input_kernel.h"

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
};

GUEST_MAIN(cases)
