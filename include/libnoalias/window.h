/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: windows
 *
 * kmap() for programs: a bounded range of addresses through which a program
 * works on a file that is larger than it can, or wants to, map.
 *
 * A window has slots of one granule each. noalias_window_map() points a slot
 * at a piece of the file and returns an address; noalias_window_unmap() ends
 * the use and leaves the mapping, so that the next map of that piece costs a
 * few nanoseconds and no system call. Unused slots are reclaimed in batches.
 *
 * The file may be anything that mmap() accepts: a regular file, a memfd, a
 * dma-buf, hugetlbfs, a block device. All mappings are MAP_SHARED.
 *
 * Threads. All calls but open and close may be made by any number of threads
 * at the same time. An address is valid in every thread until it is unmapped.
 * No call is async-signal-safe.
 *
 * fork() and exec(). A window belongs to the process that opened it. In a
 * child of fork() the addresses mapped at that moment stay valid (same file,
 * MAP_SHARED) and every call but noalias_window_close() fails with -EPERM.
 * Close releases the child's address range. The child may open its own window.
 * A child of a program with several threads may make no other calls of
 * windows. Nothing survives exec(); the descriptor kept inside is
 * close-on-exec.
 *
 * The file's end. A map beyond it fails until the file has grown. If a file
 * shrinks while a piece is mapped, access to the lost part raises SIGBUS, as
 * with mmap(). Later maps of the lost part fail: a window reads the file's
 * length at each map, which costs a system call, unless the file cannot shrink
 * (sealed memfd, dma-buf, block device) or NOALIAS_WINDOW_NO_SHRINK was given.
 */
#ifndef LIBNOALIAS_WINDOW_H
#define LIBNOALIAS_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct noalias_window;

/** NOALIAS_WINDOW_READONLY - mappings cannot be written through. */
#define NOALIAS_WINDOW_READONLY		(1u << 0)
/** NOALIAS_WINDOW_NO_SHRINK - promise: nobody makes the file shorter. */
#define NOALIAS_WINDOW_NO_SHRINK	(1u << 1)
/** NOALIAS_WINDOW_POPULATE - populate a whole slot when it is pointed. */
#define NOALIAS_WINDOW_POPULATE		(1u << 2)
/**
 * NOALIAS_WINDOW_TRACK - record the caller of each map; for debugging, slow.
 */
#define NOALIAS_WINDOW_TRACK		(1u << 3)

/** Limits of the options. */
#define NOALIAS_WINDOW_SLOTS_MAX	65536u
#define NOALIAS_WINDOW_GRANULE_MIN	4096u
#define NOALIAS_WINDOW_GRANULE_MAX	(2u << 20)
#define NOALIAS_WINDOW_LOCAL_MAX	16u
#define NOALIAS_WINDOW_THREADS_MAX	1024u
/** NOALIAS_WAIT_FOREVER - value for a timeout: wait without limit. */
#define NOALIAS_WAIT_FOREVER		UINT64_MAX

/**
 * struct noalias_window_options - 0 in a field is the default
 * @size: sizeof(struct noalias_window_options)
 * @flags: NOALIAS_WINDOW_*
 * @granule: bytes of a slot, a power of two from NOALIAS_WINDOW_GRANULE_MIN to
 *	NOALIAS_WINDOW_GRANULE_MAX, and a multiple of the file's page; 0: the
 *	file's page
 * @nr_slots: 1 to NOALIAS_WINDOW_SLOTS_MAX; 0: 16 MiB of slots, at least 16.
 *	Each mapped slot may be a mapping of the process: vm.max_map_count
 *	limits them
 * @batch_max: slots to reclaim at a time, up to @nr_slots; 0: a quarter
 * @local_depth: local windows of each thread, up to
 *	NOALIAS_WINDOW_LOCAL_MAX; 0: none
 * @threads_max: threads that get their own counters and local windows, 1 to
 *	NOALIAS_WINDOW_THREADS_MAX; further threads share counters and have no
 *	local windows. 0: 64. Each costs @local_depth granules of addresses
 * @length: length for a file that reports none (a character device), bytes;
 *	else 0
 * @length_max: largest length that the file may grow to, bytes; 0: twice its
 *	current length, at least 2^26 granules
 */
struct noalias_window_options {
	size_t size;
	uint32_t flags;
	uint32_t granule;
	uint32_t nr_slots;
	uint32_t batch_max;
	uint32_t local_depth;
	uint32_t threads_max;
	uint64_t length;
	uint64_t length_max;
};

/**
 * noalias_window_open() - reserve addresses for a window over a file
 * @fd: open for reading, and for writing unless NOALIAS_WINDOW_READONLY; may
 *	be closed afterwards
 * @options: NULL: defaults
 * @window: receives the window
 *
 * Return: 0; -EINVAL @options, or a device that reports no length and @length
 * is 0 (an empty file is allowed: it may grow); -E2BIG @options uses a field of
 * a later version; -EBADF; -EACCES @fd was not opened for the requested access;
 * -ENODEV the file cannot be mapped, or is /dev/zero, whose mappings share no
 * memory; -EPERM it is sealed against writing; -EFBIG it is longer than
 * length_max, or length_max exceeds the limit; -ENOMEM no memory, no addresses,
 * or too many slots for vm.max_map_count; -EMFILE.
 */
int noalias_window_open(int fd, const struct noalias_window_options *options,
			struct noalias_window **window);

/**
 * noalias_window_close() - unmap all and release the address range
 *
 * No other call on the window may run or begin. NULL is allowed.
 *
 * Return: 0; -EBUSY a piece is still mapped; nothing was done, and
 * noalias_window_dump() shows the piece. In a child of fork() always 0.
 */
