// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each kind of alias, planted: the auditor reports the frame, both types and
 * both owners, in the records and in text, and no longer after the mapping was
 * removed.
 *
 * A mutant of the auditor that does not walk a region, does not read a bit of
 * the type, or takes the wrong owner makes exactly one of these fail.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <signal.h>
#include <sys/wait.h>

/* What one side of a conflict must be called. */
struct side {
	const char *space;
	int pid;		/* 0: a kernel mapping */
	const void *mem;	/* its address, or NULL */
	unsigned long long va;	/* likewise, in the kernel */
	const char *entry;	/* as the entry says: "WB", "WC", "UC-" */
	const char *name;	/* part of the owner's name */
	const char *text;	/* how the text calls the owner */
};

static struct side user_side(const void *mem, const char *entry)
{
	return (struct side){
		.space = "process", .pid = getpid(), .mem = mem,
		.entry = entry, .name = PLANT_DEVICE, .text = "process %d (",
	};
}

static struct side kernel_side(const char *space, unsigned long long va,
			       const char *entry, const char *name)
{
	return (struct side){
		.space = space, .va = va, .entry = entry, .name = name,
		.text = name,
	};
}

static struct side kmap_side(unsigned long long va)
{
	struct side side = kernel_side("kmap", va, "WB", "kmap");

	side.text = "kmap slot ";
	return side;
}

static const char *effective(const char *entry)
{
	return strcmp(entry, "UC-") ? entry : "UC";
}

static unsigned long long va_of(const struct side *side)
{
	return side->mem ? (uintptr_t)side->mem : side->va;
}

static void expect_record_side(const struct conflict *conflict,
			     const struct side *side)
{
	const struct party *party = find_party(conflict, side->space,
					       side->pid, va_of(side));

	if (!party)
		say("no party %s at %llx", side->space, va_of(side));
	EXPECT(party);
	EXPECT(!strcmp(party->entry, side->entry));
	EXPECT(!strcmp(party->type, effective(side->entry)));
	EXPECT(strstr(party->name, side->name));
	if (side->pid == getpid())
		EXPECT(!strcmp(party->comm, program_invocation_short_name));
}

/* A line that begins with the type, then calls the owner, then the address. */
static void expect_text_side(const char *block, const struct side *side)
{
	char owner[128], line[256], va[32];
	const char *at;

	snprintf(owner, sizeof(owner), side->text, side->pid);
	snprintf(line, sizeof(line), "\n       %-5s%s", side->entry, owner);
	snprintf(va, sizeof(va), "  %08llx-", va_of(side));
	for (at = block; (at = strstr(at, line)); at++)
		if (memmem(at + 1, strcspn(at + 1, "\n"), va, strlen(va)))
			return;
	say("\"%s ...%s\" is not in \"%s\"", line + 1, va, block);
	EXPECT(!"named in the text");
}

static void expect_in_records(uint32_t pfn, const char *grade,
			   const struct side *one, const struct side *other)
{
	char *audit = read_audit();
	struct conflict conflict;
	bool found = find_conflict(audit, pfn, &conflict);

	if (!found)
		say("frame %u (0x%x) is not in: %.2000s", pfn, pfn, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, grade));
	EXPECT(!strcmp(conflict.kind, "ram"));
	expect_record_side(&conflict, one);
	expect_record_side(&conflict, other);
	free(audit);
}

static void expect_in_text(uint32_t pfn, const char *grade,
			   const struct side *one, const struct side *other)
{
	char *text = read_report(), *block = find_block(text, pfn);

	if (!block)
		say("frame 0x%x is not in: %.2000s", pfn, text);
	EXPECT(block);
	expect_text_side(block, one);
	expect_text_side(block, other);
	EXPECT(strstr(text, !strcmp(grade, "alias") ? "ALIAS  frame" :
						      "MIXED  frame"));
	EXPECT(!strstr(text, "verdict:    clean"));
	free(block);
	free(text);
}

