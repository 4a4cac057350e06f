// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's own lists of address spaces.
 *
 * x86 links every root table into pgd_list, by the struct page of its first
 * page, which also has the mm. That includes those without a task, as of a
 * process that is being torn down or of text_poke(). The task list has names.
 */
#include "arch.h"
#include "list.h"
#include "paging.h"
#include "seek.h"
#include "spaces.h"
#include "vmcoreinfo.h"

#define LIVE_TRIES	3u
#define PF_KTHREAD	0x00200000u

/* Offsets of members; -1 if they are not known. */
struct lists {
	struct na_spaces *spaces;
	struct na_kernel *kernel;
	u64 page_size;
	u64 page_lru;
	long page_mm;
	long mm_pgd;
	long tasks;
	long mm;
	long pid;
	long comm;
	long flags;
	long signal;
	long thread_head;
	long thread_node;
	u64 thread_mm;		/* of the threads that were just visited */
};

/* A running machine may have changed it meanwhile, and not the next time. */
static u32 tries(const struct lists *lists)
{
	return na_image_about(lists->kernel->image)->is_live ? LIVE_TRIES : 1;
}

/* --- root tables --- */

static bool find_page_members(struct lists *lists)
{
	const struct na_kernel *kernel = lists->kernel;
	long size = na_kernel_sizeof(kernel, "page");
	long lru = na_kernel_member(kernel, "ptdesc", "pt_list");

	if (lru < 0)
		lru = na_kernel_member(kernel, "page", "lru");
	lists->page_size = size > 0 ? (u64)size : 0;
	lists->page_lru = lru > 0 ? (u64)lru : 0;
	if (!lists->page_size)
		na_vmcoreinfo_number(kernel->info, "SIZE(page)",
				     &lists->page_size);
	if (!lists->page_lru)
		na_vmcoreinfo_number(kernel->info, "OFFSET(page.lru)",
				     &lists->page_lru);
	lists->page_mm = na_kernel_member(kernel, "ptdesc", "pt_mm");
	if (lists->page_mm < 0)
		lists->page_mm = na_kernel_member(kernel, "page", "pt_mm");
	return lists->page_size && lists->page_lru < lists->page_size &&
	       kernel->layout.vmemmap;
}

static bool visit_root(void *context, u64 node)
{
	struct lists *lists = context;
	struct na_kernel *kernel = lists->kernel;
	u64 page = node - lists->page_lru, mm = 0;
	u64 offset = page - kernel->layout.vmemmap;
	struct na_kernel_space *space;

	if (page < kernel->layout.vmemmap || offset % lists->page_size ||
	    !na_image_has(kernel->image,
			  offset / lists->page_size * NA_IMAGE_PAGE))
		return false;
	if (lists->page_mm >= 0)
		na_kernel_read(kernel, page + (u64)lists->page_mm, &mm,
			       sizeof(mm));
	space = na_spaces_get(lists->spaces,
			      offset / lists->page_size * NA_IMAGE_PAGE);
	if (!space)
		return false;
	space->mm = mm;
	space->is_listed = true;
	space->is_process = true;
	return true;
}

static bool read_roots(struct lists *lists)
{
	u64 head = na_kernel_symbol(lists->kernel, "pgd_list");
	u32 i;

	if (!head || !find_page_members(lists))
		return false;
	for (i = 0; i < tries(lists); i++) {
		/* A list that was left for freed memory has strangers in it. */
		na_spaces_clear(lists->spaces);
		if (na_list_follow(lists->kernel, head, visit_root, lists))
			return true;
	}
	na_notes_lose(lists->kernel->notes,
		      "the kernel's list of root tables is broken off after %u",
		      lists->spaces->nr);
	return false;
}

/* --- processes --- */

static bool find_task_members(struct lists *lists)
{
	const struct na_kernel *kernel = lists->kernel;

	lists->mm_pgd = na_kernel_member(kernel, "mm_struct", "pgd");
	lists->tasks = na_kernel_member(kernel, "task_struct", "tasks");
	lists->mm = na_kernel_member(kernel, "task_struct", "mm");
	lists->pid = na_kernel_member(kernel, "task_struct", "pid");
	lists->comm = na_kernel_member(kernel, "task_struct", "comm");
	lists->flags = na_kernel_member(kernel, "task_struct", "flags");
	lists->signal = na_kernel_member(kernel, "task_struct", "signal");
	lists->thread_node = na_kernel_member(kernel, "task_struct",
					      "thread_node");
	lists->thread_head = na_kernel_member(kernel, "signal_struct",
					      "thread_head");
	return lists->mm_pgd >= 0 && lists->tasks >= 0 && lists->mm >= 0 &&
	       lists->pid >= 0 && lists->comm >= 0;
}

static bool read_at(struct lists *lists, u64 base, long offset, void *to,
		    size_t len)
{
	return offset >= 0 && na_kernel_read(lists->kernel,
					     base + (u64)offset, to, len);
}

/* Root table of an mm; 0: not readable, or it has none. */
static u64 root_of(struct lists *lists, u64 mm)
{
	u64 pgd = 0, root = 0;

	if (!read_at(lists, mm, lists->mm_pgd, &pgd, sizeof(pgd)) || !pgd ||
	    !na_kernel_translate(lists->kernel, pgd, &root))
		return 0;
	return root;
}

