// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A program that is linked statically, as the command may be: it reads all but
 * KDUMP, and says so.
 */
#include "image_world.h"

static void elf_is_read(void)
{
	make_save_elf(world_make(8 * PAGE), world_file(), EM_X86_64);
	EXPECT(!world_open(world_path, NULL));
	world_expect_pages(0, 8 * PAGE);
	world_forget();
}

static void kdump_is_refused(void)
{
	world_bytes = make_kdump(world_make(8 * PAGE), &(struct make_kdump){
		.machine = "x86_64" });
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL),
		     "this command is linked statically and cannot load libkdumpfile.so.10");
	world_forget();
}

static const struct tap_case cases[] = {
	TAP(elf_is_read),
	TAP(kdump_is_refused),
};

TAP_MAIN(cases)
