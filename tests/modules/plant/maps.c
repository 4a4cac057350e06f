// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel mappings. A stale kmap entry is made by kmap() and kunmap(), and
 * unmade by other pages: the pool clears unused slots when it wraps, which
 * takes as many kmap() as it has slots.
 *
 * A kmap_local() mapping is taken out of the page table while its task does
 * not run. So the thread that holds one may neither sleep nor be preempted: it
 * spins on the last CPU until told to go, a few seconds at most lest the
 * watchdog bark.
 *
 * So does the thread that keeps a translation in its CPU's TLB: another task
 * would load other page tables, which empties the TLB of some machines.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/fixmap.h>

#include "plant.h"

#define SPIN_MAX_JIFFIES (10 * HZ)

struct mapping {
	struct list_head entry;
	u32 kind;
	u32 pfn;
	void *vaddr;
	struct task_struct *task;
	struct completion ready;
	bool asked;
	bool still;
};

/* --- threads that spin ----------------------------------------------------- */

static int begin_spinning(struct mapping *mapping, int (*fn)(void *),
			  const char *name)
{
	init_completion(&mapping->ready);
	mapping->task = kthread_create(fn, mapping, name);
	if (IS_ERR(mapping->task))
		return PTR_ERR(mapping->task);
	kthread_bind(mapping->task, cpumask_last(cpu_online_mask));
	wake_up_process(mapping->task);
	wait_for_completion(&mapping->ready);
	return 0;
}

