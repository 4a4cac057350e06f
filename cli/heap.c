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
		return cli_trouble("%s; noalias doctor tells which group may",
				   message);
	if (err == -ENOENT && !file_module_is_loaded())
		return cli_trouble("there is no such heap, and the module is not loaded; as root: modprobe noalias (noalias doctor tells more)");
	return cli_trouble("%s; noalias list shows what there is", message);
}

int heap_open(const char *name, enum noalias_memtype type,
	      struct noalias_heap **heap)
{
	/* At its name: the least that is known is printed beside it. */
	struct noalias_heap_wish wish = {
		.size = sizeof(wish), .memtype = type,
		.promise = NOALIAS_PROMISE_BEST_EFFORT,
	};
	int err = name ? noalias_heap_open(name, 0, heap) :
			 noalias_heap_find(&wish, heap);

	return err ? explain(err) : CLI_CLEAN;
}
