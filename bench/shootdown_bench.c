// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Shootdowns of a conversion: call-function interrupts that another CPU took
 * (the one that took most), beside the engine's counters.
 *
 * Children keep the other CPUs busy: a CPU that is about to go idle may be
 * woken without an interrupt, or get an unrelated one, which would falsify the
 * count.
 *
 * Two cases. The exported calls convert pages on which stale kmap slots and
 * vmap areas were just planted, so each conversion finds some. For the heaps,
 * blocks of the right order with stale mappings were freed before, so most
 * conversions find some.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"
#include "modules/bench.h"

#define NR_STALE	500
#define NR_ROUNDS	9
#define NR_VMAPS	16
#define ZONE		"/sys/module/noalias/parameters/zone"

static const struct length {
	const char *name;
	unsigned int nr;
	unsigned int order;
} lengths[] = {
	{ "4 KiB", 1, 0 },
	{ "64 KiB", 16, 4 },
	{ "1 MiB", 256, 8 },
	{ "16 MiB", 4096, 10 },
	{ "64 MiB", 16384, 10 },
};
#define NR_LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

struct count {
	struct samples there;
	struct samples back;
	uint64_t hits;
	uint64_t flushes;
	uint64_t purges;
};

static int device;
static pid_t spinners[NR_CPUS_MAX];
static double worst;

static void open_device(void)
{
	if (!device)
		device = open("/dev/bench_stale", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/bench_stale: %s", strerror(errno));
}

static void spin_on(unsigned int cpu)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to_cpu(cpu);
	for (;;)
		;
}

static void start_spinners(void)
{
	unsigned int cpu;

	fflush(stdout);
	for (cpu = 1; cpu < setup.nr_cpus; cpu++) {
		spinners[cpu] = fork();
		if (spinners[cpu] < 0)
			die("fork: %s", strerror(errno));
		if (!spinners[cpu])
			spin_on(cpu);
	}
}

static void stop_spinners(void)
{
	unsigned int cpu;

	for (cpu = 1; cpu < setup.nr_cpus; cpu++) {
		kill(spinners[cpu], SIGKILL);
		waitpid(spinners[cpu], NULL, 0);
	}
}

static double act(unsigned int action, unsigned int layout, unsigned int nr)
{
	struct bench_act request = {
		.action = action, .layout = layout, .nr = nr,
	};

	if (ioctl(device, BENCH_IOC_ACT, &request))
		die("action %u on %u pages: %s", action, nr, strerror(errno));
	return request.nr_ipis;
}

static void plant(unsigned int layout, unsigned int nr)
{
	struct bench_plant request = {
		.layout = layout, .nr = nr, .nr_stale = NR_STALE,
		.nr_vmaps = NR_VMAPS,
	};

	if (ioctl(device, BENCH_IOC_PLANT, &request))
		die("planting: %s", strerror(errno));
}

static void litter(unsigned int order)
{
	struct bench_litter request = {
		.order = order, .nr_stale = NR_STALE, .nr_vmaps = NR_VMAPS,
	};

	if (ioctl(device, BENCH_IOC_LITTER, &request))
		die("littering: %s", strerror(errno));
}

static void count_engine(struct count *count, int sign)
{
	count->hits += sign * engine_counter("kmap_hits");
	count->purges += sign * engine_counter("kmap_purges");
	count->flushes += sign * engine_counter("tlb_flushes");
}

static struct count count_pages(unsigned int layout, unsigned int action,
				unsigned int nr)
{
	struct count count = { .hits = 0 };
	unsigned int round;

	for (round = 0; round < NR_ROUNDS; round++) {
		plant(layout, nr);
		count_engine(&count, -1);
		samples_add(&count.there, act(action, layout, nr));
		samples_add(&count.back, act(BENCH_TO_WB, layout, nr));
		count_engine(&count, 1);
	}
	return count;
}

static int allocate(int heap, uint64_t len)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		die("allocating %llu bytes: %s", (unsigned long long)len,
		    strerror(errno));
	return (int)data.fd;
}

static void count_buffer(struct count *count, int heap, uint64_t len)
{
	struct ipis before = ipis_now();
	int fd = allocate(heap, len);

	samples_add(&count->there, ipis_most_since(&before));
	before = ipis_now();
	close(fd);
	samples_add(&count->back, ipis_most_since(&before));
}

