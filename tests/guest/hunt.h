/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the programs share that use a stock driver as its programs do: each is
 * called as "PROGRAM ARGUMENTS -- COMMAND...", holds what it has opened and
 * mapped while COMMAND runs, and ends with COMMAND's status. It fails if it
 * found nothing to use: a driver that nobody used would look clean.
 */
#ifndef HUNT_H
#define HUNT_H

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HUNT_PAGE 4096ul

__attribute__((format(printf, 1, 2)))
static inline void hunt_say(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fputc('\n', stdout);
	fflush(stdout);
}

static inline int hunt_call(int fd, unsigned long cmd, void *request)
{
	int status;

	do
		status = ioctl(fd, cmd, request);
	while (status && errno == EINTR);
	return status ? -errno : 0;
}

/* Maps and touches each page, so that all of it is in the page tables. */
static inline volatile uint8_t *hunt_map(int fd, uint64_t offset, size_t len,
					 int prot)
{
	volatile uint8_t *mem = mmap(NULL, len, prot, MAP_SHARED, fd,
				     (off_t)offset);
	size_t at;

	if (mem == MAP_FAILED)
		return NULL;
	for (at = 0; at < len; at += HUNT_PAGE)
		if (prot & PROT_WRITE)
			mem[at] = mem[at];
		else
			(void)mem[at];
	return mem;
}

/* Calls use() for each file of the pattern; the number that it was true for. */
static inline int hunt_each(const char *pattern, bool (*use)(const char *path))
{
	glob_t found;
	size_t i;
	int nr = 0;

	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++)
		nr += use(found.gl_pathv[i]);
	globfree(&found);
	return nr;
}

/* The words after "--", or NULL. */
static inline char **hunt_command(char **argv)
{
	while (*argv)
		if (!strcmp(*argv++, "--"))
			return *argv ? argv : NULL;
	return NULL;
}

/* Runs the command while nr things are in use, and returns its status. */
static inline int hunt_hold(char **argv, int nr)
{
	char **command = hunt_command(argv);
	int status;
	pid_t pid;

	if (!nr || !command) {
		hunt_say("%s: nothing to use, or no command", argv[0]);
		return 2;
	}
	hunt_say("%s: %d in use", argv[0], nr);
	pid = fork();
	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

#endif
