// SPDX-License-Identifier: GPL-2.0
/*
 * References on pages: of pages that were allocated here, and of pages of
 * others that are kept so that they can be looked at after their owner freed
 * them. Giving back is the same for both.
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/set_memory.h>

#include "plant.h"

/**
 * struct held_page - a page on which we have a reference
 * @entry: in the bed's list
 * @page: the page
 * @is_bare: its direct mapping was made uncached here
 */
struct held_page {
	struct list_head entry;
	struct page *page;
	bool is_bare;
};

static int add_page(struct bed *bed, struct page *page)
{
	struct held_page *held = kzalloc(sizeof(*held), GFP_KERNEL);

	if (!held) {
		__free_page(page);
		return -ENOMEM;
	}
	held->page = page;
	list_add(&held->entry, &bed->pages);
	return 0;
}

/* What cannot be made cached again is leaked: nobody may get it. */
static void let_go(struct held_page *held)
{
	if (!held->is_bare || !set_pages_wb(held->page, 1))
		put_page(held->page);
	kfree(held);
}

/* The newest of the bed. High memory has no direct mapping. */
static int make_bare(struct bed *bed)
{
	struct held_page *held = list_first_entry(&bed->pages,
						  struct held_page, entry);
	int err;

	if (PageHighMem(held->page))
		return 0;
	err = set_pages_uc(held->page, 1);
	held->is_bare = !err;
	return err;
}

static gfp_t gfp_of(u32 zone)
{
	return zone == PLANT_LOW ? GFP_KERNEL : GFP_HIGHUSER;
}

static struct page *get_pages(const struct plant_take *take)
{
	unsigned int order = take->block ? ilog2(take->nr) : 0;
	struct page *page = alloc_pages(gfp_of(take->zone) | __GFP_NOWARN,
					order);

	if (!page)
		return NULL;
	if (take->zone == PLANT_HIGH && !PageHighMem(page)) {
		__free_pages(page, order);
		return NULL;
	}
	split_page(page, order);
	return page;
}

static int report_page(u32 __user *user, u32 idx, struct page *page)
{
	return put_user((u32)page_to_pfn(page), user + idx);
}

/*
 * Freed pages bring their stale entries along. They are removed when all
 * pages are taken, so that the ballast for that is none of them.
 */
static void clean_pages(struct bed *bed)
{
	struct held_page *held;

	list_for_each_entry(held, &bed->pages, entry)
		if (PageHighMem(held->page) && page_address(held->page))
			turn_pool(held->page);
}

static int take_all(struct bed *bed, const struct plant_take *take)
{
	u32 __user *user = u64_to_user_ptr(take->pfns);
	u32 i, step = take->block ? take->nr : 1;
	struct page *page = NULL;
	int err = 0;

	if (take->block && !is_power_of_2(take->nr))
		return -EINVAL;
	for (i = 0; i < take->nr && !err; i++) {
		page = i % step ? page + 1 : get_pages(take);
		if (!page)
			return -ENOMEM;
		err = add_page(bed, page) ?: report_page(user, i, page);
		if (!err && take->zone == PLANT_BARE)
			err = make_bare(bed);
	}
	return err;
}

/* What was taken before an error stays with the file. */
int pages_take(struct bed *bed, struct plant_take *take)
{
	int err = take_all(bed, take);

	clean_pages(bed);
	return err;
}

int pages_hold(struct bed *bed, const struct frames *frames)
{
	struct page *page;
	u32 i;
	int err;

	for (i = 0; i < frames->nr; i++) {
		page = page_of(frames->pfns[i]);
		if (!page || !get_page_unless_zero(page))
			return -ENOENT;
		err = add_page(bed, page);
		if (err)
			return err;
	}
	return 0;
}

static int drop_page(struct bed *bed, u32 pfn)
{
	struct held_page *held;

	list_for_each_entry(held, &bed->pages, entry) {
		if (page_to_pfn(held->page) != pfn)
			continue;
		list_del(&held->entry);
		let_go(held);
		return 0;
	}
	return -ENOENT;
}

int pages_drop(struct bed *bed, const struct frames *frames)
{
	u32 i;
	int err;

	/* Last in, first out: the list is searched from its newest. */
	for (i = frames->nr; i--;) {
		err = drop_page(bed, frames->pfns[i]);
		if (err)
			return err;
	}
	return 0;
}

void pages_drop_all(struct bed *bed)
{
	struct held_page *held, *next;

	list_for_each_entry_safe(held, next, &bed->pages, entry)
		let_go(held);
	INIT_LIST_HEAD(&bed->pages);
}
