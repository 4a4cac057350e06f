// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Suspects of a running machine are read again: before each round the list of
 * address spaces is read anew, and within one it is not.
 */
#include "../../port/dump/format.h"
#include "audit_world.h"

/* No space has its root in the first page, so nothing is offered. */
#define NO_ROOT ((void *)1)

static struct na_audit_walker *walker;

static void open_as_live(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_process_root(made, false);
	audit_open(make_kernel_elf(made, true, NULL, 0, 0));
	dump->image->about.is_rereadable = true;
	EXPECT(!na_port_audit_begin(&dump->port, NULL, &walker));
}

static void close_live(void)
{
	na_port_audit_end(walker);
	audit_forget();
}

/* Does reading this suspect again read the list anew? */
static bool lists_anew(unsigned long frame, u32 owner, u64 va)
{
	const struct na_audit_owner nobody = { .handle = NO_ROOT };
	const struct na_sighting sighting = {
		.va = va, .run = na_run(na_frame(frame), 1), .owner = owner,
	};

	dump->kernel.nr_spaces = 0;
	EXPECT(!na_port_audit_reread(walker, &nobody, &sighting));
	return dump->kernel.nr_spaces;
}

/* kills: dump-round-by-frame */
static void list_is_read_anew_for_each_round(void)
{
	u32 round;

	open_as_live();
	for (round = 0; round < 2; round++) {
		EXPECT(lists_anew(7, 0, 0x1000));
		EXPECT(!lists_anew(7, 0, 0x2000));
		EXPECT(!lists_anew(7, 1, 0x1000));
	}
	for (round = 0; round < 2; round++) {
		EXPECT(lists_anew(0, 0, 0x1000));
		EXPECT(!lists_anew(9, 0, 0x1000));
	}
	close_live();
}

/* kills: dump-lists-of-files */
static void list_of_a_file_stays(void)
{
	open_as_live();
	dump->image->about.is_rereadable = false;
	EXPECT(!lists_anew(7, 0, 0x1000));
	close_live();
}

static const struct tap_case cases[] = {
	TAP(list_is_read_anew_for_each_round),
	TAP(list_of_a_file_stays),
};

TAP_MAIN(cases)
