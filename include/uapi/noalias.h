/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/**
 * DOC: /dev/noalias
 *
 * Questions about heaps and buffers, for who is neither root nor has debugfs.
 * Asking changes nothing and gives no rights: a buffer is named by an fd that
 * the caller already holds. Opening the node for reading is enough.
 *
 * NOALIAS_IOC_QUERY_REFUSAL is also answered by the module's own nodes in
 * /dev/dma_heap, for a program that has nothing but a heap. The kernel's heaps
 * look at the number of a call only and have none but 0: they refuse it.
 *
 * Rules that hold for every call:
 * - The layout is the same for 32-bit and 64-bit callers.
 * - @flags and everything named reserved is 0 on entry, else -EINVAL. Reserved
 *   fields are 0 on return. Fields marked "out" may hold anything on entry.
 * - A refusal is recorded with field, value and limit, except for the end of
 *   the list of heaps, and when there is no refusal to tell of. The thread
 *   that was refused asks with NOALIAS_IOC_QUERY_REFUSAL, root reads all of
 *   them (debugfs, noalias/refusals).
 * - After an error nothing was written to the struct.
 */
#ifndef UAPI_NOALIAS_H
#define UAPI_NOALIAS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NOALIAS_IOC_PATH	"/dev/noalias"
#define NOALIAS_IOC_MAGIC	0xbe

/* Grows when a call or a field is added; what was there stays as it is. */
#define NOALIAS_IOC_ABI		3

/* Room for a name with its final 0; the rest of the field is 0 too. */
#define NOALIAS_IOC_NAME_LEN	32

/* Room for the words of a refusal, in the same way. */
#define NOALIAS_IOC_TEXT_LEN	64

/* Memory types. UC on x86 is the kernel's UC-. */
#define NOALIAS_IOC_WB		0
#define NOALIAS_IOC_WC		1
#define NOALIAS_IOC_UC		2

/*
 * Promises. NONE: nothing is known to protect the buffer. BEST_EFFORT: caches
 * were cleaned, a cached mapping of the kernel may be left. GUARANTEED: no
 * cached mapping of any frame is left, and none can be made by means that the
 * kernel offers to programs.
 */
#define NOALIAS_IOC_NONE	0
#define NOALIAS_IOC_BEST_EFFORT	1
#define NOALIAS_IOC_GUARANTEED	2

/* Where frames come from. ANY: high memory first, low when there is none. */
#define NOALIAS_IOC_ZONE_ANY	0
#define NOALIAS_IOC_ZONE_LOW	1
#define NOALIAS_IOC_ZONE_HIGH	2

/*
 * Limits of refusals. TEXT: in words only. FIXED: a number that no other
 * request changes, the same request will be refused again. NOW: a number of
 * that moment, part of which others used.
 */
#define NOALIAS_IOC_LIMIT_TEXT	0
#define NOALIAS_IOC_LIMIT_FIXED	1
#define NOALIAS_IOC_LIMIT_NOW	2

/**
 * struct noalias_query_version - what answers
 * @flags: in: 0
 * @abi: out: NOALIAS_IOC_ABI of the module
 * @nr_heaps: out: heaps that there are; indices 0 to this less 1
 * @frame_len: out: bytes of a page frame
 * @used: out: bytes that the buffers of all heaps hold
 * @limit: out: bytes that they may hold together, now
 * @version: out: of the module, e.g. "0.1.0"
 * @reserved: 0
 */
struct noalias_query_version {
	__u32 flags;
	__u32 abi;
	__u32 nr_heaps;
	__u32 frame_len;
	__u64 used;
	__u64 limit;
	char version[NOALIAS_IOC_NAME_LEN];
	__u64 reserved[4];
};

/**
 * struct noalias_query_buffer - what a buffer is, checked now
 * @fd: in: a dma-buf
 * @flags: in: 0
 * @len: out: bytes
 * @low: out: bytes of it in memory that the kernel maps permanently
 * @wrong: out: bytes whose frames the ledger does not have as frames of a
 *	buffer with @memtype. Not 0 only after a fault of the module; @promise
 *	is NONE then
 * @id: out: number of the buffer, unique since the module was loaded; the
 *	first column of noalias/buffers in debugfs
 * @memtype: out: NOALIAS_IOC_UC, _WC
 * @promise: out: NOALIAS_IOC_GUARANTEED, _BEST_EFFORT, _NONE
 * @heap: out: name of the heap that it was allocated from
 * @reserved: 0
 *
 * The ledger is asked about every frame during the call; nothing is answered
 * from memory. Page tables and TLBs are not searched: that is what an audit
 * does.
 *
 * Errors: -EBADF @fd is not open; -EINVAL @fd is not a dma-buf, @flags,
 * @reserved; -ENODEV a dma-buf that another driver made; -EINTR a fatal
 * signal; -EFAULT.
 */
