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

#include <linux/dma-buf.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <noalias/buffer.h>

/**
 * struct na_dmabuf - one exported buffer
 * @buffer: frames
 * @heap_name: where it was allocated
 * @dmabuf: the kernel's side
 * @entry: in the list of all buffers
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
	const char *heap_name;
	struct dma_buf *dmabuf;
	struct list_head entry;
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
 * @heap_name: static string
 * @flags: access mode of the file
 *
 * The limit charged for the buffer is given back with it.
 *
 * Context: may sleep. Return: the dma-buf or an ERR_PTR; then @buffer is
 * still the caller's.
 */
struct dma_buf *na_dmabuf_export(struct na_buffer *buffer,
				 const char *heap_name, u32 flags);

/**
 * na_dmabuf_of() - the buffer behind a dma-buf
 * @dmabuf: anybody's; the caller holds a reference
 *
 * Context: any. Return: valid as long as the reference; NULL when another
 * driver made it.
 */
struct na_dmabuf *na_dmabuf_of(struct dma_buf *dmabuf);

/** struct na_dmabufs_use - buffers of one heap, and their frames. */
struct na_dmabufs_use {
	u64 nr_buffers;
	u64 nr_frames;
};

/**
 * na_dmabufs_use() - what a heap's buffers hold now
 * @heap_name: the string that they were exported with
 *
 * Counted, not remembered. Context: may sleep.
 */
struct na_dmabufs_use na_dmabufs_use(const char *heap_name);

/** na_dmabufs_show() - print one line for each buffer. */
int na_dmabufs_show(struct seq_file *seq, void *unused);

/** na_dmabuf_mmap() - the mmap of the dma-buf file; see mmap.c. */
int na_dmabuf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma);

#endif
