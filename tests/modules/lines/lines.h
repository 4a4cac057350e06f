/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LINES_H
#define LINES_H

#include "lines_uapi.h"

/**
 * lines_buffer_new() - a dma-buf that an importer cannot use, its memory not mapped
 * @kind: why not
 *
 * Return: a descriptor, which the caller owns, or a negative errno.
 */
int lines_buffer_new(enum lines_buffer kind);

#endif
