/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: dma-buf
 *
 * A buffer of the engine as a dma-buf, for importers and processes. All
 * mappings made here have the buffer's type and are removed before the buffer
 * is destroyed.
 */
#ifndef NA_MODULE_DMABUF_H
#define NA_MODULE_DMABUF_H

#include <linux/atomic.h>
#include <linux/dma-buf.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <noalias/buffer.h>

#include "charge.h"

/**
 * struct na_dmabufs_use - number and bytes of a heap's buffers; starts as 0.
 */
struct na_dmabufs_use {
	atomic_long_t nr_buffers;
	atomic_long_t nr_frames;
};

/**
 * struct na_dmabuf - one exported buffer
 * @buffer: frames
 * @charge: charge of the buffer
 * @heap_name: heap that it was allocated from
 * @dmabuf: the kernel's side
 * @use: counters of its heap
 * @entry: node in the tree of all buffers, by @id
 * @id: number unique since the module was loaded
 * @inode: number of the file's inode, as /proc shows it
 * @pid: thread group that allocated it
 * @born_ns: its start time, because pids are reused
 * @comm: its name at that time
 * @lock: protects @vaddr, @nr_vmaps and @maps
 * @vaddr: kernel mapping of the whole buffer, NULL without users
 * @nr_vmaps: users of @vaddr
 * @maps: live mappings for devices (struct na_device_map)
 * @nr_mmaps: user mappings
 * @nr_dma: how many are in @maps
 */
struct na_dmabuf {
	struct na_buffer *buffer;
	struct na_charge charge;
	const char *heap_name;
	struct na_dmabufs_use *use;
	struct dma_buf *dmabuf;
	struct rb_node entry;
	u64 id;
	unsigned long inode;
	pid_t pid;
	u64 born_ns;
	char comm[TASK_COMM_LEN];
	struct mutex lock;
	void *vaddr;
	unsigned int nr_vmaps;
	struct list_head maps;
	atomic_t nr_mmaps;
	atomic_t nr_dma;
};

/**
 * na_dmabuf_export() - wrap a buffer
 * @buffer: without mappings; belongs to the dma-buf on success
 * @charge: its charge, likewise; uncharged after the buffer was destroyed
 * @heap_name: static string
 * @use: static; counts the buffer until it is freed
 * @flags: access mode of the file
 *
 * Context: may sleep. Return: the dma-buf or an ERR_PTR; then @buffer and
 * @charge are still the caller's.
 */
struct dma_buf *na_dmabuf_export(struct na_buffer *buffer,
				 const struct na_charge *charge,
				 const char *heap_name,
				 struct na_dmabufs_use *use, u32 flags);

/**
 * na_dmabuf_of() - find the buffer of a dma-buf
 * @dmabuf: of any driver; the caller holds a reference
 *
 * Context: any. Return: the buffer, valid as long as the reference; NULL for a
 * dma-buf of another driver.
 */
struct na_dmabuf *na_dmabuf_of(struct dma_buf *dmabuf);

/** na_dmabufs_seq_ops - prints a line of titles and one for each buffer. */
extern const struct seq_operations na_dmabufs_seq_ops;

/** na_dmabuf_mmap() - the mmap of the dma-buf file; see mmap.c. */
int na_dmabuf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma);

#endif
