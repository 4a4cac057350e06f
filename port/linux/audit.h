/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the kernel's page table walker.
 *
 * audit.c            entry points, and offers of entries
 * audit_kernel.c     regions of the kernel
 * audit_memory.c     memory that is removed
 * audit_process.c    address spaces of processes
 * x86/walk_kernel.c  regions of the kernel and their tables
 * x86/registers.c    memory types of this CPU
 * x86/kind.c         kind of a frame
 */
#ifndef NA_LINUX_AUDIT_H
#define NA_LINUX_AUDIT_H

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <noalias/audit_port.h>

#include "memtype.h"
#include "port.h"
#include "pte.h"

#define NA_LINUX_REGIONS_MAX	8
#define NA_LINUX_PATH_MAX	1024
/* Waiting time for one process's lock, and for the locks of all processes. */
#define NA_LINUX_WAIT_ONE_MS	1000u
#define NA_LINUX_WAIT_ALL_MS	5000u
/* Minimum when all of it is used up: most locks are held for a moment. */
#define NA_LINUX_WAIT_LEAST_MS	4u

/** struct na_linux_region - a region of the kernel's address space. */
struct na_linux_region {
	unsigned long start;
	unsigned long end;
	enum na_space space;
	const char *name;
};

/** struct na_linux_task - an address space and its process. */
struct na_linux_task {
	struct mm_struct *mm;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct na_linux_place - current place of the walker
 * @base: the engine's part
 * @region: region of the kernel, or NULL
 * @vaddr: in the fixmap, the page
 * @task: the process, or NULL
 * @vma: mapping of the process
 */
struct na_linux_place {
	struct na_audit_place base;
	const struct na_linux_region *region;
	unsigned long vaddr;
	const struct na_linux_task *task;
	struct vm_area_struct *vma;
};

/**
 * struct na_audit_walker - one audit's walker; too large for a stack
 * @audit: passed to the callbacks
 * @types: memory types of an entry's type bits on this CPU
 * @holes_have_own_level: see walk_kernel.c
 * @regions: regions of the kernel, in the order of addresses
 * @nr_regions: length of @regions
 * @tasks: address spaces that this walk visits
 * @nr_tasks: length of @tasks
 * @memory_lock: held while tables are read that memory removal would free
 * @memory_block: notifier of memory removal
 * @wait_ms: time left to wait for locks of processes
 * @entries: copy of one page table
 * @path: scratch for a file name
 */
struct na_audit_walker {
	struct na_audit *audit;
	struct na_linux_types types;
	bool holes_have_own_level;
	struct na_linux_region regions[NA_LINUX_REGIONS_MAX];
	u32 nr_regions;
	struct na_linux_task *tasks;
	u32 nr_tasks;
	struct mutex memory_lock;
	struct notifier_block memory_block;
	u32 wait_ms;
	pteval_t entries[PTRS_PER_PTE];
	char path[NA_LINUX_PATH_MAX];
};

/**
 * na_linux_block_end() - end of the block that an entry maps
 * @vaddr: address within the block
 * @size: bytes that one entry of the level maps, a power of two
 * @to: end of the walk
 *
 * Context: any. Return: the address after the block, or @to if that is less.
 */
static inline unsigned long na_linux_block_end(unsigned long vaddr,
					       unsigned long size,
					       unsigned long to)
{
	unsigned long end = (vaddr & ~(size - 1)) + size;

	/* The end of the very last block overflows to 0. */
	return end > vaddr && end < to ? end : to;
}

/* --- audit.c -------------------------------------------------------------- */

/**
 * na_linux_entry_offer() - offer the mapping of an entry
 * @walker: walker
 * @vaddr: address; may lie inside a large page
 * @entry: the entry
 * @size: bytes that it maps: PAGE_SIZE, PMD_SIZE or PUD_SIZE
 * @nr: frames to offer, beginning with that of @vaddr
 *
 * Return: 0, also for an entry that is not present; or as na_audit_offer().
 */
int na_linux_entry_offer(struct na_audit_walker *walker, unsigned long vaddr,
			 pteval_t entry, unsigned long size, u32 nr);

/**
 * na_linux_table_offer() - offer what is needed of walker->entries
 * @walker: walker
 * @vaddr: address of the first page
 * @nr: entries of a table of the lowest level, from the first on
 *
 * Return: as na_audit_offer().
 */
int na_linux_table_offer(struct na_audit_walker *walker, unsigned long vaddr,
			 u32 nr);

/* --- x86/kind.c ----------------------------------------------------------- */

/**
 * na_linux_frame_kind() - RAM, RESERVED or DEVICE
 * @frame: frame
 * @max: largest number of interest, at least 1
 * @nr: receives how many frames from @frame on are of that kind: those in a PCI
 *	device's range, or 1
 *
 * Context: may sleep.
 */
enum na_frame_kind na_linux_frame_kind(unsigned long frame, u32 max, u32 *nr);

/* --- audit_kernel.c ------------------------------------------------------- */

/** na_linux_region_add() - add a region of the kernel's address space. */
void na_linux_region_add(struct na_audit_walker *walker, unsigned long start,
			 unsigned long end, enum na_space space,
			 const char *name);

/**
 * na_linux_kernel_walk() - offer all regions. Return: as na_port_audit_walk().
 */
int na_linux_kernel_walk(struct na_audit_walker *walker);

/** na_linux_kernel_read() - offer the kernel's addresses @from up to @to. */
int na_linux_kernel_read(struct na_audit_walker *walker, unsigned long from,
			 unsigned long to);

/** na_linux_kernel_describe() - as na_port_audit_describe(). */
void na_linux_kernel_describe(const struct na_linux_place *place,
			      struct na_audit_owner *owner);

/* --- x86/walk_kernel.c ---------------------------------------------------- */

/** na_linux_regions_init() - list the regions of the kernel's address space. */
void na_linux_regions_init(struct na_audit_walker *walker);

/**
 * na_linux_kernel_read_block() - offer the mappings of a table or large entry
 * @walker: walker
 * @vaddr: first address; receives the first one that was not read
 * @to: end address
 *
 * Context: between na_linux_memory_enter() and _leave(). Return: 0, or as
 * na_audit_offer().
 */
int na_linux_kernel_read_block(struct na_audit_walker *walker,
			       unsigned long *vaddr, unsigned long to);

/* --- audit_memory.c ------------------------------------------------------- */

/**
 * na_linux_memory_watch() - register for memory that goes offline
 * @walker: walker that has not read kernel tables yet
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int na_linux_memory_watch(struct na_audit_walker *walker);

/** na_linux_memory_unwatch() - unregister. Context: may sleep. */
void na_linux_memory_unwatch(struct na_audit_walker *walker);

/**
 * na_linux_memory_enter() - may the kernel's tables at an address be read?
 * @walker: walker
 * @from: address
 * @to: end address; receives the end of the range that the answer is valid for,
 *	if that is lower
 *
 * Context: may sleep. Return: true: the tables are not freed until
 * na_linux_memory_leave(); false: there is nothing to read up to @to, do not
 * call na_linux_memory_leave().
 */
bool na_linux_memory_enter(struct na_audit_walker *walker, unsigned long from,
			   unsigned long *to);

/** na_linux_memory_leave() - the tables may be freed. */
void na_linux_memory_leave(struct na_audit_walker *walker);

/* --- audit_process.c ------------------------------------------------------ */

/**
 * na_linux_tasks_walk() - offer all processes. Return: as na_port_audit_walk().
 */
int na_linux_tasks_walk(struct na_audit_walker *walker);

/** na_linux_mm_read() - offer @from up to @to of an address space. */
int na_linux_mm_read(struct na_audit_walker *walker, struct mm_struct *mm,
		     unsigned long from, unsigned long to);

/** na_linux_task_describe() - as na_port_audit_describe(). */
void na_linux_task_describe(struct na_audit_walker *walker,
			    const struct na_linux_place *place,
			    struct na_audit_owner *owner);

#endif
