// SPDX-License-Identifier: GPL-2.0
/*
 * Stale mappings, and the calls that remove them, timed inside the kernel so
 * that the way in and out is not part of the figure.
 *
 * The pages are allocated once and measured repeatedly, so that a measurement
 * finds only the stale mappings that were planted.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/hardirq.h>
#include <asm/set_memory.h>
#include <asm/tlbflush.h>
#include <linux/noalias.h>

#include "bench.h"
#include "compat.h"

#define BLOCK_ORDER	10
#define BLOCK_PAGES	(1u << BLOCK_ORDER)
#define NR_BLOCKS	(BENCH_PAGES_MAX / BLOCK_PAGES)
#define NR_VMAPS_MAX	64
/* Odd, so that stepping by it visits every page of a power of two once. */
#define MIX_STEP	6469u

static struct page **layouts[NR_BENCH_LAYOUTS];
static struct page *bystanders[BENCH_STALE_MAX];
static struct page *littered[BENCH_STALE_MAX];
static u32 ipis_before[NR_CPUS];
/* One call at a time; it protects all of the above. */
static DEFINE_MUTEX(act_lock);

static void flush_this_cpu(void *unused)
{
	na_linux_tlb_drop();
}

static void flush_everything(void)
{
	na_kmap_flush_unused();
	vm_unmap_aliases();
	on_each_cpu(flush_this_cpu, NULL, 1);
}

static void look_at_pages(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		(void)READ_ONCE(pages[i]);
}

static int perform(unsigned int action, struct page **pages, unsigned int nr)
{
	switch (action) {
	case BENCH_NOTHING:
		look_at_pages(pages, nr);
		return 0;
	case BENCH_PURGE:
		return na_pages_purge(pages, nr);
	case BENCH_FLUSH_ALL:
		flush_everything();
		return 0;
	case BENCH_TO_UC:
		return na_set_pages_uc(pages, nr);
	case BENCH_TO_WC:
		return na_set_pages_wc(pages, nr);
	case BENCH_TO_WB:
		return na_set_pages_wb(pages, nr);
	case BENCH_ARRAY_UC:
		return set_pages_array_uc(pages, nr);
	case BENCH_ARRAY_WB:
		return set_pages_array_wb(pages, nr);
	default:
		return -EINVAL;
	}
}

/* What the CAL line of /proc/interrupts shows. */
static void read_ipis(u32 *nr_by_cpu)
{
	int cpu;

	for_each_online_cpu(cpu)
		nr_by_cpu[cpu] =
			READ_ONCE(per_cpu(irq_stat, cpu).irq_call_count);
}

static u32 most_ipis_since(const u32 *nr_by_cpu)
{
	u32 most = 0;
	int cpu;

	for_each_online_cpu(cpu)
		if (cpu != raw_smp_processor_id())
			most = max(most, READ_ONCE(per_cpu(irq_stat,
						cpu).irq_call_count) -
					 nr_by_cpu[cpu]);
	return most;
}

static unsigned int count_left(struct page **pages, unsigned int nr)
{
	unsigned int i, left = 0;

	for (i = 0; i < nr; i++)
		left += PageHighMem(pages[i]) && page_address(pages[i]);
	return left;
}

static int act(struct bench_act *request)
{
	bool low = request->layout == BENCH_LOW;
	struct page **pages;
	u64 start_ns;
	int err;

	if (request->layout >= NR_BENCH_LAYOUTS || !request->nr ||
	    request->nr > BENCH_PAGES_MAX)
		return -EINVAL;
	if (!low && request->action >= BENCH_ARRAY_UC)
		return -EINVAL;
	pages = layouts[request->layout];
	read_ipis(ipis_before);
	start_ns = ktime_get_ns();
	err = perform(request->action, pages, request->nr);
	request->duration_ns = ktime_get_ns() - start_ns;
	request->nr_ipis = most_ipis_since(ipis_before);
	request->nr_left = count_left(pages, request->nr);
	return err;
}

static unsigned int leave_stale(struct page *page)
{
	u32 *word = kmap(page);

	(void)READ_ONCE(*word);
	kunmap(page);
	return PKMAP_NR((unsigned long)word);
}

/*
 * The pool hands out its slots in turn and empties itself when it wraps. So
 * that what is planted next stays, use slots up until it has just wrapped.
 */
static void empty_and_rewind_pool(void)
{
	unsigned int i, slot, room;

	do {
		flush_everything();
		for (i = 0; i < BENCH_STALE_MAX; i++) {
			slot = leave_stale(bystanders[i]);
			room = LAST_PKMAP - 1 - slot;
			if (slot && room > BENCH_STALE_MAX)
				break;
		}
	} while (i == BENCH_STALE_MAX);
	flush_everything();
}

static int leave_vmaps(struct page *page, unsigned int nr)
{
	u32 *words[NR_VMAPS_MAX];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		words[i] = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
		if (!words[i])
			break;
		(void)READ_ONCE(*words[i]);
	}
	nr = i;
	for (i = 0; i < nr; i++)
		vunmap(words[i]);
	return nr ? 0 : -ENOMEM;
}

static int check_plant(const struct bench_plant *request)
{
	if (request->layout >= NR_BENCH_LAYOUTS || !request->nr ||
	    request->nr > BENCH_PAGES_MAX || request->nr_vmaps > NR_VMAPS_MAX)
		return -EINVAL;
	if (request->nr_stale > BENCH_STALE_MAX ||
	    request->nr_elsewhere > BENCH_STALE_MAX ||
	    request->nr_between > BENCH_STALE_MAX ||
	    request->nr_stale + request->nr_elsewhere + request->nr_between >
	    BENCH_STALE_MAX)
		return -EINVAL;
	return request->nr_between > BENCH_PAGES_MAX - request->nr ||
	       (request->nr_between && request->layout == BENCH_LOW) ?
	       -EINVAL : 0;
}

