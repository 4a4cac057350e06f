// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias map: a picture of physical memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "map.h"

#define TERM_ROWS	24
#define SVG_ROWS	64
#define SVG_COLUMNS	128
#define LABEL_WIDTH	MAP_LABEL_WIDTH
#define BYTES_MAX	(MAP_FRAMES_MAX * MAP_FRAME_LEN)

struct options {
	bool is_json;
	bool is_fast;
	const char *svg;
	struct map_shape shape;
};

static const char help_text[] =
	"usage: noalias map [OPTION...]\n"
	"\n"
	"Draws physical memory: each cell is a block of frames, coloured by memory type,\n"
	"by what noalias holds, by what is left in the kmap pool, and by conflict.\n"
	"\n"
	"  -j, --json           for programs\n"
	"      --svg FILE       as a picture; - is standard output\n"
	"      --width N        cells in a row, 8 to 1024 (what fits; 128 in SVG)\n"
	"      --block SIZE     bytes in a cell, a power of two (so that it fits)\n"
	"      --range A-B      only from byte A to B: 1G-2G or 0x3f000000-0x40000000\n"
	"      --no-audit       do not read page tables: faster, no conflicts\n"
	"      --color WHEN     auto, always or never\n"
	"      --sysroot DIR    files of the system are below DIR\n"
	"      --help           this text\n"
	"\n"
	"Addresses of rows are bytes and may be given to --range as they are.\n"
	"\n"
	"Exit status: 0 drawn, 1 drawn and there are aliases, 2 trouble, or drawn\n"
	"without all conflicts because the audit failed or had no room for them.\n";

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

static int take_range(const char *text, struct map_shape *shape)
{
	const char *dash = strchr(text, '-');
	uint64_t first, end;
	char word[64];
	int result;

	if (!dash || (size_t)(dash - text) >= sizeof(word))
		return cli_trouble("--range is '%s', allowed: two addresses and a - between",
				   text);
	snprintf(word, sizeof(word), "%.*s", (int)(dash - text), text);
	result = cli_size("--range", word, 0, BYTES_MAX - MAP_FRAME_LEN,
			  &first);
	if (result == CLI_GO_ON)
		result = cli_size("--range", dash + 1, first + MAP_FRAME_LEN,
				  BYTES_MAX, &end);
	if (result != CLI_GO_ON)
		return result;
	shape->first = first / MAP_FRAME_LEN;
	shape->end = (end + MAP_FRAME_LEN - 1) / MAP_FRAME_LEN;
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
	case 'f':
		options->is_fast = true;
		return CLI_GO_ON;
	case 'w':
		return cli_number("--width", value, 8, 1024,
				  &options->shape.columns);
	case 'b':
		return take_block(value, &options->shape);
	case 'r':
		return take_range(value, &options->shape);
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

static int parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "svg", required_argument, NULL, 's' },
		{ "width", required_argument, NULL, 'w' },
		{ "block", required_argument, NULL, 'b' },
		{ "range", required_argument, NULL, 'r' },
		{ "no-audit", no_argument, NULL, 'f' },
	};
	static const struct cli_spec spec = {
		.name = "map", .help = help_text, .options = known,
		.nr_options = sizeof(known) / sizeof(known[0]), .take = take,
	};
	struct map_shape *shape = &options->shape;
	int result = cli_parse(&spec, argc, argv, options);

	if (result == CLI_GO_ON && options->svg && options->is_json)
		return cli_trouble("--svg and --json are two pictures: choose one of them");
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
	if (!result && map->total[MAP_ALIAS])
		return CLI_FOUND;
	/* No alias was seen by one who did not look at everything. */
	if (!options->is_fast && (!source->has_audit || source->is_cut))
		return CLI_TROUBLE;
	return result;
}

int cli_map(int argc, char **argv)
{
	struct options options = { 0 };
	struct map_source source;
	struct map map = { 0 };
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	result = map_read(&source, !options.is_fast);
	if (!result)
		result = map_make(&map, &source, &options.shape);
	if (!result)
		result = show(&options, &map, &source);
	map_fini(&map);
	map_source_fini(&source);
	return result;
}
