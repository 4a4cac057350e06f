// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Heaps: which one is opened, what is said of it, and what stands in for it.
 */
#define _GNU_SOURCE
#include "heap_world.h"
#include "tap.h"

static struct noalias_heap_info info_of(const struct noalias_heap *heap)
{
	struct noalias_heap_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	return info;
}

static struct noalias_heap_wish wish_for(enum noalias_memtype memtype,
					 enum noalias_promise promise,
					 uint32_t flags)
{
	struct noalias_heap_wish wish = {
		.size = sizeof(wish), .memtype = memtype, .promise = promise,
		.flags = flags,
	};

	return wish;
}

/* Opens, expects a heap of this name, and closes. */
static struct noalias_heap_info found(const struct noalias_heap_wish *wish,
				      const char *name)
{
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_find(wish, &heap), 0);
	info = info_of(heap);
	EXPECT_STR(info.name, name);
	noalias_heap_close(heap);
	return info;
}

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
			     "is no name");
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
	struct noalias_heap_wish uc = wish_for(NOALIAS_MEMTYPE_UC, 0, 0);
	struct noalias_heap_wish wc = wish_for(NOALIAS_MEMTYPE_WC, 0, 0);
	struct noalias_heap_wish wb = wish_for(NOALIAS_MEMTYPE_WB, 0, 0);

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
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC, 0, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.heaps[0].promise = NOALIAS_IOC_BEST_EFFORT;
	EXPECT_ERROR(noalias_heap_find(&wish, &heap), EOPNOTSUPP,
		     "promise: of heap system-uncached is best effort, must be guaranteed");
	wish.promise = NOALIAS_PROMISE_GUARANTEED;
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -EOPNOTSUPP);
	wish.promise = NOALIAS_PROMISE_BEST_EFFORT;
	EXPECT_EQ(found(&wish, "system-uncached").promise,
		  NOALIAS_PROMISE_BEST_EFFORT);
	wish.promise = NOALIAS_PROMISE_GUARANTEED;
	wish.flags = NOALIAS_HEAP_FALLBACK;
	EXPECT_EQ(found(&wish, "memfd").fallback, EOPNOTSUPP);
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

/* kills: the first instead of the best; a best that may not be opened */
static void find_takes_the_best_it_may_open(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	add_module_heap("a-weak-one", NOALIAS_IOC_BEST_EFFORT);
	found(&wish, "system-uncached");
	world.denied = "/dev/dma_heap/system-uncached";
	found(&wish, "a-weak-one");
	world_remove("/dev/dma_heap/a-weak-one");
	EXPECT_ERROR(noalias_heap_find(&wish, &heap), EACCES,
		     "/dev/dma_heap/system-uncached cannot be opened");
}

/* kills: the less near of two reasons */
static void find_says_the_nearest_miss(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_GUARANTEED, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	add_module_heap("a-weak-one", NOALIAS_IOC_BEST_EFFORT);
	world.denied = "/dev/dma_heap/system-uncached";
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -EACCES);
	world.denied = NULL;
	world_remove("/dev/dma_heap/system-uncached");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -EOPNOTSUPP);
	world_remove("/dev/dma_heap/a-weak-one");
	EXPECT_ERROR(noalias_heap_find(&wish, &heap), ENOENT,
		     "is known to have UC; is the module noalias loaded?");
}

/* --- listing ----------------------------------------------------------------- */

struct seen {
	char text[512];
	int stop_after;
};

static int see(const struct noalias_heap_info *info, void *arg)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	EXPECT_EQ(info->size, sizeof(*info));
	snprintf(seen->text + len, sizeof(seen->text) - len, "%s %s %s\n",
		 info->name, noalias_memtype_name(info->memtype),
		 noalias_promise_name(info->promise));
	return --seen->stop_after ? 0 : 7;
}

/* All of them, a line each. */
static const char *listed(void)
{
	static struct seen seen;

	memset(&seen, 0, sizeof(seen));
	EXPECT_EQ(noalias_heap_list(see, &seen), 0);
	return seen.text;
}

/* --- with less knowledge ----------------------------------------------------- */

/* kills: more said than is known; nothing said though sysfs knows; a heap
 * with a name alone before one that is known
 */
