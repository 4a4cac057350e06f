// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Large special entries of processes, as kernels make them since 6.12: of memory,
 * of a GiB that the kernel does not own, and of a BAR that vfio-pci maps. The
 * auditor finds each page's frame and type in them. Expects the devices and boot
 * options of the suite, and in NA_BAR_DEVICE the PCI address of what belongs to
 * vfio-pci.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "vfio_calls.h"

#include <stdlib.h>

#define NR_PMD 512u
#define LEN_PMD (NR_PMD * PAGE)
#define NR_PUD (NR_PMD * NR_PMD)
#define LEN_PUD (NR_PUD * PAGE)
#define WITHIN 37u			/* a page that is neither first nor last */
#define CUT_OFF 0x40000u		/* the first frame above mem=1G */

/* --- areas ------------------------------------------------------------------- */

/* Address space for @len at a multiple of @len. */
static void *find_room(size_t len)
{
	char *room = mmap(NULL, 2 * len, PROT_NONE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(room != MAP_FAILED);
	return (void *)(((uintptr_t)room + len - 1) & ~(len - 1));
}

static void touch(const volatile char *mem)
{
	(void)*mem;
}

/*
 * @len bytes from @first on, in one entry, of the type that the kernel has for
 * them: of small ones a test may choose another, of large ones not always.
 */
static char *map_large(int bed, uint32_t first, size_t len,
		       enum plant_type type)
{
	struct plant_frames frames = frames_of(&first, 1);
	void *room = find_room(len);

	frames.large = 1;
	frames.type = type;
	BED_CALL(bed, PLANT_AIM, &frames);
	EXPECT(mmap(room, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		    bed, 0) == room);
	touch(room);
	return room;
}

/* kills: small entries, where none of this would be tested */
static void expect_large(int bed, const char *mem, uint32_t first, uint32_t nr,
			 enum plant_type type)
{
	struct plant_entry entry = peek_user(bed, mem + WITHIN * PAGE);

	EXPECT(entry.present && entry.special);
	EXPECT_EQ(entry.nr, nr);
	EXPECT_EQ(entry.pfn, first + WITHIN);
	EXPECT_EQ(entry.type, type);
}

/* --- what the auditor says ------------------------------------------------------ */

struct expected {
	const char *grade;
	const char *kind;
	const char *large;	/* type of the large entry, as it stands there */
	const char *other;	/* of the small one */
};

static void expect_party(const struct conflict *conflict, const void *mem,
			 const char *entry)
{
	const struct party *party = find_party(conflict, "process", getpid(),
					       (uintptr_t)mem);

	if (!party)
		say("no mapping at %p", mem);
	EXPECT(party);
	EXPECT(!strcmp(party->entry, entry));
}

/*
 * A second mapping of frame @idx of what @large maps is one conflict, of that
 * frame alone, and is gone with it.
 */
static void expect_conflict(int bed, char *large, uint32_t first, uint32_t idx,
			    enum plant_type type,
			    const struct expected *expected)
{
	char *small = map_frame(bed, first + idx, type);
	struct conflict conflict;
	char *audit = read_audit();
	bool found = find_conflict(audit, first + idx, &conflict);

	if (!found)
		say("frame 0x%x is not in: %.1500s", first + idx, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, expected->grade));
	EXPECT(!strcmp(conflict.kind, expected->kind));
	EXPECT_EQ(conflict.first, first + idx);
	EXPECT_EQ(conflict.nr, 1);
	expect_party(&conflict, large + (size_t)idx * PAGE, expected->large);
	expect_party(&conflict, small, expected->other);
	free(audit);
	EXPECT(!munmap(small, PAGE));
	expect_clean_audit();
}

static void expect_conflicts(int bed, char *large, uint32_t first, uint32_t nr,
			     enum plant_type type,
			     const struct expected *expected)
{
	expect_clean_audit();
	expect_conflict(bed, large, first, 0, type, expected);
	expect_conflict(bed, large, first, WITHIN, type, expected);
	expect_conflict(bed, large, first, nr - 1, type, expected);
}

