/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What cases on opening share.
 */
#ifndef WINDOW_REFUSED_H
#define WINDOW_REFUSED_H

#include "window_tools.h"

#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

ROOM void refused(int fd, const struct noalias_window_options *options,
		  int err, const char *part)
{
	struct noalias_window *window = (void *)-1;

	EXPECT_ERROR(noalias_window_open(fd, options, &window), err, part);
	EXPECT(window == (void *)-1);
}

ROOM unsigned int nr_descriptors(void)
{
	unsigned int fd, nr = 0;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl((int)fd, F_GETFD) >= 0;
	return nr;
}

#endif
