/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: windows
 *
 * kmap() for programs: a bounded range of addresses through which a program
 * works on a file that is larger than what it wants, or is able, to map.
 *
 * A window has slots of one granule each. noalias_window_map() points a slot
 * at a piece of the file and returns an address; noalias_window_unmap() ends
 * the use and leaves the mapping, so that the next map of that piece costs a
 * few nanoseconds and no system call. Slots that nobody uses are taken back
 * many at a time.
 *
 * The file is anything that mmap() takes: a regular file, a memfd, a dma-buf,
 * hugetlbfs, a block device. All mappings are MAP_SHARED.
 *
 * Threads. All calls but open and close may be made by any number of threads
 * at the same time. An address is good in every thread until it is unmapped.
 * No call is async-signal-safe.
 *
 * fork() and exec(). A window belongs to the process that opened it. In a
 * child of fork() the addresses mapped at that moment stay good (same file,
 * MAP_SHARED), every call but noalias_window_close() fails with -EPERM, and
 * close gives the child's addresses back; the child opens a window of its own.
 * In a child of a program with several threads that is all that may be done.
 * Nothing survives exec(); the descriptor kept inside is close-on-exec.
 *
 * The file's end. To map beyond it is an error, and stays one until the file
 * has grown. A file that shrinks while a piece is mapped takes the memory
 * away below whoever uses it: access raises SIGBUS, as with mmap(). What was
 * cut off is refused by the next map: a window asks for the length at each map
 * unless the file cannot shrink (sealed memfd, dma-buf, block device) or
 * NOALIAS_WINDOW_NO_SHRINK says that nobody does it. It costs a system call.
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
/** NOALIAS_WINDOW_POPULATE - fault a slot in whole when it is pointed. */
#define NOALIAS_WINDOW_POPULATE		(1u << 2)
/** NOALIAS_WINDOW_TRACK - remember who mapped what; for debugging, slow. */
#define NOALIAS_WINDOW_TRACK		(1u << 3)

/** Limits of the options. */
#define NOALIAS_WINDOW_SLOTS_MAX	65536u
#define NOALIAS_WINDOW_GRANULE_MIN	4096u
#define NOALIAS_WINDOW_GRANULE_MAX	(2u << 20)
#define NOALIAS_WINDOW_LOCAL_MAX	16u
#define NOALIAS_WINDOW_THREADS_MAX	1024u
/** NOALIAS_WAIT_FOREVER - as a timeout: none. */
#define NOALIAS_WAIT_FOREVER		UINT64_MAX

/**
 * struct noalias_window_options - zeroes are defaults
 * @size: sizeof(struct noalias_window_options)
 * @flags: NOALIAS_WINDOW_*
 * @granule: bytes of a slot, a power of two from NOALIAS_WINDOW_GRANULE_MIN to
 *	NOALIAS_WINDOW_GRANULE_MAX, and a multiple of the file's page; 0: the
 *	file's page
 * @nr_slots: 1 to NOALIAS_WINDOW_SLOTS_MAX; 0: 16 MiB of slots, at least 16.
 *	Each one mapped is a mapping of the process: vm.max_map_count bounds
 *	them
 * @batch_max: slots to take back at a time, up to @nr_slots; 0: a quarter
 * @local_depth: local windows of each thread, up to
 *	NOALIAS_WINDOW_LOCAL_MAX; 0: none
 * @threads_max: threads that get counters and local windows of their own, 1
 *	to NOALIAS_WINDOW_THREADS_MAX; more share and have no local windows.
 *	0: 64. With @local_depth each costs that many granules of addresses
 * @length: of a file that has none (a character device), bytes; else 0
 * @length_max: the file may grow up to here, bytes; 0: twice what it is now,
 *	at least 2^26 granules
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
 * Return: 0; -EINVAL @options, or a device that has no length of its own and
 * is given none (an empty file may grow); -E2BIG an @options of a later
 * version that asks for what this one lacks; -EBADF; -EACCES @fd was not
 * opened for what is asked; -ENODEV the file cannot be mapped, or is /dev/zero,
 * each mapping of which is memory of its own; -EPERM it is sealed against that;
 * -EFBIG it is longer than length_max, or that than the limit; -ENOMEM no
 * memory, addresses, or too many slots for vm.max_map_count; -EMFILE.
 */
int noalias_window_open(int fd, const struct noalias_window_options *options,
			struct noalias_window **window);

