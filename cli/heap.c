// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "heap.h"

#include <errno.h>
#include <strings.h>

#include "cli.h"
#include "file.h"

enum noalias_memtype heap_parse_type(const char *word)
{
	if (!strcasecmp(word, "UC"))
		return NOALIAS_MEMTYPE_UC;
	if (!strcasecmp(word, "WC"))
		return NOALIAS_MEMTYPE_WC;
	return NOALIAS_MEMTYPE_UNKNOWN;
}

static int explain(int err)
{
	const char *message = noalias_error_message();

	if (err == -EACCES || err == -EPERM)
		return cli_trouble("%s; see noalias doctor for the group that may",
				   message);
	if (err == -ENOENT && !file_module_is_loaded())
		return cli_trouble("there is no such heap, and the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	return cli_trouble("%s; see noalias list", message);
}

/* A heap whose type follows only from its name is not accepted. */
static int check_type(struct noalias_heap *heap, enum noalias_memtype type)
{
	struct noalias_heap_info info = { .size = sizeof(info) };

	if (noalias_heap_query(heap, &info))
		return cli_trouble("%s", noalias_error_message());
	if (info.memtype == type)
		return CLI_CLEAN;
	return cli_trouble("no heap is known to have %s; --heap %s takes that one at its name",
			   noalias_memtype_name(type), info.name);
}

static int open_type(enum noalias_memtype type, struct noalias_heap **heap)
{
	/* Any promise will do; it is printed if it is known. */
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = type,
		.promise = NOALIAS_PROMISE_NONE,
	};
	int err = noalias_heap_find(&request, heap);

	if (err)
		return explain(err);
	err = check_type(*heap, type);
	if (err)
		noalias_heap_close(*heap);
	return err;
}

int heap_open(const char *name, enum noalias_memtype type,
	      struct noalias_heap **heap)
{
	int err;

	if (!name)
		return open_type(type, heap);
	err = noalias_heap_open(name, 0, heap);
	return err ? explain(err) : CLI_CLEAN;
}
