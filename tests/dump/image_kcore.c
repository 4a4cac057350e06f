// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /proc/kcore: what of it is memory, whether that is all, and why it may not be
 * opened. It is an ordinary file here.
 */
#include "../../port/dump/format.h"
#include "image_world.h"

/* 0x1000 to 0x9f000 and 1 MiB to 2 MiB, as on a PC. */
static const struct make_range ram[] = {
	{ 0x1000, 0x9f000 }, { 0x100000, 0x200000 },
};

/* RAM, text that lies in it, and vmalloc without a physical address. */
static void make(void)
{
	static const struct make_range loads[] = {
		{ 0x180000, 0x190000 }, { 0x100000, 0x101000 },
		{ 0x1000, 0x9f000 }, { 0x100000, 0x200000 },
	};
	const struct make_note note = { "VMCOREINFO", "OSRELEASE=6.1.0\n", 16 };
	Elf64_Phdr *program;

	world_make_of(ram, 2);
	world_bytes = make_elf(world_memory, &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 4,
		.notes = &note, .nr_notes = 1 });
	program = (Elf64_Phdr *)(world_bytes.data + sizeof(Elf64_Ehdr));
	/* The text has a place of its own in the file. */
	program[1].p_offset = 64;
	program[2].p_paddr = ~0ull;
}

/* As na_image_open() opens what is on procfs. */
static int open_kcore(void)
{
	world_close();
	memset(&world_notes, 0, sizeof(world_notes));
	make_save(world_bytes, world_file());
	world_image = calloc(1, sizeof(*world_image));
	world_image->notes = &world_notes;
	if (na_file_open(&world_image->file, world_path, &world_notes))
		return -1;
	world_image->file.is_proc = true;
	world_image->file.len = NA_FILE_ENDLESS;
	return na_kcore_open(world_image) || na_segments_settle(world_image) ?
		-1 : 0;
}

static const char *text_file(const char *text)
{
	make_save((struct make_bytes){ (u8 *)(uintptr_t)text, strlen(text), 0 },
		  world_file());
	return world_path;
}

/* kills: kcore-two-copies-told */
static void ram_is_memory(void)
{
	make();
	EXPECT(!open_kcore());
	EXPECT_LINE(assumed, "");
	EXPECT_LINE(lost, "");
	EXPECT_EQ(world_about()->format, NA_IMAGE_KCORE);
	EXPECT(world_about()->is_live && world_about()->is_rereadable);
	EXPECT(!world_about()->is_instant);
	EXPECT_STR(world_about()->vmcoreinfo, "OSRELEASE=6.1.0\n");
	EXPECT_EQ(world_about()->nr_ranges, 2);
	EXPECT_EQ(world_about()->ranges[0].start, 0x1000);
	EXPECT_EQ(world_about()->ranges[0].end, 0x9f000);
	EXPECT_EQ(world_about()->ranges[1].end, 0x200000);
	EXPECT(!world_image->file.map);
	world_expect_pages(0x1000, 0x9f000);
	world_expect_pages(0x100000, 0x200000);
	world_forget();
}

/* It has no length: what it does not give is missing when it is read. */
static void page_that_it_does_not_give_is_missing(void)
{
	make();
	world_bytes.len -= PAGE;
	EXPECT(!open_kcore());
	EXPECT_LINE(lost, "");
	EXPECT(world_has_page(0x1fe000));
	EXPECT(!world_has_page(0x1ff000));
	world_forget();
}

static void core_of_32_bits(void)
{
	static const struct make_range loads[] = { { 0x100000, 0x200000 } };
	Elf32_Phdr *program;

	world_make_of(ram, 2);
	world_bytes = make_elf(world_memory, &(struct make_elf){
		.machine = EM_386, .is_32 = true, .loads = loads,
		.nr_loads = 1, .has_xnum = true });
	EXPECT(!open_kcore());
	world_expect_pages(0x100000, 0x200000);
	program = (Elf32_Phdr *)(world_bytes.data + sizeof(Elf32_Ehdr));
	program->p_paddr = 0xffffffff;
	EXPECT(open_kcore());
	EXPECT(strstr(world_notes.error, "no memory in it"));
	world_forget();
}

