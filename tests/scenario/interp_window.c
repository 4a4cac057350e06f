// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interpreter's commands about windows.
 */
#include "interp_parts.h"
#include "world.h"

/* window NAME SLOTS [batch NUMBER] [local DEPTH] */
int scn_do_window(struct scn *scn)
{
	struct na_window_config config = { .nr_slots = 0 };
	struct scn_set *set = scn->sets;
	u32 i, *number;

	while (set < scn->sets + SCN_SETS_MAX && set->set)
		set++;
	if (set == scn->sets + SCN_SETS_MAX ||
	    !scn_is_number(scn_word(scn, 2), &config.nr_slots))
		return NONSENSE;
	for (i = 3; i < scn->nr_words; i += 2) {
		number = scn_same(scn_word(scn, i), "batch") ? &config.batch_max :
			 &config.local_depth;
		if (!scn_is_number(scn_word(scn, i + 1), number))
			return NONSENSE;
	}
	if (config.local_depth > SCN_LOCALS_MAX)
		return NONSENSE;
	scn_copy_word(set->name, scn_word(scn, 1));
	set->local_depth = config.local_depth;
	set->nr_ranges = 0;
	scn->opening = set;
	return na_window_set_create(scn->machine, &config, &set->set);
}

/* window_end SET */
int scn_do_window_end(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);

	if (!set)
		return NONSENSE;
	na_window_set_destroy(set->set);
	set->set = NULL;
	set->nr_ranges = 0;
	return 0;
}

static int map_as_told(struct scn *scn, struct scn_set *set,
		       struct na_frame frame, struct na_window *window)
{
	u32 ms = 0;

	if (scn_same(scn_word(scn, 0), "try_map"))
		return na_window_try_map(set->set, frame, window);
	if (scn_same(scn_word(scn, 0), "map"))
		return na_window_map(set->set, frame, window);
	if (!scn_is_number(scn_word(scn, 3), &ms))
		return NONSENSE;
	return na_window_map_timeout(set->set, frame, ms * MS_NS, window);
}

static void hold_window(struct scn *scn, struct scn_hold *hold,
			struct scn_set *set, struct na_run run)
{
	u32 i;

	hold->kind = run.nr > 1 ? SCN_HOLD_RUN : SCN_HOLD_WINDOW;
	hold->set = set;
	hold->frame = run.first;
	hold->nr = run.nr;
	for (i = 0; i < run.nr; i++)
		scn_world_hold(scn->port, na_frame_add(run.first, i), true);
	scn_put(scn, "  at ");
	scn_put_slot(scn, set->ranges[0], hold->window.idx);
	scn_put(scn, "\n");
}

/* map SET FRAME; try_map SET FRAME; map_within SET FRAME MILLISECONDS */
int scn_do_map(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	struct scn_hold *hold;
	struct na_frame frame;
	int err;

	hold = scn_find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!set || !hold || !scn_one_frame(scn, 2, &frame))
		return NONSENSE;
	err = map_as_told(scn, set, frame, &hold->window);
	if (err)
		return err;
	hold_window(scn, hold, set, na_run(frame, 1));
	return 0;
}

/* map_run SET FRAMES; map_run_within SET FRAMES MILLISECONDS */
int scn_do_map_run(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	u64 timeout_ns = NA_WAIT_FOREVER;
	struct scn_hold *hold;
	struct na_run run;
	u32 ms;
	int err;

	hold = scn_find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!set || !hold || !scn_one_run(scn, 2, &run) || run.nr < 2)
		return NONSENSE;
	if (scn_same(scn_word(scn, 0), "map_run_within")) {
		if (!scn_is_number(scn_word(scn, 3), &ms))
			return NONSENSE;
		timeout_ns = ms * MS_NS;
	}
	err = na_window_map_run(set->set, run, timeout_ns, &hold->window);
	if (err)
		return err;
	hold_window(scn, hold, set, run);
	return 0;
}

/* unmap_run SET FRAMES: those of one map_run, no more and no less */
int scn_do_unmap_run(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	struct scn_hold *hold;
	struct na_run run;
	u32 i;

	if (!set || !scn_one_run(scn, 2, &run))
		return NONSENSE;
	hold = scn_find_hold(scn, SCN_HOLD_RUN, set, run.first);
	if (!hold || hold->nr != run.nr)
		return NONSENSE;
	for (i = 0; i < run.nr; i++)
		scn_world_hold(scn->port, na_frame_add(run.first, i), false);
	hold->kind = SCN_HOLD_FREE;
	return na_window_unmap_run(set->set, hold->window, run.nr);
}

static struct scn_hold *held_window(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	struct na_frame frame;

	if (!set || !scn_one_frame(scn, 2, &frame))
		return NULL;
	return scn_find_hold(scn, SCN_HOLD_WINDOW, set, frame);
}

/* unmap SET FRAME */
int scn_do_unmap(struct scn *scn)
{
	struct scn_hold *hold = held_window(scn);

	if (!hold)
		return NONSENSE;
	scn_world_hold(scn->port, hold->frame, false);
	hold->kind = SCN_HOLD_FREE;
	return na_window_unmap(hold->set->set, hold->window);
}

