// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * arm64: address spaces of a kernel that has no symbols of its data, and no
 * list of root tables.
 */
#include "arm64_world.h"

#define EFI_USERS	2

static u64 member(u64 at, const char *type, const char *name)
{
	return at + make_offset_of(type, name);
}

static void list_spaces(void)
{
	EXPECT_FOUND(kernel_open());
	EXPECT(!na_kernel_list_spaces(&found, NULL));
}

/* kills: arm64-no-types */
static void processes_are_found_without_symbols(void)
{
	enum na_paging paging;
	struct na_kernel_space *space;
	u64 root, other;

	for_each_arm64(paging) {
		root = arm64_new(paging);
		other = make_process_root(made, false);
		make_task(made, make_mm(made, other), PID + 1, "other");
		list_spaces();
		EXPECT_EQ(found.nr_spaces, 2);
		space = kernel_space(root);
		EXPECT(space && space->is_process && space->pid == PID);
		EXPECT_STR(space ? space->comm : "", "planted");
		space = kernel_space(other);
		EXPECT(space && space->pid == PID + 1);
		EXPECT_NOTHING_LOST();
		EXPECT_ANY_LINE(assumed, "no address space is without a process");
	}
}

/* A task that looks like the first, and is in no list.   kills: arm64-any-swapper */
static void name_alone_is_no_task(void)
{
	u64 fake, root = arm64_new(NA_PAGING_ARM64_48);

	/* Pages of the root tables that nobody has come first. */
	fake = make_image_va(made, MAKE_ARM64_MEMORY);
	make_write(made, member(fake, "task_struct", "comm"), "swapper/0", 10);
	make_word(made, member(fake, "task_struct", "tasks"),
		  member(fake, "task_struct", "tasks"));
	list_spaces();
	EXPECT(kernel_space(root));
	EXPECT_NOTHING_LOST();
}

static void lost_without_types(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_lists(made);
	make_process_root(made, false);
	list_spaces();
	EXPECT_ANY_LINE(lost, "the kernel's list of processes was not found");
	EXPECT_ANY_LINE(lost, "no address space of a process was found");
	EXPECT_EQ(found.nr_spaces, 0);
}

/* kills: arm64-broken-list-is-whole */
static void broken_list_is_a_loss(void)
{
	u64 task;

	arm64_new(NA_PAGING_ARM64_48);
	task = made->last_task;
	make_task(made, make_mm(made, make_process_root(made, false)), PID + 1,
		  "behind");
	make_word(made, member(task, "task_struct", "tasks"), 0x1000);
	list_spaces();
	EXPECT(world_notes.lost.nr);
}

/* A first task whose list does not lead back is none. */
static void types_at_random(void)
{
	u64 seed = tap_seed(), at;
	u32 i;

	for (i = 0; i < 30; i++) {
		arm64_new(NA_PAGING_ARM64_48);
		at = MAKE_ARM64_MEMORY + 4 * tap_below(&seed, 0x10000);
		*(u32 *)make_at(made->memory, at) = (u32)tap_random(&seed);
		if (!kernel_open())
			na_kernel_list_spaces(&found, NULL);
		EXPECT(found.nr_spaces <= 3);
	}
}

static void scan_is_refused(void)
{
	arm64_new(NA_PAGING_ARM64_48);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(na_kernel_list_spaces(&found, &(struct na_kernel_options){
						.scan = true }), -1);
	EXPECT(strstr(world_notes.error, "--scan is of no use"));
}

/* --- of the kernel's image --- */

static u64 variable_mm(u64 root, u32 users)
{
	u64 mm = make_image_va(made, make_pa(made, make_mm(made, root)));
	u64 list = member(mm, "mm_struct", "mmlist");

	make_half(made, member(mm, "mm_struct", "mm_users"), users);
	make_word(made, list, list);
	make_word(made, list + 8, list);
	return mm;
}

/* kills: arm64-no-firmware */
static void firmware_is_found(void)
{
	struct na_kernel_space *space;
	u64 root;

	arm64_new(NA_PAGING_ARM64_48);
	root = make_process_root(made, false);
	variable_mm(root, EFI_USERS);
	variable_mm(made->root, EFI_USERS);
	list_spaces();
	space = kernel_space(root);
	EXPECT(space && !space->is_process);
	EXPECT_STR(space ? space->comm : "", "(efi)");
	EXPECT(!kernel_space(made->root));
	EXPECT_EQ(found.nr_spaces, 2);
}

