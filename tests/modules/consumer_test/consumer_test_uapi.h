/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The exported calls of noalias.ko, one ioctl for all, for guest programs. */
#ifndef CONSUMER_TEST_UAPI_H
#define CONSUMER_TEST_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CONSUMER_DEVICE "/dev/na_consumer"

enum consumer_op {
	CONSUMER_UC,
	CONSUMER_WC,
	CONSUMER_WB,
	CONSUMER_PURGE,
	CONSUMER_FLUSH_UNUSED,	/* takes no frames */
};

/*
 * @nr is passed on as it is; @nr_pfns pages are really there, so that a bad
 * @nr can be tried. The call's own result is the ioctl's.
 */
struct consumer_call {
	__u32 op;
	__u32 nr;
	__u32 nr_pfns;
	__u32 pad;
	__u64 pfns;
};

#define CONSUMER_CALL	_IOW('c', 1, struct consumer_call)

#endif
