// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Vec: the engine's growing array. While it grows, old and new array exist
 * together, so the peak is one and a half times the largest size.
 */
#include "vec.h"

#define ROOM_MIN 64u

void na_vec_init(struct na_vec *vec, size_t size, u32 max)
{
	*vec = (struct na_vec){ .size = size, .max = max };
}

void na_vec_fini(struct na_vec *vec, struct na_port *port)
{
	na_port_free(port, vec->items);
	vec->items = NULL;
	vec->nr = 0;
	vec->room = 0;
}

void *na_vec_take(struct na_vec *vec)
{
	void *items = vec->items;

	vec->items = NULL;
	vec->nr = 0;
	vec->room = 0;
	return items;
}

static int grow(struct na_vec *vec, struct na_port *port)
{
	u32 room = vec->room ? vec->room * 2 : ROOM_MIN;
	void *items;

	if (room > vec->max)
		room = vec->max;
	(void)NA_ASSERT(room > vec->nr);
	items = na_port_alloc(port, vec->size * room);
	if (!items)
		return -ENOMEM;
	if (vec->nr)
		na_memcpy(items, vec->items, vec->size * vec->nr);
	na_port_free(port, vec->items);
	vec->items = items;
	vec->room = room;
	return 0;
}

int na_vec_push(struct na_vec *vec, struct na_port *port, const void *item)
{
	int err;

	(void)NA_ASSERT(vec->nr <= vec->room && vec->room <= vec->max);
	if (vec->nr == vec->max)
		return -ENOSPC;
	if (vec->nr == vec->room) {
		err = grow(vec, port);
		if (err)
			return err;
	}
	na_memcpy((char *)vec->items + vec->size * vec->nr, item, vec->size);
	vec->nr++;
	return 0;
}
