// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ELF cores of a machine, of 32 or 64 bits: QEMU's dump-guest-memory with and
 * without paging, /proc/vmcore, what makedumpfile -E writes, and /proc/kcore.
 *
 * A program header has 16 bits for its number. From 65535 of them on the number
 * is in section header 0 (PN_XNUM, ELF gABI), as in most dumps with paging.
 */
#include <elf.h>

#include "format.h"

/* 900 MiB of headers: QEMU's of 64 GiB in single pages. */
#define HEADERS_MAX	(1u << 24)
/* Four times what 4096 CPUs need. */
#define NOTES_LEN_MAX	(16u << 20)

/* What is used of a header, whatever its class. */
struct elf {
	struct na_image *image;
	bool is_64;
	u16 type;
	u16 machine;
	u64 headers;
	u32 header_len;
	u32 nr_headers;
	u64 section;
	u32 nr_loads;
	u32 nr_at_zero;
	u64 notes_len;
};

struct program {
	u32 type;
	u64 offset;
	u64 address;
	u64 len;
	u64 memory_len;
};

static int fail(const struct elf *elf, const char *why)
{
	return na_notes_fail(elf->image->notes, "%s: ELF: %s",
			     elf->image->file.name, why);
}

static bool read_at(const struct elf *elf, u64 offset, void *to, size_t len)
{
	return na_file_read(&elf->image->file, offset, to, len);
}

/* --- the header --- */

static int check_ident(struct elf *elf)
{
	u8 ident[EI_NIDENT];

	if (!read_at(elf, 0, ident, sizeof(ident)))
		return fail(elf, "its header is truncated");
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return fail(elf, "its class is neither 32 nor 64 bits");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return fail(elf, "is not little-endian: of no architecture that is known");
	elf->is_64 = ident[EI_CLASS] == ELFCLASS64;
	return 0;
}

static bool read_header_32(struct elf *elf)
{
	Elf32_Ehdr header;

	if (!read_at(elf, 0, &header, sizeof(header)))
		return false;
	elf->type = header.e_type;
	elf->machine = header.e_machine;
	elf->headers = header.e_phoff;
	elf->header_len = header.e_phentsize;
	elf->nr_headers = header.e_phnum;
	elf->section = header.e_shoff;
	return true;
}

static bool read_header_64(struct elf *elf)
{
	Elf64_Ehdr header;

	if (!read_at(elf, 0, &header, sizeof(header)))
		return false;
	elf->type = header.e_type;
	elf->machine = header.e_machine;
	elf->headers = header.e_phoff;
	elf->header_len = header.e_phentsize;
	elf->nr_headers = header.e_phnum;
	elf->section = header.e_shoff;
	return true;
}

static int check_machine(struct elf *elf)
{
	enum na_arch *arch = &elf->image->about.arch;

	switch (elf->machine) {
	case EM_X86_64:
		*arch = NA_ARCH_X86_64;
		return 0;
	case EM_386:
		*arch = NA_ARCH_I386;
		return 0;
	case EM_AARCH64:
		*arch = NA_ARCH_ARM64;
		return 0;
	case EM_ARM:
		*arch = NA_ARCH_ARM;
		return 0;
	}
	return na_notes_fail(elf->image->notes, "%s: ELF: e_machine %u is not x86-64, i386, arm64 or arm",
			     elf->image->file.name, elf->machine);
}

static int count_in_section(struct elf *elf)
{
	Elf32_Shdr of_32;
	Elf64_Shdr of_64;

	if (!elf->section ||
	    !(elf->is_64 ? read_at(elf, elf->section, &of_64, sizeof(of_64)) :
			   read_at(elf, elf->section, &of_32, sizeof(of_32))))
		return fail(elf, "e_phnum is PN_XNUM, and section header 0 is missing or truncated");
	elf->nr_headers = elf->is_64 ? of_64.sh_info : of_32.sh_info;
	return 0;
}

static int check_headers(struct elf *elf)
{
	size_t len = elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	u64 file_len = elf->image->file.len;

	if (elf->header_len != len)
		return na_notes_fail(elf->image->notes, "%s: ELF: e_phentsize is %u, not %zu",
				     elf->image->file.name, elf->header_len, len);
	if (elf->nr_headers > HEADERS_MAX)
		return na_notes_fail(elf->image->notes, "%s: ELF: %u program headers, more than %u",
				     elf->image->file.name, elf->nr_headers,
				     HEADERS_MAX);
	if (elf->headers > file_len ||
	    elf->nr_headers * len > file_len - elf->headers)
		return na_notes_fail(elf->image->notes, "%s: ELF: is truncated: %u program headers at byte %llu are not all there",
				     elf->image->file.name, elf->nr_headers,
				     elf->headers);
	return 0;
}

