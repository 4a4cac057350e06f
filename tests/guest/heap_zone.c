// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where buffers get their memory: the zone asked for, what happens when high
 * memory is used up or in pieces, and that it is always zeroed.
 *
 * High memory, or all memory where none is high, is used up by a file in memory,
 * and broken to pieces by punching every other page out of it. To fill the file
 * takes longer than all cases together, so the runner does it once, when the
 * others are done.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_buffers.h"

#include <stdlib.h>
#include <sys/mman.h>

struct count {
	uint32_t high;
	uint32_t low;
	uint32_t runs;	/* of consecutive frames */
};

/* What the page tables say, page by page. */
static struct count count_frames(const char *mem, size_t len)
{
	struct count count = { 0 };
	int bed = open_bed();
	uint32_t pfn, last = 0;
	size_t i;

	for (i = 0; i < len / PAGE; i++) {
		pfn = peek_user(bed, mem + i * PAGE).pfn;
		if (look_at_page(bed, pfn).high)
			count.high++;
		else
			count.low++;
		count.runs += pfn != last + 1;
		last = pfn;
	}
	close(bed);
	return count;
}

/* The table in debugfs agrees with the page tables. */
static struct count expect_told(const char *mem, size_t len)
{
	struct count count = count_frames(mem, len);
	struct buffer_line line = my_buffer();

	EXPECT_EQ(line.bytes, len);
	EXPECT_EQ(line.high_frames, count.high);
	EXPECT_EQ(line.low_frames, count.low);
	EXPECT_EQ(count.high + count.low, len / PAGE);
	return count;
}

/* --- the zone asked for ------------------------------------------------------------ */

#define LEN (6 * MIB + 5 * PAGE)

static struct count frames_from(const char *zone)
{
	use_zone(zone);
	return expect_told(new_mapping(LEN), LEN);
}

/* kills: the parameter not read; low memory counted as high */
static void zone_low_gives_low_memory_only(void)
{
	EXPECT_EQ(frames_from("low").high, 0);
}

/* kills: zone=high taken for a preference */
static void zone_high_gives_high_memory_only(void)
{
	EXPECT_EQ(frames_from("high").low, 0);
}

/* kills: low memory used up while there is high memory */
static void zone_any_prefers_high_memory(void)
{
	need_high_memory();
	EXPECT_EQ(frames_from("any").low, 0);
}

/* kills: a zone taken that this machine has not: a promise about nothing */
static void zone_high_is_refused_without_high_memory(void)
{
	use_zone("any");
	EXPECT_EQ(write_text(PARAMETERS "zone", "high"),
		  has_high_memory() ? 0 : -EINVAL);
	EXPECT(file_has(PARAMETERS "zone", has_high_memory() ? "high" : "any"));
}

/* kills: a buffer whose frames come from where the next one is asked */
static void zone_change_leaves_buffers_alone(void)
{
	uint32_t pfn;
	char *mem;
	int bed = open_bed();

	use_zone("low");
	mem = new_mapping(PAGE);
	use_zone(has_high_memory() ? "high" : "any");
	pfn = peek_user(bed, mem).pfn;
	EXPECT(!look_at_page(bed, pfn).high);
	EXPECT_EQ(look_at_page(bed, pfn).direct, plant_heap_type());
	EXPECT_EQ(my_buffer().low_frames, 1);
}

/* kills: a parameter that accepts anything */
static void zone_refuses_other_words(void)
{
	use_zone("any");
	EXPECT_EQ(write_text(PARAMETERS "zone", "medium"), -EINVAL);
	EXPECT_EQ(write_text(PARAMETERS "zone", "\n"), -EINVAL);
	EXPECT(file_has(PARAMETERS "zone", "any"));
}

/* --- zeroed --------------------------------------------------------------------------- */

static void dirty_and_free(const char *zone, size_t len)
{
	char *mem;

	use_zone(zone);
	mem = new_mapping(len);
	EXPECT(is_zero(mem, len));
	fill(mem, len, 3);
	EXPECT(!munmap(mem, len));
}

