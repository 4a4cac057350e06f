// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies: every variant that this CPU has, against memcpy(), between pages
 * that may not be touched.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <sys/mman.h>

#include "../../lib/copy.h"

#define PAGE 4096u
/* Longer than any prologue, unrolled line and epilogue together. */
#define LEN_MAX 300u

/* Two pages, with one on each side that traps. */
struct arena {
	char *begin;
	char *end;
};

static struct arena new_arena(int prot)
{
	char *mem = mmap(NULL, 4 * PAGE, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct arena arena = { mem + PAGE, mem + 3 * PAGE };

	EXPECT(mem != MAP_FAILED);
	EXPECT(!mprotect(arena.begin, 2 * PAGE, prot));
	return arena;
}

static void fill_pattern(char *mem, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++) {
		seed = seed * 1103515245u + 12345;
		mem[i] = (char)(seed >> 16);
	}
}

/* Is everything but [at, at + len) still @byte? */
static bool is_rest(const struct arena *arena, const char *at, size_t len,
		    char byte)
{
	const char *p;

	for (p = arena->begin; p < arena->end; p++)
		if ((p < at || p >= at + len) && *p != byte)
			return false;
	return true;
}

typedef void copy_fn(void *dst, const void *src, size_t len);

/* At the end of an arena that ends at a page that traps, or at its begin. */
static void check_one(copy_fn *copy, const char *name, char *dst, char *src,
		      size_t len)
{
	memset(dst, 0, len);
	copy(dst, src, len);
	if (!memcmp(dst, src, len))
		return;
	tap_say("%s: %zu bytes from %p to %p", name, len, (void *)src,
		(void *)dst);
	tap_end_case();
}

static void check_edges(copy_fn *copy, const char *name, struct arena *dst,
			struct arena *src, size_t len)
{
	unsigned int i;

	/* The offset of one from the line takes all values, and so does the
	 * difference between the two.
	 */
	for (i = 0; i < 64; i++) {
		check_one(copy, name, dst->end - len, src->end - len - i, len);
		check_one(copy, name, dst->end - len - i, src->end - len, len);
		check_one(copy, name, dst->begin + i, src->begin, len);
		check_one(copy, name, dst->begin, src->begin + i, len);
	}
}

static void check_copy(copy_fn *copy, const char *name)
{
	struct arena dst = new_arena(PROT_READ | PROT_WRITE);
	struct arena src = new_arena(PROT_READ | PROT_WRITE);
	size_t len;

	fill_pattern(src.begin, 2 * PAGE, 1);
	for (len = 0; len <= LEN_MAX; len++)
		check_edges(copy, name, &dst, &src, len);
	check_edges(copy, name, &dst, &src, PAGE + 1);
}

/* kills: a load before or behind the source; an edge left out or shifted */
static void from_any_alignment_and_length(void)
{
	size_t i;

	for (i = 0; i < lib_nr_copies; i++)
		if (lib_copies[i]->is_supported())
			check_copy(lib_copies[i]->from, lib_copies[i]->name);
}

/* kills: a store beyond the destination; an edge left out or shifted */
static void to_any_alignment_and_length(void)
{
	size_t i;

	for (i = 0; i < lib_nr_copies; i++)
		if (lib_copies[i]->is_supported())
			check_copy(lib_copies[i]->to, lib_copies[i]->name);
}

static void check_neighbours(copy_fn *copy)
{
	struct arena dst = new_arena(PROT_READ | PROT_WRITE);
	struct arena src = new_arena(PROT_READ | PROT_WRITE);
	size_t len;
	char *at;

	fill_pattern(src.begin, 2 * PAGE, 2);
	for (len = 0; len <= LEN_MAX; len += 7) {
		for (at = dst.begin + 100; at < dst.begin + 164; at++) {
			memset(dst.begin, 0x5a, 2 * PAGE);
			copy(at, src.begin + 3, len);
			EXPECT(is_rest(&dst, at, len, 0x5a));
			EXPECT(!memcmp(at, src.begin + 3, len));
		}
	}
}

/* kills: whole lines or words stored where bytes were asked */
static void copy_leaves_neighbours(void)
{
	size_t i;

	for (i = 0; i < lib_nr_copies; i++) {
		if (!lib_copies[i]->is_supported())
			continue;
		check_neighbours(lib_copies[i]->from);
		check_neighbours(lib_copies[i]->to);
	}
}

