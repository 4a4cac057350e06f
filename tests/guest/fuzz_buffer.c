// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h on heaps and descriptors of buffers.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../../include/uapi/noalias.h"

#include <limits.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int heap_index(void)
{
	return fuzz.heaps[1] >= 0 ? fuzz_below(2) : 0;
}

/* --- allocation ------------------------------------------------------------------- */

static void check_fresh(int fd, size_t len, int access)
{
	void *mem = mmap(NULL, len, access == O_RDWR ? RW : PROT_READ,
			 MAP_SHARED, fd, 0);

	if (mem == MAP_FAILED) {
		fuzz_expect(errno == ENOMEM || errno == EACCES, ANSWERS_ARE_TRUE,
			    "mmap of a new buffer: errno %d", errno);
		return;
	}
	fuzz_expect(contents_is_zero(mem, len), FRESH_MEMORY_IS_ZERO,
		    "a new buffer of %zu bytes is not zero", len);
	munmap(mem, len);
}

static int request(int heap, struct dma_heap_allocation_data *data)
{
	struct dma_heap_allocation_data before = *data;
	int err;

	if (!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, data)) {
		fuzz_expect(data->len == before.len &&
			    data->fd_flags == before.fd_flags &&
			    data->heap_flags == before.heap_flags,
			    ANSWERS_ARE_TRUE, "allocation changed its request");
		return 0;
	}
	err = errno;
	fuzz_expect(!memcmp(&before, data, sizeof(before)),
		    REFUSED_CALLS_CHANGE_NOTHING,
		    "allocation: errno %d and another struct", err);
	return -err;
}

static uint64_t any_len(void)
{
	if (fuzz_chance(12))
		return 1 + fuzz_below(BUFFER_PAGES * PAGE);
	if (fuzz_chance(4))
		return PAGE << fuzz_below(7);
	return (1 + fuzz_below(12)) * PAGE;
}

/* What a thread is told of its refusal is about this one. */
static void check_told(int err)
{
	struct noalias_query_refusal query = { 0 };

	if (ioctl(fuzz.node, NOALIAS_IOC_QUERY_REFUSAL, &query))
		fuzz_expect(errno == ENOENT, ANSWERS_ARE_TRUE,
			    "asking for a refusal: errno %d", errno);
	else
		fuzz_expect(query.err == err, ANSWERS_ARE_TRUE,
			    "refused with %d, told %d: %s", err, query.err,
			    query.field);
}

static struct fuzz_fd *alloc(uint64_t len, int access, int *err)
{
	int heap = heap_index();
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = access | O_CLOEXEC * fuzz_below(2),
	};
	struct fuzz_fd *fd;

	fuzz_note(heap, len, data.fd_flags, 0);
	*err = request(fuzz.heaps[heap], &data);
	if (*err) {
		if (*err != -EINTR)
			check_told(-*err);
		return NULL;
	}
	fd = model_add_fd(data.fd, access);
	if (!fd)
		return NULL;
	fuzz_expect(fd->buffer->nr == (len + PAGE - 1) / PAGE &&
		    fd->buffer->heap == heap && fd->buffer->nr_fds == 1,
		    ANSWERS_ARE_TRUE, "a new buffer of %llu bytes has %u pages",
		    (unsigned long long)len, fd->buffer->nr);
	if (access != O_WRONLY)
		check_fresh(fd->fd, fd->buffer->nr * PAGE, access);
	return fd;
}

static int op_alloc(void)
{
	static const int accesses[] = { O_RDWR, O_RDWR, O_RDWR, O_RDWR, O_RDWR,
					O_RDWR, O_RDONLY, O_WRONLY };
	int err;

	model_make_room();
	alloc(any_len(), fuzz_pick(accesses), &err);
	return err;
}

/* More than the model has room for, up to what limits refuse. */
static int op_alloc_large(void)
{
	static const uint64_t lens[] = {
		3 * MIB + 1, 8 * MIB, 24 * MIB, 64 * MIB, 200 * MIB, GIB,
		2 * GIB - PAGE,
	};
	struct dma_heap_allocation_data data = { .fd_flags = O_RDWR };
	int err;

	data.len = fuzz_pick(lens) - (fuzz_chance(2) ? 0 : PAGE);
	if (data.len > 8 * MIB && !fuzz_chance(4))
		data.len = 8 * MIB;
	fuzz_note(data.len, data.len >> 32, 0, 0);
	err = request(fuzz.heaps[heap_index()], &data);
	if (err) {
		if (err != -EINTR)
			check_told(-err);
		return err;
	}
	/* All of a larger one would take the time of a thousand others. */
	check_fresh(data.fd, data.len < 9 * MIB ? data.len & -PAGE : MIB,
		    O_RDWR);
	close(data.fd);
	return FUZZ_DONE;
}

