// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One process maps more than any table holds, another one has an alias: the
 * auditor reports it, whichever of the two has the lower pid. A process that
 * does not release its mmap lock is skipped and reported.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define NR_MAPPINGS 4200u
#define NR_BUFFERS 3000u
#define LOCK "/sys/kernel/debug/na_fail/lock"

/* A process that does something and stays. */
struct stayer {
	void (*work)(struct stayer *stayer);
	int bed;
	uint32_t pfn;
	int ready[2];
	pid_t pid;
};

static void work_and_stay(void *arg)
{
	struct stayer *stayer = arg;

	stayer->work(stayer);
	EXPECT_EQ(write(stayer->ready[1], &stayer->pfn, sizeof(stayer->pfn)),
		  sizeof(stayer->pfn));
	for (;;)
		pause();
}

static void start_stayer(struct stayer *stayer,
			 void (*work)(struct stayer *stayer))
{
	stayer->work = work;
	EXPECT(!pipe(stayer->ready));
	stayer->pid = start(work_and_stay, stayer);
	/* One that ends early ends the read. */
	close(stayer->ready[1]);
	EXPECT_EQ(read(stayer->ready[0], &stayer->pfn, sizeof(stayer->pfn)),
		  sizeof(stayer->pfn));
}

/* --- what they do ---------------------------------------------------------------- */

/* Mappings that agree with each other, of what every member may have. */
static void map_one_page_often(struct stayer *stayer)
{
	int fd = new_buffer(PAGE);
	uint32_t i;

	(void)stayer;
	for (i = 0; i < NR_MAPPINGS; i++)
		*(volatile char *)map_buffer(fd, PAGE) = 1;
}

static void make_many_buffers(struct stayer *stayer)
{
	uint32_t i;

	(void)stayer;
	for (i = 0; i < NR_BUFFERS; i++)
		*(volatile char *)new_mapping(PAGE) = 1;
}

/* Each of them stands in conflict with the direct map. */
static void map_low_page_often(struct stayer *stayer)
{
	uint32_t i;

	stayer->bed = open_bed();
	stayer->pfn = take_page(stayer->bed, PLANT_LOW);
	for (i = 0; i < NR_MAPPINGS; i++)
		map_frame(stayer->bed, stayer->pfn, PLANT_UC);
}

/* Without high memory there is no kmap pool. */
static void have_alias(struct stayer *stayer)
{
	stayer->bed = open_bed();
	stayer->pfn = take_page(stayer->bed, PLANT_ANY);
	map_frame(stayer->bed, stayer->pfn, PLANT_UC);
	/* In use: what is stale may go while the flood comes. */
	make_mapping(stayer->bed, has_high_memory() ? PLANT_KMAP : PLANT_VMAP,
		     stayer->pfn, 1, PLANT_WB);
}

static void do_nothing(struct stayer *stayer)
{
	(void)stayer;
}

/* --- floods ------------------------------------------------------------------------ */

static void expect_named(const char *audit, const struct stayer *victim)
{
	struct conflict conflict;
	bool found = find_conflict(audit, victim->pfn, &conflict);

	if (!found)
		say("frame 0x%x is not in: %.1500s", victim->pfn, audit);
	EXPECT(found);
	EXPECT(!strcmp(conflict.grade, "alias"));
	EXPECT(find_party(&conflict, "process", victim->pid, 0));
	EXPECT(find_party(&conflict, has_high_memory() ? "kmap" : "vmalloc", 0,
			  0));
}

static bool is_complete(const char *audit)
{
	return audit_cut(audit, "none") && !find_line(audit, "missed ");
}

static void expect_no_flood(void (*flood)(struct stayer *stayer),
			    bool flooder_first)
{
	struct stayer flooder = { 0 }, victim = { 0 };
	char *audit;

	if (flooder_first)
		start_stayer(&flooder, flood);
	start_stayer(&victim, have_alias);
	if (!flooder_first)
		start_stayer(&flooder, flood);
	audit = read_audit();
	expect_named(audit, &victim);
	EXPECT(is_complete(audit));
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), 1);
	free(audit);
	EXPECT(killed(flooder.pid));
	EXPECT(killed(victim.pid));
}

/* kills: an owner, or a mapping, kept for what conflicts with nothing */
static void flood_of_mappings_then_alias(void)
{
	expect_no_flood(map_one_page_often, true);
}

static void alias_then_flood_of_mappings(void)
{
	expect_no_flood(map_one_page_often, false);
}

/* kills: frames that take room by how they lie scattered */
static void flood_of_buffers_then_alias(void)
{
	expect_no_flood(make_many_buffers, true);
}

