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

/* --- what was found --- */

ROOM const struct na_audit_party *party_at(u64 va)
{
	u32 i;

	for (i = 0; i < result->nr_parties; i++)
		if (result->parties[i].va_low == va)
			return &result->parties[i];
	return NULL;
}

ROOM void expect_party(enum na_space space, u8 type, u64 va)
{
	const struct na_audit_party *party = party_at(va);

	EXPECT(party);
	if (!party)
		return;
	EXPECT_EQ(result->owners[party->owner].space, space);
	EXPECT_EQ(party->type, type);
	EXPECT_EQ(party->entry, type);
}

ROOM u64 nr_of(enum na_grade grade)
{
	return na_audit_count(result, grade);
}

/* --- at random --- */

/* Eight words of any value, in @len bytes of memory from @start and in a root. */
ROOM void audit_spoil(u64 *seed, u64 start, u32 len, u64 root, u32 nr_entries)
{
	u64 value;
	u32 k;

	for (k = 0; k < 8; k++) {
		value = tap_random(seed) >> tap_below(seed, 64);
		if (tap_below(seed, 2))
			value = start | (value & 0x7fffffull);
		memcpy(make_at(made->memory, tap_below(seed, 4) ?
			       start + 8 * tap_below(seed, len / 8) :
			       root + 8 * tap_below(seed, nr_entries)),
		       &value, sizeof(value));
	}
}

/* An audit or an error; was it an audit? */
ROOM bool audit_ends(void)
{
	struct make_bytes bytes = make_kernel_elf(made, true, NULL, 0, 0);
	const struct na_dump_options options = { .path = world_file() };

	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	return !na_dump_open(&options, &world_notes, &dump) &&
	       !na_dump_audit(dump, NULL, &result);
}

#endif
