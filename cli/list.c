// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias list: heaps with type, promise and use; or the buffers, which only
 * root may see.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libnoalias/error.h>
#include <libnoalias/heap.h>

#include "cli.h"
#include "command.h"
#include "file.h"
#include "holder.h"
#include "json_out.h"
#include "table.h"

struct options {
	bool is_json;
	bool is_buffers;
	bool is_names;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs" },
	{ .name = "buffers", .key = 'b',
	  .help = "the buffers of the module instead, their allocating and\n"
		  "holds them now; root only" },
	{ .name = "names", .key = 'n',
	  .help = "names of heaps only, one on each line" },
	CLI_COMMON("with --buffers: files of the system are below DIR"),
};

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	(void)value;
	if (option == 'j')
		options->is_json = true;
	else if (option == 'b')
		options->is_buffers = true;
	else if (option == 'n')
		options->is_names = true;
	else
		return cli_usage("list");
	return CLI_GO_ON;
}

/* --- heaps ------------------------------------------------------------------- */

struct heaps {
	struct table table;
	struct json_out out;
	const struct options *options;
	unsigned int nr;
};

/* One word, for awk. */
static const char *promise_word(enum noalias_promise promise)
{
	return promise == NOALIAS_PROMISE_BEST_EFFORT ? "best-effort" :
	       noalias_promise_name(promise);
}

static const char *access_word(const char *name)
{
	char path[FILE_PATH_MAX];

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	return access(path, R_OK) ? "no" : "yes";
}

static void put_heap(struct json_out *out, const struct noalias_heap_info *info)
{
	put_open(out, NULL, '{');
	put_text(out, "name", info->name);
	put_text(out, "type", noalias_memtype_name(info->memtype));
	put_text(out, "promise", promise_word(info->promise));
	put_bool(out, "may_open", !strcmp(access_word(info->name), "yes"));
	if (info->limit) {
		put_text(out, "zone", info->zone);
		put_bool(out, "contiguous", info->is_contiguous);
		put_number(out, "buffers", info->nr_buffers);
		put_number(out, "bytes", info->used);
		put_number(out, "limit", info->limit);
	}
	put_close(out, '}');
}

static void add_use(struct table *table, const struct noalias_heap_info *info)
{
	if (!info->limit) {
		table_add(table, "-");
		table_add(table, "-");
		table_add(table, "-");
		table_add(table, "-");
		return;
	}
	table_add(table, "%s%s", info->zone,
		  info->is_contiguous ? ",contiguous" : "");
	table_add(table, "%" PRIu64, info->nr_buffers);
	table_add(table, "%.1f", (double)info->used / 1048576);
	table_add(table, "%.0f", (double)info->limit / 1048576);
}

static int visit(const struct noalias_heap_info *info, void *arg)
{
	struct heaps *heaps = arg;

	heaps->nr++;
	if (heaps->options->is_names) {
		puts(info->name);
	} else if (heaps->options->is_json) {
		put_heap(&heaps->out, info);
	} else {
		table_add(&heaps->table, "%s", info->name);
		table_add(&heaps->table, "%s",
			  noalias_memtype_name(info->memtype));
		table_add(&heaps->table, "%s", promise_word(info->promise));
		table_add(&heaps->table, "%s", access_word(info->name));
		add_use(&heaps->table, info);
	}
	return 0;
}

static void begin(struct heaps *heaps)
{
	static const char *const titles[] = {
		"heap", "type", "promise", "open", "zone", "buffers", "MiB",
		"limit_MiB",
	};
	size_t i;

	heaps->table.format = "lllllrrr";
	heaps->out.file = stdout;
	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		table_add(&heaps->table, "%s", titles[i]);
	if (!heaps->options->is_json)
		return;
	put_open(&heaps->out, NULL, '{');
	put_number(&heaps->out, "noalias_list", 1);
	put_open(&heaps->out, "heaps", '[');
}

static void end(struct heaps *heaps)
{
	if (heaps->options->is_json) {
		put_close(&heaps->out, ']');
		put_end(&heaps->out, '}');
	} else if (!heaps->options->is_names && heaps->nr) {
		table_print(&heaps->table);
	}
}

static int no_heap(void)
{
	if (!file_module_is_loaded())
		return cli_trouble("there is no heap and the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	return cli_trouble("there is no heap in /dev/dma_heap; see noalias doctor");
}

static int list_heaps(const struct options *options)
{
	struct heaps heaps = { .options = options };
	int err;

	if (file_has_sysroot())
		return cli_trouble("--sysroot goes with --buffers only: heaps are queried, not read from files");
	begin(&heaps);
	err = noalias_heap_list(visit, &heaps);
	end(&heaps);
	if (err && err != -ENOENT)
		return cli_trouble("%s", noalias_error_message());
	return heaps.nr || options->is_names ? CLI_CLEAN : no_heap();
}

/* --- buffers ------------------------------------------------------------------ */

#define COLUMNS_MAX 24

/* A line of the module's table, split. */
struct row {
	char *words[COLUMNS_MAX];
	int nr;
};

/* The module's table of buffers, and holders from /proc. */
struct buffers {
	char *text;
	struct row titles;
	struct holders holders;
	bool has_holders;
};

static struct row split(char *line)
{
	struct row row = { .nr = 0 };
	char *word;

	while (row.nr < COLUMNS_MAX && (word = strsep(&line, " ")))
		row.words[row.nr++] = word;
	return row;
}

/* Return: an index, or -1: the module is older than the column. */
static int find_column(const struct row *titles, const char *title)
{
	int i;

	for (i = 0; i < titles->nr; i++)
		if (!strcmp(titles->words[i], title))
			return i;
	return -1;
}

/* Return: true for each row except the titles; skips empty lines. */
static bool next_row(struct buffers *buffers, struct row *row)
{
	char *line;

	while ((line = strsep(&buffers->text, "\n"))) {
		*row = split(line);
		if (row->nr > 1)
			return true;
	}
	return false;
}

/* 0 is not an inode. */
static uint64_t row_inode(const struct buffers *buffers, const struct row *row)
{
	int column = find_column(&buffers->titles, "inode");

	return column >= 0 && column < row->nr ?
	       strtoull(row->words[column], NULL, 10) : 0;
}

static void add_holders(struct table *table, const struct buffers *buffers,
			const struct row *row)
{
	uint64_t inode = row_inode(buffers, row);
	char *text = inode ? holders_text(&buffers->holders, inode) : NULL;

	table_add(table, "%s", text ? text : buffers->has_holders ? "-" : "?");
	free(text);
}

/* The inode is only in JSON, to keep the lines short. */
static const char *const shown[] = {
	"id", "heap", "type", "bytes", "high_frames", "low_frames", "mmaps",
	"vmaps", "dma_maps", "pid", "comm", "name", "maker",
};

static void add_row(struct table *table, const struct buffers *buffers,
		    const struct row *row)
{
	size_t i;
	int column;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		column = find_column(&buffers->titles, shown[i]);
		table_add(table, "%s", column >= 0 && column < row->nr ?
			  row->words[column] : "-");
	}
	add_holders(table, buffers, row);
}

