/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A kernel in a made-up machine: its own page tables, what it says of itself,
 * symbols, types, processes. A test changes what it wants to be wrong.
 *
 *	struct make_kernel *kernel = make_kernel(NA_PAGING_4LEVEL);
 *	u64 pgd = make_process_root(kernel);
 *
 *	make_symbols(kernel, MAKE_BASE_OR_ABSOLUTE);
 *	make_say_info(kernel);
 *	world_open_bytes(make_kernel_elf(kernel, NULL), NULL);
 */
#ifndef MAKE_KERNEL_H
#define MAKE_KERNEL_H

#include "make_image.h"

/* x86-64: the image's addresses less their physical ones. */
#define MAKE_KERNEL_MAP		0xffffffff80000000ull
#define MAKE_PHYS_BASE		0xffffffffff800000ull	/* -8 MiB */
#define MAKE_MEMORY		(8ull << 20)

/* arm64: where memory begins, and of the image the first address. */
#define MAKE_ARM64_MEMORY	0x40000000ull
#define MAKE_ARM64_IMAGE(paging) \
	((paging) == NA_PAGING_ARM64_48 ? 0xffff800008000000ull : \
					  0xffffffc008000000ull)
/* Leaves of arm64: Normal memory that the kernel or a process has. */
#define MAKE_ARM64_BLOCK	0x0060000000000701ull
#define MAKE_ARM64_PAGE		0x0060000000000703ull
#define MAKE_ARM64_USER		0x0060000000000f43ull

/* 32-bit ARM: low memory begins, and high memory does, which is 2 MiB. */
#define MAKE_ARM_MEMORY		0x40000000ull
#define MAKE_ARM_HIGH		0x80000000ull
/* Leaves of it, Write-Back: of the kernel, and a page of a process. */
#define MAKE_ARM_BLOCK		0x71dull
#define MAKE_ARM_PAGE		0x71full
#define MAKE_ARM_USER		0xf5full
/* Linux marks the kernel's entries of a root so. */
#define MAKE_ARM_SWAPPER	(1ull << 55)

#define MAKE_RELEASE		"6.1.0-test"
#define MAKE_SYMBOLS_MAX	64u

/**
 * struct make_symbol - a symbol
 * @name: name, with its type before it as in kallsyms: "Tinit_task"
 * @address: address
 */
struct make_symbol {
	char name[64];
	u64 address;
};

/**
 * struct make_kernel - a kernel
 * @memory: its machine
 * @paging: its tables
 * @page_offset: first address of its direct map
 * @vmemmap: first address of its memory map; x86-64
 * @root: physical address of its root table
 * @nr_user: entries of the user half
 * @info: what VMCOREINFO is to say
 * @symbols: its symbols
 * @nr_symbols: how many
 * @is_old: lists where later ones have trees and nodes: 6.0, not 6.12
 * @pgd_list: address of the head of the list of root tables
 * @last_task: address of the task that was linked last
 */
struct make_kernel {
	struct make_memory *memory;
	enum na_paging paging;
	u64 page_offset;
	u64 vmemmap;
	u64 root;
	u32 nr_user;
	char info[4096];
	struct make_symbol symbols[MAKE_SYMBOLS_MAX];
	u32 nr_symbols;
	bool is_old;
	u64 pgd_list;
	u64 last_task;
};

/**
 * make_kernel() - a kernel with 8 MiB, where it is without KASLR
 *
 * Its direct map and the map of its image have large pages (blocks); @info names root
 * and formats. Symbols and the rest are not there yet.
 */
struct make_kernel *make_kernel(enum na_paging paging);

/** make_kernel_at() - the same with its direct map somewhere else. */
struct make_kernel *make_kernel_at(enum na_paging paging, u64 page_offset);

void make_kernel_free(struct make_kernel *kernel);

/** make_say() - add a line to @info. */
__attribute__((format(printf, 2, 3)))
void make_say(struct make_kernel *kernel, const char *format, ...);

/** make_unsay() - remove the line that begins with @start. */
void make_unsay(struct make_kernel *kernel, const char *start);

