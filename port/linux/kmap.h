/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef NA_LINUX_KMAP_H
#define NA_LINUX_KMAP_H

#include "port.h"

/**
 * na_linux_kmap_init() - find a way to purge the kmap pool
 *
 * Return: 0, or -ENOMEM.
 */
int na_linux_kmap_init(struct na_port *port);

/** na_linux_kmap_fini() - undo na_linux_kmap_init(). */
void na_linux_kmap_fini(struct na_port *port);

#endif
