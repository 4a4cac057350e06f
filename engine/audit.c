// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit: find frames that are mapped with conflicting types, and their owners.
 *
 * A conflict needs two types for one frame, and nearly all mappings of a system
 * are WB. So the first walk over all page tables records only frames: those
 * mapped with another type, and those in the ledger. The second walk adds all
 * types of these frames, a bit each. On a system without conflicts the audit
 * ends here, because each frame has one type. The third walk records the
 * mappings of frames with several types, with their owners. A join by frame
 * (audit_join.c) yields the suspects.
 *
 *	walk, MARK ──▶ frames ──walk, TYPES──▶ frames with several types
 *	──walk, GATHER──▶ sightings ──join──▶ suspects
 *	──reread, CONFIRM──▶ ──reread, CONFIRM──▶ join ──▶ conflicts
 *
 * The system runs during the walks, so suspects may never have existed
 * together: A was read and removed, then B was created and read. So all
 * suspects are read again, twice, and only those found both times count.
 * Everything found in the second round had been found in the first, so all of
 * it existed at the instant between the two, unless an entry was removed and
 * restored unchanged, which page tables do not show.
 *
 * A list of all mappings of some frames is the same with other frames in the
 * first walk and without the second: in conflict or not, all mappings of these
 * frames are suspects.
 *
 * The ledger's types are compared too, see audit_ledger.c.
 *
 * Adjacent offers are joined here, so that a direct map costs one lookup for
 * each chunk of frames instead of each page. audit_room.c has the limits.
 *
 * An audit belongs to one thread; nothing here is shared.
 */
#include "audit_internal.h"

/* Sizes in bytes must fit into 32 bits; the real limits are in audit_room.c. */
#define ITEMS_MAX	(1u << 24)

#define OWNER_DROPPED	(~0u - 1)	/* no room for it */

/* --- frames --------------------------------------------------------------- */

static u8 bit_of(const struct na_sighting *sighting)
{
	(void)NA_ASSERT(sighting->type < NR_NA_AUDIT_TYPES);
	return (u8)(1u << sighting->type);
}

/**
 * struct told - what the port has reported on the frames of one sighting
 * @end: first frame that it was not asked about
 * @is_device: kind of the last frames before @end
 */
struct told {
	unsigned long end;
	bool is_device;
};

/*
 * Are all frames from @first up to @end a device's? The port is asked about all
 * frames up to @last at once, because a device may have GiB: asking again for
 * each chunk would take quadratic time, with a process's mmap lock held.
 */
static bool are_device(struct na_audit *audit, unsigned long first,
		       unsigned long end, unsigned long last,
		       struct told *told)
{
	struct na_run rest;
	u32 nr;

	while (first < end) {
		if (told->end <= first) {
			/*
			 * After a fatal signal the port may report fewer
			 * frames.
			 */
			if (na_port_is_dying(audit->port))
				return true;
			rest = na_run(na_frame(first), (u32)(last - first));
			told->is_device = na_port_audit_kind(audit->walker,
						rest, &nr) == NA_KIND_DEVICE;
			told->end = first + nr;
		}
		if (!told->is_device)
			return false;
		first = told->end;
	}
	return true;
}

static bool has_room(const struct na_audit *audit, unsigned long frame)
{
	return audit->frames.nr < audit->limits.frames_max ||
	       na_audit_frames_has(&audit->frames, frame);
}

