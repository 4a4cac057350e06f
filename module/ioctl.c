// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/noalias: queries, which change nothing, and the sync of a part of a buffer.
 *
 * A struct is copied in, checked completely, filled in, and copied out only
 * when the answer is complete. No kernel data leaks: the answer is the caller's
 * own struct, and has no padding.
 *
 * The fd of a buffer is looked up once and its dma-buf held from then on, so
 * another thread that closes or replaces the fd does not change the answer.
 * While it is held the frames belong to the buffer, so the list of runs can be
 * read without a lock.
 */
#include <linux/build_bug.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/dma-buf.h>
#include <uapi/noalias.h>

#include "../port/linux/port.h"
#include "dmabuf.h"
#include "heap.h"
#include "ioctl.h"
#include "noalias.h"
#include "node.h"
#include "refusal.h"
#include "sync.h"

/* A 32-bit caller aligns long long to 4 bytes: there must be no padding. */
static_assert(sizeof(struct noalias_query_version) == 96);
static_assert(offsetof(struct noalias_query_version, used) == 16);
static_assert(offsetof(struct noalias_query_version, reserved) == 64);
static_assert(sizeof(struct noalias_query_buffer) == 112);
static_assert(offsetof(struct noalias_query_buffer, len) == 8);
static_assert(offsetof(struct noalias_query_buffer, reserved) == 80);
static_assert(sizeof(struct noalias_query_heap) == 112);
static_assert(offsetof(struct noalias_query_heap, nr_buffers) == 24);
static_assert(offsetof(struct noalias_query_heap, dev_major) == 80);
static_assert(offsetof(struct noalias_query_heap, reserved) == 88);
static_assert(sizeof(struct noalias_query_refusal) == 240);
static_assert(offsetof(struct noalias_query_refusal, scope) == 40);
static_assert(offsetof(struct noalias_query_refusal, reserved) == 208);
static_assert(sizeof(struct noalias_sync) == 40);
static_assert(offsetof(struct noalias_sync, offset) == 8);
static_assert(offsetof(struct noalias_sync, reserved) == 24);
static_assert(NOALIAS_IOC_WB == (int)NA_WB && NOALIAS_IOC_WC == (int)NA_WC &&
	      NOALIAS_IOC_UC == (int)NA_UC);
static_assert(NOALIAS_IOC_ZONE_ANY == (int)NA_ZONE_ANY &&
	      NOALIAS_IOC_ZONE_LOW == (int)NA_ZONE_LOW &&
	      NOALIAS_IOC_ZONE_HIGH == (int)NA_ZONE_HIGH &&
	      NOALIAS_IOC_ZONE_DMA32 == (int)NA_ZONE_DMA32);

/* A caller's struct: first the query, then the answer. */
union data {
	struct noalias_query_version version;
	struct noalias_query_buffer buffer;
	struct noalias_query_heap heap;
	struct noalias_query_refusal refusal;
	struct noalias_sync sync;
};

/**
 * struct query - a call of uapi/noalias.h
 * @cmd: its number, which contains the size of its struct
 * @flags: offset of the flags in the struct
 * @flags_known: flags that the call has
 * @reserved: offset of its reserved bytes, which extend to its end
 * @word: offset of another reserved word; 0: none
 * @answer: fills in the rest
 */
struct query {
	unsigned int cmd;
	size_t flags;
	u32 flags_known;
	size_t reserved;
	size_t word;
	int (*answer)(struct noalias *noalias, union data *data);
};

static u32 word_at(const union data *data, size_t at)
{
	return *(const u32 *)((const u8 *)data + at);
}

static int check_zeroes(const struct query *query, const union data *data)
{
	u32 flags = word_at(data, query->flags);
	const u8 *found;

	if (flags & ~query->flags_known)
		return na_refuse("query flags", flags, query->flags_known ?
				 "DMA_BUF_SYNC_READ, _WRITE, _START, _END" : "0",
				 -EINVAL);
	found = memchr_inv((const u8 *)data + query->reserved, 0,
			   _IOC_SIZE(query->cmd) - query->reserved);
	if (found)
		return na_refuse("query reserved", *found, "0", -EINVAL);
	if (query->word && word_at(data, query->word))
		return na_refuse("query reserved", word_at(data, query->word),
				 "0", -EINVAL);
	return 0;
}

static int refuse_argument(const void __user *arg, const char *limit)
{
	return na_refuse("query address", (unsigned long)arg, limit, -EFAULT);
}

static long ask(struct noalias *noalias, const struct query *query,
		void __user *arg)
{
	union data data;
	size_t len = _IOC_SIZE(query->cmd);
	int err;

	if (copy_from_user(&data, arg, len))
		return refuse_argument(arg, "memory that the caller may read");
	err = check_zeroes(query, &data);
	if (!err)
		err = query->answer(noalias, &data);
	if (!err && _IOC_DIR(query->cmd) & _IOC_READ &&
	    copy_to_user(arg, &data, len))
		err = refuse_argument(arg, "memory that the caller may write");
	return err;
}

