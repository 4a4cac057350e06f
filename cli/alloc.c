// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias alloc: a buffer for scripts. It is held while a command runs, which
 * gets its descriptor, or until a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "color.h"
#include "command.h"
#include "file.h"
#include "heap.h"
#include "holder.h"

#define NOT_EXECUTABLE	126
#define NOT_FOUND	127

struct options {
	const char *heap;
	enum noalias_memtype type;
	const char *env;
	const char *name;
	uint64_t size;
	uint64_t fd;
	bool has_fd;
	bool is_quiet;
};

static const struct cli_option known[] = {
	{ .name = "size", .key = 's', .arg = "SIZE",
	  .help = "bytes, also with K, M or G; rounded up to pages" },
	{ .name = "heap", .key = 'H', .arg = "NAME",
	  .help = "heap in /dev/dma_heap (noalias list)",
	  .values = CLI_HEAPS },
	{ .name = "type", .key = 't', .arg = "UC|WC",
	  .help = "any heap with this memory type (WC)",
	  .values = "UC WC" },
	{ .name = "fd", .key = 'f', .arg = "N",
	  .help = "number of the descriptor, 3 to 1023 (any)" },
	{ .name = "env", .key = 'e', .arg = "NAME",
	  .help = "name of the variable (NOALIAS_FD)" },
	{ .name = "name", .key = 'n', .arg = "NAME",
	  .help = "name of the buffer in lists and in /proc, 1 to 31 bytes\n"
		  "(PID:noalias)" },
	{ .name = "quiet", .key = 'q', .has_letter = true,
	  .help = "print nothing about the buffer on standard error" },
	CLI_COMMON(NULL),
};

static int take_type(const char *word, struct options *options)
{
	options->type = heap_parse_type(word);
	if (options->type != NOALIAS_MEMTYPE_UNKNOWN)
		return CLI_GO_ON;
	return cli_trouble("--type is '%s', allowed: UC, WC", word);
}

static int take_env(const char *name, struct options *options)
{
	options->env = name;
	if (*name && !strchr(name, '=') &&
	    !(*name >= '0' && *name <= '9'))
		return CLI_GO_ON;
	return cli_trouble("--env is '%s', allowed: names of variables", name);
}

/* The limit of DMA_BUF_SET_NAME. */
static int take_name(const char *name, struct options *options)
{
	options->name = name;
	if (*name && strlen(name) < DMA_BUF_NAME_LEN)
		return CLI_GO_ON;
	return cli_trouble("--name has %zu bytes, allowed: 1 to %d",
			   strlen(name), DMA_BUF_NAME_LEN - 1);
}

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	switch (option) {
	case 'H':
		options->heap = value;
		return CLI_GO_ON;
	case 't':
		return take_type(value, options);
	case 's':
		return cli_size("--size", value, 1, 1ull << 40,
				&options->size);
	case 'f':
		options->has_fd = true;
		return cli_number("--fd", value, 3, 1023, &options->fd);
	case 'e':
		return take_env(value, options);
	case 'n':
		return take_name(value, options);
	case 'q':
		options->is_quiet = true;
		return CLI_GO_ON;
	default:
		return cli_usage("alloc");
	}
}

static int parse(int argc, char **argv, struct options *options)
{
	int result = cli_command_line(&cli_alloc, argc, argv, options);

	if (result != CLI_GO_ON)
		return result;
	if (!options->size)
		return cli_trouble("alloc needs --size, like --size 8M");
	if (options->heap && options->type != NOALIAS_MEMTYPE_UNKNOWN)
		return cli_trouble("--heap and --type both name a heap: choose one of them");
	if (file_has_sysroot())
		return cli_trouble("--sysroot: buffers are allocated on this machine only");
	return CLI_GO_ON;
}

/* --- the descriptor ---------------------------------------------------------- */

/* A descriptor that stays open in the command, with the requested number. */
static int place(const struct noalias_buffer *buffer,
		 const struct options *options, int *fd)
{
	int exported, placed;

	if (noalias_buffer_export(buffer, &exported))
		return cli_trouble("%s", noalias_error_message());
	/* From 10 on, to avoid numbers that scripts redirect. */
	placed = options->has_fd ? dup2(exported, (int)options->fd) :
				   fcntl(exported, F_DUPFD, 10);
	if (placed < 0)
		return cli_trouble("descriptor %d: %s",
				   options->has_fd ? (int)options->fd : 10,
				   strerror(errno));
	if (placed != exported)
		close(exported);
	else
		fcntl(placed, F_SETFD, 0);
	*fd = placed;
	return CLI_CLEAN;
}