static int mark(struct na_audit *audit, const struct na_sighting *sighting)
{
	const struct na_audit_choice *choice = &audit->choice;
	unsigned long first = sighting->run.first.nr, next;
	unsigned long end = na_run_end(sighting->run);
	struct told told;
	int err = 0;

	(void)NA_ASSERT(audit->phase == NA_AUDIT_MARK);
	if (!(choice->types & bit_of(sighting)))
		return 0;
	if (first < choice->first.nr)
		first = choice->first.nr;
	/* The end of all frames may be 0. */
	if (end - 1 > choice->last.nr)
		end = choice->last.nr + 1;
	told = (struct told){ .end = first };
	/*
	 * The number of chunks of memory is bounded by the memory. A device may
	 * have any number of addresses: beyond the limit they get no new chunk.
	 */
	for (; first < end && !err; first = next) {
		next = na_chunk_end(first, end);
		if (has_room(audit, first) ||
		    !are_device(audit, first, next, end, &told))
			err = na_audit_frames_add(&audit->frames,
						  audit->port, first,
						  next, bit_of(sighting));
		else
			err = na_audit_cut(audit, audit->account,
					   NA_AUDIT_CUT_FRAMES);
	}
	return err;
}

/* --- owners --------------------------------------------------------------- */

static bool has_owner(const struct na_audit_place *place)
{
	(void)NA_ASSERT(place);
	return place->owner != NA_OWNER_UNKNOWN && place->owner != OWNER_DROPPED;
}

static bool same_owner(const struct na_audit_owner *a,
		       const struct na_audit_owner *b)
{
	return a->space == b->space && a->handle == b->handle &&
	       a->start == b->start && a->end == b->end &&
	       a->space == NA_SPACE_PROCESS;
}

/*
 * A process that the port left and came back to is one owner. A place of the
 * kernel that had no room may still get a name, when a frame is wanted.
 */
static int add_owner(struct na_audit *audit, struct na_audit_owner *owner,
		     bool is_wanted, u32 *idx)
{
	struct na_audit_owner *owners = audit->owners.items;
	u32 nr = audit->owners.nr;
	int err = -ENOSPC;

	(void)NA_ASSERT(audit->phase == NA_AUDIT_GATHER);
	owner->account = audit->account;
	if (nr && same_owner(&owners[nr - 1], owner)) {
		na_port_audit_release(audit->walker, owner);
		*idx = nr - 1;
		return 0;
	}
	if (na_audit_room_take(audit, audit->account, NA_ROOM_OWNERS,
			       is_wanted))
		err = na_vec_push(&audit->owners, audit->port, owner);
	if (!err) {
		*idx = nr;
		return 0;
	}
	if (owner->space != NA_SPACE_LEDGER)
		na_port_audit_release(audit->walker, owner);
	if (is_wanted || owner->space == NA_SPACE_PROCESS)
		*idx = OWNER_DROPPED;
	if (err != -ENOSPC)
		return err;
	return na_audit_cut(audit, audit->account, NA_AUDIT_CUT_OWNERS);
}

/* Only owners of recorded sightings need a name. */
static int describe_place(struct na_audit *audit, bool is_wanted)
{
	struct na_audit_place *place = audit->place;
	struct na_audit_owner owner;

	if (!NA_ASSERT(place) || place->owner != NA_OWNER_UNKNOWN)
		return 0;
	na_memset(&owner, 0, sizeof(owner));
	if (audit->account == NA_ACCOUNT_LEDGER)
		audit->ledger->describe(audit->ledger, &owner);
	else
		na_port_audit_describe(audit->walker, place, &owner);
	if (place->has_areas)
		owner.start = audit->area_start;
	return add_owner(audit, &owner, is_wanted, &place->owner);
}

static void release_owners(struct na_audit *audit)
{
	struct na_audit_owner *owners = audit->owners.items;
	u32 i;

	for (i = 0; i < audit->owners.nr; i++) {
		if (owners[i].space != NA_SPACE_LEDGER)
			na_port_audit_release(audit->walker, &owners[i]);
		owners[i].handle = NULL;
	}
}

/* --- sightings ------------------------------------------------------------ */

static int keep(struct na_audit *audit, struct na_vec *vec, u32 account,
		const struct na_sighting *sighting)
{
	int err = na_vec_push(vec, audit->port, sighting);

	(void)NA_ASSERT(sighting->run.nr &&
			sighting->owner < audit->owners.nr);
	if (err != -ENOSPC)
		return err;
	return na_audit_cut(audit, account, NA_AUDIT_CUT_SIGHTINGS);
}

