/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Opening a heap by name or by memory type.
 */
#ifndef NA_CLI_HEAP_H
#define NA_CLI_HEAP_H

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>
#include <libnoalias/heap.h>

/** heap_parse_type() - parse "UC" or "WC", in any case; else UNKNOWN. */
enum noalias_memtype heap_parse_type(const char *word);

/**
 * heap_open() - open a heap
 * @name: name of the heap, or NULL
 * @type: memory type, if @name is NULL
 * @heap: receives it
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message with cause and remedy.
 */
int heap_open(const char *name, enum noalias_memtype type,
	      struct noalias_heap **heap);

#endif