static int answer_version(struct noalias *noalias, union data *data)
{
	struct noalias_query_version *query = &data->version;

	query->abi = NOALIAS_IOC_ABI;
	query->nr_heaps = na_heaps_count();
	query->frame_len = PAGE_SIZE;
	query->used = na_charges_used(noalias) << PAGE_SHIFT;
	query->limit = na_charges_max() << PAGE_SHIFT;
	strscpy_pad(query->version, THIS_MODULE->version ?: "",
		    sizeof(query->version));
	return 0;
}

/* --- buffers -------------------------------------------------------------- */

/* The ledger has no buffers of cached memory: engine/buffer.c says why. */
static enum na_state state_of(enum na_memtype type)
{
	return na_memtype_is_cached(type) ? NA_SYSTEM : NA_BUFFER;
}

static u32 count_wrong(const struct na_ledger *ledger, struct na_run run,
		       enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i, nr = 0;

	for (i = 0; i < run.nr; i++) {
		entry = na_ledger_lookup(ledger, na_frame_add(run.first, i));
		nr += entry.state != state_of(type) || entry.type != type;
	}
	return nr;
}

/* A buffer is converted completely or not at all. */
static u32 promise_of(enum na_memtype type, u64 nr_wrong)
{
	return na_memtype_is_cached(type) || nr_wrong ? NOALIAS_IOC_NONE :
							NOALIAS_IOC_GUARANTEED;
}

