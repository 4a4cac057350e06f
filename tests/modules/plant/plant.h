/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PLANT_H
#define PLANT_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include "plant_uapi.h"

/* Frames that come in one call, copied from the caller. */
struct frames {
	u32 nr;
	u32 *pfns;
};

#define NR_FRAMES_MAX (1u << 17)

/**
 * struct bed - what one open file has planted
 * @lock: @pages and @mappings
 * @pages: struct held_page, taken and kept
 * @mappings: struct mapping
 * @aim_lock: everything below; taken by mmap() under the process's mmap lock,
 *	so nothing that may fault is done under it
 * @aim: frames that the next mmap() maps
 * @aim_type: with which type
 * @aim_normal: as pages that get_user_pages() finds
 * @aim_large: in large entries, from the first of the frames on
 */
struct bed {
	struct mutex lock;
	struct list_head pages;
	struct list_head mappings;
	struct mutex aim_lock;
	struct frames aim;
	u32 aim_type;
	bool aim_normal;
	bool aim_large;
};

/* main.c */
int frames_copy(struct frames *frames, u64 user, u32 nr);
void frames_free(struct frames *frames);
struct page *page_of(u32 pfn);

/* pages.c: references, with the lock held */
int pages_take(struct bed *bed, struct plant_take *take);
int pages_hold(struct bed *bed, const struct frames *frames);
int pages_drop(struct bed *bed, const struct frames *frames);
void pages_drop_all(struct bed *bed);

/* maps.c: kernel mappings, with the lock held */
int mapping_make(struct bed *bed, struct plant_mapping *request);
int mapping_unmake(struct bed *bed, const struct plant_mapping *request);
void mappings_unmake_all(struct bed *bed);
int mapping_probe(struct bed *bed, struct plant_probe *probe);
void turn_pool(struct page *page);

/* area.c */
int area_mmap(struct file *file, struct vm_area_struct *vma);

/* large.c */
int large_map(struct bed *bed, struct vm_area_struct *vma);

/* peek.c */
pgprot_t prot_of(pgprot_t prot, u32 type);
u32 type_of(pteval_t bits);
int peek_user(struct plant_entry *entry);
int peek_kernel(struct plant_entry *entry);
int look_at_page(struct plant_page *page);
int find_place(struct plant_place *place);

/* scan.c */
int scan_kernel(const struct frames *frames, struct plant_frames *result);

#endif
