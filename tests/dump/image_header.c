// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ELF cores that are broken: header, program headers, notes, and files that end
 * too early.
 */
#include "image_world.h"

static u8 qemu[440];

/* Two segments, two CPUs. */
static void make(bool is_32)
{
	static const struct make_range loads[] = {
		{ 0, 2 * PAGE }, { 3 * PAGE, 4 * PAGE },
	};
	const struct make_note notes[] = {
		make_qemu_note(qemu, 0x80050033, 0x5000, 0x10f0),
		{ "VMCOREINFO", "OSRELEASE=6.1.0\n", 16 },
		make_qemu_note(qemu, 0x80050033, 0x5000, 0x10f0),
	};

	world_bytes = make_elf(world_make(4 * PAGE), &(struct make_elf){
		.machine = is_32 ? EM_386 : EM_X86_64, .is_32 = is_32,
		.notes = notes, .nr_notes = 3, .loads = loads, .nr_loads = 2 });
}

static Elf64_Ehdr *header(void)
{
	return (Elf64_Ehdr *)world_bytes.data;
}

static Elf64_Phdr *program(u32 nr)
{
	return (Elf64_Phdr *)(world_bytes.data + sizeof(Elf64_Ehdr)) + nr;
}

static Elf64_Nhdr *note(u32 nr)
{
	u8 *at = world_bytes.data + program(0)->p_offset;
	Elf64_Nhdr *found = (Elf64_Nhdr *)at;

	while (nr--) {
		at += sizeof(*found) + (found->n_namesz + 3) / 4 * 4 +
			(found->n_descsz + 3) / 4 * 4;
		found = (Elf64_Nhdr *)at;
	}
	return found;
}

#define EXPECT_BROKEN(change, part)					\
	do {								\
		make(false);						\
		change;							\
		EXPECT_FAILS(world_open_bytes(world_bytes, NULL), part);	\
	} while (0)

/* --- notes --- */

/* kills: notes-cr3-is-cr2 */
static void cpus_and_vmcoreinfo(void)
{
	u32 is_32;

	for (is_32 = 0; is_32 < 2; is_32++) {
		make(is_32);
		EXPECT_OPENS(NULL);
		EXPECT_EQ(world_about()->nr_cpus, 2);
		EXPECT_EQ(world_about()->cpus[0].cr0, 0x80050033);
		EXPECT_EQ(world_about()->cpus[1].cr3, 0x5000);
		EXPECT_EQ(world_about()->cpus[1].cr4, 0x10f0);
		EXPECT_STR(world_about()->vmcoreinfo, "OSRELEASE=6.1.0\n");
		EXPECT_EQ(world_about()->vmcoreinfo_len, 16);
	}
	world_forget();
}

/* kills: notes-broken-is-silent */
static void broken_note_is_a_loss(void)
{
	make(false);
	note(1)->n_descsz = 0x7fffffff;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "its notes are broken");
	EXPECT_EQ(world_about()->nr_cpus, 1);
	make(false);
	note(0)->n_namesz = 0xffffffff;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "its notes are broken");
	EXPECT_EQ(world_about()->nr_cpus, 0);
	world_forget();
}

static void note_of_other_qemu_is_a_loss(void)
{
	make(false);
	/* Its version. */
	((u8 *)note(2))[sizeof(Elf64_Nhdr) + 8] = 2;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "a note QEMU of 440 bytes is not its version 1");
	EXPECT_EQ(world_about()->nr_cpus, 1);
	world_forget();
}

/* kills: notes-cpus-unbounded */
static void cpus_are_bounded(void)
{
	static struct make_note notes[NA_IMAGE_CPUS_MAX + 1];
	u32 i;

	for (i = 0; i <= NA_IMAGE_CPUS_MAX; i++)
		notes[i] = make_qemu_note(qemu, 1, 0x1000, 0);
	world_bytes = make_elf(world_make(PAGE), &(struct make_elf){
		.machine = EM_X86_64, .notes = notes,
		.nr_notes = NA_IMAGE_CPUS_MAX + 1 });
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "more than 4096 CPUs");
	EXPECT_EQ(world_about()->nr_cpus, NA_IMAGE_CPUS_MAX);
	world_forget();
}

static void vmcoreinfo_is_bounded(void)
{
	static char text[70000];
	const struct make_note long_one = { "VMCOREINFO", text, sizeof(text) };

	memset(text, 'x', sizeof(text));
	world_bytes = make_elf(world_make(PAGE), &(struct make_elf){
		.machine = EM_X86_64, .notes = &long_one, .nr_notes = 1 });
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "VMCOREINFO of 70000 bytes, more than 65536");
	EXPECT(!world_about()->vmcoreinfo);
	world_forget();
}

