/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One made-up kernel, and the audit of a file with it.
 */
#ifndef AUDIT_WORLD_H
#define AUDIT_WORLD_H

#include "../../port/dump/dump_internal.h"
#include "kernel_world.h"

static struct na_dump *dump;
static struct na_audit_result *result;

ROOM void audit_forget(void)
{
	na_audit_result_destroy(result);
	result = NULL;
	na_dump_close(dump);
	dump = NULL;
	memset(&world_notes, 0, sizeof(world_notes));
}

/* Frees @bytes. */
ROOM void audit_open(struct make_bytes bytes)
{
	const struct na_dump_options options = { .path = world_file() };

	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_FOUND(na_dump_open(&options, &world_notes, &dump));
}

ROOM void audit_run(void)
{
	EXPECT(!na_dump_audit(dump, NULL, &result));
}

/* Of an ELF core with a note VMCOREINFO. */
ROOM void audit_made(void)
{
	audit_open(make_kernel_elf(made, true, NULL, 0, 0));
	audit_run();
}

#endif