/* Not the page allocator: page faults of the same thread would fail too. */
static const char *const starving_rules[] = {
	"na_port_cache_clean %u once -12", "get_unused_fd_flags %u once -24",
	"dma_buf_export %u once -12", "na_port_alloc_owned %u once 0",
};
static const char *starving_rule;

static int starve(unsigned int nth)
{
	int fd = open("/sys/kernel/debug/na_fail/fail", O_RDWR), len, err;
	char rule[64];

	if (fd < 0)
		return -errno;
	len = snprintf(rule, sizeof(rule), starving_rule, nth);
	if (write(fd, rule, len) == len)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/*
 * A kernel may not have the function. One for the whole run: while others call it,
 * an emulated CPU can meet a probe that is being placed and jump to address 0.
 */
void choose_starving_rule(void)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(starving_rules); i++) {
		starving_rule = starving_rules[(fuzz.seed + i) %
					       ARRAY_SIZE(starving_rules)];
		fd = starve(1000000);
		if (fd < 0)
			continue;
		close(fd);
		return;
	}
	EXPECT(!"one of the calls of an allocation can be made to fail");
}

/* What the kernel does for an allocation fails once, at some call of it. */
static int op_alloc_starved(void)
{
	struct dma_heap_allocation_data data = { .fd_flags = O_RDWR };
	int fd, err;

	data.len = any_len();
	/* Another has the only rule: EBUSY. */
	fd = starve(1 + fuzz_below(3));
	if (fd < 0)
		return fd;
	err = request(fuzz.heaps[heap_index()], &data);
	close(fd);
	if (err)
		return fuzz_expect(err == -ENOMEM || err == -EMFILE ||
				   err == -EINTR, ANSWERS_ARE_TRUE,
				   "starved: errno %d", -err) ? 0 : err;
	check_fresh(data.fd, (data.len + PAGE - 1) & -PAGE, O_RDWR);
	close(data.fd);
	return FUZZ_DONE;
}

static uint64_t any_bits(void)
{
	uint64_t bits = fuzz_random();

	switch (fuzz_below(4)) {
	case 0: return 0;
	case 1: return bits >> fuzz_below(64);
	case 2: return 1ull << fuzz_below(64);
	default: return bits;
	}
}

static void make_any_request(struct dma_heap_allocation_data *data)
{
	*data = (struct dma_heap_allocation_data){
		.len = fuzz_chance(2) ? any_len() : any_bits(),
		.fd = fuzz_chance(8) ? any_bits() : 0,
		.fd_flags = fuzz_chance(4) ? any_bits() : O_RDWR,
		.heap_flags = fuzz_chance(8) ? any_bits() : 0,
	};
}

/* Any struct, any length of it, any direction; also at an address that is none,
 * or that cannot be written: then a buffer was made for nothing.
 */
static int op_alloc_raw(void)
{
	static _Alignas(PAGE) char room[4 * PAGE];
	size_t len = fuzz_chance(2) ? sizeof(struct dma_heap_allocation_data) :
				      fuzz_below(256);
	unsigned int cmd = _IOC(fuzz_below(4), fuzz_chance(2) ? 'H' : 0xbe,
				fuzz_chance(4) ? fuzz_below(256) : 0, len);
	void *at = fuzz_chance(8) ? (void *)(uintptr_t)any_bits() : room;
	bool read_only = fuzz_chance(4);
	int err = 0;

	if (fuzz_chance(2))
		cmd = DMA_HEAP_IOCTL_ALLOC;

	memset(room, 0, 512);
	make_any_request((void *)room);
	fuzz_note(cmd, len, read_only, (uintptr_t)at);
	if (read_only)
		mprotect(room, sizeof(room), PROT_READ);
	if (ioctl(fuzz.heaps[heap_index()], cmd, at))
		err = -errno;
	mprotect(room, sizeof(room), RW);
	/* Its descriptor has a number that a caller may not be told. */
	if (!err)
		model_close_unknown();
	return err;
}

