// SPDX-License-Identifier: GPL-2.0
/*
 * In the engine's place: nothing is compared and nothing judged. Each run is
 * written down, joined with the one before as the engine would.
 */
#include <noalias/audit_port.h>

#include "tables.h"

static bool continues(const struct na_audit *audit,
		      const struct na_sighting *sighting)
{
	const struct tables_run *last;

	if (!audit->is_open || !audit->nr_runs)
		return false;
	last = &audit->runs[audit->nr_runs - 1];
	return last->va + ((u64)last->nr << NA_AUDIT_PAGE_SHIFT) ==
		       sighting->va &&
	       last->pfn + last->nr == sighting->run.first.nr &&
	       last->entry == sighting->entry;
}

int na_audit_offer(struct na_audit *audit, const struct na_sighting *sighting)
{
	if (!audit->is_wanted)
		return 0;
	if (continues(audit, sighting)) {
		audit->runs[audit->nr_runs - 1].nr += sighting->run.nr;
		return 0;
	}
	if (audit->nr_runs == TABLES_RUNS_MAX)
		return -ENOMEM;
	audit->runs[audit->nr_runs++] = (struct tables_run){
		.va = sighting->va,
		.pfn = sighting->run.first.nr,
		.nr = sighting->run.nr,
		.entry = sighting->entry,
		.process = audit->in_process,
	};
	audit->is_open = true;
	return 0;
}

/* Everything is needed, so nothing is left out. */
struct na_audit_filter na_audit_filter(const struct na_audit *audit)
{
	return (struct na_audit_filter){ .audit = audit };
}

void na_audit_skip(struct na_audit *audit, u32 nr)
{
	WARN_ON_ONCE(nr);
}

bool na_audit_wants_frame(const struct na_audit *audit, unsigned long frame)
{
	return true;
}

void na_audit_place_begin(struct na_audit *audit, struct na_audit_place *place)
{
	audit->is_open = false;
}

int na_audit_place_end(struct na_audit *audit)
{
	audit->is_open = false;
	return 0;
}

int na_audit_process_begin(struct na_audit *audit, int pid, const char *comm)
{
	audit->in_process = true;
	audit->is_wanted = pid == audit->pid;
	return 0;
}

void na_audit_process_end(struct na_audit *audit)
{
	audit->in_process = false;
	audit->is_wanted = true;
}

/* The process that is wanted sits in read() and holds no lock. */
int na_audit_unseen(struct na_audit *audit)
{
	return 0;
}
