// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * effect: every effect is counted, timed and reported, and costs nothing
 * without a listener.
 */
#include <noalias/convert.h>
#include <noalias/effect.h>
#include <noalias/purge.h>

#include "world.h"

#define NR 16
#define NR_LOW 8

struct ear {
	char said[1024];
	struct na_effect last[NR_NA_EFFECTS];
	enum na_effect_kind fails;	/* NR_NA_EFFECTS: none */
	bool fails_late;
	bool wants_time;
};

static void say(struct ear *ear, const char *text)
{
	EXPECT(strlen(ear->said) + strlen(text) + 1 < sizeof(ear->said));
	strcat(ear->said, text);
}

static void listen(struct na_port *port, struct na_effect *effect)
{
	struct ear *ear = port->listener_arg;

	EXPECT((u32)effect->kind < NR_NA_EFFECTS);
	if (!effect->is_over) {
		say(ear, na_effect_name(effect->kind));
		say(ear, "(");
		effect->note = 42;
		effect->is_timed = ear->wants_time;
	} else {
		say(ear, ")");
		EXPECT_EQ(effect->note, 42);
		ear->last[effect->kind] = *effect;
	}
	if (effect->kind == ear->fails && effect->is_over == ear->fails_late)
		effect->err = -ENOMEM;
}

static void begin(struct world *w, struct ear *ear)
{
	world_begin(w, NR, NR_LOW);
	memset(ear, 0, sizeof(*ear));
	ear->fails = NR_NA_EFFECTS;
	w->port->listener = listen;
	w->port->listener_arg = ear;
}

static int lend(struct world *w, struct na_run run, enum na_memtype type)
{
	return na_convert_to(&w->machine, &run, 1, type, NA_LENT);
}

static int take_back(struct world *w, struct na_run run, enum na_memtype type)
{
	return na_convert_back(&w->machine, &run, 1, type, NA_LENT);
}

/* kills: a call of the port past the door; an effect told once, or late */
static void effects_are_told_in_order(void)
{
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	fake_take(w.port, run_of(4, 8));
	world_kmap_once(&w, 9);
	EXPECT_EQ(lend(&w, run_of(4, 8), NA_WC), 0);
	EXPECT_STR(ear.said,
		   "convert_to(purge(kmap_purge())"
		   "direct_set()tlb_flush()cache_clean()mark())");
	ear.said[0] = 0;
	EXPECT_EQ(take_back(&w, run_of(4, 8), NA_WC), 0);
	EXPECT_STR(ear.said,
		   "convert_back(wc_drain()direct_set()tlb_flush()mark())");
	world_end(&w);
}

/* kills: a purge of its own that is told as a step of a conversion */
static void purge_alone_is_told_as_such(void)
{
	struct na_run run = run_of(9, 1);
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT_STR(ear.said, "purge_alone(tlb_flush())");
	ear.said[0] = 0;
	na_purge_all(&w.machine);
	EXPECT_STR(ear.said, "kmap_purge()tlb_flush()");
	world_end(&w);
}

/* kills: a flush whose time is counted twice; a look at the clock too many */
static void purge_alone_is_counted_up_to_its_flush(void)
{
	struct na_run run = run_of(9, 1);
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	/* Each look takes 1 ns. */
	EXPECT_EQ(fake_count(w.port, FAKE_TIME), 4);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGE_NS), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGES), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_TLB_NS), 1);
	ear.wants_time = true;
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGE_NS), 2);
	EXPECT_EQ(ear.last[NA_EFFECT_PURGE_ALONE].ns, 4);
	world_end(&w);
}

/* kills: an end without result, frames or type */
static void end_tells_what_came_of_it(void)
{
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	fake_take(w.port, run_of(4, 8));
	EXPECT_EQ(lend(&w, run_of(4, 8), NA_UC), 0);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_TO].type, NA_UC);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_TO].nr_runs, 1);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_TO].err, 0);
	EXPECT_EQ(lend(&w, run_of(4, 8), NA_UC), -EBUSY);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_TO].err, -EBUSY);
	EXPECT_EQ(take_back(&w, run_of(4, 8), NA_UC), 0);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_BACK].nr, 8);
	world_end(&w);
}

/* Looks at the clock that a conversion and its return take. */
static u32 count_looks(bool listens, bool wants_time)
{
	struct ear ear;
	struct world w;
	u32 nr;

	begin(&w, &ear);
	ear.wants_time = wants_time;
	if (!listens)
		w.port->listener = NULL;
	fake_take(w.port, run_of(4, 8));
	EXPECT_EQ(lend(&w, run_of(4, 8), NA_WC), 0);
	EXPECT_EQ(take_back(&w, run_of(4, 8), NA_WC), 0);
	nr = fake_count(w.port, FAKE_TIME);
	EXPECT_EQ(ear.last[NA_EFFECT_CONVERT_TO].ns > 0, wants_time);
	world_end(&w);
	return nr;
}

/* kills: a look at the clock that nobody asked for */
static void clock_is_read_for_somebody_only(void)
{
	/* Check, direct map twice, flush twice, cleaning: each twice. */
	EXPECT_EQ(count_looks(false, false), 12);
	EXPECT_EQ(count_looks(true, false), 12);
	EXPECT(count_looks(true, true) > 12);
}

/* kills: a failure asked for that the port is still asked to avoid */
static void failure_at_the_beginning(void)
{
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	fake_take(w.port, run_of(4, 8));
	ear.fails = NA_EFFECT_DIRECT_SET;
	EXPECT_EQ(lend(&w, run_of(4, 4), NA_UC), -ENOMEM);
	EXPECT_EQ(fake_count(w.port, FAKE_DIRECT_SET), 0);
	ear.fails = NA_EFFECT_CACHE_CLEAN;
	EXPECT_EQ(lend(&w, run_of(4, 8), NA_UC), -ENOMEM);
	EXPECT_EQ(fake_count(w.port, FAKE_CACHE_CLEAN), 0);
	EXPECT_EQ(w.port->frames[4].direct, NA_WB);
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 2);
	world_end(&w);
}

/* kills: a late failure that is not believed */
static void failure_at_the_end(void)
{
	struct ear ear;
	struct world w;

	begin(&w, &ear);
	fake_take(w.port, run_of(8, 4));
	ear.fails = NA_EFFECT_CACHE_CLEAN;
	ear.fails_late = true;
	EXPECT_EQ(lend(&w, run_of(8, 4), NA_UC), -ENOMEM);
	EXPECT_EQ(fake_count(w.port, FAKE_CACHE_CLEAN), 1);
	world_end(&w);
}

/* kills: two kinds of one name, a kind without */
static void names_differ(void)
{
	int i, j;

	for (i = 0; i < NR_NA_EFFECTS; i++) {
		EXPECT(na_effect_name((enum na_effect_kind)i));
		for (j = 0; j < i; j++)
			EXPECT(strcmp(na_effect_name((enum na_effect_kind)i),
				      na_effect_name((enum na_effect_kind)j)));
	}
	EXPECT_SAFE("NR_NA_EFFECTS",
		    EXPECT_STR(na_effect_name(NR_NA_EFFECTS), "unknown"));
}

static const struct tap_case cases[] = {
	TAP(effects_are_told_in_order),
	TAP(purge_alone_is_told_as_such),
	TAP(purge_alone_is_counted_up_to_its_flush),
	TAP(end_tells_what_came_of_it),
	TAP(clock_is_read_for_somebody_only),
	TAP(failure_at_the_beginning),
	TAP(failure_at_the_end),
	TAP(names_differ),
};

TAP_MAIN(cases)
