// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Made-up memory as ELF core, LiME or raw file.
 */
#include <fcntl.h>
#include <unistd.h>

#include "make_internal.h"

#define QEMU_LEN	440u

/* --- writing --- */

/* @data behind what is there; where it begins. */
static size_t append(struct make_bytes *bytes, const void *data, size_t len)
{
	size_t at = bytes->len;

	if (bytes->room - at < len) {
		bytes->room = 2 * (at + len) + 4096;
		bytes->data = realloc(bytes->data, bytes->room);
		if (!bytes->data)
			make_fail("out of memory");
	}
	if (data)
		memcpy(bytes->data + at, data, len);
	else if (len)
		memset(bytes->data + at, 0, len);
	bytes->len += len;
	return at;
}

static void pad(struct make_bytes *bytes, size_t align)
{
	append(bytes, NULL, (align - bytes->len % align) % align);
}

void make_save(struct make_bytes bytes, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t done = 0;
	ssize_t now;

	if (fd < 0)
		make_fail("a file cannot be made");
	while (done < bytes.len) {
		now = write(fd, bytes.data + done, bytes.len - done);
		if (now <= 0)
			make_fail("a file cannot be written");
		done += (size_t)now;
	}
	close(fd);
}

static void save_and_free(struct make_bytes bytes, const char *path)
{
	make_save(bytes, path);
	free(bytes.data);
}

/* --- ELF --- */

struct program {
	u32 type;
	u64 offset;
	u64 address;
	u64 len;
};

static void append_program(struct make_bytes *bytes, bool is_32,
			   const struct program *program)
{
	Elf32_Phdr of_32 = {
		.p_type = program->type,
		.p_offset = (u32)program->offset,
		.p_paddr = (u32)program->address,
		.p_filesz = (u32)program->len,
		.p_memsz = (u32)program->len,
	};
	Elf64_Phdr of_64 = {
		.p_type = program->type,
		.p_offset = program->offset,
		.p_paddr = program->address,
		.p_filesz = program->len,
		.p_memsz = program->len,
	};

	if (is_32)
		append(bytes, &of_32, sizeof(of_32));
	else
		append(bytes, &of_64, sizeof(of_64));
}

static void append_section(struct make_bytes *bytes, bool is_32, u32 info)
{
	Elf32_Shdr of_32 = { .sh_info = info };
	Elf64_Shdr of_64 = { .sh_info = info };

	if (is_32)
		append(bytes, &of_32, sizeof(of_32));
	else
		append(bytes, &of_64, sizeof(of_64));
}

static void append_note(struct make_bytes *bytes, const struct make_note *note)
{
	Elf64_Nhdr header = {
		.n_namesz = (u32)strlen(note->name) + 1,
		.n_descsz = note->len,
	};

	append(bytes, &header, sizeof(header));
	append(bytes, note->name, header.n_namesz);
	pad(bytes, 4);
	append(bytes, note->desc, note->len);
	pad(bytes, 4);
}

struct make_bytes make_notes(const struct make_note *notes, u32 nr)
{
	struct make_bytes bytes = { NULL, 0, 0 };
	u32 i;

	for (i = 0; i < nr; i++)
		append_note(&bytes, &notes[i]);
	return bytes;
}

/* Where everything is: header, program headers, section, notes, memory. */
struct layout {
	u32 nr_programs;
	u64 programs;
	u64 section;
	u64 notes;
	u64 memory;
};

static struct layout plan(const struct make_elf *elf, size_t notes_len)
{
	struct layout at;

	at.nr_programs = elf->nr_loads + (elf->nr_notes ? 1 : 0);
	at.programs = elf->is_32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
	at.section = at.programs + (u64)at.nr_programs *
		(elf->is_32 ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr));
	at.notes = at.section +
		(elf->is_32 ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr));
	at.memory = (at.notes + notes_len + 7) / 8 * 8;
	return at;
}

static void append_ident(struct make_bytes *bytes, const struct make_elf *elf)
{
	u8 ident[EI_NIDENT] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
		elf->is_32 ? ELFCLASS32 : ELFCLASS64, ELFDATA2LSB, EV_CURRENT,
	};

	append(bytes, ident, sizeof(ident));
}