static void put_value(struct scn *scn, u8 value)
{
	scn_put(scn, "  reads ");
	scn_put_number(scn, value);
	scn_put(scn, "\n");
}

/* Where a window or a row that is held shows the frame; NULL: none does. */
static void *held_addr(struct scn *scn)
{
	struct scn_hold *hold = held_window(scn);
	struct na_frame frame;

	if (hold)
		return hold->window.addr;
	if (!scn_find_set(scn, 1) || !scn_one_frame(scn, 2, &frame))
		return NULL;
	hold = scn_find_row(scn, scn_find_set(scn, 1), frame);
	return hold ? na_window_addr(hold->set->set, hold->window.idx +
				     (u32)(frame.nr - hold->frame.nr)) : NULL;
}

/* read SET FRAME; write SET FRAME VALUE */
int scn_do_access(struct scn *scn)
{
	void *addr = held_addr(scn);
	u32 value;

	if (!addr)
		return NONSENSE;
	if (scn_same(scn_word(scn, 0), "read")) {
		put_value(scn, scn_world_load(scn->port, addr));
		return 0;
	}
	if (!scn_is_number(scn_word(scn, 3), &value))
		return NONSENSE;
	scn_world_store(scn->port, addr, (u8)value);
	return 0;
}

/* local_map SET FRAME */
int scn_do_local_map(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	struct na_window_local local;
	struct na_frame frame;
	int err;

	if (!set || !scn_one_frame(scn, 2, &frame))
		return NONSENSE;
	err = na_window_local_map(set->set, frame, &local);
	if (err)
		return err;
	scn_world_hold(scn->port, frame, true);
	set->local_frames[set->nr_locals] = frame;
	set->locals[set->nr_locals++] = local;
	return 0;
}

/* local_unmap SET */
int scn_do_local_unmap(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);

	if (!set || !set->nr_locals)
		return NONSENSE;
	set->nr_locals--;
	scn_world_hold(scn->port, set->local_frames[set->nr_locals], false);
	na_window_local_unmap(set->set, set->locals[set->nr_locals]);
	return 0;
}

/* local_read SET; local_write SET VALUE: the last one */
int scn_do_local_access(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	void *addr;
	u32 value;

	if (!set || !set->nr_locals)
		return NONSENSE;
	addr = set->locals[set->nr_locals - 1].addr;
	if (scn_same(scn_word(scn, 0), "local_read")) {
		put_value(scn, scn_world_load(scn->port, addr));
		return 0;
	}
	if (!scn_is_number(scn_word(scn, 2), &value))
		return NONSENSE;
	scn_world_store(scn->port, addr, (u8)value);
	return 0;
}

/* window_purge SET [FRAMES...]; without frames: all */
int scn_do_window_purge(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);

	if (!set)
		return NONSENSE;
	if (scn->nr_words == 2) {
		na_window_purge_all(set->set);
		return 0;
	}
	if (!scn_collect_runs(scn, 2, scn->nr_words))
		return NONSENSE;
	return na_window_purge(set->set, scn->runs, scn->nr_runs);
}

static void put_slot_state(struct scn *scn, const struct scn_set *set, u32 idx)
{
	static const char *const names[NR_NA_WINDOW_STATES] = {
		"FREE", "LIVE", "STALE", "DYING", "DEAD",
	};
	struct na_frame frame;
	enum na_memtype type;

	scn_put(scn, "  ");
	scn_put_slot(scn, set->ranges[0], idx);
	scn_put(scn, ": ");
	scn_put(scn, names[na_window_info(set->set, idx).state]);
	if (!na_port_window_read(set->ranges[0], idx, &frame, &type)) {
		scn_put(scn, ", no entry\n");
		return;
	}
	scn_put(scn, ", entry ");
	scn_put_run(scn, na_run(frame, 1));
	scn_put(scn, " ");
	scn_put(scn, na_memtype_name(type));
	scn_put(scn, "\n");
}

/* slots SET: what the engine says of each, and its entry read back */
int scn_do_slots(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	u32 i;

	if (!set)
		return NONSENSE;
	for (i = 0; i < na_window_nr_slots(set->set); i++)
		put_slot_state(scn, set, i);
	return 0;
}

/* counters SET: those that are not 0 and do not count CPUs */
int scn_do_counters(struct scn *scn)
{
	struct scn_set *set = scn_find_set(scn, 1);
	u32 i, value;

	if (!set)
		return NONSENSE;
	scn_put(scn, " ");
	for (i = 0; i < NR_NA_WINDOW_STATS; i++) {
		value = (u32)na_window_stat(set->set, (enum na_window_stat)i);
		if (!value || i == NA_WINDOW_IPIS)
			continue;
		scn_put(scn, " ");
		scn_put(scn, na_window_stat_name((enum na_window_stat)i));
		scn_put(scn, " ");
		scn_put_number(scn, value);
	}
	scn_put(scn, "\n");
	return 0;
}
