// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit as text for people: a block a conflict, the verdict last.
 *
 *	ALIAS  frame 0x3f2a1  (1 frame, memory held by noalias)
 *	       UC-  process 214 (camera)  b7e10000-b7e11000  in b7e00000-...
 *	       UC   noalias ledger: buffer
 *	       WB   kmap slot 17          ff011000-ff012000
 *
 * Conflicts of the same owners are one block, with a line for each:
 *
 *	ALIAS  24 frames in 12 places  (memory held by noalias)
 *	       UC-  process 214 (camera)  b7e10000..b7e28000 scattered  in ...
 *	       WB   kmap slots 17..399    ff011000..ff190000 scattered
 *	       frames 0x3f2a1-0x3f2a2  at b7e10000, slots 17-18
 *
 * Names come from processes and may hold anything, terminal commands too.
 * Only printable ASCII goes through; other bytes, and the backslash that
 * marks them, are written as \xNN.
 */
#include "report_print.h"

#define INDENT		"       "
#define OWNER_WIDTH	30u
#define TYPE_WIDTH	5u
#define PLACES_MAX	16u
#define MISSED_SHOWN	16u

/* A sink that counts, so that columns can be aligned. */
struct counter {
	struct na_sink sink;
	u32 len;
};

/**
 * struct group - conflicts of the same owners
 * @first: the first of them
 * @nr: how many
 * @nr_frames: frames of all
 */
struct group {
	const struct na_audit_conflict *first;
	u32 nr;
	u64 nr_frames;
};

static void count(struct na_sink *sink, const char *text, size_t len)
{
	(void)text;
	container_of(sink, struct counter, sink)->len += (u32)len;
}

static void put_spaces(struct na_sink *sink, u32 nr)
{
	(void)NA_ASSERT(nr <= OWNER_WIDTH);
	while (nr--)
		na_put_char(sink, ' ');
}

static void put_name(struct na_sink *sink, const char *name, u32 room)
{
	for (; room && *name; room--, name++) {
		if (*name >= ' ' && *name <= '~' && *name != '\\') {
			na_put_char(sink, *name);
			continue;
		}
		na_put(sink, "\\x");
		na_put_hex(sink, (u8)*name, 2);
	}
}

static void put_plural(struct na_sink *sink, u64 nr, const char *noun)
{
	na_put_dec(sink, nr);
	na_put_char(sink, ' ');
	na_put(sink, noun);
	if (nr != 1)
		na_put_char(sink, 's');
}

/* --- a conflict ----------------------------------------------------------- */

static const char *kind_text(enum na_frame_kind kind)
{
	switch (kind) {
	case NA_KIND_OURS:
		return "memory held by noalias";
	case NA_KIND_RAM:
		return "system memory";
	case NA_KIND_RESERVED:
		return "reserved memory";
	case NA_KIND_DEVICE:
	default:
		return "device memory";
	}
}

static void put_frames(const struct na_audit_conflict *conflict,
		       struct na_sink *sink)
{
	unsigned long first = conflict->run.first.nr;

	na_put(sink, conflict->run.nr == 1 ? "frame 0x" : "frames 0x");
	na_put_hex(sink, first, 1);
	if (conflict->run.nr > 1) {
		na_put(sink, "-0x");
		na_put_hex(sink, first + conflict->run.nr - 1, 1);
	}
}

static void put_head(const struct group *group, struct na_sink *sink)
{
	const struct na_audit_conflict *first = group->first;

	na_put(sink, first->grade == NA_GRADE_ALIAS ? "ALIAS  " : "MIXED  ");
	if (group->nr == 1) {
		put_frames(first, sink);
		na_put(sink, "  (");
		put_plural(sink, group->nr_frames, "frame");
		na_put(sink, ", ");
	} else {
		put_plural(sink, group->nr_frames, "frame");
		na_put(sink, " in ");
		put_plural(sink, group->nr, "place");
		na_put(sink, "  (");
	}
	na_put(sink, kind_text(first->kind));
	na_put(sink, ")\n");
}

static void put_slots(const struct na_audit_owner *owner,
		      const struct na_audit_party *party, const char *glue,
		      struct na_sink *sink)
{
	u64 slot = (party->va_low - owner->start) >> NA_AUDIT_PAGE_SHIFT;
	u64 nr = na_audit_party_pages(party);