static void expect_flooder_cut(bool flooder_first)
{
	struct stayer flooder = { 0 }, victim = { 0 };
	char *audit, missed[64];

	if (flooder_first)
		start_stayer(&flooder, map_low_page_often);
	start_stayer(&victim, have_alias);
	if (!flooder_first)
		start_stayer(&flooder, map_low_page_often);
	audit = read_audit();
	expect_named(audit, &victim);
	snprintf(missed, sizeof(missed),
		 "missed space=process pid=%d ", flooder.pid);
	if (!find_line(audit, missed))
		say("%s is not in: %.1500s", missed, audit);
	EXPECT(find_line(audit, missed));
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ram"), 2);
	free(audit);
	EXPECT(killed(flooder.pid));
	EXPECT(killed(victim.pid));
}

/* kills: room that is not divided; the wrong process named as cut */
static void flood_of_conflicts_then_alias(void)
{
	expect_flooder_cut(true);
}

static void alias_then_flood_of_conflicts(void)
{
	expect_flooder_cut(false);
}

/* --- a lock that is held --------------------------------------------------------------- */

static int hold_lock_of(pid_t pid)
{
	int fd = open(LOCK, O_RDWR | O_CLOEXEC);
	char text[16];

	EXPECT(fd >= 0);
	snprintf(text, sizeof(text), "%d", pid);
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static bool command_fails(const char *options, int status)
{
	char command[96];
	int ended;

	snprintf(command, sizeof(command),
		 "./noalias audit %s >/tmp/answer 2>/tmp/trouble", options);
	ended = system(command);
	return WIFEXITED(ended) && WEXITSTATUS(ended) == status;
}

/* kills: a wait without end; silence about who was not seen; exit status 0 */
static void locked_process_is_named(void)
{
	struct stayer locked = { 0 }, victim = { 0 };
	char *audit, missed[64];
	uint64_t begun;
	int fd;

	start_stayer(&locked, do_nothing);
	fd = hold_lock_of(locked.pid);
	begun = now_ms();
	EXPECT(command_fails("", 2));
	EXPECT(now_ms() - begun < 60000);
	EXPECT(file_has("/tmp/answer", "nothing found, but incomplete"));
	EXPECT(file_has("/tmp/trouble", "incomplete"));
	EXPECT(command_fails("--quiet", 2));
	start_stayer(&victim, have_alias);
	audit = read_audit();
	expect_named(audit, &victim);
	snprintf(missed, sizeof(missed),
		 "missed space=process pid=%d ", locked.pid);
	EXPECT(find_line(audit, missed));
	EXPECT(audit_cut(audit, "unseen"));
	free(audit);
	EXPECT(killed(victim.pid));
	EXPECT(!close(fd));
	expect_clean_audit();
	EXPECT(killed(locked.pid));
}

static void audit_and_tell(void *arg)
{
	const int *ready = arg;

	EXPECT_EQ(write(ready[1], "", 1), 1);
	free(read_audit());
}

/* An audit that waits for locks ends with who asked for it. */
static void expect_audit_dies(void)
{
	int ready[2];
	uint64_t begun;
	char byte;
	pid_t pid;

	EXPECT(!pipe(ready));
	pid = start(audit_and_tell, ready);
	EXPECT_EQ(read(ready[0], &byte, 1), 1);
	begun = now_ms();
	EXPECT(killed(pid));
	EXPECT(now_ms() - begun < 3000);
}

#define NR_LOCKED 20

/* kills: a wait for each of many locks; one that does not end with its caller */
static void many_locked_processes(void)
{
	struct stayer locked[NR_LOCKED] = { 0 };
	int fds[NR_LOCKED], i;
	uint64_t begun;
	char *audit;

	/* Before the locks, which a child would inherit. */
	for (i = 0; i < NR_LOCKED; i++)
		start_stayer(&locked[i], do_nothing);
	for (i = 0; i < NR_LOCKED; i++)
		fds[i] = hold_lock_of(locked[i].pid);
	expect_audit_dies();
	begun = now_ms();
	audit = read_audit();
	say("%d locked processes: %llu ms", NR_LOCKED,
	    (unsigned long long)(now_ms() - begun));
	/* It would be twenty seconds a walk if each were waited for. */
	EXPECT(now_ms() - begun < 19000);
	EXPECT(audit_cut(audit, "unseen"));
	free(audit);
	for (i = 0; i < NR_LOCKED; i++) {
		EXPECT(!close(fds[i]));
		EXPECT(killed(locked[i].pid));
	}
}

static const struct guest_case cases[] = {
	CASE(flood_of_mappings_then_alias),
	CASE(alias_then_flood_of_mappings),
	CASE(flood_of_buffers_then_alias),
	CASE(flood_of_conflicts_then_alias),
	CASE(alias_then_flood_of_conflicts),
	CASE(locked_process_is_named),
	CASE(many_locked_processes),
};
GUEST_MAIN(cases)
