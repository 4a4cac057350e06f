// SPDX-License-Identifier: GPL-2.0
/*
 * Background load: kernel threads that allocate high memory in blocks and
 * single pages, kmap() and vmap() it, unmap and free it while the module is
 * loaded. The freed pages have stale kmap entries and stale translations when
 * they are allocated again.
 *
 * It counts its work in /sys/module/storm/parameters/{kmaps,vmaps}, so that a
 * test can wait until the load runs.
 */
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define NR_THREADS_MAX	16
#define BLOCK_ORDER	10
#define NR_BLOCKS	3
#define NR_KMAPS	24
#define NR_VMAP_PAGES	16

static unsigned int threads = 2;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "kernel threads, 1 to 16 (default 2)");

static unsigned int kmaps;
module_param(kmaps, uint, 0444);
static unsigned int vmaps;
module_param(vmaps, uint, 0444);

static struct task_struct *tasks[NR_THREADS_MAX];

static void touch_by_kmap(struct page *page)
{
	u32 *word = kmap(page);

	WRITE_ONCE(*word, READ_ONCE(*word) + 1);
	kunmap(page);
	kmaps++;
}

static void touch_by_vmap(struct page **pages, unsigned int nr)
{
	u32 *word = vm_map_ram(pages, nr, NUMA_NO_NODE);

	if (!word)
		return;
	WRITE_ONCE(*word, READ_ONCE(*word) + 1);
	vm_unmap_ram(word, nr);
	vmaps++;
}

static void touch_block(struct page *block)
{
	struct page *pages[NR_VMAP_PAGES];
	unsigned int i;

	for (i = 0; i < NR_KMAPS; i++)
		touch_by_kmap(block + i * 37 % (1 << BLOCK_ORDER));
	for (i = 0; i < NR_VMAP_PAGES; i++)
		pages[i] = block + i * 61 % (1 << BLOCK_ORDER);
	touch_by_vmap(pages, NR_VMAP_PAGES);
}

/*
 * Whole blocks, as the heaps allocate them, are freed together and allocated
 * again one by one: while one of them is being zeroed, the others are free with
 * their stale mappings.
 */
static void storm_blocks(void)
{
	struct page *blocks[NR_BLOCKS];
	unsigned int i, nr;

	for (nr = 0; nr < NR_BLOCKS; nr++) {
		blocks[nr] = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN |
					 __GFP_NORETRY, BLOCK_ORDER);
		if (!blocks[nr])
			break;
	}
	for (i = 0; i < nr; i++)
		touch_block(blocks[i]);
	for (i = 0; i < nr; i++)
		__free_pages(blocks[i], BLOCK_ORDER);
}

static void storm_pages(void)
{
	struct page *pages[NR_VMAP_PAGES];
	unsigned int i, nr;

	for (nr = 0; nr < NR_VMAP_PAGES; nr++) {
		pages[nr] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
		if (!pages[nr])
			break;
		touch_by_kmap(pages[nr]);
	}
	if (nr == NR_VMAP_PAGES)
		touch_by_vmap(pages, nr);
	for (i = 0; i < nr; i++)
		__free_page(pages[i]);
}

static int storm_thread(void *unused)
{
	while (!kthread_should_stop()) {
		storm_blocks();
		storm_pages();
		cond_resched();
	}
	return 0;
}

static void stop_threads(unsigned int nr)
{
	while (nr--)
		kthread_stop(tasks[nr]);
}

static int __init storm_init(void)
{
	unsigned int i;

	if (!threads || threads > NR_THREADS_MAX) {
		pr_err("storm: parameter threads must be 1 to %d\n",
		       NR_THREADS_MAX);
		return -ERANGE;
	}
	for (i = 0; i < threads; i++) {
		tasks[i] = kthread_run(storm_thread, NULL, "storm/%u", i);
		if (IS_ERR(tasks[i])) {
			stop_threads(i);
			return PTR_ERR(tasks[i]);
		}
	}
	return 0;
}

static void __exit storm_exit(void)
{
	stop_threads(threads);
}

module_init(storm_init);
module_exit(storm_exit);

MODULE_DESCRIPTION("Threads that kmap and vmap high memory all the time");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