/* kills: blocks of one order not zeroed */
static void memory_is_zeroed_again_and_again(void)
{
	static const size_t lens[] = { PAGE, 15 * PAGE, 16 * PAGE, 300 * PAGE,
				       MIB, 5 * MIB + PAGE };
	size_t i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(lens); i++) {
			dirty_and_free("any", lens[i]);
			dirty_and_free("low", lens[i]);
		}
	}
}

/* --- memory used up or in pieces ----------------------------------------------------------- */

#define LEFT		(24 * MIB)
#define LEFT_OF_ALL	(64 * MIB)
#define SCARCE_LEN	(64 * MIB)
#define STEP		(16 * MIB)

static int balloon;

/*
 * Fast allocations leave a zone before it is empty, at a mark that follows
 * from this; and each CPU may keep as much in lists of its own, uncounted.
 */
#define MIN_FREE "/proc/sys/vm/min_free_kbytes"

/*
 * At 0 the kernel does not put the pieces of memory together again in the
 * background, which it does where they are most of it; and keeps no more free
 * than usual after it has taken a block to pieces.
 */
#define COMPACTION "/proc/sys/vm/compaction_proactiveness"
#define BOOST "/proc/sys/vm/watermark_boost_factor"

/* Returns by how much high memory got less. */
static uint64_t inflate(uint64_t at, uint64_t len)
{
	uint64_t before = meminfo("HighFree"), after;

	EXPECT(!fallocate(balloon, 0, at, len));
	after = meminfo("HighFree");
	return before > after ? before - after : 0;
}

static void use_up_all_memory(void)
{
	uint64_t used = meminfo("MemFree") - LEFT_OF_ALL;

	EXPECT(!fallocate(balloon, 0, 0, used));
	say("%llu MiB of memory are used, %llu KiB free",
	    (unsigned long long)(used / MIB),
	    (unsigned long long)(meminfo("MemFree") / KIB));
}

/* High memory is used up when more pages come from elsewhere. */
static void use_up_high_memory(void)
{
	uint64_t used = meminfo("HighFree") * 31 / 32;

	inflate(0, used);
	while (inflate(used, STEP) > STEP / 2)
		used += STEP;
	while (inflate(used, MIB) > MIB / 2)
		used += MIB;
	EXPECT(!fallocate(balloon, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  0, LEFT));
	say("%llu MiB of high memory are used, %llu KiB free",
	    (used - LEFT) / MIB, meminfo("HighFree") / KIB);
	EXPECT(meminfo("HighFree") < SCARCE_LEN);
}

static void use_up_memory(void)
{
	EXPECT_EQ(write_text(MIN_FREE, "1024"), 0);
	balloon = memfd_create("balloon", 0);
	EXPECT(balloon >= 0);
	if (has_high_memory())
		use_up_high_memory();
	else
		use_up_all_memory();
}

/* kills: an allocation that fails when its first zone is empty */
static void zone_any_goes_on_in_low_memory(void)
{
	struct count count;
	char *mem;

	need_high_memory();
	use_zone("any");
	mem = new_mapping(SCARCE_LEN);
	count = expect_told(mem, SCARCE_LEN);
	say("%u high and %u low frames in %u runs", count.high, count.low,
	    count.runs);
	EXPECT(count.high > 0);
	EXPECT(count.low > 0);
	EXPECT(is_zero(mem, SCARCE_LEN));
	expect_clean_audit();
}

/* kills: a failure half way that forgets what it had; low memory taken */
static void zone_high_fails_when_used_up(void)
{
	uint64_t low;

	use_zone("high");
	low = meminfo("LowFree");
	EXPECT_EQ(try_buffer(SCARCE_LEN), -ENOMEM);
	EXPECT_EQ(nr_held(), 0);
	EXPECT(meminfo("LowFree") + 8 * MIB > low);
	EXPECT(try_buffer(MIB) >= 0);
}

