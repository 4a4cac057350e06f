// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interpreter: a line is split into words, the first is the command, each
 * command is a function that returns what the engine returned. A result other
 * than 0 must be expected by the next line; NONSENSE means that the text
 * itself is wrong.
 */
#include "interp.h"
#include "world.h"

#define NONSENSE	(-10000)
#define MS_NS		1000000ull

struct scn *scn_now;

/* --- words ---------------------------------------------------------------- */

static const struct {
	int err;
	const char *name;
} errors[] = {
	{ 0, "0" }, { -EAGAIN, "EAGAIN" }, { -EBUSY, "EBUSY" },
	{ -EFAULT, "EFAULT" }, { -EINTR, "EINTR" }, { -EINVAL, "EINVAL" },
	{ -ENOMEM, "ENOMEM" }, { -ENOSPC, "ENOSPC" },
	{ -EOPNOTSUPP, "EOPNOTSUPP" }, { -EOVERFLOW, "EOVERFLOW" },
	{ -ERANGE, "ERANGE" }, { -ETIMEDOUT, "ETIMEDOUT" },
	{ -EUCLEAN, "EUCLEAN" }, { NONSENSE, "nonsense" },
};

static const char *error_name(int err)
{
	u32 i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].err == err)
			return errors[i].name;
	return "an error without a name";
}

/* "" when there are not so many. */
static const char *word(const struct scn *scn, u32 idx)
{
	return idx < scn->nr_words ? scn->words[idx] : "";
}

static void copy_word(char *to, const char *from)
{
	u32 i;

	for (i = 0; from[i] && i < SCN_NAME_MAX - 1; i++)
		to[i] = from[i];
	to[i] = 0;
}

static const char *parse_number(const char *text, u32 *number)
{
	const char *start = text;

	for (*number = 0; *text >= '0' && *text <= '9'; text++)
		*number = *number * 10 + (u32)(*text - '0');
	return text == start ? NULL : text;
}

static bool is_number(const char *text, u32 *number)
{
	text = parse_number(text, number);
	return text && !*text;
}

static bool is_type(const char *text, enum na_memtype *type)
{
	u32 i;

	for (i = 0; i < NR_NA_MEMTYPES; i++) {
		*type = (enum na_memtype)i;
		if (scn_same(text, na_memtype_name(*type)))
			return true;
	}
	return false;
}

static bool fail_text(struct scn *scn, const char *why, const char *what)
{
	scn_put(scn, "FAILED: ");
	scn_put(scn, why);
	scn_put(scn, what);
	scn_put(scn, "\n");
	return false;
}

/* --- names of frames and sets ---------------------------------------------- */

static struct scn_group *find_group(struct scn *scn, const char *name, u32 len)
{
	u32 i, j;

	for (i = 0; i < SCN_GROUPS_MAX; i++) {
		for (j = 0; j < len && scn->groups[i].name[j] == name[j]; j++)
			;
		if (scn->groups[i].nr && j == len &&
		    !scn->groups[i].name[len])
			return &scn->groups[i];
	}
	return NULL;
}

static bool push_run(struct scn *scn, struct na_run run)
{
	if (scn->nr_runs == SCN_RUNS_MAX)
		return false;
	scn->runs[scn->nr_runs++] = run;
	return true;
}

/* "a", "a.1" or "a.1-3", onto scn->runs. */
static bool push_frames(struct scn *scn, const char *text)
{
	struct scn_group *group;
	u32 len = 0, low = 0, high;

	while (text[len] && text[len] != '.')
		len++;
	group = find_group(scn, text, len);
	if (!group)
		return false;
	high = group->nr - 1;
	if (text[len]) {
		text = parse_number(text + len + 1, &low);
		high = low;
		if (text && *text == '-')
			text = parse_number(text + 1, &high);
		if (!text || *text || high < low || high >= group->nr)
			return false;
	}
	if (group->is_block)
		return push_run(scn, na_run(group->frames[low],
					    high - low + 1));
	for (; low <= high; low++)
		if (!push_run(scn, na_run(group->frames[low], 1)))
			return false;
	return true;
}

