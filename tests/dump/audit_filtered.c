// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audits of filtered KDUMP files: a table that was left out as zeroes is empty,
 * any other that is missing makes the audit incomplete.
 */
#include "../../port/dump/dump.h"
#include "kernel_world.h"

/* In no region of a kernel: its entry of the root is free. */
#define FREE_VA		0xffffd00000000000ull

static struct na_dump *dump;
static struct na_audit_result *result;

static void forget(void)
{
	na_audit_result_destroy(result);
	result = NULL;
	na_dump_close(dump);
	dump = NULL;
	memset(&world_notes, 0, sizeof(world_notes));
}

/* A kernel whose root points to a table of zeroes; its address. */
static u64 make_empty_table(void)
{
	u64 slot;

	forget();
	kernel_new(NA_PAGING_4LEVEL);
	slot = make_slot(made->memory, NA_PAGING_4LEVEL, made->root, FREE_VA,
			 3);
	return slot & ~(u64)(PAGE - 1);
}

static void audit(const struct make_kdump *kdump)
{
	const struct na_dump_options options = { .path = world_file() };
	struct make_bytes bytes = make_kdump(made->memory, kdump);

	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_FOUND(na_dump_open(&options, &world_notes, &dump));
	EXPECT(!na_dump_audit(dump, NULL, &result));
}

static void table_that_is_there(void)
{
	make_empty_table();
	audit(&(struct make_kdump){ .machine = "x86_64",
				    .vmcoreinfo = made->info });
	EXPECT(!kernel_has_line(&world_notes.lost, "page table"));
	EXPECT(!result->cut);
	EXPECT(!kernel_has_line(&world_notes.assumed, "are empty"));
	forget();
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
	forget();
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
	forget();
}

static const struct tap_case cases[] = {
	TAP(table_that_is_there),
	TAP(table_left_out_as_zeroes_is_empty),
	TAP(table_left_out_otherwise_is_lost),
};

TAP_MAIN(cases)
