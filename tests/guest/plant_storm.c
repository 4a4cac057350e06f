// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The auditor under load: processes, mappings and buffers that are created and
 * removed, kernel threads that kmap and vmap. It never reports a false alias,
 * and never misses one that does not change. Expects storm.ko beside the
 * program, not loaded.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define NR_AUDITS 20
#define NR_TRIES 5
#define NR_STORMERS 3
#define LEN (64 * PAGE)

static int nr_audits(void)
{
	return (int)rounds(NR_AUDITS);
}

/* A frame that is an alias for as long as the case lasts. */
struct plant {
	int bed;
	uint32_t pfn;
};

static struct plant new_plant(void)
{
	struct plant plant = { .bed = open_bed() };

	plant.pfn = take_page(plant.bed, PLANT_ANY);
	map_frame(plant.bed, plant.pfn, PLANT_UC);
	make_mapping(plant.bed, PLANT_VMAP, plant.pfn, 1, PLANT_WB);
	return plant;
}

/* The plant, the whole plant, and nothing but the plant. */
static bool names_plant_only(const char *audit, const struct plant *plant)
{
	struct conflict conflict;

	return find_conflict(audit, plant->pfn, &conflict) &&
	       audit_nr_frames(audit, "alias", "ram") == 1 &&
	       !audit_nr_frames(audit, "alias", "ours") &&
	       !audit_nr_frames(audit, "alias", "device") &&
	       !audit_nr_frames(audit, "mixed", "ours") &&
	       !audit_nr_frames(audit, "mixed", "ram");
}

/*
 * A whole audit. A process of the storm may hold its lock for longer than an audit
 * waits, which the audit then says; it is begun again. Returns how many mappings
 * were dropped because they changed.
 */
static unsigned long long check_audit(const struct plant *plant)
{
	unsigned long long changed;
	bool is_good, is_whole;
	int tries;
	char *audit;

	for (tries = 0; tries < NR_TRIES; tries++) {
		audit = read_audit();
		is_whole = audit_cut(audit, "none");
		is_good = names_plant_only(audit, plant) &&
			  (is_whole || audit_cut(audit, "unseen"));
		if (!is_good)
			say("plant is 0x%x, audit: %.1600s", plant->pfn, audit);
		EXPECT(is_good);
		changed = audit_seen(audit, "changed");
		free(audit);
		if (is_whole)
			return changed;
	}
	EXPECT(!"one of some audits sees all processes");
	return 0;
}

static void audit_beside(void (*storm)(void *))
{
	struct plant plant = new_plant();
	unsigned long long changed = 0;
	pid_t stormers[NR_STORMERS];
	int i;

	for (i = 0; i < NR_STORMERS; i++)
		stormers[i] = start(storm, NULL);
	for (i = 0; i < nr_audits(); i++)
		changed += check_audit(&plant);
	say("%d audits, %llu mappings changed under them", i, changed);
	for (i = 0; i < NR_STORMERS; i++)
		EXPECT(killed(stormers[i]));
}

/* --- storms of processes ---------------------------------------------------------- */

static void touch(char *mem, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += PAGE)
		((volatile char *)mem)[i]++;
}

