// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Calls of other modules, with every allocation refused once: all or nothing.
 *
 * In each case the test kills: a frame that stays claimed or on loan, or that
 * keeps another type, after an error.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "faults.h"
#include "plant.h"

#define NR 24u

static int consumer = -1, bed = -1;
static uint32_t pfns[NR];
static enum consumer_op op;

static void take(void)
{
	uint32_t i;

	consumer = open_consumer();
	bed = open_bed();
	for (i = 0; i < NR; i++)
		pfns[i] = take_page(bed, i % 2 ? PLANT_LOW : PLANT_ANY);
}

static void expect_wb(void)
{
	struct plant_page page;
	uint32_t i;

	for (i = 0; i < NR; i++) {
		page = look_at_page(bed, pfns[i]);
		EXPECT_EQ(page.tracked, PLANT_WB);
		EXPECT_EQ(page.direct, page.high ? PLANT_ABSENT : PLANT_WB);
	}
}

static int call_op(void)
{
	return call(consumer, op, pfns, NR);
}

static void give_back(int err)
{
	if (!err && (op == CONSUMER_UC || op == CONSUMER_WC))
		EXPECT_EQ(call(consumer, CONSUMER_WB, pfns, NR), 0);
	expect_wb();
	close(bed);
	close(consumer);
}

static void set_uc_fails(void)
{
	op = CONSUMER_UC;
	sweep(&(struct deed){ "na_set_pages_uc", take, call_op, give_back,
			      .nr_min = 5 });
}

static void set_wc_fails(void)
{
	op = CONSUMER_WC;
	sweep(&(struct deed){ "na_set_pages_wc", take, call_op, give_back,
			      .nr_min = 5 });
}

static void take_converted(void)
{
	take();
	EXPECT_EQ(call(consumer, CONSUMER_UC, pfns, NR), 0);
}

static void give_back_again(int err)
{
	if (err)
		EXPECT_EQ(call_op(), 0);
	give_back(err);
}

static void set_wb_fails(void)
{
	op = CONSUMER_WB;
	sweep(&(struct deed){ "na_set_pages_wb", take_converted, call_op,
			      give_back_again, .nr_min = 3 });
}

/* With entries that it has to find and remove, where there can be any. */
static void take_stale(void)
{
	take();
	if (has_high_memory())
		make_mapping(bed, PLANT_STALE_KMAP, pfns[0], 1, PLANT_WB);
}

static void purge_fails(void)
{
	op = CONSUMER_PURGE;
	sweep(&(struct deed){ "na_pages_purge", take_stale, call_op,
			      give_back, .nr_min = 3 });
}

static void purge_all_fails(void)
{
	op = CONSUMER_FLUSH_UNUSED;
	sweep(&(struct deed){ "na_kmap_flush_unused", take_stale, call_op,
			      give_back });
}

static const struct guest_case cases[] = {
	CASE_PAT(set_wc_fails),
	CASE(set_uc_fails),
	CASE(set_wb_fails),
	CASE(purge_fails),
	CASE(purge_all_fails),
};
GUEST_MAIN(cases)
