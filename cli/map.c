// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias map: a picture of physical memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "map.h"

#define TERM_ROWS	24
#define SVG_ROWS	64
#define SVG_COLUMNS	128
#define LABEL_WIDTH	MAP_LABEL_WIDTH
#define BYTES_MAX	(MAP_FRAMES_MAX * MAP_FRAME_LEN)

struct options {
	bool is_json;
	bool is_fast;
	bool by_type;
	const char *from;
	const char *svg;
	struct map_shape shape;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs" },
	{ .name = "svg", .key = 's', .arg = "FILE",
	  .help = "write a picture; - is standard output",
	  .values = CLI_FILES },
	{ .name = "width", .key = 'w', .arg = "N",
	  .help = "cells in a row, 8 to 1024 (as many as fit; 128 in SVG)" },
	{ .name = "block", .key = 'b', .arg = "SIZE",
	  .help = "bytes in a cell, a power of two (chosen to fit)" },
	{ .name = "range", .key = 'r', .arg = "A-B",
	  .help = "only from byte A to B: 1G-2G or 0x3f000000-0x40000000;\n"
		  "A+LEN: LEN bytes from A on" },
	{ .name = "types", .key = 't',
	  .help = "draw with which types the --range is mapped, also of devices;\n"
		  "needs no module" },
	{ .name = "from", .key = 'F', .arg = "FILE",
	  .help = "with --types: what audit --range saved with --json",
	  .values = CLI_FILES },
	{ .name = "no-audit", .key = 'f',
	  .help = "do not read page tables: faster, no conflicts" },
	CLI_COMMON(CLI_SYSROOT),
};

static int take_block(const char *text, struct map_shape *shape)
{
	uint64_t bytes;
	int result = cli_size("--block", text, MAP_FRAME_LEN, 1ull << 40,
			      &bytes);

	if (result != CLI_GO_ON)
		return result;
	if (bytes & (bytes - 1))
		return cli_trouble("--block is '%s', allowed: powers of two",
				   text);
	shape->block = bytes / MAP_FRAME_LEN;
	return CLI_GO_ON;
}

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	switch (option) {
	case 'j':
		options->is_json = true;
		return CLI_GO_ON;
	case 's':
		options->svg = value;
		return CLI_GO_ON;
	case 't':
		options->by_type = true;
		return CLI_GO_ON;
	case 'F':
		options->from = value;
		return CLI_GO_ON;
	case 'f':
		options->is_fast = true;
		return CLI_GO_ON;
	case 'w':
		return cli_number("--width", value, 8, 1024,
				  &options->shape.columns);
	case 'b':
		return take_block(value, &options->shape);
	case 'r':
		return cli_range("--range", value, MAP_FRAME_LEN, BYTES_MAX,
				 &options->shape.first, &options->shape.end);
	default:
		return cli_usage("map");
	}
}

/* A power of two that fits, so that rows begin at round addresses. */
static uint64_t term_columns(void)
{
	const char *columns = getenv("COLUMNS");
	uint64_t width = columns ? strtoul(columns, NULL, 10) : 0, power = 8;
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		width = size.ws_col;
	if (!width)
		width = 80;
	while (power * 2 + LABEL_WIDTH <= width && power < 1024)
		power *= 2;
	return power;
}

static int check_types(const struct options *options)
{
	if (!options->by_type && options->from)
		return cli_trouble("--from goes with --types only");
	if (!options->by_type)
		return CLI_GO_ON;
	if (options->is_fast)
		return cli_trouble("--types reads page tables, --no-audit does not: choose one of them");
	if (!options->from == !options->shape.end)
		return cli_trouble("--types draws a --range, or a list --from a file: give one of them");
	return CLI_GO_ON;
}

static int parse(int argc, char **argv, struct options *options)
{
	struct map_shape *shape = &options->shape;
	int result = cli_command_line(&cli_map, argc, argv, options);

	if (result == CLI_GO_ON && options->svg && options->is_json)
		return cli_trouble("--svg and --json are two pictures: choose one of them");
	if (result == CLI_GO_ON)
		result = check_types(options);
	if (!shape->columns)
		shape->columns = options->svg ? SVG_COLUMNS : term_columns();
	shape->rows_max = options->svg ? SVG_ROWS : TERM_ROWS;
	return result;
}

static int show(const struct options *options, const struct map *map,
		const struct map_source *source)
{
	int result = CLI_CLEAN;

	if (options->svg)
		result = map_write_svg(map, source, options->svg);
	else if (options->is_json)
		map_print_json(map, source);
	else
		map_print_term(map, source);
	if (!result && source->has_error)
		return CLI_FOUND;
	/* No alias was found, but the audit was incomplete. */
	if (!options->is_fast && (!source->has_audit || source->is_cut))
		return CLI_TROUBLE;
	return result;
}

static int read_source(struct map_source *source,
		       const struct options *options)
{
	const struct map_shape *shape = &options->shape;

	if (options->by_type)
		return map_read_types(source, options->from, shape->first,
				      shape->end);
	return map_read(source, !options->is_fast);
}

static int run_map(int argc, char **argv)
{
	struct options options = { 0 };
	struct map_source source;
	struct map map = { 0 };
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	result = read_source(&source, &options);
	if (!result)
		result = map_make(&map, &source, &options.shape);
	if (!result)
		result = show(&options, &map, &source);
	map_fini(&map);
	map_source_fini(&source);
	return result;
}

const struct cli_command cli_map = {
	.name = "map",
	.about = "draw physical memory by memory type",
	.usage = "[OPTION...]",
	.intro =
		"Draws physical memory: each cell is a block of frames, coloured by memory type,\n"
		"by use by noalias, by entries of the kmap pool, and by conflict.\n",
	.options = known,
	.outro =
		"Addresses of rows are bytes and can be used with --range.\n"
		"\n"
		"Exit status: 0 drawn, 1 drawn and there are aliases, 2 error, or drawn\n"
		"without all conflicts because the audit failed or was incomplete.\n",
	.take = take,
	.run = run_map,
};
