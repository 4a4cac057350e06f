// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A tracefs instance for each noalias trace, so that other tracing is not
 * affected. Its name has the pid; the instance of a killed process is removed
 * by the next noalias trace.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "trace.h"

#define PREFIX "noalias-"

static int write_word(const char *dir, const char *file, const char *word)
{
	char path[640];
	ssize_t done;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	done = write(fd, word, strlen(word));
	if (done < 0)
		err = errno;
	close(fd);
	return err;
}

static void remove_if_dead(const char *instances, const char *name)
{
	char path[640];
	int pid = atoi(name + strlen(PREFIX));

	if (pid <= 0 || !kill(pid, 0) || errno != ESRCH)
		return;
	snprintf(path, sizeof(path), "%s/%.64s", instances, name);
	write_word(path, "events/enable", "0");
	rmdir(path);
}

static void remove_dead(const char *instances)
{
	DIR *dir = opendir(instances);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)))
			remove_if_dead(instances, entry->d_name);
	if (dir)
		closedir(dir);
}

/* The mount point of tracefs; accessing the old path mounts it there. */
static int find_tracefs(char *dir)
{
	file_find_mount("tracefs", dir);
	if (*dir)
		return CLI_CLEAN;
	if (!file_module_is_loaded())
		return cli_trouble("the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	return cli_trouble("tracefs is not mounted; as root: mount -t tracefs tracefs /sys/kernel/tracing");
}

static int check_events(const char *tracefs)
{
	char path[640];

	snprintf(path, sizeof(path), "%.500s/events/noalias", tracefs);
	if (!access(path, F_OK))
		return CLI_CLEAN;
	if (errno == EACCES)
		return cli_trouble("%s may be used by root only; try: sudo noalias trace",
				   tracefs);
	if (!file_module_is_loaded())
		return cli_trouble("the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	return cli_trouble("%s has no events of noalias; was the kernel built without tracepoints, or the module unsigned with CONFIG_MODULE_SIG?",
			   tracefs);
}

static int make_instance(struct trace_session *session, const char *tracefs)
{
	char instances[512];

	snprintf(instances, sizeof(instances), "%.450s/instances", tracefs);
	remove_dead(instances);
	snprintf(session->dir, sizeof(session->dir), "%.460s/" PREFIX "%d",
		 instances, getpid());
	if (!mkdir(session->dir, 0700))
		return CLI_CLEAN;
	cli_trouble("%s: %s", session->dir, strerror(errno));
	session->dir[0] = 0;
	return CLI_TROUBLE;
}

static int enable_one(const struct trace_session *session, const char *name)
{
	char file[128];
	int err;

	snprintf(file, sizeof(file), "events/noalias/noalias_%.60s/enable",
		 name);
	err = write_word(session->dir, file, "1");
	if (err == ENOENT)
		return cli_trouble("--event: there is no event '%s'; see noalias trace --help",
				   name);
	return err ? cli_trouble("%s/%s: %s", session->dir, file,
				 strerror(err)) : CLI_CLEAN;
}

static int enable(const struct trace_session *session, const char *events)
{
	char *names, *rest, *name;
	int result = CLI_CLEAN, err;

	if (!events) {
		err = write_word(session->dir, "events/noalias/enable", "1");
		return err ? cli_trouble("%s: events cannot be enabled: %s",
					 session->dir, strerror(err)) :
			     CLI_CLEAN;
	}
	rest = names = strdup(events);
	while (!result && (name = strsep(&rest, ",")))
		result = enable_one(session, name);
	free(names);
	return result;
}

static int open_pipe(struct trace_session *session)
{
	char path[640];

	snprintf(path, sizeof(path), "%s/trace_pipe", session->dir);
	session->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (session->fd < 0)
		return cli_trouble("%s: %s", path, strerror(errno));
	return CLI_CLEAN;
}

static int limit_to(const struct trace_session *session, int pid)
{
	char word[16];
	int err;

	snprintf(word, sizeof(word), "%d", pid);
	err = pid ? write_word(session->dir, "set_event_pid", word) : 0;
	return err ? cli_trouble("--pid %d: %s", pid, strerror(err)) :
		     CLI_CLEAN;
}

int trace_begin(struct trace_session *session, const char *events, int pid)
{
	char tracefs[FILE_PATH_MAX];
	int result;

	session->fd = -1;
	session->dir[0] = 0;
	if (find_tracefs(tracefs) || check_events(tracefs) ||
	    make_instance(session, tracefs))
		return CLI_TROUBLE;
	/*
	 * Wake readers at the first event; older kernels do not have the file.
	 */
	write_word(session->dir, "buffer_percent", "0");
	result = limit_to(session, pid);
	if (!result)
		result = open_pipe(session);
	if (!result)
		result = enable(session, events);
	if (result)
		trace_end(session);
	return result;
}

void trace_stop(struct trace_session *session)
{
	write_word(session->dir, "events/enable", "0");
}

void trace_end(struct trace_session *session)
{
	if (!session->dir[0])
		return;
	trace_stop(session);
	if (session->fd >= 0)
		close(session->fd);
	if (rmdir(session->dir))
		cli_warn("%s stays: %s", session->dir, strerror(errno));
	session->dir[0] = 0;
}