static void expect_found(uint32_t pfn, const char *grade, struct side one,
			 struct side other)
{
	expect_in_records(pfn, grade, &one, &other);
	expect_in_text(pfn, grade, &one, &other);
}

static void expect_gone(uint32_t pfn)
{
	char *audit = read_audit(), *text = read_report();
	struct conflict conflict;

	EXPECT(!find_conflict(audit, pfn, &conflict));
	EXPECT(audit_is_clean(audit));
	EXPECT(!find_block(text, pfn));
	free(audit);
	free(text);
}

/* --- the kmap pool --------------------------------------------------------------- */

/* kills: a walk without the kmap pool; entries taken for free slots */
static void stale_kmap_beside_uc_user_mapping(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_HIGH);
	uint64_t va = make_mapping(bed, PLANT_STALE_KMAP, pfn, 1, 0);
	char *mem = map_frame(bed, pfn, PLANT_UC);

	EXPECT_EQ(look_at_page(bed, pfn).pool_va, va);
	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kmap_side(va));
	unmake_mapping(bed, PLANT_STALE_KMAP, pfn, va);
	EXPECT_EQ(look_at_page(bed, pfn).pool_va, 0);
	expect_gone(pfn);
}

/* kills: a join that keeps what only one of two walks has seen */
static void stale_kmap_alone(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_HIGH);
	uint64_t va = make_mapping(bed, PLANT_STALE_KMAP, pfn, 1, 0);
	char *mem = map_frame(bed, pfn, PLANT_UC);

	EXPECT(!munmap(mem, PAGE));
	EXPECT_EQ(look_at_page(bed, pfn).pool_va, va);
	expect_gone(pfn);
}

/* The other mapping of the driver's page: in the pool, or the direct one. */
static struct side side_of_2014(int bed, uint32_t pfn)
{
	struct plant_page page = look_at_page(bed, pfn);

	if (!page.high)
		return kernel_side("direct", page.direct_va, "WB",
				   "direct map");
	EXPECT(page.pool_va);
	return kmap_side(page.pool_va);
}

/* kills: an auditor that knows its own plants but not the driver of 2014 */
static void driver_of_2014(void)
{
	int bed = open_bed();
	struct side user;
	uint32_t pfn;
	char *mem;

	mem = map_as_in_2014(bed, &pfn);
	EXPECT_EQ(mem[100], 0x14);
	EXPECT_EQ(peek_user(bed, mem).type, PLANT_UC);
	user = user_side(mem, "UC-");
	user.name = "/dev/bug2014";
	expect_found(pfn, "alias", user, side_of_2014(bed, pfn));
	EXPECT(!munmap(mem, PAGE));
	expect_gone(pfn);
}

/* kills: a pool read through its counts instead of its entries */
static void live_kmap_beside_uc_user_mapping(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_HIGH);
	uint64_t va = make_mapping(bed, PLANT_KMAP, pfn, 1, 0);
	char *mem = map_frame(bed, pfn, PLANT_UC);

	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kmap_side(va));
	EXPECT(!munmap(mem, PAGE));
	expect_gone(pfn);
	unmake_mapping(bed, PLANT_KMAP, pfn, va);
}

/* --- fixed addresses ---------------------------------------------------------------- */

#ifdef __LP64__
/* kills: a walk without the fixmap: where there is no kmap_local() */
static void fixed_address_beside_uc_user_mapping(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *mem = map_frame(bed, pfn, PLANT_UC);
	uint64_t va = make_mapping(bed, PLANT_FIXMAP, pfn, 1, 0);

	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kernel_side("fixmap", va, "WB", "fixmap idx "));
	unmake_mapping(bed, PLANT_FIXMAP, pfn, va);
	expect_gone(pfn);
}
#else
/* kills: a walk without the fixmap, or of one CPU's part of it */
static void kmap_local_beside_uc_user_mapping(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *mem = map_frame(bed, pfn, PLANT_UC);
	uint64_t va = make_mapping(bed, PLANT_LOCAL, pfn, 1, 0);
	char name[48];

	/* The thread sits on the last CPU. */
	snprintf(name, sizeof(name), "kmap_local cpu %ld idx ",
		 sysconf(_SC_NPROCESSORS_ONLN) - 1);
	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kernel_side("fixmap", va, "WB", name));
	unmake_mapping(bed, PLANT_LOCAL, pfn, va);
	expect_gone(pfn);
}
#endif

