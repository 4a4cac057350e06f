/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/**
 * DOC: bench modules
 *
 * Interface between the guest program of the benchmark and its two modules.
 *
 * /dev/bench_peers: each open file is one buffer, made the way drivers make
 * uncached memory without noalias. Allocate once, mmap, close.
 *
 * /dev/bench_stale: makes stale mappings and measures how they are removed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * enum bench_peer - how a peer makes a buffer
 * @BENCH_PAGEWISE: pages one by one, set_pages_uc() on each, remap_pfn_range()
 *	for each
 * @BENCH_ARRAY: pages one by one, one set_pages_array_uc(), remap_pfn_range()
 *	for each
 * @BENCH_BLOCKS: as ARRAY, but pages in blocks of the largest order to be
 *	had and one remap_pfn_range() a block: the best these calls can do
 * @NR_BENCH_PEERS: number of peers
 */
enum bench_peer {
	BENCH_PAGEWISE,
	BENCH_ARRAY,
	BENCH_BLOCKS,
	NR_BENCH_PEERS,
};

/**
 * struct bench_alloc - make this file's buffer; all from low memory
 * @len: bytes
 * @peer: enum bench_peer
 * @wc: write-combined, not with BENCH_PAGEWISE
 * @alloc_ns: receives the time to get zeroed pages
 */
struct bench_alloc {
	__u64 len;
	__u32 peer;
	__u32 wc;
	__u64 alloc_ns;
};

/** BENCH_PAGES_MAX - most pages that the calls of bench_stale take. */
#define BENCH_PAGES_MAX 16384
/** BENCH_STALE_MAX - most stale kmap slots that can be planted. */
#define BENCH_STALE_MAX 500

/**
 * enum bench_layout - which pages, and in which order they are given
 * @BENCH_HIGH: high memory in blocks of 4 MiB
 * @BENCH_HIGH_MIXED: the same pages, no two neighbours next to each other
 * @BENCH_LOW: low memory in blocks of 4 MiB
 * @NR_BENCH_LAYOUTS: number of layouts
 */
enum bench_layout {
	BENCH_HIGH,
	BENCH_HIGH_MIXED,
	BENCH_LOW,
	NR_BENCH_LAYOUTS,
};

/**
 * enum bench_action - what is measured
 * @BENCH_NOTHING: a loop that looks at each page's pointer
 * @BENCH_PURGE: na_pages_purge()
 * @BENCH_FLUSH_ALL: na_kmap_flush_unused(), vm_unmap_aliases() and a flush of
 *	every TLB, whatever the pages
 * @BENCH_TO_UC: na_set_pages_uc()
 * @BENCH_TO_WC: na_set_pages_wc()
 * @BENCH_TO_WB: na_set_pages_wb()
 * @BENCH_ARRAY_UC: set_pages_array_uc(), low memory only
 * @BENCH_ARRAY_WB: set_pages_array_wb(), low memory only
 * @NR_BENCH_ACTIONS: number of actions
 */
enum bench_action {
	BENCH_NOTHING,
	BENCH_PURGE,
	BENCH_FLUSH_ALL,
	BENCH_TO_UC,
	BENCH_TO_WC,
	BENCH_TO_WB,
	BENCH_ARRAY_UC,
	BENCH_ARRAY_WB,
	NR_BENCH_ACTIONS,
};

/**
 * struct bench_act - one measurement on the first @nr pages of @layout
 * @action: enum bench_action
 * @layout: enum bench_layout
 * @nr: pages, 1 to BENCH_PAGES_MAX
 * @nr_left: receives how many of the pages still have a kmap slot afterwards
 * @duration_ns: receives the time
 * @nr_ipis: receives how many call-function interrupts another CPU took, the
 *	one that took most
 */
struct bench_act {
	__u32 action;
	__u32 layout;
	__u32 nr;
	__u32 nr_left;
	__u64 duration_ns;
	__u64 nr_ipis;
};

/**
 * struct bench_plant - empty the kmap pool, then make stale mappings
 * @layout: whose pages; low pages have no kmap slots
 * @nr: as in the measurement that follows
 * @nr_stale: kmap slots to leave stale on these pages, spread evenly; the rest
 *	is left on other pages
 * @nr_elsewhere: the same, all on other pages
 * @nr_between: the same, on pages of @layout that are not given but lie
 *	between those that are, as far as there are any
 * @nr_vmaps: vmap areas of one page to map, read and unmap
 */
struct bench_plant {
	__u32 layout;
	__u32 nr;
	__u32 nr_stale;
	__u32 nr_elsewhere;
	__u32 nr_between;
	__u32 nr_vmaps;
};

/**
 * struct bench_litter - leave stale mappings in free memory
 * @order: of the blocks taken from high memory, littered and given back
 * @nr_stale: kmap slots to leave stale in them
 * @nr_vmaps: vmap areas of one page to map, read and unmap
 */
struct bench_litter {
	__u32 order;
	__u32 nr_stale;
	__u32 nr_vmaps;
};

#define BENCH_IOC_ALLOC	 _IOWR('B', 0, struct bench_alloc)
#define BENCH_IOC_PLANT	 _IOW('B', 1, struct bench_plant)
#define BENCH_IOC_ACT	 _IOWR('B', 2, struct bench_act)
#define BENCH_IOC_LITTER _IOW('B', 3, struct bench_litter)

#endif
