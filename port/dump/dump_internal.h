/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the walk over an image.
 *
 * dump.c       life, and the calls of the engine
 * regions.c    regions of the kernel's half
 * arch.c       what differs between architectures
 * registers.c  of x86: PAT and MTRRs
 * arm64_dump.c of arm64: MAIR_EL1, regions
 * arm.c        of 32-bit ARM: root, regions
 * resources.c  memory or device?
 * walk.c       tables, and offers of their entries
 */
#ifndef NA_DUMP_INTERNAL_H
#define NA_DUMP_INTERNAL_H

#include <noalias/audit_port.h>
#include <user.h>

#include "../arm64/types.h"
#include "arch.h"
#include "dump.h"
#include "names.h"
#include "paging.h"

#define NA_REGIONS_MAX	24u

/**
 * struct na_region - a region of the kernel's addresses
 * @start: first address
 * @last: last address
 * @space: kind of region
 * @name: its name
 */
struct na_region {
	u64 start;
	u64 last;
	enum na_space space;
	const char *name;
};

/**
 * struct na_resource - physical addresses with one use
 * @start: first address
 * @last: last address
 * @kind: what they are
 */
struct na_resource {
	u64 start;
	u64 last;
	enum na_frame_kind kind;
};

/**
 * struct na_resources - the kernel's list of them
 * @items: ranges by rank: the first that contains an address counts
 * @nr: length of @items
 */
struct na_resources {
	struct na_resource *items;
	u32 nr;
};

/**
 * struct na_plain - entries of the lowest level that are surely WB
 * @bits: bits that decide it; 0: nothing is sure
 * @flip: of these, those that are set in such entries
 * @ranges: frames that have no other type than that of the entry
 */
struct na_plain {
	u64 bits;
	u64 flip;
	struct na_x86_range ranges[NA_X86_PLAIN_MAX];
};

/**
 * struct na_dump - an image, ready to be audited
 * @port: what the engine gets as its port
 * @notes: assumptions and losses
 * @image: image
 * @kernel: kernel in it
 * @options: as they were given
 * @arch: what differs between architectures
 * @shape: format of the page tables
 * @types: of x86: PAT and MTRRs
 * @registers: what is known of them
 * @arm64_types: of arm64 and 32-bit ARM: MAIR
 * @has_unshared: of arm64: it was told that shareability is not compared
 * @plain: what needs no look at the types
 * @resources: memory and devices
 * @regions: the kernel's half, without gaps, ascending
 * @nr_regions: length of @regions
 * @areas: for names of vmalloc areas; NULL until the first is asked for
 */
struct na_dump {
	struct na_port port;
	struct na_notes *notes;
	struct na_image *image;
	struct na_kernel kernel;
	struct na_dump_options options;
	const struct na_arch_calls *arch;
	const struct na_paging_shape *shape;
	struct na_x86_types types;
	struct na_dump_registers registers;
	struct na_arm64_types arm64_types;
	bool has_unshared;
	struct na_plain plain;
	struct na_resources resources;
	struct na_region regions[NA_REGIONS_MAX];
	u32 nr_regions;
	struct na_names *areas;
};

/**
 * struct na_dump_place - current place of the walk
 * @base: the engine's part
 * @space: address space, or NULL for the kernel's
 * @region: region of the kernel, or NULL
 * @start: first address
 * @last: last address
 * @mapping: of a process: what has these addresses, if it is known
 */
struct na_dump_place {
	struct na_audit_place base;
	const struct na_kernel_space *space;
	const struct na_region *region;
	u64 start;
	u64 last;
	struct na_mapping mapping;
};

/**
 * struct na_audit_walker - one audit's walk
 * @dump: dump
 * @audit: passed to the callbacks
 * @names: names of mappings
 * @place: current place; its base is zeroed outside of places
 * @filter: what the audit needs of it
 * @nr_tables: tables read in this walk
 * @tables_max: with more, some of them point to each other
 * @is_lost: a table of the current account could not be read
 * @last_reread: what was read again last; empty: nothing yet
 * @pages: room for a table of each level
 * @entries: a table with entries of 32 bits, made longer
 */
struct na_audit_walker {
	struct na_dump *dump;
	struct na_audit *audit;
	struct na_names *names;
	struct na_dump_place place;
	struct na_audit_filter filter;
	u64 nr_tables;
	u64 tables_max;
	bool is_lost;
	struct na_sighting last_reread;
	u64 pages[NA_PAGING_LEVELS_MAX][NA_IMAGE_PAGE / 8];
	u64 entries[NA_IMAGE_PAGE / 4];
};

/** na_resources_find() - fill in @dump->resources. */
void na_resources_find(struct na_dump *dump);

/** na_resources_kind() - as na_port_audit_kind(). */
enum na_frame_kind na_resources_kind(const struct na_dump *dump,
				     struct na_run run, u32 *nr);

/** na_regions_find() - fill in @dump->regions. */
void na_regions_find(struct na_dump *dump);

/**
 * na_region_add() - add one that is known
 * @dump: dump
 * @start: first address; 0: it is not known, and nothing is added
 * @end: address after the last; 0: the end of the address space
 * @space: kind of region
 * @name: its name
 */
void na_region_add(struct na_dump *dump, u64 start, u64 end,
		   enum na_space space, const char *name);

/**
 * na_walk_range() - offer what is mapped at some addresses
 * @walker: walker, in a place or outside
 * @root: physical address of the root table
 * @from: first address
 * @last: last address
 *
 * Sets @walker->is_lost if a table could not be read. Return: as
 * na_audit_offer().
 */
int na_walk_range(struct na_audit_walker *walker, u64 root, u64 from,
		  u64 last);

/** na_walk_all() - as na_port_audit_walk(). */
int na_walk_all(struct na_audit_walker *walker);

#endif