/* --- vmap --------------------------------------------------------------------------- */

/* kills: a walk without the vmalloc area */
static void wb_vmap_beside_uc_vmap(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	uint64_t uc = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_UC);
	uint64_t wb = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WB);

	expect_found(pfn, "alias", kernel_side("vmalloc", uc, "UC-", "vmalloc"),
		     kernel_side("vmalloc", wb, "WB", "vmalloc"));
	unmake_mapping(bed, PLANT_VMAP, pfn, wb);
	expect_gone(pfn);
	unmake_mapping(bed, PLANT_VMAP, pfn, uc);
}

/* kills: only pairs of a kernel mapping and a user mapping are compared */
static void wb_vmap_beside_uc_user_mapping(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *mem = map_frame(bed, pfn, PLANT_UC);
	uint64_t va = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WB);

	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kernel_side("vmalloc", va, "WB", "vmalloc"));
	unmake_mapping(bed, PLANT_VMAP, pfn, va);
	expect_gone(pfn);
}

/* --- the direct map ------------------------------------------------------------------ */

/* kills: a walk without the direct map; large pages passed over */
static void uc_user_mapping_of_low_memory(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_LOW);
	struct plant_page page = look_at_page(bed, pfn);
	char *mem = map_frame(bed, pfn, PLANT_UC);

	EXPECT_EQ(page.direct, PLANT_WB);
	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kernel_side("direct", page.direct_va, "WB",
				 "direct map"));
	EXPECT(!munmap(mem, PAGE));
	expect_gone(pfn);
}

/*
 * What was ever converted is mapped page by page, and is what the kernel gives
 * out first: 128 MiB may have to be taken before another page comes.
 */
#define PAGES_TAKEN_MAX (1u << 15)

static uint32_t take_page_in_large_entry(int bed)
{
	struct plant_entry entry;
	uint32_t pfn, i;

	for (i = 0; i < PAGES_TAKEN_MAX; i++) {
		pfn = take_page(bed, PLANT_LOW);
		entry = peek_kernel(bed, look_at_page(bed, pfn).direct_va);
		if (entry.nr > 1 && pfn % entry.nr)
			return pfn;
	}
	end_case(__FILE__, __LINE__, "no page within a large entry");
}

/* kills: of a large entry its first page seen and no other */
static void uc_user_mapping_in_large_entry(void)
{
	int bed = open_bed();
	uint32_t pfn;
	uint64_t va;
	char *mem;

	need_large_entries();
	pfn = take_page_in_large_entry(bed);
	va = look_at_page(bed, pfn).direct_va;
	mem = map_frame(bed, pfn, PLANT_UC);
	expect_found(pfn, "alias", user_side(mem, "UC-"),
		     kernel_side("direct", va, "WB", "direct map"));
	EXPECT(!munmap(mem, PAGE));
	expect_gone(pfn);
}

/* --- processes ------------------------------------------------------------------------ */

/* kills: two mappings of one process taken for one owner */
static void wb_user_mapping_beside_uc_one(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *uc = map_frame(bed, pfn, PLANT_UC);
	char *wb = map_frame(bed, pfn, PLANT_WB);

	expect_found(pfn, "alias", user_side(uc, "UC-"), user_side(wb, "WB"));
	EXPECT(!munmap(wb, PAGE));
	expect_gone(pfn);
}

