// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How far the auditor reaches: the first and the last slot of the kmap pool,
 * huge pages of processes, and nothing left of it when it is over.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define NR_PAGES 2200u		/* two turns of the pool and more */
#define NR_ROUNDS 120u

static void expect_alias(uint32_t pfn, const char *space, uint64_t va)
{
	char *audit = read_audit();
	struct conflict conflict;
	bool found = find_conflict(audit, pfn, &conflict);

	if (!found)
		say("frame 0x%x at %llx is not in: %.1500s", pfn,
		    (unsigned long long)va, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, "alias"));
	EXPECT(find_party(&conflict, space, 0, va));
	free(audit);
}

/* --- slots ---------------------------------------------------------------------- */

/* kills: a walk that begins after the first slot or ends before the last */
static void first_and_last_kmap_slot(void)
{
	static uint32_t pfns[NR_PAGES];
	uint64_t va, before = 0, last = 0;
	bool saw_first = false, saw_last = false;
	int bed = open_bed();
	uint32_t i;

	/* Taken at once: taking cleans the pool of what is planted. */
	take_pages(bed, PLANT_HIGH, NR_PAGES, false, pfns);
	for (i = 0; i < NR_PAGES && !(saw_first && saw_last); i++) {
		va = make_mapping(bed, PLANT_STALE_KMAP, pfns[i], 1, 0);
		if (va < before && !saw_first) {
			/* It has just begun anew. */
			last = before;
			saw_first = true;
		} else if (!last || va != last) {
			before = va;
			continue;
		} else {
			saw_last = true;
		}
		before = va;
		say("slot at %llx", (unsigned long long)va);
		map_frame(bed, pfns[i], PLANT_UC);
		expect_alias(pfns[i], "kmap", va);
	}
	EXPECT(saw_first && saw_last);
	EXPECT_EQ((last + PAGE) % MIB, 0);
}

/* --- holes ---------------------------------------------------------------------- */

#define NR_BLOCK (4 * MIB / PAGE)	/* large entries of 2 MiB or of 4 */
#define NR_TRIES 8
#define DEVICE_PFN 0xd0000u	/* where no device of this machine is */

/* Not where entries have 32 bits: there the kernel maps devices page by page. */
static bool maps_devices_large(void)
{
	char *text = read_text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
	bool has_large = !text || strtoul(text, NULL, 10) == 2 * MIB;

	free(text);
	return has_large;
}

/* The kernel takes large entries where an address happens to be aligned. */
static uint64_t make_large(int bed)
{
	unsigned int least = maps_devices_large() ? 512 : 1;
	unsigned int tries = 0;
	uint64_t va;

	do
		va = make_mapping(bed, PLANT_IOREMAP, DEVICE_PFN, NR_BLOCK,
				  PLANT_UC);
	while (peek_kernel(bed, va).nr < least && ++tries < NR_TRIES);
	EXPECT(peek_kernel(bed, va).nr >= least);
	return va;
}

/*
 * Device memory that was mapped by large entries and is not any more leaves a
 * hole without tables; what was mapped behind it is still there.
 *
 * kills: a hole stepped over as if it were as large as the table above it
 */
static void vmap_behind_a_hole(void)
{
	static uint32_t pfns[NR_BLOCK];
	int bed = open_bed();
	uint64_t hole, va;

	take_pages(bed, PLANT_LOW, NR_BLOCK, true, pfns);
	hole = make_large(bed);
	va = make_mapping(bed, PLANT_VMAP, pfns[0], NR_BLOCK, PLANT_UC);
	say("hole at %llx, vmap at %llx", (unsigned long long)hole,
	    (unsigned long long)va);
	EXPECT(va > hole);
	unmake_mapping(bed, PLANT_IOREMAP, DEVICE_PFN, hole);
	/* No table; or one whose entry for a page is empty. */
	EXPECT_EQ(peek_kernel(bed, hole).nr, maps_devices_large() ? 0 : 1);
	expect_alias(pfns[0], "vmalloc", va);
}

/* --- huge pages ------------------------------------------------------------------- */

/* 2 MiB, or 4 MiB where entries have 32 bits. */
static size_t huge_len(void)
{
	size_t len = meminfo("Hugepagesize");

	EXPECT(len >= 2 * MIB && len % (2 * MIB) == 0);
	return len;
}

/*
 * The frame of one page in the middle, mapped uncached beside. That goes before
 * the huge page does: PAGE_TABLE_CHECK looks whether a page that is freed is
 * mapped.
 */
static void expect_alias_within(char *huge)
{
	char *mem = huge + 37 * PAGE, *beside;
	uint32_t pfn = (uint32_t)frame_behind(mem);
	int bed = open_bed();

	EXPECT_EQ(frame_behind(huge) % (huge_len() / PAGE), 0);
	EXPECT_EQ(pfn, frame_behind(huge) + 37);
	beside = map_frame(bed, pfn, PLANT_UC);
	expect_alias(pfn, "process", (uintptr_t)mem);
	EXPECT(!munmap(beside, PAGE));
}

