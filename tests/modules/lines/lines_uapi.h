/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A driver that does what drivers should not, so that the kernel prints its lines
 * about memory types, and dma-bufs that importers cannot use. Nothing here ends in
 * a WARN.
 */
#ifndef LINES_UAPI_H
#define LINES_UAPI_H

#include <linux/ioctl.h>

#define LINES_DEVICE "/dev/na_lines"

/* LINES_PROVOKE: what the driver does. */
enum lines_deed {
	LINES_TYPE_TWICE,	/* RAM that is UC is to be WC */
	LINES_IOREMAP_OTHER,	/* WT where WC is mapped */
	LINES_IOREMAP_ACROSS,	/* across a WC mapping and an UC one */
	LINES_IOREMAP_WIDE,	/* a page of a device and the next one */
	LINES_IOUNMAP_TWICE,
	LINES_FREE_FOREIGN,	/* a range that was never reserved */
	LINES_VMAP_TOO_LONG,	/* 128 MiB, where the kernel of 32 bit has 120 */
};

/* LINES_BUFFER: a dma-buf of LINES_BUFFER_LEN that an importer cannot use. */
enum lines_buffer {
	LINES_REFUSES_DEVICE,	/* dma_buf_attach() fails */
	LINES_REFUSES_MAP,	/* dma_buf_map_attachment() fails */
	LINES_IN_PIECES,	/* a page here and a page there */
};

#define LINES_BUFFER_LEN (1u << 20)

/* mmap() of one page, write-shared; by its offset in pages. */
enum lines_area {
	LINES_AREA_RAM,		/* RAM as WC, whose type nobody changed */
	LINES_AREA_DEVICE,	/* device memory as WT, while it is mapped WC */
};

#define LINES_PROVOKE	_IO('l', 1)	/* enum lines_deed */
#define LINES_BUFFER	_IO('l', 2)	/* enum lines_buffer; returns the fd */

#endif