static u64 missing(const char *iomem)
{
	EXPECT(!open_kcore());
	na_kcore_compare(world_image, text_file(iomem));
	return world_about()->missing_len;
}

static void memory_is_all_there(void)
{
	make();
	EXPECT_EQ(missing("00000000-00000fff : Reserved\n"
			  "00001000-0009fbff : System RAM\n"
			  "000a0000-000fffff : PCI Bus 0000:00\n"
			  "00100000-001fffff : System RAM\n"
			  "  00100000-0017ffff : Kernel code\n"), 0);
	EXPECT_LINE(assumed, "");
	world_forget();
}

/* kills: kcore-high-memory-is-there */
static void high_memory_is_missing(void)
{
	make();
	EXPECT_EQ(missing("00001000-0009efff : System RAM\n"
			  "00100000-3fffffff : System RAM\n"
			  "100000000-13fffffff : System RAM\n"),
		  0x3fe00000 + 0x40000000ull);
	world_forget();
}

/* Hot-plugged memory is below a device; an alias is no memory. */
static void memory_of_a_device(void)
{
	make();
	EXPECT_EQ(missing("00001000-0009efff : System RAM\n"
			  "80000000-ffffffff : System RAM (boot alias)\n"
			  "140000000-17fffffff : Persistent Memory\n"
			  "  140000000-140000fff : System RAM (kmem)\n"), 0x1000);
	world_forget();
}

/* As it is for who has no CAP_SYS_ADMIN, in a container. */
static void iomem_without_addresses(void)
{
	make();
	EXPECT_EQ(missing("00000000-00000000 : System RAM\n"), 0);
	EXPECT_LINE(assumed, "has all memory: /proc/iomem shows no addresses");
	EXPECT(!open_kcore());
	na_kcore_compare(world_image, "/nonexistent");
	EXPECT_LINE(assumed, "/nonexistent: No such file");
	world_forget();
}

static void expect_reason(int err, const char *status, const char *lockdown,
			  const char *part)
{
	char other[80];
	const char *reason;
	FILE *file;

	snprintf(other, sizeof(other), "%s.status", text_file(lockdown));
	file = fopen(other, "we");
	EXPECT(file);
	fputs(status, file);
	fclose(file);
	reason = na_kcore_reason(err, other, world_path);
	unlink(other);
	EXPECT(reason && strstr(reason, part));
}

static void reasons(void)
{
	static const char all[] = "Name:\tx\nCapEff:\t000001ffffffffff\n";
	static const char none[] = "Name:\tx\nCapEff:\t0000000000000000\n";
	static const char free_text[] = "[none] integrity confidentiality\n";
	static const char locked[] = "none integrity [confidentiality]\n";

	expect_reason(ENOENT, all, free_text, "CONFIG_PROC_KCORE");
	expect_reason(EACCES, none, free_text, "CAP_DAC_OVERRIDE");
	expect_reason(EPERM, none, free_text, "needs CAP_SYS_RAWIO");
	expect_reason(EPERM, all, locked, "locked down (confidentiality)");
	expect_reason(EPERM, all, free_text, "security policy");
	EXPECT(!na_kcore_reason(EIO, "/nonexistent", "/nonexistent"));
}

/* Where there is one: of root it opens, of others it is an error of one line. */
static void of_this_machine(void)
{
	if (world_open("/proc/kcore", NULL)) {
		tap_say("%s", world_notes.error);
		EXPECT(!strncmp(world_notes.error, "/proc/kcore: ", 13));
		EXPECT(strchr(world_notes.error + 13, ':'));
		return;
	}
	EXPECT_EQ(world_about()->format, NA_IMAGE_KCORE);
	world_close();
}

static const struct tap_case cases[] = {
	TAP(ram_is_memory),
	TAP(page_that_it_does_not_give_is_missing),
	TAP(core_of_32_bits),
	TAP(memory_is_all_there),
	TAP(high_memory_is_missing),
	TAP(memory_of_a_device),
	TAP(iomem_without_addresses),
	TAP(reasons),
	TAP(of_this_machine),
};

TAP_MAIN(cases)
