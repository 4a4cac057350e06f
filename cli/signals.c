// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Signals that end a command which has to clean up first, and waits that they
 * interrupt.
 *
 * They are blocked except during ppoll(): otherwise a signal just before the
 * wait would be noticed only after it.
 */
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t is_stopped;
static sigset_t while_waiting;

static void stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

void cli_catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction action = { .sa_handler = stop };
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
}

bool cli_is_stopped(void)
{
	sigset_t pending;

	if (!sigpending(&pending) &&
	    (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	     sigismember(&pending, SIGHUP) || sigismember(&pending, SIGPIPE)))
		is_stopped = 1;
	return is_stopped;
}

bool cli_pause(int fd, uint64_t ms)
{
	/* If the reader of our output has gone, there may be no event. */
	struct pollfd polled[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	struct timespec time = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	if (ppoll(polled, 2, &time, &while_waiting) <= 0)
		return false;
	if (polled[1].revents & POLLERR)
		is_stopped = 1;
	return polled[0].revents;
}

uint64_t cli_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
