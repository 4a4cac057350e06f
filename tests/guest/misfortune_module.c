// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The module itself: bad parameters, and unloading while it is in use.
 *
 * Needs noalias.ko in the working directory. The runner reads the module's
 * counters between cases, so each case leaves it loaded.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../../include/uapi/noalias.h"

#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR 300u
#define LEN (NR * PAGE)

static int load(const char *parameters)
{
	int fd = open("noalias.ko", O_RDONLY | O_CLOEXEC), err;

	EXPECT(fd >= 0);
	err = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "noalias", O_NONBLOCK) ? -errno : 0;
}

/* The last reference may go a moment after the call that dropped it. */
static int unload_patiently(void)
{
	uint64_t end_ms = now_ms() + 20000;
	int err;

	while ((err = unload()) == -EWOULDBLOCK && now_ms() < end_ms)
		sleep_ms(5);
	return err;
}

static bool is_whole(void)
{
	return !access("/sys/module/noalias", F_OK) &&
	       !access("/dev/dma_heap/system-uncached", F_OK) &&
	       !access("/dev/dma_heap/system-writecombine", F_OK) &&
	       !access(DEBUGFS "counters", F_OK);
}

static bool is_gone(void)
{
	return access("/sys/module/noalias", F_OK) &&
	       access("/dev/dma_heap", F_OK) && access(DEBUGFS, F_OK);
}

/* --- parameters -------------------------------------------------------------------- */

static void expect_load_refused(const char *parameters, int error,
				const char *log)
{
	int err;

	EXPECT(!unload_patiently());
	err = load(parameters);
	if (err != error || !is_gone() || !log_has(log)) {
		say("parameters \"%s\": %d", parameters, err);
		load("");
		EXPECT(!"refused, with its reason in the log");
	}
	EXPECT(!load(""));
	EXPECT(is_whole());
}

/* kills: a range without its lower end */
static void load_limit_0(void)
{
	expect_load_refused("limit_percent=0", -ERANGE,
			    "parameter limit_percent must be 1 to 90");
}

/* kills: a range without its upper end */
static void load_limit_91(void)
{
	expect_load_refused("limit_percent=91", -ERANGE,
			    "parameter limit_percent must be 1 to 90");
}

/* kills: text that is read as 0, or up to its first letter */
static void load_limit_no_number(void)
{
	static const char *const texts[] = {
		"limit_percent=abc", "limit_percent=-1", "limit_percent=50%",
		"limit_percent=", "limit_percent=4294967346",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		int error = i == 4 ? -ERANGE : -EINVAL;

		expect_load_refused(texts[i], error,
				    "parameter limit_percent must be 1 to 90");
	}
}

/* kills: a name that is not looked up, or matched by its beginning */
static void load_zone_unknown(void)
{
	expect_load_refused("zone=foo", -EINVAL,
			    "parameter zone must be any, low or high");
	expect_load_refused("zone=lower", -EINVAL,
			    "parameter zone must be any, low or high");
	expect_load_refused("zone=", -EINVAL,
			    "parameter zone must be any, low or high");
}