static void what_looks_like_an_mm(void)
{
	u64 root;

	arm64_new(NA_PAGING_ARM64_48);
	root = make_process_root(made, false);
	variable_mm(root, EFI_USERS + 1);
	variable_mm(root + 8, EFI_USERS);
	variable_mm(MAKE_ARM64_MEMORY + 2 * MAKE_MEMORY, EFI_USERS);
	list_spaces();
	EXPECT_EQ(found.nr_spaces, 1);
}

static u64 before_root(u32 nr)
{
	return made->root - nr * (u64)PAGE;
}

/* kills: arm64-tables-by-place */
static void tables_of_the_image_are_named(void)
{
	enum na_paging paging;
	struct na_kernel_space *space;
	u64 text, va;

	for_each_arm64(paging) {
		arm64_new(paging);
		text = make_pages(made->memory, 1);
		va = MAKE_ARM64_IMAGE(paging) + (1ull << 32);
		make_map(made->memory, paging, made->root, va, 1,
			 text | MAKE_ARM64_PAGE);
		make_map(made->memory, paging, before_root(2), va, 1,
			 text | MAKE_ARM64_PAGE);
		make_map(made->memory, paging, before_root(3), text, 1,
			 text | MAKE_ARM64_PAGE);
		list_spaces();
		EXPECT_EQ(found.nr_spaces, 3);
		space = kernel_space(before_root(2));
		EXPECT(space && space->is_kernel_half && !space->is_process);
		EXPECT_STR(space ? space->comm : "", "(KPTI)");
		space = kernel_space(before_root(3));
		EXPECT(space && !space->is_kernel_half && !space->is_process);
		EXPECT_STR(space ? space->comm : "", "(idmap)");
	}
}

/* Data of the kernel, not tables: nothing is walked. */
static void other_pages_before_the_root(void)
{
	arm64_new(NA_PAGING_ARM64_48);
	memset(make_at(made->memory, before_root(2)), 0xa5, PAGE);
	make_map(made->memory, made->paging, before_root(3), 0x80000000, 1,
		 make_pages(made->memory, 1) | MAKE_ARM64_PAGE);
	list_spaces();
	EXPECT_EQ(found.nr_spaces, 1);
}

static u32 nr_parties_at(u64 va, u8 type)
{
	u32 i, nr = 0;

	for (i = 0; i < result->nr_parties; i++)
		nr += result->parties[i].va_low == va &&
		      result->parties[i].type == type;
	return nr;
}

/* What they map counts, at the kernel's addresses.   kills: arm64-half-not-walked */
static void their_mappings_are_audited(void)
{
	u64 text, va;

	arm64_new(NA_PAGING_ARM64_48);
	text = make_pages(made->memory, 1);
	va = MAKE_ARM64_IMAGE(made->paging) + (1ull << 32);
	make_map(made->memory, made->paging, made->root, va, 1,
		 text | MAKE_ARM64_PAGE);
	make_map(made->memory, made->paging, before_root(2), va, 1,
		 text | MAKE_ARM64_PAGE | NORMAL_NC);
	audit_made();
	EXPECT_EQ(na_audit_count(result, NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, text >> 12);
	EXPECT_EQ(result->conflicts[0].nr_parties, 4);
	EXPECT_EQ(nr_parties_at(va, NA_AUDIT_WC), 1);
	EXPECT_EQ(nr_parties_at(va, NA_AUDIT_WB), 1);
	EXPECT(!result->cut);
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(processes_are_found_without_symbols),
	TAP(name_alone_is_no_task),
	TAP(lost_without_types),
	TAP(broken_list_is_a_loss),
	TAP(types_at_random),
	TAP(scan_is_refused),
	TAP(firmware_is_found),
	TAP(what_looks_like_an_mm),
	TAP(tables_of_the_image_are_named),
	TAP(other_pages_before_the_root),
	TAP(their_mappings_are_audited),
};

TAP_MAIN(cases)
