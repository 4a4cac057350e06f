/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract of the audit
 *
 * What the engine asks of a port that can read page tables, and what the
 * port calls back while it does. Apart from port.h because not every port
 * has page tables of its own to read.
 *
 * The port walks; it offers every present mapping of every place; the engine
 * decides what is kept and what is compared. A place is a mapping of a
 * process or a region of the kernel, as long as the port stands in it.
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
 * @owner: the engine's own
 * @type: enum na_audit_type, effective; never UC-
 * @entry: enum na_audit_type, as the page table entry says
 * @hot: the engine's own
 */
struct na_sighting {
	u64 va;
	struct na_run run;
	u32 owner;
	u8 type;
	u8 entry;
	u8 hot;
};

/** NA_AUDIT_RUN_MAX - most frames that one sighting may have. */
#define NA_AUDIT_RUN_MAX (1u << 30)

/**
 * struct na_audit_place - where the port stands; it embeds this
 * @has_areas: each unbroken run of mapped addresses is a mapping of its own,
 *	as in the kernel's vmalloc region, where pages without a mapping stand
 *	between
 * @owner: the engine's own, set by na_audit_place_begin()
 */
struct na_audit_place {
	bool has_areas;
	u32 owner;
};

/* --- the engine, for the port ------------------------------------------- */

/**
 * na_audit_place_begin() - what is offered from here on belongs to @place
 * @audit: audit
 * @place: lives until na_audit_place_end()
 */
void na_audit_place_begin(struct na_audit *audit,
			  struct na_audit_place *place);

/**
 * na_audit_place_end() - the last offer of this place was made
 *
 * The engine may call na_port_audit_describe() a last time.
 *
 * Return: 0 or -ENOMEM; after an error the port ends the walk with it.
 */
int na_audit_place_end(struct na_audit *audit);

/**
 * na_audit_offer() - a present mapping
 * @audit: audit
 * @sighting: what was read; 1 to NA_AUDIT_RUN_MAX frames
 *
 * In the order of addresses, as far as the tables can be read so; adjoining
 * offers are joined by the engine.
 *
 * Return: 0 or -ENOMEM; after an error the port ends the walk with it.
 */
int na_audit_offer(struct na_audit *audit, const struct na_sighting *sighting);

/**
 * na_audit_process_begin() - the places from here on are those of a process
 * @audit: audit
 * @pid: process, in the initial name space
 * @comm: its name, NA_AUDIT_COMM_MAX bytes at most
 *
 * In a walk each address space once. Return: 0 or -ENOMEM; after an error
 * the port ends the walk with it.
 */
int na_audit_process_begin(struct na_audit *audit, int pid, const char *comm);

/** na_audit_process_end() - the opposite; what follows is the kernel's. */
void na_audit_process_end(struct na_audit *audit);

/**
 * na_audit_unseen() - not all that was asked for can be read
 *
 * Of the process where the port stands, or whose addresses are read again.
 * The audit goes on and says so. Return: 0 or -ENOMEM; after an error the
 * port ends the walk with it.
 */
int na_audit_unseen(struct na_audit *audit);

/* --- the port, for the engine ------------------------------------------- */

/**
 * na_port_audit_begin() - prepare to read page tables
 * @port: instance
 * @audit: whom to call back
 * @walker: receives what the other calls take
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP.
 */
int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **walker);

/** na_port_audit_end() - the opposite; every owner was released. */
void na_port_audit_end(struct na_audit_walker *walker);

/**
 * na_port_audit_memory() - frames of memory that the machine has
 *
 * The room of an audit is made of that. Need not be exact.
 */
u64 na_port_audit_memory(struct na_audit_walker *walker);

/**
 * na_port_audit_walk() - offer every mapping of processes and of the kernel
 * @walker: walker
 *
 * Processes first: what they have in conflict decides which mappings of the
 * kernel matter most. A process that cannot be read is left out and said to
 * be unseen; nothing that a process does may hold up the walk for good.
 *
 * Each present entry that stands through the whole walk is offered exactly
 * once; one that changes meanwhile at most twice.
 *
 * Return: 0; -ENOMEM; -EINTR a fatal signal.
 */
int na_port_audit_walk(struct na_audit_walker *walker);

/**
 * na_port_audit_reread() - offer what stands at these addresses now
 * @walker: walker
 * @owner: as described by this port
 * @sighting: addresses to read
 *
 * Nothing is offered when the owner is gone. Places may be begun and ended,
 * or not.
 *
 * Return: as na_port_audit_walk().
 */
int na_port_audit_reread(struct na_audit_walker *walker,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting);

/**
 * na_port_audit_describe() - name the place where the port stands
 * @walker: walker
 * @place: as given to na_audit_place_begin()
 * @owner: zeroed; receives all that is known. A handle may hold a reference
 *	until na_port_audit_release()
 *
 * Called from within na_audit_offer() and na_audit_place_end().
 */
void na_port_audit_describe(struct na_audit_walker *walker,
			    struct na_audit_place *place,
			    struct na_audit_owner *owner);

/** na_port_audit_release() - drop what @owner's handle holds, if it has one. */
void na_port_audit_release(struct na_audit_walker *walker,
			   const struct na_audit_owner *owner);

/**
 * na_port_audit_kind() - memory, reserved memory or device?
 * @walker: walker
 * @run: frames, at least one
 * @nr: receives how many, from the first on, are of one kind; at least 1, and
 *	fewer than there are only when the caller is to be killed
 *
 * Return: NA_KIND_RAM, NA_KIND_RESERVED or NA_KIND_DEVICE.
 */
enum na_frame_kind na_port_audit_kind(struct na_audit_walker *walker,
				      struct na_run run, u32 *nr);

#endif
