// SPDX-License-Identifier: GPL-2.0
/*
 * dma-buf operations.
 *
 * Life of a buffer: the file holds everything. User mappings and importers hold
 * the file, so at release() no mapping is left: user entries and their
 * translations were removed by munmap(), the kernel mapping by the last vunmap
 * (its translations may be left; the engine's flush in the conversion to WB
 * drops them), device mappings with their attachments. sync.c has these, and what
 * is done for devices when the CPU accesses the buffer.
 */
#include <linux/err.h>
#include <linux/iosys-map.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <uapi/linux/dma-buf.h>

#include "../port/linux/compat.h"
#include "../port/linux/port.h"
#include "dmabuf.h"
#include "name.h"
#include "power.h"
#include "refusal.h"
#include "sync.h"
#include "trace.h"

/* Sorted by number, so that a reader can continue after it dropped the lock. */
static struct rb_root all_buffers = RB_ROOT;
static DEFINE_MUTEX(all_lock);
static u64 last_id;

static struct na_dmabuf *entry_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct na_dmabuf, entry);
}

/* Numbers only grow: a new one is the rightmost. */
static void add_to_all(struct na_dmabuf *ours)
{
	struct rb_node **link = &all_buffers.rb_node, *parent = NULL;

	mutex_lock(&all_lock);
	ours->id = ++last_id;
	while (*link) {
		parent = *link;
		link = &parent->rb_right;
	}
	rb_link_node(&ours->entry, parent, link);
	rb_insert_color(&ours->entry, &all_buffers);
	mutex_unlock(&all_lock);
}

/* From here on no reader of the table finds the buffer. */
static void remove_from_all(struct na_dmabuf *ours)
{
	mutex_lock(&all_lock);
	rb_erase(&ours->entry, &all_buffers);
	mutex_unlock(&all_lock);
}

/* The buffer with the lowest number that is not below @id. */
static struct na_dmabuf *find_from_locked(u64 id)
{
	struct rb_node *node = all_buffers.rb_node, *found = NULL;

	lockdep_assert_held(&all_lock);
	while (node) {
		if (entry_of(node)->id < id) {
			node = node->rb_right;
		} else {
			found = node;
			node = node->rb_left;
		}
	}
	return entry_of(found);
}

/* Counted per heap, so that a query takes no lock. */
static void use_add(struct na_dmabufs_use *use, long nr_buffers, long nr_frames)
{
	atomic_long_add(nr_buffers, &use->nr_buffers);
	atomic_long_add(nr_frames, &use->nr_frames);
}

static struct sg_table *op_map(struct dma_buf_attachment *attachment,
			       enum dma_data_direction dir)
{
	return na_sync_map(attachment->dmabuf->priv, attachment->dev, dir);
}

static void op_unmap(struct dma_buf_attachment *attachment,
		     struct sg_table *table, enum dma_data_direction dir)
{
	na_sync_unmap(attachment->dmabuf->priv, table);
}

static struct na_sync_range all_of(const struct dma_buf *dmabuf)
{
	return (struct na_sync_range){ .len = dmabuf->size };
}

static int op_begin_cpu_access(struct dma_buf *dmabuf,
			       enum dma_data_direction dir)
{
	return na_sync_begin(dmabuf->priv, dir, all_of(dmabuf));
}

static int op_end_cpu_access(struct dma_buf *dmabuf,
			     enum dma_data_direction dir)
{
	na_sync_end(dmabuf->priv, dir, all_of(dmabuf));
	return 0;
}

static int op_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct na_dmabuf *ours = dmabuf->priv;
	int err = 0;

	mutex_lock(&ours->lock);
	if (!ours->nr_vmaps)
		ours->vaddr = na_linux_runs_map(ours->buffer->runs,
						ours->buffer->nr_runs,
						ours->buffer->type);
	if (ours->vaddr) {
		ours->nr_vmaps++;
		iosys_map_set_vaddr(map, ours->vaddr);
	} else {
		err = na_refuse("vmap length", dmabuf->size,
				"addresses and memory that the kernel has",
				-ENOMEM);
	}
	mutex_unlock(&ours->lock);
	return err;
}

static void op_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct na_dmabuf *ours = dmabuf->priv;

	mutex_lock(&ours->lock);
	if (!WARN_ON_ONCE(!ours->nr_vmaps) && !--ours->nr_vmaps) {
		vunmap(ours->vaddr);
		ours->vaddr = NULL;
	}
	mutex_unlock(&ours->lock);
	iosys_map_clear(map);
}

static void op_release(struct dma_buf *dmabuf)
{
	struct na_dmabuf *ours = dmabuf->priv;
	long nr_frames = ours->buffer->nr_frames;

	/* A mapping left would be an alias for the next owner. */
	WARN_ON_ONCE(ours->nr_vmaps || atomic_read(&ours->nr_mmaps) ||
		     atomic_read(&ours->nr_dma));
	trace_noalias_free(ours->id, ours->heap_name, ours->buffer, ours->pid);
	remove_from_all(ours);
	na_power_destroy(ours->buffer);
	na_charge_give(&ours->charge);
	use_add(ours->use, -1, -nr_frames);
	mutex_destroy(&ours->lock);
	kfree(ours);
}

static const struct dma_buf_ops dmabuf_ops = {
	.map_dma_buf = op_map,
	.unmap_dma_buf = op_unmap,
	.begin_cpu_access = op_begin_cpu_access,
	.end_cpu_access = op_end_cpu_access,
	.mmap = na_dmabuf_mmap,
	.vmap = op_vmap,
	.vunmap = op_vunmap,
	.release = op_release,
};

