// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory of the system, reserved memory or a device's: the kernel's list of
 * resources, and the firmware's map.
 */
#include "audit_world.h"

#define GIB		(1ull << 30)
#define BEYOND		(3 * GIB)	/* not in the image */
#define ENTRY_LEN	20u		/* of the firmware's map */

static u64 last_resource;

static u64 member(u64 at, const char *name)
{
	return at + make_offset_of("resource", name);
}

static u64 make_resource(const char *name, u64 start, u64 end)
{
	u64 at = make_room(made, make_size_of("resource"));
	u64 text = make_room(made, strlen(name) + 1);

	make_write(made, text, name, strlen(name) + 1);
	make_word(made, member(at, "start"), start);
	make_word(made, member(at, "end"), end - 1);
	make_word(made, member(at, "name"), text);
	return at;
}

/* Behind the last one that was added. */
static u64 add_resource(const char *name, u64 start, u64 end)
{
	u64 at = make_resource(name, start, end);

	make_word(made, member(last_resource, "sibling"), at);
	last_resource = at;
	return at;
}

/* The root, and the first child: the image's memory. */
static void begin(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	make_types(made);
	root = make_resource("PCI mem", 0, ~0ull);
	last_resource = make_resource("System RAM", 0, MAKE_MEMORY);
	make_word(made, member(root, "child"), last_resource);
	make_symbol(made, "T_text", make_image_va(made, 0x1000));
	make_symbol(made, "Diomem_resource",
		    make_image_va(made, make_pa(made, root)));
	make_process_root(made, false);
}

static u64 make_firmware(u32 nr)
{
	u64 pointer = make_room(made, 8);
	u64 table = make_room(made, 4 + (size_t)nr * ENTRY_LEN);

	make_word(made, pointer, table);
	make_half(made, table, nr);
	make_symbol(made, "De820_table_firmware",
		    make_image_va(made, make_pa(made, pointer)));
	return table;
}

static void say(u64 table, u32 idx, u64 start, u64 end, u32 type)
{
	u64 at = table + 4 + (u64)idx * ENTRY_LEN;
	u64 len = end - start;

	make_write(made, at, &start, 8);
	make_write(made, at + 8, &len, 8);
	make_write(made, at + 16, &type, 4);
}

static void open_made(void)
{
	make_symbols(made, MAKE_PLACE);
	audit_open(make_kernel_elf(made, true, NULL, 0, 0));
}

/* The kind of a page, and that it is that of @nr pages in @of. */
static void expect_kind(u64 pa, enum na_frame_kind kind, u32 nr, u32 of)
{
	u32 same = 0;

	EXPECT_EQ(na_resources_kind(dump, na_run(na_frame(pa >> 12), of),
				    &same), kind);
	EXPECT_EQ(same, nr);
}

static void kinds_of_the_list(void)
{
	begin();
	add_resource("Reserved", GIB, GIB + 8 * PAGE);
	add_resource("0000:00:02.0", 2 * GIB, 2 * GIB + 4 * PAGE);
	open_made();
	EXPECT(!kernel_has_line(&world_notes.assumed, "list of resources"));
	expect_kind(PAGE, NA_KIND_RAM, 5, 5);
	expect_kind(GIB + PAGE, NA_KIND_RESERVED, 7, 100);
	expect_kind(2 * GIB, NA_KIND_DEVICE, 4, 4);
	expect_kind(BEYOND, NA_KIND_DEVICE, 9, 9);
	audit_forget();
}

/*
 * mem= took it from the system, and neither the list nor /proc/kcore has it.
 *
 * kills: dump-kind-without-firmware
 */
static void memory_that_mem_removed_is_reserved(void)
{
	u64 table;

	begin();
	table = make_firmware(3);
	say(table, 0, 0, MAKE_MEMORY, 1);
	say(table, 1, BEYOND, BEYOND + 16 * PAGE, 1);
	say(table, 2, BEYOND + GIB, BEYOND + GIB + 16 * PAGE, 2);
	open_made();
	expect_kind(PAGE, NA_KIND_RAM, 3, 3);
	expect_kind(BEYOND, NA_KIND_RESERVED, 16, 20);
	/* What the firmware reserves may be a device's. */
	expect_kind(BEYOND + GIB, NA_KIND_DEVICE, 16, 16);
	audit_forget();
}

static void each_type_that_is_memory(void)
{
	static const struct {
		u32 type;
		enum na_frame_kind kind;
	} types[] = {
		{ 0, NA_KIND_DEVICE }, { 1, NA_KIND_RESERVED },
		{ 2, NA_KIND_DEVICE }, { 3, NA_KIND_RESERVED },
		{ 4, NA_KIND_RESERVED }, { 5, NA_KIND_RESERVED },
		{ 6, NA_KIND_DEVICE }, { 7, NA_KIND_RESERVED },
		{ 12, NA_KIND_RESERVED }, { 0xefffffff, NA_KIND_RESERVED },
	};
	u64 table;
	u32 i;

	begin();
	table = make_firmware(10);
	for (i = 0; i < 10; i++)
		say(table, i, BEYOND + i * GIB, BEYOND + i * GIB + PAGE,
		    types[i].type);
	open_made();
	for (i = 0; i < 10; i++)
		expect_kind(BEYOND + i * GIB, types[i].kind, 1, 1);
	audit_forget();
}

/* It cannot be: nothing of the two is believed, and that is said. */
static void absurd_map_is_not_believed(void)
{
	begin();
	make_half(made, make_firmware(1), 5000);
	open_made();
	EXPECT_ANY_LINE(assumed, "list of resources is not known");
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(kinds_of_the_list),
	TAP(memory_that_mem_removed_is_reserved),
	TAP(each_type_that_is_memory),
	TAP(absurd_map_is_not_believed),
};

TAP_MAIN(cases)
