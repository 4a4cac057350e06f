// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: the types of each frame, beside an array with a byte for each, and the
 * room that they take.
 */
#include "../../engine/audit_frames.h"

#include "world.h"

#define NR (4 * NA_CHUNK_FRAMES)
#define UC 0x10u
#define WC 0x02u
#define WB 0x01u

static struct world world;
static struct na_audit_frames frames;
static u8 model[NR];
static u64 seed;

static void begin(void)
{
	world_begin(&world, 64, 64);
	frames = (struct na_audit_frames){ 0 };
	memset(model, 0, NR);
}

static void end(void)
{
	na_audit_frames_fini(&frames, world.port);
	world_end(&world);
}

static void add(unsigned long first, unsigned long end, u8 bits)
{
	unsigned long i;

	EXPECT_EQ(na_audit_frames_add(&frames, world.port, first, end, bits), 0);
	for (i = first; i < end && i < NR; i++)
		model[i] |= bits;
}

static void join(unsigned long first, unsigned long end, u8 bits)
{
	unsigned long i;

	EXPECT_EQ(na_audit_frames_join(&frames, world.port, first, end, bits), 0);
	for (i = first; i < end; i++)
		if (model[i])
			model[i] |= bits;
}

static bool is_uc_and_wb(u8 byte)
{
	return byte == (UC | WB);
}

/* What is asked in runs is the same as frame by frame. */
static void expect_as_model(void)
{
	unsigned long first, next, i;
	u32 nr = 0, nr_both = 0;
	u8 byte;

	for (first = 0; first < NR; first = next) {
		byte = na_audit_frames_get(&frames, first, NR, &next);
		EXPECT(next > first && next <= NR);
		for (i = first; i < next; i++) {
			EXPECT_EQ(model[i], byte);
			EXPECT_EQ(na_audit_frames_marks(&frames, i), !!byte);
			nr += !!byte;
			nr_both += is_uc_and_wb(byte);
		}
	}
	EXPECT_EQ(na_audit_frames_count(&frames), nr);
	if (nr_both)
		EXPECT(na_audit_frames_any(&frames, is_uc_and_wb));
}

static void change_at_random(void)
{
	static const u8 bits[] = { UC, UC, UC, WB, WC };
	unsigned long first = tap_below(&seed, NR), nr, end;

	nr = 1 + (tap_below(&seed, 4) ? tap_below(&seed, 8) :
					tap_below(&seed, NR));
	end = first + nr < NR ? first + nr : NR;
	if (!tap_below(&seed, 16))
		first = 0;
	if (tap_below(&seed, 3))
		add(first, na_chunk_end(first, end), bits[tap_below(&seed, 5)]);
	else
		join(first, end, bits[tap_below(&seed, 5)]);
}

/* kills: frames-of-two-lose-one, frames-each-begins-empty */
static void frames_agree_with_array(void)
{
	u32 i, k;

	seed = tap_seed();
	for (i = 0; i < 300; i++) {
		begin();
		for (k = 0; k < 1 + i % 40; k++) {
			change_at_random();
			expect_as_model();
		}
		end();
	}
}

/*
 * Uncached pages all over 64 GiB: a bit for each frame of memory is 2 MiB. The
 * rest is the table, and shall stay small beside it.
 *
 * kills: frames-two-take-a-byte
 */
static void frames_scattered_take_a_bit_each(void)
{
	const unsigned long nr = 1ul << (36 - 12);
	unsigned long frame;
	size_t before;

	begin();
	before = fake_nr_bytes(world.port);
	for (frame = 5; frame < nr; frame += 64)
		add(frame, frame + 1, UC);
	join(0, NR, UC);
	EXPECT_EQ(na_audit_frames_count(&frames), nr / 64);
	EXPECT(fake_nr_bytes(world.port) - before < (2u << 20) + (1u << 20));
	end();
}

/* A frame in conflict costs its chunk a byte each, and others nothing. */
static void frames_in_conflict_take_a_byte_each(void)
{
	size_t before;

	begin();
	add(7, 8, UC);
	add(NA_CHUNK_FRAMES + 7, NA_CHUNK_FRAMES + 8, UC);
	add(2 * NA_CHUNK_FRAMES, 3 * NA_CHUNK_FRAMES, UC);
	before = fake_nr_bytes(world.port);
	join(0, 8, WB);
	EXPECT_EQ(fake_nr_bytes(world.port) - before,
		  NA_CHUNK_FRAMES - NA_CHUNK_FRAMES / 8);
	before = fake_nr_bytes(world.port);
	join(2 * NA_CHUNK_FRAMES, 3 * NA_CHUNK_FRAMES, WB);
	EXPECT_EQ(fake_nr_bytes(world.port), before);
	expect_as_model();
	end();
}

/* No room: nothing is changed, and what was known stays known. */
static void frames_without_room(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		begin();
		add(0, NA_CHUNK_FRAMES, UC);
		if (i)
			add(7, 8, WC);
		fake_fail(world.port, FAKE_BIT(FAKE_ALLOC), 1, 1);
		EXPECT_EQ(na_audit_frames_add(&frames, world.port, 9, 10, WB),
			  -ENOMEM);
		fake_fail_never(world.port);
		expect_as_model();
		add(9, 10, WB);
		expect_as_model();
		end();
	}
}

static const struct tap_case cases[] = {
	TAP(frames_agree_with_array),
	TAP(frames_scattered_take_a_bit_each),
	TAP(frames_in_conflict_take_a_byte_each),
	TAP(frames_without_room),
};

TAP_MAIN(cases)