static void print_buffers(struct buffers *buffers)
{
	struct table table = { .format = "rllrrrrrrrllll" };
	struct row row;
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		table_add(&table, "%s", shown[i]);
	table_add(&table, "holders");
	while (next_row(buffers, &row))
		add_row(&table, buffers, &row);
	table_print(&table);
}

static bool is_word(const char *column)
{
	return !strcmp(column, "heap") || !strcmp(column, "type") ||
	       !strcmp(column, "comm") || !strcmp(column, "name") ||
	       !strcmp(column, "maker");
}

static void put_holders(struct json_out *out, const struct buffers *buffers,
			uint64_t inode)
{
	const struct holder *holder;
	size_t i;

	put_open(out, "holders", '[');
	for (i = 0; i < buffers->holders.nr; i++) {
		holder = &buffers->holders.list[i];
		if (holder->inode != inode)
			continue;
		put_open(out, NULL, '{');
		put_number(out, "pid", holder->pid);
		put_text(out, "comm", holder->comm);
		put_number(out, "fds", holder->nr_fds);
		put_number(out, "maps", holder->nr_maps);
		put_close(out, '}');
	}
	put_close(out, ']');
}

/* Titles are keys; columns of a newer module become members. */
static void put_row(struct json_out *out, const struct buffers *buffers,
		    const struct row *row)
{
	const struct row *titles = &buffers->titles;
	uint64_t inode = row_inode(buffers, row);
	int i;

	put_open(out, NULL, '{');
	for (i = 0; i < row->nr && i < titles->nr; i++)
		if (is_word(titles->words[i]))
			put_text(out, titles->words[i], row->words[i]);
		else
			put_number(out, titles->words[i],
				   strtoull(row->words[i], NULL, 10));
	if (inode && buffers->has_holders)
		put_holders(out, buffers, inode);
	put_close(out, '}');
}

static void put_buffers(struct buffers *buffers)
{
	struct json_out out = { .file = stdout };
	struct row row;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_buffers", 1);
	if (buffers->has_holders)
		put_number(&out, "processes_not_seen",
			   buffers->holders.nr_unseen);
	put_open(&out, "buffers", '[');
	while (next_row(buffers, &row))
		put_row(&out, buffers, &row);
	put_close(&out, ']');
	put_end(&out, '}');
}

static void find_holders(struct buffers *buffers)
{
	int err = holders_read(&buffers->holders);

	buffers->has_holders = !err;
	if (err)
		cli_warn("holders of buffers are unknown: /proc: %s",
			 strerror(err));
	else if (buffers->holders.nr_unseen)
		cli_warn("%zu process%s cannot be read: holders may be missing",
			 buffers->holders.nr_unseen,
			 buffers->holders.nr_unseen == 1 ? "" : "es");
}

static int list_buffers(const struct options *options)
{
	struct buffers buffers = { .has_holders = false };
	struct cli_file file;

	if (file_read_debugfs("buffers", &file))
		return CLI_TROUBLE;
	buffers.text = file.text;
	if (!next_row(&buffers, &buffers.titles)) {
		free(file.text);
		return cli_trouble("the module's list of buffers is empty, it should have titles");
	}
	find_holders(&buffers);
	if (options->is_json)
		put_buffers(&buffers);
	else
		print_buffers(&buffers);
	holders_free(&buffers.holders);
	free(file.text);
	return CLI_CLEAN;
}

static int run_list(int argc, char **argv)
{
	struct options options = { 0 };
	int result = cli_command_line(&cli_list, argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	return options.is_buffers ? list_buffers(&options) :
				    list_heaps(&options);
}

const struct cli_command cli_list = {
	.name = "list",
	.about = "list heaps, their promises, and their use",
	.usage = "[OPTION...]",
	.intro =
		"Lists the heaps of this machine: memory type, promise, and use.\n",
	.options = known,
	.outro =
		"Promises: guaranteed   no cached mapping of a frame is left\n"
		"          best-effort  a cached mapping may be left\n"
		"          none         no protection is known; cached (WB) memory needs none\n"
		"                       and is synchronized around each access of the CPU\n"
		"          unknown      a heap of another driver, or you may not query the module\n"
		"\n"
		"Exit status: 0 success, 2 error; it is an error if there is no heap.\n",
	.take = take,
	.run = run_list,
};
