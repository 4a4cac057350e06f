/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract of the audit
 *
 * The calls of a port that can read page tables, and what it calls back while
 * it reads them. Separate from port.h because not every port has page tables to
 * read.
 *
 * The port walks the tables and offers every present mapping; the engine
 * decides what is kept and compared. The walk goes place by place: a place is a
 * mapping of a process or a region of the kernel.
 *
 * Unless a call says otherwise: Context: may sleep; the port may hold locks
 * of the system under which memory may be allocated, no spinlock.
 */
#ifndef NOALIAS_AUDIT_PORT_H
#define NOALIAS_AUDIT_PORT_H

#include <noalias/audit.h>

struct na_audit;
struct na_audit_walker;

/**
 * struct na_sighting - consecutive addresses mapped to consecutive frames
 * @va: address of the first frame's first byte
 * @run: the frames
 * @owner: private to the engine
 * @type: enum na_audit_type, effective; never UC-
 * @entry: enum na_audit_type, from the page table entry alone
 * @hot: private to the engine
 */
struct na_sighting {
	u64 va;
	struct na_run run;
	u32 owner;
	u8 type;
	u8 entry;
	u8 hot;
};

/** NA_AUDIT_RUN_MAX - largest number of frames of one sighting. */
#define NA_AUDIT_RUN_MAX (1u << 30)

/**
 * struct na_audit_place - the port's current place, embedded in its own struct
 * @has_areas: each unbroken run of mapped addresses is a mapping of its own,
 *	as in the kernel's vmalloc region, where unmapped guard pages separate
 *	them
 * @owner: private to the engine, set by na_audit_place_begin()
 */
struct na_audit_place {
	bool has_areas;
	u32 owner;
};

/* --- the engine, for the port ------------------------------------------- */

/**
 * na_audit_place_begin() - the offers that follow belong to @place
 * @audit: audit
 * @place: lives until na_audit_place_end()
 */
void na_audit_place_begin(struct na_audit *audit,
			  struct na_audit_place *place);

/**
 * na_audit_place_end() - no more offers of this place
 *
 * The engine may call na_port_audit_describe() a last time.
 *
 * Return: 0 or -ENOMEM; after an error the port ends the walk with it.
 */
int na_audit_place_end(struct na_audit *audit);

/**
 * na_audit_offer() - report a present mapping
 * @audit: audit
 * @sighting: what was read; 1 to NA_AUDIT_RUN_MAX frames
 *
 * In the order of addresses where the tables allow it; the engine joins
 * adjacent offers.
 *
 * Return: 0 or -ENOMEM; after an error the port ends the walk with it.
 */
int na_audit_offer(struct na_audit *audit, const struct na_sighting *sighting);

/**
 * na_audit_process_begin() - the places that follow belong to a process
 * @audit: audit
 * @pid: process, in the initial name space
 * @comm: its name, NA_AUDIT_COMM_MAX bytes at most
 *
 * Called once for each address space of a walk. Return: 0 or -ENOMEM; after an
 * error the port ends the walk with it.
 */
int na_audit_process_begin(struct na_audit *audit, int pid, const char *comm);

/** na_audit_process_end() - the places that follow belong to the kernel. */
void na_audit_process_end(struct na_audit *audit);

/**
 * na_audit_unseen() - the current process cannot be read completely
 *
 * Or the kernel, outside of processes. Also when its addresses are read again.
 * The audit goes on and reports it.
 *
 * Return: 0 or -ENOMEM; after an error the port ends the walk with it.
 */
int na_audit_unseen(struct na_audit *audit);

/* --- what need not be offered --------------------------------------------- */

/**
 * enum na_audit_need - which mappings does the audit need now?
 * @NA_NEED_ALL: all
 * @NA_NEED_TYPED: those with an effective type other than WB
 * @NA_NEED_FRAMES: those of frames that na_audit_wants()
 * @NA_NEED_RANGE: those of frames from @first to @last of the filter
 *
 * Nearly all mappings of a system are of no interest to an audit. A port may
 * leave out the others of a table and call na_audit_skip() instead, which costs
 * a few instructions for each entry and not a hundred. It may offer any.
 */
enum na_audit_need {
	NA_NEED_ALL,
	NA_NEED_TYPED,
	NA_NEED_FRAMES,
	NA_NEED_RANGE,
};

/** NA_AUDIT_CHUNK - frames with one key of a filter. */
#define NA_AUDIT_CHUNK 1024ul

/**
 * struct na_audit_filter - what the audit needs of the current place
 * @audit: audit
 * @need: which mappings
 * @names_owners: the audit may describe the owner of any mapping now, so each
 *	place has to be one owner; in other walks a place may be many
 * @first: first frame
 * @last: last frame
 * @keys: private to the engine
 * @mask: private to the engine
 */
