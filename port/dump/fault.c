// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * SIGBUS of a mapped file.
 *
 * The handler runs between any two instructions of a reader: it only follows
 * the list and calls write() and _exit(). The list changes while no reader
 * runs, by the contract of na_file_map().
 */
#include <signal.h>
#include <unistd.h>

#include "fault.h"

static struct na_file *volatile watched;
static struct sigaction before;

static void say(const char *text)
{
	ssize_t done = write(STDERR_FILENO, text, strlen(text));

	(void)done;
}

static const struct na_file *file_at(const u8 *address)
{
	const struct na_file *file;

	for (file = watched; file; file = file->next)
		if ((uintptr_t)address - (uintptr_t)file->map < file->len)
			return file;
	return NULL;
}

/* The signal comes again, as if it had not been caught. */
static void pass_on(void)
{
	sigaction(SIGBUS, &before, NULL);
}

static void on_fault(int nr, siginfo_t *info, void *context)
{
	const struct na_file *file = file_at(info->si_addr);

	(void)nr;
	(void)context;
	if (!file) {
		pass_on();
		return;
	}
	say("noalias: ");
	say(file->name);
	say(": was truncated while it was read, or its device fails\n");
	_exit(NA_FAULT_STATUS);
}

void na_fault_watch(struct na_file *file)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	file->next = watched;
	watched = file;
	if (file->next)
		return;
	action.sa_sigaction = on_fault;
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &before);
}

void na_fault_unwatch(struct na_file *file)
{
	struct na_file *volatile *link = &watched;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	if (!watched)
		sigaction(SIGBUS, &before, NULL);
}
