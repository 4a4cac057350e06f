/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the world around the engine, as far as scenarios need it
 *
 * The rest of a system: it allocates frames, maps them cached and unmaps them,
 * accesses them. Implemented for the simulated machine and for the kernel,
 * without the engine.
 */
#ifndef SCN_WORLD_H
#define SCN_WORLD_H

#include "interp.h"

/** scn_world_has_high() - are there frames outside of the direct map? */
bool scn_world_has_high(struct na_port *port);

/** scn_world_line() - a line of the text begins. */
void scn_world_line(struct na_port *port, const char *line);

/**
 * scn_world_take() - 2^@order consecutive frames, zeroed through the cache
 * @port: instance
 * @order: 0 to 2
 * @is_high: all of them outside of the direct map; else all of them in it
 * @first: receives the first
 *
 * Return: 0 or -ENOMEM.
 */
int scn_world_take(struct na_port *port, u32 order, bool is_high,
		   struct na_frame *first);

/** scn_world_give() - back to the system. */
void scn_world_give(struct na_port *port, struct na_frame first, u32 order);

/** scn_world_kmap(), scn_world_kunmap() - the pool; the entry stays. */
void *scn_world_kmap(struct na_port *port, struct na_frame frame);
void scn_world_kunmap(struct na_port *port, struct na_frame frame, void *addr);

/** scn_world_vmap(), scn_world_vunmap() - a range; translations stay. */
void *scn_world_vmap(struct na_port *port, struct na_frame frame);
void scn_world_vunmap(struct na_port *port, void *addr);

/** scn_world_poke() - write the first word through a cached mapping. */
void scn_world_poke(struct na_port *port, struct na_frame frame, u8 value);

/** scn_world_load(), scn_world_store() - first word behind a window. */
u8 scn_world_load(struct na_port *port, void *addr);
void scn_world_store(struct na_port *port, void *addr, u8 value);

/** scn_world_hold() - somebody holds, or no longer, a window of the frame. */
void scn_world_hold(struct na_port *port, struct na_frame frame, bool holds);

#endif
