// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The commands "noalias audit" and "noalias map" while something is planted:
 * severities, what is left out, and what the picture shows.
 */
#define _GNU_SOURCE
#include "plant_ask.h"

static uint32_t plant_alias(int bed)
{
	uint32_t pfn = take_page(bed, PLANT_BARE);

	map_frame(bed, pfn, PLANT_UC);
	make_mapping(bed, has_high_memory() ? PLANT_STALE_KMAP : PLANT_VMAP,
		     pfn, 1, PLANT_WB);
	return pfn;
}

/* --- audit ------------------------------------------------------------------ */

/* kills: an alias of memory that is no error; a severity that JSON lacks */
static void audit_calls_alias_an_error(void)
{
	uint32_t pfn = plant_alias(open_bed());
	struct answer answer = ask("audit");

	EXPECT_EQ(answer.status, 1);
	EXPECT(strstr(answer.text, "error   ALIAS  frame"));
	EXPECT(strstr(answer.text, "severity:   error for 1 frame"));
	answer = ask("audit --json");
	EXPECT_EQ(answer.status, 1);
	EXPECT(strstr(answer.text, "{\"severity\":\"error\",\"grade\":\"alias\""));
	EXPECT(json_conflict(answer.text, pfn));
}

/* kills: a status that does not look at --fail-on; UC with WC as an error */
static void audit_calls_mixed_a_warning(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	struct answer answer;

	map_frame(bed, pfn, PLANT_UC);
	map_frame(bed, pfn, PLANT_WC);
	answer = ask("audit");
	EXPECT_EQ(answer.status, 0);
	EXPECT(strstr(answer.text, "warning MIXED  frame"));
	EXPECT_EQ(ask("audit --fail-on warning").status, 1);
	EXPECT_EQ(ask("audit --fail-on note --quiet").status, 1);
}

/* kills: --pid that keeps others' conflicts, or drops its own */
static void audit_of_one_process(void)
{
	uint32_t pfn = plant_alias(open_bed());
	struct answer answer = ask("audit --json --pid %d", getpid());

	EXPECT_EQ(answer.status, 1);
	EXPECT(json_conflict(answer.text, pfn));
	EXPECT(strstr(answer.text, "\"alias\":{\"ours\":0,\"ram\":1,"));
	answer = ask("audit --json --pid 1");
	EXPECT_EQ(answer.status, 0);
	EXPECT(!json_conflict(answer.text, pfn));
	EXPECT(strstr(answer.text, "\"pid\":1"));
	EXPECT(json_is_clean(answer.text));
}

/* kills: --watch that ends with its first audit, or with status 0; JSON of several
 * lines an audit (tests/cli knows whether it remembers)
 */
static void audit_watch_remembers(void)
{
	struct answer answer;

	plant_alias(open_bed());
	answer = ask("audit --watch=0.1 --count 3 --json");
	EXPECT_EQ(answer.status, 1);
	EXPECT(strchr(answer.text, '\n') &&
	       !strncmp(strchr(answer.text, '\n') + 1, "{\"noalias_audit\":1", 18));
	EXPECT(!strstr(answer.text, "\n\"frames\""));
}

/* kills: an audit that is printed and cannot be read again */
static void audit_from_file_says_the_same(void)
{
	struct answer first, second;

	plant_alias(open_bed());
	first = ask("audit --json");
	EXPECT(!rename("/tmp/answer", "/tmp/saved"));
	second = ask("audit --json --from /tmp/saved");
	EXPECT_EQ(second.status, 1);
	EXPECT(!strcmp(first.text, second.text));
}

/* --- map -------------------------------------------------------------------- */

static unsigned long long number_of(const char *json, const char *key)
{
	const char *frames = strstr(json, "\"frames\":{"), *at;
	char pattern[32];

	EXPECT(frames);
	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	at = strstr(frames, pattern);
	EXPECT(at);
	return strtoull(at + strlen(pattern), NULL, 10);
}

/* kills: a picture without the conflict; a status that ignores it */
static void map_shows_alias(void)
{
	uint32_t pfn = plant_alias(open_bed());
	struct answer answer = ask("map --json --block 4K --range %#llx-%#llx",
				   pfn * 4096ull, (pfn + 1) * 4096ull);
	char cell[96];

	EXPECT_EQ(answer.status, 1);
	EXPECT_EQ(number_of(answer.text, "alias"), 1);
	snprintf(cell, sizeof(cell),
		 "{\"first_frame\":%u,\"kind\":\"alias\",\"frames\":{\"alias\":1,",
		 pfn);
	EXPECT(strstr(answer.text, cell));
	answer = ask("map --color never");
	EXPECT_EQ(answer.status, 1);
	EXPECT(strchr(answer.text, '!'));
	EXPECT(strstr(answer.text, "ALIAS: mapped cached and uncached"));
}

/* kills: an audit that is made although nobody wants it */
static void map_without_audit(void)
{
	struct answer answer;

	plant_alias(open_bed());
	answer = ask("map --no-audit --json");
	EXPECT_EQ(answer.status, 0);
	EXPECT_EQ(number_of(answer.text, "alias"), 0);
	EXPECT(strstr(answer.text, "\"has_audit\":false"));
}

/* kills: buffers that are not drawn, or as something else */
static void map_counts_buffers(void)
{
	unsigned long long before = number_of(ask("map --json").text, "uc");
	struct answer answer;

	new_buffer(3 * MIB);
	answer = ask("map --json");
	EXPECT_EQ(answer.status, 0);
	EXPECT_EQ(number_of(answer.text, "uc"), before + 768);
	EXPECT(strstr(answer.text, "\"kind\":\"uc\""));
	EXPECT_EQ(number_of(answer.text, "other"), 0);
}

/* kills: a stale entry of the kmap pool that is not drawn */
static void map_shows_kmap(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_HIGH);
	struct answer answer;
	char cell[96];

	make_mapping(bed, PLANT_STALE_KMAP, pfn, 1, 0);
	answer = ask("map --json --block 4K --range %#llx-%#llx",
		     pfn * 4096ull, (pfn + 1) * 4096ull);
	snprintf(cell, sizeof(cell),
		 "{\"first_frame\":%u,\"kind\":\"kmap\",\"frames\":{\"kmap\":1,",
		 pfn);
	EXPECT(strstr(answer.text, cell));
}

static const struct guest_case cases[] = {
	CASE(audit_calls_alias_an_error),
	CASE(audit_calls_mixed_a_warning),
	CASE(audit_of_one_process),
	CASE(audit_watch_remembers),
	CASE(audit_from_file_says_the_same),
	CASE(map_shows_alias),
	CASE(map_without_audit),
	CASE(map_counts_buffers),
	CASE(map_shows_kmap),
};
GUEST_MAIN(cases)
