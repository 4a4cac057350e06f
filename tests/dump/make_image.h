/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A machine's memory with page tables in it, made by a test, and the files that
 * a dump of it would be.
 *
 *	struct make_memory *memory = make_memory(64 << 20);
 *	u64 root = make_root(memory, NA_PAGING_4LEVEL);
 *
 *	make_map(memory, NA_PAGING_4LEVEL, root, 0xffff888000000000,
 *		 1, make_pages(memory, 1) | 0x163);
 *	make_save_elf(memory, path, EM_X86_64);
 *	make_memory_free(memory);
 *
 * What cannot be done ends the program: a test has no use for the error.
 */
#ifndef MAKE_IMAGE_H
#define MAKE_IMAGE_H

#include <elf.h>

#include "../../port/dump/kernel.h"

#define MAKE_RANGES_MAX	8u

#define NR_X86_PAGINGS	(NA_PAGING_2LEVEL + 1u)

/* Of an entry that points to a table, and the same of arm64. */
#define MAKE_TABLE_BITS	0x067ull
#define MAKE_ARM64_TABLE 0x003ull

/**
 * struct make_range - physical addresses
 * @start: first
 * @end: after the last
 */
struct make_range {
	u64 start;
	u64 end;
};

struct make_memory;

/** make_memory() - zeroed RAM from address 0 to @len. */
struct make_memory *make_memory(u64 len);

/** make_memory_of() - RAM in ascending ranges, which may be any bytes. */
struct make_memory *make_memory_of(const struct make_range *ranges, u32 nr);

void make_memory_free(struct make_memory *memory);

/** make_at() - the byte at a physical address, and those behind it. */
void *make_at(struct make_memory *memory, u64 pa);

/**
 * make_pages() - physical address of @nr consecutive pages that are unused
 *
 * They ascend from page 1 on, are in one range, and aligned to @nr pages if
 * that is a power of two. A test that writes elsewhere by make_at() takes the
 * end of the memory.
 */
u64 make_pages(struct make_memory *memory, u32 nr);

/* --- page tables --- */

/** make_root() - an empty root table; for PAE and LPAE 32 bytes anywhere. */
u64 make_root(struct make_memory *memory, enum na_paging paging);

/**
 * make_root_pair() - two, as with PTI: the kernel's, and the user's behind it
 *
 * Return: the kernel's, aligned to two pages; the user's is at + 4096.
 */
u64 make_root_pair(struct make_memory *memory);

/**
 * make_slot() - physical address of the entry for @va
 * @level: 1 is the lowest; the root's entries are of level 5, 4, 3 (PAE, arm64
 *	with 39 bits) or 2
 *
 * Makes the tables on the way that are not there.
 */
u64 make_slot(struct make_memory *memory, enum na_paging paging, u64 root,
	      u64 va, u32 level);

/** make_map() - set that entry, of 8 or of 4 bytes, to @entry as it is. */
void make_map(struct make_memory *memory, enum na_paging paging, u64 root,
	      u64 va, u32 level, u64 entry);

/* --- files --- */

/**
 * struct make_bytes - contents of a file, for a test to change
 * @data: of malloc()
 * @len: bytes
 * @room: bytes that @data has room for
 */
struct make_bytes {
	u8 *data;
	size_t len;
	size_t room;
};

/**
 * struct make_note - a note of an ELF core
 * @name: its name
 * @desc: what it says
 * @len: bytes of it
 */
struct make_note {
	const char *name;
	const void *desc;
	u32 len;
};

/**
 * struct make_elf - what an ELF core is to be; all zeroes is a start
 * @machine: e_machine
 * @is_32: ELFCLASS32
 * @has_xnum: e_phnum is PN_XNUM, also where 16 bits would do
 * @notes: notes, in one segment before the others
 * @nr_notes: length of @notes
 * @loads: segments, all of them about the one copy of the memory; NULL: its
 *	ranges
 * @nr_loads: length of @loads
 */
struct make_elf {
	u16 machine;
	bool is_32;
	bool has_xnum;
	const struct make_note *notes;
	u32 nr_notes;
	const struct make_range *loads;
	u32 nr_loads;
};

/** make_elf() - header, program headers, notes, section header, memory. */
struct make_bytes make_elf(struct make_memory *memory,
			   const struct make_elf *elf);

/** make_qemu_note() - 440 bytes in @desc, with the control registers. */
struct make_note make_qemu_note(u8 desc[440], u64 cr0, u64 cr3, u64 cr4);

/** make_lime() - a LiME file. */
struct make_bytes make_lime(struct make_memory *memory);

/** make_raw() - memory from the first range's start, holes filled by zeroes. */
struct make_bytes make_raw(struct make_memory *memory);

/**
 * struct make_kdump - what a KDUMP file is to be
 * @machine: "x86_64", "i686", "aarch64" or "armv7l"
 * @is_qemu: as QEMU writes it: longs of 64 bits whatever the machine, and no
 *	release
 * @level: its dump level
 * @left_out: addresses of pages of RAM that it lacks
 * @nr_left_out: length of @left_out
 * @is_damaged: no compressed page can be unpacked
 * @vmcoreinfo: text, or NULL
 * @notes: notes, in all less than 28 KiB
 * @nr_notes: length of @notes
 */
struct make_kdump {
	const char *machine;
	bool is_qemu;
	u32 level;
	const u64 *left_out;
	u32 nr_left_out;
	bool is_damaged;
	const char *vmcoreinfo;
	const struct make_note *notes;
	u32 nr_notes;
};

/* A page that has this in all its bytes is compressed. */
#define MAKE_KDUMP_PACKED	0x41

/** make_kdump() - a KDUMP file; the memory's ranges are whole pages. */
struct make_bytes make_kdump(struct make_memory *memory,
			     const struct make_kdump *kdump);

/** make_save() - write them to a file, new or not. */
void make_save(struct make_bytes bytes, const char *path);

/** make_save_elf(), _lime(), _raw() - the same in one step. */
void make_save_elf(struct make_memory *memory, const char *path, u16 machine);
void make_save_lime(struct make_memory *memory, const char *path);
void make_save_raw(struct make_memory *memory, const char *path);

#endif
