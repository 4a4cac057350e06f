/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the guest programs tell plant.ko: take pages, map them in every way
 * that makes or does not make an alias, and read page tables back.
 *
 * All of it belongs to the open file and is undone when the file goes, so a
 * program that dies leaves nothing planted. Pages are named by frame number.
 */
#ifndef PLANT_UAPI_H
#define PLANT_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PLANT_DEVICE "/dev/na_plant"

/* Memory types as page table entries say them. */
enum plant_type {
	PLANT_WB,
	PLANT_WC,
	PLANT_UC,	/* the kernel's UC- */
	PLANT_WT,
	PLANT_ABSENT,	/* read back only: no entry, or none of the above */
};

enum plant_zone {
	PLANT_HIGH,
	PLANT_LOW,
	PLANT_ANY,	/* high where there is high memory */
	PLANT_BARE,	/* no cached mapping: high, or low memory whose direct
			 * mapping is uncached until the page is given back */
};

/*
 * PLANT_TAKE: @nr pages, consecutive if @block (@nr a power of two). None has
 * an entry in the kmap pool, though the system may give such pages.
 */
struct plant_take {
	__u32 zone;
	__u32 nr;
	__u32 block;
	__u32 pad;
	__u64 pfns;		/* room for @nr __u32 */
};

/* An array of frames: PLANT_GIVE, PLANT_AIM, PLANT_SCAN. */
struct plant_frames {
	__u64 pfns;
	__u32 nr;
	__u32 type;		/* PLANT_AIM: type of the next mmap() */
	__u32 normal;		/* PLANT_AIM: vm_insert_page(), as in 2014 */
	/* PLANT_SCAN: kernel entries that point at one of the frames. */
	__u32 nr_kmap;
	__u32 nr_fixmap;
	__u32 nr_vmalloc;
	__u32 nr_direct_odd;	/* direct map entries that are not of @type */
	/* PLANT_AIM: the frames from the first on, as many as the area has
	 * pages, in large special entries, when they are touched. PAT tracking
	 * may have another type for them. EOPNOTSUPP: no such entries. */
	__u32 large;
};

enum plant_kind {
	PLANT_STALE_KMAP,	/* kmap(), kunmap(); unmade by a full turn */
	PLANT_KMAP,		/* kmap() until unmade */
	PLANT_VMAP,		/* vmap() of @nr frames from @pfn on as @type */
	PLANT_LOCAL,		/* a thread that stays in kmap_local_page() */
	PLANT_LINGER,		/* a vmap() as @type that a CPU has used and
				 * that is gone since; see PLANT_PROBE */
	PLANT_DEAF,		/* the last CPU hears no interrupts for
				 * PLANT_DEAF_MS from now on */
	PLANT_FIXMAP,		/* a fixed address, on 64 bit */
	PLANT_IOREMAP,		/* ioremap() as @type of @nr frames that are no
				 * memory of the kernel's; in large entries
				 * where they fit */
};


#define PLANT_DEAF_MS 400

/* PLANT_MAKE, PLANT_UNMAKE. */
struct plant_mapping {
	__u32 kind;
	__u32 pfn;
	__u32 nr;
	__u32 type;
	__u64 va;		/* out */
};

/*
 * PLANT_PROBE: can the CPU that used the mapping of PLANT_LINGER still read
 * through it? Then its TLB has what the page tables have no more. Does the CPU of
 * PLANT_DEAF still hear nothing?
 */
struct plant_probe {
	__u32 pfn;
	__u32 still;		/* out */
};

/* PLANT_PEEK_USER (of process @pid; 0: the caller), PLANT_PEEK_KERNEL. */
struct plant_entry {
	__u64 va;
	__u32 pfn;
	__u32 type;
	__u32 special;
	__u32 writable;
	__u32 executable;
	__u32 present;
	__u32 pid;
	__u32 nr;		/* pages that the entry is for; of the kernel's, if
				 * it is empty, too; 0: no table leads there */
};

enum plant_part {
	PLANT_IMAGE,		/* the kernel's own data */
	PLANT_MODULE,		/* a module's */
	PLANT_MEMORY_MAP,	/* the array of struct page */
	PLANT_CPU_ENTRY,	/* what a CPU needs to enter the kernel */
};

/* PLANT_FIND: an address within a part of the kernel. */
struct plant_place {
	__u32 part;
	__u32 pad;
	__u64 va;		/* out */
};

/* PLANT_LOOK: a page of memory, whoever owns it. */
struct plant_page {
	__u32 pfn;
	__u32 high;
	__u32 tracked;		/* enum plant_type, as page->flags say */
	__u32 direct;		/* of the direct map; PLANT_ABSENT if high */
	__u32 refs;
	__u32 reserved;		/* the page flag */
	__u64 pool_va;		/* slot of the kmap pool, live or stale; or 0 */
	__u64 direct_va;	/* in the direct map; or 0 */
};

#define PLANT_TAKE	_IOWR('p', 1, struct plant_take)
#define PLANT_GIVE	_IOW('p', 2, struct plant_frames)
#define PLANT_AIM	_IOW('p', 3, struct plant_frames)
#define PLANT_SCAN	_IOWR('p', 4, struct plant_frames)
#define PLANT_MAKE	_IOWR('p', 5, struct plant_mapping)
#define PLANT_UNMAKE	_IOW('p', 6, struct plant_mapping)
#define PLANT_PEEK_USER	_IOWR('p', 7, struct plant_entry)
#define PLANT_PEEK_KERNEL _IOWR('p', 8, struct plant_entry)
#define PLANT_LOOK	_IOWR('p', 9, struct plant_page)
/* A reference on somebody else's page, so that it can be looked at when freed. */
#define PLANT_KEEP	_IOW('p', 10, struct plant_frames)
#define PLANT_UNKEEP	_IOW('p', 11, struct plant_frames)
#define PLANT_PROBE	_IOWR('p', 12, struct plant_probe)
#define PLANT_FIND	_IOWR('p', 13, struct plant_place)

#endif
