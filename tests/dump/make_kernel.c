// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A kernel's page tables and what it says of itself.
 */
#include <stdarg.h>

#include "make_internal.h"
#include "make_kernel.h"

#define LARGE_BITS	0x1e3ull	/* present, written, global, large */
#define PAGE_BITS	0x067ull
#define USER_VA		0x400000ull
#define STEXT		0x1000000ull	/* from the start of the image's map */

static bool is_64bit(const struct make_kernel *kernel)
{
	return kernel->paging == NA_PAGING_4LEVEL ||
	       kernel->paging == NA_PAGING_5LEVEL;
}

bool make_is_arm64(const struct make_kernel *kernel)
{
	return kernel->paging == NA_PAGING_ARM64_48 ||
	       kernel->paging == NA_PAGING_ARM64_39;
}

bool make_is_arm(const struct make_kernel *kernel)
{
	return kernel->paging == NA_PAGING_ARM_LPAE;
}

static u64 memory_start(const struct make_kernel *kernel)
{
	return make_is_arm(kernel) ? MAKE_ARM_MEMORY :
	       make_is_arm64(kernel) ? MAKE_ARM64_MEMORY : 0;
}

static u64 large_len(const struct make_kernel *kernel)
{
	return kernel->paging == NA_PAGING_2LEVEL ? 4u << 20 : 2u << 20;
}

/* All memory from @va on. */
static void map_all(struct make_kernel *kernel, u64 va)
{
	u64 bits = make_is_arm(kernel) ? MAKE_ARM_BLOCK :
		   make_is_arm64(kernel) ? MAKE_ARM64_BLOCK : LARGE_BITS;
	u64 start = memory_start(kernel), pa;

	for (pa = 0; pa < MAKE_MEMORY; pa += large_len(kernel))
		make_map(kernel->memory, kernel->paging, kernel->root, va + pa,
			 2, (start + pa) | bits);
}

static void map_memory_map(struct make_kernel *kernel)
{
	make_map(kernel->memory, kernel->paging, kernel->root, kernel->vmemmap,
		 2, make_pages(kernel->memory, 512) | LARGE_BITS);
}

static void introduce_arm64(struct make_kernel *kernel)
{
	u64 image = MAKE_ARM64_IMAGE(kernel->paging);
	u32 va_bits = kernel->paging == NA_PAGING_ARM64_48 ? 48 : 39;

	make_say(kernel, "OSRELEASE=%s", MAKE_RELEASE);
	make_say(kernel, "PAGESIZE=4096");
	make_say(kernel, "SYMBOL(swapper_pg_dir)=%llx",
		 make_image_va(kernel, kernel->root));
	make_say(kernel, "SYMBOL(_stext)=%llx", image);
	make_symbol(kernel, "T_stext", image);
	make_say(kernel, "NUMBER(VA_BITS)=%u", va_bits);
	make_say(kernel, "NUMBER(MODULES_VADDR)=%#llx", image - (128 << 20));
	make_say(kernel, "NUMBER(MODULES_END)=%#llx", image);
	make_say(kernel, "NUMBER(VMALLOC_START)=%#llx", image);
	make_say(kernel, "NUMBER(VMALLOC_END)=%#llx", image + (1ull << 36));
	make_say(kernel, "NUMBER(VMEMMAP_START)=%#llx", image + (2ull << 36));
	make_say(kernel, "NUMBER(VMEMMAP_END)=%#llx", image + (3ull << 36));
	make_say(kernel, "NUMBER(kimage_voffset)=%#llx",
		 image - MAKE_ARM64_MEMORY);
	make_say(kernel, "NUMBER(PHYS_OFFSET)=%#llx", MAKE_ARM64_MEMORY);
	make_say(kernel, "NUMBER(TCR_EL1_T1SZ)=%#x", 64 - va_bits);
}

