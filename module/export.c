// SPDX-License-Identifier: GPL-2.0
/*
 * The calls for other modules: arrays of pages become runs of frames, and the
 * engine does the rest. The caller keeps its frames: they are LENT in the
 * ledger, so that neither a heap nor a second caller can convert them back.
 */
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <noalias/buffer.h>
#include <noalias/convert.h>
#include <noalias/effect.h>
#include <linux/noalias.h>
#include <noalias/purge.h>

#include "../port/linux/port.h"
#include "export.h"
#include "noalias.h"
#include "power.h"
#include "refusal.h"
#include "trace.h"

/* Exported calls have no parameter for the module. */
static struct na_machine *export_machine;

void na_export_init(struct noalias *noalias)
{
	export_machine = &noalias->machine;
}

/* 0: the tracepoint is off. */
static u64 call_begin(void)
{
	return trace_noalias_call_enabled() ? ktime_get_ns() : 0;
}

static void call_end(const char *name, unsigned long caller, u32 nr, int err,
		     u64 start_ns)
{
	if (start_ns)
		trace_noalias_call(name, caller, nr, err,
				   ktime_get_ns() - start_ns);
}

#define PAGES_MAX ((1u << 19) - 1)

struct runs {
	struct na_run *run;
	u32 nr;
};

/* Runs do not cross zones, and their length fits into 32 bits. */
static bool extends(struct na_run run, struct page *page)
{
	return page_to_pfn(page) == run.first.nr + run.nr &&
	       PageHighMem(page) == PageHighMem(na_linux_page(run.first));
}

static void gather(struct runs *runs, struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (runs->nr && extends(runs->run[runs->nr - 1], pages[i]))
			runs->run[runs->nr - 1].nr++;
		else
			runs->run[runs->nr++] =
				na_run(na_frame(page_to_pfn(pages[i])), 1);
		if (!(i % 1024))
			cond_resched();
	}
}

static int runs_init(struct runs *runs, struct page **pages, unsigned int nr)
{
	if (!nr || nr > PAGES_MAX)
		return na_refuse("nr", nr, "1 to 2^19 - 1 pages", -EINVAL);
	runs->nr = 0;
	runs->run = kvmalloc_array(nr, sizeof(*runs->run), GFP_KERNEL);
	if (!runs->run)
		return na_refuse("nr", nr, "memory for as many runs", -ENOMEM);
	gather(runs, pages, nr);
	return 0;
}

static void runs_fini(struct runs *runs)
{
	kvfree(runs->run);
}

void na_kmap_flush_unused(void)
{
	u64 start_ns = call_begin();

	na_effect_kmap_purge(export_machine);
	call_end(__func__, _RET_IP_, 0, 0, start_ns);
}
EXPORT_SYMBOL_GPL(na_kmap_flush_unused);

static int purge_pages(struct page **pages, unsigned int nr)
{
	u64 mark = na_refusal_mark();
	struct runs runs;
	int err = runs_init(&runs, pages, nr);

	if (err)
		return err;
	err = na_purge_stale(export_machine, runs.run, runs.nr);
	runs_fini(&runs);
	return err ? na_refuse_unless(mark, "nr", nr, err) : 0;
}

int na_pages_purge(struct page **pages, unsigned int nr)
{
	u64 start_ns = call_begin();
	int err = purge_pages(pages, nr);

	call_end(__func__, _RET_IP_, nr, err, start_ns);
	return err;
}
EXPORT_SYMBOL_GPL(na_pages_purge);

static int set_pages(struct page **pages, unsigned int nr,
		     enum na_memtype type)
{
	u64 mark = na_refusal_mark();
	struct runs runs;
	int err;

	if (!na_linux_has_type(type))
		return na_refuse("type", type, "UC on this machine",
				 -EOPNOTSUPP);
	err = runs_init(&runs, pages, nr);
	if (err)
		return err;
	err = na_power_enter();
	if (!err) {
		err = na_convert_to(export_machine, runs.run, runs.nr, type,
				    NA_LENT);
		na_power_leave();
	}
	runs_fini(&runs);
	return err ? na_refuse_unless(mark, "nr", nr, err) : 0;
}

int na_set_pages_uc(struct page **pages, unsigned int nr)
{
	u64 start_ns = call_begin();
	int err = set_pages(pages, nr, NA_UC);

	call_end(__func__, _RET_IP_, nr, err, start_ns);
	return err;
}
EXPORT_SYMBOL_GPL(na_set_pages_uc);

int na_set_pages_wc(struct page **pages, unsigned int nr)
{
	u64 start_ns = call_begin();
	int err = set_pages(pages, nr, NA_WC);

	call_end(__func__, _RET_IP_, nr, err, start_ns);
	return err;
}
EXPORT_SYMBOL_GPL(na_set_pages_wc);

static int convert_back(const struct runs *runs, enum na_memtype type)
{
	int err;

	na_power_enter_back();
	err = na_convert_back(export_machine, runs->run, runs->nr, type,
			      NA_LENT);
	na_power_leave();
	return err;
}

static int set_pages_back(struct page **pages, unsigned int nr)
{
	struct na_ledger_entry entry;
	u64 mark = na_refusal_mark();
	struct runs runs;
	int err = runs_init(&runs, pages, nr);

	if (err)
		return err;
	entry = na_ledger_lookup(&export_machine->ledger, runs.run[0].first);
	if (entry.state == NA_LENT)
		err = convert_back(&runs, entry.type);
	else
		/*
		 * Without the frame's number: the driver's caller can read the
		 * refusal.
		 */
		err = na_refuse("nr", nr,
				"pages that na_set_pages_uc/wc() converted",
				-EBUSY);
	runs_fini(&runs);
	return err ? na_refuse_unless(mark, "nr", nr, err) : 0;
}

int na_set_pages_wb(struct page **pages, unsigned int nr)
{
	u64 start_ns = call_begin();
	int err = set_pages_back(pages, nr);

	call_end(__func__, _RET_IP_, nr, err, start_ns);
	return err;
}
EXPORT_SYMBOL_GPL(na_set_pages_wb);

bool na_page_is_quarantined(struct page *page)
{
	return na_ledger_lookup(&export_machine->ledger,
				na_frame(page_to_pfn(page))).state ==
	       NA_QUARANTINED;
}
EXPORT_SYMBOL_GPL(na_page_is_quarantined);
