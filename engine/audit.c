// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit: which frames are mapped with conflicting types, and by whom.
 *
 * Nearly all mappings of a system are WB, and a conflict needs one that is
 * not. So the first walk over all page tables keeps frames only: those seen
 * with another type, and those that the ledger holds. The second walk keeps
 * every mapping of these frames, whatever its type, with its owner. A join by
 * frame (audit_join.c) leaves the suspects.
 *
 *	walk, MARK ──▶ frames ──walk, GATHER──▶ sightings ──join──▶ suspects
 *	suspects ──reread, CONFIRM──▶ ──reread, CONFIRM──▶ join ──▶ conflicts
 *
 * The walks take time and the system goes on. Suspects may never have stood
 * together: A was read, went away, then B came and was read. So all suspects
 * are read again, twice, and only what was found both times counts. Between
 * the two rounds there is an instant at which everything found in the second
 * had been found in the first: there they stood together, unless an entry
 * went and came back unchanged in between, which a look at page tables can
 * not exclude.
 *
 * The ledger is one more witness. Frames in a claim have no promised type:
 * they are left out, and what they turn into is seen by the next audit.
 *
 * Adjoining offers are joined here, so that a direct map costs a handful of
 * binary searches and not one a page. All arrays have limits; what does not
 * fit is dropped and said in the result.
 *
 * One audit is one thread's; nothing here is shared.
 */
#include "audit_internal.h"

#define FRAMES_MAX	(1u << 17)
#define SIGHTINGS_MAX	(1u << 17)
#define OWNERS_MAX	(1u << 12)
#define CONFLICTS_MAX	(1u << 12)

#define OWNER_UNKNOWN	(~0u)		/* not described yet */
#define OWNER_DROPPED	(~0u - 1)	/* no room for it */

/* --- frames --------------------------------------------------------------- */

static int compare_spans(const void *left, const void *right)
{
	const struct na_span *a = left, *b = right;

	(void)NA_ASSERT(a->first < a->end && b->first < b->end);
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return 0;
}

/* Sorted and disjoint from here on, until the next push. */
static void tidy_frames(struct na_vec *frames)
{
	struct na_span *spans = frames->items;
	u32 i, last = 0;

	if (!frames->nr)
		return;
	na_sort(spans, frames->nr, sizeof(*spans), compare_spans);
	for (i = 1; i < frames->nr; i++) {
		(void)NA_ASSERT(spans[i].first >= spans[last].first);
		if (spans[i].first > spans[last].end)
			spans[++last] = spans[i];
		else if (spans[i].end > spans[last].end)
			spans[last].end = spans[i].end;
	}
	(void)NA_ASSERT(last < frames->nr);
	frames->nr = last + 1;
}

static int mark(struct na_audit *audit, const struct na_sighting *sighting)
{
	struct na_span span = { sighting->run.first.nr,
				na_run_end(sighting->run) };
	struct na_port *port = audit->machine->port;
	int err;

	(void)NA_ASSERT(span.first < span.end);
	if (sighting->type == NA_AUDIT_WB)
		return 0;
	err = na_vec_push(&audit->frames, port, &span);
	if (err != -ENOSPC)
		return err;
	/* Tidying is worth its time only if it makes room for many more. */
	if (!(audit->result->cut & NA_AUDIT_CUT_FRAMES))
		tidy_frames(&audit->frames);
	if (audit->frames.nr <= audit->frames.max / 4 * 3)
		return na_vec_push(&audit->frames, port, &span);
	audit->result->cut |= NA_AUDIT_CUT_FRAMES;
	return 0;
}

/* First span that ends behind @frame; the number of spans if none does. */
static u32 find_span(const struct na_vec *frames, unsigned long frame)
{
	const struct na_span *spans = frames->items;
	u32 low = 0, high = frames->nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (spans[mid].end <= frame)
			low = mid + 1;
		else
			high = mid;
	}
	(void)NA_ASSERT(low <= frames->nr);
	return low;
}

