/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: faults
 *
 * Every allocation that a call makes fails once.
 *
 * A kernel with CONFIG_FAULT_INJECTION refuses the nth allocation, or copy from
 * or to user space, that a thread makes from now on (/proc/self/fail-nth, see
 * the kernel's Documentation/fault-injection). A deed is done with the first
 * one refused, then with the second, and so on until it makes no more. Whether
 * it succeeds all the same or fails, nothing may be left of it afterwards.
 *
 * Where the module asked is told by na_fail.ko and collected in NA_FAULTS_SEEN;
 * the suite compares that with all places that ask.
 */
#ifndef GUEST_FAULTS_H
#define GUEST_FAULTS_H

#include "guest.h"

#define NA_FAULTS_SEEN "/tmp/faults.seen"

/**
 * struct deed - what is tried again and again
 * @name: for messages
 * @prepare: before each time, without faults; or NULL
 * @act: the deed. Return: 0 or a negative errno
 * @undo: after each time, without faults, with what @act returned; or NULL
 * @error: what it may return beside -ENOMEM, and -EFAULT for a copy; or 0
 * @nr_min: so many refusals there must be, that nothing passes unseen
 * @spares_all: no refusal may make it fail
 */
struct deed {
	const char *name;
	void (*prepare)(void);
	int (*act)(void);
	void (*undo)(int err);
	int error;
	unsigned int nr_min;
	bool spares_all;
};

/** sweep() - all of that; ends the case when something is not as it should. */
void sweep(const struct deed *deed);

/**
 * sweep_bare() - the same for a deed after which the module need not be loaded,
 * so that nothing of it can be asked; @undo looks for itself.
 */
void sweep_bare(const struct deed *deed);

#endif