static int set_name(const struct options *options, int fd)
{
	if (!options->name || !ioctl(fd, DMA_BUF_SET_NAME, options->name))
		return CLI_CLEAN;
	return cli_trouble("the buffer cannot be named '%s': %s",
			   options->name, strerror(errno));
}

static void describe(const struct noalias_buffer *buffer, FILE *to, int fd)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	if (noalias_buffer_query(buffer, &info))
		return;
	fprintf(to, "buffer of %" PRIu64 " bytes, %s, promise: %s, from %s: /proc/%d/fd/%d\n",
		info.len, noalias_memtype_name(info.memtype),
		noalias_promise_name(info.promise), info.source, getpid(), fd);
	fflush(to);
}

/* Report holders: the memory is not freed when this command ends. */
static void name_holders(uint64_t inode)
{
	struct holders holders = { .nr = 0 };
	char *text;

	if (!inode || holders_read(&holders))
		return;
	text = holders_text(&holders, inode);
	if (text && strcmp(text, "-") != 0)
		printf("still held by %s\n", text);
	free(text);
	holders_free(&holders);
}

static int hold(int fd)
{
	struct stat stat_of = { .st_ino = 0 };

	cli_catch_signals();
	while (!cli_is_stopped())
		cli_pause(-1, UINT32_MAX);
	fstat(fd, &stat_of);
	close(fd);
	name_holders(stat_of.st_ino);
	return CLI_CLEAN;
}

/* Replaces this process, so that signals and status are the command's. */
static int run(const struct options *options, int fd, char **command)
{
	char number[16];
	int err;

	snprintf(number, sizeof(number), "%d", fd);
	if (setenv(options->env, number, 1))
		return cli_trouble("there is not enough memory");
	execvp(*command, command);
	err = errno;
	cli_trouble("%s: %s", *command, strerror(err));
	return err == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

static int allocate(const struct options *options,
		    struct noalias_buffer **buffer)
{
	struct noalias_heap *heap;
	enum noalias_memtype type = options->type;
	int err;

	if (type == NOALIAS_MEMTYPE_UNKNOWN)
		type = NOALIAS_MEMTYPE_WC;
	if (heap_open(options->heap, type, &heap))
		return CLI_TROUBLE;
	err = noalias_buffer_alloc(heap, options->size, buffer);
	if (err)
		cli_trouble("%s", noalias_error_message());
	noalias_heap_close(heap);
	return err ? CLI_TROUBLE : CLI_CLEAN;
}

static int run_alloc(int argc, char **argv)
{
	struct options options = { .env = "NOALIAS_FD" };
	struct noalias_buffer *buffer;
	int result = parse(argc, argv, &options), fd = -1;
	bool has_command;

	if (result != CLI_GO_ON)
		return result;
	has_command = optind < argc;
	if (allocate(&options, &buffer) || place(buffer, &options, &fd) ||
	    set_name(&options, fd))
		return CLI_TROUBLE;
	if (!has_command)
		describe(buffer, stdout, fd);
	else if (!options.is_quiet)
		describe(buffer, stderr, fd);
	noalias_buffer_close(buffer);
	return has_command ? run(&options, fd, argv + optind) : hold(fd);
}

const struct cli_command cli_alloc = {
	.name = "alloc",
	.about = "hold a buffer, or run a command with it",
	.usage = "[OPTION...] --size SIZE [-- COMMAND [ARGUMENT...]]",
	.intro =
		"Allocates a buffer and runs COMMAND with its descriptor, the number of which\n"
		"is in the environment variable NOALIAS_FD. Without COMMAND the buffer is held\n"
		"until Ctrl-C; a process that may trace this one can get it with pidfd_getfd().\n",
	.options = known,
	.outro =
		"Exit status: that of COMMAND; 2 error; 126 COMMAND cannot be run, 127 it does not\n"
		"exist. Without COMMAND 0.\n",
	.is_prefix = true,
	.take = take,
	.run = run_alloc,
};
