// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The life of a buffer: allocate, convert, map, touch every page, unmap, free;
 * through the heaps and through their alternatives.
 *
 * Phases:
 *	alloc	zeroed pages from the system (engine: alloc_ns; peers report it)
 *	convert	the rest of the allocating ioctl: stale check and purge, ledger,
 *		direct map, TLB flush, cache cleaning, file and fd
 *	map	the mmap() call
 *	touch	one read-modify-write of a word in each page
 *	unmap	the munmap() call
 *	free	the last close(): conversion back, pages to the system
 * memfd has no convert, and its pages are zeroed when they are touched.
 *
 * All contenders of a size take turns, so that a disturbance affects all of
 * them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "measure.h"
#include "modules/bench.h"

#define ZONE "/sys/module/noalias/parameters/zone"

enum figure {
	ALLOC,
	CONVERT,
	MAP,
	TOUCH,
	UNMAP,
	FREE,
	NR_PHASES,
	/* Sums. */
	WHOLE = NR_PHASES,
	UNZEROED,	/* whole without alloc: zeroing dominates there */
	THERE_AND_BACK,	/* convert and free */
	NR_FIGURES,
};

enum kind {
	HEAP,
	PEER,
	MEMFD,
};

struct contender {
	const char *name;
	enum kind kind;
	const char *heap;
	const char *zone;
	enum bench_peer peer;
	bool wc;
};

/* In the order of the table. */
enum who {
	UC_HIGH,
	WC_HIGH,
	UC_LOW,
	WC_LOW,
	PAGEWISE,
	ARRAY_UC,
	BLOCKS_UC,
	BLOCKS_WC,
	PLAIN,
	NR_CONTENDERS,
};

static const struct contender contenders[NR_CONTENDERS] = {
	[UC_HIGH] = { "system-uncached, high", HEAP,
		      .heap = "system-uncached", .zone = "high" },
	[WC_HIGH] = { "system-writecombine, high", HEAP,
		      .heap = "system-writecombine", .zone = "high" },
	[UC_LOW] = { "system-uncached, low", HEAP,
		     .heap = "system-uncached", .zone = "low" },
	[WC_LOW] = { "system-writecombine, low", HEAP,
		     .heap = "system-writecombine", .zone = "low" },
	[PAGEWISE] = { "set_pages_uc page by page", PEER,
		       .peer = BENCH_PAGEWISE },
	[ARRAY_UC] = { "set_pages_array_uc, pages", PEER,
		       .peer = BENCH_ARRAY },
	[BLOCKS_UC] = { "set_pages_array_uc, blocks", PEER,
			.peer = BENCH_BLOCKS },
	[BLOCKS_WC] = { "set_pages_array_wc, blocks", PEER,
			.peer = BENCH_BLOCKS, .wc = true },
	[PLAIN] = { "memfd (cached)", MEMFD },
};

static const struct size {
	const char *name;
	uint64_t len;
	unsigned int nr_rounds;
} sizes[] = {
	{ "64 KiB", 64u << 10, 25 },
	{ "1 MiB", 1u << 20, 15 },
	{ "16 MiB", 16u << 20, 15 },
	{ "64 MiB", 64u << 20, 7 },
};
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static struct samples results[NR_SIZES][NR_CONTENDERS][NR_FIGURES];

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	return fd;
}

static int take_heap(const struct contender *c, uint64_t len, double *ns)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	uint64_t start_ns, alloc_ns;
	char path[64];
	int heap;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", c->heap);
	write_text(ZONE, c->zone);
	heap = open_or_die(path);
	alloc_ns = engine_counter("alloc_ns");
	start_ns = now_ns();
	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		die("%s: %s", c->name, strerror(errno));
	ns[CONVERT] = now_ns() - start_ns;
	ns[ALLOC] = engine_counter("alloc_ns") - alloc_ns;
	ns[CONVERT] -= ns[ALLOC];
	close(heap);
	return (int)data.fd;
}

static int take_peer(const struct contender *c, uint64_t len, double *ns)
{
	struct bench_alloc request = {
		.len = len, .peer = c->peer, .wc = c->wc,
	};
	int fd = open_or_die("/dev/bench_peers");
	uint64_t start_ns = now_ns();

	if (ioctl(fd, BENCH_IOC_ALLOC, &request))
		die("%s: %s", c->name, strerror(errno));
	ns[CONVERT] = now_ns() - start_ns - request.alloc_ns;
	ns[ALLOC] = request.alloc_ns;
	return fd;
}