static int wait_for_stop(void)
{
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

/* Low memory too gets a slot, where there are slots. */
static void *map_local(u32 pfn)
{
#ifdef CONFIG_KMAP_LOCAL
	return __kmap_local_pfn_prot(pfn, PAGE_KERNEL);
#else
	return kmap_local_page(pfn_to_page(pfn));
#endif
}

static int sit(void *data)
{
	struct mapping *mapping = data;
	unsigned long end = jiffies + SPIN_MAX_JIFFIES;

	preempt_disable();
	mapping->vaddr = map_local(mapping->pfn);
	complete(&mapping->ready);
	while (!kthread_should_stop() && time_before(jiffies, end))
		cpu_relax();
	kunmap_local(mapping->vaddr);
	preempt_enable();
	return wait_for_stop();
}

static int local_make(struct mapping *mapping)
{
	return begin_spinning(mapping, sit, "plant_local");
}

/* --- translations that linger ------------------------------------------------ */

static bool can_read(const void *vaddr)
{
	u32 word;

	pagefault_disable();
	__get_kernel_nofault(&word, vaddr, u32, fault);
	pagefault_enable();
	return true;
fault:
	pagefault_enable();
	return false;
}

static int linger(void *data)
{
	struct mapping *mapping = data;
	unsigned long end = jiffies + SPIN_MAX_JIFFIES;

	preempt_disable();
	can_read(mapping->vaddr);
	complete(&mapping->ready);
	while (!kthread_should_stop() && time_before(jiffies, end)) {
		if (smp_load_acquire(&mapping->asked)) {
			mapping->still = can_read(mapping->vaddr);
			smp_store_release(&mapping->asked, false);
		}
		cpu_relax();
	}
	preempt_enable();
	return wait_for_stop();
}

/* --- a CPU that hears nothing ------------------------------------------------ */

static int be_deaf(void *data)
{
	struct mapping *mapping = data;
	unsigned long flags;

	local_irq_save(flags);
	mapping->still = true;
	complete(&mapping->ready);
	mdelay(PLANT_DEAF_MS);
	smp_store_release(&mapping->still, false);
	local_irq_restore(flags);
	return wait_for_stop();
}

/* --- kmap ------------------------------------------------------------------ */

static int stale_make(struct mapping *mapping)
{
	struct page *page = pfn_to_page(mapping->pfn);

	mapping->vaddr = kmap(page);
	kunmap(page);
	return 0;
}

#ifdef CONFIG_HIGHMEM
/* Until the pool has no entry of @page, which nobody may have mapped. */
void turn_pool(struct page *page)
{
	struct page **ballast = kmalloc_array(LAST_PKMAP, sizeof(*ballast),
					      GFP_KERNEL);
	u32 i, nr;

	if (!ballast)
		return;
	for (nr = 0; nr < LAST_PKMAP && page_address(page); nr++) {
		ballast[nr] = alloc_page(GFP_HIGHUSER);
		if (!ballast[nr])
			break;
		kmap(ballast[nr]);
		kunmap(ballast[nr]);
	}
	for (i = 0; i < nr; i++)
		__free_page(ballast[i]);
	kfree(ballast);
}
#else
void turn_pool(struct page *page)
{
}
#endif

static int kmap_make(struct mapping *mapping)
{
	mapping->vaddr = kmap(pfn_to_page(mapping->pfn));
	return 0;
}

/* --- vmap ------------------------------------------------------------------ */

static int vmap_make(struct mapping *mapping,
		     const struct plant_mapping *request)
{
	struct page **pages;
	u32 i;

	if (!request->nr || request->type >= PLANT_ABSENT)
		return -EINVAL;
	pages = kvmalloc_array(request->nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < request->nr; i++)
		pages[i] = pfn_to_page(request->pfn + i);
	mapping->vaddr = vmap(pages, request->nr, VM_MAP,
			      prot_of(PAGE_KERNEL, request->type));
	kvfree(pages);
	return mapping->vaddr ? 0 : -ENOMEM;
}

/* The mapping goes while the thread's CPU has its translation. */
static int linger_make(struct mapping *mapping,
		       const struct plant_mapping *request)
{
	int err = vmap_make(mapping, request);

	if (err)
		return err;
	err = begin_spinning(mapping, linger, "plant_linger");
	vunmap(mapping->vaddr);
	return err;
}

static int probe(struct mapping *mapping)
{
	unsigned long end = jiffies + SPIN_MAX_JIFFIES;

	if (mapping->kind != PLANT_LINGER)
		return 0;
	smp_store_release(&mapping->asked, true);
	while (smp_load_acquire(&mapping->asked)) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

int mapping_probe(struct bed *bed, struct plant_probe *request)
{
	struct mapping *mapping;
	int err;

	list_for_each_entry(mapping, &bed->mappings, entry) {
		if ((mapping->kind != PLANT_LINGER &&
		     mapping->kind != PLANT_DEAF) ||
		    mapping->pfn != request->pfn)
			continue;
		err = probe(mapping);
		request->still = smp_load_acquire(&mapping->still);
		return err;
	}
	return -ENOENT;
}

/* --- fixed addresses --------------------------------------------------------- */

/*
 * The address for a debug port, which nobody has named on the command line. The
 * kernel's own call is reached only as what paravirtual kernels replace.
 */
#ifdef CONFIG_PARAVIRT_XXL
static int fixmap_make(struct mapping *mapping)
{
	__set_fixmap(FIX_DBGP_BASE, PFN_PHYS(mapping->pfn), PAGE_KERNEL);
	mapping->vaddr = (void *)__fix_to_virt(FIX_DBGP_BASE);
	return 0;
}

static void fixmap_unmake(void)
{
	__set_fixmap(FIX_DBGP_BASE, 0, __pgprot(0));
}
#else
static int fixmap_make(struct mapping *mapping)
{
	return -EOPNOTSUPP;
}

static void fixmap_unmake(void)
{
}
#endif

/* --- ioremap ------------------------------------------------------------------ */

static int ioremap_make(struct mapping *mapping,
			const struct plant_mapping *request)
{
	phys_addr_t start = PFN_PHYS((phys_addr_t)mapping->pfn);
	size_t len = (size_t)request->nr << PAGE_SHIFT;
	void __iomem *vaddr = NULL;

	switch (request->type) {
	case PLANT_WB:
		vaddr = ioremap_cache(start, len);
		break;
	case PLANT_WT:
		vaddr = ioremap_wt(start, len);
		break;
	case PLANT_WC:
		vaddr = ioremap_wc(start, len);
		break;
	case PLANT_UC:
		vaddr = ioremap(start, len);
		break;
	}
	mapping->vaddr = (void __force *)vaddr;
	return vaddr ? 0 : -EINVAL;
}

/* --- all -------------------------------------------------------------------- */

static int make(struct mapping *mapping, const struct plant_mapping *request)
{
	switch (request->kind) {
	case PLANT_STALE_KMAP:
		return stale_make(mapping);
	case PLANT_KMAP:
		return kmap_make(mapping);
	case PLANT_VMAP:
		return vmap_make(mapping, request);
	case PLANT_LOCAL:
		return local_make(mapping);
	case PLANT_LINGER:
		return linger_make(mapping, request);
	case PLANT_DEAF:
		return begin_spinning(mapping, be_deaf, "plant_deaf");
	case PLANT_FIXMAP:
		return fixmap_make(mapping);
	case PLANT_IOREMAP:
		return ioremap_make(mapping, request);
	}
	return -EINVAL;
}

static void unmake(struct mapping *mapping)
{
	switch (mapping->kind) {
	case PLANT_STALE_KMAP:
		turn_pool(pfn_to_page(mapping->pfn));
		break;
	case PLANT_KMAP:
		kunmap(pfn_to_page(mapping->pfn));
		break;
	case PLANT_VMAP:
		vunmap(mapping->vaddr);
		break;
	case PLANT_LOCAL:
	case PLANT_LINGER:
	case PLANT_DEAF:
		kthread_stop(mapping->task);
		break;
	case PLANT_FIXMAP:
		fixmap_unmake();
		break;
	case PLANT_IOREMAP:
		iounmap((void __iomem __force *)mapping->vaddr);
		break;
	}
	list_del(&mapping->entry);
	kfree(mapping);
}

int mapping_make(struct bed *bed, struct plant_mapping *request)
{
	struct mapping *mapping;
	int err;

	if (request->kind != PLANT_IOREMAP &&
	    (!page_of(request->pfn) ||
	     !page_of(request->pfn + max(request->nr, 1u) - 1)))
		return -EINVAL;
	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	if (!mapping)
		return -ENOMEM;
	mapping->kind = request->kind;
	mapping->pfn = request->pfn;
	err = make(mapping, request);
	if (err) {
		kfree(mapping);
		return err;
	}
	request->va = (unsigned long)mapping->vaddr;
	list_add(&mapping->entry, &bed->mappings);
	return 0;
}

int mapping_unmake(struct bed *bed, const struct plant_mapping *request)
{
	struct mapping *mapping;

	list_for_each_entry(mapping, &bed->mappings, entry) {
		if (mapping->kind != request->kind ||
		    mapping->pfn != request->pfn ||
		    (unsigned long)mapping->vaddr != request->va)
			continue;
		unmake(mapping);
		return 0;
	}
	return -ENOENT;
}

void mappings_unmake_all(struct bed *bed)
{
	struct mapping *mapping, *next;

	list_for_each_entry_safe(mapping, next, &bed->mappings, entry)
		unmake(mapping);
}
