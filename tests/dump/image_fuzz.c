// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Headers at random: 10 000 files a format, each a good one with a few bytes of
 * its headers changed, sometimes cut off. None may crash, read what is not
 * there, take long or much memory; each that is refused says why in one line.
 *
 * The seed is fixed; NA_SEED in the environment changes it.
 */
#include <sys/resource.h>
#include <time.h>

#include "image_world.h"

#define NR_FILES	10000u
#define NR_PAGES	8u
#define SECONDS_EACH	2
#define PAGES_READ_MAX	64u

static u64 seed;

/* Of this process: a machine that is busy does not make a reader slow. */
static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Numbers at which sizes and offsets go wrong. */
static u64 number(size_t len)
{
	static const u64 edges[] = {
		0, 1, 7, PAGE - 1, PAGE, PAGE + 1, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xffffffff, 1ull << 32, (1ull << 52) - PAGE,
		1ull << 52, 1ull << 62, 1ull << 63, ~0ull - PAGE, ~0ull,
	};
	u32 choice = tap_below(&seed, 4);

	if (choice == 0)
		return tap_random(&seed);
	if (choice == 1)
		return tap_below(&seed, (u32)len + 64);
	return edges[tap_below(&seed, sizeof(edges) / sizeof(edges[0]))];
}

/* At a place that has fields: they are aligned to 4 but for a few. */
static void change(struct make_bytes bytes, size_t headers)
{
	static const size_t lens[] = { 1, 2, 4, 4, 8, 8 };
	size_t len = lens[tap_below(&seed, 6)];
	size_t at = tap_below(&seed, (u32)(headers - len));
	u64 value = number(bytes.len);

	if (tap_below(&seed, 8))
		at &= ~(size_t)3;
	memcpy(bytes.data + at, &value, len);
}

static void read_pages(void)
{
	const struct na_image_about *about = na_image_about(world_image);
	u64 buf[PAGE / sizeof(u64)], pa, sum = 0;
	u32 i, left = PAGES_READ_MAX;
	const u64 *page;

	EXPECT(about->nr_ranges);
	for (i = 0; i < about->nr_ranges && left; i++) {
		pa = about->ranges[i].start;
		EXPECT(pa < about->ranges[i].end);
		for (; pa < about->ranges[i].end && left; pa += PAGE, left--) {
			page = na_image_page(world_image, pa, buf);
			if (page)
				sum += page[0] + page[PAGE / 8 - 1];
			na_image_may_be_zeroes(world_image, pa);
		}
	}
	na_image_read(world_image, sum & ~7ull, buf, sizeof(buf));
}

static void judge(int ret)
{
	if (!ret) {
		read_pages();
		world_close();
		return;
	}
	EXPECT(!world_image);
	EXPECT(world_notes.error[0]);
	EXPECT(!strchr(world_notes.error, '\n'));
}

/* @headers: bytes from the start that are fields; @len: of the file. */
static void fuzz(struct make_bytes good, size_t headers,
		 const struct na_image_options *options)
{
	struct make_bytes bytes = { malloc(good.len), good.len, 0 };
	double start;
	u32 i, nr;
	int ret;

	for (i = 0; i < NR_FILES; i++) {
		memcpy(bytes.data, good.data, good.len);
		bytes.len = good.len;
		for (nr = 1 + tap_below(&seed, 4); nr; nr--)
			change(bytes, headers);
		if (!tap_below(&seed, 4))
			bytes.len = tap_below(&seed, (u32)good.len);
		start = cpu_seconds();
		ret = world_open_bytes(bytes, options);
		judge(ret);
		EXPECT(cpu_seconds() - start < SECONDS_EACH);
	}
	free(bytes.data);
	free(good.data);
}

static struct make_memory *small(void)
{
	return world_make(NR_PAGES * PAGE);
}

static void fuzz_elf(bool is_32)
{
	static const struct make_range loads[] = {
		{ 0, 3 * PAGE }, { 2 * PAGE, 6 * PAGE }, { 7 * PAGE, 8 * PAGE },
	};
	struct make_memory *memory = small();
	u8 desc[440];
	const struct make_note notes[] = {
		make_qemu_note(desc, 1, 0x1000, 0x20),
		{ "VMCOREINFO", "OSRELEASE=6.1\n", 14 },
	};
	struct make_bytes good = make_elf(memory, &(struct make_elf){
		.machine = is_32 ? EM_386 : EM_X86_64, .is_32 = is_32,
		.notes = notes, .nr_notes = 2, .loads = loads, .nr_loads = 3,
		.has_xnum = is_32 });

	fuzz(good, good.len - NR_PAGES * PAGE, NULL);
	world_forget();
}

static void elf_64(void)
{
	fuzz_elf(false);
}

static void elf_32(void)
{
	fuzz_elf(true);
}

static void lime(void)
{
	struct make_memory *memory = small();

	fuzz(make_lime(memory), 32 + 16, NULL);
	world_forget();
}

static void raw(void)
{
	const struct na_image_options options = { .is_raw = true };
	struct make_memory *memory = small();

	fuzz(make_raw(memory), 64, &options);
	world_forget();
}

static void kdump(void)
{
	struct make_memory *memory = small();
	u8 desc[440];
	const struct make_note note = make_qemu_note(desc, 1, 0x1000, 0x20);
	struct make_bytes good;
	u32 i;

	for (i = 0; i < NR_PAGES; i += 2)
		memset(make_at(memory, i * PAGE), MAKE_KDUMP_PACKED, PAGE);
	good = make_kdump(memory, &(struct make_kdump){
		.machine = "x86_64", .level = 1, .notes = &note, .nr_notes = 1,
		.vmcoreinfo = "OSRELEASE=6.1\n" });
	/* With the data of compressed pages. */
	fuzz(good, good.len - NR_PAGES / 2 * PAGE, NULL);
	world_forget();
}

static void memory_is_bounded(void)
{
	struct rusage usage;

	/* With that of the sanitizer, and of libkdumpfile. KiB. */
	getrusage(RUSAGE_SELF, &usage);
	tap_say("%ld KiB", usage.ru_maxrss);
	EXPECT(usage.ru_maxrss < 512 * 1024);
}

static const struct tap_case cases[] = {
	TAP(elf_64),
	TAP(elf_32),
	TAP(lime),
	TAP(raw),
	TAP(kdump),
	TAP(memory_is_bounded),
};

int main(int argc, char **argv)
{
	seed = tap_seed();
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
