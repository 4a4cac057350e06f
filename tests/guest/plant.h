/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: plant
 *
 * tests/modules/plant for guest programs: pages, mappings of them with any
 * type, page tables read back. Every call ends the case when it fails.
 */
#ifndef GUEST_PLANT_H
#define GUEST_PLANT_H

#include "guest.h"
#include "../modules/plant/plant_uapi.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/** open_bed() - what is planted through it goes when it is closed. */
static inline int open_bed(void)
{
	int bed = open(PLANT_DEVICE, O_RDWR | O_CLOEXEC);

	EXPECT(bed >= 0);
	return bed;
}

static inline void bed_call(int bed, unsigned long cmd, void *request,
			    const char *what)
{
	if (ioctl(bed, cmd, request))
		end_case(__FILE__, __LINE__, what);
}

#define BED_CALL(bed, cmd, request) bed_call(bed, cmd, request, #cmd)

/* --- pages ------------------------------------------------------------------ */

/**
 * take_pages() - @nr pages; consecutive if @block, @nr a power of two then
 *
 * Where there is no high memory a case that takes PLANT_HIGH is skipped.
 */
static inline void take_pages(int bed, enum plant_zone zone, uint32_t nr,
			      bool block, uint32_t *pfns)
{
	struct plant_take take = {
		.zone = zone, .nr = nr, .block = block,
		.pfns = (uintptr_t)pfns,
	};

	if (zone == PLANT_HIGH)
		need_high_memory();
	BED_CALL(bed, PLANT_TAKE, &take);
}

static inline uint32_t take_page(int bed, enum plant_zone zone)
{
	uint32_t pfn;

	take_pages(bed, zone, 1, false, &pfn);
	return pfn;
}

static inline struct plant_frames frames_of(const uint32_t *pfns, uint32_t nr)
{
	return (struct plant_frames){ .pfns = (uintptr_t)pfns, .nr = nr };
}

static inline void give_pages(int bed, const uint32_t *pfns, uint32_t nr)
{
	struct plant_frames frames = frames_of(pfns, nr);

	BED_CALL(bed, PLANT_GIVE, &frames);
}

/** keep_pages() - a reference more on pages of others. */
static inline void keep_pages(int bed, const uint32_t *pfns, uint32_t nr)
{
	struct plant_frames frames = frames_of(pfns, nr);

	BED_CALL(bed, PLANT_KEEP, &frames);
}

static inline void unkeep_pages(int bed, const uint32_t *pfns, uint32_t nr)
{
	struct plant_frames frames = frames_of(pfns, nr);

	BED_CALL(bed, PLANT_UNKEEP, &frames);
}

/* --- mappings ---------------------------------------------------------------- */

static inline void *map_aimed(int bed, struct plant_frames frames, int prot)
{
	void *mem;

	BED_CALL(bed, PLANT_AIM, &frames);
	mem = mmap(NULL, frames.nr * PAGE, prot, MAP_SHARED, bed, 0);
	EXPECT(mem != MAP_FAILED);
	return mem;
}

/** map_frames() - into this process, with @type, by special entries. */
static inline void *map_frames(int bed, const uint32_t *pfns, uint32_t nr,
			       enum plant_type type)
{
	struct plant_frames frames = frames_of(pfns, nr);

	frames.type = type;
	return map_aimed(bed, frames, PROT_READ | PROT_WRITE);
}

static inline void *map_frame(int bed, uint32_t pfn, enum plant_type type)
{
	return map_frames(bed, &pfn, 1, type);
}

/**
 * make_mapping() - in the kernel
 *
 * Return: its address. As need_high_memory() for the kmap pool, and
 * need_second_cpu() for PLANT_LOCAL; a case with PLANT_FIXMAP is skipped where
 * plant.ko cannot reach the kernel's call.
 */
static inline uint64_t make_mapping(int bed, enum plant_kind kind,
				    uint32_t pfn, uint32_t nr,
				    enum plant_type type)
{
	struct plant_mapping mapping = {
		.kind = kind, .pfn = pfn, .nr = nr, .type = type,
	};