/* If it is a process's, all of its frames are wanted from now on. */
static int want(struct na_audit *audit, const struct na_sighting *part)
{
	const struct na_audit_account *account =
		na_audit_account_at(audit, audit->account);

	(void)NA_ASSERT(audit->phase == NA_AUDIT_GATHER);
	if (account->space != NA_SPACE_PROCESS)
		return 0;
	return na_audit_frames_join(&audit->frames, audit->port,
				    part->run.first.nr, na_run_end(part->run),
				    NA_FRAME_WANTED);
}

static int gather_part(struct na_audit *audit,
		       const struct na_sighting *sighting, unsigned long first,
		       unsigned long end, bool is_wanted)
{
	struct na_sighting part = na_sighting_cut(sighting, first, end);
	int err;

	(void)NA_ASSERT(audit->place);
	if (!na_audit_room_take(audit, audit->account, NA_ROOM_SIGHTINGS,
				is_wanted))
		return na_audit_cut(audit, audit->account,
				    NA_AUDIT_CUT_SIGHTINGS);
	err = describe_place(audit, is_wanted);
	if (err || !has_owner(audit->place)) {
		na_audit_room_give(audit, audit->account, NA_ROOM_SIGHTINGS);
		return err;
	}
	part.owner = audit->place->owner;
	err = keep(audit, &audit->sightings, audit->account, &part);
	return err ? err : want(audit, &part);
}

/* Are mappings of a frame with these types of interest? */
static bool is_kept(const struct na_audit *audit, u32 types)
{
	return audit->lists ? types :
			      na_audit_grade_of(types) != NA_GRADE_NONE;
}

/* Frames from @first on with equal state: in conflict or not, wanted or not. */
static unsigned long find_part(const struct na_audit *audit,
			       unsigned long first, unsigned long end,
			       bool *is_suspect, bool *is_wanted)
{
	unsigned long next, pos = first;
	bool is_first = true, kept, wanted;
	u32 bits;

	for (; pos < end; pos = next, is_first = false) {
		bits = na_audit_frames_get(&audit->frames, pos, end, &next);
		/* Of a list all are, or its mappings would end where others do. */
		wanted = audit->lists || bits & NA_FRAME_WANTED;
		kept = is_kept(audit, bits & ~NA_FRAME_WANTED);
		if (is_first) {
			*is_suspect = kept;
			*is_wanted = wanted;
		} else if (*is_suspect != kept || *is_wanted != wanted) {
			break;
		}
	}
	return pos;
}

static int gather(struct na_audit *audit, const struct na_sighting *sighting)
{
	unsigned long first = sighting->run.first.nr, next;
	unsigned long end = na_run_end(sighting->run);
	bool is_suspect = false, is_wanted = false;
	int err = 0;

	(void)NA_ASSERT(audit->place);
	for (; first < end && !err; first = next) {
		next = find_part(audit, first, end, &is_suspect, &is_wanted);
		if (is_suspect)
			err = gather_part(audit, sighting, first, next,
					  is_wanted);
	}
	return err;
}

/* The part with address, frame and type as expected; the rest has changed. */
static int confirm(struct na_audit *audit, const struct na_sighting *sighting)
{
	const struct na_audit_owner *owner = audit->owners.items;
	const struct na_sighting *expected = audit->expected;
	s64 delta = (s64)(sighting->va - expected->va) >> NA_AUDIT_PAGE_SHIFT;
	unsigned long first = sighting->run.first.nr;
	unsigned long end = na_run_end(sighting->run);
	struct na_sighting part;

	(void)NA_ASSERT(expected && expected->owner < audit->owners.nr);
	owner += expected->owner;
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
	return keep(audit, &audit->confirmed, owner->account, &part);
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
	case NA_AUDIT_TYPES:
		return na_audit_frames_join(&audit->frames,
					    audit->port,
					    sighting.run.first.nr,
					    na_run_end(sighting.run),
					    bit_of(&sighting));
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

	return pending->run.nr && pending->va + len == sighting->va &&
	       na_run_end(pending->run) == sighting->run.first.nr &&
	       pending->type == sighting->type &&
	       pending->entry == sighting->entry &&
	       pending->run.nr + sighting->run.nr <= NA_AUDIT_RUN_MAX;
}

