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

#include "../x86/types.h"
#include "kernel.h"

/**
 * struct na_dump_options - what to open, and what the user knows better
 * @path: file, or "/proc/kcore"
 * @image: how to read a file that does not say it
 * @kernel: what to take for granted
 * @pat: value of the PAT register, if @has_pat
 * @has_pat: take it
 * @mair: value of the register MAIR_EL1, of 32-bit ARM MAIR1 and MAIR0, if
 *	@has_mair
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
 * na_dump_list() - list all mappings of some frames
 *
 * Otherwise as na_audit_list() and na_dump_audit().
 */
int na_dump_list(struct na_dump *dump, const struct na_audit_choice *choice,
		 const struct na_audit_limits *limits,
		 struct na_audit_result **result);

/**
 * enum na_register_source - where the value of a register is from
 * @NA_REGISTER_READ: from what the kernel remembers of it
 * @NA_REGISTER_GIVEN: from na_dump_options
 * @NA_REGISTER_ASSUMED: as on most machines; there is an assumption about it
 * @NR_NA_REGISTER_SOURCES: number of sources
 */
enum na_register_source {
	NA_REGISTER_READ,
	NA_REGISTER_GIVEN,
	NA_REGISTER_ASSUMED,
	NR_NA_REGISTER_SOURCES,
};

/**
 * struct na_dump_registers - registers by which types are judged
 * @types: PAT and MTRRs, as the audit uses them; NULL: it is not an x86
 * @attrs: of arm64 and 32-bit ARM: enum na_audit_type by index into MAIR
 * @pat: where the PAT, or MAIR_EL1, is from
 * @mtrrs: where the MTRRs are from
 * @mtrrs_enabled: the MTRRs have an effect at all
 * @fixed_enabled: those of the first MiB have
 * @default_type: enum na_audit_type of frames without an MTRR, if that is read;
 *	the audit takes them for WB
 */
struct na_dump_registers {
	const struct na_x86_types *types;
	u8 attrs[8];
	enum na_register_source pat;
	enum na_register_source mtrrs;
	bool mtrrs_enabled;
	bool fixed_enabled;
	u8 default_type;
};

/** na_dump_registers() - of the machine; valid as long as @dump. */
const struct na_dump_registers *na_dump_registers(const struct na_dump *dump);

/**
 * na_dump_range_type() - what the MTRRs say of a frame
 * @dump: dump
 * @frame: number of the frame
 * @nr: frames from there on; receives for how many they say the same
 *
 * Return: enum na_audit_type; NR_NA_AUDIT_TYPES: nothing.
 */
u8 na_dump_range_type(struct na_dump *dump, u64 frame, u32 *nr);

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