static struct count count_heap(const char *name, const char *zone,
			       const struct length *length)
{
	struct count count = { .hits = 0 };
	unsigned int round;
	char path[64];
	int heap;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	heap = open(path, O_RDWR | O_CLOEXEC);
	if (heap < 0)
		die("%s: %s", path, strerror(errno));
	write_text(ZONE, zone);
	for (round = 0; round < NR_ROUNDS; round++) {
		litter(length->order);
		count_engine(&count, -1);
		count_buffer(&count, heap, (uint64_t)length->nr * PAGE_LEN);
		count_engine(&count, 1);
	}
	write_text(ZONE, "any");
	close(heap);
	return count;
}

static void print_count(const char *way, const char *where, const char *type,
			const struct length *length, const struct count *count)
{
	double rounds = count->there.nr;

	printf("  %-8s %-5s %-3s %-7s  %2.0f %2.0f %2.0f   %2.0f %2.0f %2.0f   %5.1f %8.1f %8.1f\n",
	       way, where, type, length->name, samples_min(&count->there),
	       samples_median(&count->there), samples_max(&count->there),
	       samples_min(&count->back), samples_median(&count->back),
	       samples_max(&count->back), count->hits / rounds,
	       count->purges / rounds, count->flushes / rounds);
	record_row(&count->there,
		   "\"table\": \"shootdowns\", \"way\": \"%s\", \"where\": \"%s\", \"type\": \"%s\", \"pages\": %u, \"direction\": \"to\"",
		   way, where, type, length->nr);
	record_row(&count->back,
		   "\"table\": \"shootdowns\", \"way\": \"%s\", \"where\": \"%s\", \"type\": \"%s\", \"pages\": %u, \"direction\": \"back\"",
		   way, where, type, length->nr);
	/* The median: an unrelated interrupt may fall into one repetition. */
	if (samples_median(&count->there) > worst)
		worst = samples_median(&count->there);
	if (samples_median(&count->back) > worst)
		worst = samples_median(&count->back);
}

static void bench_pages(unsigned int layout, const char *where)
{
	struct count count;
	unsigned int i;

	for (i = 0; i < NR_LENGTHS; i++) {
		count = count_pages(layout, BENCH_TO_UC, lengths[i].nr);
		if (layout == BENCH_HIGH && count.hits != count.there.nr)
			die("%llu of %u purges found what was planted",
			    (unsigned long long)count.hits, count.there.nr);
		print_count("call", where, "UC", &lengths[i], &count);
		count = count_pages(layout, BENCH_TO_WC, lengths[i].nr);
		print_count("call", where, "WC", &lengths[i], &count);
	}
}

static void bench_heap(const char *zone)
{
	struct count count;
	unsigned int i;

	for (i = 0; i < NR_LENGTHS; i++) {
		count = count_heap("system-uncached", zone, &lengths[i]);
		print_count("heap", zone, "UC", &lengths[i], &count);
		count = count_heap("system-writecombine", zone, &lengths[i]);
		print_count("heap", zone, "WC", &lengths[i], &count);
	}
}

void shootdown_bench(void)
{
	if (setup.nr_cpus < 2) {
		printf("\n(c) Shootdowns need a second CPU.\n");
		return;
	}
	start_spinners();
	open_device();
	printf("\n(c) Shootdowns a conversion, with %d stale kmap slots and %d vmap areas planted before each;\n"
	       "    interrupts taken by another CPU (min median max), and what the engine counted for both ways together\n\n"
	       "  way      where type length   there      back       hits   purges  flushes\n",
	       NR_STALE, NR_VMAPS);
	bench_pages(BENCH_HIGH, "high");
	bench_pages(BENCH_LOW, "low");
	bench_heap("high");
	bench_heap("low");
	stop_spinners();
	bar_must("shootdowns-a-conversion", worst, AT_MOST, 2, "interrupts");
}

void first_conversion_bench(void)
{
	const struct length *length = &lengths[NR_LENGTHS - 1];
	double first, second, back;
	uint64_t nr_split;

	start_spinners();
	open_device();
	plant(BENCH_LOW, length->nr);
	nr_split = large_direct_entries();
	first = act(BENCH_TO_UC, BENCH_LOW, length->nr);
	nr_split -= large_direct_entries();
	act(BENCH_TO_WB, BENCH_LOW, length->nr);
	plant(BENCH_LOW, length->nr);
	second = act(BENCH_TO_UC, BENCH_LOW, length->nr);
	back = act(BENCH_TO_WB, BENCH_LOW, length->nr);
	stop_spinners();
	printf("\nThe first conversion of %s of low memory since boot split %llu large entries of the direct map",
	       length->name, (unsigned long long)nr_split);
	if (setup.nr_cpus < 2) {
		printf(".\n");
		return;
	}
	printf(":\n  shootdowns: first time %.0f (%.2f a split), second time %.0f, back %.0f\n",
	       first, nr_split ? (first - second) / nr_split : 0, second, back);
}