/* Words @from up to but not @to. */
static bool collect_runs(struct scn *scn, u32 from, u32 to)
{
	scn->nr_runs = 0;
	for (; from < to; from++)
		if (!push_frames(scn, word(scn, from)))
			return false;
	return scn->nr_runs;
}

static bool one_frame(struct scn *scn, u32 idx, struct na_frame *frame)
{
	if (!collect_runs(scn, idx, idx + 1) || scn->nr_runs != 1 ||
	    scn->runs[0].nr != 1)
		return false;
	*frame = scn->runs[0].first;
	return true;
}

static struct scn_set *find_set(struct scn *scn, u32 idx)
{
	u32 i;

	for (i = 0; i < SCN_SETS_MAX; i++)
		if (scn->sets[i].set &&
		    scn_same(scn->sets[i].name, word(scn, idx)))
			return &scn->sets[i];
	return NULL;
}

static struct scn_hold *find_hold(struct scn *scn, int kind,
				  const struct scn_set *set,
				  struct na_frame frame)
{
	struct scn_hold *hold;

	for (hold = scn->holds; hold < scn->holds + SCN_HOLDS_MAX; hold++)
		if ((int)hold->kind == kind &&
		    (kind == SCN_HOLD_FREE || (hold->set == set &&
					       hold->frame.nr == frame.nr)))
			return hold;
	return NULL;
}

/* A row that shows the frame. */
static struct scn_hold *find_row(struct scn *scn, const struct scn_set *set,
				 struct na_frame frame)
{
	struct scn_hold *hold;

	for (hold = scn->holds; hold < scn->holds + SCN_HOLDS_MAX; hold++)
		if (hold->kind == SCN_HOLD_RUN && hold->set == set &&
		    frame.nr - hold->frame.nr < hold->nr)
			return hold;
	return NULL;
}

static bool one_run(struct scn *scn, u32 idx, struct na_run *run)
{
	if (!collect_runs(scn, idx, idx + 1) || scn->nr_runs != 1)
		return false;
	*run = scn->runs[0];
	return true;
}

/* --- the world ------------------------------------------------------------- */

static int take_frames(struct scn *scn, struct scn_group *group, u32 order,
		       u32 nr_blocks, bool is_high)
{
	struct na_frame first;
	u32 i, j;
	int err;

	for (i = 0; i < nr_blocks; i++) {
		err = scn_world_take(scn->port, order, is_high, &first);
		if (err)
			return err;
		for (j = 0; j < 1u << order; j++)
			group->frames[group->nr++] = na_frame_add(first, j);
	}
	return 0;
}

/* alloc NAME NUMBER high|low; block NAME ORDER high|low */
static int do_alloc(struct scn *scn)
{
	bool is_block = scn_same(word(scn, 0), "block");
	bool is_high = scn_same(word(scn, 3), "high");
	struct scn_group *group = scn->groups;
	u32 nr;

	while (group < scn->groups + SCN_GROUPS_MAX && group->nr)
		group++;
	if (group == scn->groups + SCN_GROUPS_MAX ||
	    !is_number(word(scn, 2), &nr) ||
	    (!is_high && !scn_same(word(scn, 3), "low")) ||
	    nr > (is_block ? 2 : SCN_FRAMES_MAX))
		return NONSENSE;
	copy_word(group->name, word(scn, 1));
	group->is_block = is_block;
	if (is_block)
		return take_frames(scn, group, nr, 1, is_high);
	return take_frames(scn, group, 0, nr, is_high);
}

static u32 order_of(u32 nr)
{
	u32 order = 0;

	while (1u << order < nr)
		order++;
	return order;
}

