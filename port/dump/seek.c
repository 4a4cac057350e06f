// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A look at the kernel's image for what has no symbol. A page at a time, with
 * the first bytes of the next one: what is looked for may lie across.
 */
#include "btf.h"
#include "seek.h"

#define OVERLAP		16u
#define BTF_HEADER_LEN	24u
#define NR_USERS	2u	/* of an mm that is a variable */

/* A page of the image and what follows it. */
struct look {
	struct na_kernel *kernel;
	u64 va;
	size_t len;
	u8 bytes[NA_IMAGE_PAGE + OVERLAP];
};

/* Begins before the first page. */
static bool next_page(struct look *look)
{
	struct na_kernel *kernel = look->kernel;
	u64 end = kernel->layout.text_end;
	u64 va = look->va ? look->va + NA_IMAGE_PAGE :
			    kernel->layout.text & ~(u64)(NA_IMAGE_PAGE - 1);

	for (; va && va < end; va += NA_IMAGE_PAGE) {
		if (!na_kernel_read(kernel, va, look->bytes, NA_IMAGE_PAGE))
			continue;
		look->va = va;
		look->len = NA_IMAGE_PAGE;
		if (na_kernel_read(kernel, va + NA_IMAGE_PAGE,
				   look->bytes + NA_IMAGE_PAGE, OVERLAP))
			look->len += OVERLAP;
		return true;
	}
	return false;
}

/* --- types --- */

/* Length of what is described by a header; 0: it is none. */
static u64 btf_len(struct na_kernel *kernel, u64 va)
{
	u32 header[BTF_HEADER_LEN / 4];
	u64 types_end, strings_end, len;

	if (!na_kernel_read(kernel, va, header, sizeof(header)))
		return 0;
	types_end = (u64)header[2] + header[3];
	strings_end = (u64)header[4] + header[5];
	len = types_end > strings_end ? types_end : strings_end;
	return header[3] && header[5] && len < NA_BTF_LEN_MAX - BTF_HEADER_LEN ?
	       len + BTF_HEADER_LEN : 0;
}

/* Some that are taken for it by chance, or are of a part, know no tasks. */
static struct na_btf *load_btf(struct na_kernel *kernel, u64 va)
{
	u64 len = btf_len(kernel, va);
	void *bytes = len ? malloc(len) : NULL;
	struct na_btf *btf;

	if (!bytes)
		return NULL;
	if (!na_kernel_read(kernel, va, bytes, len)) {
		free(bytes);
		return NULL;
	}
	btf = na_btf_create(bytes, len);
	if (btf && na_btf_member(btf, "task_struct", "tasks") >= 0)
		return btf;
	na_btf_destroy(btf);
	return NULL;
}

struct na_btf *na_seek_btf(struct na_kernel *kernel)
{
	/* Magic, version 1, no flags, length of the header. */
	static const u8 start[8] = { 0x9f, 0xeb, 1, 0, BTF_HEADER_LEN };
	struct look look = { .kernel = kernel };
	const u8 *at;
	struct na_btf *btf;

	while (next_page(&look)) {
		at = memmem(look.bytes, look.len, start, sizeof(start));
		if (!at)
			continue;
		btf = load_btf(kernel, look.va + (u64)(at - look.bytes));
		if (btf)
			return btf;
	}
	return NULL;
}

/* --- the first task --- */

/* Offsets in a task; -1 if they are not known. */
struct task {
	long comm;
	long tasks;
	long pid;
	long mm;
};

/* The next element of a list, if it points back. */
static u64 next_of(struct na_kernel *kernel, u64 node)
{
	u64 next = na_kernel_word(kernel, node);

	return next && na_kernel_word(kernel, next + 8) == node ? next : 0;
}

static bool is_init_task(struct na_kernel *kernel, const struct task *task,
			 u64 va)
{
	u64 node = va + (u64)task->tasks;
	u64 prev = na_kernel_word(kernel, node + 8);
	u32 pid = 1;
	u64 mm = 1;

	return na_kernel_read(kernel, va + (u64)task->pid, &pid, sizeof(pid)) &&
	       na_kernel_read(kernel, va + (u64)task->mm, &mm, sizeof(mm)) &&
	       !pid && !mm && next_of(kernel, node) &&
	       prev && na_kernel_word(kernel, prev) == node;
}

u64 na_seek_init_task(struct na_kernel *kernel)
{
	static const char name[] = "swapper/0";
	struct look look = { .kernel = kernel };
	const struct task task = {
		.comm = na_kernel_member(kernel, "task_struct", "comm"),
		.tasks = na_kernel_member(kernel, "task_struct", "tasks"),
		.pid = na_kernel_member(kernel, "task_struct", "pid"),
		.mm = na_kernel_member(kernel, "task_struct", "mm"),
	};
	const u8 *at;
	u64 va;

	if (task.comm < 0 || task.tasks < 0 || task.pid < 0 || task.mm < 0)
		return 0;
	while (next_page(&look)) {
		at = look.bytes;
		while ((at = memmem(at, look.len - (size_t)(at - look.bytes),
				    name, sizeof(name)))) {
			va = look.va + (u64)(at - look.bytes) - (u64)task.comm;
			if (is_init_task(kernel, &task, va))
				return va;
			at++;
		}
	}
	return 0;
}

/* --- address spaces --- */

static bool is_mm(struct na_kernel *kernel, u64 mm)
{
	u64 users = na_kernel_field(kernel, mm, "mm_struct", "mm_users");
	u64 pgd = na_kernel_field(kernel, mm, "mm_struct", "pgd");
	u64 pa;

	return (u32)users == NR_USERS && pgd && !(pgd % NA_IMAGE_PAGE) &&
	       na_kernel_translate(kernel, pgd, &pa);
}

/* A list without elements: both words are its own address. */
static bool is_empty_list(const struct look *look, size_t at)
{
	u64 words[2];

	memcpy(words, look->bytes + at, sizeof(words));
	return words[0] == look->va + at && words[1] == words[0];
}

void na_seek_mms(struct na_kernel *kernel, na_seek_visit_t visit,
		 void *context)
{
	long list = na_kernel_member(kernel, "mm_struct", "mmlist");
	struct look look = { .kernel = kernel };
	size_t at;
	u64 mm;

	if (list < 0)
		return;
	while (next_page(&look)) {
		for (at = 0; at < NA_IMAGE_PAGE && at + 16 <= look.len;
		     at += 8) {
			mm = look.va + at - (u64)list;
			if (is_empty_list(&look, at) && is_mm(kernel, mm))
				visit(context, mm);
		}
	}
}
