// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Address spaces by the kernel's lists, and what the CPUs know against them.
 */
#include "kernel_world.h"

#define CR4_PAE	0x20ull

static u64 roots[4], mms[4], tasks[4];

/* Four listed spaces; the last has no task. */
static void make(void)
{
	u32 i;

	kernel_new(NA_PAGING_4LEVEL);
	make_lists(made);
	make_types(made);
	for (i = 0; i < 4; i++) {
		roots[i] = make_process_root(made, false);
		mms[i] = make_mm(made, roots[i]);
		make_listed_root(made, roots[i], mms[i]);
	}
	make_task(made, 0, 2, "kthreadd");
	tasks[0] = make_task(made, mms[0], 10, "first");
	tasks[1] = make_task(made, mms[1], 11, "fifteen letters");
	tasks[2] = make_task(made, mms[2], 12, "third");
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
}

static void list_with(const u64 *cr3s, u32 nr_cr3s,
		      const struct na_kernel_options *options)
{
	EXPECT_FOUND(kernel_open_bytes(
			     make_kernel_elf(made, true, cr3s, nr_cr3s, CR4_PAE),
			     NULL, NULL));
	EXPECT(!na_kernel_list_spaces(&found, options));
}

static void list(void)
{
	list_with(NULL, 0, NULL);
}

static void expect_space(u64 root, int pid, const char *comm)
{
	struct na_kernel_space *space = kernel_space(root);

	EXPECT(space);
	EXPECT_EQ(space->pid, pid);
	EXPECT_STR(space->comm, comm);
	EXPECT(space->is_listed);
	EXPECT(space->is_process);
}

static void lists_have_all(void)
{
	make();
	list();
	EXPECT_EQ(found.nr_spaces, 4);
	expect_space(roots[0], 10, "first");
	expect_space(roots[1], 11, "fifteen letters");
	expect_space(roots[2], 12, "third");
	/* kills: kernel-tasks-only */
	expect_space(roots[3], 0, "");
	EXPECT_EQ(kernel_space(roots[3])->mm, mms[3]);
	EXPECT_NOTHING_LOST();
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_EQ(found.nr_spaces, 4);
}

/* Without types there are no names; the list of roots needs none. */
static void lists_without_types(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_lists(made);
	roots[0] = make_process_root(made, false);
	make_listed_root(made, roots[0], 0);
	make_symbols(made, MAKE_PLACE);
	list();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_space(roots[0], 0, "");
	EXPECT_ANY_LINE(assumed, "no names");
	EXPECT_NOTHING_LOST();
}

/* After vfork() two tasks have one: the first names it. */
static void shared_space_is_one(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_lists(made);
	make_types(made);
	roots[0] = make_process_root(made, false);
	mms[0] = make_mm(made, roots[0]);
	make_listed_root(made, roots[0], mms[0]);
	make_task(made, mms[0], 20, "parent");
	make_task(made, mms[0], 21, "child");
	make_symbols(made, MAKE_PLACE);
	list();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_space(roots[0], 20, "parent");
}

/* The first thread has exited: others still have it.   kills: kernel-leader-only */
static void space_of_other_threads(void)
{
	u64 task;

	kernel_new(NA_PAGING_4LEVEL);
	make_lists(made);
	make_types(made);
	roots[0] = make_process_root(made, false);
	mms[0] = make_mm(made, roots[0]);
	make_listed_root(made, roots[0], mms[0]);
	task = make_task(made, 0, 30, "gone");
	make_thread(made, task, 0);
	make_thread(made, task, mms[0]);
	make_symbols(made, MAKE_PLACE);
	list();
	expect_space(roots[0], 30, "gone");
}

/* --- lists that cannot be followed --- */

static u64 lru(u32 nr)
{
	return made->vmemmap + roots[nr] / PAGE * 64 + 8;
}

/* What the list lacks now, the scan finds; that the list is broken is a loss. */
static void expect_broken(void)
{
	list();
	EXPECT_ANY_LINE(lost, "list of root tables is broken off");
	EXPECT_EQ(found.nr_spaces, 4);
}

static void roots_in_a_circle(void)
{
	make();
	make_word(made, lru(2), lru(1));
	expect_broken();
	make();
	make_word(made, lru(2), lru(1));
	make_word(made, lru(1) + 8, lru(2));
	expect_broken();
	make();
	make_word(made, lru(1), lru(1));
	make_word(made, lru(1) + 8, lru(1));
	expect_broken();
}

/* A list that is whole, and yet lacks one.   kills: kernel-list-one-way */
static void roots_pass_over_one(void)
{
	make();
	make_word(made, lru(1), lru(3));
	expect_broken();
}