	na_put(sink, nr == 1 ? "slot " : "slots ");
	na_put_dec(sink, slot);
	if (nr > 1) {
		na_put(sink, glue);
		na_put_dec(sink, slot + nr - 1);
	}
}

static void put_owner(const struct na_audit_owner *owner,
		      const struct na_audit_party *party, bool is_whole,
		      struct na_sink *sink)
{
	switch (owner->space) {
	case NA_SPACE_PROCESS:
		na_put(sink, "process ");
		na_put_dec(sink, (u64)owner->pid);
		na_put(sink, " (");
		put_name(sink, owner->comm, sizeof(owner->comm));
		na_put_char(sink, ')');
		return;
	case NA_SPACE_LEDGER:
		na_put(sink, "noalias ledger: ");
		break;
	case NA_SPACE_DIRECT:
	case NA_SPACE_KMAP:
	case NA_SPACE_FIXMAP:
	case NA_SPACE_VMALLOC:
	case NA_SPACE_KERNEL:
	case NR_NA_SPACES:
		break;
	}
	put_name(sink, owner->name, sizeof(owner->name));
	if (owner->space == NA_SPACE_KMAP) {
		na_put_char(sink, ' ');
		put_slots(owner, party, is_whole ? "-" : "..", sink);
	}
}

static void put_addresses(const struct na_audit_party *party, u64 nr_frames,
			  struct na_sink *sink)
{
	bool scattered = na_audit_party_pages(party) != nr_frames;

	na_put_va(sink, party->va_low);
	na_put(sink, scattered ? ".." : "-");
	na_put_va(sink, party->va_high);
	if (scattered)
		na_put(sink, " scattered");
}

static void put_mapping(const struct na_audit_owner *owner,
			struct na_sink *sink)
{
	if (owner->space != NA_SPACE_PROCESS)
		return;
	na_put(sink, "  in ");
	na_put_va(sink, owner->start);
	na_put_char(sink, '-');
	na_put_va(sink, owner->end);
	na_put_char(sink, ' ');
	put_name(sink, owner->perms, sizeof(owner->perms));
	na_put_char(sink, ' ');
	put_name(sink, owner->name, sizeof(owner->name));
}

/* Said only where a range register made something else of the entry. */
static void put_override(const struct na_audit_party *party,
			 struct na_sink *sink)
{
	if (party->entry == party->type ||
	    (party->entry == NA_AUDIT_UC_MINUS && party->type == NA_AUDIT_UC))
		return;
	na_put(sink, "  (entry says ");
	na_put(sink, na_audit_type_name(party->entry));
	na_put(sink, ", a range register overrides it)");
}

static void put_type(const struct na_audit_party *party, struct na_sink *sink)
{
	u32 type = party->type;
	struct counter counter = { .sink.put = count };

	(void)NA_ASSERT(type < NR_NA_AUDIT_TYPES);
	if (party->entry == NA_AUDIT_UC_MINUS && type == NA_AUDIT_UC)
		type = NA_AUDIT_UC_MINUS;
	na_put(&counter.sink, na_audit_type_name(type));
	na_put(sink, na_audit_type_name(type));
	if (NA_ASSERT(counter.len < TYPE_WIDTH))
		put_spaces(sink, TYPE_WIDTH - counter.len);
}

static void put_party(const struct na_audit_owner *owner,
		      const struct na_audit_party *party,
		      const struct group *group, struct na_sink *sink)
{
	struct counter counter = { .sink.put = count };
	bool is_whole = group->nr == 1;

	na_put(sink, INDENT);
	put_type(party, sink);
	put_owner(owner, party, is_whole, sink);
	if (owner->space != NA_SPACE_LEDGER) {
		put_owner(owner, party, is_whole, &counter.sink);
		if (counter.len < OWNER_WIDTH)
			put_spaces(sink, OWNER_WIDTH - counter.len);
		na_put(sink, "  ");
		put_addresses(party, group->nr_frames, sink);
	}
	put_mapping(owner, sink);
	put_override(party, sink);
	na_put_char(sink, '\n');
}

/* --- a group ------------------------------------------------------------------- */

