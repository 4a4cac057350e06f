/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A dma-buf importer that does what guest programs say. One open file is one
 * attachment at most; what is open at the end is closed in the right order.
 */
#ifndef IMPORTER_UAPI_H
#define IMPORTER_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define IMPORTER_DEVICE "/dev/na_importer"

/* IMPORTER_ATTACH: @fd to a device that reaches @mask_bits of address. */
struct importer_attach {
	__s32 fd;
	__u32 mask_bits;	/* 64, 32, 28: QEMU's edu, or 0: the odd device */
};

/*
 * IMPORTER_ODD: what the odd device is like from now on. One program at a time
 * has it. -EOPNOTSUPP: to a kernel without CONFIG_DMA_OPS all devices' dma_map_ops
 * are the same.
 */
struct importer_odd {
	__u64 bus_limit;	/* highest address that its bus carries, or 0 */
	__u64 offset;		/* of its addresses from physical ones */
	__u32 mask_bits;	/* 1 to 64; 0: it does no DMA */
	__u32 shifts;		/* its dma_map_ops give the next frame's address */
	__u32 segment_len;	/* the longest that it takes in one, or 0 */
	__u32 pad;
	__u64 segment_mask;	/* no segment crosses a boundary of these bits */
};

struct importer_range {
	__u64 address;
	__u64 len;
};

/* IMPORTER_MAP: @dir as enum dma_data_direction; then what the table says. */
struct importer_map {
	__u32 dir;
	__u32 nr_ranges;	/* in: room; out: entries of the table */
	__u64 ranges;		/* array of struct importer_range */
	__u32 nr_pages;		/* entries that carry a page */
	__u32 nr_cpu_entries;	/* the table's own count for CPU access */
};

/* IMPORTER_TRUST: what the kernel thinks of edu from now on. */
struct importer_trust {
	__u32 untrusted;
	__u32 segment_len;	/* the longest that it takes in one, or 0 */
};

/* edu has a page of memory, and QEMU takes the end of it for out of bounds. */
#define EDU_LEN_MAX 4088

/* IMPORTER_DMA: edu copies between @address and memory of its own. */
struct importer_dma {
	__u64 address;
	__u32 len;
	__u32 from_device;
};

/* IMPORTER_BEGIN, IMPORTER_END */
struct importer_access {
	__u32 dir;
	__u32 pad;
};

/* IMPORTER_VMAP, IMPORTER_VUNMAP; they nest. */
struct importer_vmap {
	__u64 va;
};

/* IMPORTER_TOUCH: read or write a word through the vmap. */
struct importer_touch {
	__u64 offset;
	__u32 value;
	__u32 write;
};

/*
 * IMPORTER_PEEK: a word as the attached device reads or writes it at @address of its
 * own, without an IOMMU: a frame's, or that of a bounce buffer.
 */
struct importer_peek {
	__u64 address;
	__u32 value;
	__u32 write;
};

/*
 * IMPORTER_PRESET: what the next mmap() of the file, which is handed on to the
 * buffer, has set in its area by then.
 */
enum importer_area {
	IMPORTER_AREA_PLAIN,
	IMPORTER_AREA_IO,
	IMPORTER_AREA_PFNMAP,
	IMPORTER_AREA_HUGETLB,
	IMPORTER_AREA_GROWSDOWN,
	IMPORTER_AREA_PROT,	/* no flag; an executable protection, uncached */
};

struct importer_preset {
	__u32 area;
	__u32 pad;
};

#define IMPORTER_ATTACH	_IOW('i', 1, struct importer_attach)
/* -EBUSY: the odd device's dma_map_ops still have something mapped. */
#define IMPORTER_DETACH	_IO('i', 2)
#define IMPORTER_MAP	_IOWR('i', 3, struct importer_map)
#define IMPORTER_UNMAP	_IO('i', 4)
#define IMPORTER_BEGIN	_IOW('i', 5, struct importer_access)
#define IMPORTER_END	_IOW('i', 6, struct importer_access)
#define IMPORTER_VMAP	_IOR('i', 7, struct importer_vmap)
#define IMPORTER_VUNMAP	_IO('i', 8)
#define IMPORTER_TOUCH	_IOWR('i', 9, struct importer_touch)
#define IMPORTER_PRESET	_IOW('i', 10, struct importer_preset)
#define IMPORTER_ODD	_IOW('i', 11, struct importer_odd)
#define IMPORTER_TRUST	_IOW('i', 12, struct importer_trust)
#define IMPORTER_DMA	_IOW('i', 13, struct importer_dma)
#define IMPORTER_PEEK	_IOWR('i', 14, struct importer_peek)

#endif
