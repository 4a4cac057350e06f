/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libkdumpfile, loaded when a file needs it.
 *
 * Its calls and types are declared here, as far as they are used, so that its
 * headers are not needed to build. They are those of libkdumpfile.so.10, which
 * is in every Debian since 12; the number would change with them.
 */
#ifndef NA_DUMP_KDUMP_LIBRARY_H
#define NA_DUMP_KDUMP_LIBRARY_H

#include <na_platform.h>

#include "notes.h"

/* Of enum _kdump_addrspace. */
#define NA_KDUMP_MACHINE	1

/* Of enum _kdump_attr_type. */
#define NA_KDUMP_NUMBER		2
#define NA_KDUMP_BITMAP		5

struct na_kdump_context;
struct na_kdump_bitmap;

/**
 * struct na_kdump_attr - a value with its type
 * @type: one of the above
 * @number: a number
 * @bitmap: a bitmap
 */
struct na_kdump_attr {
	int type;
	union {
		u64 number;
		struct na_kdump_bitmap *bitmap;
	};
};

/**
 * struct na_kdump_library - what was loaded; a status of 0 is no error
 * @handle: of dlopen()
 * @create: kdump_new()
 * @destroy: kdump_free()
 * @open: kdump_open_fdset()
 * @set: kdump_set_attr()
 * @get: kdump_get_typed_attr()
 * @read: kdump_read()
 * @error: kdump_get_err()
 * @get_bits: kdump_bmp_get_bits()
 * @find_set: kdump_bmp_find_set()
 * @find_clear: kdump_bmp_find_clear()
 */
struct na_kdump_library {
	void *handle;
	struct na_kdump_context *(*create)(void);
	void (*destroy)(struct na_kdump_context *context);
	int (*open)(struct na_kdump_context *context, unsigned int nr,
		    const int *fds);
	int (*set)(struct na_kdump_context *context, const char *key,
		   const struct na_kdump_attr *attr);
	int (*get)(struct na_kdump_context *context, const char *key,
		   struct na_kdump_attr *attr);
	int (*read)(struct na_kdump_context *context, int space, u64 address,
		    void *to, size_t *len);
	const char *(*error)(struct na_kdump_context *context);
	int (*get_bits)(struct na_kdump_bitmap *bitmap, u64 first, u64 last,
			u8 *bits);
	int (*find_set)(struct na_kdump_bitmap *bitmap, u64 *idx);
	int (*find_clear)(struct na_kdump_bitmap *bitmap, u64 *idx);
};

/**
 * na_kdump_library_open() - load it
 * @name: of the file that needs it, for the error
 *
 * Return: 0, or -1 after an error that names the package.
 */
int na_kdump_library_open(struct na_kdump_library *library, const char *name,
			  struct na_notes *notes);

/** na_kdump_library_close() - unload it. */
void na_kdump_library_close(struct na_kdump_library *library);

#endif