static int check_frames(const struct na_buffer *buffer, u64 *nr_wrong)
{
	const struct na_ledger *ledger = &buffer->machine->ledger;
	u32 i;

	*nr_wrong = 0;
	for (i = 0; i < buffer->nr_runs; i++) {
		*nr_wrong += count_wrong(ledger, buffer->runs[i],
					 buffer->type);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int describe_buffer(const struct na_dmabuf *ours,
			   struct noalias_query_buffer *query)
{
	const struct na_buffer *buffer = ours->buffer;
	u64 nr_wrong;
	int err = check_frames(buffer, &nr_wrong);

	if (err)
		return err;
	query->len = (u64)buffer->nr_frames << PAGE_SHIFT;
	query->low = (u64)buffer->nr_direct << PAGE_SHIFT;
	query->wrong = nr_wrong << PAGE_SHIFT;
	query->id = ours->id;
	query->memtype = buffer->type;
	query->promise = promise_of(buffer->type, nr_wrong);
	strscpy_pad(query->heap, ours->heap_name, sizeof(query->heap));
	return 0;
}

static int refuse_fd(int fd, int err)
{
	return na_refuse("query fd", (u32)fd,
			 err == -EBADF ? "an open descriptor" : "a dma-buf",
			 err);
}

/* Return: the buffer, held by its dma-buf, or an ERR_PTR, recorded. */
static struct na_dmabuf *get_buffer(int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);
	struct na_dmabuf *ours;

	if (IS_ERR(dmabuf))
		return ERR_PTR(refuse_fd(fd, PTR_ERR(dmabuf)));
	ours = na_dmabuf_of(dmabuf);
	if (ours)
		return ours;
	dma_buf_put(dmabuf);
	return ERR_PTR(na_refuse("query fd", fd, "a dma-buf of a heap here",
				 -ENODEV));
}

static void put_buffer(struct na_dmabuf *ours)
{
	dma_buf_put(ours->dmabuf);
}

static int answer_buffer(struct noalias *noalias, union data *data)
{
	struct na_dmabuf *ours = get_buffer(data->buffer.fd);
	int err;

	if (IS_ERR(ours))
		return PTR_ERR(ours);
	err = describe_buffer(ours, &data->buffer);
	put_buffer(ours);
	return err;
}

/* --- sync ----------------------------------------------------------------- */

static int check_range(const struct na_dmabuf *ours,
		       const struct noalias_sync *sync)
{
	u64 size = ours->dmabuf->size;

	if (sync->offset >= size)
		return na_refuse_limit("sync offset", sync->offset,
			(struct na_limit){ .text = "a byte of the buffer",
				.max = size - 1,
				.scope = NOALIAS_IOC_LIMIT_FIXED }, -EINVAL);
	if (!sync->len || sync->len > size - sync->offset)
		return na_refuse_limit("sync len", sync->len,
			(struct na_limit){
				.text = "1 or more, to the end of the buffer",
				.max = size - sync->offset,
				.scope = NOALIAS_IOC_LIMIT_FIXED }, -EINVAL);
	return 0;
}

/* As the kernel translates those of DMA_BUF_IOCTL_SYNC. */
static enum dma_data_direction direction_of(u32 flags)
{
	switch (flags & DMA_BUF_SYNC_RW) {
	case DMA_BUF_SYNC_READ:
		return DMA_FROM_DEVICE;
	case DMA_BUF_SYNC_WRITE:
		return DMA_TO_DEVICE;
	case DMA_BUF_SYNC_RW:
		return DMA_BIDIRECTIONAL;
	default:
		return DMA_NONE;
	}
}

static int sync_buffer(struct na_dmabuf *ours, const struct noalias_sync *sync)
{
	enum dma_data_direction dir = direction_of(sync->flags);
	struct na_sync_range range = { sync->offset, sync->len };
	int err = check_range(ours, sync);

	if (err)
		return err;
	if (!(sync->flags & DMA_BUF_SYNC_END))
		return na_sync_begin(ours, dir, range);
	na_sync_end(ours, dir, range);
	return 0;
}

static int answer_sync(struct noalias *noalias, union data *data)
{
	struct na_dmabuf *ours;
	int err;

	if (direction_of(data->sync.flags) == DMA_NONE)
		return na_refuse("sync flags", data->sync.flags,
				 "DMA_BUF_SYNC_READ, _WRITE or both", -EINVAL);
	ours = get_buffer(data->sync.fd);
	if (IS_ERR(ours))
		return PTR_ERR(ours);
	err = sync_buffer(ours, &data->sync);
	put_buffer(ours);
	return err;
}

/* --- heaps ---------------------------------------------------------------- */

static int answer_heap(struct noalias *noalias, union data *data)
{
	struct noalias_query_heap *query = &data->heap;
	const struct na_heap *heap = na_heap_find(query->index);

	if (!heap)
		return -ENOENT;
	query->memtype = heap->type;
	query->promise = promise_of(heap->type, 0);
	query->zone = na_heap_zone(heap);
	query->properties = heap->is_contiguous ? NOALIAS_IOC_HEAP_CONTIGUOUS :
						  0;
	query->nr_buffers = atomic_long_read(&heap->use.nr_buffers);
	query->used = (u64)atomic_long_read(&heap->use.nr_frames) << PAGE_SHIFT;
	query->limit = na_share_max(&heap->share) << PAGE_SHIFT;
	query->dev_major = MISC_MAJOR;
	query->dev_minor = heap->misc.minor;
	strscpy_pad(query->name, heap->name, sizeof(query->name));
	return 0;
}

/* --- refusals ------------------------------------------------------------- */

static int answer_refusal(struct noalias *noalias, union data *data)
{
	return na_refusal_tell(&data->refusal);
}

/* --- node ----------------------------------------------------------------- */

#define QUERY(CMD, name) \
	.cmd = NOALIAS_IOC_QUERY_##CMD, .answer = answer_##name, \
	.flags = offsetof(struct noalias_query_##name, flags), \
	.reserved = offsetof(struct noalias_query_##name, reserved)

static const struct query queries[] = {
	{ QUERY(VERSION, version) },
	{ QUERY(BUFFER, buffer) },
	{ QUERY(HEAP, heap),
	  .word = offsetof(struct noalias_query_heap, properties) },
	{ QUERY(REFUSAL, refusal),
	  .word = offsetof(struct noalias_query_refusal, reserved0) },
	{ .cmd = NOALIAS_IOC_SYNC, .answer = answer_sync,
	  .flags = offsetof(struct noalias_sync, flags),
	  .flags_known = DMA_BUF_SYNC_VALID_FLAGS_MASK,
	  .reserved = offsetof(struct noalias_sync, reserved) },
};

static const struct query *find_query(unsigned int cmd)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(queries); i++)
		if (queries[i].cmd == cmd)
			return &queries[i];
	return NULL;
}

long na_ioctl_refusal(struct noalias *noalias, void __user *arg)
{
	return ask(noalias, find_query(NOALIAS_IOC_QUERY_REFUSAL), arg);
}

static long node_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct noalias *noalias = container_of(file->private_data,
					       struct noalias, node);
	const struct query *query = find_query(cmd);

	if (!query)
		return na_refuse("query ioctl", cmd, "a call of uapi/noalias.h",
				 -ENOTTY);
	return ask(noalias, query, (void __user *)arg);
}

static int node_open(struct inode *inode, struct file *file)
{
	/* misc_open() left the miscdevice in private_data. */
	return nonseekable_open(inode, file);
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.unlocked_ioctl = node_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Only root, until udev sets a group. */
static const struct miscdevice node_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "noalias",
	.mode = 0660,
	.fops = &node_fops,
};

int na_ioctl_register(struct noalias *noalias)
{
	noalias->node = node_misc;
	return na_node_register(&noalias->node);
}

void na_ioctl_unregister(struct noalias *noalias)
{
	misc_deregister(&noalias->node);
}
