// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audits of filtered KDUMP files: a table that was left out as zeroes is empty,
 * any other that is missing makes the audit incomplete.
 */
#include "audit_world.h"

/* In no region of a kernel: its entry of the root is free. */
#define FREE_VA		0xffffd00000000000ull

/* A kernel whose root points to a table of zeroes; its address. */
static u64 make_empty_table(void)
{
	u64 slot;

	audit_forget();
	kernel_new(NA_PAGING_4LEVEL);
	slot = make_slot(made->memory, NA_PAGING_4LEVEL, made->root, FREE_VA,
			 3);
	return slot & ~(u64)(PAGE - 1);
}

static void audit(const struct make_kdump *kdump)
{
	audit_open(make_kdump(made->memory, kdump));
	audit_run();
}

static void table_that_is_there(void)
{
	make_empty_table();
	audit(&(struct make_kdump){ .machine = "x86_64",
				    .vmcoreinfo = made->info });
	EXPECT(!kernel_has_line(&world_notes.lost, "page table"));
	EXPECT(!result->cut);
	EXPECT(!kernel_has_line(&world_notes.assumed, "are empty"));
	audit_forget();
}

/* kills: dump-zeroes-are-lost */
static void table_left_out_as_zeroes_is_empty(void)
{
	u64 table = make_empty_table();

	audit(&(struct make_kdump){ .machine = "x86_64", .level = 31,
				    .left_out = &table, .nr_left_out = 1,
				    .vmcoreinfo = made->info });
	EXPECT(!kernel_has_line(&world_notes.lost, "page table"));
	EXPECT(!result->cut);
	EXPECT(kernel_has_line(&world_notes.assumed, "left out of the file are empty"));
	audit_forget();
}

/* kills: dump-any-missing-table-is-empty */
static void table_left_out_otherwise_is_lost(void)
{
	u64 table = make_empty_table();

	audit(&(struct make_kdump){ .machine = "x86_64", .level = 30,
				    .left_out = &table, .nr_left_out = 1,
				    .vmcoreinfo = made->info });
	EXPECT(kernel_has_line(&world_notes.lost, "could not be read"));
	EXPECT(result->cut);
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(table_that_is_there),
	TAP(table_left_out_as_zeroes_is_empty),
	TAP(table_left_out_otherwise_is_lost),
};

TAP_MAIN(cases)
