// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Front end: the corruption of 2014, shown, and then prevented.
 *
 * The driver did what drivers usually do: it allocated a high page, cleaned the
 * caches, and mapped it uncached. It is reproduced below, on the machine and
 * the kmap pool that the engine runs on. A random search finds a schedule with
 * a corruption, which is shrunk and shown as a timeline. Then the engine does
 * the same work, under the same whims, in every schedule.
 */
#include <sys/stat.h>

#include "arena.h"
#include "front.h"
#include "hw.h"
#include "scenarios.h"

#define FOUND_WITHIN 2000000
#define CURED_STEPS 1000000

/* --- the driver of 2014 ---------------------------------------------------------- */

static void clean_as_in_2014(struct na_port *m, u32 frame)
{
	u32 vp = sim_fix_map(m, frame, NA_WB);

	sim_point(SIM_OP_CLEAN, 1u << frame, __func__);
	sim_cache_clean(m, frame);
	sim_note(1u << frame, "clflush: no cache has frame %u", frame);
	sim_fix_unmap(m, vp);
}

static void compare(struct na_port *m, u32 vp, u32 word, u8 value)
{
	u8 seen = sim_load(m, vp, word);

	if (seen == value)
		return;
	/* The checkers are off until here. */
	sim.checks_off = 0;
	sim_fail(SIM_I6, 0, "the application wrote or was sent %u in word %u and reads %u",
		 value, word, seen);
}

static void driver_of_2014(struct na_port *m)
{
	u32 vp = sim_user_vp(m, 0, 0), frame;

	sim_call("take a page, clean the caches");
	frame = (u32)sim_frames_take(m, 1, SIM_SYSTEM);
	clean_as_in_2014(m, frame);
	sim_call("map it uncached into the application");
	sim_proc_start(m, 0);
	sim_pte_set(m, vp, sim_xlate(frame, NA_UC), "mmap");
	sim_call("the application writes, the device writes");
	sim_store(m, vp, 0, 5);
	sim_dev_write(m, frame, 1, 6);
	sim_call("the application reads");
	compare(m, vp, 0, 5);
	compare(m, vp, 1, 6);
	sim_pte_set(m, vp, 0, "munmap");
	sim_shootdown(m, 1ull << vp, sim_all_cpus(m), true, "munmap");
	sim_proc_leave(m);
	sim_frames_give(m, frame, 1);
}

static void elsewhere(struct na_port *m)
{
	(void)m;
}

/* Before the driver came, the kernel used the page through kmap(). */
static void kernel_used_it(struct na_port *m)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	sim_call("the kernel used the page: kmap(), kunmap()");
	vp = sim_kmap(m, (u32)frame);
	sim_store(m, vp, 0, 9);
	sim_kunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

static const struct sim_scenario story = {
	.name = "story2014",
	.what = "the driver of 2014",
	.config = { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1, .nr_fix = 1,
		    .nr_procs = 1, .nr_user = 1 },
	.nr_threads = 2,
	.thread = { { "driver", 0, driver_of_2014 },
		    { "elsewhere", 1, elsewhere } },
	.setup = kernel_used_it,
	.checks_off = 1u << SIM_I1 | 1u << SIM_I2 | 1u << SIM_I3 |
		      1u << SIM_I4 | 1u << SIM_I5 | 1u << SIM_I6,
};

/* --- showing ------------------------------------------------------------------------ */

/* A folder gets a picture of the usual name. */
static void name_picture(char *to, size_t len, const char *svg)
{
	struct stat st;

	if (svg && !stat(svg, &st) && S_ISDIR(st.st_mode))
		snprintf(to, len, "%s/noalias-2014.svg", svg);
	else
		snprintf(to, len, "%s", svg ? svg : "noalias-2014.svg");
}

static void name_cured(char *to, size_t len, const char *svg)
{
	size_t stem = strlen(svg);

	if (stem > 4 && !strcmp(svg + stem - 4, ".svg"))
		stem -= 4;
	snprintf(to, len, "%.*s-cured.svg", (int)stem, svg);
}

static bool draw(const char *svg, const char *title, const char *id)
{
	if (sim_svg_write(svg, 0, title, id)) {
		perror(svg);
		return false;
	}
	printf("picture: %s\n", svg);
	return true;
}

/* One line, owned through the kmap pool and evicted: that was the bug. */
static bool is_the_bug(const struct sim_schedule *s, const struct na_port *m)
{
	u32 nr_owns = 0, nr_evicts = 0, i;

	for (i = 0; i < s->nr; i++) {
		const struct sim_action *a = &s->action[i];

		if (a->act == SIM_ACT_TLB_FILL && a->b != m->at.kmap)
			return false;
		nr_owns += a->act == SIM_ACT_OWN && a->a == 1;
		nr_evicts += a->act == SIM_ACT_EVICT && a->a == 1;
	}
	return nr_owns == 1 && nr_evicts == 1;
}

