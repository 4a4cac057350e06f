// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias: what the module knows, for people and for scripts.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#ifndef NOALIAS_VERSION
#define NOALIAS_VERSION "0.1.0"
#endif

#define FILE_MAX	(256u << 20)

int cli_trouble(const char *format, ...)
{
	va_list args;

	fputs("noalias: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_TROUBLE;
}

/* --- files ----------------------------------------------------------------- */

static int read_all(int fd, struct cli_file *file)
{
	size_t room = 0;
	ssize_t len;
	char *text;

	for (;;) {
		if (file->len + 1 >= room) {
			room = room ? room * 2 : 65536;
			text = room <= FILE_MAX ? realloc(file->text, room) :
						  NULL;
			if (!text)
				return ENOMEM;
			file->text = text;
		}
		len = read(fd, file->text + file->len, room - file->len - 1);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		file->text[file->len += (size_t)len] = 0;
		if (!len)
			return 0;
	}
}

int cli_read(const char *path, struct cli_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	file->text = NULL;
	file->len = 0;
	if (fd < 0)
		return errno;
	err = read_all(fd, file);
	close(fd);
	if (err) {
		free(file->text);
		file->text = NULL;
	}
	return err;
}

/* --- the module's files ---------------------------------------------------- */

static void find_debugfs(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;

	*path = 0;
	while (mounts && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "debugfs") != 0)
			continue;
		snprintf(path, size, "%s", mount->mnt_dir);
		break;
	}
	if (mounts)
		endmntent(mounts);
}

static int explain(const char *path, int err)
{
	switch (err) {
	case EACCES:
		return cli_trouble("%s may be read by root only; try: sudo noalias ...",
				   path);
	case EPERM:
		return cli_trouble("%s: the kernel is locked down and does not show debugfs",
				   path);
	case ENOENT:
		if (access("/sys/module/noalias", F_OK))
			return cli_trouble("the module is not loaded; as root: modprobe noalias");
		return cli_trouble("the module has no %s; is it of another version than this command (" NOALIAS_VERSION ")?",
				   path);
	case EOPNOTSUPP:
		return cli_trouble("the module cannot read page tables on this machine");
	default:
		return cli_trouble("%s: %s", path, strerror(err));
	}
}

int cli_read_debugfs(const char *name, struct cli_file *file)
{
	char dir[512], path[640];
	int err;

	find_debugfs(dir, sizeof(dir));
	if (!*dir)
		return cli_trouble("debugfs is not mounted; as root: mount -t debugfs debugfs /sys/kernel/debug");
	snprintf(path, sizeof(path), "%s/noalias/%s", dir, name);
	err = cli_read(path, file);
	return err ? explain(path, err) : CLI_CLEAN;
}

/* --- commands -------------------------------------------------------------- */

static int help(void);

static int show(const char *name, int argc, char **argv)
{
	struct cli_file file;
	size_t done;

	if (argc > 1 && !strcmp(argv[1], "--help"))
		return help();
	if (argc > 1)
		return cli_trouble("%s takes no arguments; see noalias --help",
				   argv[0]);
	if (cli_read_debugfs(name, &file))
		return CLI_TROUBLE;
	done = fwrite(file.text, 1, file.len, stdout);
	free(file.text);
	return done == file.len ? CLI_CLEAN : CLI_TROUBLE;
}

static int list(int argc, char **argv)
{
	return show("buffers", argc, argv);
}

static int status(int argc, char **argv)
{
	return show("counters", argc, argv);
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "audit", cli_audit,
	  "find frames mapped with conflicting memory types, and by whom" },
	{ "list", list, "buffers that exist now" },
	{ "status", status, "counters of the module" },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	puts("usage: noalias COMMAND [OPTION...]\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	puts("\nnoalias COMMAND --help tells more, and so do noalias(1) and"
	     " noalias-audit(1).\n"
	     "Exit status: 0 clean, 1 aliases found, 2 trouble.");
	return CLI_CLEAN;
}

static int run(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		help();
		return CLI_TROUBLE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("noalias " NOALIAS_VERSION);
		return CLI_CLEAN;
	}
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return cli_trouble("there is no command '%s'; see noalias --help",
			   argv[1]);
}

int main(int argc, char **argv)
{
	int result = run(argc, argv);

	/* A report that was lost on its way is not a clean bill. */
	if (fflush(stdout) || ferror(stdout))
		return cli_trouble("cannot write: %s", strerror(errno));
	return result;
}