/* free NAME; forget NAME: quarantined, never to be given back */
static int do_free(struct scn *scn)
{
	struct scn_group *group;
	u32 i, len = 0;

	while (word(scn, 1)[len])
		len++;
	group = find_group(scn, word(scn, 1), len);
	if (!group)
		return NONSENSE;
	if (scn_same(word(scn, 0), "forget"))
		i = group->nr;
	else if (group->is_block)
		scn_world_give(scn->port, group->frames[0],
			       order_of(i = group->nr));
	else
		for (i = 0; i < group->nr; i++)
			scn_world_give(scn->port, group->frames[i], 0);
	group->nr = 0;
	return 0;
}

/* kmap FRAME, vmap FRAME */
static int do_system_map(struct scn *scn)
{
	struct scn_hold *hold;
	struct na_frame frame;

	hold = find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!hold || !one_frame(scn, 1, &frame))
		return NONSENSE;
	hold->set = NULL;
	hold->frame = frame;
	hold->kind = word(scn, 0)[0] == 'k' ? SCN_HOLD_KMAP : SCN_HOLD_VMAP;
	hold->addr = hold->kind == SCN_HOLD_KMAP ?
		     scn_world_kmap(scn->port, frame) :
		     scn_world_vmap(scn->port, frame);
	return hold->addr ? 0 : -ENOMEM;
}

/* kunmap FRAME, vunmap FRAME */
static int do_system_unmap(struct scn *scn)
{
	bool is_kmap = word(scn, 0)[0] == 'k';
	struct scn_hold *hold;
	struct na_frame frame;

	if (!one_frame(scn, 1, &frame))
		return NONSENSE;
	hold = find_hold(scn, is_kmap ? SCN_HOLD_KMAP : SCN_HOLD_VMAP, NULL,
			 frame);
	if (!hold)
		return NONSENSE;
	if (is_kmap)
		scn_world_kunmap(scn->port, frame, hold->addr);
	else
		scn_world_vunmap(scn->port, hold->addr);
	hold->kind = SCN_HOLD_FREE;
	return 0;
}

/* poke FRAME VALUE */
static int do_poke(struct scn *scn)
{
	struct na_frame frame;
	u32 value;

	if (!one_frame(scn, 1, &frame) || !is_number(word(scn, 2), &value))
		return NONSENSE;
	scn_world_poke(scn->port, frame, (u8)value);
	return 0;
}

/* needs high */
static int do_needs(struct scn *scn)
{
	if (!scn_same(word(scn, 1), "high"))
		return NONSENSE;
	scn->is_skipped = !scn_world_has_high(scn->port);
	return 0;
}

/* fail CALL [late] */
static int do_fail(struct scn *scn)
{
	u32 i;

	for (i = 0; i < SCN_FAILS_MAX && scn->fails[i].call[0]; i++)
		;
	if (i == SCN_FAILS_MAX)
		return NONSENSE;
	copy_word(scn->fails[i].call, word(scn, 1));
	scn->fails[i].is_late = scn_same(word(scn, 2), "late");
	return 0;
}

/* --- conversion and purge -------------------------------------------------- */

/* convert FRAMES... TYPE; convert_back FRAMES... TYPE */
static int do_convert(struct scn *scn)
{
	bool is_back = scn_same(word(scn, 0), "convert_back");
	u32 last = scn->nr_words - 1;
	enum na_memtype type;

	if (!is_type(word(scn, last), &type) || !collect_runs(scn, 1, last))
		return NONSENSE;
	if (is_back)
		return na_convert_back(scn->machine, scn->runs, scn->nr_runs,
				       type, NA_LENT);
	return na_convert_to(scn->machine, scn->runs, scn->nr_runs, type,
			     NA_LENT);
}

/* purge FRAMES... */
static int do_purge(struct scn *scn)
{
	if (!collect_runs(scn, 1, scn->nr_words))
		return NONSENSE;
	return na_purge_stale(scn->machine, scn->runs, scn->nr_runs);
}

static int do_purge_all(struct scn *scn)
{
	na_purge_all(scn->machine);
	return 0;
}

/* --- windows --------------------------------------------------------------- */