static u64 count_frames(const struct na_vec *frames)
{
	const struct na_span *spans = frames->items;
	u64 nr = 0;
	u32 i;

	for (i = 0; i < frames->nr; i++) {
		(void)NA_ASSERT(!i || spans[i - 1].end < spans[i].first);
		nr += spans[i].end - spans[i].first;
	}
	return nr;
}

/* --- owners --------------------------------------------------------------- */

static bool same_owner(const struct na_audit_owner *a,
		       const struct na_audit_owner *b)
{
	(void)NA_ASSERT(a->space < NR_NA_SPACES && b->space < NR_NA_SPACES);
	return a->space == b->space && a->handle == b->handle &&
	       a->start == b->start && a->end == b->end &&
	       a->space == NA_SPACE_PROCESS;
}

static void describe_state(struct na_audit_owner *owner, enum na_state state)
{
	static const char names[NR_NA_STATES][12] = {
		[NA_BUFFER] = "buffer",
		[NA_LENT] = "lent",
	};

	(void)NA_ASSERT((u32)state < NR_NA_STATES);
	owner->space = NA_SPACE_LEDGER;
	na_memcpy(owner->name, names[state], sizeof(names[state]));
}

/* A port that had to let go of a process and came back is one owner. */
static int add_owner(struct na_audit *audit, struct na_audit_owner *owner,
		     u32 *idx)
{
	struct na_audit_owner *owners = audit->owners.items;
	u32 nr = audit->owners.nr;
	int err;

	(void)NA_ASSERT(audit->phase == NA_AUDIT_GATHER);
	if (nr && same_owner(&owners[nr - 1], owner)) {
		na_port_audit_release(audit->walker, owner);
		*idx = nr - 1;
		return 0;
	}
	err = na_vec_push(&audit->owners, audit->machine->port, owner);
	if (!err) {
		*idx = nr;
		return 0;
	}
	if (owner->space != NA_SPACE_LEDGER)
		na_port_audit_release(audit->walker, owner);
	*idx = OWNER_DROPPED;
	if (err != -ENOSPC)
		return err;
	audit->result->cut |= NA_AUDIT_CUT_OWNERS;
	return 0;
}

/* Only who has a sighting that is kept needs a name. */
static int describe_place(struct na_audit *audit)
{
	struct na_audit_place *place = audit->place;
	struct na_audit_owner owner;

	if (!NA_ASSERT(place) || place->owner != OWNER_UNKNOWN)
		return 0;
	na_memset(&owner, 0, sizeof(owner));
	if (audit->state == NA_SYSTEM)
		na_port_audit_describe(audit->walker, place, &owner);
	else
		describe_state(&owner, audit->state);
	return add_owner(audit, &owner, &place->owner);
}

static void release_owners(struct na_audit *audit)
{
	struct na_audit_owner *owners = audit->owners.items;
	u32 i;

	(void)NA_ASSERT(audit->owners.nr <= audit->owners.max);
	for (i = 0; i < audit->owners.nr; i++) {
		if (owners[i].space != NA_SPACE_LEDGER)
			na_port_audit_release(audit->walker, &owners[i]);
		owners[i].handle = NULL;
	}
}

/* --- sightings ------------------------------------------------------------ */

static int keep(struct na_audit *audit, struct na_vec *vec,
		const struct na_sighting *sighting)
{
	int err = na_vec_push(vec, audit->machine->port, sighting);

	(void)NA_ASSERT(sighting->run.nr &&
			sighting->owner < audit->owners.nr);
	if (err != -ENOSPC)
		return err;
	audit->result->cut |= NA_AUDIT_CUT_SIGHTINGS;
	return 0;
}