/* Both classes: the same fields behind the ident, of other lengths. */
static void append_header(struct make_bytes *bytes, const struct make_elf *elf,
			  const struct layout *at, u16 nr)
{
	const size_t ident = EI_NIDENT;
	Elf32_Ehdr of_32 = {
		.e_type = ET_CORE, .e_machine = elf->machine,
		.e_version = EV_CURRENT, .e_phoff = (u32)at->programs,
		.e_shoff = (u32)at->section, .e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = nr,
		.e_shentsize = sizeof(Elf32_Shdr), .e_shnum = 1,
	};
	Elf64_Ehdr of_64 = {
		.e_type = ET_CORE, .e_machine = elf->machine,
		.e_version = EV_CURRENT, .e_phoff = at->programs,
		.e_shoff = at->section, .e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = nr,
		.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 1,
	};

	append_ident(bytes, elf);
	if (elf->is_32)
		append(bytes, (u8 *)&of_32 + ident, sizeof(of_32) - ident);
	else
		append(bytes, (u8 *)&of_64 + ident, sizeof(of_64) - ident);
}

static void append_programs(struct make_bytes *bytes,
			    const struct make_memory *memory,
			    const struct make_elf *elf,
			    const struct layout *at, size_t notes_len)
{
	struct program program = { PT_NOTE, at->notes, 0, notes_len };
	u32 i;

	if (elf->nr_notes)
		append_program(bytes, elf->is_32, &program);
	for (i = 0; i < elf->nr_loads; i++) {
		program.type = PT_LOAD;
		program.address = elf->loads[i].start;
		program.len = elf->loads[i].end - elf->loads[i].start;
		program.offset = at->memory +
			make_offset(memory, program.address);
		append_program(bytes, elf->is_32, &program);
	}
}

struct make_bytes make_elf(struct make_memory *memory,
			   const struct make_elf *wanted)
{
	struct make_bytes bytes = { NULL, 0, 0 },
			  notes = make_notes(wanted->notes, wanted->nr_notes);
	struct make_elf elf = *wanted;
	struct layout at;
	bool has_xnum;

	if (!elf.loads) {
		elf.loads = memory->ranges;
		elf.nr_loads = memory->nr_ranges;
	}
	at = plan(&elf, notes.len);
	has_xnum = elf.has_xnum || at.nr_programs >= PN_XNUM;
	append_header(&bytes, &elf, &at,
		      has_xnum ? PN_XNUM : (u16)at.nr_programs);
	append_programs(&bytes, memory, &elf, &at, notes.len);
	append_section(&bytes, elf.is_32, has_xnum ? at.nr_programs : 0);
	append(&bytes, notes.data, notes.len);
	pad(&bytes, 8);
	append(&bytes, memory->bytes, (size_t)memory->len);
	free(notes.data);
	return bytes;
}

struct make_note make_qemu_note(u8 desc[440], u64 cr0, u64 cr3, u64 cr4)
{
	const u32 head[2] = { 1, QEMU_LEN };

	memset(desc, 0, QEMU_LEN);
	memcpy(desc, head, sizeof(head));
	memcpy(desc + 392, &cr0, sizeof(cr0));
	memcpy(desc + 416, &cr3, sizeof(cr3));
	memcpy(desc + 424, &cr4, sizeof(cr4));
	return (struct make_note){ "QEMU", desc, QEMU_LEN };
}

void make_save_elf(struct make_memory *memory, const char *path, u16 machine)
{
	const struct make_elf elf = {
		.machine = machine,
		.is_32 = machine == EM_386 || machine == EM_ARM,
	};

	save_and_free(make_elf(memory, &elf), path);
}

/* --- the others --- */

struct make_bytes make_lime(struct make_memory *memory)
{
	struct make_bytes bytes = { NULL, 0, 0 };
	const u32 head[2] = { 0x4c694d45, 1 };
	const struct make_range *range;
	u64 addresses[3] = { 0, 0, 0 };

	for (range = memory->ranges;
	     range < memory->ranges + memory->nr_ranges; range++) {
		addresses[0] = range->start;
		addresses[1] = range->end - 1;
		append(&bytes, head, sizeof(head));
		append(&bytes, addresses, sizeof(addresses));
		append(&bytes, make_at(memory, range->start),
		       (size_t)(range->end - range->start));
	}
	return bytes;
}

void make_save_lime(struct make_memory *memory, const char *path)
{
	save_and_free(make_lime(memory), path);
}

struct make_bytes make_raw(struct make_memory *memory)
{
	u64 base = memory->ranges[0].start;
	struct make_bytes bytes = { NULL, 0, 0 };
	const struct make_range *range;

	for (range = memory->ranges;
	     range < memory->ranges + memory->nr_ranges; range++) {
		append(&bytes, NULL, (size_t)(range->start - base) - bytes.len);
		append(&bytes, make_at(memory, range->start),
		       (size_t)(range->end - range->start));
	}
	return bytes;
}

void make_save_raw(struct make_memory *memory, const char *path)
{
	save_and_free(make_raw(memory), path);
}
