/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: dma-buf
 *
 * A buffer of the engine as a dma-buf: what importers and processes may do
 * with it. All mappings made here have the buffer's type and end before the
 * engine gets the buffer back.
 */
#ifndef NA_MODULE_DMABUF_H
#define NA_MODULE_DMABUF_H

#include <linux/atomic.h>
#include <linux/dma-buf.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <noalias/buffer.h>

#include "charge.h"

/** struct na_dmabufs_use - what the buffers of a heap are now; zero at first. */
struct na_dmabufs_use {
	atomic_long_t nr_buffers;
	atomic_long_t nr_frames;
};

/**
 * struct na_dmabuf - one exported buffer
 * @buffer: frames
 * @charge: for them
 * @heap_name: where it was allocated
 * @dmabuf: the kernel's side
 * @use: of its heap
 * @entry: among all buffers, by @id
 * @id: number unique since the module was loaded
 * @inode: number of the file's inode, as /proc shows it
 * @pid: thread group that allocated it
 * @born_ns: when that began: numbers are used again
 * @comm: its name then
 * @lock: protects @vaddr and @nr_vmaps
 * @vaddr: kernel mapping of the whole buffer, NULL without users
 * @nr_vmaps: users of @vaddr
 * @nr_mmaps: user mappings
 * @nr_dma: live mappings for devices
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
	atomic_t nr_mmaps;
	atomic_t nr_dma;
};

/**
 * na_dmabuf_export() - wrap a buffer
 * @buffer: whole, without mappings; belongs to the dma-buf on success
 * @charge: what it holds of the limits, likewise: given back after the buffer
 * @heap_name: static string
 * @use: static too; has the buffer in it until that is freed
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
 * na_dmabuf_of() - the buffer behind a dma-buf
 * @dmabuf: anybody's; the caller holds a reference
 *
 * Context: any. Return: valid as long as the reference; NULL when another
 * driver made it.
 */
struct na_dmabuf *na_dmabuf_of(struct dma_buf *dmabuf);

/** na_dmabufs_seq_ops - a line of titles and one for each buffer. */
extern const struct seq_operations na_dmabufs_seq_ops;

/** na_dmabuf_mmap() - the mmap of the dma-buf file; see mmap.c. */
int na_dmabuf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma);

#endif
