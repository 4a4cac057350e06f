/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What cases by one thread share.
 */
#ifndef WINDOW_SMALL_H
#define WINDOW_SMALL_H

#include "window_tools.h"

#include <signal.h>
#include <stdarg.h>
#include <time.h>

#define NR_PAGES 256u

ROOM struct noalias_window *small(unsigned int nr_slots)
{
	int fd = file_of(NR_PAGES);

	file_seal(fd);
	return window_over(fd, OPTIONS(.nr_slots = nr_slots));
}

#endif
