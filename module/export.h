/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_EXPORT_H
#define NA_MODULE_EXPORT_H

struct noalias;

/**
 * na_export_init() - set the module that exported calls use
 * @noalias: the module
 *
 * Other modules can call as soon as module init has returned, so it is called
 * before.
 */
void na_export_init(struct noalias *noalias);

#endif
