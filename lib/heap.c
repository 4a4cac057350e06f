// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Heaps: open by name or by properties, and the fallback.
 */
#include <libnoalias/heap.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extensible.h"
#include "heap.h"

LIB_PUBLIC const char *noalias_memtype_name(enum noalias_memtype memtype)
{
	switch (memtype) {
	case NOALIAS_MEMTYPE_WB:
		return "WB";
	case NOALIAS_MEMTYPE_WC:
		return "WC";
	case NOALIAS_MEMTYPE_UC:
		return "UC";
	default:
		return "unknown";
	}
}

LIB_PUBLIC const char *noalias_promise_name(enum noalias_promise promise)
{
	switch (promise) {
	case NOALIAS_PROMISE_NONE:
		return "none";
	case NOALIAS_PROMISE_BEST_EFFORT:
		return "best effort";
	case NOALIAS_PROMISE_GUARANTEED:
		return "guaranteed";
	default:
		return "unknown";
	}
}

/* --- opening ----------------------------------------------------------------- */

static int open_node(const char *name)
{
	char path[sizeof(LIB_HEAP_DIR "/") + NOALIAS_NAME_LEN];
	int fd;

	snprintf(path, sizeof(path), LIB_HEAP_DIR "/%s", name);
	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static int create_heap(int fd, enum lib_source source,
		       const struct noalias_heap_info *known,
		       struct noalias_heap **heap)
{
	*heap = calloc(1, sizeof(**heap));
	if (!*heap) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	(*heap)->fd = fd;
	(*heap)->source = source;
	(*heap)->known = *known;
	return 0;
}

/* Sets no message. */
static int try_heap(const struct noalias_heap_info *info,
		    struct noalias_heap **heap)
{
	int fd = open_node(info->name);

	return fd < 0 ? fd : create_heap(fd, LIB_SOURCE_NODE, info, heap);
}

/* --- fallback ------------------------------------------------------------- */

static int try_udmabuf(struct noalias_heap_info *info,
		       struct noalias_heap **heap)
{
	int fd = open(LIB_UDMABUF, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	strcpy(info->name, "udmabuf");
	return create_heap(fd, LIB_SOURCE_UDMABUF, info, heap);
}

/* Does the fallback apply to this error? */
static bool is_absence(int err)
{
	switch (-err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
	case ENOTDIR:
	case EACCES:
	case EPERM:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

/* Open a fallback after error @why. Return: 0, or an error; no message. */
static int open_fallback(int why, struct noalias_heap **heap)
{
	struct noalias_heap_info info = {
		.size = sizeof(info), .memtype = NOALIAS_MEMTYPE_WB,
		.promise = NOALIAS_PROMISE_NONE, .fallback = -why,
		.name = "system",
	};
	int err = try_heap(&info, heap);

	if (is_absence(err))
		err = try_udmabuf(&info, heap);
	if (!is_absence(err))
		return err;
	strcpy(info.name, "memfd");
	return create_heap(-1, LIB_SOURCE_MEMFD, &info, heap);
}

static int check_flags(uint32_t flags)
{
	if (flags & ~NOALIAS_HEAP_FALLBACK)
		return lib_fail(EINVAL, "flags: is %#x, may be %#x or 0", flags,
				NOALIAS_HEAP_FALLBACK);
	return 0;
}

/* --- by name ----------------------------------------------------------------- */

static int check_name(const char *name)
{
	if (!name)
		return lib_fail(EINVAL, "name: is NULL");
	if (!*name || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return lib_fail(EINVAL, "name: '%.64s' is not a valid heap name",
				name);
	if (strlen(name) >= NOALIAS_NAME_LEN)
		return lib_fail(EINVAL, "name: has %zu characters, limit %d",
				strlen(name), NOALIAS_NAME_LEN - 1);
	return 0;
}

static int open_failed(const char *name, int err)
{
	return lib_fail(-err, err == -ENOENT ?
			"heap %s: there is no " LIB_HEAP_DIR "/%s; is the module noalias loaded?" :
			"heap %s: " LIB_HEAP_DIR "/%s cannot be opened",
			name, name);
}

LIB_PUBLIC int noalias_heap_open(const char *name, uint32_t flags,
				 struct noalias_heap **heap)
{
	struct noalias_heap_info info;
	int err = check_name(name);

	if (!err)
		err = check_flags(flags);
	if (err)
		return err;
	err = lib_heap_describe(name, -1, &info);
	if (!err)
		err = try_heap(&info, heap);
	if (is_absence(err) && flags & NOALIAS_HEAP_FALLBACK)
		err = open_fallback(err, heap);
	return err ? open_failed(name, err) : 0;
}

/* --- list ----------------------------------------------------------------- */

struct list {
	struct noalias_heap_info *infos;
	size_t nr;
};

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       strlen(entry->d_name) < NOALIAS_NAME_LEN;
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static int describe_all(struct dirent **entries, size_t nr, struct list *list)
{
	int err = 0;

	/* One more, because calloc() of 0 members may return NULL. */
	list->infos = calloc(nr + 1, sizeof(*list->infos));
	if (!list->infos)
		return -ENOMEM;
	for (list->nr = 0; !err && list->nr < nr; list->nr++)
		err = lib_heap_describe(entries[list->nr]->d_name, -1,
					&list->infos[list->nr]);
	if (err)
		free(list->infos);
	return err;
}

/* Sorted by name; the caller frees the infos. Sets no message. */
static int read_list(struct list *list)
{
	struct dirent **entries = NULL;
	int nr = scandir(LIB_HEAP_DIR, &entries, is_shown, by_name), i, err;

	if (nr < 0 && errno != ENOENT && errno != ENOTDIR)
		return -errno;
	if (nr < 0)
		nr = 0;
	err = describe_all(entries, (size_t)nr, list);
	for (i = 0; i < nr; i++)
		free(entries[i]);
	free(entries);
	return err;
}

LIB_PUBLIC int noalias_heap_list(int (*visit)(const struct noalias_heap_info *,
					      void *), void *arg)
{
	struct list list = { 0 };
	int err = read_list(&list);
	size_t i;

	if (err)
		return lib_fail(-err, "heaps: " LIB_HEAP_DIR " cannot be read");
	for (i = 0; !err && i < list.nr; i++)
		err = visit(&list.infos[i], arg);
	free(list.infos);
	return err;
}

/* --- by properties -------------------------------------------------------- */

struct search {
	enum noalias_memtype memtype;
	enum noalias_promise least;
	struct list list;
	/* The best heap that does not meet the request, and why. */
	const struct noalias_heap_info *miss;
	int err;
};

/* Without a required promise the name of a heap is trusted. */
static bool has_memtype(const struct search *search,
			const struct noalias_heap_info *info)
{
	if (info->memtype != NOALIAS_MEMTYPE_UNKNOWN ||
	    search->least > NOALIAS_PROMISE_NONE)
		return info->memtype == search->memtype;
	return lib_memtype_named(info->name) == search->memtype;
}

static void note_miss(struct search *search,
		      const struct noalias_heap_info *info, int err)
{
	/*
	 * A heap that may not be opened is better than one that promises less.
	 */
	if (!search->miss || err != -EOPNOTSUPP) {
		search->miss = info;
		search->err = err;
	}
}

static bool is_good(const struct search *search,
		    const struct noalias_heap_info *info)
{
	return info->promise >= search->least ||
	       search->least == NOALIAS_PROMISE_NONE;
}

/*
 * Memory below 4 GiB and in one piece is scarce: for who asks for it by name, or
 * has no other.
 */
static bool is_scarce(const struct noalias_heap_info *info)
{
	return info->is_contiguous || !strcmp(info->zone, "dma32");
}

/* Heaps that are tried in one go. */
struct choice {
	enum noalias_promise promise;
	bool is_known;
	bool is_scarce;
};

static bool is_chosen(const struct search *search,
		      const struct noalias_heap_info *info,
		      const struct choice *choice)
{
	bool is_known = info->memtype != NOALIAS_MEMTYPE_UNKNOWN;

	return info->promise == choice->promise && has_memtype(search, info) &&
	       is_known == choice->is_known &&
	       is_scarce(info) == choice->is_scarce;
}

/* Return: 0, or an error, which is noted. */
static int try_choice(struct search *search, const struct choice *choice,
		      struct noalias_heap **heap)
{
	size_t i;
	int err;

	for (i = 0; i < search->list.nr; i++) {
		const struct noalias_heap_info *info = &search->list.infos[i];

		if (!is_chosen(search, info, choice))
			continue;
		err = is_good(search, info) ? try_heap(info, heap) :
					      -EOPNOTSUPP;
		if (!err)
			return 0;
		note_miss(search, info, err);
	}
	return search->err;
}

/* Those with one promise: known ones first, of each the plain ones first. */
static int try_promise(struct search *search, enum noalias_promise promise,
		       struct noalias_heap **heap)
{
	struct choice choice = { .promise = promise };
	int i, err = -ENOENT;

	for (i = 0; err && i < 4; i++) {
		choice.is_known = i < 2;
		choice.is_scarce = i & 1;
		err = try_choice(search, &choice, heap);
	}
	return err;
}

static int try_all(struct search *search, struct noalias_heap **heap)
{
	int promise, err = -ENOENT;

	search->err = -ENOENT;
	for (promise = NOALIAS_PROMISE_GUARANTEED;
	     err && promise >= NOALIAS_PROMISE_UNKNOWN; promise--)
		err = try_promise(search, (enum noalias_promise)promise, heap);
	if (!err)
		(*heap)->least = search->least > NOALIAS_PROMISE_NONE ?
				 search->least : NOALIAS_PROMISE_UNKNOWN;
	return err;
}

static int find_failed(const struct search *search, int err)
{
	if (err == -ENOENT && !search->miss)
		return lib_fail(ENOENT, "memtype: no heap in " LIB_HEAP_DIR " is known to have %s; is the module noalias loaded?",
				noalias_memtype_name(search->memtype));
	if (err == -EOPNOTSUPP)
		return lib_fail(EOPNOTSUPP, "promise: of heap %s is %s%s, must be %s or better",
				search->miss->name,
				noalias_promise_name(search->miss->promise),
				access("/dev/noalias", R_OK) ?
				" as far as is known without /dev/noalias" : "",
				noalias_promise_name(search->least));
	if (!search->miss)
		return lib_fail(-err, "heaps: " LIB_HEAP_DIR " cannot be read");
	return open_failed(search->miss->name, err);
}

static int check_request(const struct noalias_heap_request *request)
{
	if (request->memtype != NOALIAS_MEMTYPE_WB &&
	    request->memtype != NOALIAS_MEMTYPE_WC &&
	    request->memtype != NOALIAS_MEMTYPE_UC)
		return lib_fail(EINVAL, "request: memtype is %d, must be WB (1), WC (2) or UC (3)",
				(int)request->memtype);
	if ((unsigned int)request->promise > NOALIAS_PROMISE_GUARANTEED)
		return lib_fail(EINVAL, "request: promise is %d, limit %d",
				(int)request->promise, NOALIAS_PROMISE_GUARANTEED);
	return check_flags(request->flags);
}

static enum noalias_promise least_of(const struct noalias_heap_request *request)
{
	if (request->promise)
		return request->promise;
	return request->memtype == NOALIAS_MEMTYPE_WB ? NOALIAS_PROMISE_NONE :
						     NOALIAS_PROMISE_GUARANTEED;
}

LIB_PUBLIC int noalias_heap_find(const struct noalias_heap_request *theirs,
				 struct noalias_heap **heap)
{
	struct noalias_heap_request request;
	struct search search = { 0 };
	int err = lib_take("request", &request, theirs, sizeof(request));

	if (!err)
		err = check_request(&request);
	if (err)
		return err;
	search.memtype = request.memtype;
	search.least = least_of(&request);
	err = read_list(&search.list);
	if (!err)
		err = try_all(&search, heap);
	if (is_absence(err) && request.flags & NOALIAS_HEAP_FALLBACK)
		err = open_fallback(err, heap);
	if (err)
		find_failed(&search, err);
	free(search.list.infos);
	return err;
}

/* --- query and close ------------------------------------------------------ */

LIB_PUBLIC int noalias_heap_query(const struct noalias_heap *heap,
				  struct noalias_heap_info *info)
{
	struct noalias_heap_info known = heap->known;
	int err = 0;

	if (heap->source == LIB_SOURCE_NODE)
		err = lib_heap_describe(heap->known.name, heap->fd, &known);
	if (err)
		return lib_fail(-err, "heap %s: cannot ask the module",
				heap->known.name);
	known.fallback = heap->known.fallback;
	return lib_give("info", info, &known, sizeof(known));
}

LIB_PUBLIC void noalias_heap_close(struct noalias_heap *heap)
{
	if (!heap)
		return;
	if (heap->fd >= 0)
		close(heap->fd);
	free(heap);
}
