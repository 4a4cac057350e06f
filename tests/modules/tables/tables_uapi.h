/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What tables.ko writes down of a walk over page tables, as its file gives it
 * to guest programs: one struct tables_head, its regions, its runs.
 */
#ifndef TABLES_UAPI_H
#define TABLES_UAPI_H

#include <linux/types.h>

#define TABLES_FILE "/sys/kernel/debug/na_tables"

#define TABLES_REGIONS_MAX 8u
#define TABLES_RUNS_MAX 65536u

struct tables_head {
	__u32 nr_regions;
	__u32 nr_runs;
};

/* A part of the kernel's address space that is walked. */
struct tables_region {
	__u64 start;
	__u64 end;
	char name[32];
};

/* Consecutive addresses that map consecutive frames. */
struct tables_run {
	__u64 va;
	__u64 pfn;
	__u32 nr;
	__u8 entry;	/* enum na_audit_type, as the entry says */
	__u8 process;	/* of the process that reads the file; else the kernel */
	__u8 pad[2];
};

#endif
