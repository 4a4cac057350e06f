// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The command "noalias audit --watch" of a kernel, by the module or, with
 * NA_AUDITOR, through /proc/kcore: what is planted came, what is taken away
 * went; how a signal ends it, and what it takes of a CPU.
 *
 * A case waits for lines of the watch and never for a time: a watch that does
 * not say them hangs, and the boot's timeout ends it.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define AUDIT "{\"noalias_audit\":1"

/**
 * struct watch - a watch that runs
 * @pid: its process
 * @said: what it prints
 * @line: the last line of that, of @room bytes
 * @nr_audits: JSON: reports so far
 * @nr_came: JSON: conflicts that came, so far
 * @nr_went: JSON: conflicts that went
 */
struct watch {
	pid_t pid;
	FILE *said;
	char *line;
	size_t room;
	unsigned int nr_audits;
	unsigned int nr_came;
	unsigned int nr_went;
};

static struct watch begin_watch(const char *options)
{
	struct watch watch = { 0 };
	char command[160];
	int ends[2];

	snprintf(command, sizeof(command), "exec ./noalias audit %s %s",
		 is_by_kcore() ? "--kcore" : "", options);
	EXPECT(!pipe2(ends, O_CLOEXEC));
	watch.pid = fork();
	EXPECT(watch.pid >= 0);
	if (!watch.pid) {
		/* A case that fails leaves none behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(ends[1]);
	watch.said = fdopen(ends[0], "r");
	EXPECT(watch.said);
	return watch;
}

static bool read_line(struct watch *watch)
{
	if (getline(&watch->line, &watch->room, watch->said) <= 0)
		return false;
	watch->nr_audits += strstr(watch->line, AUDIT) == watch->line;
	watch->nr_came += !!strstr(watch->line, "{\"event\":\"came\"");
	watch->nr_went += !!strstr(watch->line, "{\"event\":\"went\"");
	return true;
}

/* The next line that begins so; the case has failed if the watch ends first. */
static const char *wait_line(struct watch *watch, const char *begin)
{
	while (read_line(watch))
		if (!strncmp(watch->line, begin, strlen(begin)))
			return watch->line;
	say("the watch ended without a line '%s'", begin);
	end_case(__FILE__, __LINE__, "wait_line");
}

static void wait_audits(struct watch *watch, unsigned int nr)
{
	for (; nr; nr--)
		wait_line(watch, AUDIT);
}

/* Of this frame; those of others are passed over. */
static const char *wait_event(struct watch *watch, const char *word,
			      uint32_t pfn)
{
	char begin[40], frame[40];

	snprintf(begin, sizeof(begin), "{\"event\":\"%s\",", word);
	snprintf(frame, sizeof(frame), "\"first_frame\":%u,", pfn);
	while (!strstr(wait_line(watch, begin), frame))
		;
	return watch->line;
}

/* Reads to the end: the last line is in @watch. */
static int end_watch(struct watch *watch, struct rusage *usage)
{
	char *last = NULL;
	int status;

	while (read_line(watch)) {
		free(last);
		last = strdup(watch->line);
	}
	EXPECT(last);
	free(watch->line);
	watch->line = last;
	fclose(watch->said);
	EXPECT_EQ(wait4(watch->pid, &status, 0, usage), watch->pid);
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int stop_watch(struct watch *watch, int signal)
{
	EXPECT(!kill(watch->pid, signal));
	return end_watch(watch, NULL);
}

/* --- an alias ----------------------------------------------------------------- */

struct alias {
	int bed;
	uint32_t pfn;
	void *uncached;
	enum plant_kind kind;
	uint64_t cached;
};

/* Not a stale entry of the kmap pool, which others may empty. */
static struct alias plant_alias(void)
{
	struct alias alias = { .bed = open_bed() };

	alias.pfn = take_page(alias.bed, PLANT_BARE);
	alias.kind = has_high_memory() ? PLANT_KMAP : PLANT_VMAP;
	alias.uncached = map_frame(alias.bed, alias.pfn, PLANT_UC);
	alias.cached = make_mapping(alias.bed, alias.kind, alias.pfn, 1,
				    PLANT_WB);
	return alias;
}

static void end_alias(const struct alias *alias)
{
	unmake_mapping(alias->bed, alias->kind, alias->pfn, alias->cached);
	EXPECT(!munmap(alias->uncached, PAGE));
	close(alias->bed);
}

/* --- cases -------------------------------------------------------------------- */

static unsigned long long json_number(const char *line, const char *key)
{
	char pattern[40];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	at = strstr(line, pattern);
	EXPECT(at);
	return strtoull(at + strlen(pattern), NULL, 10);
}

static void expect_event(const char *line, const struct alias *alias,
			 time_t since)
{
	unsigned long long when = json_number(line, "time");
	char about[200];

	EXPECT(when >= (unsigned long long)since);
	EXPECT(when <= (unsigned long long)time(NULL));
	/* Makers of areas are hidden as long as kernel.kptr_restrict is 0. */
	snprintf(about, sizeof(about),
		 ",\"severity\":\"error\",\"grade\":\"alias\",\"kind\":\"ram\",\"first_frame\":%u,\"nr_frames\":1,\"maker\":\"" PLANT_DEVICE "\"}\n",
		 alias->pfn);
	if (!strstr(line, about))
		say("%s", line);
	EXPECT(strstr(line, about));
}

/*
 * kills: a watch that forgets, or that tells again of what has stayed; an
 * event of another frame, without its time or its maker; a summary that does not
 * count what was told; a status of the last audit alone
 */
static void watch_tells_what_came_and_went(void)
{
	struct watch watch = begin_watch("--watch=0.05 --json");
	time_t since = time(NULL);
	struct alias alias;

	wait_audits(&watch, 2);
	EXPECT_EQ(watch.nr_came, 0);
	alias = plant_alias();
	expect_event(wait_event(&watch, "came", alias.pfn), &alias, since);
	wait_audits(&watch, 2);
	EXPECT_EQ(watch.nr_came, 1);
	EXPECT_EQ(watch.nr_went, 0);
	end_alias(&alias);
	expect_event(wait_event(&watch, "went", alias.pfn), &alias, since);
	EXPECT_EQ(stop_watch(&watch, SIGTERM), 1);
	EXPECT_EQ(watch.nr_came, 1);
	EXPECT_EQ(watch.nr_went, 1);
	EXPECT(!strncmp(watch.line, "{\"event\":\"end\",", 15));
	EXPECT_EQ(json_number(watch.line, "audits"), watch.nr_audits);
	EXPECT_EQ(json_number(watch.line, "came"), 1);
	EXPECT_EQ(json_number(watch.line, "went"), 1);
}

/* kills: a conflict that is the same although another mapping makes it */
static void watch_tells_of_another_mapping(void)
{
	struct alias alias = plant_alias();
	struct watch watch = begin_watch("--watch=0.05 --json");
	void *there;

	wait_audits(&watch, 2);
	EXPECT_EQ(watch.nr_came, 0);
	there = map_frame(alias.bed, alias.pfn, PLANT_UC);
	EXPECT(!munmap(alias.uncached, PAGE));
	alias.uncached = there;
	wait_event(&watch, "went", alias.pfn);
	wait_audits(&watch, 2);
	EXPECT(watch.nr_came);
	EXPECT_EQ(watch.nr_came, watch.nr_went);
	EXPECT_EQ(stop_watch(&watch, SIGTERM), 1);
	end_alias(&alias);
}

/*
 * From a pause of an hour.
 *
 * kills: a signal that is heeded after the pause; a status that is the signal's;
 * a watch that ends without its summary
 */
static void watch_ends_by_a_signal(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct watch watch;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		watch = begin_watch("--watch=3600");
		wait_line(&watch, "verdict:    clean");
		EXPECT_EQ(stop_watch(&watch, signals[i]), 0);
		EXPECT(!strncmp(watch.line, "watched:    1 audits in ", 24));
	}
}

static unsigned long long cpu_ms(const struct rusage *usage)
{
	return (unsigned long long)(usage->ru_utime.tv_sec +
				    usage->ru_stime.tv_sec) * 1000 +
	       (unsigned long long)(usage->ru_utime.tv_usec +
				    usage->ru_stime.tv_usec) / 1000;
}

/*
 * No pause follows the sixth audit: with audits that cost the same it is a
 * fifth more than the budget. It may cost seven times as much as another; and a
 * busy machine makes the whole time longer, never shorter.
 *
 * kills: a budget that is ignored, or that does not count what the kernel does
 */
static void watch_keeps_its_budget(void)
{
	unsigned long long began = now_ms(), took, cpu;
	struct watch watch =
		begin_watch("--watch=0.05 --count 6 --budget 20 --json");
	struct rusage usage;

	EXPECT_EQ(end_watch(&watch, &usage), 0);
	took = now_ms() - began;
	cpu = cpu_ms(&usage);
	say("%llu ms of a CPU in %llu ms; %s", cpu, took, watch.line);
	EXPECT_EQ(watch.nr_audits, 6);
	EXPECT(cpu >= 20);
	EXPECT(cpu * 2 <= took);
	EXPECT(json_number(watch.line, "cpu_ms") <= cpu);
	EXPECT(json_number(watch.line, "cpu_ms") * 2 >= cpu);
	EXPECT(json_number(watch.line, "ms") <= took);
}

static const struct guest_case cases[] = {
	CASE(watch_tells_what_came_and_went),
	CASE(watch_tells_of_another_mapping),
	CASE(watch_ends_by_a_signal),
	CASE(watch_keeps_its_budget),
};
GUEST_MAIN(cases)
