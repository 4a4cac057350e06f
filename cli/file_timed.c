// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reading a file that may block. /proc/PID/maps waits for the process's mmap
 * lock, which that process can hold for any time, and only a fatal signal ends
 * the wait. So a child reads, and is killed after the time limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"

#define STEP 65536

/*
 * Exits with 0 when all was written, otherwise with an errno. It may wait for
 * ever, so it must not outlive its parent.
 */
static _Noreturn void read_for(int out, const char *name, pid_t parent)
{
	struct cli_file file;
	ssize_t len;
	size_t at;
	int err;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(ESRCH);
	err = file_read_system(name, &file);
	for (at = 0; !err && at < file.len; at += (size_t)len) {
		len = write(out, file.text + at, file.len - at);
		if (len < 0)
			_exit(errno);
	}
	_exit(err);
}

/* Read what is available. Return: 0, with @ended at the end; or an errno. */
static int take(int in, size_t *room, struct cli_file *file, bool *ended)
{
	char *text;
	ssize_t len;

	if (*room - file->len < STEP) {
		*room = *room * 2 + STEP + 1;
		text = realloc(file->text, *room);
		if (!text)
			return ENOMEM;
		file->text = text;
	}
	len = read(in, file->text + file->len, *room - file->len - 1);
	if (len < 0)
		return errno == EINTR ? 0 : errno;
	file->text[file->len += (size_t)len] = 0;
	*ended = !len;
	return 0;
}

static int take_all(int in, uint64_t end_ms, struct cli_file *file)
{
	struct pollfd ready = { .fd = in, .events = POLLIN };
	bool ended = false;
	size_t room = 0;
	uint64_t now_ms;
	int err = 0, nr;

	while (!err && !ended) {
		now_ms = cli_now_ms();
		if (now_ms >= end_ms)
			return ETIMEDOUT;
		nr = poll(&ready, 1, (int)(end_ms - now_ms));
		if (nr > 0)
			err = take(in, &room, file, &ended);
		else if (nr < 0 && errno != EINTR)
			err = errno;
	}
	return err;
}

static int end_child(pid_t child, int err)
{
	int status;

	if (err)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err ? err : errno;
	if (err)
		return err;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

int file_read_timed(const char *name, uint64_t ms, struct cli_file *file)
{
	pid_t parent = getpid(), child;
	int ends[2], err;

	file->text = NULL;
	file->len = 0;
	if (pipe2(ends, O_CLOEXEC))
		return errno;
	/*
	 * An ignored SIGCHLD is inherited, and then a child cannot be waited
	 * for.
	 */
	signal(SIGCHLD, SIG_DFL);
	child = fork();
	if (!child) {
		close(ends[0]);
		read_for(ends[1], name, parent);
	}
	err = child < 0 ? errno : 0;
	close(ends[1]);
	if (!err)
		err = end_child(child, take_all(ends[0], cli_now_ms() + ms,
						file));
	close(ends[0]);
	if (err) {
		free(file->text);
		file->text = NULL;
	}
	return err;
}
