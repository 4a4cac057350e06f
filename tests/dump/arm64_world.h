/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One made-up kernel of arm64 with one process, and audits of it.
 */
#ifndef ARM64_WORLD_H
#define ARM64_WORLD_H

#include "audit_world.h"

#define PID	7

/* Indexes of Linux's MAIR_EL1. */
#define ATTR(idx)	((u64)(idx) << 2)
#define NORMAL_NC	ATTR(2)
#define DEVICE		ATTR(4)

/* Types, tasks and symbols, and a process; its root. */
ROOM u64 arm64_new(enum na_paging paging)
{
	u64 root;

	kernel_new(paging);
	make_types(made);
	make_lists(made);
	root = make_process_root(made, false);
	make_task(made, make_mm(made, root), PID, "planted");
	make_symbols(made, MAKE_BASE);
	return root;
}

#define for_each_arm64(paging)						\
	for (paging = NA_PAGING_ARM64_48; paging <= NA_PAGING_ARM64_39;	\
	     paging++)

#endif
