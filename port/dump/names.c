// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of mappings: asked of the running system if it is one, else read from
 * the structs of its kernel.
 */
#include "areas.h"
#include "names_parts.h"

#define VM_READ		0x1u
#define VM_WRITE	0x2u
#define VM_EXEC		0x4u
#define VM_SHARED	0x8u

struct na_names {
	struct na_kernel *kernel;
	struct na_live *live;
	struct na_areas *areas;		/* of an image; NULL: not asked for yet */
};

struct na_names *na_names_create(struct na_kernel *kernel)
{
	struct na_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->kernel = kernel;
	if (!na_image_about(kernel->image)->is_live)
		return names;
	names->live = na_live_create();
	if (names->live)
		return names;
	free(names);
	return NULL;
}

void na_names_destroy(struct na_names *names)
{
	if (!names)
		return;
	na_areas_destroy(names->areas);
	na_live_destroy(names->live);
	free(names);
}

static void put_perms(struct na_mapping *mapping, u64 flags)
{
	snprintf(mapping->perms, sizeof(mapping->perms), "%c%c%c%c",
		 flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
		 flags & VM_EXEC ? 'x' : '-', flags & VM_SHARED ? 's' : 'p');
}

/* The kernel's own, as "[vdso]": their names are strings of the kernel. */
static bool name_special(struct na_kernel *kernel, u64 vma,
			 struct na_mapping *mapping)
{
	u64 ops = na_kernel_symbol(kernel, "special_mapping_vmops");
	u64 special, name;
	u32 i;

	if (!ops ||
	    na_kernel_field(kernel, vma, "vm_area_struct", "vm_ops") != ops)
		return false;
	special = na_kernel_field(kernel, vma, "vm_area_struct",
				  "vm_private_data");
	name = na_kernel_field(kernel, special, "vm_special_mapping", "name");
	for (i = 0; i < sizeof(mapping->name) - 1; i++)
		if (!na_kernel_read(kernel, name + i, &mapping->name[i], 1) ||
		    !mapping->name[i])
			break;
	mapping->name[i] = 0;
	return i;
}

static void name_anonymous(struct na_kernel *kernel, u64 mm,
			   struct na_mapping *mapping)
{
	u64 stack = na_kernel_field(kernel, mm, "mm_struct", "start_stack");

	if (mapping->start <= na_kernel_field(kernel, mm, "mm_struct", "brk") &&
	    mapping->end >=
	    na_kernel_field(kernel, mm, "mm_struct", "start_brk"))
		snprintf(mapping->name, sizeof(mapping->name), "[heap]");
	else if (mapping->start <= stack && stack <= mapping->end)
		snprintf(mapping->name, sizeof(mapping->name), "[stack]");
}

static bool find_in_image(struct na_kernel *kernel, u64 mm, u64 va,
			  struct na_mapping *mapping)
{
	u64 vma = na_vma_find(kernel, mm, va, &mapping->start, &mapping->end);
	u64 file;

	if (!vma)
		return false;
	put_perms(mapping, na_kernel_field(kernel, vma, "vm_area_struct",
					   "vm_flags"));
	file = na_kernel_field(kernel, vma, "vm_area_struct", "vm_file");
	if (file)
		na_path_read(kernel, file, mapping->name);
	else if (!name_special(kernel, vma, mapping))
		name_anonymous(kernel, mm, mapping);
	return true;
}

bool na_names_find(struct na_names *names, const struct na_kernel_space *space,
		   u64 va, struct na_mapping *mapping)
{
	memset(mapping, 0, sizeof(*mapping));
	if (names->live && na_live_find(names->live, space, va, mapping))
		return true;
	return space->mm &&
	       find_in_image(names->kernel, space->mm, va, mapping);
}

bool na_names_area(struct na_names *names, u64 va, struct na_mapping *mapping)
{
	const struct na_area *area;

	memset(mapping, 0, sizeof(*mapping));
	if (names->live)
		return false;
	if (!names->areas)
		names->areas = na_areas_create(names->kernel);
	area = names->areas ? na_areas_find(names->areas, va) : NULL;
	if (!area)
		return false;
	mapping->start = area->start;
	mapping->end = area->end;
	put_perms(mapping, VM_READ | VM_WRITE);
	na_code_name(names->kernel, area->caller, mapping->name,
		     sizeof(mapping->name));
	return true;
}
