/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the kernel's types, from BTF
 *
 * BTF is the description of its types that a kernel carries for eBPF. From it
 * come sizes of structs and offsets of members, so that no version of a kernel
 * has to be known.
 */
#ifndef NA_DUMP_BTF_H
#define NA_DUMP_BTF_H

#include <na_platform.h>

#define NA_BTF_LEN_MAX	(64u << 20)

struct na_btf;

/**
 * na_btf_create() - index BTF
 * @bytes: the whole of it, from malloc(); owned by the result, also of NULL
 * @len: its length
 *
 * Where a type is of a kind that neither this code nor the data describe, the
 * types after it are not known.
 *
 * Return: NULL if it is no BTF, or out of memory.
 */
struct na_btf *na_btf_create(void *bytes, size_t len);

/** na_btf_destroy() - free it; NULL is allowed. */
void na_btf_destroy(struct na_btf *btf);

/** na_btf_count() - how many types there are, "void" not counted. */
u32 na_btf_count(const struct na_btf *btf);

/**
 * na_btf_member() - offset of a member in bytes
 * @btf: types
 * @type: name of a struct or union
 * @member: its name; also a member of members without a name
 *
 * Return: -1 if type or member is not known.
 */
long na_btf_member(const struct na_btf *btf, const char *type,
		   const char *member);

/** na_btf_sizeof() - size of a struct or union in bytes; -1: not known. */
long na_btf_sizeof(const struct na_btf *btf, const char *type);

#endif