static void introduce(struct make_kernel *kernel)
{
	u64 map = is_64bit(kernel) ? MAKE_KERNEL_MAP - MAKE_PHYS_BASE :
				     kernel->page_offset;

	make_say(kernel, "OSRELEASE=%s", MAKE_RELEASE);
	make_say(kernel, "PAGESIZE=4096");
	make_say(kernel, "SYMBOL(swapper_pg_dir)=%llx", map + kernel->root);
	make_say(kernel, "SYMBOL(_stext)=%llx", map + STEXT);
	make_symbol(kernel, "T_stext", map + STEXT);
	if (kernel->paging == NA_PAGING_PAE)
		make_say(kernel, "CONFIG_X86_PAE=y");
	if (!is_64bit(kernel))
		return;
	make_say(kernel, "NUMBER(phys_base)=%lld", (s64)MAKE_PHYS_BASE);
	make_say(kernel, "NUMBER(pgtable_l5_enabled)=%d",
		 kernel->paging == NA_PAGING_5LEVEL);
	make_say(kernel, "SYMBOL(vmemmap)=%llx", kernel->vmemmap);
	make_say(kernel, "SIZE(page)=64");
	make_say(kernel, "OFFSET(page.lru)=8");
}

/* Root tables that no mm has are before the kernel's own. */
static struct make_kernel *make_arm64(enum na_paging paging, u64 page_offset)
{
	struct make_kernel *kernel = make_alloc(sizeof(*kernel));
	const struct make_range range = {
		MAKE_ARM64_MEMORY, MAKE_ARM64_MEMORY + MAKE_MEMORY,
	};

	kernel->memory = make_memory_of(&range, 1);
	kernel->paging = paging;
	kernel->page_offset = page_offset;
	kernel->root = make_pages(kernel->memory, 8) + 7 * NA_IMAGE_PAGE;
	kernel->nr_user = 512;
	map_all(kernel, page_offset);
	map_all(kernel, MAKE_ARM64_IMAGE(paging));
	introduce_arm64(kernel);
	return kernel;
}

static void introduce_arm(struct make_kernel *kernel)
{
	make_say(kernel, "OSRELEASE=%s", MAKE_RELEASE);
	make_say(kernel, "PAGESIZE=4096");
	make_say(kernel, "SYMBOL(swapper_pg_dir)=%llx",
		 make_va(kernel, kernel->root));
	make_say(kernel, "SYMBOL(_stext)=%llx", make_va(kernel, kernel->root));
	make_symbol(kernel, "T_stext", make_va(kernel, kernel->root));
	make_say(kernel, "CONFIG_ARM_LPAE=y");
}

/* Tables for all addresses, and of the kmap pool all levels. */
static struct make_kernel *make_arm(u64 page_offset)
{
	struct make_kernel *kernel = make_alloc(sizeof(*kernel));
	const struct make_range ranges[] = {
		{ MAKE_ARM_MEMORY, MAKE_ARM_MEMORY + MAKE_MEMORY },
		{ MAKE_ARM_HIGH, MAKE_ARM_HIGH + (2 << 20) },
	};
	u64 *root;
	u32 i;

	kernel->memory = make_memory_of(ranges, 2);
	kernel->paging = NA_PAGING_ARM_LPAE;
	kernel->page_offset = page_offset;
	kernel->root = make_pages(kernel->memory, 8) + 3 * NA_IMAGE_PAGE;
	kernel->nr_user = (u32)(page_offset >> 30);
	map_all(kernel, page_offset);
	make_slot(kernel->memory, kernel->paging, kernel->root,
		  page_offset - (2 << 20), 1);
	root = make_at(kernel->memory, kernel->root);
	for (i = 0; i < 4; i++) {
		make_slot(kernel->memory, kernel->paging, kernel->root,
			  (u64)i << 30, 2);
		root[i] |= MAKE_ARM_SWAPPER;
	}
	introduce_arm(kernel);
	return kernel;
}

static struct make_kernel *make_x86(enum na_paging paging, u64 page_offset)
{
	struct make_kernel *kernel = make_alloc(sizeof(*kernel));

