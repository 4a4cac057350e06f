/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/** DOC: tests/modules/consumer_test for guest programs. */
#ifndef GUEST_EXPORT_CONSUMER_H
#define GUEST_EXPORT_CONSUMER_H

#include "guest.h"
#include "../modules/consumer_test/consumer_test_uapi.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/** NR_CALL_MAX - longest array that the calls take. */
#define NR_CALL_MAX ((1u << 19) - 1)

static inline int open_consumer(void)
{
	int consumer = open(CONSUMER_DEVICE, O_RDWR | O_CLOEXEC);

	EXPECT(consumer >= 0);
	return consumer;
}

/** call_nr() - with an @nr that the array need not have. 0 or -errno. */
static inline int call_nr(int consumer, enum consumer_op op,
			  const uint32_t *pfns, uint32_t nr_pfns, uint32_t nr)
{
	struct consumer_call call = {
		.op = op, .nr = nr, .nr_pfns = nr_pfns,
		.pfns = (uintptr_t)pfns,
	};

	return ioctl(consumer, CONSUMER_CALL, &call) ? -errno : 0;
}

static inline int call(int consumer, enum consumer_op op,
		       const uint32_t *pfns, uint32_t nr)
{
	return call_nr(consumer, op, pfns, nr, nr);
}

#endif
