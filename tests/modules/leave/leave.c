// SPDX-License-Identifier: GPL-2.0
/*
 * leave: a driver that goes without giving its pages back.
 *
 * The pages are leaked with it, as they must be: freed, they would be UC in the
 * hands of their next owner.
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/noalias.h>

#define NR 4

static int __init leave_init(void)
{
	struct page *pages[NR];
	int i;

	for (i = 0; i < NR; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			return -ENOMEM;
	}
	return na_set_pages_uc(pages, NR);
}

static void __exit leave_exit(void)
{
}

module_init(leave_init);
module_exit(leave_exit);

MODULE_DESCRIPTION("noalias tests: pages on loan that nobody returns");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