/* window NAME SLOTS [batch NUMBER] [local DEPTH] */
static int do_window(struct scn *scn)
{
	struct na_window_config config = { .nr_slots = 0 };
	struct scn_set *set = scn->sets;
	u32 i, *number;

	while (set < scn->sets + SCN_SETS_MAX && set->set)
		set++;
	if (set == scn->sets + SCN_SETS_MAX ||
	    !is_number(word(scn, 2), &config.nr_slots))
		return NONSENSE;
	for (i = 3; i < scn->nr_words; i += 2) {
		number = scn_same(word(scn, i), "batch") ? &config.batch_max :
			 &config.local_depth;
		if (!is_number(word(scn, i + 1), number))
			return NONSENSE;
	}
	if (config.local_depth > SCN_LOCALS_MAX)
		return NONSENSE;
	copy_word(set->name, word(scn, 1));
	set->local_depth = config.local_depth;
	set->nr_ranges = 0;
	scn->opening = set;
	return na_window_set_create(scn->machine, &config, &set->set);
}

/* window_end SET */
static int do_window_end(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);

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

	if (scn_same(word(scn, 0), "try_map"))
		return na_window_try_map(set->set, frame, window);
	if (scn_same(word(scn, 0), "map"))
		return na_window_map(set->set, frame, window);
	if (!is_number(word(scn, 3), &ms))
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
static int do_map(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	struct scn_hold *hold;
	struct na_frame frame;
	int err;

	hold = find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!set || !hold || !one_frame(scn, 2, &frame))
		return NONSENSE;
	err = map_as_told(scn, set, frame, &hold->window);
	if (err)
		return err;
	hold_window(scn, hold, set, na_run(frame, 1));
	return 0;
}

/* map_run SET FRAMES; map_run_within SET FRAMES MILLISECONDS */
static int do_map_run(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	u64 timeout_ns = NA_WAIT_FOREVER;
	struct scn_hold *hold;
	struct na_run run;
	u32 ms;
	int err;

	hold = find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!set || !hold || !one_run(scn, 2, &run) || run.nr < 2)
		return NONSENSE;
	if (scn_same(word(scn, 0), "map_run_within")) {
		if (!is_number(word(scn, 3), &ms))
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
static int do_unmap_run(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	struct scn_hold *hold;
	struct na_run run;
	u32 i;

	if (!set || !one_run(scn, 2, &run))
		return NONSENSE;
	hold = find_hold(scn, SCN_HOLD_RUN, set, run.first);
	if (!hold || hold->nr != run.nr)
		return NONSENSE;
	for (i = 0; i < run.nr; i++)
		scn_world_hold(scn->port, na_frame_add(run.first, i), false);
	hold->kind = SCN_HOLD_FREE;
	return na_window_unmap_run(set->set, hold->window, run.nr);
}

static struct scn_hold *held_window(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	struct na_frame frame;

	if (!set || !one_frame(scn, 2, &frame))
		return NULL;
	return find_hold(scn, SCN_HOLD_WINDOW, set, frame);
}

/* unmap SET FRAME */
static int do_unmap(struct scn *scn)
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
	if (!find_set(scn, 1) || !one_frame(scn, 2, &frame))
		return NULL;
	hold = find_row(scn, find_set(scn, 1), frame);
	return hold ? na_window_addr(hold->set->set, hold->window.idx +
				     (u32)(frame.nr - hold->frame.nr)) : NULL;
}

/* read SET FRAME; write SET FRAME VALUE */
static int do_access(struct scn *scn)
{
	void *addr = held_addr(scn);
	u32 value;

	if (!addr)
		return NONSENSE;
	if (scn_same(word(scn, 0), "read")) {
		put_value(scn, scn_world_load(scn->port, addr));
		return 0;
	}
	if (!is_number(word(scn, 3), &value))
		return NONSENSE;
	scn_world_store(scn->port, addr, (u8)value);
	return 0;
}