static void close_area(struct na_audit *audit)
{
	struct na_audit_owner *owners = audit->owners.items;
	struct na_audit_place *place = audit->place;

	(void)NA_ASSERT(place && place->has_areas);
	if (place->owner < audit->owners.nr)
		owners[place->owner].end = audit->area_end;
	place->owner = NA_OWNER_UNKNOWN;
}

/* A gap in the addresses separates two areas. */
static int enter_area(struct na_audit *audit,
		      const struct na_sighting *sighting)
{
	int err = 0;

	if (!audit->place || !audit->place->has_areas)
		return 0;
	if (sighting->va != audit->area_end) {
		err = settle(audit);
		close_area(audit);
		audit->area_start = sighting->va;
	}
	audit->area_end = sighting->va +
			  ((u64)sighting->run.nr << NA_AUDIT_PAGE_SHIFT);
	return err;
}

int na_audit_offer(struct na_audit *audit, const struct na_sighting *sighting)
{
	int err;

	if (!NA_ASSERT(sighting->run.nr &&
		       sighting->run.nr <= NA_AUDIT_RUN_MAX))
		return 0;
	(void)NA_ASSERT(sighting->type != NA_AUDIT_UC_MINUS);
	err = enter_area(audit, sighting);
	if (err)
		return err;
	if (extends(&audit->pending, sighting)) {
		audit->pending.run.nr += sighting->run.nr;
		return 0;
	}
	err = settle(audit);
	audit->pending = *sighting;
	return err;
}

/* The first walk looks for other types than WB, or in a range. */
static void filter_choice(const struct na_audit *audit,
			  struct na_audit_filter *filter)
{
	filter->need = NA_NEED_TYPED;
	if (!(audit->choice.types >> NA_AUDIT_WB & 1))
		return;
	filter->need = NA_NEED_RANGE;
	filter->first = audit->choice.first.nr;
	filter->last = audit->choice.last.nr;
}

/*
 * In the first walk only what is chosen matters, and then only the frames found
 * there. Areas are separated by gaps between offers, so an area whose
 * owner may be recorded is offered whole.
 */
struct na_audit_filter na_audit_filter(const struct na_audit *audit)
{
	struct na_audit_filter filter = { .audit = audit };

	filter.names_owners = audit->phase == NA_AUDIT_GATHER;
	if (!audit->place || audit->phase == NA_AUDIT_CONFIRM)
		return filter;
	if (audit->phase == NA_AUDIT_MARK) {
		filter_choice(audit, &filter);
	} else if (audit->frames.nr && !(audit->place->has_areas &&
					 audit->phase == NA_AUDIT_GATHER)) {
		filter.need = NA_NEED_FRAMES;
		filter.keys = audit->frames.keys;
		filter.mask = audit->frames.nr_slots - 1;
	}
	return filter;
}

bool na_audit_wants_frame(const struct na_audit *audit, unsigned long frame)
{
	return na_audit_frames_marks(&audit->frames, frame);
}

void na_audit_skip(struct na_audit *audit, u32 nr)
{
	(void)NA_ASSERT(audit->place && audit->phase != NA_AUDIT_CONFIRM);
	audit->result->seen.nr_pages += nr;
}

void na_audit_place_begin(struct na_audit *audit, struct na_audit_place *place)
{
	(void)NA_ASSERT(!audit->pending.run.nr);
	place->owner = NA_OWNER_UNKNOWN;
	audit->place = place;
	audit->area_start = 0;
	audit->area_end = 0;
	audit->result->seen.nr_mappings++;
}