static void find_without_node(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_WC,
			NOALIAS_PROMISE_NONE, 0);
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_node("a-writecombine", "252:7");
	world.denied = "/dev/noalias";
	info = found(&wish, "system-writecombine");
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WC);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(info.limit, 0);
	EXPECT_STR(info.zone, "");
	world_remove("/dev/noalias");
	found(&wish, "system-writecombine");
	wish.promise = 0;
	EXPECT_ERROR(noalias_heap_find(&wish, &heap), EOPNOTSUPP,
		     "is unknown as far as is known without /dev/noalias, must be guaranteed");
	wish.promise = NOALIAS_PROMISE_BEST_EFFORT;
	EXPECT_ERROR(noalias_heap_find(&wish, &heap), EOPNOTSUPP,
		     "is unknown as far as is known without /dev/noalias, must be best effort");
}

/* kills: a name believed */
static void names_prove_nothing(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	world_begin();
	world_node("system-uncached", "252:1");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
	wish.promise = NOALIAS_PROMISE_NONE;
	info = found(&wish, "system-uncached");
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UNKNOWN);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	wish.memtype = NOALIAS_MEMTYPE_WC;
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
}

/* kills: the module's word for a node that another driver made first */
static void nodes_of_others_are_told_apart(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_node("system-uncached", "252:1");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
	world_remove("/dev/noalias");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
	world_node("system-uncached", "10:60");
	wish.promise = NOALIAS_PROMISE_NONE;
	EXPECT_EQ(found(&wish, "system-uncached").memtype,
		  NOALIAS_MEMTYPE_UC);
}

/* kills: a heap known by its name only; a link that is nobody's heap */
static void link_is_the_heap(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);

	world_begin();
	world_module();
	world_kernel_heap("system", "252:0");
	world_link("linux,cma-uncached", "system-uncached");
	world_link("plain", "system");
	EXPECT_STR(listed(), "linux,cma-uncached UC guaranteed\n"
		   "plain WB none\nsystem WB none\n"
		   "system-uncached UC guaranteed\n"
		   "system-writecombine WC guaranteed\n");
	EXPECT_EQ(found(&wish, "linux,cma-uncached").limit, 1 << 20);
	world_remove("/dev/noalias");
	EXPECT_STR(listed(), "linux,cma-uncached UC unknown\n"
		   "plain WB none\nsystem WB none\n"
		   "system-uncached UC unknown\n"
		   "system-writecombine WC unknown\n");
}