static int open_header(struct elf *elf)
{
	if (check_ident(elf))
		return -1;
	if (!(elf->is_64 ? read_header_64(elf) : read_header_32(elf)))
		return fail(elf, "its header is truncated");
	if (elf->type != ET_CORE)
		return na_notes_fail(elf->image->notes, "%s: ELF: is not a core: e_type is %u, not %u",
				     elf->image->file.name, elf->type, ET_CORE);
	if (check_machine(elf))
		return -1;
	if (elf->nr_headers == PN_XNUM && count_in_section(elf))
		return -1;
	return check_headers(elf);
}

/* --- program headers --- */

static bool read_program_32(const struct elf *elf, u64 offset,
			    struct program *program)
{
	Elf32_Phdr header;

	if (!read_at(elf, offset, &header, sizeof(header)))
		return false;
	program->type = header.p_type;
	program->offset = header.p_offset;
	program->address = header.p_paddr;
	program->len = header.p_filesz;
	program->memory_len = header.p_memsz;
	/* No address, in 32 bits. */
	if (header.p_paddr == UINT32_MAX)
		program->address = ~0ull;
	return true;
}

static bool read_program_64(const struct elf *elf, u64 offset,
			    struct program *program)
{
	Elf64_Phdr header;

	if (!read_at(elf, offset, &header, sizeof(header)))
		return false;
	program->type = header.p_type;
	program->offset = header.p_offset;
	program->address = header.p_paddr;
	program->len = header.p_filesz;
	program->memory_len = header.p_memsz;
	return true;
}

/*
 * The vmalloc region and others of /proc/kcore, or of a copy of it, have no
 * physical address. What they map is in the segments of RAM.
 */
static int add_load(struct elf *elf, const struct program *program, u32 nr)
{
	if (program->address == ~0ull || !program->len)
		return 0;
	/* makedumpfile -E leaves pages out so. */
	if (program->memory_len > program->len)
		elf->image->about.may_lack_pages = true;
	elf->nr_loads++;
	elf->nr_at_zero += !program->address;
	return na_segment_add(elf->image, "program header", nr,
			      (struct na_segment){ program->address,
						   program->len,
						   program->offset });
}

/*
 * Without notes there is memory, but the root tables of the CPUs may be unknown
 * that an audit has to have seen.
 */
static int add_notes(struct elf *elf, const struct program *program, u32 nr)
{
	struct na_image *image = elf->image;
	u8 *bytes;
	int ret;

	if (program->len > NOTES_LEN_MAX - elf->notes_len) {
		na_notes_lose(image->notes, "%s: ELF: program header %u: more than %u bytes of notes: the rest is not read",
			      image->file.name, nr, NOTES_LEN_MAX);
		return 0;
	}
	elf->notes_len += program->len;
	bytes = malloc((size_t)program->len + 1);
	if (!bytes)
		return fail(elf, "no memory for its notes");
	ret = 0;
	if (read_at(elf, program->offset, bytes, (size_t)program->len))
		ret = na_elf_notes(image, bytes, (size_t)program->len);
	else
		na_notes_lose(image->notes, "%s: ELF: is truncated: the notes of program header %u are missing",
			      image->file.name, nr);
	free(bytes);
	return ret;
}

static int add_program(struct elf *elf, u32 nr)
{
	u64 offset = elf->headers + (u64)nr * elf->header_len;
	struct program program = { .type = PT_NULL };

	if (!(elf->is_64 ? read_program_64(elf, offset, &program) :
			   read_program_32(elf, offset, &program)))
		return na_notes_fail(elf->image->notes, "%s: ELF: program header %u cannot be read",
				     elf->image->file.name, nr);
	switch (program.type) {
	case PT_LOAD:
		return add_load(elf, &program, nr);
	case PT_NOTE:
		return add_notes(elf, &program, nr);
	}
	return 0;
}

int na_elf_open(struct na_image *image)
{
	struct elf elf = { .image = image };
	u32 nr;

	image->about.format = NA_IMAGE_ELF;
	image->about.is_instant = true;
	if (open_header(&elf))
		return -1;
	for (nr = 0; nr < elf.nr_headers; nr++)
		if (add_program(&elf, nr))
			return -1;
	if (elf.nr_loads > 1 && elf.nr_loads == elf.nr_at_zero)
		return fail(&elf, "is the core of a process: every p_paddr is 0");
	return 0;
}
