// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of mappings out of an image: tree, list, files, and circles in them.
 */
#include "../../port/dump/names.h"
#include "kernel_world.h"

#define LEAF		1u	/* types of a node */
#define RANGE		2u
#define ARANGE		3u
#define NR_SLOTS	16u
#define NR_SLOTS_ARANGE	10u

static u64 root_table, mm, special_ops;
static struct na_kernel_space space;
static struct na_mapping mapping;

static u64 field(u64 at, const char *type, const char *member)
{
	return at + make_offset_of(type, member);
}

static void set(u64 at, const char *type, const char *member, u64 value)
{
	make_word(made, field(at, type, member), value);
}

static void make(bool has_list)
{
	kernel_new(NA_PAGING_4LEVEL);
	made->is_old = has_list;
	make_lists(made);
	make_types(made);
	root_table = make_process_root(made, false);
	mm = make_mm(made, root_table);
	set(mm, "mm_struct", "start_brk", 0x900000);
	set(mm, "mm_struct", "brk", 0x930000);
	set(mm, "mm_struct", "start_stack", 0x7ffe0800);
	special_ops = make_image_va(made, make_pages(made->memory, 1));
	make_symbol(made, "dspecial_mapping_vmops", special_ops);
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
}

static u64 new_vma(u64 start, u64 end, u64 flags, u64 file)
{
	u64 vma = make_room(made, make_size_of("vm_area_struct"));

	set(vma, "vm_area_struct", "vm_start", start);
	set(vma, "vm_area_struct", "vm_end", end);
	set(vma, "vm_area_struct", "vm_flags", flags);
	set(vma, "vm_area_struct", "vm_file", file);
	return vma;
}

/* --- maple trees --- */

static u64 new_node(void)
{
	return make_room(made, 256);
}

static void set_slot(u64 node, u32 type, u32 idx, u64 pivot, u64 entry)
{
	const char *name = type == ARANGE ? "maple_arange_64" :
					    "maple_range_64";
	u32 nr = type == ARANGE ? NR_SLOTS_ARANGE : NR_SLOTS;

	if (idx < nr - 1)
		make_word(made, field(node, name, "pivot") + idx * 8, pivot);
	make_word(made, field(node, name, "slot") + idx * 8, entry);
}

static u64 encode(u64 node, u32 type)
{
	return node | type << 3 | 4 | 2;
}

static void set_tree(u64 entry)
{
	set(mm, "mm_struct", "mm_mt", 0);
	make_word(made, field(mm, "mm_struct", "mm_mt") +
		  make_offset_of("maple_tree", "ma_root"), entry);
}

static bool find(u64 va)
{
	struct na_names *names;
	bool is_found;

	EXPECT_FOUND(kernel_open());
	space = (struct na_kernel_space){ .root = root_table, .mm = mm };
	names = na_names_create(&found);
	EXPECT(names);
	is_found = na_names_find(names, &space, va, &mapping);
	na_names_destroy(names);
	return is_found;
}

static void expect(u64 va, u64 start, u64 end, const char *perms,
		   const char *name)
{
	EXPECT(find(va));
	EXPECT_EQ(mapping.start, start);
	EXPECT_EQ(mapping.end, end);
	EXPECT_STR(mapping.perms, perms);
	EXPECT_STR(mapping.name, name);
}

/* Three floors, the last leaf full to its last slot. */
static void make_tree(void)
{
	u64 top = new_node(), middle = new_node(), first = new_node();
	u64 last = new_node();
	u32 i;

	set_slot(first, LEAF, 0, 0x3fffff, 0);
	set_slot(first, LEAF, 1, 0x401fff,
		 new_vma(0x400000, 0x402000, 5, 0));
	set_slot(first, LEAF, 2, 0, 0);
	for (i = 0; i < NR_SLOTS; i++)
		set_slot(last, LEAF, i, 0x10000000 + (i + 1) * 0x2000ull - 1,
			 new_vma(0x10000000 + i * 0x2000ull,
				 0x10001000 + i * 0x2000ull, 0xb, 0));
	set_slot(middle, RANGE, 0, 0xfffffff, encode(first, LEAF));
	set_slot(middle, RANGE, 1, 0, encode(last, LEAF));
	set_slot(top, ARANGE, 0, 0x1fffffff, encode(middle, RANGE));
	set_slot(top, ARANGE, 1, 0, 0);
	set_tree(encode(top, ARANGE));
}

/* kills: names-tree-one-floor */
static void mapping_in_a_tree(void)
{
	make(false);
	make_tree();
	expect(0x400000, 0x400000, 0x402000, "r-xp", "");
	expect(0x401fff, 0x400000, 0x402000, "r-xp", "");
	expect(0x10000000, 0x10000000, 0x10001000, "rw-s", "");
	expect(0x1001e000, 0x1001e000, 0x1001f000, "rw-s", "");
	EXPECT(!find(0x3fffff));
	EXPECT(!find(0x402000));
	EXPECT(!find(0x10001000));
	EXPECT(!find(0x7fffffffffff));
}

