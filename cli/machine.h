/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What measurements on this machine are worth.
 */
#ifndef NA_CLI_MACHINE_H
#define NA_CLI_MACHINE_H

#include <stdbool.h>

/** machine_is_guest() - does the processor say that it is a virtual one? */
bool machine_is_guest(void);

/** machine_is_emulated() - is each instruction emulated, so that no cache is? */
bool machine_is_emulated(void);

/** machine_processor() - its name by /proc/cpuinfo, or "". */
const char *machine_processor(void);

#endif