struct noalias_query_buffer {
	__s32 fd;
	__u32 flags;
	__u64 len;
	__u64 low;
	__u64 wrong;
	__u64 id;
	__u32 memtype;
	__u32 promise;
	char heap[NOALIAS_IOC_NAME_LEN];
	__u64 reserved[4];
};

/**
 * struct noalias_query_heap - one heap and its use
 * @index: in: 0 and up
 * @flags: in: 0
 * @memtype: out: of its buffers, NOALIAS_IOC_UC, _WC
 * @promise: out: of its buffers, NOALIAS_IOC_GUARANTEED, _BEST_EFFORT
 * @zone: out: where frames come from now, NOALIAS_IOC_ZONE_*
 * @reserved0: 0
 * @nr_buffers: out: buffers that exist now
 * @used: out: bytes that they hold
 * @limit: out: bytes that the buffers of all heaps may hold together, now
 * @name: out: the node is /dev/dma_heap/ and this
 * @dev_major: out: number of the device, whatever name its nodes have. 0: the
 *	module has ABI 1, where this was reserved
 * @dev_minor: out: the same
 * @reserved: 0
 *
 * A node of that name may be another device: the first to make it keeps it.
 *
 * Errors: -ENOENT @index is past the last heap; -EINVAL @flags, @reserved0,
 * @reserved; -EFAULT.
 */
struct noalias_query_heap {
	__u32 index;
	__u32 flags;
	__u32 memtype;
	__u32 promise;
	__u32 zone;
	__u32 reserved0;
	__u64 nr_buffers;
	__u64 used;
	__u64 limit;
	char name[NOALIAS_IOC_NAME_LEN];
	__u32 dev_major;
	__u32 dev_minor;
	__u64 reserved[3];
};

/**
 * struct noalias_query_refusal - why the calling thread was refused last
 * @flags: in: 0
 * @err: out: errno of the refused call, positive
 * @nr: out: refusals of this thread that were recorded in a row; another
 *	number than before, or than 0, says that a new one was
 * @value: out: what the field was. Of a DMA address only the bits that
 *	it takes, all set
 * @max: out: what it may be at most, in the same unit; 0 without a number
 * @used: out: how much of @max was taken; 0 unless @scope is _NOW
 * @scope: out: NOALIAS_IOC_LIMIT_*
 * @reserved0: 0
 * @field: out: what was wrong: of a struct, or of a call, or of the machine
 * @limit: out: what it may be, in words
 * @remedy: out: what can be done, in words; "" when @limit says it
 * @reserved: 0
 *
 * Told is the last request of this thread that the module refused: a call on
 * one of its nodes, mmap() of a buffer, or what a device did with a buffer on
 * behalf of this thread. Other threads and processes are never told of it.
 * Records have a bounded room: one of a thread that was refused long ago can
 * be gone.
 *
 * Errors: -ENOENT nothing is recorded; -EINVAL @flags, @reserved0, @reserved;
 * -EFAULT.
 */
struct noalias_query_refusal {
	__u32 flags;
	__s32 err;
	__u64 nr;
	__u64 value;
	__u64 max;
	__u64 used;
	__u32 scope;
	__u32 reserved0;
	char field[NOALIAS_IOC_NAME_LEN];
	char limit[NOALIAS_IOC_TEXT_LEN];
	char remedy[NOALIAS_IOC_TEXT_LEN];
	__u64 reserved[4];
};

/* Errors of the first: -EINVAL @flags, @reserved; -EFAULT. */
#define NOALIAS_IOC_QUERY_VERSION \
	_IOWR(NOALIAS_IOC_MAGIC, 0, struct noalias_query_version)
#define NOALIAS_IOC_QUERY_BUFFER \
	_IOWR(NOALIAS_IOC_MAGIC, 1, struct noalias_query_buffer)
#define NOALIAS_IOC_QUERY_HEAP \
	_IOWR(NOALIAS_IOC_MAGIC, 2, struct noalias_query_heap)
#define NOALIAS_IOC_QUERY_REFUSAL \
	_IOWR(NOALIAS_IOC_MAGIC, 3, struct noalias_query_refusal)

#endif
