/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What happens when a mapped file cannot be read any more.
 */
#ifndef NA_DUMP_FAULT_H
#define NA_DUMP_FAULT_H

#include "file.h"

#define NA_FAULT_STATUS		2

/**
 * na_fault_watch() - end the process with a message when a read of it faults
 * @file: mapped; stays where it is until na_fault_unwatch()
 *
 * While any file is watched, SIGBUS of other memory does what it did before.
 */
void na_fault_watch(struct na_file *file);

/** na_fault_unwatch() - undo it. */
void na_fault_unwatch(struct na_file *file);

#endif
