// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Heaps: which one is opened, by name and by property, and what stands in for it.
 */
#define _GNU_SOURCE
#include "heap_facts.h"

/* --- by name ----------------------------------------------------------------- */

/* kills: facts of another heap; facts left out */
static void open_tells_what_module_says(void)
{
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_open("system-writecombine", 0, &heap), 0);
	info = info_of(heap);
	EXPECT_STR(info.name, "system-writecombine");
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WC);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(info.fallback, 0);
	EXPECT_STR(info.zone, "high");
	EXPECT_EQ(info.nr_buffers, 3);
	EXPECT_EQ(info.used, 12288);
	EXPECT_EQ(info.limit, 1 << 20);
	noalias_heap_close(heap);
}

/* kills: a promise remembered where it is asked now */
static void query_asks_now(void)
{
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_open("system-uncached", 0, &heap), 0);
	world.heaps[0].promise = NOALIAS_IOC_BEST_EFFORT;
	EXPECT_EQ(info_of(heap).promise, NOALIAS_PROMISE_BEST_EFFORT);
	noalias_heap_close(heap);
}

/* kills: a path instead of a name; a name cut short */
static void open_refuses_what_is_no_name(void)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/dev/null" };
	struct noalias_heap *heap;
	char name[100];
	size_t i;

	world_begin();
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_ERROR(noalias_heap_open(bad[i], 0, &heap), EINVAL,
			     "is not a valid heap name");
	EXPECT_ERROR(noalias_heap_open(NULL, 0, &heap), EINVAL, "NULL");
	memset(name, 'n', sizeof(name));
	name[64] = 0;
	EXPECT_ERROR(noalias_heap_open(name, 0, &heap), EINVAL,
		     "has 64 characters, limit 63");
	name[63] = 0;
	EXPECT_ERROR(noalias_heap_open(name, 0, &heap), ENOENT, name);
}

/* kills: unknown flags taken for none */
static void open_refuses_unknown_flags(void)
{
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_ERROR(noalias_heap_open("system-uncached", 2, &heap), EINVAL,
		     "flags: is 0x2");
}

/* kills: a fallback nobody allowed */
static void open_missing_is_an_error(void)
{
	struct noalias_heap *heap;

	world_begin();
	world_kernel_heap("system", "252:0");
	world_file("/dev/udmabuf", "10:125");
	EXPECT_ERROR(noalias_heap_open("system-uncached", 0, &heap), ENOENT,
		     "/dev/dma_heap/system-uncached; is the module noalias loaded?");
}

/* kills: an error that hides who may not do what */
static void open_not_permitted_is_an_error(void)
{
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.denied = "/dev/dma_heap/system-uncached";
	EXPECT_ERROR(noalias_heap_open("system-uncached", 0, &heap), EACCES,
		     "/dev/dma_heap/system-uncached cannot be opened");
}

/* --- fallback ---------------------------------------------------------------- */

static struct noalias_heap_info fallback_of(const char *name)
{
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_open(name, NOALIAS_HEAP_FALLBACK, &heap), 0);
	info = info_of(heap);
	noalias_heap_close(heap);
	return info;
}

static void expect_fallback(const char *source, int why)
{
	struct noalias_heap_info info = fallback_of("system-uncached");

	EXPECT_STR(info.name, source);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(info.fallback, why);
}

/* kills: another order; memory that passes for what was asked */
static void fallback_in_order(void)
{
	world_begin();
	world_kernel_heap("system", "252:0");
	world_file("/dev/udmabuf", "10:125");
	expect_fallback("system", ENOENT);
	world.denied = "/dev/dma_heap/system";
	expect_fallback("udmabuf", ENOENT);
	world_remove("/dev/dma_heap/system");
	world.denied = "/dev/udmabuf";
	expect_fallback("memfd", ENOENT);
	world.denied = NULL;
	expect_fallback("udmabuf", ENOENT);
	world_remove("/dev/udmabuf");
	expect_fallback("memfd", ENOENT);
}

/* kills: a fallback where the real thing is there */
static void fallback_only_when_needed(void)
{
	struct noalias_heap_info info;

	world_begin();
	world_module();
	world_kernel_heap("system", "252:0");
	info = fallback_of("system-uncached");
	EXPECT_STR(info.name, "system-uncached");
	EXPECT_EQ(info.fallback, 0);
}

/* kills: a reason lost, or always the same */
static void fallback_says_why(void)
{
	world_begin();
	world_module();
	world.denied = "/dev/dma_heap/system-uncached";
	expect_fallback("memfd", EACCES);
}

/* kills: a fallback for errors that have nothing to do with what is there */
static void fallback_not_for_bad_arguments(void)
{
	struct noalias_heap *heap;

	world_begin();
	EXPECT_EQ(noalias_heap_open("a/b", NOALIAS_HEAP_FALLBACK, &heap),
		  -EINVAL);
}

/* --- by property ------------------------------------------------------------- */

