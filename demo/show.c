// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The demonstration, inside the guest: the bug, the cure, the cost.
 *
 * Exit status 0 only if the auditor found the bug's alias, and none while tens
 * of thousands of pages from the heaps were in use. The printed text is only
 * for readers; the result depends on the auditor's exit status, its report on
 * this process, and the module's counters.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096ul
#define NR_BUG_PAGES	4
#define NR_ROUNDS_MIN	4
#define NR_ROUNDS_MAX	12
#define COUNTERS	"/sys/kernel/debug/noalias/counters"
#define MIB(n)		((uint64_t)(n) << 20)

static const char *bold = "", *red = "", *green = "", *dim = "", *plain = "";

struct buffer {
	int fd;
	uint64_t len;
	uint8_t *mem;
};

struct audit {
	int status;
	char text[16384];
};

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sshow: ", red);
	vprintf(format, args);
	printf("%s\n", plain);
	va_end(args);
	exit(2);
}

static void use_colours(void)
{
	bold = "\033[1m";
	red = "\033[1;31m";
	green = "\033[1;32m";
	dim = "\033[2m";
	plain = "\033[0m";
}

static uint64_t counter(const char *name)
{
	FILE *file = fopen(COUNTERS, "r");
	char key[64];
	unsigned long long value;

	if (!file)
		die("cannot read " COUNTERS ": %s", strerror(errno));
	while (fscanf(file, "%63s %llu", key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(file);
			return value;
		}
	}
	die("no counter %s", name);
	return 0;
}

static uint64_t read_number(const char *path)
{
	unsigned long long value;
	FILE *file = fopen(path, "r");

	if (!file || fscanf(file, "%llu", &value) != 1)
		die("cannot read %s", path);
	fclose(file);
	return value;
}

/* 0 if there is no such line. */
static uint64_t meminfo_kib(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128], key[64];
	unsigned long long kib, found = 0;

	if (!file)
		die("cannot read /proc/meminfo: %s", strerror(errno));
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63[^:]: %llu", key, &kib) == 2 &&
		    !strcmp(key, name))
			found = kib;
	}
	fclose(file);
	return found;
}

/* Without it the kernel has all memory in its direct map, cached. */
static int has_high_memory(void)
{
	return meminfo_kib("HighTotal") > 0;
}

static void run_audit(struct audit *audit, const char *options)
{
	char command[128];
	FILE *pipe;
	size_t len;

	snprintf(command, sizeof(command), "./noalias audit %s 2>&1", options);
	fflush(stdout);
	pipe = popen(command, "r");
	if (!pipe)
		die("cannot start the auditor: %s", strerror(errno));
	len = fread(audit->text, 1, sizeof(audit->text) - 1, pipe);
	audit->text[len] = '\0';
	while (fgetc(pipe) != EOF)
		;
	audit->status = WEXITSTATUS(pclose(pipe));
	if (audit->status > 1)
		die("the auditor failed:\n%s", audit->text);
}

static void print_indented(const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		printf("     %s%.*s%s\n", dim, (int)(end - text), text, plain);
	}
}

static void heading(char letter, const char *text)
{
	printf("\n%s (%c) %s%s\n\n", bold, letter, text, plain);
}

static void run_or_die(const char *command)
{
	if (system(command))
		die("failed: %s", command);
}

static void show_machine(void)
{
	struct utsname name;

	uname(&name);
	printf("\n%snoalias%s on Linux %s (%s), %ld CPUs, ",
	       bold, plain, name.release, name.machine,
	       sysconf(_SC_NPROCESSORS_ONLN));
	if (has_high_memory())
		printf("%llu MiB low and %llu MiB high memory\n",
		       (unsigned long long)meminfo_kib("LowTotal") >> 10,
		       (unsigned long long)meminfo_kib("HighTotal") >> 10);
	else
		printf("%llu MiB of memory, none of it high\n",
		       (unsigned long long)meminfo_kib("MemTotal") >> 10);
}

