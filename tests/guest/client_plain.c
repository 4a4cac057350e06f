// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A typical client: written against the kernel's dma-heap.h and dma-buf.h only,
 * so that it would work with any heap. It uses no header and no library of this
 * project.
 *
 * NA_HEAP names the heap. Each case is a process; TAP on stdout.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN (1u << 20)

#define EXPECT(cond) \
	do { \
		if (!(cond)) { \
			printf("# line %d: not true: %s (%s)\n", __LINE__, \
			       #cond, strerror(errno)); \
			fflush(stdout); \
			_exit(1); \
		} \
	} while (0)

/* --- what every client has --------------------------------------------------- */

static int open_heap(void)
{
	const char *name = getenv("NA_HEAP");
	char path[128];
	int heap;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s",
		 name ? name : "system-uncached");
	heap = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(heap >= 0);
	return heap;
}

/* A buffer or a negative errno. */
static int try_alloc(int heap, struct dma_heap_allocation_data data)
{
	return ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno :
							  (int)data.fd;
}

static int alloc(size_t len)
{
	int heap = open_heap(), fd;

	fd = try_alloc(heap, (struct dma_heap_allocation_data){
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	});
	close(heap);
	EXPECT(fd >= 0);
	return fd;
}

static uint32_t *map(int fd)
{
	void *mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

static void sync_buffer(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	int status;

	do
		status = ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	while (status && (errno == EINTR || errno == EAGAIN));
	EXPECT(!status);
}

static void write_words(int fd, uint32_t *mem, uint32_t seed)
{
	uint32_t i;

	sync_buffer(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
	for (i = 0; i < LEN / 4; i++)
		mem[i] = i * 2654435761u + seed;
	sync_buffer(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

static int has_words(int fd, const uint32_t *mem, uint32_t seed)
{
	uint32_t i, nr = 0;

	sync_buffer(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	for (i = 0; i < LEN / 4; i++)
		nr += mem[i] == i * 2654435761u + seed;
	sync_buffer(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	return nr == LEN / 4;
}

/* --- a descriptor through a socket ------------------------------------------- */

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void send_fd(int socket, int fd)
{
	union control control = { .room = "" };
	char byte = 'b';
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	EXPECT(sendmsg(socket, &message, 0) == 1);
}

static int receive_fd(int socket)
{
	union control control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	EXPECT(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1);
	EXPECT(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void wait_byte(int socket)
{
	char byte;

	EXPECT(read(socket, &byte, 1) == 1);
}

static void give_byte(int socket)
{
	EXPECT(write(socket, "b", 1) == 1);
}

/* --- cases --------------------------------------------------------------------- */

/* kills: a length that is not whole pages, or that nobody can ask for */
static void alloc_rounds_up(void)
{
	int fd = alloc(LEN - 1234);

	EXPECT(lseek(fd, 0, SEEK_END) == LEN);
	EXPECT(lseek(fd, 0, SEEK_SET) == 0);
}

/* kills: memory that others have left something in */
static void alloc_is_zeroed_each_time(void)
{
	uint32_t *mem, i, nr, turn;
	int fd;

	for (turn = 0; turn < 16; turn++) {
		fd = alloc(LEN);
		mem = map(fd);
		for (i = 0, nr = 0; i < LEN / 4; i++)
			nr += !mem[i];
		EXPECT(nr == LEN / 4);
		write_words(fd, mem, ~turn);
		EXPECT(!munmap(mem, LEN));
		EXPECT(!close(fd));
	}
}

/* kills: flags that the kernel's heaps refuse, or that they take */
static void alloc_takes_the_kernels_flags(void)
{
	struct dma_heap_allocation_data good = {
		.len = LEN, .fd_flags = O_RDWR | O_CLOEXEC,
	}, bad;
	int heap = open_heap(), fd = try_alloc(heap, good);

	EXPECT(fd >= 0);
	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	bad = good;
	bad.len = 0;
	EXPECT(try_alloc(heap, bad) == -EINVAL);
	bad = good;
	bad.heap_flags = ~DMA_HEAP_VALID_HEAP_FLAGS;
	EXPECT(try_alloc(heap, bad) == -EINVAL);
	bad = good;
	bad.fd_flags |= O_DIRECT;
	EXPECT(try_alloc(heap, bad) == -EINVAL);
	bad = good;
	bad.fd = 1;
	EXPECT(try_alloc(heap, bad) == -EINVAL);
	bad = good;
	bad.len = ~0ull;
	EXPECT(try_alloc(heap, bad) < 0);
	EXPECT(try_alloc(heap, good) == fd + 1);
}

/* kills: two mappings of one buffer that show different memory */
static void maps_show_the_same_memory(void)
{
	int fd = alloc(LEN), copy = dup(fd);
	uint32_t *mem = map(fd), *other = map(copy);

	write_words(fd, mem, 5);
	EXPECT(has_words(copy, other, 5));
	EXPECT(!close(fd));
	EXPECT(!munmap(mem, LEN));
	write_words(copy, other, 6);
	mem = map(copy);
	EXPECT(has_words(copy, mem, 6));
}

/* Knows nothing but what came through the socket. */
static void partner(int socket)
{
	int fd = receive_fd(socket);
	uint32_t *mem;

	EXPECT(lseek(fd, 0, SEEK_END) == LEN);
	mem = map(fd);
	EXPECT(has_words(fd, mem, 7));
	write_words(fd, mem, 8);
	give_byte(socket);
	wait_byte(socket);
	/* The one who allocated has nothing left by now. */
	EXPECT(has_words(fd, mem, 9));
	EXPECT(!munmap(mem, LEN));
	EXPECT(!close(fd));
}

/* kills: a buffer that belongs to its first process only */
static void partner_works_on_the_same_buffer(void)
{
	int sockets[2], fd, status;
	uint32_t *mem;
	pid_t pid;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		partner(sockets[1]);
		_exit(0);
	}
	fd = alloc(LEN);
	mem = map(fd);
	write_words(fd, mem, 7);
	send_fd(sockets[0], fd);
	wait_byte(sockets[0]);
	EXPECT(has_words(fd, mem, 8));
	write_words(fd, mem, 9);
	EXPECT(!munmap(mem, LEN));
	EXPECT(!close(fd));
	give_byte(sockets[0]);
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT(!status);
}

/* kills: a buffer that nobody works on and that is busy all the same */
static void poll_is_ready(void)
{
	struct pollfd poll_fd = { .fd = alloc(LEN),
				  .events = POLLIN | POLLOUT };

	EXPECT(poll(&poll_fd, 1, 0) == 1);
	EXPECT(poll_fd.revents == (POLLIN | POLLOUT));
}

/* kills: a name that cannot be given, or is not shown */
static void name_is_shown(void)
{
	char path[64], text[512];
	int fd = alloc(LEN), info;
	ssize_t len;

	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, "camera preview"));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	len = read(info, text, sizeof(text) - 1);
	EXPECT(len > 0);
	text[len] = 0;
	EXPECT(strstr(text, "name:\tcamera preview\n"));
	EXPECT(strstr(text, "size:\t1048576\n"));
	EXPECT(strstr(text, "exp_name:\tsystem-"));
}

/* kills: explicit fences of a buffer that has none */
static void sync_file_of_an_idle_buffer_is_signalled(void)
{
	struct dma_buf_export_sync_file sync = {
		.flags = DMA_BUF_SYNC_RW, .fd = -1,
	};
	struct pollfd poll_fd = { .events = POLLIN };
	int fd = alloc(LEN);

	EXPECT(!ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &sync));
	poll_fd.fd = sync.fd;
	EXPECT(poll(&poll_fd, 1, 0) == 1);
	EXPECT(poll_fd.revents == POLLIN);
}

/* kills: memory or descriptors that freeing does not give back */
static void free_gives_back_all(void)
{
	int i, heap = open_heap(), first = -1, fd;
	uint32_t *mem;

	for (i = 0; i < 1000; i++) {
		fd = try_alloc(heap, (struct dma_heap_allocation_data){
			.len = LEN, .fd_flags = O_RDWR | O_CLOEXEC,
		});
		EXPECT(fd >= 0);
		first = i ? first : fd;
		EXPECT(fd == first);
		mem = map(fd);
		mem[LEN / 4 - 1] = i;
		EXPECT(!munmap(mem, LEN));
		EXPECT(!close(fd));
	}
}

/* --- runner -------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "alloc_rounds_up", alloc_rounds_up },
	{ "alloc_is_zeroed_each_time", alloc_is_zeroed_each_time },
	{ "alloc_takes_the_kernels_flags", alloc_takes_the_kernels_flags },
	{ "maps_show_the_same_memory", maps_show_the_same_memory },
	{ "partner_works_on_the_same_buffer",
	  partner_works_on_the_same_buffer },
	{ "poll_is_ready", poll_is_ready },
	{ "name_is_shown", name_is_shown },
	{ "sync_file_of_an_idle_buffer_is_signalled",
	  sync_file_of_an_idle_buffer_is_signalled },
	{ "free_gives_back_all", free_gives_back_all },
};

#define NR_CASES (sizeof(cases) / sizeof(cases[0]))

static int run_case(size_t i)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		cases[i].run();
		fflush(stdout);
		_exit(0);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

int main(void)
{
	int failed = 0, bad;
	size_t i;

	printf("1..%zu\n", NR_CASES);
	for (i = 0; i < NR_CASES; i++) {
		bad = run_case(i);
		printf("%sok %zu - %s\n", bad ? "not " : "", i + 1,
		       cases[i].name);
		failed += bad;
	}
	return failed ? 1 : 0;
}