	kernel->memory = make_memory(MAKE_MEMORY);
	kernel->paging = paging;
	kernel->page_offset = page_offset;
	kernel->vmemmap = paging == NA_PAGING_5LEVEL ? 0xffd4000000000000ull :
						       0xffffea0000000000ull;
	/* The kernel's is a page also with PAE. */
	kernel->root = make_pages(kernel->memory, 1);
	kernel->nr_user = is_64bit(kernel) ? 256 :
			  (u32)(page_offset >>
				(paging == NA_PAGING_PAE ? 30 : 22));
	map_all(kernel, page_offset);
	if (is_64bit(kernel)) {
		map_all(kernel, MAKE_KERNEL_MAP - MAKE_PHYS_BASE);
		map_memory_map(kernel);
	}
	introduce(kernel);
	return kernel;
}

struct make_kernel *make_kernel_at(enum na_paging paging, u64 page_offset)
{
	if (paging == NA_PAGING_ARM_LPAE)
		return make_arm(page_offset);
	return paging < NA_PAGING_ARM64_48 ? make_x86(paging, page_offset) :
					     make_arm64(paging, page_offset);
}

struct make_kernel *make_kernel(enum na_paging paging)
{
	static const u64 page_offsets[NR_NA_PAGINGS] = {
		[NA_PAGING_4LEVEL] = 0xffff888000000000ull,
		[NA_PAGING_5LEVEL] = 0xff11000000000000ull,
		[NA_PAGING_PAE] = 0xc0000000ull,
		[NA_PAGING_2LEVEL] = 0xc0000000ull,
		[NA_PAGING_ARM64_48] = 0xffff000000000000ull,
		[NA_PAGING_ARM64_39] = 0xffffff8000000000ull,
		[NA_PAGING_ARM_LPAE] = 0xc0000000ull,
	};

	return make_kernel_at(paging, page_offsets[paging]);
}

void make_kernel_free(struct make_kernel *kernel)
{
	if (!kernel)
		return;
	make_memory_free(kernel->memory);
	free(kernel);
}

void make_say(struct make_kernel *kernel, const char *format, ...)
{
	size_t len = strlen(kernel->info), room = sizeof(kernel->info) - len;
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(kernel->info + len, room, format, args);
	va_end(args);
	if (added < 0 || (size_t)added + 1 >= room)
		make_fail("VMCOREINFO is full");
	strcat(kernel->info, "\n");
}

void make_unsay(struct make_kernel *kernel, const char *start)
{
	char *line = strstr(kernel->info, start), *end;

	if (!line)
		make_fail("there is no such line");
	end = strchr(line, '\n') + 1;
	memmove(line, end, strlen(end) + 1);
}

u64 make_info_page(struct make_kernel *kernel)
{
	u64 pa = make_pages(kernel->memory, 1);

	memcpy(make_at(kernel->memory, pa), kernel->info,
	       strlen(kernel->info));
	return pa;
}

u64 make_room(struct make_kernel *kernel, size_t len)
{
	u32 nr = (u32)((len + NA_IMAGE_PAGE - 1) / NA_IMAGE_PAGE);

	return make_va(kernel, make_pages(kernel->memory, nr));
}

u64 make_va(const struct make_kernel *kernel, u64 pa)
{
	return kernel->page_offset + (pa - memory_start(kernel));
}

u64 make_image_va(const struct make_kernel *kernel, u64 pa)
{
	if (make_is_arm64(kernel))
		return MAKE_ARM64_IMAGE(kernel->paging) +
		       (pa - MAKE_ARM64_MEMORY);
	return MAKE_KERNEL_MAP - MAKE_PHYS_BASE + pa;
}

