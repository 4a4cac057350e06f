/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the Linux kernel in an image
 *
 * Where its page tables begin, and as far as the image tells: its symbols
 * (kallsyms), its types (BTF), and every address space. Without symbols and
 * types the root of the kernel's tables is enough to find address spaces by a
 * scan.
 *
 * Everything that had to be assumed is in the notes.
 */
#ifndef NA_DUMP_KERNEL_H
#define NA_DUMP_KERNEL_H

#include "image.h"

#define NA_KERNEL_RELEASE_MAX	66u
#define NA_KERNEL_BUILD_ID_MAX	66u
#define NA_KERNEL_COMM_MAX	16u

/**
 * enum na_paging - format of the page tables
 * @NA_PAGING_4LEVEL: x86-64, 48 bits
 * @NA_PAGING_5LEVEL: x86-64, 57 bits
 * @NA_PAGING_PAE: i386, entries of 64 bits; the root is 32 bytes anywhere in a
 *	page
 * @NA_PAGING_2LEVEL: i386 without PAE, entries of 32 bits
 * @NA_PAGING_ARM64_48: arm64, pages of 4 KiB, 48 bits
 * @NA_PAGING_ARM64_39: arm64, pages of 4 KiB, 39 bits
 * @NA_PAGING_ARM_LPAE: 32-bit ARM, entries of 64 bits; the root is 32 bytes
 *	anywhere in a page
 * @NR_NA_PAGINGS: number of formats
 */
enum na_paging {
	NA_PAGING_4LEVEL,
	NA_PAGING_5LEVEL,
	NA_PAGING_PAE,
	NA_PAGING_2LEVEL,
	NA_PAGING_ARM64_48,
	NA_PAGING_ARM64_39,
	NA_PAGING_ARM_LPAE,
	NR_NA_PAGINGS,
};

/**
 * struct na_kernel_options - what the user knows better
 * @root: physical address of the kernel's root table; 0: to be found
 * @scan: look for address spaces in every page, also if they are listed
 */
struct na_kernel_options {
	u64 root;
	bool scan;
};

/**
 * struct na_kernel_layout - where the kernel has its regions; 0: not known
 * @page_offset: first address of the direct map
 * @direct_end: address after its last; 0: where memory ends
 * @direct_shift: ARM: physical address at @page_offset; of arm64 it may have
 *	wrapped
 * @vmalloc_start: first address for vmalloc()
 * @vmalloc_end: address after the last
 * @vmemmap: first address of the memory map
 * @vmemmap_end: address after its last
 * @text: first address of the kernel's image
 * @text_end: address after its last, data and all
 * @modules_start: first address of modules
 * @modules_end: address after the last
 * @fixmap_end: address after the last fixed page, which is that of index 0
 * @kmap: first address of the kmap pool; 0: there is none, or it is not known
 * @kmap_end: address after its last
 * @shadow: first address of KASAN's shadow memory; 0: there is none, or it is not
 *	known
 * @shadow_end: address after its last
 */
struct na_kernel_layout {
	u64 page_offset;
	u64 direct_end;
	u64 direct_shift;
	u64 vmalloc_start;
	u64 vmalloc_end;
	u64 vmemmap;
	u64 vmemmap_end;
	u64 text;
	u64 text_end;
	u64 modules_start;
	u64 modules_end;
	u64 fixmap_end;
	u64 kmap;
	u64 kmap_end;
	u64 shadow;
	u64 shadow_end;
};

/**
 * struct na_kernel_space - an address space
 * @root: physical address of its root table; of a pair for PTI, the kernel's
 * @mm: address of its mm_struct; 0: not known
 * @pid: of its process; 0: none, or not known
 * @comm: name of the process; "" if not known. Any bytes
 * @is_listed: the kernel lists it; otherwise a scan found it
 * @is_process: its user half is of a process; otherwise of the firmware, of
 *	starting CPUs or of the kernel, and @comm is the name that we give it
 * @is_kernel_half: it translates addresses of the kernel, beside the kernel's
 *	own root
 */
struct na_kernel_space {
	u64 root;
	u64 mm;
	int pid;
	char comm[NA_KERNEL_COMM_MAX];
	bool is_listed;
	bool is_process;
	bool is_kernel_half;
};

