// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The list of cases, and the rounds: in each round every contender of a case
 * has one slice.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user.h"

#define BIT(nr)		(1u << (nr))
#define MASK_MAPPED	(BIT(ALL) | BIT(FLOOR) | BIT(WINDOW) | BIT(KMAP))
#define MASK_USED	(BIT(ALL) | BIT(WINDOW) | BIT(KMAP) | BIT(PREAD) | \
			 BIT(MMAP))
/* Slots of the library, less what a process has mapped besides. */
#define SLOTS_MAX	65000u
/* Misses of GROUP_MIX must be forgotten before they come again. */
#define MIX_SLOTS_MAX	6553u
#define MIX_PERCENT	10

static struct bench_case cases[CASES_MAX];
static unsigned int nr_cases;

unsigned int cases_nr(void)
{
	return nr_cases;
}

struct bench_case *case_at(unsigned int idx)
{
	return &cases[idx];
}

const struct bench_case *case_find(enum group group, unsigned int percent,
				   unsigned int nr_threads)
{
	unsigned int i;

	for (i = 0; i < nr_cases; i++)
		if (cases[i].group == group && cases[i].percent == percent &&
		    cases[i].nr_threads == nr_threads && !cases[i].counts_only)
			return &cases[i];
	return NULL;
}

bool case_has(const struct bench_case *c, unsigned int contender)
{
	return c->mask & BIT(contender);
}

const char *group_name(enum group group)
{
	static const char *const names[NR_GROUPS] = {
		[GROUP_HIT] = "hit", [GROUP_REVIVE] = "revive",
		[GROUP_SHARED] = "revive-shared", [GROUP_MISS] = "miss",
		[GROUP_FLUSH] = "flush", [GROUP_MIX] = "mix",
		[GROUP_UPDATE] = "update", [GROUP_UNIFORM] = "uniform",
		[GROUP_ZIPF] = "zipf",
	};

	return names[group];
}