static void tree_of_one(void)
{
	make(false);
	set_tree(new_vma(0, 0x1000, 1, 0));
	expect(0x800, 0, 0x1000, "r--p", "");
	EXPECT(!find(0x1000));
	set_tree(0);
	EXPECT(!find(0x800));
}

static void tree_that_contains_itself(void)
{
	u64 node;

	make(false);
	node = new_node();
	set_slot(node, RANGE, 0, ~0ull, encode(node, RANGE));
	set_tree(encode(node, RANGE));
	EXPECT(!find(0x400000));
	set_tree(encode(0xffff888700000000ull, LEAF));
	EXPECT(!find(0x400000));
	set_tree(encode(node, 15));
	EXPECT(!find(0x400000));
}

/* --- lists, before 6.1 --- */

static u64 vmas[3];

static void make_list(void)
{
	u32 i;

	make(true);
	for (i = 0; i < 3; i++)
		vmas[i] = new_vma(0x400000 + i * 0x2000, 0x401000 + i * 0x2000,
				  3, 0);
	set(mm, "mm_struct", "mmap", vmas[0]);
	set(vmas[0], "vm_area_struct", "vm_next", vmas[1]);
	set(vmas[1], "vm_area_struct", "vm_next", vmas[2]);
}

static void mapping_in_a_list(void)
{
	make_list();
	expect(0x404800, 0x404000, 0x405000, "rw-p", "");
	EXPECT(!find(0x403000));
	EXPECT(!find(0x405000));
}

/* kills: names-list-circle */
static void list_that_is_a_circle(void)
{
	make_list();
	set(vmas[1], "vm_area_struct", "vm_next", vmas[0]);
	EXPECT(!find(0x404800));
	set(vmas[1], "vm_area_struct", "vm_next", vmas[1]);
	EXPECT(!find(0x404800));
	set(vmas[1], "vm_area_struct", "vm_next", 0x123);
	EXPECT(!find(0x404800));
}

/* --- names --- */

static void put_string(u64 at, const char *text)
{
	make_write(made, at, text, strlen(text) + 1);
}

/* In a directory; 0: it is its own. */
static u64 new_dentry(u64 parent, const char *name)
{
	u64 dentry = make_room(made, make_size_of("dentry"));
	u64 text = make_room(made, strlen(name) + 1);
	u64 qstr = field(dentry, "dentry", "d_name");

	put_string(text, name);
	make_half(made, field(qstr, "qstr", "len"), (u32)strlen(name));
	set(qstr, "qstr", "name", text);
	set(dentry, "dentry", "d_parent", parent ? parent : dentry);
	make_word(made, field(dentry, "dentry", "d_hash") +
		  make_offset_of("hlist_bl_node", "pprev"), 1);
	return dentry;
}

/* Returns the address of its struct vfsmount. */
static u64 new_mount(u64 root, u64 parent_mnt, u64 mountpoint)
{
	u64 mount = make_room(made, make_size_of("mount"));
	u64 mnt = field(mount, "mount", "mnt");

	set(mnt, "vfsmount", "mnt_root", root);
	set(mount, "mount", "mnt_parent", parent_mnt ?
	    parent_mnt - make_offset_of("mount", "mnt") : mount);
	set(mount, "mount", "mnt_mountpoint", mountpoint);
	return mnt;
}

static u64 new_file(u64 mnt, u64 dentry)
{
	u64 file = make_room(made, make_size_of("file"));
	u64 path = field(file, "file", "f_path");

	set(path, "path", "mnt", mnt);
	set(path, "path", "dentry", dentry);
	return file;
}

static u64 root_mnt, root_dentry;

static void make_root_mount(void)
{
	make(false);
	root_dentry = new_dentry(0, "/");
	root_mnt = new_mount(root_dentry, 0, 0);
}

static void map_file(u64 file)
{
	set_tree(new_vma(0, 0x1000, 1, file));
}

static void expect_name(const char *name)
{
	EXPECT(find(0));
	EXPECT_STR(mapping.name, name);
}

static void name_of_a_file(void)
{
	u64 dir;

	make_root_mount();
	dir = new_dentry(root_dentry, "bin");
	map_file(new_file(root_mnt, new_dentry(dir, "busy box")));
	expect_name("/bin/busy box");
}

/* kills: names-one-mount */
static void name_across_mounts(void)
{
	u64 dev, shm_root, shm, dev_root;

	make_root_mount();
	dev_root = new_dentry(0, "/");
	dev = new_mount(dev_root, root_mnt, new_dentry(root_dentry, "dev"));
	shm_root = new_dentry(0, "/");
	shm = new_mount(shm_root, dev, new_dentry(dev_root, "shm"));
	map_file(new_file(shm, new_dentry(shm_root, "file")));
	expect_name("/dev/shm/file");
}

