// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mappings of every kind and size that this kernel has, in this process and in
 * the kernel; then what the auditor's walker finds of all tables, while QEMU
 * shows the same tables from outside. tests/tables/run compares. Expects
 * tables.ko, vm/boot --tables, memory from TOP_GIB GiB on cut off by mem=, and
 * on 64 bit a huge page of 1 GiB.
 *
 * QEMU takes its time, and the kernel's tables may change meanwhile: so what is
 * found is written down before and after, and all of it twice.
 */
#define _GNU_SOURCE
#include "plant.h"
#include "../../vm/ask.h"
#include "../modules/tables/tables_uapi.h"

#include <stdlib.h>

#define NR_ROUNDS 2
#define TOP_GIB 6ull

struct walk {
	struct tables_head head;
	struct tables_region regions[TABLES_REGIONS_MAX];
	struct tables_run runs[TABLES_RUNS_MAX];
};

static struct walk before, after;

/* --- what is planted ---------------------------------------------------------- */

static const char *const type_names[] = { "WB", "WC", "UC-", "WT" };

/* One of them a line: what the walker and QEMU must both have. */
static void plant(FILE *file, uint64_t va, uint64_t size, enum plant_type type)
{
	fprintf(file, "planted %llx %llx %s\n", (unsigned long long)va,
		(unsigned long long)size, type_names[type]);
}

static void plant_small(int bed, FILE *file)
{
	enum plant_type type;
	uint32_t pfn;

	for (type = PLANT_WB; type < PLANT_ABSENT; type++) {
		pfn = take_page(bed, PLANT_ANY);
		plant(file, (uintptr_t)map_frame(bed, pfn, type), PAGE, type);
		plant(file, make_mapping(bed, PLANT_VMAP, pfn, 1, type), PAGE,
		      type);
	}
}

/*
 * An area of which only the first and the last page are there: between them no
 * table is, for as much as one entry of some level maps.
 */
static void plant_beyond_hole(FILE *file, uint64_t hole, uint64_t size)
{
	char *mem = mmap((void *)(uintptr_t)(hole - PAGE), size + 2 * PAGE,
			 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	EXPECT(mem != MAP_FAILED);
	use_small_pages(mem, size + 2 * PAGE);
	mem[0] = 1;
	mem[size + PAGE] = 1;
	plant(file, (uintptr_t)mem, PAGE, PLANT_WB);
	plant(file, (uintptr_t)mem + size + PAGE, PAGE, PLANT_WB);
}

/* 2 MiB, or 4 MiB where entries have 32 bits. */
static size_t huge_len(void)
{
	char *text = read_text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
	size_t len = text ? strtoul(text, NULL, 10) : 0;

	EXPECT(len);
	free(text);
	return len;
}

static char *new_huge(size_t len)
{
	char *mem = mmap(NULL, 2 * len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *huge = (char *)(((uintptr_t)mem + len - 1) & ~(len - 1));

	EXPECT(mem != MAP_FAILED);
	EXPECT(!madvise(mem, 2 * len, MADV_HUGEPAGE));
	memset(huge, 1, len);
	return huge;
}

/* And the same as entries that are full of bits and map nothing. */
static void plant_huge(FILE *file)
{
	size_t len = huge_len();
	char *mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	plant(file, (uintptr_t)new_huge(len), len, PLANT_WB);
	EXPECT(!mprotect(new_huge(len), len, PROT_NONE));
	EXPECT(mem != MAP_FAILED);
	mem[0] = 1;
	EXPECT(!mprotect(mem, PAGE, PROT_NONE));
}

/* Memory that the kernel does not own, in entries of @size. */
static void plant_ioremap(int bed, FILE *file, uint64_t from, uint64_t size,
			  enum plant_type type)
{
	uint64_t va = make_mapping(bed, PLANT_IOREMAP, from / PAGE,
				   size / PAGE, type);

	plant(file, va, size, type);
}

#ifdef __LP64__
static void plant_1_gib(int bed, FILE *file)
{
	char *mem;

	plant_ioremap(bed, file, (TOP_GIB + 1) * GIB, GIB, PLANT_WT);
	mem = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		   30u << MAP_HUGE_SHIFT, -1, 0);
	EXPECT(mem != MAP_FAILED);
	mem[0] = 1;
	plant(file, (uintptr_t)mem, GIB, PLANT_WB);
}
#else
static void plant_1_gib(int bed, FILE *file)
{
	(void)bed;
	(void)file;
}
#endif

static void plant_all(int bed, FILE *file)
{
	uint64_t size = huge_len();
	enum plant_type type;

	plant_small(bed, file);
	plant_huge(file);
	plant_1_gib(bed, file);
	plant_beyond_hole(file, FREE_BORDER - 8 * MIB, 4 * MIB);
	plant_beyond_hole(file, FREE_BORDER, GIB);
#ifdef __LP64__
	plant_beyond_hole(file, 512 * GIB, 512 * GIB);
#endif
	/* With entries of 32 bits there is nothing above 4 GiB. */
	for (type = PLANT_WB; size == 2 * MIB && type < PLANT_ABSENT; type++)
		plant_ioremap(bed, file, TOP_GIB * GIB + type * size, size,
			      type);
}

/* --- both views ----------------------------------------------------------------- */

static void read_tables(struct walk *walk)
{
	int fd = open(TABLES_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	EXPECT(fd >= 0);
	len = read(fd, walk, sizeof(*walk));
	EXPECT(len > (ssize_t)offsetof(struct walk, runs));
	close(fd);
}

static void write_walk(FILE *file, const struct walk *walk, const char *when)
{
	uint32_t i;

	for (i = 0; i < walk->head.nr_regions; i++)
		fprintf(file, "region %llx %llx %s\n",
			walk->regions[i].start + 0ull,
			walk->regions[i].end + 0ull, walk->regions[i].name);
	for (i = 0; i < walk->head.nr_runs; i++)
		fprintf(file, "%s %llx %llx %x %u %s\n", when,
			walk->runs[i].va + 0ull, walk->runs[i].pfn + 0ull,
			walk->runs[i].nr, walk->runs[i].entry,
			walk->runs[i].process ? "process" : "kernel");
}

/* kills: see tests/tables/run, which has the other half */
static void tables_are_shown(void)
{
	int bed = open_bed(), i;
	FILE *file = fopen("/result/walks", "w");

	EXPECT(file);
	/* Pages of ours that come later would be no mistake of anybody's. */
	memset(&before, 1, sizeof(before));
	memset(&after, 1, sizeof(after));
	plant_all(bed, file);
	for (i = 0; i < NR_ROUNDS; i++) {
		read_tables(&before);
		EXPECT(!vm_ask("show tables", 60));
		read_tables(&after);
		fprintf(file, "round %d\n", i);
		write_walk(file, &before, "before");
		write_walk(file, &after, "after");
	}
	EXPECT(!fclose(file));
}

static const struct guest_case cases[] = {
	CASE(tables_are_shown),
};
GUEST_MAIN(cases)