static int op_open(void)
{
	static const char *const paths[] = {
		"/dev/dma_heap/system-uncached", "/dev/noalias",
		"/dev/dma_heap/system-writecombine",
	};
	int fd = open(fuzz_pick(paths), fuzz_chance(2) ? O_RDWR : O_RDONLY);
	struct stat stat;
	char byte;

	if (fd < 0)
		return -errno;
	fstat(fd, &stat);
	fuzz_expect(read(fd, &byte, 1) < 0 && write(fd, &byte, 1) < 0,
		    WHAT_MUST_FAIL_FAILS, "a node was read or written");
	fuzz_expect(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) ==
		    MAP_FAILED, WHAT_MUST_FAIL_FAILS, "a node was mapped");
	close(fd);
	return FUZZ_DONE;
}

/* --- questions -------------------------------------------------------------------- */

static int op_query_buffer(void)
{
	struct fuzz_fd *fd = model_any_fd();
	struct noalias_query_buffer query = { 0 };
	const struct fuzz_buffer *buffer;

	if (!fd)
		return FUZZ_IDLE;
	query.fd = fd->fd;
	buffer = fd->buffer;
	if (ioctl(fuzz.node, NOALIAS_IOC_QUERY_BUFFER, &query))
		return fuzz_expect(errno == EINTR, ANSWERS_ARE_TRUE,
				   "asking for a buffer: errno %d", errno) ?
			-EINTR : FUZZ_DONE;
	fuzz_expect(query.id == buffer->id && query.len == buffer->nr * PAGE &&
		    !query.wrong && query.low <= query.len &&
		    query.promise == NOALIAS_IOC_GUARANTEED &&
		    query.memtype == (buffer->heap ? NOALIAS_IOC_WC :
						     NOALIAS_IOC_UC),
		    ANSWERS_ARE_TRUE,
		    "buffer %llu of %u pages: told %llu, %llu bytes, %llu wrong",
		    (unsigned long long)buffer->id, buffer->nr,
		    (unsigned long long)query.id, (unsigned long long)query.len,
		    (unsigned long long)query.wrong);
	return FUZZ_DONE;
}

static int op_query_heap(void)
{
	struct noalias_query_heap query = { .index = fuzz_below(5) };

	if (ioctl(fuzz.node, NOALIAS_IOC_QUERY_HEAP, &query))
		return -errno;
	fuzz_expect(query.nr_buffers <= query.used / PAGE &&
		    query.zone <= NOALIAS_IOC_ZONE_DMA32 &&
		    !strncmp(query.name, "system-", 7) &&
		    query.promise == NOALIAS_IOC_GUARANTEED, ANSWERS_ARE_TRUE,
		    "heap %.32s: %llu buffers have %llu bytes", query.name,
		    (unsigned long long)query.nr_buffers,
		    (unsigned long long)query.used);
	return FUZZ_DONE;
}

static int op_query_version(void)
{
	struct noalias_query_version query = { 0 };

	if (ioctl(fuzz.node, NOALIAS_IOC_QUERY_VERSION, &query))
		return -errno;
	fuzz_expect(query.abi == NOALIAS_IOC_ABI && query.frame_len == PAGE,
		    ANSWERS_ARE_TRUE, "ABI %u", query.abi);
	return FUZZ_DONE;
}

/* A question with anything in it: refused, and as it was; or answered. */
static int op_query_raw(void)
{
	static const unsigned int cmds[] = {
		NOALIAS_IOC_QUERY_VERSION, NOALIAS_IOC_QUERY_BUFFER,
		NOALIAS_IOC_QUERY_HEAP, NOALIAS_IOC_QUERY_REFUSAL,
	};
	uint64_t room[32] = { 0 }, before[32];
	unsigned int cmd = fuzz_pick(cmds), nr = fuzz_below(4);
	int fd = fuzz_chance(4) ? fuzz.heaps[0] : fuzz.node, err;

	if (fuzz_chance(8))
		cmd ^= 1u << fuzz_below(32);
	room[0] = fuzz_below(16);
	while (nr-- > 1)
		room[fuzz_below(ARRAY_SIZE(room))] = any_bits();
	memcpy(before, room, sizeof(room));
	fuzz_note(cmd, room[0], 0, 0);
	/* A heap makes buffers of a command that it takes for its own. */
	if (fd != fuzz.node && cmd != NOALIAS_IOC_QUERY_REFUSAL)
		return FUZZ_IDLE;
	if (!ioctl(fd, cmd, room))
		return FUZZ_DONE;
	err = errno;
	fuzz_expect(!memcmp(room, before, sizeof(room)),
		    REFUSED_CALLS_CHANGE_NOTHING,
		    "question %x: errno %d and another struct", cmd, err);
	return -err;
}