static int plant(const struct bench_plant *request)
{
	unsigned int among = min(request->nr_stale, request->nr), i;
	struct page **pages;
	int err = check_plant(request);

	if (err)
		return err;
	pages = layouts[request->layout];
	empty_and_rewind_pool();
	if (request->layout == BENCH_LOW)
		among = 0;
	for (i = 0; i < among; i++)
		leave_stale(pages[i * request->nr / among]);
	for (; i < request->nr_stale + request->nr_elsewhere; i++)
		leave_stale(bystanders[i]);
	for (i = 0; i < request->nr_between; i++)
		leave_stale(pages[request->nr + i]);
	return request->nr_vmaps ? leave_vmaps(pages[0], request->nr_vmaps) : 0;
}

static void litter_blocks(struct page **blocks, unsigned int nr,
			  const struct bench_litter *request)
{
	unsigned int pages = nr << request->order, i, idx;

	for (i = 0; i < request->nr_stale; i++) {
		idx = i * pages / request->nr_stale;
		leave_stale(blocks[idx >> request->order] +
			    idx % (1u << request->order));
	}
}

static int litter(const struct bench_litter *request)
{
	unsigned int wanted, nr;
	int err = 0;

	if (request->order > BLOCK_ORDER || !request->nr_stale ||
	    request->nr_stale > BENCH_STALE_MAX ||
	    request->nr_vmaps > NR_VMAPS_MAX)
		return -EINVAL;
	wanted = DIV_ROUND_UP(request->nr_stale, 1u << request->order);
	for (nr = 0; nr < wanted; nr++) {
		littered[nr] = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN |
					 __GFP_NORETRY, request->order);
		if (!littered[nr])
			break;
	}
	if (!nr)
		return -ENOMEM;
	empty_and_rewind_pool();
	litter_blocks(littered, nr, request);
	if (request->nr_vmaps)
		err = leave_vmaps(littered[0], request->nr_vmaps);
	while (nr--)
		__free_pages(littered[nr], request->order);
	return err;
}

static long act_on(void __user *user)
{
	struct bench_act request;
	int err;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	err = act(&request);
	if (err)
		return err;
	return copy_to_user(user, &request, sizeof(request)) ? -EFAULT : 0;
}

static long plant_on(void __user *user)
{
	struct bench_plant request;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	return plant(&request);
}

static long litter_on(void __user *user)
{
	struct bench_litter request;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	return litter(&request);
}

static long stale_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	long err;

	mutex_lock(&act_lock);
	switch (cmd) {
	case BENCH_IOC_ACT:
		err = act_on(user);
		break;
	case BENCH_IOC_PLANT:
		err = plant_on(user);
		break;
	case BENCH_IOC_LITTER:
		err = litter_on(user);
		break;
	default:
		err = -ENOTTY;
	}
	mutex_unlock(&act_lock);
	return err;
}

static const struct file_operations stale_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = stale_ioctl,
};

static struct miscdevice stale_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench_stale",
	.fops = &stale_fops,
};

static int fill_layout(struct page **pages, gfp_t gfp)
{
	unsigned int block, i;
	struct page *first;

	for (block = 0; block < NR_BLOCKS; block++) {
		first = alloc_pages(gfp, BLOCK_ORDER);
		if (!first)
			return -ENOMEM;
		for (i = 0; i < BLOCK_PAGES; i++)
			pages[block * BLOCK_PAGES + i] = first + i;
	}
	return 0;
}

static void empty_layout(struct page **pages)
{
	unsigned int block;

	for (block = 0; pages && block < NR_BLOCKS; block++)
		if (pages[block * BLOCK_PAGES])
			__free_pages(pages[block * BLOCK_PAGES], BLOCK_ORDER);
	kvfree(pages);
}

static void give_all(void)
{
	unsigned int i;

	for (i = 0; i < BENCH_STALE_MAX; i++)
		if (bystanders[i])
			__free_page(bystanders[i]);
	empty_layout(layouts[BENCH_HIGH]);
	empty_layout(layouts[BENCH_LOW]);
	kvfree(layouts[BENCH_HIGH_MIXED]);
}

static int take_all(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < NR_BENCH_LAYOUTS; i++) {
		layouts[i] = kvcalloc(BENCH_PAGES_MAX, sizeof(struct page *),
				      GFP_KERNEL);
		if (!layouts[i])
			return -ENOMEM;
	}
	for (i = 0; i < BENCH_STALE_MAX; i++) {
		bystanders[i] = alloc_page(GFP_HIGHUSER);
		if (!bystanders[i])
			return -ENOMEM;
	}
	err = fill_layout(layouts[BENCH_HIGH], GFP_HIGHUSER);
	if (!err)
		err = fill_layout(layouts[BENCH_LOW], GFP_USER);
	if (err)
		return err;
	for (i = 0; i < BENCH_PAGES_MAX; i++)
		layouts[BENCH_HIGH_MIXED][i] = layouts[BENCH_HIGH][
				i * MIX_STEP % BENCH_PAGES_MAX];
	return 0;
}

static int __init stale_init(void)
{
	int err = take_all();

	if (!err)
		err = misc_register(&stale_misc);
	if (err)
		give_all();
	return err;
}

static void __exit stale_exit(void)
{
	misc_deregister(&stale_misc);
	give_all();
}

module_init(stale_init);
module_exit(stale_exit);

MODULE_DESCRIPTION("Makes stale mappings and times their removal");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