static void init_dmabuf(struct na_dmabuf *ours, struct na_buffer *buffer,
			const struct na_charge *charge, const char *heap_name,
			struct na_dmabufs_use *use)
{
	ours->buffer = buffer;
	ours->charge = *charge;
	ours->heap_name = heap_name;
	ours->use = use;
	ours->pid = task_tgid_nr(current);
	ours->born_ns = current->group_leader->start_boottime;
	get_task_comm(ours->comm, current);
	mutex_init(&ours->lock);
	INIT_LIST_HEAD(&ours->maps);
}

/* Shown in /proc/PID/fdinfo; the owner may rename it by ioctl. */
static void set_owner_name(struct dma_buf *dmabuf, const struct na_dmabuf *ours)
{
	char word[NA_NAME_MAX], *name;

	na_name_escape(word, ours->comm);
	/*
	 * 31 characters with a pid of 7 digits. Longer names are cut by old
	 * kernels and not shown by new ones.
	 */
	name = kasprintf(GFP_KERNEL_ACCOUNT, "%d:%.23s", ours->pid, word);
	spin_lock(&dmabuf->name_lock);
	dmabuf->name = name;
	spin_unlock(&dmabuf->name_lock);
}

struct dma_buf *na_dmabuf_export(struct na_buffer *buffer,
				 const struct na_charge *charge,
				 const char *heap_name,
				 struct na_dmabufs_use *use, u32 flags)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct na_dmabuf *ours = kzalloc(sizeof(*ours), GFP_KERNEL_ACCOUNT);
	struct dma_buf *dmabuf;

	if (!ours)
		return ERR_PTR(-ENOMEM);
	init_dmabuf(ours, buffer, charge, heap_name, use);
	info.ops = &dmabuf_ops;
	info.exp_name = heap_name;
	info.size = (size_t)buffer->nr_frames << PAGE_SHIFT;
	info.flags = flags;
	info.priv = ours;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf)) {
		kfree(ours);
		return dmabuf;
	}
	set_owner_name(dmabuf, ours);
	ours->dmabuf = dmabuf;
	ours->inode = file_inode(dmabuf->file)->i_ino;
	use_add(use, 1, buffer->nr_frames);
	add_to_all(ours);
	return dmabuf;
}

struct na_dmabuf *na_dmabuf_of(struct dma_buf *dmabuf)
{
	return dmabuf->ops == &dmabuf_ops ? dmabuf->priv : NULL;
}

/* --- the table of buffers: the position is a number, 0 is the titles ------ */

/* Does it have a thread left? A zombie holds nothing. */
static bool has_maker(const struct na_dmabuf *ours)
{
	struct task_struct *leader;
	bool is_there;

	rcu_read_lock();
	leader = pid_task(find_pid_ns(ours->pid, &init_pid_ns), PIDTYPE_TGID);
	is_there = leader && leader->start_boottime == ours->born_ns &&
		   atomic_read(&leader->signal->live) > 0;
	rcu_read_unlock();
	return is_there;
}

/*
 * While a buffer is in the tree its dma_buf exists, but at its end no longer
 * the inode of its file: so the inode's number is stored.
 */
static void show_identity(struct seq_file *seq, const struct na_dmabuf *ours)
{
	struct dma_buf *dmabuf = ours->dmabuf;
	char name[DMA_BUF_NAME_LEN] = "", word[4 * DMA_BUF_NAME_LEN + 1];

	spin_lock(&dmabuf->name_lock);
	if (dmabuf->name)
		strscpy(name, dmabuf->name, sizeof(name));
	spin_unlock(&dmabuf->name_lock);
	na_word_escape(word, sizeof(word), name, sizeof(name));
	seq_printf(seq, " %lu %s %s\n", ours->inode, *word ? word : "-",
		   has_maker(ours) ? "alive" : "gone");
}

static void show_one(struct seq_file *seq, const struct na_dmabuf *ours)
{
	const struct na_buffer *buffer = ours->buffer;
	char word[NA_NAME_MAX];

	na_name_escape(word, ours->comm);
	seq_printf(seq, "%llu %s %s %llu %u %u %d %u %d %d %s", ours->id,
		   ours->heap_name, na_memtype_name(buffer->type),
		   (u64)buffer->nr_frames << PAGE_SHIFT,
		   buffer->nr_frames - buffer->nr_direct, buffer->nr_direct,
		   atomic_read(&ours->nr_mmaps), ours->nr_vmaps,
		   atomic_read(&ours->nr_dma), ours->pid, *word ? word : "-");
	show_identity(seq, ours);
}

/*
 * The lock is held from here to table_stop(): for the lines that fit into a
 * page, whatever the size of the read and the number of buffers.
 */
static void *table_start(struct seq_file *seq, loff_t *pos)
{
	struct na_dmabuf *first;

	mutex_lock(&all_lock);
	if (!*pos)
		return SEQ_START_TOKEN;
	first = find_from_locked(*pos);
	/* The buffer of this position may be gone: continue with the next. */
	if (first)
		*pos = first->id;
	return first;
}

static void *table_next(struct seq_file *seq, void *at, loff_t *pos)
{
	struct na_dmabuf *next = find_from_locked(*pos + 1);

	/* The position must advance after the last one too. */
	*pos = next ? next->id : *pos + 1;
	return next;
}

static void table_stop(struct seq_file *seq, void *at)
{
	mutex_unlock(&all_lock);
}

static int table_show(struct seq_file *seq, void *at)
{
	if (at == SEQ_START_TOKEN)
		seq_puts(seq, "id heap type bytes high_frames low_frames mmaps vmaps dma_maps pid comm inode name maker\n");
	else
		show_one(seq, at);
	return 0;
}

const struct seq_operations na_dmabufs_seq_ops = {
	.start = table_start,
	.next = table_next,
	.stop = table_stop,
	.show = table_show,
};

MODULE_IMPORT_NS("DMA_BUF");