/**
 * noalias_window_close() - unmap all and give the addresses back
 *
 * No other call on the window runs or begins. NULL is allowed.
 *
 * Return: 0; -EBUSY something is still mapped: nothing was done;
 * noalias_window_dump() shows what. In a child of fork() always 0.
 */
int noalias_window_close(struct noalias_window *window);

/**
 * noalias_window_map() - map a piece of the file
 * @window: window
 * @offset: first byte
 * @len: bytes, 1 or more; may span several granules, which then lie in a row
 * @addr: receives the address of that byte
 *
 * Maps of the same piece share their slots. Waits while all slots are in use;
 * a caller that holds one map and waits for another may wait for ever if
 * others do the same.
 *
 * Return: 0; -EPERM the window is another process's; -EINVAL @len is 0;
 * -ERANGE the piece goes beyond the end of the file; -EFBIG it goes beyond
 * length_max; -ENOSPC it takes more granules than there are slots;
 * -EOVERFLOW more than 8191 nested maps of one granule; -ENOMEM, -EACCES,
 * -EAGAIN ... what mmap() said. After an error nothing is mapped.
 */
int noalias_window_map(struct noalias_window *window, uint64_t offset,
		       size_t len, void **addr);

/**
 * noalias_window_map_timeout() - the same, and wait for @timeout_ns at most
 *
 * Only the wait for others to unmap is bounded. 0: do not wait.
 *
 * Return: as noalias_window_map(), or -ETIMEDOUT.
 */
int noalias_window_map_timeout(struct noalias_window *window, uint64_t offset,
			       size_t len, uint64_t timeout_ns, void **addr);

/**
 * noalias_window_unmap() - end one map
 * @window: window
 * @addr: address from map
 * @len: length that was given to map
 *
 * Return: 0; -EPERM; -EINVAL nothing is mapped there, or not so much: a
 * second unmap, an address of something else. Nothing was done then.
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
 * Never waits for a slot. Local windows of a thread end in the reverse order
 * of their beginning, in that thread.
 *
 * Return: as noalias_window_map(); -ENOSPC local_depth of them are in use;
 * -EUSERS more than threads_max threads use the library; -EOPNOTSUPP no
 * local_depth.
 */
int noalias_window_local_map(struct noalias_window *window, uint64_t offset,
			     size_t len, void **addr);

/**
 * noalias_window_local_unmap() - end this thread's last local map
 *
 * The address is unmapped on return. Return: 0; -EPERM; -EINVAL @addr is not
 * of that map.
 */
int noalias_window_local_unmap(struct noalias_window *window,
			       const void *addr);

/**
 * noalias_window_purge() - take a piece of the file out of the page tables
 * @window: window
 * @offset: first byte
 * @len: bytes; granules that it touches are purged whole
 *
 * Return: 0; -EPERM; -EINVAL @len is 0; -EFBIG beyond length_max; -EBUSY
 * part of it is mapped (what was not is gone all the same); -EIO a slot that
 * shows part of it is lost.
 */
int noalias_window_purge(struct noalias_window *window, uint64_t offset,
			 uint64_t len);

/**
 * noalias_kmap_flush_unused() - remove every mapping that nobody uses
 *
 * One system call for each row of neighbouring slots. Return: 0; -EPERM.
 */
int noalias_kmap_flush_unused(struct noalias_window *window);

/**
 * struct noalias_window_stats - counted since open
 * @hits: maps of what another user had mapped
 * @revivals: maps that found an unused mapping
 * @locals: local maps
 * @misses: maps that pointed a slot
 * @waits: maps that found all slots in use and waited
 * @reclaimed: slots taken back for other pieces
 * @purged: slots taken back by purges
 * @shootdowns: batches of slots taken back
 * @lost: slots given up because the kernel did not do as told
 * @calls_set: system calls that pointed slots
 * @calls_clear: system calls that cleared slots, one a row
 * @live: slots in use now
 * @stale: slots that are mapped and unused now
 *
 * A map of several granules counts once for each. hits to misses wrap at 2^32
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
 * @size: sizeof(*@stats); a later version's extra fields are zeroed
 *
 * Return: 0; -EPERM; -EINVAL @size is 0.
 */
int noalias_window_stats(struct noalias_window *window,
			 struct noalias_window_stats *stats, size_t size);

/**
 * noalias_window_dump() - write a line for each piece that is mapped
 * @window: window
 * @fd: where to
 *
 * Slot, offset, users; for a local map address and offset; with
 * NOALIAS_WINDOW_TRACK a line for each map with its thread and the caller's
 * address. What is still there when it should not be is a leak.
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
