// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Conflicts of each grade, then an image of this guest's memory in every format
 * that QEMU writes, and the audits of those who can ask the machine itself.
 * tests/image/run compares. Expects vm/boot --dump.
 *
 * The planted mappings do not change meanwhile, and their frames are in
 * /result/planted. Without PAT the entry of a write-combined page makes it
 * write-through, which is cached.
 */
#define _GNU_SOURCE
#include "../../vm/ask.h"
#include "plant.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>

#define DUMP_SECONDS	300u

/* --- what is planted ---------------------------------------------------------- */

static void plant(FILE *file, const char *what, uint32_t pfn)
{
	fprintf(file, "%s %lu\n", what, (unsigned long)pfn);
}

static void plant_alias(int bed, FILE *file)
{
	uint32_t pfn = take_page(bed, PLANT_BARE);

	map_frame(bed, pfn, PLANT_UC);
	make_mapping(bed, has_high_memory() ? PLANT_KMAP : PLANT_VMAP,
		     pfn, 1, PLANT_WB);
	plant(file, "alias", pfn);
}

/*
 * As the driver of 2014: uncached beside what the kernel left behind. Whatever
 * runs afterwards may use up the pool, and with it the evidence; so nothing
 * does before the first image.
 */
static void plant_stale(int bed, FILE *file)
{
	uint32_t pfn;

	if (!has_high_memory())
		return;
	pfn = take_page(bed, PLANT_HIGH);
	map_frame(bed, pfn, PLANT_UC);
	make_mapping(bed, PLANT_STALE_KMAP, pfn, 1, PLANT_WB);
	plant(file, "stale", pfn);
}

static void plant_mixed(int bed, FILE *file)
{
	uint32_t pfn = take_page(bed, PLANT_BARE);

	map_frame(bed, pfn, PLANT_UC);
	make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WC);
	plant(file, has_pat() ? "mixed" : "alias", pfn);
}

/* The direct map is the other side. */
static void plant_low(int bed, FILE *file)
{
	uint32_t pfn = take_page(bed, PLANT_LOW);

	map_frame(bed, pfn, PLANT_WC);
	plant(file, has_pat() ? "alias" : "mixed", pfn);
}

static void have_third_type(void *arg)
{
	uint32_t *pfn = arg;
	int bed = open_bed();

	map_frame(bed, *pfn, has_pat() ? PLANT_WT : PLANT_WC);
	*(volatile uint32_t *)pfn = 0;
	for (;;)
		pause();
}

/* Two processes and three types. */
static pid_t plant_shared(int bed, FILE *file)
{
	uint32_t *pfn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	EXPECT(pfn != MAP_FAILED);
	*pfn = take_page(bed, PLANT_BARE);
	plant(file, "alias", *pfn);
	map_frame(bed, *pfn, PLANT_UC);
	pid = start(have_third_type, pfn);
	while (*(volatile uint32_t *)pfn)
		sched_yield();
	return pid;
}

/* --- images ----------------------------------------------------------------------- */

static void dump(const char *name, const char *format)
{
	char ask[80];

	snprintf(ask, sizeof(ask), "dump memory %s %s", name, format);
	EXPECT(!vm_ask(ask, DUMP_SECONDS));
}

static void ask_the_machine(const char *who, const char *option)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "./noalias audit %s --json >/result/%s.json", option, who);
	/* 1: found, as it must be. */
	EXPECT_EQ(system(command), 1 << 8);
}

static void image_as_the_machine_is(void)
{
	FILE *file = fopen("/result/planted", "w");
	int bed = open_bed();
	pid_t pid;

	EXPECT(file);
	plant_alias(bed, file);
	plant_mixed(bed, file);
	plant_low(bed, file);
	pid = plant_shared(bed, file);
	ask_the_machine("before", "");
	if (sizeof(long) == 8)
		ask_the_machine("kcore", "--kcore");
	plant_stale(bed, file);
	dump("elf", "elf");
	EXPECT(!fclose(file));
	dump("paging", "paging");
	dump("raw", "raw");
	dump("kdump", "kdump-zlib");
	ask_the_machine("after", "");
	EXPECT(killed(pid));
}

static const struct guest_case cases[] = {
	CASE(image_as_the_machine_is),
};

GUEST_MAIN(cases)