static void roots_lead_nowhere(void)
{
	static const u64 nowhere[] = {
		0, 8, 0x7ffffffff000, 0xffff888800000000ull, ~0ull - 3,
		0xffffea0000000008ull + (32 << 20) / 4096 * 64,
	};
	u32 i;

	for (i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		make();
		make_word(made, lru(2), nowhere[i]);
		expect_broken();
	}
}

/* A node that is no page's, though it points back. */
static void roots_lead_into_other_memory(void)
{
	u64 other;

	make();
	other = make_room(made, 64);
	make_word(made, lru(3), other);
	make_word(made, other, made->pgd_list);
	make_word(made, other + 8, lru(3));
	expect_broken();
	make();
	make_word(made, lru(3), lru(3) + 16);
	make_word(made, lru(3) + 16, made->pgd_list);
	make_word(made, lru(3) + 24, lru(3));
	expect_broken();
}

static u64 tasks_of(u32 nr)
{
	return tasks[nr] + make_offset_of("task_struct", "tasks");
}

static void tasks_in_a_circle(void)
{
	make();
	make_word(made, tasks_of(2), tasks_of(1));
	list();
	EXPECT_ANY_LINE(lost, "list of processes is broken off");
	EXPECT_EQ(found.nr_spaces, 4);
	expect_space(roots[0], 10, "first");
}

static void tasks_with_wrong_mm(void)
{
	make();
	make_word(made, tasks[1] + make_offset_of("task_struct", "mm"), 0x1234);
	list();
	EXPECT_ANY_LINE(lost, "list of processes is broken off");
	EXPECT_EQ(found.nr_spaces, 4);
}

static void lists_at_random(void)
{
	u64 seed = tap_seed(), at;
	u32 i, k;

	for (i = 0; i < 100; i++) {
		make();
		for (k = 0; k < 3; k++) {
			at = tap_below(&seed, 2) ? lru(tap_below(&seed, 4)) :
			     tasks_of(tap_below(&seed, 3));
			if (tap_below(&seed, 2))
				at += 8;
			make_word(made, at, tap_below(&seed, 2) ?
				  lru(tap_below(&seed, 4)) :
				  tasks_of(tap_below(&seed, 3)));
		}
		list();
		EXPECT(found.nr_spaces >= 4);
	}
}

/* --- what the CPUs used --- */

static void cpus_of_known_spaces(void)
{
	u64 cr3s[3];

	make();
	cr3s[0] = roots[1] | 0x7;
	cr3s[1] = made->root;
	cr3s[2] = make_pages(made->memory, 1);	/* of one that has gone */
	list_with(cr3s, 3, NULL);
	EXPECT_NOTHING_LOST();
	EXPECT_EQ(found.nr_spaces, 4);
}

/* kills: kernel-cpus-unasked */
static void cpu_of_unknown_space(void)
{
	u64 root;

	make();
	root = make_process_root(made, false);
	list_with(&root, 1, NULL);
	EXPECT_ANY_LINE(lost, "CPU 0 used an address space");
	EXPECT(kernel_space(root));
	EXPECT(kernel_space(root)->is_process);
}

static void cpu_of_user_half(void)
{
	u64 root, cr3;

	make();
	root = make_process_root(made, true);
	make_listed_root(made, root, 0);
	cr3 = root + 0x1000;
	list_with(&cr3, 1, NULL);
	EXPECT_NOTHING_LOST();
	EXPECT_EQ(found.nr_spaces, 5);
}

/* At + 4096 from a known one, and with a kernel's half: another process. */
static void cpu_of_neighbour(void)
{
	u64 root, cr3;

	make();
	root = make_process_root(made, true);
	make_listed_root(made, root, 0);
	cr3 = root + 0x1000;
	memcpy(make_at(made->memory, cr3), make_at(made->memory, root), PAGE);
	list_with(&cr3, 1, NULL);
	EXPECT_ANY_LINE(lost, "CPU 0 used an address space");
}

/* The kernel's table had to be taken from a CPU: it is of a process. */
static void own_table_of_a_process(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	root = make_process_root(made, false);
	EXPECT_FOUND(kernel_open_bytes(
			     make_kernel_elf(made, false, &root, 1, CR4_PAE),
			     NULL, NULL));
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_EQ(found.root, root);
	EXPECT(kernel_space(root));
}

static const struct tap_case cases[] = {
	TAP(lists_have_all),
	TAP(lists_without_types),
	TAP(shared_space_is_one),
	TAP(space_of_other_threads),
	TAP(roots_in_a_circle),
	TAP(roots_pass_over_one),
	TAP(roots_lead_nowhere),
	TAP(roots_lead_into_other_memory),
	TAP(tasks_in_a_circle),
	TAP(tasks_with_wrong_mm),
	TAP(lists_at_random),
	TAP(cpus_of_known_spaces),
	TAP(cpu_of_unknown_space),
	TAP(cpu_of_user_half),
	TAP(cpu_of_neighbour),
	TAP(own_table_of_a_process),
};

TAP_MAIN(cases)
