// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The cost of a load that misses all caches, which is the least that a load
 * from UC memory costs, measured without UC memory. Lines are chained in random
 * order through more memory than any cache holds; each load waits for the one
 * before it, as loads from UC memory do. Large pages avoid page walks.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define LEN		(256ul << 20)
#define LINE		64ul
#define NR_LINES	(LEN / LINE)
#define NR_LOADS	1000000u
#define NR_ROUNDS	5

struct line {
	struct line *volatile next;
	char rest[LINE - sizeof(struct line *)];
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static size_t draw(size_t below)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % below);
}

/* One cycle through all lines. */
static void chain(struct line *lines)
{
	struct line *next;
	size_t i, j;

	for (i = 0; i < NR_LINES; i++)
		lines[i].next = &lines[i];
	for (i = NR_LINES - 1; i; i--) {
		j = draw(i);
		next = lines[i].next;
		lines[i].next = lines[j].next;
		lines[j].next = next;
	}
}

static double chase_ns(struct line **at)
{
	double begun = now_ns();
	struct line *line = *at;
	unsigned int i;

	for (i = 0; i < NR_LOADS; i++)
		line = line->next;
	*at = line;
	return (now_ns() - begun) / NR_LOADS;
}

static double read_mb_s(const struct line *lines)
{
	const volatile uint64_t *words = (const volatile uint64_t *)lines;
	double begun = now_ns();
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LEN / sizeof(*words); i++)
		sum += words[i];
	return (double)LEN / (now_ns() - begun + (double)(sum & 1)) * 1e3;
}

int main(void)
{
	struct line *lines = aligned_alloc(2ul << 20, LEN);
	double ns, load_ns = 0, rate, mb_s = 0;
	struct line *at;
	int round;

	if (!lines) {
		fputs("memory_load: no 256 MiB\n", stderr);
		return 1;
	}
	(void)madvise(lines, LEN, MADV_HUGEPAGE);
	chain(lines);
	at = lines;
	for (round = 0; round < NR_ROUNDS; round++) {
		ns = chase_ns(&at);
		rate = read_mb_s(lines);
		load_ns = !round || ns < load_ns ? ns : load_ns;
		mb_s = rate > mb_s ? rate : mb_s;
	}
	printf("a load from memory: %.0f ns; 8 bytes at a time: %.0f MB/s\n",
	       load_ns, 8e3 / load_ns);
	printf("cached memory, read in order: %.0f MB/s, %.0f times as fast\n",
	       mb_s, mb_s / (8e3 / load_ns));
	free(lines);
	return 0;
}