static int gather_span(struct na_audit *audit,
		       const struct na_sighting *sighting,
		       const struct na_span *span)
{
	unsigned long first = sighting->run.first.nr;
	unsigned long end = na_run_end(sighting->run);
	struct na_sighting part;
	int err = describe_place(audit);

	(void)NA_ASSERT(first < span->end && span->first < end);
	if (err || audit->place->owner == OWNER_DROPPED)
		return err;
	part = na_sighting_cut(sighting,
			       first > span->first ? first : span->first,
			       end < span->end ? end : span->end);
	part.owner = audit->place->owner;
	return keep(audit, &audit->sightings, &part);
}

static int gather(struct na_audit *audit, const struct na_sighting *sighting)
{
	const struct na_span *spans = audit->frames.items;
	unsigned long end = na_run_end(sighting->run);
	u32 i = find_span(&audit->frames, sighting->run.first.nr);
	int err;

	(void)NA_ASSERT(audit->place);
	for (; i < audit->frames.nr && spans[i].first < end; i++) {
		err = gather_span(audit, sighting, &spans[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Same address, same frame, same type as expected: the rest has changed. */
static int confirm(struct na_audit *audit, const struct na_sighting *sighting)
{
	const struct na_sighting *expected = audit->expected;
	s64 delta = (s64)(sighting->va - expected->va) >> NA_AUDIT_PAGE_SHIFT;
	unsigned long first = sighting->run.first.nr;
	unsigned long end = na_run_end(sighting->run);
	struct na_sighting part;

	(void)NA_ASSERT(expected && expected->owner < audit->owners.nr);
	if (expected->run.first.nr + (unsigned long)delta != first ||
	    sighting->type != expected->type ||
	    sighting->entry != expected->entry)
		return 0;
	if (first < expected->run.first.nr)
		first = expected->run.first.nr;
	if (end > na_run_end(expected->run))
		end = na_run_end(expected->run);
	if (first >= end)
		return 0;
	part = na_sighting_cut(expected, first, end);
	return keep(audit, &audit->confirmed, &part);
}

/* --- offers --------------------------------------------------------------- */

static int settle(struct na_audit *audit)
{
	struct na_sighting sighting = audit->pending;

	if (!sighting.run.nr)
		return 0;
	audit->pending.run.nr = 0;
	audit->result->seen.nr_pages += sighting.run.nr;
	switch (audit->phase) {
	case NA_AUDIT_MARK:
		return mark(audit, &sighting);
	case NA_AUDIT_GATHER:
		return gather(audit, &sighting);
	case NA_AUDIT_CONFIRM:
		return confirm(audit, &sighting);
	}
	(void)NA_ASSERT(false);
	return 0;
}

static bool extends(const struct na_sighting *pending,
		    const struct na_sighting *sighting)
{
	u64 len = (u64)pending->run.nr << NA_AUDIT_PAGE_SHIFT;

	(void)NA_ASSERT(pending->run.nr <= NA_AUDIT_RUN_MAX);
	return pending->run.nr && pending->va + len == sighting->va &&
	       na_run_end(pending->run) == sighting->run.first.nr &&
	       pending->type == sighting->type &&
	       pending->entry == sighting->entry &&
	       pending->run.nr + sighting->run.nr <= NA_AUDIT_RUN_MAX;
}

int na_audit_offer(struct na_audit *audit, const struct na_sighting *sighting)
{
	int err;

	if (!NA_ASSERT(sighting->run.nr &&
		       sighting->run.nr <= NA_AUDIT_RUN_MAX))
		return 0;
	(void)NA_ASSERT(sighting->type != NA_AUDIT_UC_MINUS);
	if (extends(&audit->pending, sighting)) {
		audit->pending.run.nr += sighting->run.nr;
		return 0;
	}
	err = settle(audit);
	audit->pending = *sighting;
	return err;
}

void na_audit_place_begin(struct na_audit *audit, struct na_audit_place *place)
{
	(void)NA_ASSERT(!audit->pending.run.nr);
	place->owner = OWNER_UNKNOWN;
	audit->place = place;
	audit->result->seen.nr_mappings++;
}

int na_audit_place_end(struct na_audit *audit)
{
	int err = settle(audit);

	(void)NA_ASSERT(audit->place);
	audit->place = NULL;
	return err;
}

void na_audit_saw_process(struct na_audit *audit)
{
	(void)NA_ASSERT(audit->phase != NA_AUDIT_CONFIRM);
	audit->result->seen.nr_processes++;
}

/* --- the ledger as a witness ---------------------------------------------- */

static int offer_frame(struct na_audit *audit, struct na_frame frame,
		       enum na_memtype type)
{
	static const u8 types[NR_NA_MEMTYPES] = {
		[NA_WB] = NA_AUDIT_WB,
		[NA_WC] = NA_AUDIT_WC,
		[NA_UC] = NA_AUDIT_UC,
	};
	struct na_sighting sighting = {
		.va = (u64)frame.nr << NA_AUDIT_PAGE_SHIFT,
		.run = na_run(frame, 1),
	};

	if (!NA_ASSERT(na_memtype_is_valid(type)))
		return 0;
	sighting.type = types[type];
	sighting.entry = types[type];
	return na_audit_offer(audit, &sighting);
}

static int offer_state(struct na_audit *audit, enum na_state state)
{
	const struct na_ledger *ledger = &audit->machine->ledger;
	struct na_frame frame = na_frame(0);
	struct na_ledger_entry entry;
	int err;

	(void)NA_ASSERT(state != NA_SYSTEM && state != NA_CLAIMED);
	while (na_ledger_next_held(ledger, &frame, &entry)) {
		if (entry.state == state) {
			err = offer_frame(audit, frame, entry.type);
			if (err)
				return err;
		}
		frame = na_frame_add(frame, 1);
	}
	return 0;
}

static int walk_state(struct na_audit *audit, enum na_state state)
{
	int err, err_end;

	if (!na_ledger_count(&audit->machine->ledger, state))
		return 0;
	(void)NA_ASSERT(audit->state == NA_SYSTEM);
	audit->state = state;
	na_audit_place_begin(audit, &audit->ledger_places[state]);
	err = offer_state(audit, state);
	err_end = na_audit_place_end(audit);
	audit->state = NA_SYSTEM;
	return err ? err : err_end;
}

static int walk_ledger(struct na_audit *audit)
{
	int err = walk_state(audit, NA_BUFFER);

	(void)NA_ASSERT(audit->phase != NA_AUDIT_CONFIRM);
	if (!err)
		err = walk_state(audit, NA_LENT);
	/* Of a quarantined frame the ledger knows only that nobody has it. */
	return err;
}

static int reread_ledger(struct na_audit *audit,
			 const struct na_sighting *sighting)
{
	struct na_ledger_entry entry;
	struct na_frame frame;
	u32 i;
	int err;

	(void)NA_ASSERT(audit->phase == NA_AUDIT_CONFIRM);
	for (i = 0; i < sighting->run.nr; i++) {
		frame = na_frame_add(sighting->run.first, i);
		entry = na_ledger_lookup(&audit->machine->ledger, frame);
		if (audit->ledger_places[entry.state].owner != sighting->owner)
			continue;
		err = offer_frame(audit, frame, entry.type);
		if (err)
			return err;
	}
	return 0;
}

/* --- passes --------------------------------------------------------------- */

static int walk(struct na_audit *audit, enum na_audit_phase phase)
{
	struct na_audit_seen *seen = &audit->result->seen;
	int err;

	(void)NA_ASSERT(!audit->pending.run.nr && !audit->place);
	audit->phase = phase;
	/* Ours first: if there is not room for all, it is not ours we lose. */
	err = walk_ledger(audit);
	if (err)
		return err;
	seen->nr_walks++;
	seen->nr_pages = 0;
	seen->nr_mappings = 0;
	seen->nr_processes = 0;
	err = na_port_audit_walk(audit->walker);
	if (!err && na_port_is_dying(audit->machine->port))
		err = -EINTR;
	(void)NA_ASSERT(err || !audit->pending.run.nr);
	return err;
}

static int reread(struct na_audit *audit, const struct na_sighting *sighting)
{
	const struct na_audit_owner *owners = audit->owners.items;
	const struct na_audit_owner *owner = &owners[sighting->owner];
	int err, err_end;

	if (!NA_ASSERT(sighting->owner < audit->owners.nr))
		return 0;
	audit->expected = sighting;
	if (owner->space == NA_SPACE_LEDGER)
		err = reread_ledger(audit, sighting);
	else
		err = na_port_audit_reread(audit->walker, owner, sighting);
	err_end = settle(audit);
	return err ? err : err_end;
}

static u64 count_pages(const struct na_vec *sightings)
{
	const struct na_sighting *all = sightings->items;
	u64 nr = 0;
	u32 i;

	for (i = 0; i < sightings->nr; i++) {
		(void)NA_ASSERT(all[i].run.nr);
		nr += all[i].run.nr;
	}
	return nr;
}

static int confirm_all(struct na_audit *audit)
{
	const struct na_sighting *sightings = audit->sightings.items;
	struct na_audit_seen seen = audit->result->seen;
	struct na_vec old = audit->sightings;
	int err = 0;
	u32 i;

	(void)NA_ASSERT(!audit->confirmed.nr && !audit->pending.run.nr);
	audit->phase = NA_AUDIT_CONFIRM;
	for (i = 0; i < old.nr && !err; i++)
		err = reread(audit, &sightings[i]);
	if (!err && na_port_is_dying(audit->machine->port))
		err = -EINTR;
	/* Each was expected once, so none can have been found twice. */
	(void)NA_ASSERT(count_pages(&audit->confirmed) <= count_pages(&old));
	seen.nr_changed += count_pages(&old) - count_pages(&audit->confirmed);
	audit->result->seen = seen;
	audit->sightings = audit->confirmed;
	audit->confirmed = old;
	audit->confirmed.nr = 0;
	return err;
}

static void drop_cold(struct na_vec *sightings)
{
	struct na_sighting *all = sightings->items;
	u32 i, nr = 0;

	for (i = 0; i < sightings->nr; i++)
		if (all[i].hot)
			all[nr++] = all[i];
	/* A conflict takes two. */
	(void)NA_ASSERT(nr != 1);
	sightings->nr = nr;
}

static int find_suspects(struct na_audit *audit)
{
	int err = walk(audit, NA_AUDIT_MARK);

	(void)NA_ASSERT(!audit->sightings.nr && !audit->owners.nr);
	if (err)
		return err;
	tidy_frames(&audit->frames);
	audit->result->seen.nr_frames = count_frames(&audit->frames);
	if (!audit->frames.nr)
		return 0;
	err = walk(audit, NA_AUDIT_GATHER);
	if (err)
		return err;
	na_vec_fini(&audit->frames, audit->machine->port);
	err = na_audit_join_mark(audit);
	if (!err)
		drop_cold(&audit->sightings);
	return err;
}

static int find_conflicts(struct na_audit *audit)
{
	int err = find_suspects(audit);

	if (err || !audit->sightings.nr)
		return err;
	err = confirm_all(audit);
	if (!err)
		err = confirm_all(audit);
	if (err)
		return err;
	(void)NA_ASSERT(!audit->conflicts.nr);
	return na_audit_join_record(audit);
}

/* --- life ----------------------------------------------------------------- */

static void init_vecs(struct na_audit *audit,
		      const struct na_audit_limits *limits)
{
	na_vec_init(&audit->frames, sizeof(struct na_span),
		    limits->frames_max);
	na_vec_init(&audit->sightings, sizeof(struct na_sighting),
		    limits->sightings_max);
	na_vec_init(&audit->confirmed, sizeof(struct na_sighting),
		    limits->sightings_max);
	na_vec_init(&audit->owners, sizeof(struct na_audit_owner),
		    limits->owners_max);
	na_vec_init(&audit->conflicts, sizeof(struct na_audit_conflict),
		    limits->conflicts_max);
	na_vec_init(&audit->parties, sizeof(struct na_audit_party),
		    limits->conflicts_max * NA_AUDIT_PARTIES_MAX);
}

static void destroy(struct na_audit *audit)
{
	struct na_port *port;

	if (!audit)
		return;
	port = audit->machine->port;
	(void)NA_ASSERT(!audit->place);
	na_vec_fini(&audit->frames, port);
	na_vec_fini(&audit->sightings, port);
	na_vec_fini(&audit->confirmed, port);
	na_vec_fini(&audit->owners, port);
	na_vec_fini(&audit->conflicts, port);
	na_vec_fini(&audit->parties, port);
	na_audit_result_destroy(audit->result);
	na_port_free(port, audit);
}

static struct na_audit *create(struct na_machine *machine,
			       const struct na_audit_limits *limits)
{
	struct na_audit *audit = na_port_alloc(machine->port, sizeof(*audit));
	u32 i;

	if (!audit)
		return NULL;
	audit->machine = machine;
	/* Those that are never walked must not look like owner 0. */
	for (i = 0; i < NR_NA_STATES; i++)
		audit->ledger_places[i].owner = OWNER_UNKNOWN;
	init_vecs(audit, limits);
	audit->result = na_port_alloc(machine->port, sizeof(*audit->result));
	if (audit->result) {
		audit->result->port = machine->port;
		return audit;
	}
	destroy(audit);
	return NULL;
}

/* The arrays change hands; what is left of the audit can go. */
static struct na_audit_result *take_result(struct na_audit *audit)
{
	struct na_audit_result *result = audit->result;

	(void)NA_ASSERT(result);
	result->nr_conflicts = audit->conflicts.nr;
	result->conflicts = na_vec_take(&audit->conflicts);
	result->nr_parties = audit->parties.nr;
	result->parties = na_vec_take(&audit->parties);
	result->nr_owners = audit->owners.nr;
	result->owners = na_vec_take(&audit->owners);
	audit->result = NULL;
	return result;
}

static int run(struct na_audit *audit)
{
	int err = na_port_audit_begin(audit->machine->port, audit,
				      &audit->walker);

	if (err)
		return err;
	err = find_conflicts(audit);
	(void)NA_ASSERT(!audit->place);
	release_owners(audit);
	na_port_audit_end(audit->walker);
	return err;
}

static bool are_limits_valid(const struct na_audit_limits *limits)
{
	return limits->frames_max && limits->sightings_max &&
	       limits->owners_max && limits->conflicts_max &&
	       limits->conflicts_max <= ~0u / NA_AUDIT_PARTIES_MAX;
}

int na_audit_run(struct na_machine *machine,
		 const struct na_audit_limits *limits,
		 struct na_audit_result **result)
{
	static const struct na_audit_limits usual = {
		.frames_max = FRAMES_MAX,
		.sightings_max = SIGHTINGS_MAX,
		.owners_max = OWNERS_MAX,
		.conflicts_max = CONFLICTS_MAX,
	};
	u64 start_ns = na_port_time_ns(machine->port);
	struct na_audit *audit;
	int err;

	na_might_sleep();
	if (!limits)
		limits = &usual;
	if (!NA_CHECK(are_limits_valid(limits)))
		return -EINVAL;
	audit = create(machine, limits);
	if (!audit)
		return -ENOMEM;
	err = run(audit);
	if (!err) {
		*result = take_result(audit);
		(*result)->duration_ns = na_port_time_ns(machine->port) -
					 start_ns;
	}
	destroy(audit);
	return err;
}

void na_audit_result_destroy(struct na_audit_result *result)
{
	if (!result)
		return;
	(void)NA_ASSERT(result->port);
	na_port_free(result->port, result->parties);
	na_port_free(result->port, result->conflicts);
	na_port_free(result->port, result->owners);
	na_port_free(result->port, result);
}
