/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An array that grows by doubling up to a stated number of items.
 */
#ifndef NA_ENGINE_VEC_H
#define NA_ENGINE_VEC_H

#include <noalias/port.h>

/**
 * struct na_vec - caller's memory
 * @items: the array; moves when it grows
 * @size: bytes of one item
 * @nr: items in use
 * @room: items that fit without growing
 * @max: items that it may ever have
 */
struct na_vec {
	void *items;
	size_t size;
	u32 nr;
	u32 room;
	u32 max;
};

/** na_vec_init() - make an empty array; allocates nothing. Context: any. */
void na_vec_init(struct na_vec *vec, size_t size, u32 max);

/** na_vec_fini() - free the array. */
void na_vec_fini(struct na_vec *vec, struct na_port *port);

/**
 * na_vec_take() - pass ownership of the array to the caller
 *
 * @vec is empty afterwards. Return: the array, to be freed with na_port_free();
 * NULL if it was empty. Context: any.
 */
void *na_vec_take(struct na_vec *vec);

/**
 * na_vec_push() - append a copy of @item
 *
 * Context: may sleep. Return: 0; -ENOSPC it has @max items; -ENOMEM.
 */
int na_vec_push(struct na_vec *vec, struct na_port *port, const void *item);

#endif