/* kills: the promise of a node that came after the one that is open */
static void open_heap_stays_what_it_is(void)
{
	struct noalias_heap *ours, *theirs;

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_open("system-uncached", 0, &ours), 0);
	world_remove("/dev/dma_heap/system-uncached");
	world_node("system-uncached", "252:1");
	EXPECT_EQ(info_of(ours).promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(noalias_heap_open("system-uncached", 0, &theirs), 0);
	world_remove("/dev/dma_heap/system-uncached");
	world_node("system-uncached", "10:60");
	EXPECT_EQ(info_of(ours).promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(info_of(theirs).promise, NOALIAS_PROMISE_UNKNOWN);
	noalias_heap_close(ours);
	noalias_heap_close(theirs);
}

/* kills: one heap's promise for the node of another; a file taken for a node */
static void names_may_be_crossed(void)
{
	world_begin();
	world_module();
	world_node("system-uncached", "10:61");
	world_node("system-writecombine", "10:60");
	world_file("/dev/dma_heap/text", "no number");
	world_node("system", "1:5");
	world_file("/sys/class/dma_heap/system/dev", "252:0");
	EXPECT_STR(listed(), "system unknown unknown\n"
		   "system-uncached WC guaranteed\n"
		   "system-writecombine UC guaranteed\n"
		   "text unknown unknown\n");
	world_remove("/dev/noalias");
	EXPECT_STR(listed(), "system unknown unknown\n"
		   "system-uncached WC unknown\n"
		   "system-writecombine UC unknown\n"
		   "text unknown unknown\n");
}

/* kills: a module without numbers believed by its names; not found in sysfs */
static void module_without_numbers(void)
{
	world_begin();
	world_module();
	world.heaps[0].dev_major = world.heaps[0].dev_minor = 0;
	world.heaps[1].dev_major = world.heaps[1].dev_minor = 0;
	world_node("system-writecombine", "252:7");
	EXPECT_STR(listed(), "system-uncached UC guaranteed\n"
		   "system-writecombine unknown unknown\n");
	world_remove("/sys/class/misc/system-uncached/dev");
	EXPECT_STR(listed(), "system-uncached unknown unknown\n"
		   "system-writecombine unknown unknown\n");
}

/* kills: numbers of the module looked for in sysfs; system unknown without it */
static void numbers_without_sysfs(void)
{
	world_begin();
	world_kernel_heap("system", "252:0");
	world_remove("/sys/class/dma_heap/system/dev");
	world_remove("/sys/class/dma_heap/system");
	world_remove("/sys/class/dma_heap");
	world_remove("/sys/class");
	EXPECT_STR(listed(), "system WB none\n");
	world_module();
	world_remove("/sys/class/misc/system-uncached/dev");
	world_remove("/sys/class/misc/system-writecombine/dev");
	EXPECT_STR(listed(), "system unknown unknown\n"
		   "system-uncached UC guaranteed\n"
		   "system-writecombine WC guaranteed\n");
}

/* kills: any misc device taken for the module's, by the word uncached */
static void devices_of_others_are_told_apart(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_remove("/dev/dma_heap/system-uncached");
	world_node("other-uncached", "10:99");
	world_file("/sys/class/misc/other-uncached/dev", "10:99");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
	world_remove("/dev/noalias");
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
	EXPECT_EQ(noalias_heap_open("other-uncached", 0, &heap), 0);
	EXPECT_EQ(info_of(heap).promise, NOALIAS_PROMISE_UNKNOWN);
	noalias_heap_close(heap);
}

/* kills: a module's heap of now taken for one of then, when it left the list */
static void heap_that_module_does_not_name_is_unknown(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_WC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.nr_heaps = 1;
	EXPECT_EQ(noalias_heap_find(&wish, &heap), -ENOENT);
}

/* kills: a loop over the heaps that ends at the first error, or never */
static void a_node_of_another_kind_is_nobody(void)
{
	struct noalias_heap_wish wish = wish_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_NONE, 0);

	world_begin();
	world_module();
	world.failures[WORLD_QUERY] =
		(struct world_failure) { .err = ENOTTY, .times = 1000 };
	EXPECT_EQ(found(&wish, "system-uncached").promise,
		  NOALIAS_PROMISE_UNKNOWN);
	world.failures[WORLD_QUERY] =
		(struct world_failure) { .err = EINTR, .times = 3 };
	wish.promise = NOALIAS_PROMISE_GUARANTEED;
	EXPECT_EQ(found(&wish, "system-uncached").promise,
		  NOALIAS_PROMISE_GUARANTEED);
}

/* --- bad wishes -------------------------------------------------------------- */

/* kills: each check left out */
static void find_refuses_bad_wishes(void)
{
	struct noalias_heap_wish good = wish_for(NOALIAS_MEMTYPE_UC, 0, 0), bad;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_ERROR(noalias_heap_find(NULL, &heap), EINVAL, "wish: is NULL");
	bad = good;
	bad.size = sizeof(bad) - 1;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "wish: size is");
	bad.size = 0;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "size is 0");
	bad = good;
	bad.memtype = NOALIAS_MEMTYPE_UNKNOWN;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "memtype is 0");
	bad.memtype = (enum noalias_memtype)4;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "memtype is 4");
	bad = good;
	bad.promise = (enum noalias_promise)4;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "promise is 4");
	bad = good;
	bad.flags = 0x80000000u;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL,
		     "flags: is 0x80000000");
}

struct longer_wish {
	struct noalias_heap_wish wish;
	uint32_t more[8];
};

/* kills: what a later version asks for passed over in silence */
static void find_takes_longer_wish_of_zeroes(void)
{
	struct longer_wish longer = {
		.wish = wish_for(NOALIAS_MEMTYPE_UC, 0, 0),
	};
	struct noalias_heap *heap;

	world_begin();
	world_module();
	longer.wish.size = sizeof(longer);
	found(&longer.wish, "system-uncached");
	longer.more[7] = 1;
	EXPECT_ERROR(noalias_heap_find(&longer.wish, &heap), E2BIG,
		     "not zero");
}

struct longer_info {
	struct noalias_heap_info info;
	uint32_t more[8];
};

