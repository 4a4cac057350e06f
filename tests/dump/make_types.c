// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * BTF of a made-up kernel. Some members are in a union without a name, as they
 * are in the real one.
 */
#include "make_internal.h"
#include "make_kernel.h"

#define MEMBERS_MAX	12u
#define MAGIC_AND_VERSION	0x1eb9fu
#define KIND_INT	1u
#define KIND_STRUCT	4u
#define KIND_UNION	5u
#define FIRST_INT	1u	/* number of the only type of members */

struct member {
	const char *name;
	u32 offset;
	bool is_inner;		/* in the union without a name */
};

struct type {
	const char *name;
	u32 size;
	struct member members[MEMBERS_MAX];
};

static const struct type types[] = {
	{ "page", 64, { { "flags", 0, false }, { "lru", 8, true },
			{ "pt_mm", 32, true } } },
	{ "mm_struct", 512, { { "mm_mt", 64, true }, { "mmap", 88, true },
			      { "mm_users", 16, false },
			      { "pgd", 96, true }, { "start_brk", 104, true },
			      { "brk", 112, true },
			      { "start_stack", 120, true },
			      { "mmlist", 128, true } } },
	{ "task_struct", 1024, { { "flags", 16, false }, { "tasks", 64, false },
				 { "mm", 96, false }, { "pid", 108, false },
				 { "comm", 128, false },
				 { "signal", 256, false },
				 { "thread_node", 272, false } } },
	{ "signal_struct", 128, { { "thread_head", 16, false } } },
	{ "maple_tree", 16, { { "ma_root", 8, false } } },
	{ "maple_range_64", 256, { { "parent", 0, false }, { "pivot", 8, false },
				   { "slot", 128, true } } },
	{ "maple_arange_64", 248, { { "pivot", 8, false }, { "slot", 80, false },
				    { "gap", 160, false } } },
	{ "vm_area_struct", 256, { { "vm_start", 0, true }, { "vm_end", 8, true },
				   { "vm_next", 16, false },
				   { "vm_flags", 32, true },
				   { "vm_ops", 96, false },
				   { "vm_file", 104, false },
				   { "vm_private_data", 112, false } } },
	{ "vm_special_mapping", 32, { { "name", 0, false } } },
	{ "file", 256, { { "f_path", 64, true } } },
	{ "path", 16, { { "mnt", 0, false }, { "dentry", 8, false } } },
	{ "dentry", 192, { { "d_hash", 8, false }, { "d_parent", 24, false },
			   { "d_name", 32, true } } },
	{ "qstr", 16, { { "len", 4, true }, { "name", 8, false } } },
	{ "hlist_bl_node", 16, { { "next", 0, false }, { "pprev", 8, false } } },
	{ "vfsmount", 32, { { "mnt_root", 0, false } } },
	{ "vmap_area", 64, { { "va_start", 0, false }, { "va_end", 8, false },
			     { "list", 40, false }, { "vm", 56, true } } },
	{ "vm_struct", 72, { { "caller", 56, false } } },
	{ "vmap_node", 128, { { "busy", 64, false } } },
	{ "rb_list", 32, { { "head", 8, false } } },
	{ "module", 512, { { "list", 8, false }, { "name", 24, false },
			   { "mem", 320, false }, { "core_layout", 320, false },
			   { "kallsyms", 480, false } } },
	{ "module_memory", 72, { { "base", 0, false }, { "size", 12, false } } },
	{ "module_layout", 40, { { "base", 0, false }, { "size", 8, false } } },
	{ "mod_kallsyms", 24, { { "symtab", 0, false },
				{ "num_symtab", 8, false },
				{ "strtab", 16, false } } },
	{ "mtrr_state_type", 128, { { "var_ranges", 0, false },
				    { "fixed_ranges", 32, false },
				    { "enabled", 120, false },
				    { "have_fixed", 121, false },
				    { "def_type", 122, false } } },
	{ "resource", 96, { { "start", 0, false }, { "end", 8, false },
			    { "name", 16, false }, { "sibling", 48, false },
			    { "child", 56, false } } },
	{ "mount", 256, { { "mnt_parent", 16, false },
			  { "mnt_mountpoint", 24, false }, { "mnt", 32, false } } },
};

#define NR_TYPES	(sizeof(types) / sizeof(types[0]))

struct btf {
	u32 words[4096];
	u32 nr_words;
	char strings[8192];
	u32 strings_len;
	u32 nr_types;
};

static void put(struct btf *btf, u32 word)
{
	if (btf->nr_words == sizeof(btf->words) / 4)
		make_fail("too many types");
	btf->words[btf->nr_words++] = word;
}