/* kills: UC for WC and the other way round */
static void find_by_memtype(void)
{
	struct noalias_heap_request uc = request_for(NOALIAS_MEMTYPE_UC, 0, 0);
	struct noalias_heap_request wc = request_for(NOALIAS_MEMTYPE_WC, 0, 0);
	struct noalias_heap_request wb = request_for(NOALIAS_MEMTYPE_WB, 0, 0);

	world_begin();
	world_module();
	world_kernel_heap("system", "252:0");
	EXPECT_EQ(found(&uc, "system-uncached").memtype, NOALIAS_MEMTYPE_UC);
	EXPECT_EQ(found(&wc, "system-writecombine").memtype,
		  NOALIAS_MEMTYPE_WC);
	EXPECT_EQ(found(&wb, "system").memtype, NOALIAS_MEMTYPE_WB);
}

/* kills: a default that takes less than the guarantee */
static void find_by_default_wants_guarantee(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC, 0, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.heaps[0].promise = NOALIAS_IOC_BEST_EFFORT;
	EXPECT_ERROR(noalias_heap_find(&request, &heap), EOPNOTSUPP,
		     "promise: of heap system-uncached is best effort, must be guaranteed");
	request.promise = NOALIAS_PROMISE_GUARANTEED;
	EXPECT_EQ(noalias_heap_find(&request, &heap), -EOPNOTSUPP);
	request.promise = NOALIAS_PROMISE_BEST_EFFORT;
	EXPECT_EQ(found(&request, "system-uncached").promise,
		  NOALIAS_PROMISE_BEST_EFFORT);
	request.promise = NOALIAS_PROMISE_GUARANTEED;
	request.flags = NOALIAS_HEAP_FALLBACK;
	EXPECT_EQ(found(&request, "memfd").fallback, EOPNOTSUPP);
}

static void add_module_heap(const char *name, uint32_t promise)
{
	struct noalias_query_heap *heap = &world.heaps[world.nr_heaps];

	*heap = world.heaps[0];
	heap->index = world.nr_heaps++;
	heap->promise = promise;
	memset(heap->name, 0, sizeof(heap->name));
	strcpy(heap->name, name);
	heap->dev_minor = 70;
	world_node(name, "10:70");
}

/* kills: find-takes-scarce-memory */
static void find_leaves_scarce_memory(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);

	world_begin();
	world_module();
	add_module_heap("a-for-32-bits", NOALIAS_IOC_GUARANTEED);
	world.heaps[2].zone = NOALIAS_IOC_ZONE_DMA32;
	found(&request, "system-uncached");
	world.heaps[2].zone = NOALIAS_IOC_ZONE_ANY;
	world.heaps[2].properties = NOALIAS_IOC_HEAP_CONTIGUOUS;
	found(&request, "system-uncached");
	/* It is better than one that promises less, and than none. */
	world.heaps[0].promise = NOALIAS_IOC_BEST_EFFORT;
	found(&request, "a-for-32-bits");
	world.heaps[0].promise = NOALIAS_IOC_GUARANTEED;
	world.denied = "/dev/dma_heap/system-uncached";
	found(&request, "a-for-32-bits");
}

/* kills: the first instead of the best; a best that may not be opened */
static void find_takes_the_best_it_may_open(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	add_module_heap("a-weak-one", NOALIAS_IOC_BEST_EFFORT);
	found(&request, "system-uncached");
	world.denied = "/dev/dma_heap/system-uncached";
	found(&request, "a-weak-one");
	world_remove("/dev/dma_heap/a-weak-one");
	EXPECT_ERROR(noalias_heap_find(&request, &heap), EACCES,
		     "/dev/dma_heap/system-uncached cannot be opened");
}

/* kills: the less near of two reasons */
static void find_says_the_nearest_miss(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_GUARANTEED, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	add_module_heap("a-weak-one", NOALIAS_IOC_BEST_EFFORT);
	world.denied = "/dev/dma_heap/system-uncached";
	EXPECT_EQ(noalias_heap_find(&request, &heap), -EACCES);
	world.denied = NULL;
	world_remove("/dev/dma_heap/system-uncached");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -EOPNOTSUPP);
	world_remove("/dev/dma_heap/a-weak-one");
	EXPECT_ERROR(noalias_heap_find(&request, &heap), ENOENT,
		     "is known to have UC; is the module noalias loaded?");
}

static const struct tap_case cases[] = {
	TAP(open_tells_what_module_says),
	TAP(query_asks_now),
	TAP(open_refuses_what_is_no_name),
	TAP(open_refuses_unknown_flags),
	TAP(open_missing_is_an_error),
	TAP(open_not_permitted_is_an_error),
	TAP(fallback_in_order),
	TAP(fallback_only_when_needed),
	TAP(fallback_says_why),
	TAP(fallback_not_for_bad_arguments),
	TAP(find_by_memtype),
	TAP(find_by_default_wants_guarantee),
	TAP(find_leaves_scarce_memory),
	TAP(find_takes_the_best_it_may_open),
	TAP(find_says_the_nearest_miss),
};

TAP_MAIN(cases)