/* kills: a struct written beyond its end; garbage left in what is unknown */
static void query_fills_what_there_is_room_for(void)
{
	struct longer_info longer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_open("system-uncached", 0, &heap), 0);
	memset(&longer, 0xff, sizeof(longer));
	longer.info.size = sizeof(longer) - sizeof(uint32_t);
	EXPECT_EQ(noalias_heap_query(heap, &longer.info), 0);
	EXPECT_EQ(longer.info.size, sizeof(longer) - sizeof(uint32_t));
	EXPECT_EQ(longer.more[0], 0);
	EXPECT_EQ(longer.more[6], 0);
	EXPECT_EQ(longer.more[7], 0xffffffff);
	longer.info.size = sizeof(struct noalias_heap_info) - 1;
	EXPECT_ERROR(noalias_heap_query(heap, &longer.info), EINVAL,
		     "info: size is");
	EXPECT_ERROR(noalias_heap_query(heap, NULL), EINVAL, "NULL");
	noalias_heap_close(heap);
}

/* --- all of them ------------------------------------------------------------- */

/* kills: heaps left out, in no order, or described as another */
static void list_tells_all(void)
{
	struct seen seen = { "", 0 };

	world_begin();
	EXPECT_EQ(noalias_heap_list(see, &seen), 0);
	EXPECT_STR(seen.text, "");
	world_module();
	world_kernel_heap("system", "252:0");
	world_node("reserved", "252:1");
	world.denied = "/dev/dma_heap/system-uncached";
	EXPECT_EQ(noalias_heap_list(see, &seen), 0);
	EXPECT_STR(seen.text, "reserved unknown unknown\nsystem WB none\n"
		   "system-uncached UC guaranteed\n"
		   "system-writecombine WC guaranteed\n");
}

/* kills: a visitor that cannot stop it */
static void list_stops(void)
{
	struct seen seen = { "", 1 };

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_list(see, &seen), 7);
	EXPECT_STR(seen.text, "system-uncached UC guaranteed\n");
}

/* --- all else ---------------------------------------------------------------- */

/* kills: words of another value; NULL for what is not known */
static void names_of_everything(void)
{
	EXPECT_STR(noalias_memtype_name(NOALIAS_MEMTYPE_UNKNOWN), "unknown");
	EXPECT_STR(noalias_memtype_name(NOALIAS_MEMTYPE_WB), "WB");
	EXPECT_STR(noalias_memtype_name(NOALIAS_MEMTYPE_WC), "WC");
	EXPECT_STR(noalias_memtype_name(NOALIAS_MEMTYPE_UC), "UC");
	EXPECT_STR(noalias_memtype_name((enum noalias_memtype)99), "unknown");
	EXPECT_STR(noalias_promise_name(NOALIAS_PROMISE_UNKNOWN), "unknown");
	EXPECT_STR(noalias_promise_name(NOALIAS_PROMISE_NONE), "none");
	EXPECT_STR(noalias_promise_name(NOALIAS_PROMISE_BEST_EFFORT),
		   "best effort");
	EXPECT_STR(noalias_promise_name(NOALIAS_PROMISE_GUARANTEED),
		   "guaranteed");
	EXPECT_STR(noalias_promise_name((enum noalias_promise)99), "unknown");
}

/* kills: close of nothing; a message touched by a call that goes well */
static void success_leaves_the_message(void)
{
	struct noalias_heap *heap;

	world_begin();
	noalias_heap_close(NULL);
	EXPECT_STR(noalias_error_message(), "");
	EXPECT_EQ(noalias_heap_open("none", NOALIAS_HEAP_FALLBACK, &heap), 0);
	EXPECT_STR(noalias_error_message(), "");
	noalias_heap_close(heap);
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
	TAP(find_takes_the_best_it_may_open),
	TAP(find_says_the_nearest_miss),
	TAP(find_without_node),
	TAP(names_prove_nothing),
	TAP(nodes_of_others_are_told_apart),
	TAP(link_is_the_heap),
	TAP(open_heap_stays_what_it_is),
	TAP(names_may_be_crossed),
	TAP(module_without_numbers),
	TAP(numbers_without_sysfs),
	TAP(devices_of_others_are_told_apart),
	TAP(heap_that_module_does_not_name_is_unknown),
	TAP(a_node_of_another_kind_is_nobody),
	TAP(find_refuses_bad_wishes),
	TAP(find_takes_longer_wish_of_zeroes),
	TAP(query_fills_what_there_is_room_for),
	TAP(list_tells_all),
	TAP(list_stops),
	TAP(names_of_everything),
	TAP(success_leaves_the_message),
};

TAP_MAIN(cases)
