// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Heaps: what is said with less knowledge, and of bad requests.
 */
#define _GNU_SOURCE
#include "heap_facts.h"

/* --- with less knowledge ----------------------------------------------------- */

/* kills: more said than is known; nothing said though sysfs knows; a heap
 * with a name alone before one that is known
 */
static void find_without_node(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_WC,
			NOALIAS_PROMISE_NONE, 0);
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_node("a-writecombine", "252:7");
	world.denied = "/dev/noalias";
	info = found(&request, "system-writecombine");
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WC);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(info.limit, 0);
	EXPECT_STR(info.zone, "");
	world_remove("/dev/noalias");
	found(&request, "system-writecombine");
	request.promise = 0;
	EXPECT_ERROR(noalias_heap_find(&request, &heap), EOPNOTSUPP,
		     "is unknown as far as is known without /dev/noalias, must be guaranteed");
	request.promise = NOALIAS_PROMISE_BEST_EFFORT;
	EXPECT_ERROR(noalias_heap_find(&request, &heap), EOPNOTSUPP,
		     "is unknown as far as is known without /dev/noalias, must be best effort");
}

/* kills: a name believed */
static void names_prove_nothing(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	world_begin();
	world_node("system-uncached", "252:1");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
	request.promise = NOALIAS_PROMISE_NONE;
	info = found(&request, "system-uncached");
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UNKNOWN);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	request.memtype = NOALIAS_MEMTYPE_WC;
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
}

/* kills: the module's word for a node that another driver made first */
static void nodes_of_others_are_told_apart(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_node("system-uncached", "252:1");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
	world_remove("/dev/noalias");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
	world_node("system-uncached", "10:60");
	request.promise = NOALIAS_PROMISE_NONE;
	EXPECT_EQ(found(&request, "system-uncached").memtype,
		  NOALIAS_MEMTYPE_UC);
}

/* kills: a heap known by its name only; a link that is nobody's heap */
static void link_is_the_heap(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
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
	EXPECT_EQ(found(&request, "linux,cma-uncached").limit, 1 << 20);
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
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_remove("/dev/dma_heap/system-uncached");
	world_node("other-uncached", "10:99");
	world_file("/sys/class/misc/other-uncached/dev", "10:99");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
	world_remove("/dev/noalias");
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
	EXPECT_EQ(noalias_heap_open("other-uncached", 0, &heap), 0);
	EXPECT_EQ(info_of(heap).promise, NOALIAS_PROMISE_UNKNOWN);
	noalias_heap_close(heap);
}

/* kills: a module's heap of now taken for one of then, when it left the list */
static void heap_that_module_does_not_name_is_unknown(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_WC,
			NOALIAS_PROMISE_BEST_EFFORT, 0);
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.nr_heaps = 1;
	EXPECT_EQ(noalias_heap_find(&request, &heap), -ENOENT);
}

/* kills: a loop over the heaps that ends at the first error, or never */
static void a_node_of_another_kind_is_nobody(void)
{
	struct noalias_heap_request request = request_for(NOALIAS_MEMTYPE_UC,
			NOALIAS_PROMISE_NONE, 0);

	world_begin();
	world_module();
	world.failures[WORLD_QUERY] =
		(struct world_failure) { .err = ENOTTY, .times = 1000 };
	EXPECT_EQ(found(&request, "system-uncached").promise,
		  NOALIAS_PROMISE_UNKNOWN);
	world.failures[WORLD_QUERY] =
		(struct world_failure) { .err = EINTR, .times = 3 };
	request.promise = NOALIAS_PROMISE_GUARANTEED;
	EXPECT_EQ(found(&request, "system-uncached").promise,
		  NOALIAS_PROMISE_GUARANTEED);
}

/* --- bad requests -------------------------------------------------------------- */

/* kills: each check left out */
static void find_refuses_bad_requests(void)
{
	struct noalias_heap_request good = request_for(NOALIAS_MEMTYPE_UC, 0, 0), bad;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_ERROR(noalias_heap_find(NULL, &heap), EINVAL, "request: is NULL");
	bad = good;
	bad.size = sizeof(bad) - 1;
	EXPECT_ERROR(noalias_heap_find(&bad, &heap), EINVAL, "request: size is");
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

struct longer_request {
	struct noalias_heap_request request;
	uint32_t more[8];
};

/* kills: what a later version asks for passed over in silence */
static void find_takes_longer_request_of_zeroes(void)
{
	struct longer_request longer = {
		.request = request_for(NOALIAS_MEMTYPE_UC, 0, 0),
	};
	struct noalias_heap *heap;

	world_begin();
	world_module();
	longer.request.size = sizeof(longer);
	found(&longer.request, "system-uncached");
	longer.more[7] = 1;
	EXPECT_ERROR(noalias_heap_find(&longer.request, &heap), E2BIG,
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
	TAP(find_refuses_bad_requests),
	TAP(find_takes_longer_request_of_zeroes),
	TAP(query_fills_what_there_is_room_for),
	TAP(list_tells_all),
	TAP(list_stops),
	TAP(names_of_everything),
	TAP(success_leaves_the_message),
};

TAP_MAIN(cases)