/** make_info_page() - put @info into a page, as the kernel does; its address. */
u64 make_info_page(struct make_kernel *kernel);

/** make_room() - @len bytes of the kernel, from a page's start; their address. */
u64 make_room(struct make_kernel *kernel, size_t len);

/** make_pa() - physical address of an address in the direct map or the image. */
u64 make_pa(const struct make_kernel *kernel, u64 va);

/** make_va() - address in the direct map. */
u64 make_va(const struct make_kernel *kernel, u64 pa);

/** make_image_va() - of 64 bits: address in the image, where symbols are. */
u64 make_image_va(const struct make_kernel *kernel, u64 pa);

/** make_is_arm64() - is it a kernel of arm64? Its symbols are functions only. */
bool make_is_arm64(const struct make_kernel *kernel);

/** make_is_arm() - is it of 32-bit ARM, with LPAE? It has no types. */
bool make_is_arm(const struct make_kernel *kernel);

/** make_write() - write to an address of the direct map or the image. */
void make_write(struct make_kernel *kernel, u64 va, const void *from,
		size_t len);

/** make_word() - write a word of 8 bytes; make_half() one of 4. */
void make_word(struct make_kernel *kernel, u64 va, u64 value);
void make_half(struct make_kernel *kernel, u64 va, u32 value);

/** make_kernel_elf() - the file, with @info in a note if @has_note. */
struct make_bytes make_kernel_elf(struct make_kernel *kernel, bool has_note,
				  const u64 *cr3s, u32 nr_cr3s, u64 cr4);

/**
 * make_process_root() - a root table with the kernel's half, and a user page
 *
 * Of a pair for PTI if @has_pair: the user's table is at + 4096.
 */
u64 make_process_root(struct make_kernel *kernel, bool has_pair);

/* --- symbols --- */

/**
 * enum make_layout - where kallsyms has the addresses
 * @MAKE_BASE_OR_ABSOLUTE: offsets, absolute ones positive
 * @MAKE_BASE: offsets, not negative
 * @MAKE_PLACE: offsets from where they are
 * @MAKE_WHOLE: addresses
 * @NR_MAKE_LAYOUTS: number of layouts
 */
enum make_layout {
	MAKE_BASE_OR_ABSOLUTE,
	MAKE_BASE,
	MAKE_PLACE,
	MAKE_WHOLE,
	NR_MAKE_LAYOUTS,
};

/**
 * struct make_kallsyms - where the tables are, for a test to spoil them
 */
struct make_kallsyms {
	u64 names;
	size_t names_len;
	u64 num_syms;
	u64 token_table;
	u64 token_index;
	u64 offsets;
	u64 relative_base;
};

/** make_symbol() - a symbol, type before its name; the first is _stext. */
void make_symbol(struct make_kernel *kernel, const char *name, u64 address);

/** make_symbols() - write kallsyms; @info says where it is. */
struct make_kallsyms make_symbols(struct make_kernel *kernel,
				  enum make_layout layout);

/* --- types --- */

/** make_types() - BTF of the structs that are read, with its two symbols. */
void make_types(struct make_kernel *kernel);

/** make_offset_of() - offset of a member in them. */
u64 make_offset_of(const char *type, const char *member);

/** make_size_of() - size of one of them. */
u64 make_size_of(const char *type);

/* --- address spaces --- */

/** make_lists() - empty lists of root tables and tasks, with their symbols. */
void make_lists(struct make_kernel *kernel);

/** make_listed_root() - link a root table's page into pgd_list. */
void make_listed_root(struct make_kernel *kernel, u64 root, u64 mm);

/** make_mm() - an mm_struct with this root table; its address. */
u64 make_mm(struct make_kernel *kernel, u64 root);

/** make_task() - a process; 0 for @mm: none. Its address. */
u64 make_task(struct make_kernel *kernel, u64 mm, int pid, const char *comm);

/** make_thread() - one more thread of a process. */
u64 make_thread(struct make_kernel *kernel, u64 task, u64 mm);

#endif
