// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mappings that cross from one page table into the next, at every level that
 * any x86 kernel has: the auditor reads both tables, neither less nor more.
 *
 * A level that a kernel folds away has no tables of its own, and its borders
 * are those of the level above. So each border is crossed on each kernel: 4 MiB
 * is where tables end without PAE, 2 MiB where they do with it.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <stdlib.h>
#include <sys/mman.h>

#define NR_SIDE 2u
#define NR_ACROSS (2 * NR_SIDE)

/* The auditor joins neighbours; @va is where it must have seen @pfn. */
static void expect_named(const char *audit, uint32_t pfn, const char *space,
			 unsigned long long va)
{
	int pid = strcmp(space, "process") ? 0 : getpid();
	struct conflict conflict;
	bool named;

	named = find_conflict(audit, pfn, &conflict) &&
		find_party(&conflict, space, pid,
			   va - (pfn - conflict.first) * PAGE);
	if (!named)
		say("frame 0x%x at %s %llx is not in: %.1600s", pfn, space, va,
		    audit);
	EXPECT(named);
}

static void *map_at(unsigned long long va, size_t len, int prot, int flags,
		    int fd)
{
	void *mem = mmap((void *)(uintptr_t)va, len, prot,
			 flags | MAP_FIXED_NOREPLACE, fd, 0);

	if (mem == MAP_FAILED)
		say("mmap at %llx: %s", va, strerror(errno));
	EXPECT(mem == (void *)(uintptr_t)va);
	return mem;
}

/* --- uncached entries on both sides ----------------------------------------- */

/*
 * Their frames are low memory, which the direct map has write-back, and in the
 * order of the addresses: of those that it joins the auditor says the lowest.
 */
static void plant_across(int bed, unsigned long long border, uint32_t *pfns)
{
	struct plant_frames frames = frames_of(pfns, NR_ACROSS);

	frames.type = PLANT_UC;
	take_pages(bed, PLANT_LOW, NR_ACROSS, true, pfns);
	BED_CALL(bed, PLANT_AIM, &frames);
	map_at(border - NR_SIDE * PAGE, NR_ACROSS * PAGE,
	       PROT_READ | PROT_WRITE, MAP_SHARED, bed);
}

static void expect_plants_named(unsigned long long border)
{
	uint32_t pfns[NR_ACROSS], i;
	int bed = open_bed();
	char *audit;

	plant_across(bed, border, pfns);
	audit = read_audit();
	for (i = 0; i < NR_ACROSS; i++)
		expect_named(audit, pfns[i], "process",
			     border + i * PAGE - NR_SIDE * PAGE);
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), NR_ACROSS);
	free(audit);
}

/* --- an area of several tables, nearly empty ---------------------------------- */

struct spot {
	unsigned long long va;
	uint32_t pfn;
	void *uncached;
};

/* The frame of anonymous memory at the spot gets an uncached entry elsewhere. */
static void plant_spot(int bed, struct spot *spot)
{
	volatile char *mem = (volatile char *)(uintptr_t)spot->va;

	mem[0] = 1;
	spot->pfn = peek_user(bed, mem).pfn;
	EXPECT(spot->pfn);
	spot->uncached = map_frame(bed, spot->pfn, PLANT_UC);
}

/* In an area from the first spot to the last. */
static void expect_spots_named(struct spot *spots, size_t nr)
{
	unsigned long long from = spots[0].va;
	size_t len = spots[nr - 1].va + PAGE - from, i;
	int bed = open_bed();
	char *audit;

	/* A huge page would be one entry above the tables meant here. */
	use_small_pages(map_at(from, len, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			       -1), len);
	for (i = 0; i < nr; i++)
		plant_spot(bed, &spots[i]);
	audit = read_audit();
	for (i = 0; i < nr; i++)
		expect_named(audit, spots[i].pfn, "process", spots[i].va);
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), nr);
	free(audit);
	for (i = 0; i < nr; i++)
		EXPECT(!munmap(spots[i].uncached, PAGE));
	EXPECT(!munmap((void *)(uintptr_t)from, len));
}

/*
 * More than one whole table on each side: a walk that takes the area's end for
 * the table's leaves what it reads from and what it copies to.
 */
