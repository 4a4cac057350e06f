// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every part of the kernel's address space is walked, on each kernel: the frame
 * behind an address of each part is mapped uncached into this process, and the
 * auditor names that part beside it. Parts of their own on 64 bit lie within
 * the direct map or among the kernel's mappings on 32 bit.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <stdlib.h>

#ifdef __LP64__
#define IS_64_BIT true
#else
#define IS_64_BIT false
#endif

/* What the auditor must call the part. */
struct part {
	const char *space;
	const char *name;
};

static const struct part direct = { "direct", "direct map" };

/* The party of the frame at @va, and beside it this process. */
static void expect_part(const char *audit, uint32_t pfn, uint64_t va,
			const struct part *part)
{
	struct conflict conflict;
	const struct party *party;
	bool found = find_conflict(audit, pfn, &conflict);

	if (!found || !find_party(&conflict, part->space, 0, va))
		say("frame 0x%x at %llx, %s, is not in: %.1500s", pfn,
		    (unsigned long long)va, part->name, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, "alias"));
	EXPECT_EQ(conflict.nr, 1);
	EXPECT(find_party(&conflict, "process", getpid(), 0));
	party = find_party(&conflict, part->space, 0, va);
	EXPECT(party);
	EXPECT(!strcmp(party->name, part->name));
	EXPECT(!strcmp(party->entry, "WB"));
}

/* @va lies in a page of the kernel's, which stays what it is. */
static void expect_named(int bed, uint64_t va, const struct part *part)
{
	uint64_t page = va & ~(uint64_t)(PAGE - 1);
	struct plant_entry entry = peek_kernel(bed, page);
	char *mem, *audit;

	EXPECT(entry.present);
	EXPECT_EQ(entry.type, PLANT_WB);
	mem = map_frame(bed, entry.pfn, PLANT_UC);
	audit = read_audit();
	expect_part(audit, entry.pfn, page, part);
	free(audit);
	EXPECT(!munmap(mem, PAGE));
	expect_clean_audit();
}

static void expect_part_named(enum plant_part which, const struct part *part)
{
	int bed = open_bed();

	expect_named(bed, find_place(bed, which), part);
}

/* kills: a walk without the kernel's own image, a second map on 64 bit */
static void kernel_image(void)
{
	static const struct part image = { "kernel", "kernel image" };

	expect_part_named(PLANT_IMAGE, IS_64_BIT ? &image : &direct);
}

/* kills: a walk of vmalloc() that leaves out where modules lie */
static void module(void)
{
	static const struct part part = { "vmalloc",
					  IS_64_BIT ? "modules" : "vmalloc" };

	expect_part_named(PLANT_MODULE, &part);
}

/* kills: a walk without the array of pages */
static void memory_map(void)
{
	static const struct part map = { "kernel", "memory map" };

	expect_part_named(PLANT_MEMORY_MAP, IS_64_BIT ? &map : &direct);
}

/* kills: a walk without what each CPU has for itself */
static void cpu_entry_area(void)
{
	static const struct part part = { "kernel", "CPU entry area" };

	expect_part_named(PLANT_CPU_ENTRY, &part);
}

/* --- both ends of the direct map -------------------------------------------- */

/* The last frame of the last zone that the kernel has mapped for good. */
static uint32_t last_mapped_frame(void)
{
	char *text = read_text("/proc/zoneinfo"), *zone, *at;
	unsigned long spanned, start, last = 0;

	EXPECT(text);
	for (zone = strstr(text, ", zone"); zone;
	     zone = strstr(zone + 1, ", zone")) {
		if (!strncmp(zone, ", zone  HighMem", 15))
			continue;
		at = strstr(zone, "spanned");
		EXPECT(at);
		spanned = strtoul(at + strlen("spanned"), NULL, 10);
		if (!spanned)
			continue;
		at = strstr(at, "start_pfn:");
		EXPECT(at);
		start = strtoul(at + strlen("start_pfn:"), NULL, 10);
		if (start + spanned > last)
			last = start + spanned;
	}
	free(text);
	EXPECT(last);
	return (uint32_t)last - 1;
}

static void expect_direct(uint32_t pfn)
{
	int bed = open_bed();
	struct plant_page page = look_at_page(bed, pfn);

	say("frame 0x%x at %llx", pfn, (unsigned long long)page.direct_va);
	EXPECT(!page.high);
	EXPECT_EQ(peek_kernel(bed, page.direct_va).pfn, pfn);
	expect_named(bed, page.direct_va, &direct);
}

/* kills: a walk that begins after the first page of the direct map */
static void first_frame_of_direct_map(void)
{
	expect_direct(1);
}

/* kills: one that ends before the last */
static void last_frame_of_direct_map(void)
{
	expect_direct(last_mapped_frame());
}

static const struct guest_case cases[] = {
	CASE(kernel_image),
	CASE(module),
	CASE(memory_map),
	CASE(cpu_entry_area),
	CASE(first_frame_of_direct_map),
	CASE(last_frame_of_direct_map),
};
GUEST_MAIN(cases)
