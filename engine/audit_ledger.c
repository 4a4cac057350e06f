// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of the ledger: the types that it promises, as if they were mappings.
 *
 * Apart from the rest, so that an audit of a machine without a ledger (an
 * image, another system) needs no ledger linked in.
 *
 * Frames in a claim have no promised type and are left out; the next audit sees
 * their new one.
 */
#include "audit_internal.h"

/**
 * struct ledger_walk - the ledger, for one audit
 * @base: what the audit calls
 * @ledger: ledger
 * @places: a place for each state
 * @state: state of which frames are being walked
 */
struct ledger_walk {
	struct na_audit_ledger base;
	const struct na_ledger *ledger;
	struct na_audit_place places[NR_NA_STATES];
	enum na_state state;
};

static struct ledger_walk *walk_of(struct na_audit_ledger *base)
{
	return container_of(base, struct ledger_walk, base);
}

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

static int offer_state(struct ledger_walk *walk, struct na_audit *audit)
{
	struct na_frame frame = na_frame(0);
	struct na_ledger_entry entry;
	int err;

	while (na_ledger_next_held(walk->ledger, &frame, &entry)) {
		if (entry.state == walk->state) {
			err = offer_frame(audit, frame, entry.type);
			if (err)
				return err;
		}
		frame = na_frame_add(frame, 1);
	}
	return 0;
}

static int walk_state(struct ledger_walk *walk, struct na_audit *audit,
		      enum na_state state)
{
	int err, err_end;

	if (!na_ledger_count(walk->ledger, state))
		return 0;
	walk->state = state;
	na_audit_place_begin(audit, &walk->places[state]);
	err = offer_state(walk, audit);
	err_end = na_audit_place_end(audit);
	return err ? err : err_end;
}

static int walk_all(struct na_audit_ledger *base, struct na_audit *audit)
{
	struct ledger_walk *walk = walk_of(base);
	int err = walk_state(walk, audit, NA_BUFFER);

	if (!err)
		err = walk_state(walk, audit, NA_LENT);
	/* A quarantined frame has no promised type. */
	return err;
}

static int reread(struct na_audit_ledger *base, struct na_audit *audit,
		  const struct na_sighting *sighting)
{
	struct ledger_walk *walk = walk_of(base);
	struct na_ledger_entry entry;
	struct na_frame frame;
	u32 i;
	int err;

	for (i = 0; i < sighting->run.nr; i++) {
		frame = na_frame_add(sighting->run.first, i);
		entry = na_ledger_lookup(walk->ledger, frame);
		if (walk->places[entry.state].owner != sighting->owner)
			continue;
		err = offer_frame(audit, frame, entry.type);
		if (err)
			return err;
	}
	return 0;
}

static void describe(struct na_audit_ledger *base,
		     struct na_audit_owner *owner)
{
	static const char names[NR_NA_STATES][12] = {
		[NA_BUFFER] = "buffer",
		[NA_LENT] = "lent",
	};
	enum na_state state = walk_of(base)->state;

	owner->space = NA_SPACE_LEDGER;
	na_memcpy(owner->name, names[state], sizeof(names[state]));
}

int na_audit_run(struct na_machine *machine,
		 const struct na_audit_limits *limits,
		 struct na_audit_result **result)
{
	struct ledger_walk walk = {
		.base = {
			.walk = walk_all,
			.reread = reread,
			.describe = describe,
		},
		.ledger = &machine->ledger,
	};
	u32 i;

	/* Those that are never walked must not look like owner 0. */
	for (i = 0; i < NR_NA_STATES; i++)
		walk.places[i].owner = NA_OWNER_UNKNOWN;
	return na_audit_run_with(machine->port, &walk.base, limits, result);
}
