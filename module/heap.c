// SPDX-License-Identifier: GPL-2.0
/*
 * A heap: the ioctl, its checks, and the allocation of a buffer.
 *
 * A client must not be able to tell these heaps from the kernel's own, so the
 * ioctl does what drivers/dma-buf/dma-heap.c does, in the same order:
 * - only the command's number counts, not its type: an unknown number is
 *   EINVAL, never ENOTTY;
 * - the struct may be shorter or longer than ours, up to what a command can
 *   say. Bytes that the caller did not give are zero. Bytes that we do not
 *   know are read and written back as they came, whatever they hold;
 * - a command whose direction lacks _IOC_WRITE passes no bytes in, one that
 *   lacks _IOC_READ gets none back: then, as with a struct that ends before the
 *   field, the fd is in the caller's table but its number is not returned.
 *
 * One more command is answered, of our own type: NOALIAS_IOC_QUERY_REFUSAL, for
 * clients that have only a heap open.
 *
 * One difference on 32 bit: the kernel's heaps truncate the length to 32 bits
 * and allocate less than requested. Here that is an error, as on 64 bit.
 *
 * The fd is installed last: after a failed copy to user space it must not
 * exist, because nobody would know its number.
 */
#include <linux/dma-buf.h>
#include <uapi/linux/dma-heap.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <noalias/buffer.h>

#include "../port/linux/port.h"
#include "dmabuf.h"
#include "heap.h"
#include "ioctl.h"
#include "noalias.h"
#include "power.h"
#include "refusal.h"
#include "trace.h"

#define ALLOC_NR	_IOC_NR(DMA_HEAP_IOCTL_ALLOC)

/* A caller's struct; @tail are fields of newer kernels. */
struct request {
	struct dma_heap_allocation_data data;
	u8 tail[104];
};

#define LEN_MAX		((u64)NA_BUFFER_FRAMES_MAX << PAGE_SHIFT)

#define BLOCK_LEN_MAX	((u64)NA_BLOCK_FRAMES_MAX << PAGE_SHIFT)

/* The texts of the refusals contain these numbers. */
#ifdef CONFIG_64BIT
#define LEN_MAX_TEXT	"274877906944 bytes"
static_assert(LEN_MAX == 274877906944);
#else
#define LEN_MAX_TEXT	"2147479552 bytes"
static_assert(LEN_MAX == 2147479552);
#endif
static_assert(BLOCK_LEN_MAX == 4194304);

static int check_flags(const struct dma_heap_allocation_data *data)
{
	if (data->fd)
		return na_refuse("fd", data->fd, "0 on entry", -EINVAL);
	if (data->fd_flags & ~(u32)DMA_HEAP_VALID_FD_FLAGS)
		return na_refuse("fd_flags", data->fd_flags,
				 "O_CLOEXEC|O_ACCMODE", -EINVAL);
	if (data->heap_flags & ~(u64)DMA_HEAP_VALID_HEAP_FLAGS)
		return na_refuse("heap_flags", data->heap_flags, "0", -EINVAL);
	return 0;
}

static int check_len(const struct na_heap *heap, u64 len)
{
	/* Also lengths that overflow when rounded up to pages. */
	if (!PAGE_ALIGN(len))
		return na_refuse("len", len, "1 or more", -EINVAL);
	if (heap->is_contiguous && len > BLOCK_LEN_MAX)
		return na_refuse_limit("len", len, (struct na_limit){
			.text = "4194304 bytes in one piece",
			.max = BLOCK_LEN_MAX,
			.scope = NOALIAS_IOC_LIMIT_FIXED,
			.remedy = "take a heap that is not contiguous" },
			-ENOMEM);
	if (len > LEN_MAX)
		return na_refuse_limit("len", len, (struct na_limit){
			.text = LEN_MAX_TEXT, .max = LEN_MAX,
			.scope = NOALIAS_IOC_LIMIT_FIXED,
			.remedy = "take several buffers" }, -ENOMEM);
	return 0;
}

static int create_buffer(struct na_heap *heap, u32 nr_frames,
			 enum na_zone zone, struct na_buffer **buffer)
{
	int err = na_power_enter();

	if (err)
		return err;
	err = na_buffer_create(&heap->noalias->machine,
			       (struct na_buffer_spec){
				       .nr_frames = nr_frames,
				       .type = heap->type, .zone = zone,
				       .is_contiguous = heap->is_contiguous,
			       }, buffer);
	na_power_leave();
	if (err == -ENOMEM && heap->is_contiguous)
		na_refuse_limit("len", (u64)nr_frames << PAGE_SHIFT,
				(struct na_limit){
			.text = "memory in one piece that the system has or can make",
			.remedy = "allocate early, or take a heap that is not contiguous"
			}, err);
	return err;
}

/* Creates a buffer with its charge, or neither. */
static int create_charged(struct na_heap *heap, u32 nr_frames,
			  struct na_buffer **buffer, struct na_charge *charge)
{
	enum na_zone zone = na_heap_zone(heap);
	int err = na_charge_take(charge, heap->noalias, &heap->share,
				 nr_frames, zone);