int na_audit_place_end(struct na_audit *audit)
{
	int err = settle(audit);

	(void)NA_ASSERT(audit->place);
	if (audit->place->has_areas)
		close_area(audit);
	audit->place = NULL;
	return err;
}

int na_audit_process_begin(struct na_audit *audit, int pid, const char *comm)
{
	struct na_audit_account account = {
		.space = NA_SPACE_PROCESS, .pid = pid,
	};
	u32 i;
	int err;

	(void)NA_ASSERT(audit->phase != NA_AUDIT_CONFIRM);
	(void)NA_ASSERT(audit->account == NA_ACCOUNT_KERNEL);
	audit->result->seen.nr_processes++;
	for (i = 0; i < sizeof(account.comm) - 1 && comm[i]; i++)
		account.comm[i] = comm[i];
	err = na_vec_push(&audit->accounts, audit->port, &account);
	if (!err)
		audit->account = audit->accounts.nr - 1;
	return err ? -ENOMEM : 0;
}

void na_audit_process_end(struct na_audit *audit)
{
	(void)NA_ASSERT(audit->account >= NA_ACCOUNT_PROCESSES);
	(void)NA_ASSERT(!audit->place);
	audit->account = NA_ACCOUNT_KERNEL;
}

int na_audit_unseen(struct na_audit *audit)
{
	const struct na_audit_owner *owners = audit->owners.items;
	u32 account = audit->account;

	(void)NA_ASSERT(audit->phase == NA_AUDIT_CONFIRM ||
			account != NA_ACCOUNT_LEDGER);
	if (audit->phase == NA_AUDIT_CONFIRM)
		account = owners[audit->expected->owner].account;
	return na_audit_cut(audit, account, NA_AUDIT_CUT_UNSEEN);
}

/* --- passes --------------------------------------------------------------- */

static int walk_ledger(struct na_audit *audit)
{
	int err;

	if (!audit->ledger)
		return 0;
	audit->account = NA_ACCOUNT_LEDGER;
	err = audit->ledger->walk(audit->ledger, audit);
	audit->account = NA_ACCOUNT_KERNEL;
	return err;
}

static int walk(struct na_audit *audit, enum na_audit_phase phase)
{
	struct na_audit_seen *seen = &audit->result->seen;
	u64 nr_pages, nr_mappings;
	int err;

	(void)NA_ASSERT(!audit->pending.run.nr && !audit->place);
	audit->phase = phase;
	err = na_audit_accounts_begin(audit);
	if (err)
		return err;
	seen->nr_walks++;
	seen->nr_pages = 0;
	seen->nr_mappings = 0;
	seen->nr_processes = 0;
	err = na_port_audit_walk(audit->walker);
	if (!err && na_port_is_dying(audit->port))
		err = -EINTR;
	(void)NA_ASSERT(err || !audit->pending.run.nr);
	if (err)
		return err;
	/*
	 * The ledger's frames are not page mappings: they are not counted as
	 * seen.
	 */
	nr_pages = seen->nr_pages;
	nr_mappings = seen->nr_mappings;
	err = walk_ledger(audit);
	seen->nr_pages = nr_pages;
	seen->nr_mappings = nr_mappings;
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
		err = audit->ledger->reread(audit->ledger, audit, sighting);
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

	for (i = 0; i < sightings->nr; i++)
		nr += all[i].run.nr;
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
	if (!err && na_port_is_dying(audit->port))
		err = -EINTR;
	/* Each was expected once, so none can be found twice. */
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
	/* A conflict needs two. */
	(void)NA_ASSERT(nr != 1);
	sightings->nr = nr;
}

/* Is that the byte of a frame with types that conflict? */
static bool has_conflict(u8 byte)
{
	return na_audit_grade_of(byte) != NA_GRADE_NONE;
}

