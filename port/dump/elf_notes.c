// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Notes of a core: registers of the CPUs, as QEMU has them, and VMCOREINFO.
 *
 * QEMU's note is the same for guests of 32 and 64 bits (QEMUCPUState in its
 * target/i386/arch_dump.c). It begins with its version and its length.
 */
#include <elf.h>

#include "format.h"

#define VMCOREINFO_MAX	65536u
#define QEMU_VERSION	1u
/* Through cr4; 8 bytes more since QEMU 3.0. */
#define QEMU_LEN_MIN	432u
#define QEMU_CR0	392u
#define QEMU_CR3	416u
#define QEMU_CR4	424u

struct note {
	const char *name;
	u32 name_len;
	const u8 *desc;
	u32 desc_len;
};

static u32 get_u32(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u64 get_u64(const u8 *at)
{
	u64 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool is_named(const struct note *note, const char *name)
{
	return note->name_len == strlen(name) + 1 &&
	       !memcmp(note->name, name, note->name_len);
}

static int add_cpu(struct na_image *image, const struct na_image_cpu *cpu)
{
	struct na_image_about *about = &image->about;
	u32 nr = about->nr_cpus;
	struct na_image_cpu *cpus = (void *)(uintptr_t)about->cpus;

	if (nr == NA_IMAGE_CPUS_MAX) {
		na_notes_lose(image->notes, "%s: registers of more than %u CPUs: the others are not read",
			      image->file.name, NA_IMAGE_CPUS_MAX);
		return 0;
	}
	/* Room for a power of two. */
	if (!(nr & (nr - 1))) {
		cpus = realloc(cpus, (nr ? nr * 2 : 1) * sizeof(*cpus));
		if (!cpus)
			return na_notes_fail(image->notes, "%s: no memory for the registers of %u CPUs",
					     image->file.name, nr);
		about->cpus = cpus;
	}
	cpus[nr] = *cpu;
	about->nr_cpus++;
	return 0;
}

static int take_qemu(struct na_image *image, const struct note *note)
{
	const u8 *desc = note->desc;
	struct na_image_cpu cpu;

	if (note->desc_len < QEMU_LEN_MIN || get_u32(desc) != QEMU_VERSION) {
		na_notes_lose(image->notes, "%s: a note QEMU of %u bytes is not its version %u: registers are unknown",
			      image->file.name, note->desc_len, QEMU_VERSION);
		return 0;
	}
	cpu.cr0 = get_u64(desc + QEMU_CR0);
	cpu.cr3 = get_u64(desc + QEMU_CR3);
	cpu.cr4 = get_u64(desc + QEMU_CR4);
	return add_cpu(image, &cpu);
}

static int take_vmcoreinfo(struct na_image *image, const struct note *note)
{
	struct na_image_about *about = &image->about;
	size_t len = strnlen((const char *)note->desc, note->desc_len);
	char *text;

	if (about->vmcoreinfo)
		return 0;
	if (len > VMCOREINFO_MAX) {
		na_notes_lose(image->notes, "%s: note VMCOREINFO of %zu bytes, more than %u, is not read",
			      image->file.name, len, VMCOREINFO_MAX);
		return 0;
	}
	text = malloc(len + 1);
	if (!text)
		return na_notes_fail(image->notes, "%s: no memory for VMCOREINFO",
				     image->file.name);
	memcpy(text, note->desc, len);
	text[len] = 0;
	about->vmcoreinfo = text;
	about->vmcoreinfo_len = len;
	return 0;
}

static u64 padded(u32 len)
{
	return ((u64)len + 3) & ~3ull;
}

/* Length of the note at @bytes; 0 if it is broken. */
static size_t parse(const u8 *bytes, size_t len, struct note *note)
{
	const size_t head = sizeof(Elf64_Nhdr);
	u64 end;

	if (len < head)
		return 0;
	note->name_len = get_u32(bytes);
	note->desc_len = get_u32(bytes + 4);
	note->name = (const char *)bytes + head;
	end = head + padded(note->name_len) + note->desc_len;
	if (end > len)
		return 0;
	note->desc = bytes + head + padded(note->name_len);
	end = head + padded(note->name_len) + padded(note->desc_len);
	return end < len ? (size_t)end : len;
}

int na_elf_notes(struct na_image *image, const u8 *bytes, size_t len)
{
	struct note note;
	size_t done;
	int ret = 0;

	for (; len && !ret; bytes += done, len -= done) {
		done = parse(bytes, len, &note);
		if (!done) {
			na_notes_lose(image->notes, "%s: its notes are broken, %zu bytes before their end",
				      image->file.name, len);
			return 0;
		}
		if (is_named(&note, "QEMU"))
			ret = take_qemu(image, &note);
		else if (is_named(&note, "VMCOREINFO"))
			ret = take_vmcoreinfo(image, &note);
	}
	return ret;
}
