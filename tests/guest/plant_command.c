// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The command "noalias audit": what it says and with which status it ends,
 * while something is planted and while nothing is.
 */
#define _GNU_SOURCE
#include "plant_ask.h"

#include <sched.h>
#include <sys/mount.h>

static struct answer audit_with(const char *options)
{
	return ask("audit %s", options);
}

/* kills: a status that does not depend on what was found */
static void command_on_clean_system(void)
{
	struct answer text = audit_with(""), json = audit_with("--json");

	EXPECT_EQ(text.status, 0);
	EXPECT(strstr(text.text, "verdict:    clean"));
	EXPECT_EQ(json.status, 0);
	EXPECT(json_is_clean(json.text));
}

/* kills: success although there is an alias; owners lost on the way */
static void command_with_plant(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	bool is_high = has_high_memory();
	struct answer answer;
	char *block, *line, pid[24];

	map_frame(bed, pfn, PLANT_UC);
	make_mapping(bed, is_high ? PLANT_STALE_KMAP : PLANT_VMAP, pfn, 1,
		     PLANT_WB);
	answer = audit_with("--json");
	EXPECT_EQ(answer.status, 1);
	line = json_conflict(answer.text, pfn);
	EXPECT(line);
	snprintf(pid, sizeof(pid), "\"pid\":%d,", getpid());
	EXPECT(strstr(line, pid));
	EXPECT(strstr(line, is_high ? "\"space\":\"kmap\"" :
				      "\"space\":\"vmalloc\""));
	answer = audit_with("");
	EXPECT_EQ(answer.status, 1);
	block = find_block(answer.text, pfn);
	EXPECT(block);
	EXPECT(strstr(block, is_high ? "kmap slot " : "vmalloc"));
}

/* kills: --ours that shows others' frames, or hides ours */
static void command_ours(void)
{
	int bed = open_bed();
	uint32_t theirs = take_page(bed, PLANT_ANY), ours;
	struct answer answer;
	char *line;

	map_frame(bed, theirs, PLANT_UC);
	map_frame(bed, theirs, PLANT_WB);
	answer = audit_with("--ours --json");
	EXPECT_EQ(answer.status, 0);
	EXPECT(!json_conflict(answer.text, theirs));
	ours = peek_user(bed, new_mapping(PAGE)).pfn;
	make_mapping(bed, PLANT_VMAP, ours, 1, PLANT_WB);
	answer = audit_with("--ours --json");
	EXPECT_EQ(answer.status, 1);
	line = json_conflict(answer.text, ours);
	EXPECT(line && strstr(line, "\"kind\":\"ours\""));
	EXPECT(!json_conflict(answer.text, theirs));
}

static void audit_without_debugfs(void *arg)
{
	(void)arg;
	EXPECT(!unshare(CLONE_NEWNS));
	EXPECT(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT(!umount2("/sys/kernel/debug", MNT_DETACH));
	EXPECT_EQ(audit_with("").status, 2);
	EXPECT(!file_has("/tmp/answer", "clean"));
	EXPECT(file_has("/tmp/trouble", "debug"));
}

/* kills: trouble that looks like a clean system */
static void command_without_debugfs(void)
{
	EXPECT(passes(start(audit_without_debugfs, NULL)));
}

/* kills: a word that is not understood and passed over */
static void command_with_unknown_option(void)
{
	EXPECT_EQ(audit_with("--no-such-option").status, 2);
	EXPECT(!file_has("/tmp/answer", "clean"));
}

static const struct guest_case cases[] = {
	CASE(command_on_clean_system),
	CASE(command_with_plant),
	CASE(command_ours),
	CASE(command_without_debugfs),
	CASE(command_with_unknown_option),
};
GUEST_MAIN(cases)