/* Does the report speak of this process and of the kernel's cached mapping? */
static int names_the_alias(const struct audit *audit)
{
	/* The report speaks of the direct map elsewhere too. */
	const char *kernel = has_high_memory() ? "kmap slot" :
						 "WB   direct map ";
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", getpid());
	return audit->status == 1 && strstr(audit->text, kernel) &&
	       strstr(audit->text, pid) && strstr(audit->text, "bug2014");
}

static void tell_bug(void)
{
	if (has_high_memory())
		printf("     A driver took %d pages of high memory, filled them through kmap(), called\n"
		       "     kunmap(), and mapped them uncached into this process (pid %d).\n",
		       NR_BUG_PAGES, getpid());
	else
		printf("     The driver of 2014 took %d pages, filled them through kmap(), which is the\n"
		       "     direct map here, and mapped them uncached into this process (pid %d).\n"
		       "     The direct map has them cached, before and after.\n",
		       NR_BUG_PAGES, getpid());
	printf("     What the auditor says:\n\n");
}

static int show_bug(void)
{
	struct audit audit;
	int fd, found;
	void *mem;

	heading('a', has_high_memory() ? "The bug of 2014, on this kernel" :
		"The driver of 2014 on this kernel");
	run_or_die("insmod bug2014.ko");
	fd = open("/dev/bug2014", O_RDWR | O_CLOEXEC);
	mem = mmap(NULL, NR_BUG_PAGES * PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		die("mmap of /dev/bug2014: %s", strerror(errno));
	tell_bug();
	run_audit(&audit, "");
	print_indented(audit.text);
	found = names_the_alias(&audit);
	printf("\n     %s%s%s\n", found ? red : bold, found ?
	       "Each frame has two memory types: data can be lost." :
	       "The auditor did NOT name the alias.", plain);
	munmap(mem, NR_BUG_PAGES * PAGE);
	close(fd);
	run_or_die("rmmod bug2014");
	return found;
}

static int open_heap(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	return fd;
}

/* Maps the whole buffer and leaves a value of its own in every page. */
static struct buffer take_buffer(int heap, uint64_t len)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	struct buffer buffer = { .len = len };
	uint64_t at;

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		die("cannot allocate %llu bytes: %s", (unsigned long long)len,
		    strerror(errno));
	buffer.fd = (int)data.fd;
	buffer.mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED,
			  buffer.fd, 0);
	if (buffer.mem == MAP_FAILED)
		die("mmap of a buffer: %s", strerror(errno));
	for (at = 0; at < len; at += PAGE) {
		if (*(uint32_t *)(buffer.mem + at))
			die("a new buffer is not zero");
		*(uint32_t *)(buffer.mem + at) = (uint32_t)(at / PAGE) + 1;
	}
	return buffer;
}

static void give_buffer(struct buffer *buffer)
{
	uint64_t at;

	for (at = 0; at < buffer->len; at += PAGE)
		if (*(uint32_t *)(buffer->mem + at) !=
		    (uint32_t)(at / PAGE) + 1)
			die("a buffer lost what was written to it");
	munmap(buffer->mem, buffer->len);
	close(buffer->fd);
}

/*
 * What "no alias" is worth something with: allocations that met a stale entry of
 * the kmap pool, or, where all memory is in the direct map, pages that were
 * changed there.
 */
static uint64_t trouble_met(void)
{
	return counter(has_high_memory() ? "kmap_hits" : "converted_frames");
}

static int show_round(unsigned int round, const char *heap_name)
{
	static const uint64_t lens[] = {
		MIB(32), MIB(16), MIB(4), MIB(1), 65536, 65536, PAGE, PAGE,
	};
	enum { NR = sizeof(lens) / sizeof(lens[0]) };
	uint64_t met = trouble_met(), frames;
	struct buffer buffers[NR];
	struct audit audit;
	int heap = open_heap(heap_name), i;

	for (i = 0; i < NR; i++)
		buffers[i] = take_buffer(heap, lens[i]);
	frames = counter("frames_in_buffers");
	run_audit(&audit, "");
	printf("     %u  %-20s %6llu pages in %d buffers   %*llu %s   %s%s%s\n",
	       round, heap_name, (unsigned long long)frames, NR,
	       has_high_memory() ? 2 : 6,
	       (unsigned long long)(trouble_met() - met),
	       has_high_memory() ? "purges" : "pages",
	       audit.status ? red : green,
	       audit.status ? "ALIAS" : "no alias", plain);
	if (audit.status)
		print_indented(audit.text);
	for (i = 0; i < NR; i++)
		give_buffer(&buffers[i]);
	close(heap);
	return !audit.status && frames;
}