/* kills: heap-words-of-a-prefix, heap-words-any-letter */
static void load_heaps_of_garbage(void)
{
	static const struct {
		const char *parameter, *log;
	} bad[] = {
		{ "heaps=x", "parameter heaps: \"x\": the type" },
		{ "heaps=x:", "the type, behind the first colon, must be uc, wc or wb" },
		{ "heaps=x:wt", "\"x\": the type" },
		{ "heaps=x:ucc", "\"x\": the type" },
		{ "heaps=x:uc:", "\"x\": behind the type may be" },
		{ "heaps=x:uc:moon", "and contiguous, and limit=PERCENT" },
		{ "heaps=x:uc:any:1", "\"x\": behind the type may be" },
		{ "heaps=x:uc:any:low", "\"x\": it has two zones" },
		{ "heaps=x:uc:contiguous:contiguous", "\"x\": behind the type" },
		{ "heaps=x:uc:limit=", "\"x\": limit= must be 1 to 90" },
		{ "heaps=x:uc:limit=0", "\"x\": limit= must be 1 to 90" },
		{ "heaps=x:uc:limit=91", "\"x\": limit= must be 1 to 90" },
		{ "heaps=x:uc:limit=1%", "\"x\": limit= must be 1 to 90" },
		{ "heaps=x:uc:limit=266", "\"x\": limit= must be 1 to 90" },
		{ "heaps=x:uc:limit=1:limit=1", "\"x\": it has two limits" },
		{ "heaps=x:uc:contiguou", "\"x\": behind the type may be" },
		{ "heaps=:uc", "a name has letters, digits" },
		{ "heaps=.x:uc", "does not begin with a dot" },
		{ "heaps=a/b:uc", "\"a/b\": a name has letters" },
		{ "heaps=a!b:uc", "\"a!b\": a name has letters" },
		{ "heaps=a\xc3:uc", "a name has letters" },
		{ "heaps=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:uc",
		  "a name has 31 letters at most" },
		{ "heaps=system-uncached:uc",
		  "\"system-uncached\": there is a heap of that name already" },
		{ "heaps=\"a:uc b:wc a:wc\"", "\"a\": there is a heap of that name" },
		{ "heaps=\"a:uc b:uc c:uc d:uc e:uc f:uc g:uc h:uc i:uc j:uc k:uc "
		  "l:uc m:uc n:uc o:uc p:uc q:uc\"",
		  "\"q\": 16 heaps at most can be added" },
		/* The first would do. */
		{ "heaps=\"good:uc bad:ab\"", "\"bad\": the type" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		expect_load_refused(bad[i].parameter, -EINVAL, bad[i].log);
	if (!has_high_memory())
		expect_load_refused("heaps=x:uc:high", -EINVAL,
				    "\"x\": this machine has no high memory");
}

static struct noalias_query_heap ask_heap(const char *name)
{
	struct noalias_query_heap query = { 0 };
	int node = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);

	EXPECT(node >= 0);
	while (!ioctl(node, NOALIAS_IOC_QUERY_HEAP, &query) &&
	       strcmp(query.name, name))
		query = (struct noalias_query_heap){
			.index = query.index + 1 };
	close(node);
	EXPECT(!strcmp(query.name, name));
	return query;
}

static void expect_heap(const char *name, uint32_t zone)
{
	struct noalias_query_heap query = ask_heap(name);

	EXPECT_EQ(query.memtype, NOALIAS_IOC_UC);
	EXPECT_EQ(query.promise, NOALIAS_IOC_GUARANTEED);
	EXPECT_EQ(query.zone, zone);
	EXPECT(!setenv("NA_HEAP", name, 1));
	EXPECT(!munmap(new_mapping(LEN), LEN));
	EXPECT(wait_released());
}

/* kills: node-asks-the-kernel-first */
static void load_heap_of_other_drivers_name(void)
{
	/* Of power management; no kernel is without it. */
	EXPECT(!access("/sys/class/misc/cpu_dma_latency", F_OK));
	expect_load_refused("heaps=\"good:uc cpu_dma_latency:uc\"", -EEXIST,
			    "another driver has a device cpu_dma_latency");
	EXPECT(!log_has("cannot create duplicate filename"));
	EXPECT(!access("/dev/cpu_dma_latency", F_OK));
}

/* kills: heap-words-all-follow-the-parameter */
static void load_heaps_under_other_names(void)
{
	EXPECT(!unload_patiently());
	EXPECT(!load("heaps=\"cma-uncached:uc  linux,cma-uncached:uc:dma32 x_1.+:uc:low\""));
	EXPECT(file_has(PARAMETERS "heaps",
			"cma-uncached:uc:any linux,cma-uncached:uc:dma32 x_1.+:uc:low\n"));
	expect_heap("cma-uncached", NOALIAS_IOC_ZONE_ANY);
	expect_heap("linux,cma-uncached", NOALIAS_IOC_ZONE_DMA32);
	expect_heap("x_1.+", NOALIAS_IOC_ZONE_LOW);
	expect_heap("system-uncached", NOALIAS_IOC_ZONE_ANY);
	EXPECT(!unload_patiently());
	EXPECT(is_gone());
	EXPECT(!load(""));
	EXPECT(is_whole());
	EXPECT(access("/dev/dma_heap/cma-uncached", F_OK));
}

/* kills: heap-limit-not-given-back, heap-limit-of-all-heaps */
static void load_heap_with_a_limit(void)
{
	uint64_t limit;
	int heap, fd;

	EXPECT(!unload_patiently());
	EXPECT(!load("heaps=\"small:uc:limit=1 other:uc\""));
	EXPECT(file_has(PARAMETERS "heaps",
			"small:uc:any:limit=1 other:uc:any\n"));
	limit = ask_heap("small").limit;
	EXPECT(limit < ask_heap("other").limit / 40);
	EXPECT(!setenv("NA_HEAP", "small", 1));
	heap = open_heap();
	fd = alloc_on(heap, limit);
	EXPECT(fd >= 0);
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
	EXPECT(refused("len", "the heap's limit= of memory in its buffers"));
	EXPECT_EQ(ask_heap("small").used, limit);
	EXPECT(!setenv("NA_HEAP", "other", 1));
	close(new_buffer(PAGE));
	close(fd);
	EXPECT(wait_released());
	EXPECT_EQ(alloc_on(heap, limit + 1), -ENOMEM);
	close(alloc_on(heap, limit));
	/* Less may be allowed to all than to one. */
	EXPECT(!write_text(PARAMETERS "limit_percent", "1"));
	EXPECT_EQ(ask_heap("small").limit, ask_heap("other").limit);
	close(heap);
	EXPECT(!unload_patiently());
	EXPECT(!load(""));
}

/* kills: good values refused, or not taken */
static void load_good_parameters(void)
{
	EXPECT(!unload_patiently());
	EXPECT(!load("limit_percent=90 zone=low"));
	EXPECT(file_has(PARAMETERS "limit_percent", "90\n"));
	EXPECT(file_has(PARAMETERS "zone", "low\n"));
	EXPECT(!unload_patiently());
	EXPECT(!load(has_high_memory() ? "limit_percent=1 zone=high" :
					 "limit_percent=1"));
	EXPECT(file_has(PARAMETERS "zone",
			has_high_memory() ? "high\n" : "any\n"));
	EXPECT(counter("frames_limit") > 0);
	EXPECT(!unload_patiently());
	EXPECT(!load(""));
	EXPECT(file_has(PARAMETERS "limit_percent", "50\n"));
	EXPECT(file_has(PARAMETERS "zone", "any\n"));
}

/* kills: ranges checked at load time only; either end of a range refused */
static void parameters_at_run_time(void)
{
	static const char *const limits[] = { "0", "91", "abc", "-1", "5e1" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++)
		EXPECT(write_text(PARAMETERS "limit_percent", limits[i]) < 0);
	EXPECT(log_has("parameter limit_percent must be 1 to 90"));
	EXPECT(file_has(PARAMETERS "limit_percent", "50\n"));
	EXPECT_EQ(write_text(PARAMETERS "zone", "foo"), -EINVAL);
	EXPECT(log_has("parameter zone must be any, low or high"));
	EXPECT(file_has(PARAMETERS "zone", "any\n"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "1\n"));
	EXPECT(file_has(PARAMETERS "limit_percent", "1\n"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "90\n"));
	EXPECT(file_has(PARAMETERS "limit_percent", "90\n"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "50\n"));
}

/* kills: a limit that counts only what is allocated after it was set */
static void limit_lowered_below_what_is_used(void)
{
	int heap = open_heap(), fd = alloc_on(heap, 100 * MIB);

	EXPECT(fd >= 0);
	EXPECT(!write_text(PARAMETERS "limit_percent", "1"));
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
	EXPECT(counter("frames_charged") > counter("frames_limit"));
	close(fd);
	EXPECT(alloc_on(heap, PAGE) >= 0);
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
}

/* kills: a zone that is read once, or not for buffers in use */
static void zone_changed_with_buffers(void)
{
	static const char *const zones[] = { "low", "high", "any" };
	struct look look;
	char *mem[3];
	size_t i;

	need_high_memory();
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		use_zone(zones[i]);
		mem[i] = new_mapping(LEN);
		EXPECT(!look_at(mem[i], &look));
		EXPECT(look.high == !!i);
	}
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		fill(mem[i], LEN, i);
		expect_no_alias(mem[i], LEN);
	}
}