static int take_memfd(const struct contender *c, uint64_t len, double *ns)
{
	uint64_t start_ns = now_ns();
	int fd = memfd_create("bench", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)len))
		die("%s: %s", c->name, strerror(errno));
	ns[ALLOC] = now_ns() - start_ns;
	ns[CONVERT] = 0;
	return fd;
}

static int take(const struct contender *c, uint64_t len, double *ns)
{
	switch (c->kind) {
	case HEAP:
		return take_heap(c, len, ns);
	case PEER:
		return take_peer(c, len, ns);
	default:
		return take_memfd(c, len, ns);
	}
}

static void touch(volatile uint32_t *words, uint64_t len)
{
	uint64_t i;

	for (i = 0; i < len / sizeof(*words); i += PAGE_LEN / sizeof(*words))
		words[i] += 1;
}

/* Every word of a new buffer is zero, and every page is in its place. */
static void check_contents(const struct contender *c, volatile uint32_t *words,
			   uint64_t len)
{
	uint64_t i, per_page = PAGE_LEN / sizeof(*words);

	for (i = 0; i < len / sizeof(*words); i++)
		if (words[i])
			die("%s: a new buffer is not zero", c->name);
	for (i = 0; i < len / sizeof(*words); i += per_page)
		words[i] = (uint32_t)(i / per_page) + 1;
	for (i = 0; i < len / sizeof(*words); i += per_page)
		if (words[i] != i / per_page + 1)
			die("%s: a page is mapped twice", c->name);
}

static double since(uint64_t start_ns)
{
	return (double)(now_ns() - start_ns);
}

static void live(const struct contender *c, uint64_t len, double *ns,
		 bool check)
{
	int fd = take(c, len, ns);
	uint64_t start_ns = now_ns();
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ns[MAP] = since(start_ns);
	if (mem == MAP_FAILED)
		die("%s: mmap: %s", c->name, strerror(errno));
	if (check)
		check_contents(c, mem, len);
	start_ns = now_ns();
	touch(mem, len);
	ns[TOUCH] = since(start_ns);
	start_ns = now_ns();
	munmap(mem, len);
	ns[UNMAP] = since(start_ns);
	start_ns = now_ns();
	close(fd);
	ns[FREE] = since(start_ns);
}

static void measure(unsigned int size, unsigned int who)
{
	struct samples *figures = results[size][who];
	double ns[NR_FIGURES] = { 0 };
	unsigned int phase;

	live(&contenders[who], sizes[size].len, ns, false);
	for (phase = 0; phase < NR_PHASES; phase++)
		ns[WHOLE] += ns[phase];
	ns[UNZEROED] = ns[WHOLE] - ns[ALLOC];
	ns[THERE_AND_BACK] = ns[CONVERT] + ns[FREE];
	for (phase = 0; phase < NR_FIGURES; phase++)
		samples_add(&figures[phase], ns[phase]);
}

/* Warm-up: splits large entries, and checks that each contender works. */
static void warm_up(unsigned int size)
{
	double ns[NR_FIGURES];
	unsigned int who;

	for (who = 0; who < NR_CONTENDERS; who++)
		live(&contenders[who], sizes[size].len, ns,
		     sizes[size].len <= 1 << 20);
}

/* @who against @base in one figure. */
static struct samples ratio(unsigned int size, unsigned int who,
			    unsigned int base, unsigned int figure)
{
	return samples_divide(&results[size][who][figure],
			      &results[size][base][figure]);
}