int noalias_window_close(struct noalias_window *window);

/**
 * noalias_window_map() - map a piece of the file
 * @window: window
 * @offset: first byte
 * @len: bytes, 1 or more; may cross granules, which are then mapped at
 *	consecutive addresses
 * @addr: receives the address of the first byte
 *
 * Maps of the same piece share their slots. Waits while all slots are in use;
 * a caller that holds one map and waits for another can deadlock with others
 * that do the same.
 *
 * Return: 0; -EPERM the window belongs to another process; -EINVAL @len is 0;
 * -ERANGE the piece goes beyond the end of the file; -EFBIG it goes beyond
 * length_max; -ENOSPC it takes more granules than there are slots; -EOVERFLOW
 * more than 8191 nested maps of one granule; -ENOMEM, -EACCES, -EAGAIN or
 * another errno of mmap(). After an error nothing is mapped.
 */
int noalias_window_map(struct noalias_window *window, uint64_t offset,
		       size_t len, void **addr);

/**
 * noalias_window_map_timeout() - the same, waiting at most @timeout_ns
 *
 * Only the wait for others to unmap is limited. 0: do not wait.
 *
 * Return: as noalias_window_map(), or -ETIMEDOUT.
 */
int noalias_window_map_timeout(struct noalias_window *window, uint64_t offset,
			       size_t len, uint64_t timeout_ns, void **addr);

/**
 * noalias_window_unmap() - end one map
 * @window: window
 * @addr: address that map returned
 * @len: length passed to map
 *
 * Return: 0; -EPERM; -EINVAL no map of that length begins there (a second
 * unmap, a wrong address); nothing was done.
 */
int noalias_window_unmap(struct noalias_window *window, const void *addr,
			 size_t len);

/**
 * noalias_window_local_map() - short access by this thread only
 * @window: window, opened with local_depth
 * @offset: first byte
 * @len: bytes; within one granule
 * @addr: receives the address
 *
 * Never waits for a slot. A thread must unmap its local windows itself, in the
 * reverse order of mapping.
 *
 * Return: as noalias_window_map(); -ENOSPC local_depth of them are in use;
 * -EUSERS more than threads_max threads use the library; -EOPNOTSUPP the window
 * was opened without local_depth.
 */
int noalias_window_local_map(struct noalias_window *window, uint64_t offset,
			     size_t len, void **addr);

/**
 * noalias_window_local_unmap() - end this thread's last local map
 *
 * The address is unmapped on return. Return: 0; -EPERM; -EINVAL @addr is not
 * the address of that map.
 */
int noalias_window_local_unmap(struct noalias_window *window,
			       const void *addr);

/**
 * noalias_window_purge() - remove a piece of the file from the page tables
 * @window: window
 * @offset: first byte
 * @len: bytes; every granule that the piece touches is purged whole
 *
 * Return: 0; -EPERM; -EINVAL @len is 0; -EFBIG beyond length_max; -EBUSY
 * part of it is in use (the unused rest was purged); -EIO a slot that shows
 * part of it had to be given up.
 */
int noalias_window_purge(struct noalias_window *window, uint64_t offset,
			 uint64_t len);

/**
 * noalias_kmap_flush_unused() - remove every unused mapping
 *
 * Costs one system call for each row of neighbouring slots. Return: 0; -EPERM.
 */
int noalias_kmap_flush_unused(struct noalias_window *window);

/**
 * struct noalias_window_stats - counters since open
 * @hits: maps of a granule that was in use already
 * @revivals: maps of a granule whose mapping was unused
 * @locals: local maps
 * @misses: maps that had to point a slot
 * @waits: maps that found all slots in use and waited
 * @reclaimed: slots reclaimed for other pieces
 * @purged: slots emptied by purges
 * @shootdowns: batches of slots reclaimed or purged
 * @lost: slots given up because a mapping could not be removed
 * @calls_set: system calls that pointed slots
 * @calls_clear: system calls that cleared slots, one for each row
 * @live: slots in use now
 * @stale: slots that are mapped and unused now
 *
 * A map of several granules counts once for each. @hits to @misses wrap at 2^32
 * on 32-bit machines.
 */
struct noalias_window_stats {
	uint64_t hits;
	uint64_t revivals;
	uint64_t locals;
	uint64_t misses;
	uint64_t waits;
	uint64_t reclaimed;
	uint64_t purged;
	uint64_t shootdowns;
	uint64_t lost;
	uint64_t calls_set;
	uint64_t calls_clear;
	uint64_t live;
	uint64_t stale;
};

/**
 * noalias_window_stats() - read the counters
 * @window: window
 * @stats: receives them
 * @size: sizeof(*@stats); fields that this version does not know are zeroed
 *
 * Return: 0; -EPERM; -EINVAL @size is 0.
 */
int noalias_window_stats(struct noalias_window *window,
			 struct noalias_window_stats *stats, size_t size);

/**
 * noalias_window_dump() - write a line for each piece that is mapped
 * @window: window
 * @fd: descriptor to write to
 *
 * A line has slot, offset and users, or address and offset for a local map.
 * With NOALIAS_WINDOW_TRACK each map adds a line with its thread and the
 * caller's address. Use it to find maps that were never unmapped.
 *
 * Return: number of slots in use, local ones included; -EPERM; an errno of
 * write().
 */
int noalias_window_dump(struct noalias_window *window, int fd);

/** noalias_window_granule() - bytes of a slot. */
uint32_t noalias_window_granule(const struct noalias_window *window);

/** noalias_window_nr_slots() - slots of the window. */
uint32_t noalias_window_nr_slots(const struct noalias_window *window);

#ifdef __cplusplus
}
#endif

#endif
