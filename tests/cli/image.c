// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * image FILE [alias]: writes the memory of a made-up machine, an ELF core.
 *
 * Behind its 8 MiB of memory it has a device of 16 frames at 0xfd000000, in a
 * range register that makes it uncached:
 *
 *	process 214 (camera)	all of it, WC
 *	process 301 (view)	the fourth frame, UC-
 *	kernel			the last 8 frames, WC: "attach", of the kernel
 *
 * With alias, process 214 has a frame of memory UC- too.
 */
#include "../dump/make_kernel.h"

#include <stdio.h>
#include <string.h>

#define DEVICE		0xfd000000ull
#define AREA		0xffffc90000010000ull
#define USER_PAGE	0x067ull
#define KERNEL_PAGE	0x163ull
#define PWT		0x08ull	/* WC, as Linux sets the PAT */
#define PCD		0x10ull	/* UC- */

static struct make_kernel *made;

static u64 image_room(u64 len)
{
	return make_image_va(made, make_pa(made, make_room(made, len)));
}

static u64 field(u64 at, const char *type, const char *member)
{
	return at + make_offset_of(type, member);
}

static void map(u64 root, u64 va, u64 entry)
{
	make_map(made->memory, made->paging, root, va, 1, entry);
}

static u64 new_process(int pid, const char *comm)
{
	u64 root = make_process_root(made, false);
	u64 mm = make_mm(made, root);

	make_listed_root(made, root, mm);
	make_task(made, mm, pid, comm);
	return root;
}

static void make_pat(void)
{
	static const u8 modes[8] = { 0, 1, 2, 3, 0, 5, 2, 4 };
	u64 table = image_room(8);

	make_write(made, table, modes, 8);
	make_symbol(made, "D__pte2cachemode_tbl", table);
}

static void make_mtrrs(void)
{
	static const u8 enabled = 2, default_type = 6;
	u64 state = image_room(make_size_of("mtrr_state_type"));

	make_word(made, state, DEVICE);
	make_word(made, state + 8, 0xfff0000800ull);
	make_write(made, field(state, "mtrr_state_type", "enabled"), &enabled,
		   1);
	make_write(made, field(state, "mtrr_state_type", "def_type"),
		   &default_type, 1);
	make_symbol(made, "Dmtrr_state", state);
}

/* A list of one vmalloc area, as until 6.8. */
static void make_area(void)
{
	u64 head = image_room(16), text = 0xffffffff81800000ull;
	u64 area = make_room(made, make_size_of("vmap_area"));
	u64 vm = make_room(made, make_size_of("vm_struct"));
	u64 node = field(area, "vmap_area", "list");
	u64 modules = image_room(16);

	make_word(made, field(area, "vmap_area", "va_start"), AREA);
	make_word(made, field(area, "vmap_area", "va_end"), AREA + 0x9000);
	make_word(made, field(area, "vmap_area", "vm"), vm);
	make_word(made, field(vm, "vm_struct", "caller"), text + 0x110);
	make_word(made, head, node);
	make_word(made, head + 8, node);
	make_word(made, node, head);
	make_word(made, node + 8, head);
	make_word(made, modules, modules);
	make_word(made, modules + 8, modules);
	make_symbol(made, "Dvmap_area_list", head);
	make_symbol(made, "dmodules", modules);
	make_symbol(made, "T_text", text);
	make_symbol(made, "Tattach", text + 0x100);
	make_symbol(made, "T_etext", text + 0x1000);
}

static void map_device(u64 camera, u64 view)
{
	u32 i;

	for (i = 0; i < 16; i++)
		map(camera, 0x7000000 + i * 4096ull,
		    (DEVICE + i * 4096ull) | USER_PAGE | PWT);
	map(view, 0x9000000, (DEVICE + 3 * 4096) | USER_PAGE | PCD);
	for (i = 8; i < 16; i++)
		map(made->root, AREA + (i - 8) * 4096ull,
		    (DEVICE + i * 4096ull) | KERNEL_PAGE | PWT);
}

int main(int argc, char **argv)
{
	u64 camera, view;

	if (argc < 2 || (argc > 2 && strcmp(argv[2], "alias") != 0)) {
		fprintf(stderr, "usage: image FILE [alias]\n");
		return 2;
	}
	made = make_kernel(NA_PAGING_4LEVEL);
	made->is_old = true;
	make_lists(made);
	make_types(made);
	make_pat();
	make_mtrrs();
	make_area();
	/* Shared by the roots that come after it. */
	make_slot(made->memory, made->paging, made->root, AREA, 1);
	camera = new_process(214, "camera");
	view = new_process(301, "view");
	map_device(camera, view);
	if (argc > 2)
		map(camera, 0xa000000,
		    make_pages(made->memory, 1) | USER_PAGE | PCD);
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	make_say(made, "BUILD-ID=00112233445566778899aabbccddeeff00112233");
	make_save(make_kernel_elf(made, true, NULL, 0, 0), argv[1]);
	make_kernel_free(made);
	return 0;
}