/* Sorted, because suspects are read again in that order. */
static int find_listed(struct na_audit *audit)
{
	struct na_audit_seen *seen = &audit->result->seen;
	int err = walk(audit, NA_AUDIT_MARK);

	if (err)
		return err;
	seen->nr_frames = na_audit_frames_count(&audit->frames);
	if (!seen->nr_frames)
		return 0;
	err = walk(audit, NA_AUDIT_GATHER);
	if (err)
		return err;
	na_audit_frames_fini(&audit->frames, audit->port);
	return na_audit_join_mark(audit);
}

static int find_suspects(struct na_audit *audit)
{
	struct na_audit_seen *seen = &audit->result->seen;
	int err = walk(audit, NA_AUDIT_MARK);

	(void)NA_ASSERT(!audit->sightings.nr && !audit->owners.nr);
	if (err)
		return err;
	seen->nr_frames = na_audit_frames_count(&audit->frames);
	if (!seen->nr_frames)
		return 0;
	err = walk(audit, NA_AUDIT_TYPES);
	if (err || !na_audit_frames_any(&audit->frames, has_conflict))
		return err;
	err = walk(audit, NA_AUDIT_GATHER);
	if (err)
		return err;
	na_audit_frames_fini(&audit->frames, audit->port);
	err = na_audit_join_mark(audit);
	if (!err)
		drop_cold(&audit->sightings);
	return err;
}

static int find_conflicts(struct na_audit *audit)
{
	int err = audit->lists ? find_listed(audit) : find_suspects(audit);

	if (err || !audit->sightings.nr)
		return err;
	err = confirm_all(audit);
	if (!err)
		err = confirm_all(audit);
	if (err)
		return err;
	(void)NA_ASSERT(!audit->conflicts.nr);
	err = na_audit_join_record(audit);
	return err ? err : na_audit_groups_make(audit);
}

/* --- life ----------------------------------------------------------------- */

static void init_vecs(struct na_audit *audit)
{
	na_vec_init(&audit->accounts, sizeof(struct na_audit_account),
		    ITEMS_MAX);
	na_vec_init(&audit->missed, sizeof(struct na_audit_missed),
		    NA_AUDIT_MISSED_MAX);
	na_vec_init(&audit->sightings, sizeof(struct na_sighting), ITEMS_MAX);
	na_vec_init(&audit->confirmed, sizeof(struct na_sighting), ITEMS_MAX);
	na_vec_init(&audit->owners, sizeof(struct na_audit_owner), ITEMS_MAX);
	na_vec_init(&audit->conflicts, sizeof(struct na_audit_conflict),
		    ITEMS_MAX);
	na_vec_init(&audit->parties, sizeof(struct na_audit_party),
		    ITEMS_MAX * 4);
}

static void destroy(struct na_audit *audit)
{
	struct na_port *port;

	if (!audit)
		return;
	port = audit->port;
	(void)NA_ASSERT(!audit->place);
	na_audit_frames_fini(&audit->frames, port);
	na_vec_fini(&audit->accounts, port);
	na_vec_fini(&audit->missed, port);
	na_vec_fini(&audit->sightings, port);
	na_vec_fini(&audit->confirmed, port);
	na_vec_fini(&audit->owners, port);
	na_vec_fini(&audit->conflicts, port);
	na_vec_fini(&audit->parties, port);
	na_audit_result_destroy(audit->result);
	na_port_free(port, audit);
}

static struct na_audit *create(struct na_port *port)
{
	struct na_audit *audit = na_port_alloc(port, sizeof(*audit));

	if (!audit)
		return NULL;
	audit->port = port;
	audit->choice = (struct na_audit_choice){
		.last = na_frame(~0ul),
		.types = NA_AUDIT_TYPES_ALL & ~(1u << NA_AUDIT_WB),
	};
	init_vecs(audit);
	audit->result = na_port_alloc(port, sizeof(*audit->result));
	if (audit->result) {
		audit->result->port = port;
		return audit;
	}
	destroy(audit);
	return NULL;
}

/* The result takes the arrays; the rest of the audit is freed. */
static struct na_audit_result *take_result(struct na_audit *audit)
{
	struct na_audit_result *result = audit->result;