/* --- descriptors -------------------------------------------------------------------- */

static int op_dup(void)
{
	struct fuzz_fd *fd = model_any_fd();
	int copy;

	if (!fd)
		return FUZZ_IDLE;
	copy = fcntl(fd->fd, fuzz_chance(2) ? F_DUPFD_CLOEXEC : F_DUPFD, 3);
	if (copy < 0)
		return -errno;
	model_add_fd(copy, fd->access);
	return FUZZ_DONE;
}

static int op_close(void)
{
	struct fuzz_fd *fd = model_any_fd();

	if (!fd)
		return FUZZ_IDLE;
	fuzz_note(fd->fd, fd->buffer->id, fd->buffer->nr_fds,
		  fd->buffer->nr_places);
	model_close(fd);
	return FUZZ_DONE;
}

/* dup2() of one buffer over the descriptor of another. */
static int op_dup_over(void)
{
	struct fuzz_fd *from = model_any_fd(), *to = model_any_fd();
	int number, access;

	if (!from || from == to)
		return FUZZ_IDLE;
	number = dup2(from->fd, to->fd);
	if (number < 0)
		return -errno;
	access = from->access;
	model_forget(to);
	model_add_fd(number, access);
	return FUZZ_DONE;
}

static int op_sync(void)
{
	static const uint64_t accesses[] = {
		DMA_BUF_SYNC_READ, DMA_BUF_SYNC_WRITE, DMA_BUF_SYNC_RW,
	};
	struct fuzz_fd *fd = model_any_fd();
	struct dma_buf_sync sync = { .flags = fuzz_pick(accesses) };

	if (!fd)
		return FUZZ_IDLE;
	if (fuzz_chance(10))
		sync.flags = any_bits();
	if (ioctl(fd->fd, DMA_BUF_IOCTL_SYNC, &sync))
		return -errno;
	sync.flags |= DMA_BUF_SYNC_END;
	return ioctl(fd->fd, DMA_BUF_IOCTL_SYNC, &sync) ? -errno : FUZZ_DONE;
}

static int op_name(void)
{
	char name[40];
	struct fuzz_fd *fd = model_any_fd();
	size_t i;

	if (!fd)
		return FUZZ_IDLE;
	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = fuzz_chance(20) ? 0 : fuzz_random();
	name[i] = 0;
	return ioctl(fd->fd, DMA_BUF_SET_NAME, name) ? -errno : FUZZ_DONE;
}

/* What files can be asked that a buffer is none of. */
static int op_file_calls(void)
{
	struct fuzz_fd *fd = model_any_fd();
	struct pollfd poll_fd = { .events = POLLIN | POLLOUT };
	char byte = 0;

	if (!fd)
		return FUZZ_IDLE;
	poll_fd.fd = fd->fd;
	fuzz_expect(pread(fd->fd, &byte, 1, 0) < 0 &&
		    pwrite(fd->fd, &byte, 1, 0) < 0 &&
		    ftruncate(fd->fd, 0) < 0 &&
		    fallocate(fd->fd, 0, 0, PAGE) < 0,
		    WHAT_MUST_FAIL_FAILS, "a buffer was used as a file");
	fuzz_expect(lseek(fd->fd, 0, SEEK_END) == fd->buffer->nr * PAGE,
		    ANSWERS_ARE_TRUE, "a buffer of %u pages ends elsewhere",
		    fd->buffer->nr);
	return poll(&poll_fd, 1, 0) == 1 ? FUZZ_DONE : -EIO;
}

