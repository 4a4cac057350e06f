/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract inside the kernel
 *
 * Calls for the module beyond include/noalias/port.h: init and fini, and the
 * translation of the engine's types into the kernel's.
 */
#ifndef NA_LINUX_PORT_H
#define NA_LINUX_PORT_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <noalias/port.h>

#include "range.h"

/*
 * For what grows with a buffer or with a result: where there is no memory the
 * caller gets an error, where GFP_KERNEL would call the OOM killer. The second
 * is charged to the caller, whose memory cgroup has an OOM killer too.
 */
#define NA_GFP (GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)
#define NA_GFP_OWNED (NA_GFP | __GFP_ACCOUNT)

/**
 * struct na_port - the port's state
 * @kmap_purge: __kmap_flush_unused(), or NULL to use @low_page
 * @kmap_pool: page table of the kmap pool, or NULL if it cannot be read
 * @low_page: a page of ours in low memory that is always WB
 * @strips: addresses at which high frames are mapped to clean their lines
 */
struct na_port {
	void (*kmap_purge)(void);
	pte_t *kmap_pool;
	struct page *low_page;
	struct na_linux_range strips;
};

/**
 * na_linux_port_init() - initialize the port
 * @port: caller's memory
 *
 * Context: module init.
 * Return: 0; -EOPNOTSUPP the CPU or hypervisor has no usable memory types
 * (logged); -ENOMEM.
 */
int na_linux_port_init(struct na_port *port);

/** na_linux_port_fini() - undo na_linux_port_init(). */
void na_linux_port_fini(struct na_port *port);

/** na_linux_nr_frames() - current highest frame number plus one. */
unsigned long na_linux_nr_frames(void);

/**
 * na_linux_nr_frames_max() - upper limit of frame numbers, never reached
 *
 * Memory may be hot-added, and modules cannot find out where; but the size of
 * the memory map limits it.
 */
unsigned long na_linux_nr_frames_max(void);

/**
 * na_linux_types_check() - does the kernel control its memory types?
 *
 * Context: module init. Return: 0; -EOPNOTSUPP (logged).
 */
int na_linux_types_check(void);

/**
 * na_linux_tracking_check() - does the kernel mark types as it is known to?
 *
 * See x86/track.c. Marks a page of its own in each way.
 *
 * Context: module init; may sleep. Return: 0; -EOPNOTSUPP (logged); -ENOMEM;
 * what set_memory_uc() said.
 */
int na_linux_tracking_check(struct na_port *port);

/** na_linux_has_type() - can this machine map memory with @type? */
bool na_linux_has_type(enum na_memtype type);

/**
 * na_linux_frame_map() - map one frame with its type for a short time
 * @frame: frame
 * @type: its type in the ledger
 *
 * For high memory these are per-CPU and last in, first out: the caller must not
 * return to user space, or map more than a few, before na_linux_frame_unmap().
 *
 * Context: process context; the task is not migrated until the unmap.
 * Return: address of the frame's first byte.
 */
void *na_linux_frame_map(struct na_frame frame, enum na_memtype type);

/** na_linux_frame_unmap() - undo the last na_linux_frame_map(). */
void na_linux_frame_unmap(struct na_frame frame, void *vaddr);

/**
 * na_linux_runs_map() - map runs into the kernel at consecutive addresses
 * @runs: frames
 * @nr_runs: length of @runs
 * @type: their type in the ledger
 *
 * Context: may sleep; metadata is charged to the caller's memory cgroup.
 * Return: address of the first byte, for vunmap(); NULL if there is no memory
 * or no address range.
 */
void *na_linux_runs_map(const struct na_run *runs, u32 nr_runs,
			enum na_memtype type);

/**
 * na_linux_area_set_type() - set the protection of an area of a process
 * @vma: area; its flags are final
 * @type: memory type
 */
void na_linux_area_set_type(struct vm_area_struct *vma, enum na_memtype type);

/**
 * struct na_linux_cursor - a frame in a list of runs
 * @run: its run
 * @idx: its index in the run
 */
struct na_linux_cursor {
	const struct na_run *run;
	u32 idx;
};

/**
 * na_linux_area_fill() - set all entries of an area of a process
 * @vma: area, with its final protection
 * @cursor: frame of the first page; the others follow it in the list of runs
 *
 * The entries are special: they have no struct page (module/mmap.c says why).
 *
 * Context: mmap() of @vma; may sleep. Return: 0; -ENOMEM no memory for page
 * tables; -EINTR. After an error some entries are set; they are removed with
 * @vma.
 */
int na_linux_area_fill(struct vm_area_struct *vma,
		       struct na_linux_cursor cursor);

/**
 * na_linux_kmap_read() - frame of a slot of the kmap pool, in use or stale
 * @port: instance
 * @slot: below na_port_kmap_nr_slots()
 * @frame: receives the frame
 *
 * Context: any; others may change the pool meanwhile. Return: false if the slot
 * is empty or the pool cannot be read.
 */
bool na_linux_kmap_read(const struct na_port *port, u32 slot,
			struct na_frame *frame);

/**
 * na_linux_clean_init() - reserve addresses through which caches are cleaned
 * @port: receives the addresses
 *
 * Context: module init. Return: 0; -ENOMEM; -EFAULT their page table entries
 * cannot be found.
 */
int na_linux_clean_init(struct na_port *port);

/** na_linux_clean_fini() - undo na_linux_clean_init(). */
void na_linux_clean_fini(struct na_port *port);

static inline struct page *na_linux_page(struct na_frame frame)
{
	return pfn_to_page(frame.nr);
}

#endif