/* kills: the PAT and PWT bits not read, WC taken for UC or for WB */
static void wb_user_mapping_beside_wc_one(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *wc = map_frame(bed, pfn, PLANT_WC);
	char *wb = map_frame(bed, pfn, PLANT_WB);

	expect_found(pfn, "alias", user_side(wc, "WC"), user_side(wb, "WB"));
	/* Both: a direct mapping that is uncached stands in conflict with each. */
	EXPECT(!munmap(wc, PAGE));
	EXPECT(!munmap(wb, PAGE));
	expect_gone(pfn);
}

/* kills: a write-through mapping taken for an uncached one: it caches */
static void wt_user_mapping_beside_uc_one(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *uc = map_frame(bed, pfn, PLANT_UC);
	char *wt = map_frame(bed, pfn, PLANT_WT);

	expect_found(pfn, "alias", user_side(uc, "UC-"), user_side(wt, "WT"));
	EXPECT(!munmap(wt, PAGE));
	expect_gone(pfn);
}

struct other {
	int bed;
	uint32_t pfn;
	enum plant_type type;
	int ready[2];
};

static void map_and_wait(void *arg)
{
	struct other *other = arg;
	char *mem = map_frame(other->bed, other->pfn, other->type);

	EXPECT_EQ(write(other->ready[1], &mem, sizeof(mem)), sizeof(mem));
	for (;;)
		pause();
}

/* Another process maps the frame; @mem receives where. */
static pid_t start_other(struct other *other, char **mem)
{
	pid_t pid;

	EXPECT(!pipe(other->ready));
	pid = start(map_and_wait, other);
	EXPECT_EQ(read(other->ready[0], mem, sizeof(*mem)), sizeof(*mem));
	return pid;
}

/* kills: one address space at a time looked at; the wrong process named */
static void two_processes_with_different_types(void)
{
	struct other other = { .bed = open_bed(), .type = PLANT_WB };
	struct side theirs;
	char *mem, *their_mem;
	pid_t pid;

	other.pfn = take_page(other.bed, PLANT_BARE);
	pid = start_other(&other, &their_mem);
	mem = map_frame(other.bed, other.pfn, PLANT_UC);
	theirs = user_side(their_mem, "WB");
	theirs.pid = pid;
	expect_found(other.pfn, "alias", user_side(mem, "UC-"), theirs);
	EXPECT(killed(pid));
	expect_gone(other.pfn);
}

/* kills: a mapping named that is in another process at the same address */
static void two_processes_with_same_type(void)
{
	struct other other = { .bed = open_bed(), .type = PLANT_UC };
	char *their_mem;
	pid_t pid;

	other.pfn = take_page(other.bed, PLANT_BARE);
	pid = start_other(&other, &their_mem);
	map_frame(other.bed, other.pfn, PLANT_UC);
	expect_gone(other.pfn);
	EXPECT(killed(pid));
}

/* --- grades --------------------------------------------------------------------------- */

/* kills: UC beside WC called an alias; or not called anything */
static void uc_beside_wc_is_mixed_and_no_alias(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	char *uc = map_frame(bed, pfn, PLANT_UC);
	char *wc = map_frame(bed, pfn, PLANT_WC);
	char *audit;

	expect_found(pfn, "mixed", user_side(uc, "UC-"), user_side(wc, "WC"));
	audit = read_audit();
	EXPECT_EQ(audit_nr_frames(audit, "mixed", "ram"), 1);
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), 0);
	EXPECT(!munmap(wc, PAGE));
	expect_gone(pfn);
}

/* kills: a grade that only looks at two of three mappings */
static void uc_beside_wc_and_wb_is_alias(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_ANY);
	char *uc = map_frame(bed, pfn, PLANT_UC);
	char *wc = map_frame(bed, pfn, PLANT_WC);
	uint64_t va = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WB);

	expect_found(pfn, "alias", user_side(uc, "UC-"), user_side(wc, "WC"));
	expect_found(pfn, "alias", user_side(uc, "UC-"),
		     kernel_side("vmalloc", va, "WB", "vmalloc"));
}