/* --- kernels that are not as expected --------------------------------------------------- */

/* Load while the kernel's @symbol does nothing and returns @value, once. */
static void expect_load_fails(const char *symbol, long value, int error)
{
	int err;

	EXPECT(!unload_patiently());
	fail_call(symbol, 1, false, value);
	err = load("");
	EXPECT_EQ(fail_off().failed, 1);
	if (err != error || !is_gone()) {
		say("%s returns %ld: %d", symbol, value, err);
		load("");
		EXPECT(!"load fails, and nothing is left");
	}
	EXPECT(!load(""));
	EXPECT(is_whole());
}

/*
 * A kernel whose page flags hold the types elsewhere looks like one that does not
 * mark: the bits that we know do not change.
 *
 * kills: PG_arch_1 and PG_arch_2 taken for each other, either not looked at
 */
static void load_where_types_are_marked_otherwise(void)
{
	expect_load_fails("set_memory_uc", 0, -EOPNOTSUPP);
	EXPECT(log_has("marks the memory type of pages in a way that is not known"));
	expect_load_fails("set_memory_wc", 0, -EOPNOTSUPP);
}

/* kills: the answer of a kernel that could not mark, taken for its marks */
static void load_where_nothing_can_be_marked(void)
{
	expect_load_fails("set_memory_uc", -ENOMEM, -ENOMEM);
	expect_load_fails("set_memory_wc", -ENOMEM, -ENOMEM);
}

/* --- unloading ------------------------------------------------------------------------ */

static void expect_busy(void)
{
	EXPECT_EQ(unload(), -EWOULDBLOCK);
	EXPECT(is_whole());
}

static void expect_free(void)
{
	EXPECT(!unload_patiently());
	EXPECT(is_gone());
	EXPECT(!load(""));
	EXPECT(is_whole());
}