/* kills: large entries passed over, or taken for tables */
static void transparent_huge_page(void)
{
	size_t len = huge_len();
	char *mem = mmap(NULL, 2 * len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *huge = (char *)(((uintptr_t)mem + len - 1) & ~(len - 1));
	char line[48];

	need_huge_pages();
	EXPECT(mem != MAP_FAILED);
	EXPECT(!madvise(mem, 2 * len, MADV_HUGEPAGE));
	memset(huge, 1, len);
	snprintf(line, sizeof(line), "AnonHugePages:  %8zu kB", len / 1024);
	EXPECT(file_has("/proc/self/smaps", line));
	expect_alias_within(huge);
}

/* kills: the same of hugetlb, whose mappings are walked by other rules */
static void hugetlb_page(void)
{
	size_t len = huge_len();
	char *mem;

	EXPECT(!write_text("/proc/sys/vm/nr_hugepages", "2"));
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	EXPECT(mem != MAP_FAILED);
	memset(mem, 1, len);
	expect_alias_within(mem);
	EXPECT(!munmap(mem, len));
	EXPECT(!write_text("/proc/sys/vm/nr_hugepages", "0"));
}

#ifdef __LP64__
/* The page is there from boot on: later it takes long to make room for one. */
/* kills: an entry one level higher passed over, or taken for a table */
static void hugetlb_page_of_1_gib(void)
{
	char *mem;

	mem = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		   30u << MAP_HUGE_SHIFT, -1, 0);
	EXPECT(mem != MAP_FAILED);
	mem[GIB - 1] = 1;
	EXPECT_EQ(frame_behind(mem) % (GIB / PAGE), 0);
	EXPECT_EQ(frame_behind(mem + GIB - PAGE),
		  frame_behind(mem) + GIB / PAGE - 1);
	expect_alias_within(mem);
}
#endif

/* --- what is left ------------------------------------------------------------------- */

static unsigned long nr_objects(const char *cache)
{
	char *text = read_text("/proc/slabinfo"), *line, name[32];
	unsigned long nr;

	EXPECT(text);
	snprintf(name, sizeof(name), "\n%s ", cache);
	line = strstr(text, name);
	EXPECT(line);
	EXPECT_EQ(sscanf(line + strlen(name), "%lu", &nr), 1);
	free(text);
	return nr;
}

static unsigned long nr_areas(void)
{
	char *text = read_text("/proc/vmallocinfo"), *at = text;
	unsigned long nr = 0;

	EXPECT(text);
	for (; (at = strchr(at, '\n')); at++)
		nr++;
	/* What was freed and not purged yet, such as stacks of processes. */
	for (at = text; (at = strstr(at, "unpurged")); at++)
		nr--;
	free(text);
	return nr;
}

static unsigned long nr_large_objects(void)
{
	return nr_objects("kmalloc-2k") + nr_objects("kmalloc-4k") +
	       nr_objects("kmalloc-8k");
}

/* It is killed with the process whose memory it shares. */
static int share_memory(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

static void have_alias(void *arg)
{
	static char stack[16384] __attribute__((aligned(64)));
	const int *ready = arg;
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_LOW);

	map_frame(bed, pfn, PLANT_UC);
	EXPECT(clone(share_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		     NULL) > 0);
	EXPECT_EQ(write(ready[1], &pfn, sizeof(pfn)), sizeof(pfn));
	for (;;)
		pause();
}

/* An audit that holds a process while it names it, and the process ends. */
static void audit_one(void)
{
	struct conflict conflict;
	int ready[2];
	uint32_t pfn;
	char *audit;
	pid_t pid;

	EXPECT(!pipe(ready));
	pid = start(have_alias, ready);
	EXPECT_EQ(read(ready[0], &pfn, sizeof(pfn)), sizeof(pfn));
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	EXPECT(find_party(&conflict, "process", pid, 0));
	free(audit);
	EXPECT(killed(pid));
	close(ready[0]);
	close(ready[1]);
}

/*
 * kills: an address space, one that two processes share, or an array, that an
 * audit keeps
 */
static void audits_leave_nothing(void)
{
	/* A process reads kcore: what it keeps ends with it, but takes longer. */
	unsigned long nr_rounds = is_by_kcore() ? 10 : rounds(NR_ROUNDS);
	unsigned long nr_mms, nr_mapped, nr_large, i;

	for (i = 0; i < 10; i++)
		audit_one();
	shrink_caches();
	nr_mms = nr_objects("mm_struct");
	nr_mapped = nr_areas();
	nr_large = nr_large_objects();
	for (i = 0; i < nr_rounds; i++)
		audit_one();
	shrink_caches();
	say("mm_struct %lu, then %lu; areas %lu, then %lu; of 2 to 8 KiB %lu, then %lu",
	    nr_mms, nr_objects("mm_struct"), nr_mapped, nr_areas(), nr_large,
	    nr_large_objects());
	EXPECT(nr_objects("mm_struct") < nr_mms + nr_rounds / 2);
	EXPECT(nr_areas() < nr_mapped + nr_rounds / 2);
	EXPECT(nr_large_objects() < nr_large + nr_rounds / 2);
}

static const struct guest_case cases[] = {
	CASE(first_and_last_kmap_slot),
	CASE(vmap_behind_a_hole),
	CASE(transparent_huge_page),
	CASE(hugetlb_page),
#ifdef __LP64__
	CASE(hugetlb_page_of_1_gib),
#endif
	CASE(audits_leave_nothing),
};
GUEST_MAIN(cases)
