/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/**
 * DOC: /dev/noalias
 *
 * Queries about heaps and buffers for callers without root and debugfs. A query
 * changes nothing and gives no rights: a buffer is named by an fd that the
 * caller already holds. Opening the node for reading is enough. One call is no query:
 * NOALIAS_IOC_SYNC does for a part of a buffer what DMA_BUF_IOCTL_SYNC does for all of
 * it.
 *
 * The module's nodes in /dev/dma_heap answer NOALIAS_IOC_QUERY_REFUSAL too, for
 * programs that have only a heap open. The kernel's heaps look at the number of
 * an ioctl alone and have only 0, so they fail with -EINVAL.
 *
 * Rules for all calls:
 * - The layout is the same for 32-bit and 64-bit callers.
 * - @flags, unless a call names some, and all reserved fields must be 0 on
 *   entry, else -EINVAL. Reserved fields are 0 on return. Fields marked "out"
 *   may hold anything on entry.
 * - A refusal is recorded with field, value and limit, except -ENOENT at the
 *   end of the list of heaps and for a thread without a refusal. The refused
 *   thread reads its record with NOALIAS_IOC_QUERY_REFUSAL, root reads all of
 *   them in debugfs (noalias/refusals).
 * - After an error nothing was written to the struct.
 */
#ifndef UAPI_NOALIAS_H
#define UAPI_NOALIAS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NOALIAS_IOC_PATH	"/dev/noalias"
#define NOALIAS_IOC_MAGIC	0xbe

/* Grows when a call or a field is added; nothing existing changes. */
#define NOALIAS_IOC_ABI		4

/* Bytes of a name with its final 0; the rest of the field is 0. */
#define NOALIAS_IOC_NAME_LEN	32

/* Bytes of a text of a refusal, likewise. */
#define NOALIAS_IOC_TEXT_LEN	64

/*
 * Memory types. UC on x86 is the kernel's UC-. WB is cached: each access of the CPU
 * has to be put between DMA_BUF_IOCTL_SYNC of start and end.
 */
#define NOALIAS_IOC_WB		0
#define NOALIAS_IOC_WC		1
#define NOALIAS_IOC_UC		2

/*
 * Promises. NONE: the buffer is not known to be protected, or is cached (WB) and
 * has no alias to be protected from. BEST_EFFORT: caches were cleaned, but a
 * cached mapping in the kernel may be left. GUARANTEED: no cached mapping of any
 * frame is left, and programs have no way to create one.
 */
#define NOALIAS_IOC_NONE	0
#define NOALIAS_IOC_BEST_EFFORT	1
#define NOALIAS_IOC_GUARANTEED	2

/* Zone of the frames. ANY: high memory first, low when there is none. */
#define NOALIAS_IOC_ZONE_ANY	0
#define NOALIAS_IOC_ZONE_LOW	1
#define NOALIAS_IOC_ZONE_HIGH	2
#define NOALIAS_IOC_ZONE_DMA32	3

/* Properties of a heap. CONTIGUOUS: each buffer is one range of memory. */
#define NOALIAS_IOC_HEAP_CONTIGUOUS	1u

/*
 * Limits of refusals. TEXT: only in words. FIXED: a constant number, the same
 * request will be refused again. NOW: a number at that moment, part of which
 * was used by others.
 */
#define NOALIAS_IOC_LIMIT_TEXT	0
#define NOALIAS_IOC_LIMIT_FIXED	1
#define NOALIAS_IOC_LIMIT_NOW	2

