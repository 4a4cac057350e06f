// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias trace on a session that is a pipe: one event comes at once, and one
 * between the last read and the end of tracing. Prints what trace prints.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "trace.h"

static int writer;

static void write_event(const char *time, const char *name)
{
	dprintf(writer, "  noalias-1  [000] .....  %s: noalias_%s: nr=1\n",
		time, name);
}

int trace_begin(struct trace_session *session, const char *events, int pid)
{
	int fds[2];

	(void)events;
	(void)pid;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		exit(2);
	session->fd = fds[0];
	writer = fds[1];
	write_event("1.000000", "first");
	return CLI_CLEAN;
}

void trace_stop(struct trace_session *session)
{
	(void)session;
	write_event("2.000000", "last");
}

void trace_end(struct trace_session *session)
{
	close(writer);
	close(session->fd);
}

int main(void)
{
	char words[][12] = { "noalias", "trace", "--json", "--duration", "0.05" };
	char *argv[] = { words[0], words[1], words[2], words[3], words[4], NULL };

	return cli_main(5, argv);
}