	if (err)
		return err;
	err = create_buffer(heap, nr_frames, zone, buffer);
	if (err)
		goto give;
	err = na_charge_settle(charge, (*buffer)->nr_direct);
	if (err)
		goto destroy;
	return 0;
destroy:
	na_power_destroy(*buffer);
give:
	na_charge_give(charge);
	return err;
}

static struct dma_buf *allocate(struct na_heap *heap, u64 len, u32 fd_flags)
{
	u32 nr_frames = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct na_charge charge;
	struct na_buffer *buffer;
	struct dma_buf *dmabuf;
	int err;

	err = create_charged(heap, nr_frames, &buffer, &charge);
	if (err)
		return ERR_PTR(err);
	/* From here on the dma-buf releases buffer and charge. */
	dmabuf = na_dmabuf_export(buffer, &charge, heap->name, &heap->use,
				  fd_flags);
	if (IS_ERR(dmabuf)) {
		na_power_destroy(buffer);
		na_charge_give(&charge);
	}
	return dmabuf;
}

static void trace_alloc(const struct na_heap *heap, u64 len,
			struct dma_buf *dmabuf, u64 ns)
{
	struct na_dmabuf *ours;

	if (IS_ERR(dmabuf)) {
		trace_noalias_alloc(0, heap->name, heap->type, PAGE_ALIGN(len),
				    0, PTR_ERR(dmabuf), ns);
		return;
	}
	ours = na_dmabuf_of(dmabuf);
	trace_noalias_alloc(ours->id, heap->name, heap->type, dmabuf->size,
			    (u64)ours->buffer->nr_direct << PAGE_SHIFT, 0, ns);
}

static struct dma_buf *allocate_traced(struct na_heap *heap, u64 len,
				       u32 fd_flags)
{
	struct dma_buf *dmabuf;
	u64 start_ns;

	if (!trace_noalias_alloc_enabled())
		return allocate(heap, len, fd_flags);
	start_ns = ktime_get_ns();
	dmabuf = allocate(heap, len, fd_flags);
	trace_alloc(heap, len, dmabuf, ktime_get_ns() - start_ns);
	return dmabuf;
}

static long alloc_fd(struct na_heap *heap, struct request *request,
		     void __user *user, size_t len)
{
	u32 flags = request->data.fd_flags;
	struct dma_buf *dmabuf;
	int fd;

	dmabuf = allocate_traced(heap, request->data.len, flags);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	fd = get_unused_fd_flags(flags);
	if (fd < 0) {
		dma_buf_put(dmabuf);
		return fd;
	}
	request->data.fd = fd;
	if (copy_to_user(user, request, len)) {
		put_unused_fd(fd);
		dma_buf_put(dmabuf);
		return na_refuse("struct address", (unsigned long)user,
				 "memory that the caller may write", -EFAULT);
	}
	fd_install(fd, dmabuf->file);
	return 0;
}

/* @request has room for @len bytes and is zeroed. */
static long answer(struct na_heap *heap, struct request *request,
		   void __user *user, unsigned int dir, size_t len)
{
	u64 mark = na_refusal_mark();
	long err;

	if (copy_from_user(request, user, dir & _IOC_WRITE ? len : 0))
		return na_refuse("struct address", (unsigned long)user,
				 "memory that the caller may read", -EFAULT);
	err = check_flags(&request->data);
	if (!err)
		err = check_len(heap, request->data.len);
	if (err)
		return err;
	/* A length implies _IOC_WRITE, so all that is written back was read. */
	err = alloc_fd(heap, request, user, dir & _IOC_READ ? len : 0);
	return err ? na_refuse_unless(mark, "len", request->data.len, err) : 0;
}

static long heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct na_heap *heap = container_of(file->private_data,
					    struct na_heap, misc);
	struct request on_stack = {}, *request = &on_stack;
	size_t len = _IOC_SIZE(cmd);
	long err;

	if (cmd == NOALIAS_IOC_QUERY_REFUSAL)
		return na_ioctl_refusal(heap->noalias, (void __user *)arg);
	if (_IOC_NR(cmd) != ALLOC_NR)
		return na_refuse("ioctl number", _IOC_NR(cmd), "0", -EINVAL);
	if (len > sizeof(on_stack))
		request = kzalloc(len, GFP_KERNEL);
	if (!request)
		return na_refuse("struct size", len, "memory of the kernel",
				 -ENOMEM);
	err = answer(heap, request, (void __user *)arg, _IOC_DIR(cmd), len);
	if (request != &on_stack)
		kfree(request);
	return err;
}

static int heap_open(struct inode *inode, struct file *file)
{
	/* misc_open() left the miscdevice in private_data. */
	return nonseekable_open(inode, file);
}

const struct file_operations na_heap_fops = {
	.owner = THIS_MODULE,
	.open = heap_open,
	.unlocked_ioctl = heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

enum na_zone na_heap_zone(const struct na_heap *heap)
{
	return heap->zone != NA_ZONE_ANY ? heap->zone :
					   READ_ONCE(heap->noalias->zone);
}