static void print_row(unsigned int size, unsigned int who)
{
	static const char *const names[NR_FIGURES] = {
		"alloc", "convert", "map", "touch", "unmap", "free", "whole",
		"whole_without_alloc", "convert_and_free",
	};
	struct samples *figures = results[size][who];
	struct samples whole = ratio(size, who, UC_HIGH, WHOLE);
	struct samples unzeroed = ratio(size, who, UC_HIGH, UNZEROED);
	unsigned int i;

	printf("  %-27s", contenders[who].name);
	for (i = 0; i < NR_PHASES; i++)
		printf(" %8s", amount(samples_median(&figures[i])));
	printf(" | %8s %8s .. %-8s %6.2f %6.2f\n",
	       amount(samples_median(&figures[WHOLE])),
	       amount(samples_min(&figures[WHOLE])),
	       amount(samples_max(&figures[WHOLE])),
	       samples_median(&whole), samples_median(&unzeroed));
	for (i = 0; i < NR_FIGURES; i++)
		record_row(&figures[i],
			   "\"table\": \"buffer\", \"len\": %llu, \"who\": \"%s\", \"phase\": \"%s\"",
			   (unsigned long long)sizes[size].len,
			   contenders[who].name, names[i]);
}

static void print_table(unsigned int size)
{
	unsigned int who;

	printf("\n  %-27s %8s %8s %8s %8s %8s %8s | %8s %8s .. %-8s %6s %6s\n",
	       sizes[size].name, "alloc", "convert", "map", "touch", "unmap",
	       "free", "whole", "min", "max", "ratio", "-alloc");
	for (who = 0; who < NR_CONTENDERS; who++)
		print_row(size, who);
}

static void set_bar(const char *name, unsigned int size, unsigned int who,
		    unsigned int base, enum figure figure, enum bar_kind kind,
		    double limit)
{
	struct samples samples = ratio(size, who, base, figure);

	bar(name, &samples, kind, limit, "times");
}

/* Peers against the high uncached heap: larger is better. */
static void set_pagewise_bars(void)
{
	double limit = setup.nr_cpus > 1 ? 10 : 2;

	set_bar("16M-pagewise-whole", 2, PAGEWISE, UC_HIGH, WHOLE, AT_LEAST,
		limit);
	set_bar("16M-pagewise-without-alloc", 2, PAGEWISE, UC_HIGH, UNZEROED,
		AT_LEAST, limit);
	set_bar("64M-pagewise-whole", 3, PAGEWISE, UC_HIGH, WHOLE, AT_LEAST,
		limit);
	set_bar("64M-pagewise-without-alloc", 3, PAGEWISE, UC_HIGH, UNZEROED,
		AT_LEAST, limit);
	set_bar("16M-map-by-remap-pfn-range", 2, ARRAY_UC, UC_HIGH, MAP,
		AT_LEAST, 3);
}

/* The high uncached heap against peers: smaller is better. */
static void set_array_bars(void)
{
	set_bar("16M-array-whole", 2, UC_HIGH, ARRAY_UC, WHOLE, AT_MOST, 1.3);
	set_bar("16M-array-without-alloc", 2, UC_HIGH, ARRAY_UC, UNZEROED,
		AT_MOST, 1.3);
	set_bar("16M-array-convert-and-free", 2, UC_HIGH, ARRAY_UC,
		THERE_AND_BACK, AT_MOST, 1.3);
	set_bar("16M-array-blocks-without-alloc", 2, UC_HIGH, BLOCKS_UC,
		UNZEROED, AT_MOST, 1.3);
	set_bar("64M-array-whole", 3, UC_HIGH, ARRAY_UC, WHOLE, AT_MOST, 1.3);
	set_bar("64M-array-without-alloc", 3, UC_HIGH, ARRAY_UC, UNZEROED,
		AT_MOST, 1.3);
	set_bar("64M-array-convert-and-free", 3, UC_HIGH, ARRAY_UC,
		THERE_AND_BACK, AT_MOST, 1.3);
	set_bar("64M-array-blocks-without-alloc", 3, UC_HIGH, BLOCKS_UC,
		UNZEROED, AT_MOST, 1.3);
}

void buffer_bench(void)
{
	unsigned int size, who, round;

	printf("\n(b) A buffer's life: medians of each phase, and of the whole with min .. max.\n"
	       "    ratio: whole (alloc + convert + map + touch + unmap + free) against that of system-uncached, high;\n"
	       "    -alloc: the same sum on both sides without alloc, where zeroing dominates on this machine\n");
	for (size = 0; size < NR_SIZES; size++) {
		warm_up(size);
		for (round = 0; round < repetitions(sizes[size].nr_rounds);
		     round++)
			for (who = 0; who < NR_CONTENDERS; who++)
				measure(size, who);
		print_table(size);
	}
	write_text(ZONE, "any");
	set_pagewise_bars();
	set_array_bars();
}