/**
 * struct noalias_query_version - version and totals of the module
 * @flags: in: 0
 * @abi: out: NOALIAS_IOC_ABI of the module
 * @nr_heaps: out: number of heaps; indices are 0 to @nr_heaps - 1
 * @frame_len: out: bytes of a page frame
 * @used: out: bytes held by the buffers of all heaps
 * @limit: out: bytes that they may hold together now
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
 * struct noalias_query_buffer - type and promise of a buffer, checked now
 * @fd: in: a dma-buf
 * @flags: in: 0
 * @len: out: bytes
 * @low: out: bytes of it in low memory (in the kernel's direct map)
 * @wrong: out: bytes in frames that the ledger does not list as in a buffer
 *	with @memtype; for WB, as the system's. Other than 0 only after a bug of
 *	the module; then @promise is NONE
 * @id: out: number of the buffer, unique since the module was loaded; the
 *	first column of noalias/buffers in debugfs
 * @memtype: out: NOALIAS_IOC_UC, _WC, _WB
 * @promise: out: NOALIAS_IOC_GUARANTEED, _BEST_EFFORT, _NONE
 * @heap: out: name of the heap that it was allocated from
 * @reserved: 0
 *
 * Every frame is looked up in the ledger during the call. Page tables are not
 * searched: that is what an audit does.
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
 * @memtype: out: type of its buffers, NOALIAS_IOC_UC, _WC, _WB
 * @promise: out: promise of its buffers, NOALIAS_IOC_GUARANTEED, _BEST_EFFORT,
 *	_NONE
 * @zone: out: where frames are allocated now, NOALIAS_IOC_ZONE_*
 * @properties: in: 0; out: NOALIAS_IOC_HEAP_*. A module of ABI 3 leaves it 0
 * @nr_buffers: out: buffers that exist now
 * @used: out: bytes that they hold
 * @limit: out: bytes that the buffers of all heaps may hold together, now; or
 *	those of this heap, if it has a smaller limit of its own
 * @name: out: name of the node in /dev/dma_heap
 * @dev_major: out: device number, whatever the node's name. 0: the module has
 *	ABI 1, where this was reserved
 * @dev_minor: out: likewise
 * @reserved: 0
 *
 * A node of that name may be another device: the driver that creates it first
 * keeps it. Compare device numbers.
 *
 * Errors: -ENOENT @index is past the last heap; -EINVAL @flags, @properties,
 * @reserved; -EFAULT.
 */
struct noalias_query_heap {
	__u32 index;
	__u32 flags;
	__u32 memtype;
	__u32 promise;
	__u32 zone;
	__u32 properties;
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
 * @nr: out: counts refusals of this thread; if it differs from an earlier
 *	value, or from 0, there was a new one
 * @value: out: value of the field; for a DMA address a mask of the bits that it
 *	needs
 * @max: out: largest value allowed, in the same unit; 0 if there is no number
 * @used: out: how much of @max was in use; 0 unless @scope is _NOW
 * @scope: out: NOALIAS_IOC_LIMIT_*
 * @reserved0: 0
 * @field: out: field at fault, of a struct, a call or the machine
 * @limit: out: allowed values, in words
 * @remedy: out: what can be done, in words; "" if @limit says it
 * @reserved: 0
 *
 * The record is that of the last request of this thread that the module
 * refused: an ioctl on one of its nodes, mmap() of a buffer, or the import of a
 * buffer by a device on behalf of this thread. Other threads cannot read it.
 * The number of records is limited: an old one may have been replaced.
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

/**
 * struct noalias_sync - an access of the CPU to a part of a buffer begins or ends
 * @fd: in: a dma-buf
 * @flags: in: as struct dma_buf_sync: DMA_BUF_SYNC_READ, _WRITE or both, and
 *	DMA_BUF_SYNC_START (0) or _END
 * @offset: in: first byte of the part
 * @len: in: bytes of the part, 1 or more
 * @reserved: 0
 *
 * For a cached buffer (WB) only the part is fetched from devices, or handed over to
 * them: with bounce buffers, or where caches are not coherent, it costs by its length.
 * Bytes around it may be handed over as well where the kernel cannot sync a part. For
 * UC and WC the end of a write drains write-combining buffers, whatever the part. The
 * start waits for fences of devices in all of the buffer.
 *
 * On the dma-buf itself there cannot be such a call: the kernel, and not the driver
 * that made the buffer, answers its ioctls.
 *
 * Errors: -EBADF @fd is not open; -EINVAL @fd is not a dma-buf, @flags, @reserved,
 * @offset and @len are not within the buffer; -ENODEV a dma-buf that another driver
 * made; -EINTR a signal came while it waited, nothing was done; -EFAULT. A module of
 * ABI 3 has no such call: -ENOTTY.
 */
struct noalias_sync {
	__s32 fd;
	__u32 flags;
	__u64 offset;
	__u64 len;
	__u64 reserved[2];
};

/* Errors of NOALIAS_IOC_QUERY_VERSION: -EINVAL @flags, @reserved; -EFAULT. */
#define NOALIAS_IOC_QUERY_VERSION \
	_IOWR(NOALIAS_IOC_MAGIC, 0, struct noalias_query_version)
#define NOALIAS_IOC_QUERY_BUFFER \
	_IOWR(NOALIAS_IOC_MAGIC, 1, struct noalias_query_buffer)
#define NOALIAS_IOC_QUERY_HEAP \
	_IOWR(NOALIAS_IOC_MAGIC, 2, struct noalias_query_heap)
#define NOALIAS_IOC_QUERY_REFUSAL \
	_IOWR(NOALIAS_IOC_MAGIC, 3, struct noalias_query_refusal)
#define NOALIAS_IOC_SYNC \
	_IOW(NOALIAS_IOC_MAGIC, 4, struct noalias_sync)

#endif
