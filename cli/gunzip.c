// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * gzip reads the file from standard input: no shell, and no file name that
 * could be an option. If a file unpacks to too much, the pipe is closed and
 * SIGPIPE ends gzip.
 */
#include "gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUNZIP_MAX	(16u << 20)

extern char **environ;

static int spawn(char **words, int input, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_adddup2(&actions, input, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!err)
		err = posix_spawn_file_actions_addopen(&actions, 2,
						       "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(pid, words[0], &actions, NULL, words,
				   environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int spawn_any(int input, int output, pid_t *pid)
{
	static char *gzip[] = { "gzip", "-dc", NULL };
	static char *zcat[] = { "zcat", NULL };
	int err = spawn(gzip, input, output, pid);

	if (err == ENOENT)
		err = spawn(zcat, input, output, pid);
	return err == ENOENT ? ENOEXEC : err;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return ENOEXEC;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : EBADMSG;
}

static int read_pipe(int input, struct cli_file *file)
{
	int fds[2], err, err_child;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return errno;
	err = spawn_any(input, fds[1], &pid);
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return err;
	}
	err = file_read_fd(fds[0], GUNZIP_MAX, file);
	close(fds[0]);
	err_child = wait_for(pid);
	if (!err && err_child) {
		free(file->text);
		file->text = NULL;
	}
	return err ? err : err_child;
}

int gunzip_read_system(const char *name, struct cli_file *file)
{
	char path[FILE_PATH_MAX];
	int input = open(file_path(path, name), O_RDONLY | O_CLOEXEC), err;

	file->text = NULL;
	if (input < 0)
		return errno;
	err = read_pipe(input, file);
	close(input);
	return err;
}
