/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_EXPORT_H
#define NA_MODULE_EXPORT_H

#include <noalias/machine.h>

/**
 * na_export_init() - which machine the exported calls work on
 *
 * Other modules can call as soon as module init has returned, so this comes
 * before.
 */
void na_export_init(struct na_machine *machine);

#endif
