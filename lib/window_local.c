// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, local: short access by one thread.
 */
#include "window.h"

static int admit_local(const struct noalias_window *window, struct na_run run)
{
	if (!window->local_depth)
		return lib_fail(EOPNOTSUPP, "the window was opened without a local_depth");
	if (run.nr > 1)
		return lib_fail(EINVAL, "a local window of %u granules, the limit is 1",
				run.nr);
	/* A thread with the shared number: others would wait for us. */
	if (na_user_thread_nr() >= window->port.nr_cpus - 1)
		return lib_fail(EUSERS, "more than %u threads, the limit (threads_max)",
				window->port.nr_cpus - 1);
	return 0;
}

LIB_PUBLIC int noalias_window_local_map(struct noalias_window *window,
					uint64_t offset, size_t len,
					void **addr)
{
	struct na_window_local local;
	struct na_run run;
	int err;

	if (!addr)
		return lib_fail(EINVAL, "addr is NULL");
	err = lib_window_admit(window, offset, len);
	if (err)
		return err;
	run = lib_piece_run(window, offset, len);
	err = admit_local(window, run);
	if (err)
		return err;
	err = na_window_local_map(window->set, run.first, &local);
	if (err)
		return lib_window_refuse(window, offset, err);
	if (window->may_shrink) {
		err = lib_window_ask_length(window, offset, len);
		if (err) {
			na_window_local_unmap(window->set, local);
			return err;
		}
	}
	*addr = (char *)local.addr + (offset & lib_granule_mask(window));
	return 0;
}

LIB_PUBLIC int noalias_window_local_unmap(struct noalias_window *window,
					  const void *addr)
{
	struct na_window_local local;

	if (unlikely(!lib_window_is_ours(window)))
		return lib_window_foreign(window);
	if (na_user_thread_nr() >= window->port.nr_cpus - 1 ||
	    !na_window_local_last(window->set, &local) ||
	    ((size_t)addr & ~(size_t)lib_granule_mask(window)) !=
	    (size_t)local.addr)
		return lib_fail(EINVAL, "addr %p is not of this thread's last local map",
				addr);
	na_window_local_unmap(window->set, local);
	return 0;
}
