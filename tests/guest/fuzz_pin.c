// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h by which the kernel would get at the pages behind a
 * mapping by itself, and cached: refused; or by the buffer's own access(), which
 * must tell the truth.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

static uint32_t copy[PAGE / sizeof(uint32_t)] __attribute__((aligned(PAGE)));

/* What a call that pins answered. Only errors that tell of a pin count. */
static int pinned(const char *call, long result)
{
	if (result >= 0) {
		fuzz_broken(WHAT_MUST_FAIL_FAILS, "%s returned %ld", call,
			    result);
		return FUZZ_DONE;
	}
	if (errno == EFAULT || errno == EEXIST || errno == EOPNOTSUPP ||
	    errno == EIO)
		return FUZZ_DONE;
	return -errno;
}

static int op_vmsplice(void)
{
	struct fuzz_span span = model_any_span();
	struct iovec part = { model_page(span.first),
			      (size_t)span.nr * PAGE };
	int sides[2], status;

	if (!span.nr)
		return FUZZ_IDLE;
	if (pipe(sides))
		return -errno;
	status = pinned("vmsplice", vmsplice(sides[1], &part, 1,
					     SPLICE_F_NONBLOCK |
					     SPLICE_F_GIFT * fuzz_below(2)));
	close(sides[0]);
	close(sides[1]);
	return status;
}

static int op_direct(void)
{
	struct fuzz_span span = model_any_span();
	void *mem = model_page(span.first);
	int fd, status;

	if (!span.nr)
		return FUZZ_IDLE;
	fd = open("/dev/ram0", O_RDWR | O_DIRECT);
	if (fd < 0)
		return -errno;
	if (fuzz_chance(2))
		status = pinned("direct read", pread(fd, mem, PAGE, 0));
	else
		status = pinned("direct write", pwrite(fd, mem, PAGE, 0));
	close(fd);
	return status;
}

/* One's own mapping, or where another may have one. */
static int op_process_vm(void)
{
	struct fuzz_span span = model_any_span();
	pid_t other = fuzz.shared->pids[fuzz_below(fuzz.nr_members)];
	pid_t pid = fuzz_chance(2) && other ? other : getpid();
	struct iovec local = { copy, PAGE };
	struct iovec remote = { model_page(pid == getpid() ? span.first :
					   fuzz_below(ARENA_PAGES)), PAGE };

	if (!span.nr)
		return FUZZ_IDLE;
	fuzz_note(pid, span.first, 0, 0);
	if (fuzz_chance(2))
		return pinned("process_vm_readv",
			      process_vm_readv(pid, &local, 1, &remote, 1, 0));
	return pinned("process_vm_writev",
		      process_vm_writev(pid, &local, 1, &remote, 1, 0));
}

static int op_futex(void)
{
	struct fuzz_span span = model_any_span();

	if (!span.nr)
		return FUZZ_IDLE;
	return pinned("futex", syscall(SYS_futex, model_page(span.first),
				       FUTEX_WAKE, 1, NULL, NULL, 0));
}

static int op_ring(void)
{
	char params[120] = "";
	struct fuzz_span span = model_any_span();
	struct iovec part = { model_page(span.first),
			      (size_t)span.nr * PAGE };
	int ring, status;

	if (!span.nr)
		return FUZZ_IDLE;
	ring = syscall(SYS_io_uring_setup, 4, params);
	if (ring < 0)
		return -errno;
	status = pinned("io_uring_register",
			syscall(SYS_io_uring_register, ring, 0, &part, 1));
	close(ring);
	return status;
}

static int op_userfault(void)
{
	struct fuzz_span span = model_any_span();
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)model_page(span.first),
			   (size_t)span.nr * PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd, status = -EIO;

	if (!span.nr)
		return FUZZ_IDLE;
	/* 1: for faults of user space, which needs no rights. */
	fd = syscall(SYS_userfaultfd, O_CLOEXEC | 1);
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, UFFDIO_API, &api) &&
	    fuzz_expect(ioctl(fd, UFFDIO_REGISTER, &area) < 0,
			WHAT_MUST_FAIL_FAILS, "faults were given to userfaultfd"))
		status = FUZZ_DONE;
	close(fd);
	return status;
}