static bool visit_thread(void *context, u64 node)
{
	struct lists *lists = context;
	u64 mm;

	if (!read_at(lists, node - (u64)lists->thread_node, lists->mm, &mm,
		     sizeof(mm)))
		return false;
	if (mm)
		lists->thread_mm = mm;
	return true;
}

/*
 * The first thread of a process may have exited while others run: then only
 * they still have the address space. A kernel thread has none, but may have
 * borrowed one, in another member.
 */
static u64 mm_of(struct lists *lists, u64 task)
{
	u64 mm = 0, signal = 0;
	u32 flags = 0;

	if (!read_at(lists, task, lists->mm, &mm, sizeof(mm)) || mm ||
	    !read_at(lists, task, lists->flags, &flags, sizeof(flags)) ||
	    flags & PF_KTHREAD || lists->thread_node < 0 ||
	    lists->thread_head < 0 ||
	    !read_at(lists, task, lists->signal, &signal, sizeof(signal)))
		return mm;
	lists->thread_mm = 0;
	na_list_follow(lists->kernel, signal + (u64)lists->thread_head,
		       visit_thread, lists);
	return lists->thread_mm;
}

/* Who shares an address space, as after vfork(), is named by the first. */
static bool visit_task(void *context, u64 node)
{
	struct lists *lists = context;
	u64 task = node - (u64)lists->tasks;
	u64 mm = mm_of(lists, task), root;
	struct na_kernel_space *space;
	s32 pid = 0;

	if (!mm)
		return true;
	root = root_of(lists, mm);
	space = root ? na_spaces_get(lists->spaces, root) : NULL;
	if (!space)
		return false;
	space->is_listed = true;
	space->is_process = true;
	space->mm = mm;
	if (space->pid)
		return true;
	read_at(lists, task, lists->pid, &pid, sizeof(pid));
	read_at(lists, task, lists->comm, space->comm, sizeof(space->comm));
	space->comm[sizeof(space->comm) - 1] = 0;
	space->pid = pid;
	return true;
}

static void lack_names(const struct na_kernel *kernel)
{
	na_notes_assume(kernel->notes,
			"processes have no names: the kernel's symbols or types are missing");
}

/* Return: true if there is a list and it was read to its end. */
static bool read_tasks(struct lists *lists)
{
	u64 init = na_kernel_symbol(lists->kernel, "init_task");
	u32 i;

	if (!init)
		init = na_seek_init_task(lists->kernel);
	if (!init || !find_task_members(lists)) {
		lack_names(lists->kernel);
		return false;
	}
	for (i = 0; i < tries(lists); i++)
		if (na_list_follow(lists->kernel, init + (u64)lists->tasks,
				   visit_task, lists))
			return true;
	na_notes_lose(lists->kernel->notes,
		      "the kernel's list of processes is broken off");
	return false;
}

/* --- others --- */

static void name_space(struct lists *lists, u64 mm, const char *name)
{
	u64 root = mm ? root_of(lists, mm) : 0;
	struct na_kernel_space *space;

	if (!root || root == lists->kernel->root)
		return;
	space = na_spaces_get(lists->spaces, root);
	if (!space)
		return;
	snprintf(space->comm, sizeof(space->comm), "%s", name);
	space->mm = mm;
	space->is_listed = true;
	space->is_process = false;
}

/* The firmware's calls, which pgd_list lacks, and text_poke(). */
static void read_others(struct lists *lists)
{
	struct na_kernel *kernel = lists->kernel;
	u64 poking = na_kernel_variable(kernel, "text_poke_mm");

	if (!poking)
		poking = na_kernel_variable(kernel, "poking_mm");
	name_space(lists, poking, "(text_poke)");
	name_space(lists, na_kernel_symbol(kernel, "efi_mm"), "(efi)");
}

/* That of the kernel itself is its root, which is walked as the kernel's. */
static void visit_variable(void *context, u64 mm)
{
	name_space(context, mm, "(efi)");
}

bool na_x86_list_spaces(struct na_spaces *spaces)
{
	struct lists lists = { .spaces = spaces, .kernel = spaces->kernel,
			       .mm_pgd = -1 };
	bool is_whole;

	/* 32-bit kernels have neither these symbols nor types in Debian. */
	if (!na_paging_is_64bit(spaces->kernel->paging)) {
		lack_names(spaces->kernel);
		return false;
	}
	is_whole = read_roots(&lists);
	read_tasks(&lists);
	read_others(&lists);
	return is_whole;
}

/*
 * arm64 has no list of root tables: those of processes are found, and of the
 * others what is in the kernel's image.
 */
bool na_arm64_list_spaces(struct na_spaces *spaces)
{
	struct lists lists = { .spaces = spaces, .kernel = spaces->kernel };
	bool is_whole = read_tasks(&lists);

	if (!is_whole)
		return false;
	na_notes_assume(spaces->kernel->notes,
			"no address space is without a process: nothing in an image of arm64 lists them");
	na_seek_mms(spaces->kernel, visit_variable, &lists);
	na_arm64_add_tables(spaces);
	return true;
}

/* Debian's kernels of 32-bit ARM have no types, and of symbols functions only. */
bool na_arm_list_spaces(struct na_spaces *spaces)
{
	lack_names(spaces->kernel);
	return false;
}

bool na_lists_read(struct na_spaces *spaces)
{
	return na_arch_calls(spaces->kernel->arch)->list_spaces(spaces);
}
