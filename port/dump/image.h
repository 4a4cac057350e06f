/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the memory of a machine, by physical address
 *
 * A file with the memory of a stopped machine, or /proc/kcore of the running
 * one. The formats differ only in how they are opened; afterwards all of them
 * are ranges of physical addresses that can be read page by page.
 *
 * A page may be missing: it was left out of a filtered dump, or the machine has
 * no memory there. Reading it fails, and is never the same as reading zeroes,
 * with one exception: /proc/kcore gives zeroes for pages that it does not read,
 * and none of them can be a page table in use (kcore.c says why).
 *
 * A file may grow. If it is truncated while the image is open, or its device
 * fails, the next read of it ends the process: one line on stderr and status 2
 * (file.h says why). For that SIGBUS is caught while an image is open.
 *
 * Nothing here knows page tables or a kernel.
 *
 * Context: an image belongs to one thread at a time; images are opened and
 * closed while no other thread reads one.
 */
#ifndef NA_DUMP_IMAGE_H
#define NA_DUMP_IMAGE_H

#include <na_platform.h>

#include "notes.h"

#define NA_IMAGE_PAGE		4096u
#define NA_IMAGE_CPUS_MAX	4096u

/**
 * enum na_arch - architecture of the machine
 * @NA_ARCH_UNKNOWN: the format does not say
 * @NA_ARCH_X86_64: x86-64
 * @NA_ARCH_I386: x86 with 32 bits, with or without PAE
 * @NA_ARCH_ARM64: 64-bit ARM
 * @NA_ARCH_ARM: 32-bit ARM
 * @NR_NA_ARCHS: number of architectures
 */
enum na_arch {
	NA_ARCH_UNKNOWN,
	NA_ARCH_X86_64,
	NA_ARCH_I386,
	NA_ARCH_ARM64,
	NA_ARCH_ARM,
	NR_NA_ARCHS,
};

/** na_arch_name() - "x86-64", "i386", … as in the enum, or "??". */
const char *na_arch_name(enum na_arch arch);

/**
 * enum na_image_format - format of the file
 * @NA_IMAGE_ELF: ELF core of 32 or 64 bits
 * @NA_IMAGE_KCORE: /proc/kcore
 * @NA_IMAGE_LIME: LiME, version 1
 * @NA_IMAGE_KDUMP: what makedumpfile writes, read by libkdumpfile
 * @NA_IMAGE_RAW: memory from one address on, and nothing else
 * @NR_NA_IMAGE_FORMATS: number of formats
 */
enum na_image_format {
	NA_IMAGE_ELF,
	NA_IMAGE_KCORE,
	NA_IMAGE_LIME,
	NA_IMAGE_KDUMP,
	NA_IMAGE_RAW,
	NR_NA_IMAGE_FORMATS,
};

/** na_image_format_name() - "ELF", "/proc/kcore", "LiME", …, or "??". */
const char *na_image_format_name(enum na_image_format format);

/**
 * struct na_image_cpu - registers of a CPU, from a note of QEMU
 * @cr0: control register 0
 * @cr3: control register 3: the root of its page tables
 * @cr4: control register 4
 */
struct na_image_cpu {
	u64 cr0;
	u64 cr3;
	u64 cr4;
};

/**
 * struct na_image_range - consecutive physical addresses in the image
 * @start: first address, a multiple of NA_IMAGE_PAGE
 * @end: address after the last, likewise
 */
struct na_image_range {
	u64 start;
	u64 end;
};

/**
 * struct na_image_about - what the file says of itself
 * @format: its format
 * @arch: architecture, if the format says so
 * @is_live: memory of the running machine: it changes while it is read
 * @is_instant: memory of one instant: the machine stood while it was written
 * @is_rereadable: a second reading can differ from the first, and then tells
 *	what was a mistake of the first; false for files
 * @may_lack_pages: a filtered dump: pages of RAM may be missing, in KDUMP also
 *	within the ranges
 * @lacks_zeroes: among them those that are all zeroes
 * @missing_len: bytes of the machine's System RAM that are known not to be in
 *	it: high memory, for a live machine of 32 bits. Its page tables may be
 *	among them
 * @vmcoreinfo: text of the note VMCOREINFO with a NUL after it, or NULL
 * @vmcoreinfo_len: its length without that NUL
 * @cpus: registers of the CPUs, as far as there are notes
 * @nr_cpus: length of @cpus
 * @ranges: whole pages of memory in it, ascending; they neither overlap nor
 *	touch
 * @nr_ranges: length of @ranges
 */
struct na_image_about {
	enum na_image_format format;
	enum na_arch arch;
	bool is_live;
	bool is_instant;
	bool is_rereadable;
	bool may_lack_pages;
	bool lacks_zeroes;
	u64 missing_len;
	const char *vmcoreinfo;
	size_t vmcoreinfo_len;
	const struct na_image_cpu *cpus;
	u32 nr_cpus;
	const struct na_image_range *ranges;
	u32 nr_ranges;
};

struct na_image;

/**
 * struct na_image_options - how to read a file that does not say it
 * @base: physical address of the first byte of a raw file
 * @is_raw: it is raw, whatever it begins with
 */
struct na_image_options {
	u64 base;
	bool is_raw;
};

/**
 * na_image_open() - open a file
 * @path: its name; /proc/kcore is the running machine
 * @options: or NULL
 * @notes: receives an error of one line
 * @image: receives it
 *
 * Anything may be in the file. Time and memory are bounded by its length and
 * by limits that the errors name. What is known to be missing, as in a file
 * that was truncated, is a loss.
 *
 * Return: 0, or -1 after an error.
 */
int na_image_open(const char *path, const struct na_image_options *options,
		  struct na_notes *notes, struct na_image **image);

/** na_image_close() - free it; NULL is allowed. */
void na_image_close(struct na_image *image);

/** na_image_about() - what is known of it; valid as long as the image. */
const struct na_image_about *na_image_about(const struct na_image *image);

/**
 * na_image_page() - one page
 * @image: image
 * @pa: physical address, a multiple of NA_IMAGE_PAGE
 * @buf: NA_IMAGE_PAGE bytes, aligned to 8, that may receive it
 *
 * Return: the page: @buf, or a pointer into the file that is valid as long as
 * the image; NULL if it is missing or could not be read.
 */
const void *na_image_page(struct na_image *image, u64 pa, void *buf);

/**
 * na_image_read() - bytes at any physical address
 *
 * Return: true if all @len of them could be read.
 */
bool na_image_read(struct na_image *image, u64 pa, void *to, size_t len);

/** na_image_has() - is this address in a range of it? The page may be missing. */
bool na_image_has(const struct na_image *image, u64 pa);

/**
 * na_image_may_be_zeroes() - was this missing page left out, and as zeroes?
 *
 * makedumpfile -d 1 leaves out pages of zeroes, others those of user space, of
 * the page cache and free ones. Where a table in use points to a page that was
 * left out, that is a table of zeroes: none of the other kinds can be a table.
 *
 * Return: true if the page is in a range, a dump of that kind does not have it
 * on purpose, and it may have been zeroes.
 */
bool na_image_may_be_zeroes(struct na_image *image, u64 pa);

#endif
