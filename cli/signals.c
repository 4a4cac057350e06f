// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Signals that end a command, for those that must tidy up first, and waiting
 * that they cut short.
 *
 * They are blocked except while ppoll() waits. One that came just before it
 * waits would otherwise be noticed only after the time.
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
	/* Whoever reads our output may have gone: then there is no event. */
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