static void fork_for_ever(void *arg)
{
	char *mem = new_mapping(LEN), *own = malloc(MIB);
	pid_t pid;

	(void)arg;
	for (;;) {
		pid = fork();
		if (!pid) {
			touch(mem, LEN);
			touch(own, MIB);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/* kills: address spaces used after they are gone */
static void audits_beside_forks(void)
{
	audit_beside(fork_for_ever);
}

static void map_for_ever(void *arg)
{
	static const char *const heaps[] = { "system-uncached",
					     "system-writecombine" };
	char *mem, *plain;
	unsigned int i;

	(void)arg;
	for (i = 0;; i++) {
		EXPECT(!setenv("NA_HEAP", heaps[has_pat() ? i % 2 : 0], 1));
		mem = new_mapping(LEN);
		plain = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		touch(mem, LEN);
		touch(plain, MIB);
		munmap(mem + 3 * PAGE, PAGE);
		munmap(plain, MIB);
		munmap(mem, LEN);
	}
}

/*
 * The frames of a freed buffer are somebody's ordinary memory a moment later:
 * what was read of them at two times is not an alias.
 */
/* kills: mappings joined that never stood together; one read instead of three */
static void audits_beside_mmaps(void)
{
	audit_beside(map_for_ever);
}

static void protect_for_ever(void *arg)
{
	char *mem = new_mapping(LEN);

	(void)arg;
	for (;;) {
		mprotect(mem + 8 * PAGE, PAGE, PROT_READ);
		madvise(mem, LEN, MADV_DONTNEED);
		touch(mem, 8 * PAGE);
		mprotect(mem + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE);
		mem = mremap(mem, LEN, LEN, MREMAP_MAYMOVE);
		touch(mem, LEN);
	}
}

/* kills: page tables read without the lock that keeps them */
static void audits_beside_protections(void)
{
	audit_beside(protect_for_ever);
}

/*
 * A frame is mapped WB in the kernel, then UC in a process, never both at
 * once and each time at another address: whoever reads one and then the other
 * may see both, and whoever reads again sees neither. Without high memory the
 * direct map is what changes its type before and after.
 */
#define RETYPE_MAX 0x10000u

static void map_and_unmap_uc(int bed, uint32_t pfn, uint32_t round)
{
	struct plant_frames frames = frames_of(&pfn, 1);
	char *at = (char *)(uintptr_t)FREE_BORDER +
		   round % RETYPE_MAX * PAGE;

	frames.type = PLANT_UC;
	BED_CALL(bed, PLANT_AIM, &frames);
	EXPECT(mmap(at, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED_NOREPLACE, bed, 0) == at);
	touch(at, PAGE);
	sleep_ms(1);
	EXPECT(!munmap(at, PAGE));
}

static void retype_for_ever(void *arg)
{
	int bed = open_bed();
	uint32_t pfn, round;
	uint64_t va;

	(void)arg;
	for (round = 0;; round++) {
		pfn = take_page(bed, PLANT_ANY);
		va = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_WB);
		sleep_ms(1);
		unmake_mapping(bed, PLANT_VMAP, pfn, va);
		give_pages(bed, &pfn, 1);
		pfn = take_page(bed, PLANT_BARE);
		map_and_unmap_uc(bed, pfn, round);
		give_pages(bed, &pfn, 1);
	}
}

/* kills: a join of what was read here and then there; one look for three */
static void audits_beside_changing_types(void)
{
	unsigned long long changed = 0;
	pid_t stormers[NR_STORMERS];
	struct plant plant = new_plant();
	int i;

	for (i = 0; i < NR_STORMERS; i++)
		stormers[i] = start(retype_for_ever, NULL);
	/* Until one was caught in the act; on a quiet machine none may be. */
	for (i = 0; i < 5 * nr_audits() || (!changed && i < 20 * NR_AUDITS); i++)
		changed += check_audit(&plant);
	say("%d audits, %llu mappings changed under them", i, changed);
	for (i = 0; i < NR_STORMERS; i++)
		EXPECT(killed(stormers[i]));
}

/* --- processes that end ------------------------------------------------------------- */

static void plant_and_exit(void *arg)
{
	int bed = open_bed();
	uint32_t pfns[32];

	take_pages(bed, PLANT_ANY, 32, false, pfns);
	map_frames(bed, pfns, 32, PLANT_UC);
	map_frames(bed, pfns, 32, PLANT_WB);
	sleep_ms(*(int *)arg);
}

/* kills: a process named that is gone: its memory, its name, its files */
static void audits_beside_ending_processes(void)
{
	pid_t pids[8];
	char *audit;
	int i, j, ms;

	for (i = 0; i < nr_audits(); i++) {
		for (j = 0; j < 8; j++) {
			ms = (i * 7 + j * 5) % 40;
			pids[j] = start(plant_and_exit, &ms);
		}
		audit = read_audit();
		EXPECT_EQ(audit_nr_frames(audit, "alias", "ours"), 0);
		free(audit);
		free(read_audit());
		for (j = 0; j < 8; j++)
			EXPECT(passes(pids[j]));
	}
	expect_clean_audit();
}

/* --- storm.ko ------------------------------------------------------------------------ */

static void end_storm(void)
{
	EXPECT(!system("rmmod storm"));
}

/* kills: the kernel's own tables read as if they stood still */
static void audits_beside_storm_module(void)
{
	EXPECT(!system("insmod storm.ko threads=2"));
	audit_beside(map_for_ever);
	end_storm();
}

/* --- auditors -------------------------------------------------------------------------- */

static void audit_many_times(void *arg)
{
	int i;

	for (i = 0; i < nr_audits(); i++)
		check_audit(arg);
}

/* kills: two audits that share what they found */
static void audits_beside_audits(void)
{
	struct plant plant = new_plant();
	pid_t one = start(audit_many_times, &plant);
	pid_t other = start(audit_many_times, &plant);

	audit_many_times(&plant);
	EXPECT(passes(one));
	EXPECT(passes(other));
}

static void audit_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		free(read_audit());
}

/* kills: a killed audit that keeps a lock, a process or its memory */
static void audits_after_killed_audits(void)
{
	struct plant plant = new_plant();
	pid_t pid;
	int i;

	for (i = 0; i < nr_audits(); i++) {
		pid = start(audit_for_ever, NULL);
		sleep_ms(1 + i * 3);
		EXPECT(killed(pid));
		check_audit(&plant);
	}
}

/* --- a storm of wakeups ------------------------------------------------------------- */

#define NR_BLOCKS 8u
#define BLOCK 1024u
#define NR_PAGES (NR_BLOCKS * BLOCK)

/* The audit's CPU is wanted by others all the time. */
static void wake_up_for_ever(void *arg)
{
	struct timespec time = { .tv_nsec = 50000 };

	(void)arg;
	for (;;)
		nanosleep(&time, NULL);
}

/*
 * Of blocks, so that what one page table maps is one run, whose frames are
 * remembered when the audit lets go: that takes memory, and so may wait.
 * Without high memory all pages have a direct mapping beside this one.
 */
static struct plant new_plant_at_end(uint32_t *pfns, uint32_t *nr_alias)
{
	struct plant plant = { .bed = open_bed() };
	bool is_high = has_high_memory();
	uint32_t i;

	for (i = 0; i < NR_PAGES; i += BLOCK)
		take_pages(plant.bed, is_high ? PLANT_HIGH : PLANT_ANY, BLOCK,
			   true, pfns + i);
	map_frames(plant.bed, pfns, NR_PAGES, PLANT_UC);
	plant.pfn = pfns[NR_PAGES - 1];
	make_mapping(plant.bed, PLANT_VMAP, plant.pfn, 1, PLANT_WB);
	*nr_alias = is_high ? 1 : NR_PAGES;
	return plant;
}

/*
 * kills: the rest of a mapping passed over, where the audit let go of its
 * process: it asked twice whether somebody waits, and the answers differed
 */
static void audits_beside_wakeups(void)
{
	static uint32_t pfns[NR_PAGES];
	pid_t sleepers[NR_STORMERS];
	struct conflict conflict;
	struct plant plant;
	uint32_t nr_alias;
	char *audit;
	int i;

	plant = new_plant_at_end(pfns, &nr_alias);
	for (i = 0; i < NR_STORMERS; i++)
		sleepers[i] = start(wake_up_for_ever, NULL);
	for (i = 0; i < 4 * nr_audits(); i++) {
		audit = read_audit();
		if (audit_nr_frames(audit, "alias", "ram") != nr_alias)
			say("audit %d: %s", i, find_line(audit, "frames "));
		EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), nr_alias);
		EXPECT(find_conflict(audit, plant.pfn, &conflict));
		free(audit);
	}
	for (i = 0; i < NR_STORMERS; i++)
		EXPECT(killed(sleepers[i]));
}

static const struct guest_case cases[] = {
	CASE(audits_beside_forks),
	CASE(audits_beside_mmaps),
	CASE(audits_beside_protections),
	CASE(audits_beside_changing_types),
	CASE(audits_beside_ending_processes),
	CASE(audits_beside_storm_module),
	CASE(audits_beside_audits),
	CASE(audits_after_killed_audits),
	CASE(audits_beside_wakeups),
};
GUEST_MAIN(cases)