const char *case_label(const struct bench_case *c)
{
	static const char *const formats[NR_GROUPS] = {
		[GROUP_HIT] = "hit, set of %u %%",
		[GROUP_REVIVE] = "revive, set of %u %%",
		[GROUP_SHARED] = "revive, same frames, %u %%",
		[GROUP_MISS] = "miss, window of %u %%",
		[GROUP_FLUSH] = "flush of %u %%, a slot",
		[GROUP_MIX] = "%u %% hits",
		[GROUP_UPDATE] = "%u %% hits, read and write",
		[GROUP_UNIFORM] = "uniform, window of %u %%",
		[GROUP_ZIPF] = "Zipf 0.99, window of %u %%",
	};
	static char text[64];

	/* The formats take one unsigned each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), formats[c->group], c->percent);
#pragma GCC diagnostic pop
	return text;
}

/* --- the list --------------------------------------------------------------- */

static uint32_t slots_of(enum group group, unsigned int percent)
{
	uint32_t nr = (uint32_t)((uint64_t)data.nr * percent / 100);

	if (options.nr_slots && (group == GROUP_UNIFORM || group == GROUP_ZIPF))
		return options.nr_slots;
	if (group != GROUP_MIX && group != GROUP_UPDATE)
		return nr;
	nr = data.nr * MIX_PERCENT / 100;
	return nr < MIX_SLOTS_MAX ? nr : MIX_SLOTS_MAX;
}

/* Is its name one of those asked for? */
static bool is_wanted(enum group group)
{
	const char *at = options.only, *name = group_name(group);
	size_t len = strlen(name);

	for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	return !options.only;
}

static void add(enum group group, unsigned int percent,
		unsigned int nr_threads, unsigned int mask)
{
	struct bench_case c = {
		.group = group, .percent = percent, .nr_threads = nr_threads,
		.mask = mask, .nr_slots = slots_of(group, percent),
	};

	if (!is_wanted(group))
		return;
	c.nr_set = group <= GROUP_SHARED || group == GROUP_FLUSH ?
		   c.nr_slots : data.nr;
	if (c.nr_slots > SLOTS_MAX) {
		printf("left out, %u slots are more than %u: %s\n", c.nr_slots,
		       SLOTS_MAX, case_label(&c));
		return;
	}
	if (nr_cases == CASES_MAX)
		die("more than %u cases", CASES_MAX);
	cases[nr_cases++] = c;
}

static void add_counted(enum group group, unsigned int percent,
			unsigned int nr_threads)
{
	unsigned int before = nr_cases;

	add(group, percent, nr_threads, MASK_USED & ~BIT(ALL));
	if (nr_cases > before)
		cases[before].counts_only = true;
}

/* Sizes of a window; one if the command line says so. */
static const unsigned int percents[] = { 1, 10, 50 };

static unsigned int nr_percents(void)
{
	return options.nr_slots ? 1 : sizeof(percents) / sizeof(*percents);
}

static void add_timed(unsigned int nr_threads)
{
	unsigned int i, mix = nr_threads > 1 ? 99 : 90;

	for (i = 0; i < sizeof(percents) / sizeof(*percents); i++)
		add(GROUP_HIT, percents[i], nr_threads, MASK_MAPPED);
	for (i = 0; i < sizeof(percents) / sizeof(*percents); i++)
		add(GROUP_REVIVE, percents[i], nr_threads, MASK_MAPPED);
	if (nr_threads > 1)
		add(GROUP_SHARED, 1, nr_threads, MASK_MAPPED);
	add(GROUP_MISS, 10, nr_threads, MASK_USED);
	add(GROUP_FLUSH, 10, nr_threads, BIT(WINDOW) | BIT(KMAP));
	add(GROUP_MIX, mix, nr_threads, MASK_USED);
	if (nr_threads == 1)
		add(GROUP_UPDATE, mix, nr_threads, MASK_USED);
	for (i = 0; i < nr_percents(); i++)
		add(GROUP_UNIFORM, percents[i], nr_threads, MASK_USED);
	for (i = 0; i < nr_percents(); i++)
		add(GROUP_ZIPF, percents[i], nr_threads, MASK_USED);
}

void cases_make(void)
{
	unsigned int nr_threads;

	add_timed(1);
	add_timed(2);
	for (nr_threads = 1; nr_threads <= THREADS_MAX; nr_threads *= 2) {
		add_counted(GROUP_REVIVE, 1, nr_threads);
		add_counted(GROUP_MISS, 10, nr_threads);
		add_counted(GROUP_MIX, 99, nr_threads);
		add_counted(GROUP_ZIPF, 10, nr_threads);
	}
}

/* --- rounds ------------------------------------------------------------------- */

/* Each round begins with another one: nobody always comes after the same. */
static void run_round(struct bench_case *c, struct child **children,
		      unsigned int round)
{
	unsigned int i, nr;
	double ns;

	for (i = 0; i < NR_CONTENDERS; i++) {
		nr = (round + i) % NR_CONTENDERS;
		if (!case_has(c, nr))
			continue;
		ns = child_run(children[nr], options.slice_ns, &c->tally[nr]);
		samples_add(&c->ns[nr], ns);
	}
}

static void run_rounds(struct bench_case *c, struct child **children)
{
	unsigned int rounds = c->counts_only ? 1 : options.nr_rounds, round;

	for (round = 0; round < rounds; round++)
		run_round(c, children, round);
}

/* What was written through all of them together is there. */
static void check_updates(const struct bench_case *c, uint64_t before)
{
	uint64_t made = 0;
	unsigned int i;

	for (i = 0; i < NR_CONTENDERS; i++)
		made += c->tally[i].nr;
	if (data_sum_updates() - before != made)
		die("%llu updates were made, the data shows %llu",
		    (unsigned long long)made,
		    (unsigned long long)(data_sum_updates() - before));
}

static void run_case(struct bench_case *c)
{
	uint64_t before = c->group == GROUP_UPDATE ? data_sum_updates() : 0;
	struct child *children[NR_CONTENDERS] = { NULL };
	unsigned int i;

	traces_make(c);
	for (i = 0; i < NR_CONTENDERS; i++)
		if (case_has(c, i))
			children[i] = child_start(c, i);
	run_rounds(c, children);
	for (i = 0; i < NR_CONTENDERS; i++)
		if (children[i])
			child_end(children[i]);
	traces_free(c);
	if (c->group == GROUP_UPDATE)
		check_updates(c, before);
}

static void show_progress(unsigned int idx)
{
	if (isatty(2))
		fprintf(stderr, "\r%u of %u: %-40s", idx + 1, nr_cases,
			case_label(&cases[idx]));
}

void cases_run(void)
{
	unsigned int i;

	for (i = 0; i < nr_cases; i++) {
		show_progress(i);
		run_case(&cases[i]);
	}
	if (isatty(2))
		fprintf(stderr, "\r%60s\r", "");
}