static const struct na_audit_conflict *
next_of(const struct na_audit_result *result,
	const struct na_audit_conflict *conflict)
{
	if (conflict->next == NA_AUDIT_NO_NEXT)
		return NULL;
	(void)NA_ASSERT(conflict->next < result->nr_conflicts);
	return &result->conflicts[conflict->next];
}

static struct group make_group(const struct na_audit_result *result, u32 idx)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	struct group group = { .first = conflict };

	(void)NA_ASSERT(conflict->group == idx);
	for (; conflict; conflict = next_of(result, conflict)) {
		group.nr++;
		group.nr_frames += conflict->run.nr;
	}
	return group;
}

/* Party @i of the first conflict, from its lowest to its highest address. */
static struct na_audit_party spread_party(const struct na_audit_result *result,
					  const struct group *group, u32 i)
{
	struct na_audit_party all =
		*na_audit_party_at(result, group->first, i);
	const struct na_audit_conflict *conflict = group->first;
	const struct na_audit_party *party;

	while ((conflict = next_of(result, conflict))) {
		party = na_audit_party_at(result, conflict, i);
		(void)NA_ASSERT(party->type == all.type);
		if (party->va_low < all.va_low)
			all.va_low = party->va_low;
		if (party->va_high > all.va_high)
			all.va_high = party->va_high;
	}
	return all;
}

static void put_place(const struct na_audit_result *result,
		      const struct na_audit_conflict *conflict,
		      struct na_sink *sink)
{
	const struct na_audit_party *party;
	const struct na_audit_owner *owner;
	const char *glue = "  at ";
	u32 i;

	na_put(sink, INDENT);
	put_frames(conflict, sink);
	for (i = 0; i < conflict->nr_parties; i++) {
		party = na_audit_party_at(result, conflict, i);
		owner = na_audit_owner_of(result, party);
		if (owner->space == NA_SPACE_LEDGER)
			continue;
		na_put(sink, glue);
		glue = ", ";
		if (owner->space == NA_SPACE_KMAP)
			put_slots(owner, party, "-", sink);
		else
			na_put_va(sink, party->va_low);
	}
	na_put_char(sink, '\n');
}

static void put_places(const struct na_audit_result *result,
		       const struct group *group, struct na_sink *sink)
{
	const struct na_audit_conflict *conflict = group->first;
	u32 i;

	for (i = 0; conflict && i < PLACES_MAX; i++) {
		put_place(result, conflict, sink);
		conflict = next_of(result, conflict);
	}
	if (!conflict)
		return;
	na_put(sink, INDENT "and ");
	put_plural(sink, group->nr - i, "more place");
	na_put_char(sink, '\n');
}

void na_audit_text_conflict(const struct na_audit_result *result, u32 idx,
			    struct na_sink *sink)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	struct na_audit_party party;
	struct group group;
	u32 i;

	(void)NA_ASSERT(idx < result->nr_conflicts);
	if (conflict->group != idx)
		return;
	group = make_group(result, idx);
	put_head(&group, sink);
	for (i = 0; i < conflict->nr_parties; i++) {
		party = spread_party(result, &group, i);
		put_party(na_audit_owner_of(result, &party), &party, &group,
			  sink);
	}
	if (conflict->nr_more) {
		na_put(sink, INDENT "and ");
		put_plural(sink, conflict->nr_more, "more mapping");
		na_put_char(sink, '\n');
	}
	if (group.nr > 1)
		put_places(result, &group, sink);
	na_put_char(sink, '\n');
}

/* --- the end -------------------------------------------------------------- */

static void put_seen(const struct na_audit_result *result,
		     struct na_sink *sink)
{
	const struct na_audit_seen *seen = &result->seen;

	na_put(sink, "seen:       ");
	put_plural(sink, seen->nr_pages, "page mapping");
	na_put(sink, " of ");
	na_put(sink, "the kernel and ");
	put_plural(sink, seen->nr_processes, "address space");
	na_put(sink, "; ");
	put_plural(sink, seen->nr_frames, "frame");
	na_put(sink, " with a type other than WB; ");
	na_put_ms(sink, result->duration_ns);
	na_put(sink, " ms\n");
}

static void put_list(const char *title, const char *const *items,
		     struct na_sink *sink)
{
	const char *glue = "";