static void name_of_a_deleted_file(void)
{
	u64 dentry;

	make_root_mount();
	dentry = new_dentry(root_dentry, "gone");
	make_word(made, field(dentry, "dentry", "d_hash") +
		  make_offset_of("hlist_bl_node", "pprev"), 0);
	map_file(new_file(root_mnt, dentry));
	expect_name("/gone (deleted)");
	dentry = new_dentry(0, "memfd:memo");
	make_word(made, field(dentry, "dentry", "d_hash") +
		  make_offset_of("hlist_bl_node", "pprev"), 0);
	map_file(new_file(new_mount(new_dentry(0, "/"), 0, 0), dentry));
	expect_name("/memfd:memo (deleted)");
}

/* The end says more than the start. */
static void name_that_is_too_long(void)
{
	char part[100];
	u64 dentry;
	u32 i;

	make_root_mount();
	dentry = root_dentry;
	memset(part, 'x', sizeof(part));
	part[sizeof(part) - 1] = 0;
	for (i = 0; i < 5; i++)
		dentry = new_dentry(dentry, part);
	map_file(new_file(root_mnt, new_dentry(dentry, "end")));
	EXPECT(find(0));
	EXPECT(!strncmp(mapping.name, "...x", 4));
	EXPECT(strlen(mapping.name) > 200);
	EXPECT_STR(mapping.name + strlen(mapping.name) - 5, "x/end");
}

static void name_without_an_end(void)
{
	u64 dentry, other;

	make_root_mount();
	dentry = new_dentry(root_dentry, "a");
	other = new_dentry(dentry, "b");
	set(dentry, "dentry", "d_parent", other);
	map_file(new_file(root_mnt, other));
	EXPECT(find(0));
	EXPECT(!strncmp(mapping.name, "...", 3));
	/* mounts on each other */
	make_root_mount();
	other = new_mount(root_dentry, root_mnt, root_dentry);
	set(root_mnt - make_offset_of("mount", "mnt"), "mount", "mnt_parent",
	    other - make_offset_of("mount", "mnt"));
	set(root_mnt - make_offset_of("mount", "mnt"), "mount",
	    "mnt_mountpoint", root_dentry);
	map_file(new_file(other, root_dentry));
	EXPECT(find(0));
}

static void name_that_cannot_be_read(void)
{
	u64 dentry;

	make_root_mount();
	dentry = new_dentry(root_dentry, "a");
	make_half(made, field(field(dentry, "dentry", "d_name"), "qstr", "len"),
		  0xffffffff);
	map_file(new_file(root_mnt, dentry));
	expect_name("");
	map_file(0xffff888700000000ull);
	expect_name("");
	map_file(new_file(root_mnt, 0x42));
	expect_name("");
}

static void name_of_heap_and_stack(void)
{
	make(false);
	set_tree(new_vma(0x900000, 0x930000, 3, 0));
	EXPECT(!find(0));
	make_tree();
	expect(0x400000, 0x400000, 0x402000, "r-xp", "");
	set(mm, "mm_struct", "start_brk", 0x400000);
	set(mm, "mm_struct", "brk", 0x402000);
	expect(0x400000, 0x400000, 0x402000, "r-xp", "[heap]");
	set(mm, "mm_struct", "start_stack", 0x10000800);
	expect(0x10000000, 0x10000000, 0x10001000, "rw-s", "[stack]");
}

static void name_of_the_kernels_own(void)
{
	u64 vma, special, text;

	make(false);
	vma = new_vma(0, 0x1000, 5, 0);
	special = make_room(made, make_size_of("vm_special_mapping"));
	text = make_room(made, 16);
	put_string(text, "[vdso]");
	set(special, "vm_special_mapping", "name", text);
	set(vma, "vm_area_struct", "vm_ops", special_ops);
	set(vma, "vm_area_struct", "vm_private_data", special);
	set_tree(vma);
	expect(0, 0, 0x1000, "r-xp", "[vdso]");
}

static void names_at_random(void)
{
	u64 seed = tap_seed(), dentry, at;
	u32 i, k;

	for (i = 0; i < 200; i++) {
		make_root_mount();
		make_tree();
		dentry = new_dentry(root_dentry, "a");
		map_file(new_file(root_mnt, new_dentry(dentry, "b")));
		for (k = 0; k < 20; k++) {
			at = dentry + (tap_below(&seed, 4 * PAGE) & ~7u);
			make_word(made, at, dentry +
				  (tap_below(&seed, 4 * PAGE) & ~7u));
		}
		find(0);
	}
}

static const struct tap_case cases[] = {
	TAP(mapping_in_a_tree),
	TAP(tree_of_one),
	TAP(tree_that_contains_itself),
	TAP(mapping_in_a_list),
	TAP(list_that_is_a_circle),
	TAP(name_of_a_file),
	TAP(name_across_mounts),
	TAP(name_of_a_deleted_file),
	TAP(name_that_is_too_long),
	TAP(name_without_an_end),
	TAP(name_that_cannot_be_read),
	TAP(name_of_heap_and_stack),
	TAP(name_of_the_kernels_own),
	TAP(names_at_random),
};

TAP_MAIN(cases)