struct na_audit_filter {
	const struct na_audit *audit;
	enum na_audit_need need;
	bool names_owners;
	u64 first;
	u64 last;
	const u32 *keys;
	u32 mask;
};

/**
 * na_audit_filter() - what is needed of the current place
 *
 * The same for all places of a process, and of the kernel for those with equal
 * has_areas; outside of places nothing may be left out.
 */
struct na_audit_filter na_audit_filter(const struct na_audit *audit);

/** na_audit_skip() - so many mappings of single pages were left out. */
void na_audit_skip(struct na_audit *audit, u32 nr);

/** na_audit_chunk_key() - private to the engine; never 0. */
static inline u32 na_audit_chunk_key(u64 frame)
{
	return (u32)(frame / NA_AUDIT_CHUNK) + 1;
}

/** na_audit_chunk_hash() - private to the engine. */
static inline u32 na_audit_chunk_hash(u32 key)
{
	/* Fibonacci hashing spreads consecutive chunks. */
	return key * 2654435769u >> 7;
}

/** na_audit_wants_frame() - private to the engine. */
bool na_audit_wants_frame(const struct na_audit *audit, unsigned long frame);

/**
 * na_audit_wants() - with NA_NEED_FRAMES: is this frame of interest?
 * @filter: of the current place
 * @frame: number of a frame, below 2^40
 */
static inline bool na_audit_wants(const struct na_audit_filter *filter,
				  u64 frame)
{
	u32 key = na_audit_chunk_key(frame);
	u32 idx = na_audit_chunk_hash(key) & filter->mask;

	while (filter->keys[idx] && filter->keys[idx] != key)
		idx = (idx + 1) & filter->mask;
	return filter->keys[idx] &&
	       na_audit_wants_frame(filter->audit, (unsigned long)frame);
}

/** na_audit_is_in_range() - with NA_NEED_RANGE: is this frame of interest? */
static inline bool na_audit_is_in_range(const struct na_audit_filter *filter,
					u64 frame)
{
	return frame - filter->first <= filter->last - filter->first;
}

/* --- the port, for the engine ------------------------------------------- */

/**
 * na_port_audit_begin() - prepare to read page tables
 * @port: instance
 * @audit: passed to the callbacks
 * @walker: receives the port's state, passed to the other calls
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP.
 */
int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **walker);

/** na_port_audit_end() - free the walker; every owner was released before. */
void na_port_audit_end(struct na_audit_walker *walker);

/**
 * na_port_audit_memory() - number of frames of memory in the machine
 *
 * The default limits of an audit follow from it. Need not be exact.
 */
u64 na_port_audit_memory(struct na_audit_walker *walker);

/**
 * na_port_audit_walk() - offer every mapping of processes and of the kernel
 * @walker: walker
 *
 * Processes come first: the frames that they have in conflict decide which
 * mappings of the kernel must be kept. A process that cannot be read is skipped
 * with na_audit_unseen(); no process may be able to block the walk for ever.
 *
 * An entry that stays present during the whole walk is offered exactly once;
 * one that changes meanwhile at most twice.
 *
 * Return: 0; -ENOMEM; -EINTR a fatal signal.
 */
int na_port_audit_walk(struct na_audit_walker *walker);

/**
 * na_port_audit_reread() - offer what is mapped at these addresses now
 * @walker: walker
 * @owner: as described by this port
 * @sighting: addresses to read
 *
 * Nothing is offered if the owner is gone. The port need not call
 * na_audit_place_begin() and na_audit_place_end() here.
 *
 * Return: as na_port_audit_walk().
 */
int na_port_audit_reread(struct na_audit_walker *walker,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting);

/**
 * na_port_audit_describe() - describe the owner of the current place
 * @walker: walker
 * @place: as given to na_audit_place_begin()
 * @owner: zeroed; receives all that is known. Its handle may hold a reference
 *	until na_port_audit_release()
 *
 * Called from within na_audit_offer() and na_audit_place_end().
 */
void na_port_audit_describe(struct na_audit_walker *walker,
			    struct na_audit_place *place,
			    struct na_audit_owner *owner);

/** na_port_audit_release() - drop the reference of @owner's handle, if any. */
void na_port_audit_release(struct na_audit_walker *walker,
			   const struct na_audit_owner *owner);

/**
 * na_port_audit_kind() - memory, reserved memory or device?
 * @walker: walker
 * @run: frames, at least one
 * @nr: receives how many frames, from the first on, are of that kind; at least
 *	1. After a fatal signal it may be too small
 *
 * Return: NA_KIND_RAM, NA_KIND_RESERVED or NA_KIND_DEVICE.
 */
enum na_frame_kind na_port_audit_kind(struct na_audit_walker *walker,
				      struct na_run run, u32 *nr);

#endif