/* local_map SET FRAME */
static int do_local_map(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	struct na_window_local local;
	struct na_frame frame;
	int err;

	if (!set || !one_frame(scn, 2, &frame))
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
static int do_local_unmap(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);

	if (!set || !set->nr_locals)
		return NONSENSE;
	set->nr_locals--;
	scn_world_hold(scn->port, set->local_frames[set->nr_locals], false);
	na_window_local_unmap(set->set, set->locals[set->nr_locals]);
	return 0;
}

/* local_read SET; local_write SET VALUE: the last one */
static int do_local_access(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	void *addr;
	u32 value;

	if (!set || !set->nr_locals)
		return NONSENSE;
	addr = set->locals[set->nr_locals - 1].addr;
	if (scn_same(word(scn, 0), "local_read")) {
		put_value(scn, scn_world_load(scn->port, addr));
		return 0;
	}
	if (!is_number(word(scn, 2), &value))
		return NONSENSE;
	scn_world_store(scn->port, addr, (u8)value);
	return 0;
}

/* window_purge SET [FRAMES...]; without frames: all */
static int do_window_purge(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);

	if (!set)
		return NONSENSE;
	if (scn->nr_words == 2) {
		na_window_purge_all(set->set);
		return 0;
	}
	if (!collect_runs(scn, 2, scn->nr_words))
		return NONSENSE;
	return na_window_purge(set->set, scn->runs, scn->nr_runs);
}

/* --- what can be seen ------------------------------------------------------- */

static const char *state_name(enum na_state state)
{
	static const char *const names[NR_NA_STATES] = {
		"SYSTEM", "CLAIMED", "BUFFER", "LENT", "QUARANTINED",
	};

	return (u32)state < NR_NA_STATES ? names[state] : "??";
}

static const char *direct_name(struct na_port *port, struct na_frame frame)
{
	enum na_memtype type = NA_WB;

	if (!na_port_frame_is_direct(port, frame))
		return "none";
	while (type < NR_NA_MEMTYPES && !na_port_direct_has(port, frame, type))
		type++;
	return na_memtype_name(type);
}

static void look_at(struct scn *scn, struct na_frame frame)
{
	struct na_ledger_entry entry;

	entry = na_ledger_lookup(&scn->machine->ledger, frame);
	scn_put(scn, "  ");
	scn_put_run(scn, na_run(frame, 1));
	scn_put(scn, ": ");
	scn_put(scn, state_name(entry.state));
	scn_put(scn, " ");
	scn_put(scn, na_memtype_name(entry.type));
	scn_put(scn, ", direct map ");
	scn_put(scn, direct_name(scn->port, frame));
	scn_put(scn, na_port_kmap_holds(scn->port, frame) ?
		", in the kmap pool\n" : ", not in the kmap pool\n");
}