/* --- many ------------------------------------------------------------------------------- */

#define NR_CLEAN 10000u

/* What a driver would leave behind: in the pool, where there is one. */
static struct side leave_wb_mapping(int bed, uint32_t pfn)
{
	if (has_high_memory())
		return kmap_side(make_mapping(bed, PLANT_STALE_KMAP, pfn, 1,
					      0));
	return kernel_side("vmalloc",
			   make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WB),
			   "WB", "vmalloc");
}

static void remove_wb_mapping(int bed, uint32_t pfn, const struct side *side)
{
	unmake_mapping(bed, has_high_memory() ? PLANT_STALE_KMAP : PLANT_VMAP,
		       pfn, side->va);
}

/* kills: limits that drop what stands in the middle; frame numbers off by one */
static void one_plant_among_10000_clean_frames(void)
{
	static uint32_t pfns[NR_CLEAN];
	int bed = open_bed();
	struct side left;
	uint32_t pfn;
	char *mem, *audit;

	take_pages(bed, PLANT_BARE, NR_CLEAN, false, pfns);
	mem = map_frames(bed, pfns, NR_CLEAN, PLANT_UC);
	expect_clean_audit();
	pfn = pfns[NR_CLEAN / 2 + 37];
	left = leave_wb_mapping(bed, pfn);
	expect_found(pfn, "alias",
		     user_side(mem + (NR_CLEAN / 2 + 37) * PAGE, "UC-"), left);
	audit = read_audit();
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), 1);
	remove_wb_mapping(bed, pfn, &left);
	expect_gone(pfn);
}

#define NR_PLANTS 64u

/* kills: conflicts counted by stretch, listed by the first only */
static void many_plants_are_counted_by_frame(void)
{
	uint32_t pfns[NR_PLANTS], i;
	struct conflict conflict;
	int bed = open_bed();
	char *audit;

	take_pages(bed, PLANT_ANY, NR_PLANTS, true, pfns);
	map_frames(bed, pfns, NR_PLANTS, has_pat() ? PLANT_WC : PLANT_UC);
	make_mapping(bed, PLANT_VMAP, pfns[0], NR_PLANTS, PLANT_WB);
	audit = read_audit();
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), NR_PLANTS);
	for (i = 0; i < NR_PLANTS; i++)
		EXPECT(find_conflict(audit, pfns[i], &conflict));
	EXPECT(!find_conflict(audit, pfns[0] - 1, &conflict));
	EXPECT(!find_conflict(audit, pfns[0] + NR_PLANTS, &conflict));
}

static const struct guest_case cases[] = {
	CASE(stale_kmap_beside_uc_user_mapping),
	CASE(stale_kmap_alone),
	CASE(driver_of_2014),
	CASE(live_kmap_beside_uc_user_mapping),
#ifdef __LP64__
	CASE(fixed_address_beside_uc_user_mapping),
#else
	CASE(kmap_local_beside_uc_user_mapping),
#endif
	CASE(wb_vmap_beside_uc_vmap),
	CASE(wb_vmap_beside_uc_user_mapping),
	CASE(uc_user_mapping_of_low_memory),
	CASE(uc_user_mapping_in_large_entry),
	CASE(wb_user_mapping_beside_uc_one),
	CASE_PAT(wb_user_mapping_beside_wc_one),
	CASE_PAT(wt_user_mapping_beside_uc_one),
	CASE(two_processes_with_different_types),
	CASE(two_processes_with_same_type),
	CASE_PAT(uc_beside_wc_is_mixed_and_no_alias),
	CASE_PAT(uc_beside_wc_and_wb_is_alias),
	CASE(one_plant_among_10000_clean_frames),
	CASE(many_plants_are_counted_by_frame),
};
GUEST_MAIN(cases)