static void check_fill(const struct lib_copy *copy)
{
	struct arena dst = new_arena(PROT_READ | PROT_WRITE);
	unsigned int i;
	size_t len;

	for (len = 0; len <= LEN_MAX; len += 3) {
		for (i = 0; i < 64; i++) {
			memset(dst.begin, 0x11, 2 * PAGE);
			/* Only the low byte counts. */
			copy->fill(dst.begin + i, 0x1234, len);
			EXPECT(is_rest(&dst, dst.begin + i, len, 0x11));
			EXPECT(len == 0 || (dst.begin[i] == 0x34 &&
			       !memcmp(dst.begin + i, dst.begin + i + 1,
				       len - 1)));
			copy->fill(dst.end - len, 0xff, len);
			EXPECT(len == 0 || dst.end[-1] == (char)0xff);
		}
	}
}

/* kills: a pattern that is not the byte; a store beyond the range */
static void fill_any_alignment_and_length(void)
{
	size_t i;

	for (i = 0; i < lib_nr_copies; i++)
		if (lib_copies[i]->is_supported())
			check_fill(lib_copies[i]);
}

/* kills: a source that is written, e.g. by an access of the wrong kind */
static void from_readonly_source(void)
{
	struct arena src = new_arena(PROT_READ), dst;
	size_t i;

	dst = new_arena(PROT_READ | PROT_WRITE);
	for (i = 0; i < lib_nr_copies; i++)
		if (lib_copies[i]->is_supported())
			lib_copies[i]->from(dst.begin, src.begin, 2 * PAGE);
	EXPECT(is_rest(&dst, dst.end, 0, 0));
}

/* kills: 0 bytes taken for a pass of a do-while loop */
static void nothing_touches_nothing(void)
{
	struct arena none = new_arena(PROT_NONE);
	size_t i;

	for (i = 0; i < lib_nr_copies; i++) {
		if (!lib_copies[i]->is_supported())
			continue;
		lib_copies[i]->from(none.begin, none.begin, 0);
		lib_copies[i]->to(none.begin, none.begin, 0);
		lib_copies[i]->fill(none.begin, 0, 0);
	}
}

/* kills: an edge that runs out of its range, as plain C sees it */
static void steps_are_aligned_and_within(void)
{
	uintptr_t at;
	size_t len, step;

	for (at = 4096; at < 4096 + 64; at++) {
		for (len = 1; len <= LEN_MAX; len++) {
			step = lib_copy_step(at, len);
			EXPECT(step >= 1 && step <= len && !(at % step));
			step = lib_copy_head(at, len);
			EXPECT(step <= len);
			EXPECT(step == len || (at + step) % COPY_LINE == 0);
			EXPECT(len - step < COPY_LINE || step < COPY_LINE);
		}
	}
}

/* kills: a variant that the CPU lacks; the best one passed over */
static void method_is_the_best_supported(void)
{
	size_t i = 0;

	while (!lib_copies[i]->is_supported())
		i++;
	EXPECT_STR(noalias_copy_method(), lib_copies[i]->name);
	EXPECT_STR(lib_copies[lib_nr_copies - 1]->name, "plain");
	tap_say("%s", noalias_copy_method());
	if (getenv("NA_COPY_METHOD"))
		EXPECT_STR(noalias_copy_method(), getenv("NA_COPY_METHOD"));
}

/* kills: public calls that are not the variant */
static void public_calls_copy(void)
{
	char one[1000], other[1000];

	fill_pattern(one, sizeof(one), 3);
	noalias_copy_to_uncached(other, one, sizeof(one));
	EXPECT(!memcmp(one, other, sizeof(one)));
	memset(one, 0, sizeof(one));
	noalias_copy_from_uncached(one, other, sizeof(one));
	EXPECT(!memcmp(one, other, sizeof(one)));
	noalias_fill_uncached(one, -1, sizeof(one));
	EXPECT_EQ(one[0], -1);
	EXPECT_EQ(one[999], -1);
}

static const struct tap_case cases[] = {
	TAP(from_any_alignment_and_length),
	TAP(to_any_alignment_and_length),
	TAP(copy_leaves_neighbours),
	TAP(fill_any_alignment_and_length),
	TAP(from_readonly_source),
	TAP(nothing_touches_nothing),
	TAP(steps_are_aligned_and_within),
	TAP(method_is_the_best_supported),
	TAP(public_calls_copy),
};

TAP_MAIN(cases)