/* Calls that the kernel has for buffers, and such that it has not. */
static int op_ioctl_raw(void)
{
	struct fuzz_fd *fd = model_any_fd();
	uint64_t room[8] = { 0 };
	unsigned int cmd;
	int status;

	if (!fd)
		return FUZZ_IDLE;
	room[0] = fuzz_chance(2) ? fuzz_below(8) : any_bits();
	cmd = _IOC(fuzz_below(4), DMA_BUF_BASE, fuzz_below(5),
		   fuzz_chance(4) ? fuzz_below(64) : 8);
	fuzz_note(cmd, room[0], 0, 0);
	status = ioctl(fd->fd, cmd, room) ? -errno : FUZZ_DONE;
	/* The call for a fence gives a descriptor. */
	model_close_unknown();
	return status;
}

/* --- to others --------------------------------------------------------------------- */

union fd_message {
	char room[CMSG_SPACE(2 * sizeof(int))];
	struct cmsghdr align;
};

static int send_two(int socket, const int *fds)
{
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	union fd_message message = { .room = "" };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = message.room,
		.msg_controllen = sizeof(message.room),
	};
	struct cmsghdr *item = CMSG_FIRSTHDR(&header);

	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(item), fds, 2 * sizeof(int));
	return sendmsg(socket, &header, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

static int op_send(void)
{
	uint32_t to = fuzz_below(fuzz.nr_members);
	struct fuzz_fd *a = model_any_fd(), *b = model_any_fd();
	int fds[2];

	if (!a || a->buffer->kept || b->buffer->kept)
		return FUZZ_IDLE;
	fds[0] = a->fd;
	/* Now and then the socket goes into itself: a circle. */
	fds[1] = fuzz_chance(8) ? fuzz.inboxes[to][0] : b->fd;
	a->buffer->shared = true;
	b->buffer->shared = true;
	fuzz_note(to, a->buffer->id, b->buffer->id, 0);
	return send_two(fuzz.inboxes[to][1], fds);
}

/* By their access mode: a receiver can do no more than the sender. */
static void add_received(int fd)
{
	int access = fcntl(fd, F_GETFL) & O_ACCMODE;
	struct fuzz_fd *entry = model_add_fd(fd, access);

	if (entry)
		entry->buffer->shared = true;
}

static int op_receive(void)
{
	char byte;
	struct iovec part = { &byte, 1 };
	union fd_message message;
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = message.room,
		.msg_controllen = sizeof(message.room),
	};
	struct cmsghdr *item;
	int fds[2], nr, i;

	if (recvmsg(fuzz.inboxes[self.worker][0], &header,
		    MSG_DONTWAIT) != 1)
		return errno == EAGAIN ? FUZZ_IDLE : -errno;
	item = CMSG_FIRSTHDR(&header);
	if (!item || item->cmsg_type != SCM_RIGHTS)
		return -EIO;
	nr = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(item), nr * sizeof(int));
	for (i = 0; i < nr; i++)
		add_received(fds[i]);
	return FUZZ_DONE;
}

const struct fuzz_op fuzz_buffer_ops[] = {
	{ "alloc", 60, BY_ALL_MEMBERS, op_alloc },
	{ "alloc_large", 2, BY_ALL_MEMBERS, op_alloc_large },
	{ "alloc_starved", 1, BY_ALL_MEMBERS, op_alloc_starved },
	{ "alloc_raw", 10, BY_ALL_MEMBERS, op_alloc_raw },
	{ "open", 5, BY_ALL_MEMBERS, op_open },
	{ "query_buffer", 15, BY_ALL_MEMBERS, op_query_buffer },
	{ "query_heap", 5, BY_ALL_MEMBERS, op_query_heap },
	{ "query_version", 3, BY_ALL_MEMBERS, op_query_version },
	{ "query_raw", 12, BY_ALL_MEMBERS, op_query_raw },
	{ "dup", 15, BY_ALL_MEMBERS, op_dup },
	{ "dup_over", 5, BY_ALL_MEMBERS, op_dup_over },
	{ "close", 45, BY_ALL_MEMBERS, op_close },
	{ "sync", 20, BY_ALL_MEMBERS, op_sync },
	{ "name", 4, BY_ALL_MEMBERS, op_name },
	{ "file_calls", 6, BY_ALL_MEMBERS, op_file_calls },
	{ "ioctl_raw", 8, BY_ALL_MEMBERS, op_ioctl_raw },
	{ "send", 15, BY_ALL_MEMBERS, op_send },
	{ "receive", 20, BY_ALL_MEMBERS, op_receive },
	{ 0 },
};
