// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "audit_tables.h"

struct place {
	struct na_audit_place base;
	enum owner owner;
	u64 page;
};

struct na_audit_walker tables;

static const char *const owner_names[NR_OWNERS] = {
	"direct map", "kmap", "kmap_local cpu 0 idx 0", "vmalloc",
	"kernel image", "/sbin/init", "/dmabuf:frame", "[anon]",
};

static enum na_space space_of(enum owner owner)
{
	return owner < INIT ? (enum na_space)owner : NA_SPACE_PROCESS;
}

/* Of a kernel region with areas the engine sets start and end. */
enum owner who_is(const struct na_audit_owner *owner)
{
	if (owner->space == NA_SPACE_VMALLOC)
		return VMALLOC;
	return (enum owner)(owner->end - 1);
}

int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **walker)
{
	(void)port;
	tables.audit = audit;
	*walker = &tables;
	return tables.begin_errno;
}

void na_port_audit_end(struct na_audit_walker *walker)
{
	(void)NA_ASSERT(walker->nr_held == 0);
}

static bool is_needed(const struct na_audit_filter *filter,
		      const struct na_sighting *one)
{
	switch (filter->need) {
	case NA_NEED_TYPED:
		return one->type != NA_AUDIT_WB;
	case NA_NEED_FRAMES:
		return na_audit_wants(filter, one->run.first.nr);
	case NA_NEED_RANGE:
		return na_audit_is_in_range(filter, one->run.first.nr);
	default:
		return true;
	}
}

static int offer_pages(struct na_audit_walker *w, struct na_sighting all)
{
	struct na_audit_filter filter = na_audit_filter(w->audit);
	struct na_sighting one = all;
	int err = 0;

	for (one.run.nr = 1; all.run.nr && !err; all.run.nr--) {
		if (!w->leaves_out || is_needed(&filter, &one)) {
			err = na_audit_offer(w->audit, &one);
		} else {
			na_audit_skip(w->audit, 1);
			w->nr_left_out++;
		}
		one.va += 4096;
		one.run.first.nr++;
	}
	return err;
}

static int offer(struct na_audit_walker *w, struct shown *s, u64 from, u64 to)
{
	u64 page = s->page > from ? s->page : from;
	u64 end = s->page + s->run.nr < to ? s->page + s->run.nr : to;
	struct na_sighting sighting = {
		.va = page << NA_AUDIT_PAGE_SHIFT,
		.run = na_run(na_frame_add(s->run.first, (u32)(page - s->page)),
			      (u32)(end - page)),
		.type = s->type,
		.entry = s->entry,
	};

	if (page >= end || (s->nr_read < 8 && s->gone >> s->nr_read & 1)) {
		s->nr_read += page < end;
		return 0;
	}
	s->nr_read += s->nr_read < 8;
	return w->offers_pages ? offer_pages(w, sighting) :
				 na_audit_offer(w->audit, &sighting);
}

static int walk_owner(struct na_audit_walker *w, enum owner owner)
{
	struct place place = { .base.has_areas = owner == VMALLOC,
			       .owner = owner };
	int err = 0;
	u32 i;

	na_audit_place_begin(w->audit, &place.base);
	for (i = 0; i < w->nr_shown && !err; i++) {
		if (w->shown[i].owner != owner)
			continue;
		err = offer(w, &w->shown[i], 0, ~0ull);
		if (err || !(w->splits_places || w->splits_owners))
			continue;
		err = na_audit_place_end(w->audit);
		place.page += w->splits_owners;
		na_audit_place_begin(w->audit, &place.base);
	}
	return na_audit_place_end(w->audit) ? -ENOMEM : err;
}

static int walk_process(struct na_audit_walker *w, enum owner owner)
{
	char comm[16];
	int err;

	snprintf(comm, sizeof(comm), "task%d", owner);
	err = na_audit_process_begin(w->audit, 100 + (int)owner, comm);
	if (err)
		return err;
	if (owner == CAMERA && w->nr_walks <= 8 &&
	    w->unseen >> (w->nr_walks - 1) & 1)
		err = na_audit_unseen(w->audit);
	else
		err = walk_owner(w, owner);
	na_audit_process_end(w->audit);
	return err;
}

int na_port_audit_walk(struct na_audit_walker *w)
{
	int owner, err = 0;

	w->nr_walks++;
	for (owner = INIT; owner < NR_OWNERS && !err; owner++)
		err = walk_process(w, (enum owner)owner);
	for (owner = DIRECT; owner < INIT && !err; owner++)
		err = walk_owner(w, (enum owner)owner);
	return err ? err : w->walk_errno;
}

u64 na_port_audit_memory(struct na_audit_walker *w)
{
	return w->nr_memory;
}

int na_port_audit_reread(struct na_audit_walker *w,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting)
{
	u64 from = sighting->va >> NA_AUDIT_PAGE_SHIFT;
	int err = 0;
	u32 i;

	w->nr_rereads++;
	if (w->on_reread)
		w->on_reread();
	if (w->unseen_again && who_is(owner) == CAMERA)
		return na_audit_unseen(w->audit);
	for (i = 0; i < w->nr_shown && !err; i++)
		if (w->shown[i].owner == who_is(owner))
			err = offer(w, &w->shown[i], from,
				    from + sighting->run.nr);
	return err;
}

void na_port_audit_describe(struct na_audit_walker *w,
			    struct na_audit_place *base,
			    struct na_audit_owner *owner)
{
	const struct place *place = container_of(base, struct place, base);
	enum owner who = place->owner;

	(void)NA_ASSERT(!owner->pid && !owner->name[0]);
	owner->space = space_of(who);
	owner->start = place->page;
	owner->end = who + 1;
	snprintf(owner->name, sizeof(owner->name), "%s", owner_names[who]);
	w->nr_described++;
	if (owner->space != NA_SPACE_PROCESS)
		return;
	owner->pid = 100 + (int)who;
	snprintf(owner->comm, sizeof(owner->comm), "task%d", who);
	snprintf(owner->perms, sizeof(owner->perms), "rw-s");
	if (who == VIEWER && w->name) {
		snprintf(owner->name, sizeof(owner->name), "%s", w->name);
		snprintf(owner->comm, sizeof(owner->comm), "%s", w->name);
	}
	owner->handle = w;
	w->nr_held++;
}

void na_port_audit_release(struct na_audit_walker *w,
			   const struct na_audit_owner *owner)
{
	if (!owner->handle)
		return;
	(void)NA_ASSERT(owner->handle == w);
	w->nr_held--;
}

enum na_frame_kind na_port_audit_kind(struct na_audit_walker *w,
				      struct na_run run, u32 *nr)
{
	w->nr_kinds++;
	*nr = run.nr;
	if (w->memory_from && run.first.nr >= w->memory_from)
		return NA_KIND_RAM;
	if (run.first.nr >= DEVICE) {
		if (w->memory_from && run.nr > w->memory_from - run.first.nr)
			*nr = (u32)(w->memory_from - run.first.nr);
		return NA_KIND_DEVICE;
	}
	if (run.first.nr >= RESERVED) {
		if (run.nr > DEVICE - run.first.nr)
			*nr = (u32)(DEVICE - run.first.nr);
		return NA_KIND_RESERVED;
	}
	if (run.nr > RESERVED - run.first.nr)
		*nr = (u32)(RESERVED - run.first.nr);
	return NA_KIND_RAM;
}