	na_put(sink, title);
	for (; *items; items++) {
		na_put(sink, glue);
		na_put(sink, *items);
		glue = "; ";
	}
	na_put_char(sink, '\n');
}

static void put_cut_names(u32 cut, struct na_sink *sink)
{
	const char *glue = " (";
	u32 i;

	(void)NA_ASSERT(cut && !(cut >> NR_NA_AUDIT_CUTS));
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(cut >> i & 1))
			continue;
		na_put(sink, glue);
		na_put(sink, na_audit_cut_name(i));
		glue = ", ";
	}
	na_put_char(sink, ')');
}

static void put_missed(const struct na_audit_missed *missed,
		       struct na_sink *sink)
{
	if (missed->space == NA_SPACE_PROCESS) {
		na_put(sink, "process ");
		na_put_dec(sink, (u64)missed->pid);
		na_put(sink, " (");
		put_name(sink, missed->comm, sizeof(missed->comm));
		na_put_char(sink, ')');
	} else {
		na_put(sink, missed->space == NA_SPACE_LEDGER ?
			     "the noalias ledger" : "the kernel");
	}
	put_cut_names(missed->cut, sink);
}

static void put_cuts(const struct na_audit_result *result,
		     struct na_sink *sink)
{
	u32 i, nr = result->nr_missed, more;

	if (!result->cut)
		return;
	if (nr > MISSED_SHOWN)
		nr = MISSED_SHOWN;
	na_put(sink, "INCOMPLETE: not all of it was seen or had room");
	put_cut_names(result->cut, sink);
	for (i = 0; i < nr; i++) {
		na_put(sink, i ? ", " : ": ");
		put_missed(&result->missed[i], sink);
	}
	more = result->nr_missed - nr + result->nr_missed_more;
	if (more) {
		na_put(sink, ", and ");
		na_put_dec(sink, more);
		na_put(sink, " more");
	}
	na_put_char(sink, '\n');
}

static void put_grade(const struct na_audit_result *result,
		      enum na_grade grade, struct na_sink *sink)
{
	const u64 *nr_frames = result->nr_frames[grade];
	const char *glue = " (";
	u32 kind;

	put_plural(sink, na_audit_count(result, grade), "frame");
	na_put(sink, grade == NA_GRADE_ALIAS ? " aliased" : " mixed");
	for (kind = 0; kind < NR_NA_KINDS; kind++) {
		if (!nr_frames[kind])
			continue;
		na_put(sink, glue);
		na_put_dec(sink, nr_frames[kind]);
		na_put(sink, " of ");
		na_put(sink, kind_text((enum na_frame_kind)kind));
		glue = ", ";
	}
	na_put_char(sink, ')');
}

static void put_clean(const struct na_audit_result *result,
		      struct na_sink *sink)
{
	if (result->cut) {
		na_put(sink, "nothing found, but incomplete");
		return;
	}
	na_put(sink, "clean, no frame ");
	if (result->ours_only)
		na_put(sink, "held by noalias ");
	if (result->pid_only) {
		na_put(sink, "of process ");
		na_put_dec(sink, (u64)result->pid_only);
		na_put_char(sink, ' ');
	}
	na_put(sink, "is mapped with conflicting types");
}

static void put_verdict(const struct na_audit_result *result,
			struct na_sink *sink)
{
	bool has_alias = na_audit_count(result, NA_GRADE_ALIAS);
	bool has_mixed = na_audit_count(result, NA_GRADE_MIXED);

	na_put(sink, "verdict:    ");
	if (has_alias)
		put_grade(result, NA_GRADE_ALIAS, sink);
	if (has_alias && has_mixed)
		na_put(sink, ", ");
	if (has_mixed)
		put_grade(result, NA_GRADE_MIXED, sink);
	if (!has_alias && !has_mixed)
		put_clean(result, sink);
	else if (result->cut)
		na_put(sink, ", and incomplete");
	na_put_char(sink, '\n');
}

void na_audit_text_end(const struct na_audit_result *result,
		       struct na_sink *sink)
{
	put_seen(result, sink);
	put_list("cannot see: ", na_audit_blind, sink);
	put_cuts(result, sink);
	put_verdict(result, sink);
}
