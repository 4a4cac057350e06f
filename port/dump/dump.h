/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: audit of a memory image
 *
 * The fourth port: page tables of a machine that is not asked but read, from a
 * file or from /proc/kcore. It implements include/noalias/audit_port.h.
 *
 *	image   memory by physical address	image.h, one file a format
 *	kernel  root, symbols, types, layout	kernel.h
 *	spaces  all address spaces		lists.c, scan.c
 *	names   mappings of processes		names.h
 *	types   PAT and MTRRs			registers.c
 *	kinds   memory or device?		resources.c
 *	walk    tables of the whole machine	walk.c
 */
#ifndef NA_DUMP_H
#define NA_DUMP_H

#include <noalias/audit.h>

#include "kernel.h"

/**
 * struct na_dump_options - what to open, and what the user knows better
 * @path: file, or "/proc/kcore"
 * @image: how to read a file that does not say it
 * @kernel: what to take for granted
 * @pat: value of the PAT register, if @has_pat
 * @has_pat: take it
 * @mair: value of the register MAIR_EL1, if @has_mair
 * @has_mair: take it
 */
struct na_dump_options {
	const char *path;
	struct na_image_options image;
	struct na_kernel_options kernel;
	u64 pat;
	bool has_pat;
	u64 mair;
	bool has_mair;
};

struct na_dump;

/**
 * na_dump_open() - open an image and find the kernel in it
 * @options: what to open
 * @notes: outlives the dump; receives assumptions, losses, an error
 * @dump: receives it
 *
 * Return: 0, or -1 after an error.
 */
int na_dump_open(const struct na_dump_options *options, struct na_notes *notes,
		 struct na_dump **dump);

/** na_dump_close() - free it; NULL is allowed. */
void na_dump_close(struct na_dump *dump);

/** na_dump_image() - what is known of the image. */
const struct na_image_about *na_dump_image(const struct na_dump *dump);

/** na_dump_kernel() - what is known of the kernel. */
const struct na_kernel *na_dump_kernel(const struct na_dump *dump);

/**
 * na_dump_audit() - audit it
 * @dump: dump
 * @limits: as na_audit_run()
 * @result: as na_audit_run()
 *
 * What could not be read is among the losses, and the result is cut.
 * Return: as na_audit_run(), or -EIO after an error in the notes.
 */
int na_dump_audit(struct na_dump *dump, const struct na_audit_limits *limits,
		  struct na_audit_result **result);

/**
 * na_dump_name_area() - who made the vmalloc area at an address of the kernel?
 * @dump: dump
 * @va: address
 * @name: receives the name of the function, and of its module in brackets
 * @size: bytes of @name
 *
 * Of an image; the running machine has /proc/vmallocinfo. Return: false if it
 * is not known.
 */
bool na_dump_name_area(struct na_dump *dump, u64 va, char *name, size_t size);

#endif