/* Many segments of notes that are all the same bytes: 16 MiB once. */
static void notes_are_bounded(void)
{
	const u32 len = 12u << 20;
	struct make_note notes[2] = { { "other", calloc(1, len), len } };

	notes[1] = make_qemu_note(qemu, 1, 0x1000, 0);
	world_bytes = make_elf(world_make(PAGE), &(struct make_elf){
		.machine = EM_X86_64, .notes = notes, .nr_notes = 2 });
	*program(1) = *program(0);
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "no memory in it");
	EXPECT_LINE(lost, "program header 1: more than 16777216 bytes of notes");
	free((void *)(uintptr_t)notes[0].desc);
	world_forget();
}

/* --- headers --- */

static void header_is_checked(void)
{
	EXPECT_BROKEN(header()->e_ident[EI_CLASS] = 3, "its class");
	EXPECT_BROKEN(header()->e_ident[EI_DATA] = ELFDATA2MSB,
		      "not little-endian");
	EXPECT_BROKEN(header()->e_type = ET_EXEC, "is not a core: e_type is 2");
	EXPECT_BROKEN(header()->e_machine = EM_MIPS, "e_machine 8 is not");
	EXPECT_BROKEN(header()->e_phentsize = 32, "e_phentsize is 32, not 56");
	EXPECT_BROKEN(header()->e_phoff = ~0ull, "program headers at byte");
	EXPECT_BROKEN(header()->e_phnum = 0, "no memory in it");
	world_forget();
}

static void number_of_headers_is_bounded(void)
{
	Elf64_Shdr *section;

	make(false);
	section = (Elf64_Shdr *)(world_bytes.data + header()->e_shoff);
	header()->e_phnum = PN_XNUM;
	section->sh_info = 0xffffffff;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL),
		     "4294967295 program headers, more than 16777216");
	section->sh_info = 1u << 24;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "is truncated");
	world_forget();
}

static void addresses_are_checked(void)
{
	EXPECT_BROKEN(program(1)->p_paddr = (1ull << 52) - PAGE,
		      "program header 1: its physical addresses");
	EXPECT_BROKEN(program(2)->p_paddr = 1ull << 52, "program header 2");
	EXPECT_BROKEN(program(2)->p_filesz = ~0ull, "program header 2");
	world_forget();
}

/* kills: elf-vmalloc-is-memory */
static void segment_without_address_is_left_out(void)
{
	make(false);
	program(2)->p_paddr = ~0ull;
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT_EQ(world_about()->ranges[0].end, 2 * PAGE);
	world_forget();
}

static void core_of_a_process_is_refused(void)
{
	EXPECT_BROKEN(program(2)->p_paddr = 0, "is the core of a process");
	world_forget();
}

/* --- files that end too early --- */

/* kills: segments-truncated-untold */
static void truncated_memory_is_a_loss(void)
{
	u64 buf[PAGE / 8];

	make(false);
	world_bytes.len = program(2)->p_offset + 8;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "is truncated");
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT(!na_image_has(world_image, 3 * PAGE));
	EXPECT(!na_image_page(world_image, 3 * PAGE, buf));
	EXPECT(na_image_read(world_image, 3 * PAGE, buf, 8));
	EXPECT(!na_image_read(world_image, 3 * PAGE + 4, buf, 8));
	world_expect_pages(0, 2 * PAGE);
	world_forget();
}

static void truncated_notes_are_a_loss(void)
{
	make(false);
	/* Behind the memory, so that only they are cut off. */
	program(0)->p_offset = world_bytes.len - 8;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "the notes of program header 0 are missing");
	world_forget();
}

/* An error or a loss at each length but the whole. */
static void truncated_anywhere(void)
{
	size_t whole;
	u32 is_32;

	for (is_32 = 0; is_32 < 2; is_32++) {
		make(is_32);
		whole = world_bytes.len;
		EXPECT_OPENS(NULL);
		for (; world_bytes.len--;
		     world_bytes.len -= world_bytes.len > 3 * PAGE ? 61 : 0) {
			int ret = world_open_bytes(world_bytes, NULL);

			EXPECT(ret ? world_notes.error[0] != 0 :
				     world_notes.lost.nr);
		}
		world_bytes.len = whole;
	}
	world_forget();
}

static const struct tap_case cases[] = {
	TAP(cpus_and_vmcoreinfo),
	TAP(broken_note_is_a_loss),
	TAP(note_of_other_qemu_is_a_loss),
	TAP(cpus_are_bounded),
	TAP(vmcoreinfo_is_bounded),
	TAP(notes_are_bounded),
	TAP(header_is_checked),
	TAP(number_of_headers_is_bounded),
	TAP(addresses_are_checked),
	TAP(segment_without_address_is_left_out),
	TAP(core_of_a_process_is_refused),
	TAP(truncated_memory_is_a_loss),
	TAP(truncated_notes_are_a_loss),
	TAP(truncated_anywhere),
};

TAP_MAIN(cases)
