/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: heaps
 *
 * Character devices under /dev/dma_heap/ with the kernel's own ioctl, as
 * heap_words.h describes them. A heap checks requests and limits; the engine
 * allocates. heap.c is one heap, heap_table.c all of them.
 */
#ifndef NA_MODULE_HEAP_H
#define NA_MODULE_HEAP_H

#include <linux/miscdevice.h>
#include <noalias/types.h>
#include <uapi/noalias.h>

#include "dmabuf.h"

struct noalias;

/**
 * struct na_heap - one node under /dev/dma_heap/
 * @noalias: the module
 * @name: name of the node
 * @nodename: the same with its folder
 * @type: memory type of its buffers
 * @zone: where their frames are taken; NA_ZONE_ANY: as the parameter says
 * @is_contiguous: is each of them one block?
 * @share: its own part of the limit
 * @use: buffers that exist
 * @misc: the node
 */
struct na_heap {
	struct noalias *noalias;
	const char *name;
	char nodename[sizeof("dma_heap/") + NOALIAS_IOC_NAME_LEN];
	enum na_memtype type;
	enum na_zone zone;
	bool is_contiguous;
	struct na_share share;
	struct na_dmabufs_use use;
	struct miscdevice misc;
};

extern const struct file_operations na_heap_fops;

/**
 * na_heaps_register() - create the nodes
 * @noalias: the module
 *
 * A type that the CPU lacks is left out, with a line in the log.
 *
 * Context: module init.
 * Return: 0, or the error of na_node_register() without any node left.
 */
int na_heaps_register(struct noalias *noalias);

/** na_heap_zone() - where a buffer's frames would be taken now. Context: any. */
enum na_zone na_heap_zone(const struct na_heap *heap);

/** na_heaps_count() - number of heaps with a node. */
u32 na_heaps_count(void);

/**
 * na_heap_find() - get a heap by index
 * @index: 0 and up
 *
 * Context: between na_heaps_register() and na_heaps_unregister().
 * Return: the heap, or NULL past the last.
 */
const struct na_heap *na_heap_find(u32 index);

/**
 * na_heaps_unregister() - remove the nodes; they cannot be opened afterwards.
 */
void na_heaps_unregister(void);

#endif
