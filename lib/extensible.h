/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Structs of callers built against another version of the library: the first
 * member is the size of the caller's struct; later versions are longer.
 */
#ifndef LIB_EXTENSIBLE_H
#define LIB_EXTENSIBLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "internal.h"

static inline bool lib_is_zero(const void *mem, size_t len)
{
	const unsigned char *byte = mem;

	while (len && !*byte) {
		byte++;
		len--;
	}
	return !len;
}

static inline int lib_check_size(const char *what, size_t size, size_t least)
{
	if (size >= least)
		return 0;
	return lib_fail(EINVAL, "%s: size is %zu, must be %zu or more", what,
			size, least);
}

/**
 * lib_take() - copy a struct from the caller
 * @what: its name, for the message
 * @ours: receives the copy
 * @theirs: begins with its size
 * @len: bytes of @ours
 *
 * Return: 0; -EINVAL it is NULL or too short; -E2BIG a member that this version
 * does not know is not 0.
 */
static inline int lib_take(const char *what, void *ours, const void *theirs,
			   size_t len)
{
	size_t size;
	int err;

	if (!theirs)
		return lib_fail(EINVAL, "%s: is NULL", what);
	memcpy(&size, theirs, sizeof(size));
	err = lib_check_size(what, size, len);
	if (err)
		return err;
	if (!lib_is_zero((const char *)theirs + len, size - len))
		return lib_fail(E2BIG, "%s: size is %zu, and what lies behind byte %zu is not zero",
				what, size, len);
	memcpy(ours, theirs, len);
	return 0;
}

/**
 * lib_give() - copy a struct to the caller
 * @what: its name, for the message
 * @theirs: begins with its size, which is not changed
 * @ours: the struct to copy
 * @len: bytes of @ours
 *
 * Return: 0; -EINVAL it is NULL or too short.
 */
static inline int lib_give(const char *what, void *theirs, const void *ours,
			   size_t len)
{
	size_t size;
	int err;

	if (!theirs)
		return lib_fail(EINVAL, "%s: is NULL", what);
	memcpy(&size, theirs, sizeof(size));
	err = lib_check_size(what, size, len);
	if (err)
		return err;
	memcpy((char *)theirs + sizeof(size), (const char *)ours + sizeof(size),
	       len - sizeof(size));
	memset((char *)theirs + len, 0, size - len);
	return 0;
}

#endif
