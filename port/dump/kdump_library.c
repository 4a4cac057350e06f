// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Loading libkdumpfile.
 *
 * A command that is linked statically cannot: dlopen() there needs the very
 * glibc that it was linked with, and crashes with another. It is looked up and
 * not called by name: a static program has no table of symbols, so that it is
 * not found there, and its linker has nothing to warn about.
 */
#include <dlfcn.h>

#include "kdump_library.h"

#define LIBRARY "libkdumpfile.so.10"

/* A pointer to a function has the size of one to an object in POSIX. */
static bool find(struct na_kdump_library *library, const char *name, void *to)
{
	void *symbol = dlsym(library->handle, name);

	memcpy(to, &symbol, sizeof(symbol));
	return symbol;
}

static bool find_all(struct na_kdump_library *library)
{
	return find(library, "kdump_new", &library->create) &&
	       find(library, "kdump_free", &library->destroy) &&
	       find(library, "kdump_open_fdset", &library->open) &&
	       find(library, "kdump_set_attr", &library->set) &&
	       find(library, "kdump_get_typed_attr", &library->get) &&
	       find(library, "kdump_read", &library->read) &&
	       find(library, "kdump_get_err", &library->error) &&
	       find(library, "kdump_bmp_get_bits", &library->get_bits) &&
	       find(library, "kdump_bmp_find_set", &library->find_set) &&
	       find(library, "kdump_bmp_find_clear", &library->find_clear);
}

int na_kdump_library_open(struct na_kdump_library *library, const char *name,
			  struct na_notes *notes)
{
	void *(*load)(const char *file, int flags);

	library->handle = RTLD_DEFAULT;
	if (!find(library, "dlopen", &load))
		return na_notes_fail(notes, "%s: is a KDUMP file, and this command is linked statically and cannot load " LIBRARY "; use one that is not",
				     name);
	library->handle = load(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!library->handle)
		return na_notes_fail(notes, "%s: is a KDUMP file: install libkdumpfile10, which has " LIBRARY ", to read it",
				     name);
	if (find_all(library))
		return 0;
	na_kdump_library_close(library);
	return na_notes_fail(notes, "%s: is a KDUMP file, and the installed libkdumpfile is older than 0.5.1",
			     name);
}

void na_kdump_library_close(struct na_kdump_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	library->handle = NULL;
}
