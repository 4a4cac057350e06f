/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * audit_tables: the auditor's contract, on page tables that are a list of
 * sightings. Each has a bit mask of the readings at which it is absent: 0 to 2
 * are the three walks, 3 and 4 the two times that suspects are read again.
 */
#ifndef AUDIT_TABLES_H
#define AUDIT_TABLES_H

#include <noalias/audit_port.h>

#define NR_SHOWN 6000
#define NR_OWNERS 8
#define RESERVED 2032	/* memory from here on is not the system's */
#define DEVICE 2048	/* frames from here on are a device's */

enum owner { DIRECT, KMAP, FIXMAP, VMALLOC, IMAGE, INIT, CAMERA, VIEWER };

struct shown {
	enum owner owner;
	u64 page;
	struct na_run run;
	u8 type;
	u8 entry;
	u8 gone;	/* bit n: absent at reading n */
	u8 nr_read;
};

struct na_audit_walker {
	struct na_audit *audit;
	struct shown shown[NR_SHOWN];
	u32 nr_shown;
	u32 nr_walks;
	u32 nr_rereads;
	u32 nr_described;
	u32 nr_held;
	int walk_errno;
	int begin_errno;
	bool splits_places;	/* each mapping begins its place anew */
	bool offers_pages;	/* page by page */
	bool leaves_out;	/* then, what the audit does not need */
	u32 nr_left_out;	/* so many pages */
	bool splits_owners;	/* and is another mapping of its process */
	u8 unseen;		/* bit n: CAMERA is not let in at walk n */
	bool unseen_again;	/* nor when it is read again */
	u64 nr_memory;		/* frames of the machine */
	unsigned long memory_from;	/* it goes on there; 0: nowhere */
	u32 nr_kinds;		/* how often the kind was asked for */
	void (*on_reread)(void);
	const char *name;	/* of VIEWER */
};

/** tables - the walker's mappings; cases set them up before each audit. */
extern struct na_audit_walker tables;

/** who_is() - the owner that the engine refers to. */
enum owner who_is(const struct na_audit_owner *owner);

#endif