static void expect_across_named(unsigned long long border)
{
	unsigned long long len = 5 * MIB;
	struct spot spots[] = {
		{ .va = border - len }, { .va = border - PAGE },
		{ .va = border }, { .va = border + PAGE },
		{ .va = border + len - PAGE },
	};

	expect_spots_named(spots, ARRAY_SIZE(spots));
}

/* @size bytes without a table, as large as one entry of their level maps. */
static void expect_beyond_hole_named(unsigned long long hole,
				     unsigned long long size)
{
	struct spot spots[] = { { .va = hole - PAGE }, { .va = hole + size } };

	expect_spots_named(spots, ARRAY_SIZE(spots));
}

static void cross(unsigned long long border)
{
	expect_across_named(border);
	expect_plants_named(border);
}

/* --- borders ------------------------------------------------------------------ */

/* kills: the walk of a table that goes on behind it, with PAE and on amd64 */
static void across_2_mib(void)
{
	cross(FREE_BORDER + 2 * MIB);
}

/* kills: the same without PAE, where nothing but the area's end stopped it */
static void across_4_mib(void)
{
	cross(FREE_BORDER + 4 * MIB);
}

/* kills: one middle table read for the next one's */
static void across_1_gib(void)
{
	cross(FREE_BORDER);
}

#ifdef __LP64__
/* kills: the same, a level higher */
static void across_512_gib(void)
{
	cross(512 * GIB);
}

/* kills: the highest table of four levels taken for that of five */
static void across_256_tib(void)
{
	unsigned long long border = 256 * 1024 * GIB;

	if (file_has("/proc/cpuinfo", " la57")) {
		cross(border);
		return;
	}
	/* Four levels have no such address. */
	EXPECT(mmap((void *)(uintptr_t)border, PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		    0) == MAP_FAILED);
}
#endif

/* --- holes ---------------------------------------------------------------------- */

/* kills: a hole stepped over up to the area's end, on the lowest level */
static void beyond_hole_of_4_mib(void)
{
	expect_beyond_hole_named(FREE_BORDER + 4 * MIB, 4 * MIB);
}

/* kills: the same, where a middle table is missing */
static void beyond_hole_of_1_gib(void)
{
	expect_beyond_hole_named(FREE_BORDER, GIB);
}

#ifdef __LP64__
/* kills: the same, of the highest level of four, the second of five */
static void beyond_hole_of_512_gib(void)
{
	expect_beyond_hole_named(512 * GIB, 512 * GIB);
}
#endif

/* --- the kernel's own tables ---------------------------------------------------- */

#define NR_VMAP 1024u

/* The last address before @va's next 2 MiB, in pages from @va. */
static uint32_t last_before_border(unsigned long long va)
{
	return (2 * MIB - va % (2 * MIB)) / PAGE - 1;
}

/*
 * As large as the largest table, and without the guard page as long: wherever
 * it begins, it has a border of 2 MiB inside.
 */
/* kills: a kernel table read past its end, or its last entry left out */
static void vmap_across_tables(void)
{
	uint32_t pfns[NR_VMAP], last, i;
	int bed = open_bed();
	uint64_t va;
	char *audit;

	take_pages(bed, PLANT_LOW, NR_VMAP, true, pfns);
	va = make_mapping(bed, PLANT_VMAP, pfns[0], NR_VMAP, PLANT_WB);
	last = last_before_border(va);
	EXPECT(last + 1 < NR_VMAP);
	map_frames(bed, pfns + last, 2, PLANT_UC);
	audit = read_audit();
	for (i = last; i < last + 2; i++)
		expect_named(audit, pfns[i], "vmalloc", va + i * PAGE);
	free(audit);
}

static const struct guest_case cases[] = {
	CASE(across_2_mib),
	CASE(across_4_mib),
	CASE(across_1_gib),
#ifdef __LP64__
	CASE(across_512_gib),
	CASE(across_256_tib),
#endif
	CASE(beyond_hole_of_4_mib),
	CASE(beyond_hole_of_1_gib),
#ifdef __LP64__
	CASE(beyond_hole_of_512_gib),
#endif
	CASE(vmap_across_tables),
};
GUEST_MAIN(cases)