/* --- by way of access() -------------------------------------------------------------- */

static int read_by_proc(int fd, const struct fuzz_place *place, off_t at)
{
	fuzz_expect(pread(fd, copy, PAGE, at) == PAGE, ANSWERS_ARE_TRUE,
		    "a debugger does not see buffer %llu page %u: errno %d",
		    (unsigned long long)place->buffer->id, place->page, errno);
	contents_check_copy(place->buffer, place->page, copy);
	return FUZZ_DONE;
}

static int write_by_proc(int fd, const struct fuzz_place *place, off_t at)
{
	uint8_t gen = contents_make(place->buffer, place->page, copy);
	ssize_t len = pwrite(fd, copy, PAGE, at);

	if (!(place->prot & PROT_WRITE)) {
		fuzz_expect(len < 0, WHAT_MUST_FAIL_FAILS,
			    "a debugger wrote where nobody may");
		return FUZZ_DONE;
	}
	fuzz_expect(len == PAGE, ANSWERS_ARE_TRUE,
		    "a debugger may not write: %zd, errno %d", len, errno);
	contents_set_gen(place->buffer, place->page, gen);
	return FUZZ_DONE;
}

static int op_proc_mem(void)
{
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];
	off_t at = (uintptr_t)model_page(span.first);
	int fd, status;

	if (!span.nr)
		return FUZZ_IDLE;
	fd = open("/proc/self/mem", O_RDWR);
	if (fd < 0)
		return -errno;
	fuzz_note(span.first, place->buffer->id, place->page, place->prot);
	if (fuzz_chance(2) || place->buffer->kept)
		status = read_by_proc(fd, place, at);
	else
		status = write_by_proc(fd, place, at);
	close(fd);
	return status;
}

/*
 * A pipe's pages on their way into a socket, which older kernels kmap(): with
 * high memory their entries stay when the pages are free again, and the next to
 * take pages of this CPU gets these.
 */
static int op_leave_kmap(void)
{
	int nr = 1 + fuzz_below(8), pipes[2], sockets[2], status = FUZZ_DONE;

	if (pipe(pipes))
		return -errno;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sockets)) {
		close(pipes[0]);
		close(pipes[1]);
		return -EMFILE;
	}
	while (nr-- && !status)
		if (write(pipes[1], copy, PAGE) != PAGE ||
		    splice(pipes[0], NULL, sockets[0], NULL, PAGE, 0) != PAGE)
			status = -errno;
	close(pipes[0]);
	close(pipes[1]);
	close(sockets[0]);
	close(sockets[1]);
	return status;
}

/* The kernel stores into the mapping. */
static int op_copy_in(void)
{
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];
	int sides[2];
	uint8_t gen;

	if (!span.nr || !(place->prot & PROT_WRITE) || place->buffer->kept)
		return FUZZ_IDLE;
	if (pipe(sides))
		return -errno;
	gen = contents_make(place->buffer, place->page, copy);
	if (write(sides[1], copy, PAGE) == PAGE &&
	    fuzz_expect(read(sides[0], model_page(span.first), PAGE) == PAGE,
			CONTENTS_STAY, "read into buffer %llu: errno %d",
			(unsigned long long)place->buffer->id, errno))
		contents_set_gen(place->buffer, place->page, gen);
	close(sides[0]);
	close(sides[1]);
	return FUZZ_DONE;
}

const struct fuzz_op fuzz_pin_ops[] = {
	{ "vmsplice", 6, BY_ALL_MEMBERS, op_vmsplice },
	{ "direct", 6, BY_ALL_MEMBERS, op_direct },
	{ "process_vm", 8, BY_ALL_MEMBERS, op_process_vm },
	{ "futex", 4, BY_ALL_MEMBERS, op_futex },
	{ "ring", 3, BY_ALL_MEMBERS, op_ring },
	{ "userfault", 3, BY_ALL_MEMBERS, op_userfault },
	{ "proc_mem", 15, BY_ALL_MEMBERS, op_proc_mem },
	{ "leave_kmap", 10, BY_ALL_MEMBERS, op_leave_kmap },
	{ "copy_in", 10, BY_ALL_MEMBERS, op_copy_in },
	{ 0 },
};