u64 make_pa(const struct make_kernel *kernel, u64 va)
{
	if (make_is_arm64(kernel) && va >= MAKE_ARM64_IMAGE(kernel->paging))
		return va - MAKE_ARM64_IMAGE(kernel->paging) +
		       MAKE_ARM64_MEMORY;
	if (make_is_arm64(kernel))
		return va - kernel->page_offset + MAKE_ARM64_MEMORY;
	if (is_64bit(kernel) && va >= MAKE_KERNEL_MAP)
		return va - MAKE_KERNEL_MAP + MAKE_PHYS_BASE;
	if (is_64bit(kernel) && va >= kernel->vmemmap)
		return (*(u64 *)make_at(kernel->memory,
					make_slot(kernel->memory,
						  kernel->paging, kernel->root,
						  kernel->vmemmap, 2)) &
			~0x1fffffull) + (va - kernel->vmemmap);
	return va - kernel->page_offset + memory_start(kernel);
}

void make_write(struct make_kernel *kernel, u64 va, const void *from,
		size_t len)
{
	memcpy(make_at(kernel->memory, make_pa(kernel, va)), from, len);
}

void make_word(struct make_kernel *kernel, u64 va, u64 value)
{
	make_write(kernel, va, &value, sizeof(value));
}

void make_half(struct make_kernel *kernel, u64 va, u32 value)
{
	make_write(kernel, va, &value, sizeof(value));
}

struct make_bytes make_kernel_elf(struct make_kernel *kernel, bool has_note,
				  const u64 *cr3s, u32 nr_cr3s, u64 cr4)
{
	static u8 descs[4][440];
	struct make_note notes[5];
	u32 i, nr = 0;

	for (i = 0; i < nr_cr3s; i++)
		notes[nr++] = make_qemu_note(descs[i], 0x80050033, cr3s[i],
					     cr4);
	if (has_note)
		notes[nr++] = (struct make_note){
			"VMCOREINFO", kernel->info,
			(u32)strlen(kernel->info) };
	return make_elf(kernel->memory, &(struct make_elf){
		.machine = make_is_arm64(kernel) ? EM_AARCH64 :
			   make_is_arm(kernel) ? EM_ARM :
			   is_64bit(kernel) ? EM_X86_64 : EM_386,
		.is_32 = make_is_arm(kernel),
		.notes = notes, .nr_notes = nr });
}

static u32 entry_len(const struct make_kernel *kernel)
{
	return kernel->paging == NA_PAGING_2LEVEL ? 4 : 8;
}

static void copy_kernel_half(struct make_kernel *kernel, u64 root)
{
	u32 len = entry_len(kernel);
	u32 nr = kernel->paging == NA_PAGING_PAE || make_is_arm(kernel) ?
		 4 : NA_IMAGE_PAGE / len;
	u32 from = kernel->nr_user * len;

	if (make_is_arm64(kernel))
		return;
	memcpy((u8 *)make_at(kernel->memory, root) + from,
	       (u8 *)make_at(kernel->memory, kernel->root) + from,
	       nr * len - from);
}

/* The kernel's entries for its modules and the kmap pool, in a table of its own. */
static void copy_below_kernel(struct make_kernel *kernel, u64 root)
{
	u64 va = kernel->page_offset - (16 << 20);
	u64 own = make_slot(kernel->memory, kernel->paging, kernel->root, va,
			    2);

	memcpy(make_at(kernel->memory, make_slot(kernel->memory, kernel->paging,
						 root, va, 2)),
	       make_at(kernel->memory, own), 8 * 8);
}

u64 make_process_root(struct make_kernel *kernel, bool has_pair)
{
	u64 root = has_pair ? make_root_pair(kernel->memory) :
			      make_root(kernel->memory, kernel->paging);
	u64 page = make_pages(kernel->memory, 1);

	copy_kernel_half(kernel, root);
	if (make_is_arm(kernel))
		copy_below_kernel(kernel, root);
	make_map(kernel->memory, kernel->paging, root, USER_VA, 1,
		 page | (make_is_arm(kernel) ? MAKE_ARM_USER :
			 make_is_arm64(kernel) ? MAKE_ARM64_USER : PAGE_BITS));
	if (has_pair)	/* it has the user half, and little of the kernel's */
		memcpy(make_at(kernel->memory, root + NA_IMAGE_PAGE),
		       make_at(kernel->memory, root),
		       kernel->nr_user * entry_len(kernel));
	return root;
}