	/* Low memory has no entries in the kmap pool. */
	if (kind == PLANT_STALE_KMAP || kind == PLANT_KMAP)
		need_high_memory();
	/* The thread would be sent away from its only CPU, entry and all. */
	if (kind == PLANT_LOCAL)
		need_second_cpu();
	if (!ioctl(bed, PLANT_MAKE, &mapping))
		return mapping.va;
	if (kind == PLANT_FIXMAP && errno == EOPNOTSUPP)
		skip_case(NO_FIXED_ADDRESS);
	end_case(__FILE__, __LINE__, "PLANT_MAKE");
}

static inline void unmake_mapping(int bed, enum plant_kind kind, uint32_t pfn,
				  uint64_t va)
{
	struct plant_mapping mapping = { .kind = kind, .pfn = pfn, .va = va };

	BED_CALL(bed, PLANT_UNMAKE, &mapping);
}

/**
 * lingers() - is the translation of a PLANT_LINGER still in a TLB? Is the CPU of a
 * PLANT_DEAF still deaf?
 */
static inline bool lingers(int bed, uint32_t pfn)
{
	struct plant_probe probe = { .pfn = pfn };

	BED_CALL(bed, PLANT_PROBE, &probe);
	return probe.still;
}

/* --- page tables, read back --------------------------------------------------- */

/** peek_process() - an entry of process @pid; 0: this one. */
static inline struct plant_entry peek_process(int bed, pid_t pid, uint64_t va)
{
	struct plant_entry entry = { .va = va, .pid = (uint32_t)pid };

	BED_CALL(bed, PLANT_PEEK_USER, &entry);
	return entry;
}

static inline struct plant_entry peek_user(int bed, const volatile void *addr)
{
	return peek_process(bed, 0, (uintptr_t)addr);
}

/** map_as_in_2014() - a page that bug2014.ko maps; @pfn receives its frame. */
static inline char *map_as_in_2014(int bed, uint32_t *pfn)
{
	int fd = open("/dev/bug2014", O_RDWR | O_CLOEXEC);
	char *mem;

	EXPECT(fd >= 0);
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(mem != MAP_FAILED);
	close(fd);
	*pfn = peek_user(bed, mem).pfn;
	return mem;
}

static inline struct plant_entry peek_kernel(int bed, uint64_t va)
{
	struct plant_entry entry = { .va = va };

	BED_CALL(bed, PLANT_PEEK_KERNEL, &entry);
	return entry;
}

static inline struct plant_page look_at_page(int bed, uint32_t pfn)
{
	struct plant_page page = { .pfn = pfn };

	BED_CALL(bed, PLANT_LOOK, &page);
	return page;
}

/** scan_kernel() - entries of @pfns, and direct ones that are not @direct. */
static inline struct plant_frames scan_kernel(int bed, const uint32_t *pfns,
					      uint32_t nr,
					      enum plant_type direct)
{
	struct plant_frames frames = frames_of(pfns, nr);

	frames.type = direct;
	BED_CALL(bed, PLANT_SCAN, &frames);
	return frames;
}

/** find_place() - an address in a part of the kernel. */
static inline uint64_t find_place(int bed, enum plant_part part)
{
	struct plant_place place = { .part = part };

	BED_CALL(bed, PLANT_FIND, &place);
	return place.va;
}

/** pfns_of() - the frames behind present user entries, in order. */
static inline void pfns_of(int bed, const void *mem, uint32_t nr,
			   uint32_t *pfns)
{
	struct plant_entry entry;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		entry = peek_user(bed, (const char *)mem + i * PAGE);
		EXPECT(entry.present);
		pfns[i] = entry.pfn;
	}
}

/** plant_heap_type() - what page tables say of a buffer of this heap. */
static inline enum plant_type plant_heap_type(void)
{
	if (!strcmp(heap_type(), "WB"))
		return PLANT_WB;
	return strcmp(heap_type(), "WC") ? PLANT_UC : PLANT_WC;
}

#endif
