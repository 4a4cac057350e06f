// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * vmalloc areas of an image, and the functions that made them.
 */
#include "../../port/dump/names.h"
#include "kernel_world.h"

#define AREA		0xffffc90000010000ull
#define TEXT		0xffffffff81800000ull
#define MODULE		0xffffffffc0100000ull

static struct na_mapping mapping;
static u64 head, module_list, last_area;

static u64 field(u64 at, const char *type, const char *member)
{
	return at + make_offset_of(type, member);
}

static void init_head(u64 at)
{
	make_word(made, at, at);
	make_word(made, at + 8, at);
}

static u64 word(u64 va)
{
	u64 value;

	memcpy(&value, make_at(made->memory, make_pa(made, va)), 8);
	return value;
}

static void link_node(u64 list, u64 node)
{
	u64 last = word(list + 8);

	make_word(made, node, list);
	make_word(made, node + 8, last);
	make_word(made, last, node);
	make_word(made, list + 8, node);
}

static u64 image_room(u64 len)
{
	return make_image_va(made, make_pa(made, make_room(made, len)));
}

/* The second of two nodes is the one that has areas. */
static void make_nodes(void)
{
	u64 size = make_size_of("vmap_node");
	u64 nodes = make_room(made, 2 * size);
	u64 pointer = image_room(8), nr = image_room(8);

	head = field(nodes, "vmap_node", "busy") +
	       make_offset_of("rb_list", "head");
	init_head(head);
	head += size;
	make_word(made, pointer, nodes);
	make_half(made, nr, 2);
	make_symbol(made, "dvmap_nodes", pointer);
	make_symbol(made, "dnr_vmap_nodes", nr);
}

static void make(bool is_old)
{
	kernel_new(NA_PAGING_4LEVEL);
	made->is_old = is_old;
	make_types(made);
	if (is_old) {
		head = image_room(16);
		make_symbol(made, "Dvmap_area_list", head);
	} else {
		make_nodes();
	}
	init_head(head);
	module_list = image_room(16);
	init_head(module_list);
	make_symbol(made, "dmodules", module_list);
	make_symbol(made, "T_text", TEXT);
	make_symbol(made, "Tfirst", TEXT + 0x100);
	make_symbol(made, "tsecond", TEXT + 0x200);
	make_symbol(made, "T_etext", TEXT + 0x1000);
	make_symbols(made, MAKE_PLACE);
}

static void add_area(u64 start, u64 caller)
{
	u64 area = make_room(made, make_size_of("vmap_area"));
	u64 vm = make_room(made, make_size_of("vm_struct"));

	make_word(made, field(area, "vmap_area", "va_start"), start);
	make_word(made, field(area, "vmap_area", "va_end"), start + 0x3000);
	make_word(made, field(area, "vmap_area", "vm"), caller ? vm : 0);
	make_word(made, field(vm, "vm_struct", "caller"), caller);
	link_node(head, field(area, "vmap_area", "list"));
	last_area = area;
}

static bool find(u64 va)
{
	struct na_names *names;
	bool is_found;

	EXPECT_FOUND(kernel_open());
	names = na_names_create(&found);
	EXPECT(names);
	is_found = na_names_area(names, va, &mapping);
	na_names_destroy(names);
	return is_found;
}

static void expect(u64 va, u64 start, const char *name)
{
	EXPECT(find(va));
	EXPECT_EQ(mapping.start, start);
	EXPECT_EQ(mapping.end, start + 0x3000);
	EXPECT_STR(mapping.name, name);
}

/* kills: areas-old-list-only */
static void area_of_the_kernel(void)
{
	bool is_old;

	for (is_old = false;; is_old = true) {
		make(is_old);
		add_area(AREA + 0x10000, TEXT + 0x2ff);
		add_area(AREA, TEXT + 0x1ff);
		expect(AREA, AREA, "first");
		expect(AREA + 0x2fff, AREA, "first");
		expect(AREA + 0x10000, AREA + 0x10000, "second");
		EXPECT(!find(AREA - 1));
		EXPECT(!find(AREA + 0x3000));
		EXPECT(!find(AREA + 0x13000));
		if (is_old)
			return;
	}
}