static bool find_corruption(struct na_port *m, u64 seed,
			    struct sim_schedule *s)
{
	u64 nr_steps, nr_runs, all_steps = 0, all_runs = 0;

	for (; all_steps < FOUND_WITHIN; seed++) {
		if (sim_random_runs(m, &story, seed, FOUND_WITHIN, s,
				    &nr_steps, &nr_runs) != SIM_I6)
			return false;
		sim_shrink(m, &story, s);
		all_steps += nr_steps;
		all_runs += nr_runs;
		if (!is_the_bug(s, m))
			continue;
		printf("A random search found this in schedule %llu (%llu steps); shrunk to %u choices:\n\n",
		       all_runs, all_steps, s->nr);
		return true;
	}
	return false;
}

static bool show_corruption(struct na_port *m, const struct sim_options *opt,
			    const char *svg)
{
	struct sim_schedule s = { 0 };
	struct sim_replay replay;
	bool shown;

	printf("1. The driver of 2014: clean the caches, map the page uncached. The kmap pool is not asked.\n");
	if (!find_corruption(m, opt->seed, &s)) {
		printf("no corruption found\n");
		sim_schedule_free(&s);
		return false;
	}
	sim_replay_init(&replay, &s);
	sim.tracing = true;
	shown = sim_run(m, &story, &replay.src, NULL, 100000) == SIM_I6;
	sim.tracing = false;
	sim_timeline_print(stdout, 0, opt->all, opt->color);
	printf("\nCORRUPTED: %s.\n", sim.why);
	sim_schedule_free(&s);
	return shown && draw(svg, "2014: a stale kmap entry, speculation, and a lost write",
			     "noalias-sim show");
}

/*
 * A source that is calm but for two whims, the worst of the ones above: the
 * other CPU fetches the stale entry at once, and owns the line through it
 * while the conversion is under way.
 */
struct spiteful {
	struct sim_source src;
	bool owned;
};

static bool next_spiteful(struct sim_source *src, struct na_port *m,
			  struct sim_action *a)
{
	struct spiteful *s = container_of(src, struct spiteful, src);

	*a = (struct sim_action){ SIM_ACT_TLB_FILL, 1, m->at.kmap };
	if (sim_is_possible(m, *a))
		return true;
	*a = (struct sim_action){ SIM_ACT_OWN, 1, m->at.kmap };
	if (!s->owned && m->was[0] == NA_CLAIMED && sim_is_possible(m, *a)) {
		s->owned = true;
		return true;
	}
	return sim_calm_action(m, a);
}

static bool search_all(struct na_port *m, const struct sim_scenario *scn,
		       u64 seed)
{
	struct sim_search search = {
		.preempts_max = SIM_UNBOUNDED, .whims_max = SIM_UNBOUNDED,
		.states_max = 10000000, .reduce = true,
	};
	struct sim_schedule record = { 0 };
	u64 nr_steps, nr_runs;
	bool clean = true;

	if (SIM_CAN_GO_BACK) {
		clean = sim_search(m, scn, &search, &record) == SIM_OK &&
			search.is_complete;
		printf("Every schedule there is: %llu states, %llu transitions: %s.\n",
		       search.nr_states, search.nr_transitions,
		       clean ? "no invariant broke" : sim.why);
	}
	if (clean)
		clean = sim_random_runs(m, scn, seed, CURED_STEPS, NULL,
					&nr_steps, &nr_runs) == SIM_OK;
	if (clean)
		printf("And at random: %llu steps in %llu schedules.\n",
		       nr_steps, nr_runs);
	sim_schedule_free(&record);
	return clean;
}

static bool show_cure(struct na_port *m, const struct sim_options *opt,
		      const char *svg)
{
	const struct sim_scenario *scn = sim_scenario_find("kmap2014");
	struct spiteful spite = { .src.next = next_spiteful };
	bool clean;

	printf("\n2. The same with na_buffer_create(): claim, purge, flush, clean, commit; then map.\n\n");
	sim.merge = false;
	sim.tracing = true;
	clean = sim_run(m, scn, &spite.src, NULL, 100000) == SIM_OK;
	sim.tracing = false;
	sim_timeline_print(stdout, 0, opt->all, opt->color);
	printf(clean ? "\nCLEAN: every word that was written was read.\n" :
		       "\nFAILED: %s\n", sim.why);
	return clean && draw(svg, "The same whims with noalias: nothing is left to speculate through",
			     "noalias-sim show") && search_all(m, scn, opt->seed);
}

int sim_front_show(const struct sim_options *opt)
{
	struct na_port *m = sim_arena_create();
	char svg[512], cured[520];
	bool ok;

	name_picture(svg, sizeof(svg), opt->svg);
	name_cured(cured, sizeof(cured), svg);
	ok = show_corruption(m, opt, svg) && show_cure(m, opt, cured);
	sim_timeline_free();
	sim_arena_destroy(m);
	return ok ? 0 : 1;
}
