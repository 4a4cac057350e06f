// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interpreter: a line is split into words, the first is the command, each
 * command is a function that returns what the engine returned. A result other
 * than 0 must be expected by the next line; NONSENSE means that the text
 * itself is wrong.
 */
#include "interp_parts.h"
#include "world.h"

struct scn *scn_now;

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
	bool is_block = scn_same(scn_word(scn, 0), "block");
	bool is_high = scn_same(scn_word(scn, 3), "high");
	struct scn_group *group = scn->groups;
	u32 nr;

	while (group < scn->groups + SCN_GROUPS_MAX && group->nr)
		group++;
	if (group == scn->groups + SCN_GROUPS_MAX ||
	    !scn_is_number(scn_word(scn, 2), &nr) ||
	    (!is_high && !scn_same(scn_word(scn, 3), "low")) ||
	    nr > (is_block ? 2 : SCN_FRAMES_MAX))
		return NONSENSE;
	scn_copy_word(group->name, scn_word(scn, 1));
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

	while (scn_word(scn, 1)[len])
		len++;
	group = scn_find_group(scn, scn_word(scn, 1), len);
	if (!group)
		return NONSENSE;
	if (scn_same(scn_word(scn, 0), "forget"))
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

	hold = scn_find_hold(scn, SCN_HOLD_FREE, NULL, na_frame(0));
	if (!hold || !scn_one_frame(scn, 1, &frame))
		return NONSENSE;
	hold->set = NULL;
	hold->frame = frame;
	hold->kind = scn_word(scn, 0)[0] == 'k' ? SCN_HOLD_KMAP : SCN_HOLD_VMAP;
	hold->addr = hold->kind == SCN_HOLD_KMAP ?
		     scn_world_kmap(scn->port, frame) :
		     scn_world_vmap(scn->port, frame);
	return hold->addr ? 0 : -ENOMEM;
}

/* kunmap FRAME, vunmap FRAME */
static int do_system_unmap(struct scn *scn)
{
	bool is_kmap = scn_word(scn, 0)[0] == 'k';
	struct scn_hold *hold;
	struct na_frame frame;

	if (!scn_one_frame(scn, 1, &frame))
		return NONSENSE;
	hold = scn_find_hold(scn, is_kmap ? SCN_HOLD_KMAP : SCN_HOLD_VMAP, NULL,
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

	if (!scn_one_frame(scn, 1, &frame) || !scn_is_number(scn_word(scn, 2), &value))
		return NONSENSE;
	scn_world_poke(scn->port, frame, (u8)value);
	return 0;
}

/* needs high */
static int do_needs(struct scn *scn)
{
	if (!scn_same(scn_word(scn, 1), "high"))
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
	scn_copy_word(scn->fails[i].call, scn_word(scn, 1));
	scn->fails[i].is_late = scn_same(scn_word(scn, 2), "late");
	return 0;
}

/* --- conversion and purge -------------------------------------------------- */

/* convert FRAMES... TYPE; convert_back FRAMES... TYPE */
static int do_convert(struct scn *scn)
{
	bool is_back = scn_same(scn_word(scn, 0), "convert_back");
	u32 last = scn->nr_words - 1;
	enum na_memtype type;

	if (!scn_is_type(scn_word(scn, last), &type) || !scn_collect_runs(scn, 1, last))
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
	if (!scn_collect_runs(scn, 1, scn->nr_words))
		return NONSENSE;
	return na_purge_stale(scn->machine, scn->runs, scn->nr_runs);
}

static int do_purge_all(struct scn *scn)
{
	na_purge_all(scn->machine);
	return 0;
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

	if (!scn_collect_runs(scn, 1, scn->nr_words))
		return NONSENSE;
	for (i = 0; i < scn->nr_runs; i++)
		for (j = 0; j < scn->runs[i].nr; j++)
			look_at(scn, na_frame_add(scn->runs[i].first, j));
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
	{ "window", scn_do_window }, { "window_end", scn_do_window_end },
	{ "map", scn_do_map }, { "try_map", scn_do_map }, { "map_within", scn_do_map },
	{ "map_run", scn_do_map_run }, { "map_run_within", scn_do_map_run },
	{ "unmap_run", scn_do_unmap_run },
	{ "unmap", scn_do_unmap }, { "read", scn_do_access }, { "write", scn_do_access },
	{ "local_map", scn_do_local_map }, { "local_unmap", scn_do_local_unmap },
	{ "local_read", scn_do_local_access }, { "local_write", scn_do_local_access },
	{ "window_purge", scn_do_window_purge }, { "look", do_look },
	{ "slots", scn_do_slots }, { "counters", scn_do_counters },
};

static int run_command(struct scn *scn)
{
	u32 i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (scn_same(commands[i].name, scn_word(scn, 0)))
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
	bool is_expect = scn_same(scn_word(scn, 0), "expect");
	const char *wanted = is_expect ? scn_word(scn, 1) : "0";

	if (is_expect && !scn->has_pending)
		return scn_fail_text(scn, "nothing to expect: ", wanted);
	if (scn->has_pending && !scn_same(scn_error_name(scn->pending), wanted))
		return scn_fail_text(scn, "expected ", wanted);
	scn->has_pending = false;
	return true;
}

static void run_line(struct scn *scn)
{
	u32 i;

	scn_put(scn, ">");
	for (i = 0; i < scn->nr_words; i++) {
		scn_put(scn, " ");
		scn_put(scn, scn_word(scn, i));
	}
	scn_put(scn, "\n");
	scn_world_line(scn->port, scn_word(scn, 0));
	scn->pending = run_command(scn);
	scn->has_pending = true;
	if (!scn->pending)
		return;
	scn_put(scn, "= ");
	scn_put(scn, scn_error_name(scn->pending));
	scn_put(scn, "\n");
}

static bool nothing_is_left(struct scn *scn)
{
	u32 i;

	for (i = 0; i < SCN_GROUPS_MAX; i++)
		if (scn->groups[i].nr)
			return scn_fail_text(scn, "left: ", scn->groups[i].name);
	for (i = 0; i < SCN_SETS_MAX; i++)
		if (scn->sets[i].set)
			return scn_fail_text(scn, "left: ", scn->sets[i].name);
	for (i = 0; i < SCN_HOLDS_MAX; i++)
		if (scn->holds[i].kind != SCN_HOLD_FREE)
			return scn_fail_text(scn, "left: ", "a mapping");
	if (scn->fails[0].call[0])
		return scn_fail_text(scn, "never failed: ", scn->fails[0].call);
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
		if (!scn_same(scn_word(scn, 0), "expect"))
			run_line(scn);
	}
	scn->nr_words = 0;
	if (!settle(scn) || !nothing_is_left(scn))
		return false;
	scn_put(scn, scn->is_skipped ? "skipped\n" : "done\n");
	return true;
}