static u32 put_string(struct btf *btf, const char *text)
{
	u32 at = btf->strings_len;

	if (!*text)
		return 0;
	if (at + strlen(text) + 1 > sizeof(btf->strings))
		make_fail("too many names of types");
	strcpy(btf->strings + at, text);
	btf->strings_len += (u32)strlen(text) + 1;
	return at;
}

static bool is_left_out(const struct make_kernel *kernel,
			const struct member *member)
{
	static const char *const old[] = { "mmap", "vm_next", "core_layout" };
	static const char *const new[] = { "mm_mt", "busy", "mem" };
	u32 i;

	for (i = 0; i < 3; i++)
		if (!strcmp(member->name, kernel->is_old ? new[i] : old[i]))
			return true;
	return false;
}

static u32 count(const struct make_kernel *kernel, const struct type *type,
		 bool is_inner)
{
	u32 i, nr = 0;

	for (i = 0; i < MEMBERS_MAX && type->members[i].name; i++)
		nr += type->members[i].is_inner == is_inner &&
		      !is_left_out(kernel, &type->members[i]);
	return nr;
}

/* The union is 4 bytes behind the start, unless it has a member there. */
static u32 inner_start(const struct type *type)
{
	return type->members[0].is_inner && !type->members[0].offset ? 0 : 4;
}

static void put_members(struct btf *btf, const struct make_kernel *kernel,
			const struct type *type, bool is_inner)
{
	const struct member *member;
	u32 i;

	for (i = 0; i < MEMBERS_MAX && type->members[i].name; i++) {
		member = &type->members[i];
		if (member->is_inner != is_inner || is_left_out(kernel, member))
			continue;
		put(btf, put_string(btf, member->name));
		put(btf, FIRST_INT);
		put(btf, (member->offset -
			  (is_inner ? inner_start(type) : 0)) * 8);
	}
}

static void put_head(struct btf *btf, const char *name, u32 kind, u32 nr,
		     u32 size)
{
	put(btf, put_string(btf, name));
	put(btf, kind << 24 | nr);
	put(btf, size);
	btf->nr_types++;
}

static void put_type(struct btf *btf, const struct make_kernel *kernel,
		     const struct type *type)
{
	u32 nr_inner = count(kernel, type, true);

	if (nr_inner) {
		put_head(btf, "", KIND_UNION, nr_inner, type->size);
		put_members(btf, kernel, type, true);
	}
	put_head(btf, type->name, KIND_STRUCT,
		 count(kernel, type, false) + !!nr_inner, type->size);
	put_members(btf, kernel, type, false);
	if (!nr_inner)
		return;
	put(btf, 0);
	put(btf, btf->nr_types - 1);
	put(btf, inner_start(type) * 8);
}

void make_types(struct make_kernel *kernel)
{
	static struct btf btf;
	u32 header[6], i;
	u64 va;

	memset(&btf, 0, sizeof(btf));
	btf.strings_len = 1;
	put_head(&btf, "unsigned int", KIND_INT, 0, 4);
	put(&btf, 32);
	for (i = 0; i < NR_TYPES; i++)
		put_type(&btf, kernel, &types[i]);
	header[0] = MAGIC_AND_VERSION;
	header[1] = sizeof(header);
	header[2] = 0;
	header[3] = btf.nr_words * 4;
	header[4] = header[3];
	header[5] = btf.strings_len;
	va = make_room(kernel, sizeof(header) + header[3] + header[5]);
	make_write(kernel, va, header, sizeof(header));
	make_write(kernel, va + sizeof(header), btf.words, header[3]);
	make_write(kernel, va + sizeof(header) + header[4], btf.strings,
		   header[5]);
	if (make_is_arm64(kernel))
		return;
	va = make_image_va(kernel, make_pa(kernel, va));
	make_symbol(kernel, "D__start_BTF", va);
	make_symbol(kernel, "D__stop_BTF",
		    va + sizeof(header) + header[3] + header[5]);
}

static const struct type *find(const char *name)
{
	u32 i;

	for (i = 0; i < NR_TYPES; i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	make_fail("there is no such type");
}

u64 make_offset_of(const char *type, const char *member)
{
	const struct type *found = find(type);
	u32 i;

	for (i = 0; i < MEMBERS_MAX && found->members[i].name; i++)
		if (!strcmp(found->members[i].name, member))
			return found->members[i].offset;
	make_fail("there is no such member");
}

u64 make_size_of(const char *type)
{
	return find(type)->size;
}
