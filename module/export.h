/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_EXPORT_H
#define NA_MODULE_EXPORT_H

struct noalias;

/**
 * na_export_init() - whose machine the exported calls work on
 * @noalias: the module
 *
 * Other modules can call as soon as module init has returned, so this comes
 * before.
 */
void na_export_init(struct noalias *noalias);

#endif
