// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory that the kernel does not use: excluded by mem= or memmap=. An alias
 * there is an alias of memory. A device's ranges give only a note, and where an
 * MTRR makes all mappings uncached there is no conflict. Expects the boot
 * options of the suite.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <sys/wait.h>

#define FRAME_OF(address) ((uint32_t)((address) >> 12))
#define CUT_OFF FRAME_OF(0x50000000ull)		/* above mem=1G */
#define FRAMES_MAX 4096				/* of a device */
#define RESERVED FRAME_OF(0x20100000ull)	/* in memmap=16M$0x20000000 */

static bool command_says(const char *options, int status, const char *part)
{
	char command[96];
	int ended;

	snprintf(command, sizeof(command),
		 "./noalias audit %s >/tmp/answer 2>/tmp/trouble", options);
	ended = system(command);
	if (!WIFEXITED(ended) || WEXITSTATUS(ended) != status)
		say("status %d of audit %s", WEXITSTATUS(ended), options);
	return WIFEXITED(ended) && WEXITSTATUS(ended) == status &&
	       file_has("/tmp/answer", part);
}

static void expect_kinds(uint32_t pfn, uint32_t nr, const char *grade,
			 const char *kind)
{
	char *audit = read_audit();
	struct conflict conflict;
	bool found = find_conflict(audit, pfn, &conflict);

	if (!found)
		say("frame 0x%x is not in: %.1500s", pfn, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, grade));
	EXPECT(!strcmp(conflict.kind, kind));
	EXPECT_EQ(conflict.nr, nr);
	EXPECT_EQ(audit_nr_frames(audit, grade, kind), nr);
	free(audit);
}

static void expect_kind(uint32_t pfn, const char *grade, const char *kind)
{
	expect_kinds(pfn, 1, grade, kind);
}

static void expect_reserved_alias(uint32_t pfn)
{
	int bed = open_bed();
	char *wb = map_frame(bed, pfn, PLANT_WB), *uc;

	expect_clean_audit();
	uc = map_frame(bed, pfn, PLANT_UC);
	expect_kind(pfn, "alias", "reserved");
	EXPECT(command_says("", 1, "(1 frame, reserved memory)"));
	EXPECT(command_says("--fail-on error", 1, "error   ALIAS"));
	EXPECT(!munmap(wb, PAGE));
	map_frame(bed, pfn, PLANT_WC);
	expect_kind(pfn, "mixed", "reserved");
	EXPECT(command_says("", 0, "warning MIXED"));
	EXPECT(command_says("--fail-on warning", 1, "warning for 1 frame"));
	EXPECT(!munmap(uc, PAGE));
	expect_clean_audit();
}

/* kills: memory above mem= taken for a device's: its trace is gone from the
 * kernel's map and is in the firmware's */
static void memory_cut_off_by_mem(void)
{
	expect_reserved_alias(CUT_OFF);
}

/* kills: memory reserved by the command line taken for a device's */
static void memory_reserved_by_memmap(void)
{
	expect_reserved_alias(RESERVED);
}

/* --- large entries of the kernel's ------------------------------------------- */

#define NR_IOREMAP 2048u	/* some large entries, without PAE too */

/* A frame in the middle that the kernel has as @type, and @other here. */
static void expect_within_ioremap(enum plant_type type, enum plant_type other)
{
	uint32_t first = CUT_OFF, pfn = first + NR_IOREMAP / 2 + 5;
	int bed = open_bed();
	uint64_t va = make_mapping(bed, PLANT_IOREMAP, first, NR_IOREMAP,
				   type);
	struct conflict conflict;
	char *mem, *audit;

	EXPECT_EQ(peek_kernel(bed, va + (pfn - first) * PAGE).pfn, pfn);
	EXPECT_EQ(peek_kernel(bed, va).type, type);
	expect_clean_audit();
	mem = map_frame(bed, pfn, other);
	expect_kind(pfn, "alias", "reserved");
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	EXPECT(find_party(&conflict, "vmalloc", 0, va + (pfn - first) * PAGE));
	free(audit);
	/* Or the kernel would give the next one this one's type. */
	EXPECT(!munmap(mem, PAGE));
	unmake_mapping(bed, PLANT_IOREMAP, first, va);
	close(bed);
}

/* kills: a large entry of vmalloc() passed over; its type read from the bit
 * that says that it is large
 */
static void ioremap_in_large_entries(void)
{
	expect_within_ioremap(PLANT_UC, PLANT_WB);
	expect_within_ioremap(PLANT_WC, PLANT_WB);
	expect_within_ioremap(PLANT_WB, PLANT_UC);
	expect_within_ioremap(PLANT_WT, PLANT_UC);
}

/* --- devices ------------------------------------------------------------------ */

struct device_range {
	uint32_t first;
	uint32_t nr;	/* frames; 0: none was found */
};

/* The largest range of memory in @text, a file "resource" of sysfs, or @found. */
static struct device_range read_ranges(const char *text,
				       struct device_range found)
{
	unsigned long long start, end, flags;
	const char *line, *rest;

	for (line = text; *line; line = rest + (*rest == '\n')) {
		rest = line + strcspn(line, "\n");
		if (sscanf(line, "%llx %llx %llx", &start, &end, &flags) != 3 ||
		    !(flags & 0x200) || end >> 32 || !start ||
		    (end - start) / PAGE < found.nr)
			continue;
		found.first = FRAME_OF(start);
		found.nr = (end - start) / PAGE + 1;
	}
	return found;
}

/* The largest of QEMU's PCI devices. */
static struct device_range find_device(void)
{
	struct device_range range = { 0 };
	char path[96], *text;
	int slot;

	for (slot = 0; slot < 32 * 8; slot++) {
		snprintf(path, sizeof(path),
			 "/sys/bus/pci/devices/0000:00:%02x.%d/resource",
			 slot / 8, slot % 8);
		text = read_text(path);
		if (text)
			range = read_ranges(text, range);
		free(text);
	}
	return range;
}

/*
 * kills: a device's range called memory, because it is not the system's
 * either; a range register that is not heard: QEMU's firmware makes the hole
 * of the devices uncached, so both mappings are and nothing is in conflict
 */
static void device_is_a_note_or_nothing(void)
{
	struct device_range range = find_device();
	uint32_t pfns[FRAMES_MAX], i;
	int bed = open_bed();

	say("device frames 0x%x, %u", range.first, range.nr);
	EXPECT(range.nr);
	if (range.nr > FRAMES_MAX)
		range.nr = FRAMES_MAX;
	for (i = 0; i < range.nr; i++)
		pfns[i] = range.first + i;
	map_frames(bed, pfns, range.nr, PLANT_UC);
	map_frames(bed, pfns, range.nr, PLANT_WB);
	expect_clean_audit();
	map_frames(bed, pfns, range.nr, PLANT_WC);
	expect_kinds(range.first, range.nr, "mixed", "device");
	EXPECT(command_says("--fail-on warning", 0, "note    MIXED"));
	EXPECT(command_says("--fail-on note", 1, "device memory"));
}

static const struct guest_case cases[] = {
	CASE(memory_cut_off_by_mem),
	CASE(memory_reserved_by_memmap),
	CASE(ioremap_in_large_entries),
	CASE(device_is_a_note_or_nothing),
};
GUEST_MAIN(cases)