/**
 * struct na_kernel - the kernel
 * @image: image
 * @notes: receives assumptions and losses
 * @arch: architecture
 * @paging: format of its tables
 * @release: as uname -r prints it; "" if not known
 * @build_id: in hexadecimal; "" if not known
 * @root: physical address of the kernel's root table
 * @sme_mask: bits of entries that are no part of an address
 * @layout: its regions
 * @info: what it says of itself in VMCOREINFO, or NULL
 * @spaces: all address spaces, each once; the kernel's own only if @root had to
 *	be taken from a CPU and so has the user half of a process
 * @nr_spaces: length of @spaces
 * @symbols: its symbols, or NULL
 * @btf: its types, or NULL
 */
struct na_kernel {
	struct na_image *image;
	struct na_notes *notes;
	enum na_arch arch;
	enum na_paging paging;
	char release[NA_KERNEL_RELEASE_MAX];
	char build_id[NA_KERNEL_BUILD_ID_MAX];
	u64 root;
	u64 sme_mask;
	struct na_kernel_layout layout;
	struct na_vmcoreinfo *info;
	struct na_kernel_space *spaces;
	u32 nr_spaces;
	struct na_symbols *symbols;
	struct na_btf *btf;
};

/**
 * na_kernel_open() - find the kernel in an image
 * @image: image, outlives the kernel
 * @options: or NULL
 * @notes: outlives the kernel; receives assumptions, losses, an error
 * @kernel: caller's memory; na_kernel_close() also after an error
 *
 * Root, symbols, types and layout; not the spaces.
 * Return: 0, or -1 after an error.
 */
int na_kernel_open(struct na_image *image,
		   const struct na_kernel_options *options,
		   struct na_notes *notes, struct na_kernel *kernel);

/**
 * na_kernel_list_spaces() - find all address spaces, anew
 *
 * By the kernel's list of root tables; if there is none or it is broken off, by
 * a scan, unless the machine runs and @options do not ask for it. A list that
 * cannot be followed to its end, a scan that was not made, pages that it could
 * not read, and the root of a CPU that is not among the found are losses.
 *
 * In a running machine a space may end after this call, and its root table be
 * used for something else: what is found in it then must be found again after
 * another call.
 *
 * Return: 0, or -1 after an error.
 */
int na_kernel_list_spaces(struct na_kernel *kernel,
			  const struct na_kernel_options *options);

/** na_kernel_close() - free what it has. */
void na_kernel_close(struct na_kernel *kernel);

/**
 * na_kernel_translate() - physical address of an address of the kernel
 *
 * Return: true if it is mapped and its tables could be read.
 */
bool na_kernel_translate(struct na_kernel *kernel, u64 va, u64 *pa);

/** na_kernel_read() - bytes at an address of the kernel; true if all of them. */
bool na_kernel_read(struct na_kernel *kernel, u64 va, void *to, size_t len);

/** na_kernel_word() - the 8 bytes at an address; 0 if they cannot be read. */
u64 na_kernel_word(struct na_kernel *kernel, u64 va);

/**
 * na_kernel_symbol() - address of a symbol, from kallsyms or VMCOREINFO
 *
 * Return: 0 if it is not known.
 */
u64 na_kernel_symbol(const struct na_kernel *kernel, const char *name);

/** na_kernel_variable() - value of a variable of 8 bytes; 0 if not known. */
u64 na_kernel_variable(struct na_kernel *kernel, const char *name);

/**
 * na_kernel_member() - offset of a member in bytes, also in anonymous structs
 *
 * Return: -1 if type or member is not known.
 */
long na_kernel_member(const struct na_kernel *kernel, const char *type,
		      const char *member);

/**
 * na_kernel_field() - value of a member of 8 bytes
 * @kernel: kernel
 * @base: address of the struct, or 0
 * @type: its type
 * @member: its member
 *
 * Return: 0 also if @base is 0, or something is not known or cannot be read.
 */
u64 na_kernel_field(struct na_kernel *kernel, u64 base, const char *type,
		    const char *member);

/** na_kernel_sizeof() - size of a struct in bytes; -1 if it is not known. */
long na_kernel_sizeof(const struct na_kernel *kernel, const char *type);

#endif
