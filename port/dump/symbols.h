/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the kernel's symbols out of an image
 *
 * Kernels since 6.0 say in VMCOREINFO where kallsyms has its tables. Their
 * layout is not said; it is known by the address of a symbol that both have.
 */
#ifndef NA_DUMP_SYMBOLS_H
#define NA_DUMP_SYMBOLS_H

#include "kernel.h"
#include "vmcoreinfo.h"

/**
 * na_symbols_load() - read all of them
 * @kernel: kernel whose memory can be read
 * @info: says where the tables are
 *
 * Time and memory are bounded, whatever the tables say.
 *
 * Return: the symbols, na_symbols_destroy() frees them; NULL if there are none
 * or they make no sense.
 */
struct na_symbols *na_symbols_load(struct na_kernel *kernel,
				   const struct na_vmcoreinfo *info);

/** na_symbols_destroy() - free them; NULL is allowed. */
void na_symbols_destroy(struct na_symbols *symbols);

/** na_symbols_find() - address of a symbol, the first of that name; 0: none. */
u64 na_symbols_find(const struct na_symbols *symbols, const char *name);

/**
 * na_symbols_at() - the last symbol at or before an address
 * @symbols: symbols, or NULL
 * @kernel: the same kernel
 * @address: address; above the image's end it is that of its last symbol
 * @name: receives it, cut if need be
 * @len: room in @name
 *
 * Return: false if there is none.
 */
bool na_symbols_at(const struct na_symbols *symbols, struct na_kernel *kernel,
		   u64 address, char *name, size_t len);

/** na_symbols_count() - how many there are. */
u32 na_symbols_count(const struct na_symbols *symbols);

#endif