/* Every other page of @len bytes: no two that are free are neighbours. */
static void punch_holes(uint64_t len)
{
	uint64_t at;

	EXPECT(balloon > 0);
	for (at = LEFT; at < LEFT + 2 * len; at += 2 * PAGE)
		EXPECT(!fallocate(balloon, FALLOC_FL_PUNCH_HOLE |
				  FALLOC_FL_KEEP_SIZE, at, PAGE));
}

/*
 * More than is free before, in blocks of any size and in lists of CPUs: the rest
 * are pages from the holes. Of all memory a sixteenth is kept for others.
 *
 * kills: no fallback from one order to the next
 */
static void fragmented_memory_is_enough(void)
{
	bool is_high = has_high_memory();
	size_t len = is_high ? meminfo("HighFree") + 16 * MIB :
			       meminfo("MemFree") + 64 * MIB;
	struct count count;
	char *mem;

	len -= len % PAGE;
	use_zone(is_high ? "high" : "any");
	punch_holes(is_high ? len + 8 * MIB : 320 * MIB);
	mem = new_mapping(len);
	count = expect_told(mem, len);
	say("%u high and %u low frames in %u runs", count.high, count.low,
	    count.runs);
	if (is_high)
		EXPECT_EQ(count.low, 0);
	EXPECT(count.runs > 1000);
	EXPECT(is_zero(mem, len));
	expect_clean_audit();
}

/*
 * Of memory in pieces one heap takes pieces; for the other the kernel moves the
 * pages between them, or takes low memory, where it has that.
 *
 * kills: frames-never-try-hard
 */
static void contiguous_heap_has_room_made(void)
{
	const size_t len = 2 * MIB;
	int heap, fd;
	char *mem;

	use_zone(has_high_memory() ? "high" : "any");
	/* Until there is no block of that size. */
	while (count_frames(new_mapping(len), len).runs == 1)
		;
	use_zone("any");
	heap = open("/dev/dma_heap/camera-uncached", O_RDONLY | O_CLOEXEC);
	EXPECT(heap >= 0);
	fd = alloc_on(heap, len);
	EXPECT(fd >= 0);
	mem = map_buffer(fd, len);
	EXPECT_EQ(count_frames(mem, len).runs, 1);
}

static const struct guest_case cases[] = {
	CASE(zone_low_gives_low_memory_only),
	CASE(zone_high_gives_high_memory_only),
	CASE(zone_any_prefers_high_memory),
	CASE(zone_high_is_refused_without_high_memory),
	CASE(zone_change_leaves_buffers_alone),
	CASE(zone_refuses_other_words),
	CASE(memory_is_zeroed_again_and_again),
};

static const struct guest_case scarce_cases[] = {
	CASE(zone_any_goes_on_in_low_memory),
	CASE(zone_high_fails_when_used_up),
	CASE(fragmented_memory_is_enough),
	CASE(contiguous_heap_has_room_made),
};

/* "scarce" as the first argument: the cases that need memory used up. */
int main(int argc, char **argv)
{
	char *min_free, *compaction, *boost;
	int status;

	if (argc < 2 || strcmp(argv[1], "scarce"))
		return guest_main(argc, argv, cases, ARRAY_SIZE(cases));
	min_free = read_text(MIN_FREE);
	compaction = read_text(COMPACTION);
	boost = read_text(BOOST);
	EXPECT_EQ(write_text(COMPACTION, "0"), 0);
	EXPECT_EQ(write_text(BOOST, "0"), 0);
	use_up_memory();
	status = guest_main(argc - 1, argv + 1, scarce_cases,
			    ARRAY_SIZE(scarce_cases));
	EXPECT_EQ(write_text(MIN_FREE, min_free), 0);
	EXPECT_EQ(write_text(COMPACTION, compaction), 0);
	EXPECT_EQ(write_text(BOOST, boost), 0);
	return status;
}
