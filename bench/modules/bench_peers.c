// SPDX-License-Identifier: GPL-2.0
/*
 * The peers: uncached buffers as a driver makes them with what the kernel
 * exports. Low memory only, because set_pages_*() take no other.
 *
 * Each does the complete work: pages are zeroed, converted before they are
 * mapped, mapped with the right type (set_pages_*() records it for PAT
 * tracking), and write-back again before they are freed.
 */
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/set_memory.h>

#include "bench.h"

#define NR_PAGES_MAX (1u << 16)

struct block {
	unsigned int first;
	unsigned int order;
};

struct peer_buffer {
	enum bench_peer peer;
	bool wc;
	bool converted;
	unsigned int nr;
	unsigned int nr_blocks;
	struct page **pages;
	struct block *blocks;
};

static const unsigned int block_orders[] = { 10, 8, 4, 0 };

static void give_pages(struct peer_buffer *buffer)
{
	unsigned int i;

	for (i = 0; i < buffer->nr_blocks; i++)
		__free_pages(buffer->pages[buffer->blocks[i].first],
			     buffer->blocks[i].order);
	kvfree(buffer->blocks);
	kvfree(buffer->pages);
	buffer->blocks = NULL;
	buffer->pages = NULL;
	buffer->nr_blocks = 0;
	buffer->nr = 0;
}

static void add_block(struct peer_buffer *buffer, struct page *page,
		      unsigned int order)
{
	unsigned int i;

	buffer->blocks[buffer->nr_blocks].first = buffer->nr;
	buffer->blocks[buffer->nr_blocks++].order = order;
	for (i = 0; i < 1u << order; i++)
		buffer->pages[buffer->nr++] = page + i;
}

static struct page *take_block(unsigned int order)
{
	gfp_t gfp = GFP_USER | __GFP_ZERO | __GFP_NOWARN;

	return alloc_pages(order ? gfp | __GFP_NORETRY : gfp, order);
}

static int take_pages(struct peer_buffer *buffer, unsigned int nr)
{
	unsigned int last = ARRAY_SIZE(block_orders) - 1;
	unsigned int idx = buffer->peer == BENCH_BLOCKS ? 0 : last;
	struct page *page;

	buffer->pages = kvmalloc_array(nr, sizeof(*buffer->pages), GFP_KERNEL);
	buffer->blocks = kvmalloc_array(nr, sizeof(*buffer->blocks),
					GFP_KERNEL);
	if (!buffer->pages || !buffer->blocks)
		return -ENOMEM;
	while (buffer->nr < nr) {
		page = nr - buffer->nr < 1u << block_orders[idx] ? NULL :
		       take_block(block_orders[idx]);
		if (page)
			add_block(buffer, page, block_orders[idx]);
		else if (++idx > last)
			return -ENOMEM;
	}
	return 0;
}

static int convert_each(struct peer_buffer *buffer)
{
	unsigned int i;
	int err;

	for (i = 0; i < buffer->nr; i++) {
		err = set_pages_uc(buffer->pages[i], 1);
		if (err) {
			while (i--)
				set_pages_wb(buffer->pages[i], 1);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static int convert(struct peer_buffer *buffer)
{
	int err;

	if (buffer->peer == BENCH_PAGEWISE)
		err = convert_each(buffer);
	else if (buffer->wc)
		err = set_pages_array_wc(buffer->pages, buffer->nr);
	else
		err = set_pages_array_uc(buffer->pages, buffer->nr);
	buffer->converted = !err;
	return err;
}

static void convert_back(struct peer_buffer *buffer)
{
	unsigned int i;

	if (!buffer->converted)
		return;
	if (buffer->peer != BENCH_PAGEWISE) {
		set_pages_array_wb(buffer->pages, buffer->nr);
		return;
	}
	for (i = 0; i < buffer->nr; i++) {
		set_pages_wb(buffer->pages[i], 1);
		cond_resched();
	}
}

static int check_request(const struct peer_buffer *buffer,
			 const struct bench_alloc *request)
{
	if (buffer->nr)
		return -EBUSY;
	if (!request->len || request->len % PAGE_SIZE ||
	    request->len > (u64)NR_PAGES_MAX << PAGE_SHIFT)
		return -EINVAL;
	if (request->peer >= NR_BENCH_PEERS ||
	    (request->wc && request->peer == BENCH_PAGEWISE))
		return -EINVAL;
	return 0;
}

static int fill(struct peer_buffer *buffer, struct bench_alloc *request)
{
	u64 start_ns = ktime_get_ns();
	int err;

	buffer->peer = request->peer;
	buffer->wc = request->wc;
	err = take_pages(buffer, request->len >> PAGE_SHIFT);
	request->alloc_ns = ktime_get_ns() - start_ns;
	if (!err)
		err = convert(buffer);
	if (err)
		give_pages(buffer);
	return err;
}

static long peers_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct peer_buffer *buffer = file->private_data;
	struct bench_alloc request;
	int err;

	if (cmd != BENCH_IOC_ALLOC)
		return -ENOTTY;
	if (copy_from_user(&request, (void __user *)arg, sizeof(request)))
		return -EFAULT;
	err = check_request(buffer, &request);
	if (!err)
		err = fill(buffer, &request);
	if (err)
		return err;
	return copy_to_user((void __user *)arg, &request, sizeof(request)) ?
	       -EFAULT : 0;
}

static int map_block(struct vm_area_struct *vma, struct page *page,
		     unsigned int first, unsigned int nr)
{
	return remap_pfn_range(vma, vma->vm_start + (first << PAGE_SHIFT),
			       page_to_pfn(page), nr << PAGE_SHIFT,
			       vma->vm_page_prot);
}

static int map_all(struct vm_area_struct *vma, struct peer_buffer *buffer)
{
	const struct block *block;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < buffer->nr_blocks; i++) {
		block = &buffer->blocks[i];
		err = map_block(vma, buffer->pages[block->first], block->first,
				1u << block->order);
	}
	return err;
}

static int peers_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct peer_buffer *buffer = file->private_data;

	if (!buffer->nr || vma->vm_pgoff || vma_pages(vma) != buffer->nr ||
	    !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vma->vm_page_prot = buffer->wc ?
			    pgprot_writecombine(vma->vm_page_prot) :
			    pgprot_noncached(vma->vm_page_prot);
	return map_all(vma, buffer);
}

static int peers_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct peer_buffer), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int peers_release(struct inode *inode, struct file *file)
{
	struct peer_buffer *buffer = file->private_data;

	convert_back(buffer);
	give_pages(buffer);
	kfree(buffer);
	return 0;
}

static const struct file_operations peers_fops = {
	.owner = THIS_MODULE,
	.open = peers_open,
	.release = peers_release,
	.unlocked_ioctl = peers_ioctl,
	.mmap = peers_mmap,
};

static struct miscdevice peers_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench_peers",
	.fops = &peers_fops,
};
module_misc_device(peers_misc);

MODULE_DESCRIPTION("Uncached buffers as drivers make them, to compare with");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
