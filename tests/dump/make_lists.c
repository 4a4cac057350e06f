// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The lists of a made-up kernel: root tables, tasks, threads.
 */
#include "make_internal.h"
#include "make_kernel.h"

static u64 member(u64 at, const char *type, const char *name)
{
	return at + make_offset_of(type, name);
}

/* Symbols are of the image. */
static u64 image_room(struct make_kernel *kernel, size_t len)
{
	return make_image_va(kernel, make_pa(kernel, make_room(kernel, len)));
}

static void init_head(struct make_kernel *kernel, u64 head)
{
	make_word(kernel, head, head);
	make_word(kernel, head + 8, head);
}

static u64 word(const struct make_kernel *kernel, u64 va)
{
	u64 value;

	memcpy(&value, make_at(kernel->memory, make_pa(kernel, va)),
	       sizeof(value));
	return value;
}

/* At the end. */
static void link_node(struct make_kernel *kernel, u64 head, u64 node)
{
	u64 last = word(kernel, head + 8);

	make_word(kernel, node, head);
	make_word(kernel, node + 8, last);
	make_word(kernel, last, node);
	make_word(kernel, head + 8, node);
}

void make_lists(struct make_kernel *kernel)
{
	u64 head = image_room(kernel, 16);
	u64 task = image_room(kernel, make_size_of("task_struct"));

	init_head(kernel, head);
	kernel->pgd_list = head;
	init_head(kernel, member(task, "task_struct", "tasks"));
	make_half(kernel, member(task, "task_struct", "flags"), 0x00200000);
	make_write(kernel, member(task, "task_struct", "comm"), "swapper/0",
		   sizeof("swapper/0"));
	kernel->last_task = task;
	if (make_is_arm64(kernel))
		return;
	make_symbol(kernel, "Dpgd_list", head);
	make_symbol(kernel, "Dinit_task", task);
}

void make_listed_root(struct make_kernel *kernel, u64 root, u64 mm)
{
	u64 page = kernel->vmemmap + root / NA_IMAGE_PAGE * 64;

	make_word(kernel, member(page, "page", "pt_mm"), mm);
	link_node(kernel, kernel->pgd_list, member(page, "page", "lru"));
}

u64 make_mm(struct make_kernel *kernel, u64 root)
{
	u64 mm = make_room(kernel, make_size_of("mm_struct"));

	make_word(kernel, member(mm, "mm_struct", "pgd"),
		  make_va(kernel, root));
	return mm;
}

static u64 new_task(struct make_kernel *kernel, u64 mm, u64 signal)
{
	u64 task = make_room(kernel, make_size_of("task_struct"));

	make_word(kernel, member(task, "task_struct", "mm"), mm);
	make_word(kernel, member(task, "task_struct", "signal"), signal);
	link_node(kernel, member(signal, "signal_struct", "thread_head"),
		  member(task, "task_struct", "thread_node"));
	return task;
}

u64 make_task(struct make_kernel *kernel, u64 mm, int pid, const char *comm)
{
	u64 signal = make_room(kernel, make_size_of("signal_struct"));
	u64 task, last;

	init_head(kernel, member(signal, "signal_struct", "thread_head"));
	task = new_task(kernel, mm, signal);
	make_half(kernel, member(task, "task_struct", "pid"), (u32)pid);
	make_write(kernel, member(task, "task_struct", "comm"), comm,
		   strlen(comm) + 1);
	/* Behind the last one: the list's head is in init_task. */
	last = member(kernel->last_task, "task_struct", "tasks");
	link_node(kernel, word(kernel, last),
		  member(task, "task_struct", "tasks"));
	kernel->last_task = task;
	return task;
}

u64 make_thread(struct make_kernel *kernel, u64 task, u64 mm)
{
	return new_task(kernel, mm,
			word(kernel, member(task, "task_struct", "signal")));
}