/* Wait for a condition, by the storm's counters, not for a time. */
static void wait_for_storm(void)
{
	while (read_number("/sys/module/storm/parameters/kmaps") < 1000 ||
	       read_number("/sys/module/storm/parameters/vmaps") < 50)
		usleep(1000);
}

static int show_cure(void)
{
	static const char *const heap_names[] = {
		"system-uncached", "system-writecombine",
	};
	uint64_t kmaps, vmaps, met = trouble_met();
	unsigned int round;
	int good = 1;

	heading('b', "The cure: the same pages through the heaps, in bad weather");
	run_or_die("insmod storm.ko");
	wait_for_storm();
	printf("        heap                 in use at once               %s  auditor\n",
	       has_high_memory() ? "found stale" : "direct map  ");
	/* If nothing was in the way, "no alias" would prove nothing. */
	for (round = 1; good && round <= NR_ROUNDS_MAX &&
	     (round <= NR_ROUNDS_MIN || trouble_met() == met); round++)
		good &= show_round(round, heap_names[round % 2]);
	good &= trouble_met() > met;
	kmaps = read_number("/sys/module/storm/parameters/kmaps");
	vmaps = read_number("/sys/module/storm/parameters/vmaps");
	run_or_die("rmmod storm");
	printf("\n     Meanwhile two kernel threads made %llu kmaps and %llu vmaps of the memory around.\n"
	       "     %llu %s.\n",
	       (unsigned long long)kmaps, (unsigned long long)vmaps,
	       (unsigned long long)(trouble_met() - met), has_high_memory() ?
	       "allocations met stale entries and purged them" :
	       "pages changed their memory type in the direct map too");
	return good;
}

static void show_cost_line(const char *what, const char *name, uint64_t frames)
{
	double total = counter("alloc_ns") + counter("purge_ns") +
		       counter("direct_ns") + counter("tlb_ns") +
		       counter("cache_ns");
	double ns = counter(name);
	int bar = (int)(ns / total * 40 + 0.5);

	printf("     %-34s %8.0f ns a page  %5.1f %%  %.*s\n", what,
	       ns / frames, 100 * ns / total, bar,
	       "########################################");
}

static void show_cost(void)
{
	uint64_t frames = counter("converted_frames");
	uint64_t conversions = counter("conversions");

	heading('c', "What it cost");
	show_cost_line("zeroed frames from the system", "alloc_ns", frames);
	show_cost_line(has_high_memory() ? "purge of the kmap pool" :
		       "purge of stale mappings", "purge_ns", frames);
	show_cost_line("direct map", "direct_ns", frames);
	show_cost_line("TLB flushes, there and back", "tlb_ns", frames);
	show_cost_line("cache cleaning", "cache_ns", frames);
	printf("\n     %llu pages in %llu conversions: %.2f TLB flushes",
	       (unsigned long long)frames, (unsigned long long)conversions,
	       (double)counter("tlb_flushes") / conversions / 2);
	if (has_high_memory())
		printf(" and %.2f pool purges",
		       (double)counter("kmap_purges") / conversions);
	printf(" each.\n"
	       "     %sTimes are those of an emulated CPU: compare them with each other only.%s\n",
	       dim, plain);
}

int main(int argc, char **argv)
{
	int bug, cure;

	if (argc > 1 && !strcmp(argv[1], "--colour"))
		use_colours();
	setvbuf(stdout, NULL, _IOLBF, 0);
	show_machine();
	run_or_die("insmod noalias.ko");
	bug = show_bug();
	cure = show_cure();
	show_cost();
	run_or_die("rmmod noalias");
	printf("\n %s%s  %s%s\n", bug && cure ? green : red,
	       bug ? "The alias was shown." : "The alias was NOT shown.",
	       cure ? "With noalias there was none." :
	       "With noalias there was one too.", plain);
	return bug && cure ? 0 : 1;
}