/* look FRAMES...: the ledger, and page tables read back */
static int do_look(struct scn *scn)
{
	u32 i, j;

	if (!collect_runs(scn, 1, scn->nr_words))
		return NONSENSE;
	for (i = 0; i < scn->nr_runs; i++)
		for (j = 0; j < scn->runs[i].nr; j++)
			look_at(scn, na_frame_add(scn->runs[i].first, j));
	return 0;
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
static int do_slots(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
	u32 i;

	if (!set)
		return NONSENSE;
	for (i = 0; i < na_window_nr_slots(set->set); i++)
		put_slot_state(scn, set, i);
	return 0;
}

/* counters SET: those that are not 0 and do not count CPUs */
static int do_counters(struct scn *scn)
{
	struct scn_set *set = find_set(scn, 1);
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

/* --- lines ------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct scn *scn);
} commands[] = {
	{ "alloc", do_alloc }, { "block", do_alloc },
	{ "free", do_free }, { "forget", do_free },
	{ "kmap", do_system_map }, { "kunmap", do_system_unmap },
	{ "vmap", do_system_map }, { "vunmap", do_system_unmap },
	{ "poke", do_poke }, { "needs", do_needs }, { "fail", do_fail },
	{ "convert", do_convert }, { "convert_back", do_convert },
	{ "purge", do_purge }, { "purge_all", do_purge_all },
	{ "window", do_window }, { "window_end", do_window_end },
	{ "map", do_map }, { "try_map", do_map }, { "map_within", do_map },
	{ "map_run", do_map_run }, { "map_run_within", do_map_run },
	{ "unmap_run", do_unmap_run },
	{ "unmap", do_unmap }, { "read", do_access }, { "write", do_access },
	{ "local_map", do_local_map }, { "local_unmap", do_local_unmap },
	{ "local_read", do_local_access }, { "local_write", do_local_access },
	{ "window_purge", do_window_purge }, { "look", do_look },
	{ "slots", do_slots }, { "counters", do_counters },
};

static int run_command(struct scn *scn)
{
	u32 i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (scn_same(commands[i].name, word(scn, 0)))
			return commands[i].run(scn);
	return NONSENSE;
}

static const char *read_word(const char *text, char *into)
{
	u32 len = 0;

	for (; *text && *text != ' ' && *text != '\n'; text++)
		if (len < SCN_NAME_MAX - 1)
			into[len++] = *text;
	into[len] = 0;
	return text;
}

/* Returns the next line. */
static const char *read_line(struct scn *scn, const char *text)
{
	scn->nr_words = 0;
	while (*text && *text != '\n' && *text != '#') {
		if (*text == ' ')
			text++;
		else if (scn->nr_words < SCN_WORDS_MAX)
			text = read_word(text, scn->words[scn->nr_words++]);
		else
			break;
	}
	while (*text && *text != '\n')
		text++;
	return *text ? text + 1 : text;
}

/* Was the last result the one that this line expects? */
static bool settle(struct scn *scn)
{
	bool is_expect = scn_same(word(scn, 0), "expect");
	const char *wanted = is_expect ? word(scn, 1) : "0";

	if (is_expect && !scn->has_pending)
		return fail_text(scn, "nothing to expect: ", wanted);
	if (scn->has_pending && !scn_same(error_name(scn->pending), wanted))
		return fail_text(scn, "expected ", wanted);
	scn->has_pending = false;
	return true;
}

static void run_line(struct scn *scn)
{
	u32 i;

	scn_put(scn, ">");
	for (i = 0; i < scn->nr_words; i++) {
		scn_put(scn, " ");
		scn_put(scn, word(scn, i));
	}
	scn_put(scn, "\n");
	scn_world_line(scn->port, word(scn, 0));
	scn->pending = run_command(scn);
	scn->has_pending = true;
	if (!scn->pending)
		return;
	scn_put(scn, "= ");
	scn_put(scn, error_name(scn->pending));
	scn_put(scn, "\n");
}

static bool nothing_is_left(struct scn *scn)
{
	u32 i;

	for (i = 0; i < SCN_GROUPS_MAX; i++)
		if (scn->groups[i].nr)
			return fail_text(scn, "left: ", scn->groups[i].name);
	for (i = 0; i < SCN_SETS_MAX; i++)
		if (scn->sets[i].set)
			return fail_text(scn, "left: ", scn->sets[i].name);
	for (i = 0; i < SCN_HOLDS_MAX; i++)
		if (scn->holds[i].kind != SCN_HOLD_FREE)
			return fail_text(scn, "left: ", "a mapping");
	if (scn->fails[0].call[0])
		return fail_text(scn, "never failed: ", scn->fails[0].call);
	return true;
}

bool scn_run(struct scn *scn, const char *text)
{
	scn_now = scn;
	while (*text && !scn->is_skipped) {
		text = read_line(scn, text);
		if (!scn->nr_words)
			continue;
		if (!settle(scn))
			return false;
		if (!scn_same(word(scn, 0), "expect"))
			run_line(scn);
	}
	scn->nr_words = 0;
	if (!settle(scn) || !nothing_is_left(scn))
		return false;
	scn_put(scn, scn->is_skipped ? "skipped\n" : "done\n");
	return true;
}
