/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the text in which a kernel describes itself to dump tools
 *
 * Lines NAME=VALUE. Formats that have a note VMCOREINFO bring it; the kernel
 * keeps it at the start of a page of its own, so that it can be found in any
 * image by a scan (kernel/vmcore_info.c).
 */
#ifndef NA_DUMP_VMCOREINFO_H
#define NA_DUMP_VMCOREINFO_H

#include "image.h"

#define NA_VMCOREINFO_MAX	(4 * NA_IMAGE_PAGE)

/**
 * struct na_vmcoreinfo - the text; initialized to zeroes
 * @text: text with a NUL after it, or ""
 * @from: address of its page in the image; 0: from the note
 */
struct na_vmcoreinfo {
	char text[NA_VMCOREINFO_MAX + 1];
	u64 from;
};

/** na_vmcoreinfo_note() - take it from the image's note; false: there is none. */
bool na_vmcoreinfo_note(const struct na_image *image,
			struct na_vmcoreinfo *info);

/**
 * na_vmcoreinfo_scan() - look for it in all pages
 * @image: image
 * @from: first address to look at
 * @info: receives it
 *
 * What is found may be a stale copy, or a user's page that imitates it: the
 * caller checks whether it fits, and if it does not, continues after
 * @info->from. Pages that are missing are skipped.
 *
 * Return: true if there is one.
 */
bool na_vmcoreinfo_scan(struct na_image *image, u64 from,
			struct na_vmcoreinfo *info);

/**
 * na_vmcoreinfo_value() - value of a line
 * @info: text
 * @name: all that stands before the '=', as "SYMBOL(_stext)"
 * @len: receives its length
 *
 * Return: its first character, or NULL if there is no such line.
 */
const char *na_vmcoreinfo_value(const struct na_vmcoreinfo *info,
				const char *name, size_t *len);

/** na_vmcoreinfo_symbol() - the address in SYMBOL(@name); false: not in it. */
bool na_vmcoreinfo_symbol(const struct na_vmcoreinfo *info, const char *name,
			  u64 *address);

/**
 * na_vmcoreinfo_number() - the value of a line, decimal or with 0x before it
 *
 * Return: false if there is no such line; negative values wrap.
 */
bool na_vmcoreinfo_number(const struct na_vmcoreinfo *info, const char *name,
			  u64 *value);

#endif
