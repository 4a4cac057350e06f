// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Translations of removed mappings that a CPU still has, which page tables do
 * not show. vunmap() leaves them; a thread that stays on its CPU tries to read
 * through one.
 *
 * The kernel may flush at any time, so each case tries until it has a stale
 * translation; without one it would prove nothing.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "plant_audit.h"

#include <sched.h>

#define NR_TRIES 20

/* The thread has the last CPU for itself. */
static void stay_away_from_last_cpu(void)
{
	cpu_set_t set;

	need_second_cpu();
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	EXPECT(!sched_setaffinity(0, sizeof(set), &set));
}

struct linger {
	int bed;
	uint32_t pfn;
	uint64_t va;
};

/* A page, of which a TLB has a translation with @type that is gone. */
static struct linger make_linger(int bed, uint32_t pfn, enum plant_type type)
{
	struct linger linger = { .bed = bed, .pfn = pfn };
	int tries;

	need_lingering();
	for (tries = 0; tries < NR_TRIES; tries++) {
		linger.va = make_mapping(bed, PLANT_LINGER, pfn, 1, type);
		EXPECT(!peek_kernel(bed, linger.va).present);
		if (lingers(bed, pfn))
			return linger;
		unmake_mapping(bed, PLANT_LINGER, pfn, linger.va);
	}
	EXPECT(!"a translation that lingers");
	return linger;
}

static void end_linger(const struct linger *linger)
{
	unmake_mapping(linger->bed, PLANT_LINGER, linger->pfn, linger->va);
}

/* kills: a module that finds nothing because there is nothing */
static void nothing_flushes_by_itself(void)
{
	int bed = open_bed(), tries;
	uint32_t pfn = take_page(bed, PLANT_ANY);
	struct linger linger;
	bool stays = false;

	stay_away_from_last_cpu();
	for (tries = 0; tries < NR_TRIES && !stays; tries++) {
		linger = make_linger(bed, pfn, PLANT_WB);
		sleep_ms(20);
		stays = lingers(bed, pfn);
		end_linger(&linger);
	}
	EXPECT(stays);
}

static void expect_flushed_by(enum plant_zone zone, enum consumer_op op)
{
	int consumer = open_consumer(), bed = open_bed();
	uint32_t pfn = take_page(bed, zone);
	struct linger linger;

	stay_away_from_last_cpu();
	linger = make_linger(bed, pfn, PLANT_WB);
	EXPECT_EQ(call(consumer, op, &pfn, 1), 0);
	EXPECT(!lingers(bed, pfn));
	end_linger(&linger);
	if (op != CONSUMER_PURGE)
		EXPECT_EQ(call(consumer, CONSUMER_WB, &pfn, 1), 0);
}

/* kills: a purge that looks at page tables only */
static void purge_drops_lingering_translation(void)
{
	expect_flushed_by(PLANT_ANY, CONSUMER_PURGE);
	expect_flushed_by(PLANT_LOW, CONSUMER_PURGE);
}

/* kills: a conversion without its flush, or on one CPU only */
static void set_pages_drops_lingering_translation(void)
{
	expect_flushed_by(PLANT_ANY, CONSUMER_UC);
	expect_flushed_by(PLANT_LOW, CONSUMER_UC);
	if (!has_pat())
		return;
	expect_flushed_by(PLANT_ANY, CONSUMER_WC);
	expect_flushed_by(PLANT_LOW, CONSUMER_WC);
}

/* Does @op, begun while the last CPU hears no interrupts, end before it does? */
static bool ends_beside_a_deaf_cpu(enum consumer_op op)
{
	int consumer = open_consumer(), bed = open_bed(), tries;
	uint32_t pfn = take_page(bed, PLANT_ANY);
	bool is_deaf;
	uint64_t va;

	stay_away_from_last_cpu();
	for (tries = 0; tries < NR_TRIES; tries++) {
		va = make_mapping(bed, PLANT_DEAF, pfn, 1, 0);
		is_deaf = lingers(bed, pfn);
		EXPECT_EQ(call(consumer, op, &pfn, 1), 0);
		/* On a busy host it may have been over too soon. */
		if (is_deaf)
			return lingers(bed, pfn);
		unmake_mapping(bed, PLANT_DEAF, pfn, va);
	}
	EXPECT(!"a CPU that is deaf for long enough");
	return true;
}

/* kills: a flush that the other CPUs are asked for and that nobody waits for */
static void purge_waits_for_each_cpu(void)
{
	EXPECT(!ends_beside_a_deaf_cpu(CONSUMER_PURGE));
}

static void expect_flushed_by_return(enum plant_zone zone)
{
	int consumer = open_consumer(), bed = open_bed();
	uint32_t pfn = take_page(bed, zone);
	struct linger linger;

	stay_away_from_last_cpu();
	EXPECT_EQ(call(consumer, CONSUMER_UC, &pfn, 1), 0);
	linger = make_linger(bed, pfn, PLANT_UC);
	EXPECT_EQ(call(consumer, CONSUMER_WB, &pfn, 1), 0);
	EXPECT(!lingers(bed, pfn));
	end_linger(&linger);
}

/* kills: pages returned while a CPU still reaches them uncached */
static void set_pages_wb_drops_lingering_translation(void)
{
	expect_flushed_by_return(PLANT_ANY);
	expect_flushed_by_return(PLANT_LOW);
}

/* kills: a buffer freed while a CPU still has its kernel mapping */
static void freed_buffer_leaves_no_translation(void)
{
	int bed = open_bed(), fd;
	struct linger linger;
	uint32_t pfn;
	char *mem;

	stay_away_from_last_cpu();
	fd = new_buffer(PAGE);
	mem = map_buffer(fd, PAGE);
	pfn = peek_user(bed, mem).pfn;
	EXPECT(!munmap(mem, PAGE));
	linger = make_linger(bed, pfn, plant_heap_type());
	close(fd);
	EXPECT(!lingers(bed, linger.pfn));
	end_linger(&linger);
}

static const struct guest_case cases[] = {
	CASE(nothing_flushes_by_itself),
	CASE(purge_drops_lingering_translation),
	CASE(set_pages_drops_lingering_translation),
	CASE(purge_waits_for_each_cpu),
	CASE(set_pages_wb_drops_lingering_translation),
	CASE(freed_buffer_leaves_no_translation),
};
GUEST_MAIN(cases)
