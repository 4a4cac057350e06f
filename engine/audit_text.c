// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit as text for people: a block a conflict, the verdict last.
 *
 *	ALIAS  frame 0x3f2a1  (1 frame, memory held by noalias)
 *	       UC-  process 214 (camera)  b7e10000-b7e11000  in b7e00000-...
 *	       UC   noalias ledger: buffer
 *	       WB   kmap slot 17          ff011000-ff012000
 *
 * Names come from processes and may hold anything, terminal commands too.
 * Only printable ASCII goes through; other bytes, and the backslash that
 * marks them, are written as \xNN.
 */
#include "audit_print.h"

#define INDENT		"       "
#define OWNER_WIDTH	30u
#define TYPE_WIDTH	5u

/* A sink that counts, so that columns can be aligned. */
struct counter {
	struct na_sink sink;
	u32 len;
};

static void count(struct na_sink *sink, const char *text, size_t len)
{
	(void)NA_ASSERT(text);
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
	(void)NA_ASSERT(room <= NA_AUDIT_NAME_MAX);
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
	(void)NA_ASSERT(*noun);
	na_put_dec(sink, nr);
	na_put_char(sink, ' ');
	na_put(sink, noun);
	if (nr != 1)
		na_put_char(sink, 's');
}

/* --- a conflict ----------------------------------------------------------- */

static const char *kind_text(enum na_frame_kind kind)
{
	(void)NA_ASSERT(kind < NR_NA_KINDS);
	switch (kind) {
	case NA_KIND_OURS:
		return "memory held by noalias";
	case NA_KIND_RAM:
		return "system memory";
	case NA_KIND_DEVICE:
	default:
		return "device memory";
	}
}

static void put_head(const struct na_audit_conflict *conflict,
		     struct na_sink *sink)
{
	unsigned long first = conflict->run.first.nr;

	(void)NA_ASSERT(conflict->run.nr && conflict->grade);
	na_put(sink, conflict->grade == NA_GRADE_ALIAS ? "ALIAS  " :
							 "MIXED  ");
	na_put(sink, conflict->run.nr == 1 ? "frame 0x" : "frames 0x");
	na_put_hex(sink, first, 1);
	if (conflict->run.nr > 1) {
		na_put(sink, "-0x");
		na_put_hex(sink, first + conflict->run.nr - 1, 1);
	}
	na_put(sink, "  (");
	put_plural(sink, conflict->run.nr, "frame");
	na_put(sink, ", ");
	na_put(sink, kind_text(conflict->kind));
	na_put(sink, ")\n");
}

static void put_slots(const struct na_audit_owner *owner,
		      const struct na_audit_party *party, struct na_sink *sink)
{
	u64 slot = (party->va_low - owner->start) >> NA_AUDIT_PAGE_SHIFT;
	u64 nr = na_audit_party_pages(party);

	(void)NA_ASSERT(owner->space == NA_SPACE_KMAP);
	na_put(sink, nr == 1 ? " slot " : " slots ");
	na_put_dec(sink, slot);
	if (nr > 1) {
		na_put_char(sink, '-');
		na_put_dec(sink, slot + nr - 1);
	}
}

static void put_owner(const struct na_audit_owner *owner,
		      const struct na_audit_party *party, struct na_sink *sink)
{
	(void)NA_ASSERT(owner->space < NR_NA_SPACES);
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
	if (owner->space == NA_SPACE_KMAP)
		put_slots(owner, party, sink);
}

static void put_addresses(const struct na_audit_party *party, u32 nr_frames,
			  struct na_sink *sink)
{
	bool scattered = na_audit_party_pages(party) != nr_frames;

	(void)NA_ASSERT(nr_frames);
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
	(void)NA_ASSERT(party->entry < NR_NA_AUDIT_TYPES);
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

static void put_party(const struct na_audit_result *result,
		      const struct na_audit_conflict *conflict, u32 i,
		      struct na_sink *sink)
{
	const struct na_audit_party *party =
		na_audit_party_at(result, conflict, i);
	const struct na_audit_owner *owner = na_audit_owner_of(result, party);
	struct counter counter = { .sink.put = count };

	(void)NA_ASSERT(party->type != NA_AUDIT_UC_MINUS);
	na_put(sink, INDENT);
	put_type(party, sink);
	put_owner(owner, party, sink);
	if (owner->space != NA_SPACE_LEDGER) {
		put_owner(owner, party, &counter.sink);
		if (counter.len < OWNER_WIDTH)
			put_spaces(sink, OWNER_WIDTH - counter.len);
		na_put(sink, "  ");
		put_addresses(party, conflict->run.nr, sink);
	}
	put_mapping(owner, sink);
	put_override(party, sink);
	na_put_char(sink, '\n');
}

void na_audit_text_conflict(const struct na_audit_result *result, u32 idx,
			    struct na_sink *sink)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	u32 i;

	(void)NA_ASSERT(idx < result->nr_conflicts);
	(void)NA_ASSERT(conflict->nr_parties);
	put_head(conflict, sink);
	for (i = 0; i < conflict->nr_parties; i++)
		put_party(result, conflict, i, sink);
	if (conflict->nr_more) {
		na_put(sink, INDENT "and ");
		put_plural(sink, conflict->nr_more, "more mapping");
		na_put_char(sink, '\n');
	}
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

	(void)NA_ASSERT(*items);
	na_put(sink, title);
	for (; *items; items++) {
		na_put(sink, glue);
		na_put(sink, *items);
		glue = "; ";
	}
	na_put_char(sink, '\n');
}

static void put_cuts(const struct na_audit_result *result,
		     struct na_sink *sink)
{
	const char *glue = "";
	u32 i;

	(void)NA_ASSERT(!(result->cut >> NR_NA_AUDIT_CUTS));
	if (!result->cut)
		return;
	na_put(sink, "INCOMPLETE: there was more than there is room for (");
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(result->cut >> i & 1))
			continue;
		na_put(sink, glue);
		na_put(sink, na_audit_cut_name(i));
		glue = ", ";
	}
	na_put(sink, ")\n");
}

static void put_grade(const struct na_audit_result *result,
		      enum na_grade grade, struct na_sink *sink)
{
	const u64 *nr_frames = result->nr_frames[grade];
	const char *glue = " (";
	u32 kind;

	(void)NA_ASSERT(na_audit_count(result, grade));
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
	(void)NA_ASSERT(!na_audit_count(result, NA_GRADE_ALIAS));
	(void)NA_ASSERT(!na_audit_count(result, NA_GRADE_MIXED));
	if (result->cut) {
		na_put(sink, "nothing found, but incomplete");
		return;
	}
	na_put(sink, "clean, no frame ");
	if (result->ours_only)
		na_put(sink, "held by noalias ");
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