	result->nr_conflicts = audit->conflicts.nr;
	result->conflicts = na_vec_take(&audit->conflicts);
	result->nr_parties = audit->parties.nr;
	result->parties = na_vec_take(&audit->parties);
	result->nr_owners = audit->owners.nr;
	result->owners = na_vec_take(&audit->owners);
	result->nr_missed = audit->missed.nr;
	result->missed = na_vec_take(&audit->missed);
	audit->result = NULL;
	return result;
}

static int take_mappings(struct na_audit *audit)
{
	const struct na_sighting *all = audit->sightings.items;
	struct na_audit_result *result = audit->result;
	u32 i, nr = audit->sightings.nr;

	if (!nr)
		return 0;
	result->mappings = na_port_alloc(audit->port,
					 nr * sizeof(*result->mappings));
	if (!result->mappings)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		result->mappings[i] = (struct na_audit_mapping){
			.va = all[i].va, .run = all[i].run,
			.owner = all[i].owner, .type = all[i].type,
			.entry = all[i].entry,
		};
	result->nr_mappings = nr;
	return 0;
}

static int run(struct na_audit *audit, const struct na_audit_limits *limits)
{
	int err = na_port_audit_begin(audit->port, audit,
				      &audit->walker);

	if (err)
		return err;
	audit->limits = limits ? *limits :
		na_audit_usual_limits(na_port_audit_memory(audit->walker));
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
	       limits->sightings_max < ITEMS_MAX / 8 &&
	       limits->owners_max < ITEMS_MAX / 8 &&
	       limits->conflicts_max < ITEMS_MAX / 8 &&
	       limits->sightings_min && limits->owners_min &&
	       limits->conflicts_min;
}

/* Destroys @audit in any case. */
static int finish(struct na_audit *audit, const struct na_audit_limits *limits,
		  struct na_audit_result **result)
{
	struct na_port *port = audit->port;
	u64 start_ns = na_port_time_ns(port);
	int err = run(audit, limits);

	if (!err && audit->lists)
		err = take_mappings(audit);
	if (!err) {
		*result = take_result(audit);
		(*result)->duration_ns = na_port_time_ns(port) - start_ns;
	}
	destroy(audit);
	return err;
}

int na_audit_run_with(struct na_port *port,
		      struct na_audit_ledger *ledger,
		      const struct na_audit_limits *limits,
		      struct na_audit_result **result)
{
	struct na_audit *audit;

	na_might_sleep();
	if (limits && !NA_CHECK(are_limits_valid(limits)))
		return -EINVAL;
	audit = create(port);
	if (!audit)
		return -ENOMEM;
	audit->ledger = ledger;
	return finish(audit, limits, result);
}

int na_audit_run_tables(struct na_port *port,
			const struct na_audit_limits *limits,
			struct na_audit_result **result)
{
	return na_audit_run_with(port, NULL, limits, result);
}

int na_audit_list(struct na_port *port, const struct na_audit_choice *choice,
		  const struct na_audit_limits *limits,
		  struct na_audit_result **result)
{
	struct na_audit *audit;

	na_might_sleep();
	if ((limits && !NA_CHECK(are_limits_valid(limits))) ||
	    !NA_CHECK(choice->types & NA_AUDIT_TYPES_ALL) ||
	    !NA_CHECK(choice->first.nr <= choice->last.nr))
		return -EINVAL;
	audit = create(port);
	if (!audit)
		return -ENOMEM;
	audit->choice = *choice;
	audit->lists = true;
	return finish(audit, limits, result);
}

void na_audit_result_destroy(struct na_audit_result *result)
{
	if (!result)
		return;
	na_port_free(result->port, result->parties);
	na_port_free(result->port, result->conflicts);
	na_port_free(result->port, result->owners);
	na_port_free(result->port, result->mappings);
	na_port_free(result->port, result->missed);
	na_port_free(result->port, result);
}
