/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: libnoalias
 *
 * Uncached and write-combined memory without cached aliases, copy functions for
 * it, and windows over files larger than the address space. Each subject has
 * its own header; this one includes them all.
 */
#ifndef LIBNOALIAS_H
#define LIBNOALIAS_H

#include <libnoalias/buffer.h>
#include <libnoalias/copy.h>
#include <libnoalias/error.h>
#include <libnoalias/heap.h>
#include <libnoalias/window.h>

#endif