/* That of vm_map_ram(), and code that nobody knows. */
static void area_of_nobody(void)
{
	make(false);
	add_area(AREA, 0);
	expect(AREA, AREA, "");
	add_area(AREA + 0x10000, TEXT + 0x2000);
	expect(AREA + 0x10000, AREA + 0x10000, "");
}

static u64 add_module(const char *name, u64 text)
{
	u64 module = make_room(made, make_size_of("module"));
	const char *type = made->is_old ? "module_layout" : "module_memory";
	u64 memory = field(module, "module",
			   made->is_old ? "core_layout" : "mem");

	make_write(made, field(module, "module", "name"), name,
		   strlen(name) + 1);
	make_word(made, field(memory, type, "base"), text);
	make_half(made, field(memory, type, "size"), 0x1000);
	link_node(module_list, field(module, "module", "list"));
	return module;
}

static void add_symbols(u64 module)
{
	static const char strings[] = "\0early\0alloc_buffer\0absent";
	const Elf64_Sym symbols[] = {
		{ .st_name = 0 },
		{ .st_name = 7, .st_shndx = 1, .st_value = MODULE + 0x80 },
		{ .st_name = 1, .st_shndx = 1, .st_value = MODULE + 0x10 },
		{ .st_name = 20, .st_shndx = 0, .st_value = MODULE + 0x90 },
		{ .st_name = 20, .st_shndx = 1, .st_value = MODULE + 0x200 },
	};
	u64 tables = make_room(made, make_size_of("mod_kallsyms"));
	u64 symtab = make_room(made, sizeof(symbols));
	u64 strtab = make_room(made, sizeof(strings));

	make_write(made, symtab, symbols, sizeof(symbols));
	make_write(made, strtab, strings, sizeof(strings));
	make_word(made, field(tables, "mod_kallsyms", "symtab"), symtab);
	make_half(made, field(tables, "mod_kallsyms", "num_symtab"), 5);
	make_word(made, field(tables, "mod_kallsyms", "strtab"), strtab);
	make_word(made, field(module, "module", "kallsyms"), tables);
}

static void area_of_a_module(void)
{
	bool is_old;

	for (is_old = false;; is_old = true) {
		make(is_old);
		add_module("other", MODULE - 0x10000);
		add_symbols(add_module("driver", MODULE));
		add_area(AREA, MODULE + 0x123);
		expect(AREA, AREA, "alloc_buffer [driver]");
		if (is_old)
			return;
	}
}

static void module_without_symbols(void)
{
	make(false);
	add_module("driver", MODULE);
	add_area(AREA, MODULE + 0x123);
	expect(AREA, AREA, "[driver]");
}

/* What was read before the circle is known. */
static void areas_in_a_circle(void)
{
	u64 node;

	make(false);
	add_area(AREA, TEXT + 0x100);
	add_area(AREA + 0x10000, TEXT + 0x100);
	node = field(last_area, "vmap_area", "list");
	make_word(made, node, node);
	expect(AREA, AREA, "first");
	make(false);
	add_area(AREA, TEXT + 0x100);
	make_word(made, field(last_area, "vmap_area", "va_end"), AREA);
	EXPECT(!find(AREA));
}

static void modules_lead_nowhere(void)
{
	u64 module;

	make(false);
	module = add_module("driver", MODULE);
	make_word(made, field(module, "module", "kallsyms"), 0x1234);
	add_area(AREA, MODULE + 1);
	expect(AREA, AREA, "[driver]");
	make_word(made, module_list, 0x77);
	expect(AREA, AREA, "");
}

static const struct tap_case cases[] = {
	TAP(area_of_the_kernel),
	TAP(area_of_nobody),
	TAP(area_of_a_module),
	TAP(module_without_symbols),
	TAP(areas_in_a_circle),
	TAP(modules_lead_nowhere),
};

TAP_MAIN(cases)
