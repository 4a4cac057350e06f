/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Opening a heap as the user named it: by name, or by memory type.
 */
#ifndef NA_CLI_HEAP_H
#define NA_CLI_HEAP_H

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>
#include <libnoalias/heap.h>

/** heap_parse_type() - "UC" or "WC", in any case; UNKNOWN when it is neither. */
enum noalias_memtype heap_parse_type(const char *word);

/**
 * heap_open() - open it
 * @name: of the heap, or NULL
 * @type: if there is no name
 * @heap: receives it
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after saying why and what helps.
 */
int heap_open(const char *name, enum noalias_memtype type,
	      struct noalias_heap **heap);

#endif