/* kills: a heap's file that does not hold the module */
static void unload_with_open_heap(void)
{
	int heap = open_heap();

	expect_busy();
	EXPECT(alloc_on(heap, PAGE) >= 0);
	close(heap);
	close(heap + 1);
	expect_free();
}

/* kills: a buffer that does not hold the module */
static void unload_with_buffer(void)
{
	int fd = new_buffer(LEN);
	char *mem;

	expect_busy();
	mem = map_buffer(fd, LEN);
	fill(mem, LEN, 1);
	EXPECT(holds(mem, LEN, 1));
	munmap(mem, LEN);
	close(fd);
	expect_free();
}

/* kills: a mapping whose fault handler is gone */
static void unload_with_mapping(void)
{
	char *mem = new_mapping(LEN);

	fill(mem, LEN, 1);
	expect_busy();
	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	EXPECT(holds(mem, LEN, 1));
	munmap(mem, LEN);
	expect_free();
}

/* kills: a buffer on its way between processes that does not hold it */
static void unload_with_descriptor_in_flight(void)
{
	int sides[2], fd = new_buffer(LEN);

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	EXPECT(!send_fd(sides[0], fd));
	close(fd);
	expect_busy();
	close(sides[0]);
	close(sides[1]);
	expect_free();
}

/* kills: a driver's mapping that does not hold it */
static void unload_with_kernel_mapping(void)
{
	int hold = open("/sys/kernel/debug/na_fail/hold", O_RDWR | O_CLOEXEC);
	int fd = new_buffer(LEN), len;
	char text[16];

	len = snprintf(text, sizeof(text), "%d", fd);
	EXPECT_EQ(write(hold, text, len), len);
	close(fd);
	expect_busy();
	close(hold);
	expect_free();
}

static void allocates_much(void *unused)
{
	(void)unused;
	try_buffer(512 * MIB);
}

/* kills: an ioctl that is still running when the module goes */
static void unload_during_allocation(void)
{
	pid_t pid = start(allocates_much, NULL);
	uint64_t end_ms = now_ms() + 20000;

	while (!counter("frames_charged"))
		EXPECT(now_ms() < end_ms);
	expect_busy();
	EXPECT(killed(pid));
	expect_free();
}

static void uses_what_is_there(void *unused)
{
	struct dma_heap_allocation_data data = { .len = 4 * PAGE };
	int heap;

	(void)unused;
	for (;;) {
		heap = open("/dev/dma_heap/system-uncached", O_RDWR);
		if (heap < 0)
			continue;
		if (!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
			close(data.fd);
		data.fd = 0;
		close(heap);
		free(read_text(DEBUGFS "counters"));
		free(read_text(DEBUGFS "buffers"));
		free(read_text(DEBUGFS "refusals"));
		usleep(2000);
	}
}

/* kills: nodes or files that outlive the code behind them */
static void unload_while_others_open(void)
{
	pid_t pid = start(uses_what_is_there, NULL);
	unsigned int nr_unloaded = 0, i;

	for (i = 0; i < 2000 && nr_unloaded < 10; i++) {
		usleep(i * 379 % 2000);
		if (unload())
			continue;
		nr_unloaded++;
		EXPECT(!load(""));
	}
	EXPECT(killed(pid));
	EXPECT_EQ(nr_unloaded, 10);
	expect_free();
}

/* kills: a second instance over the first one's nodes */
static void load_twice(void)
{
	EXPECT_EQ(load(""), -EEXIST);
	EXPECT(is_whole());
}

/* kills: something that each load or unload leaves behind */
static void load_and_unload_many_times(void)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		EXPECT(!unload_patiently());
		EXPECT(is_gone());
		EXPECT(!load(""));
		close(new_buffer(LEN));
	}
}

static const struct guest_case cases[] = {
	CASE(load_limit_0),
	CASE(load_limit_91),
	CASE(load_limit_no_number),
	CASE(load_zone_unknown),
	CASE(load_heaps_of_garbage),
	CASE(load_heap_of_other_drivers_name),
	CASE(load_heaps_under_other_names),
	CASE(load_heap_with_a_limit),
	CASE(load_good_parameters),
	CASE(parameters_at_run_time),
	CASE(limit_lowered_below_what_is_used),
	CASE(zone_changed_with_buffers),
	CASE(load_where_types_are_marked_otherwise),
	CASE(load_where_nothing_can_be_marked),
	CASE(unload_with_open_heap),
	CASE(unload_with_buffer),
	CASE(unload_with_mapping),
	CASE(unload_with_descriptor_in_flight),
	CASE(unload_with_kernel_mapping),
	CASE(unload_during_allocation),
	CASE(unload_while_others_open),
	CASE(load_twice),
	CASE(load_and_unload_many_times),
};
GUEST_MAIN(cases)
