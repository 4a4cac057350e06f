/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract inside the kernel
 *
 * What the module needs from this port beyond include/noalias/port.h: its
 * life cycle, and the translation of engine words into kernel types.
 */
#ifndef NA_LINUX_PORT_H
#define NA_LINUX_PORT_H

#include <linux/mm.h>
#include <noalias/port.h>

#include "range.h"

/**
 * enum na_zone - where frames for buffers come from
 * @NA_ZONE_ANY: high memory first, low memory when there is none
 * @NA_ZONE_LOW: the direct map's part only, as GFP_KERNEL would give
 * @NA_ZONE_HIGH: never low memory
 */
enum na_zone {
	NA_ZONE_ANY,
	NA_ZONE_LOW,
	NA_ZONE_HIGH,
	NR_NA_ZONES,
};

/**
 * struct na_port - one kernel
 * @zone: where frames come from; may change at run time
 * @kmap_purge: __kmap_flush_unused(), or NULL: then by way of @low_page
 * @kmap_pool: page table of the kmap pool, or NULL: cannot be read
 * @low_page: a page of ours in low memory, WB for ever
 * @strips: where high frames are mapped to clean their cache lines
 */
struct na_port {
	unsigned int zone;
	void (*kmap_purge)(void);
	pte_t *kmap_pool;
	struct page *low_page;
	struct na_linux_range strips;
};

/**
 * na_linux_port_init() - find what the kernel offers
 * @port: caller's memory
 *
 * Context: module init.
 * Return: 0; -EOPNOTSUPP the CPU or hypervisor has no usable memory types
 * (logged); -ENOMEM.
 */
int na_linux_port_init(struct na_port *port);

/** na_linux_port_fini() - undo na_linux_port_init(). */
void na_linux_port_fini(struct na_port *port);

/** na_linux_nr_frames() - highest frame number of now plus one. */
unsigned long na_linux_nr_frames(void);

/**
 * na_linux_nr_frames_max() - no frame will ever have this number or a higher
 *
 * Memory may be added while the machine runs, and the kernel tells no module
 * where it could come to lie; but the map of pages has its bounds.
 */
unsigned long na_linux_nr_frames_max(void);

/**
 * na_linux_types_check() - has the machine memory types that are its own?
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
 * na_linux_frame_map() - short mapping of one frame with its type
 * @frame: frame
 * @type: the type that the ledger has for it
 *
 * Per CPU and last in first out for high memory: the caller neither returns
 * to user space nor maps more than a few before na_linux_frame_unmap().
 *
 * Context: process context; the task is not migrated until the unmap.
 * Return: address of the frame's first byte.
 */
void *na_linux_frame_map(struct na_frame frame, enum na_memtype type);

/** na_linux_frame_unmap() - end the last na_linux_frame_map(). */
void na_linux_frame_unmap(struct na_frame frame, void *vaddr);

/**
 * na_linux_runs_map() - map runs into the kernel, one after the other
 * @runs: frames
 * @nr_runs: length of @runs
 * @type: the type that the ledger has for them
 *
 * Context: may sleep; metadata is charged to the caller's memory cgroup.
 * Return: address of the first byte, for vunmap(); NULL: no memory, or no
 * addresses.
 */
void *na_linux_runs_map(const struct na_run *runs, u32 nr_runs,
			enum na_memtype type);

/**
 * na_linux_area_set_type() - protection of an area of a process
 * @vma: area; its flags are final
 * @type: memory type
 */
void na_linux_area_set_type(struct vm_area_struct *vma, enum na_memtype type);

/**
 * struct na_linux_cursor - a frame in a list of runs
 * @run: its run
 * @idx: its index there
 */
struct na_linux_cursor {
	const struct na_run *run;
	u32 idx;
};

/**
 * na_linux_area_fill() - make all entries of an area of a process
 * @vma: area, with its final protection
 * @cursor: the first page's frame; the others follow it in the list of runs
 *
 * The entries are special: no page is behind them (module/mmap.c says what
 * that is for).
 *
 * Context: mmap() of @vma; may sleep. Return: 0; -ENOMEM no memory for page
 * tables; -EINTR. After an error some entries are made; they go with @vma.
 */
int na_linux_area_fill(struct vm_area_struct *vma,
		       struct na_linux_cursor cursor);

/**
 * na_linux_kmap_read() - what a slot of the kmap pool shows, in use or stale
 * @port: instance
 * @slot: below na_port_kmap_nr_slots()
 * @frame: receives the frame
 *
 * Context: any; others change the pool meanwhile. Return: false: nothing, or
 * the pool cannot be read.
 */
bool na_linux_kmap_read(const struct na_port *port, u32 slot,
			struct na_frame *frame);

/**
 * na_linux_clean_init() - addresses through which caches are cleaned
 * @port: receives them
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