/* --- memory ------------------------------------------------------------------- */

/* kills: a special entry of 2 MiB passed over, or taken for a table */
static void cached_special_pmd(void)
{
	static const struct expected expected = { "alias", "ram", "WB", "UC-" };
	uint32_t pfns[NR_PMD];
	int bed = open_bed();
	char *large;

	take_pages(bed, PLANT_LOW, NR_PMD, true, pfns);
	large = map_large(bed, pfns[0], LEN_PMD, PLANT_WB);
	expect_large(bed, large, pfns[0], NR_PMD, PLANT_WB);
	expect_conflicts(bed, large, pfns[0], NR_PMD, PLANT_UC, &expected);
}

/* kills: the type of such an entry taken for WB */
static void uncached_special_pmd(void)
{
	static const struct expected expected = { "alias", "ram", "UC-", "WB" };
	uint32_t pfns[NR_PMD];
	int bed = open_bed();
	char *large;

	take_pages(bed, PLANT_BARE, NR_PMD, true, pfns);
	large = map_large(bed, pfns[0], LEN_PMD, PLANT_UC);
	expect_large(bed, large, pfns[0], NR_PMD, PLANT_UC);
	expect_conflicts(bed, large, pfns[0], NR_PMD, PLANT_WB, &expected);
}

/*
 * What mem= removed is in the firmware's map only.
 *
 * kills: the same one level higher; the map not read, by either auditor
 */
static void special_pud_of_reserved_memory(void)
{
	static const struct expected expected = {
		"alias", "reserved", "UC-", "WB",
	};
	int bed = open_bed();
	char *large = map_large(bed, CUT_OFF, LEN_PUD, PLANT_UC);

	expect_large(bed, large, CUT_OFF, NR_PUD, PLANT_UC);
	expect_conflict(bed, large, CUT_OFF, WITHIN, PLANT_WB, &expected);
	expect_conflict(bed, large, CUT_OFF, NR_PUD / 2 + WITHIN, PLANT_WB,
			&expected);
}

/* --- a driver's ----------------------------------------------------------------- */

static struct vfio_region_info find_bar(int device)
{
	struct vfio_region_info info = { 0 };
	uint32_t i;

	for (i = VFIO_PCI_BAR0_REGION_INDEX; i <= VFIO_PCI_BAR5_REGION_INDEX;
	     i++) {
		info = (struct vfio_region_info){ .argsz = sizeof(info),
						  .index = i };
		if (!ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) &&
		    info.size >= 2 * LEN_PMD &&
		    info.flags & VFIO_REGION_INFO_FLAG_MMAP)
			return info;
	}
	EXPECT(!"a BAR of some large entries");
	return info;
}

/* kills: a real driver's entries other than those planted here */
static void bar_of_vfio(void)
{
	static const struct expected expected = {
		"mixed", "device", "UC-", "WC",
	};
	const char *address = getenv("NA_BAR_DEVICE");
	int device = vfio_open_device(address ? address : "");
	struct vfio_region_info info;
	int bed = open_bed();
	uint32_t first;
	char *large;

	EXPECT(device >= 0);
	info = find_bar(device);
	large = find_room(info.size);
	EXPECT(mmap(large, info.size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED, device, (off_t)info.offset) ==
	       large);
	touch(large);
	touch(large + LEN_PMD);
	first = peek_user(bed, large).pfn;
	say("%llu bytes at frame 0x%x", (unsigned long long)info.size, first);
	expect_large(bed, large, first, NR_PMD, PLANT_UC);
	expect_large(bed, large + LEN_PMD, first + NR_PMD, NR_PMD, PLANT_UC);
	expect_conflict(bed, large, first, NR_PMD + WITHIN, PLANT_WC,
			&expected);
}

static const struct guest_case cases[] = {
	CASE(cached_special_pmd),
	CASE(uncached_special_pmd),
	CASE(special_pud_of_reserved_memory),
	CASE(bar_of_vfio),
};
GUEST_MAIN(cases)
