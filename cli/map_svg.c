// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The map as SVG: the same rows as in the terminal, with the share of a kind as
 * strength of the colour, and numbers as tooltips.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "map.h"

#define CELL		9
#define PITCH		10
#define LEFT		96
#define TOP		58
#define LEGEND_LINE	20
#define LEGEND_WIDTH	480

struct drawing {
	FILE *file;
	const struct map *map;
	unsigned int y;
};

static uint64_t width_of(const struct map *map)
{
	uint64_t width = LEFT + map->shape.columns * PITCH + 16;

	return width < LEGEND_WIDTH ? LEGEND_WIDTH : width;
}

static unsigned int count_lines(const struct map *map)
{
	unsigned int nr = 0;
	bool was_hole = false, is_hole;
	uint64_t row;

	for (row = 0; row < map->nr_rows; row++) {
		is_hole = map_row_is_hole(map, row);
		nr += !is_hole || !was_hole;
		was_hole = is_hole;
	}
	return nr;
}

static unsigned int count_legend(const struct map *map)
{
	unsigned int nr = 0;
	int kind;

	for (kind = 0; kind < NR_MAP_KINDS; kind++)
		nr += map->total[kind] > 0;
	return nr;
}

static void draw_head(const struct drawing *to, unsigned int height)
{
	const struct map_shape *shape = &to->map->shape;

	fprintf(to->file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRIu64 "\" height=\"%u\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n"
		"<title>Physical memory by memory type</title>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"16\" y=\"26\" font-size=\"17\" font-weight=\"bold\">Physical memory by memory type</text>\n"
		"<text x=\"16\" y=\"44\" fill=\"#666\">each cell %s, each row %s; noalias map</text>\n",
		width_of(to->map), height,
		map_size(shape->block * MAP_FRAME_LEN),
		map_size(shape->block * shape->columns * MAP_FRAME_LEN));
}

static void draw_cell(const struct drawing *to, const struct map_cell *cell,
		      uint64_t column, uint64_t address)
{
	enum map_kind kind = map_cell_kind(cell);
	double share = (double)cell->nr[kind] / (double)map_cell_nr(cell);
	int other;

	/* Kinds that must not be overlooked have the full colour. */
	if (kind <= MAP_MIXED || share > 1)
		share = 1;
	if (kind >= MAP_RANGE)
		share = 1;
	fprintf(to->file,
		"<rect x=\"%" PRIu64 "\" y=\"%u\" width=\"%d\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.2f\"><title>%#" PRIx64,
		LEFT + column * PITCH, to->y, CELL, CELL, map_looks[kind].rgb,
		0.55 + 0.45 * share, address);
	for (other = 0; other < NR_MAP_KINDS; other++)
		if (cell->nr[other])
			fprintf(to->file, "\n%s %s", map_looks[other].name,
				map_size((uint64_t)cell->nr[other] *
					 MAP_FRAME_LEN));
	fputs("</title></rect>\n", to->file);
}

static void draw_label(const struct drawing *to, uint64_t address)
{
	fprintf(to->file,
		"<text x=\"%d\" y=\"%u\" font-family=\"monospace\" font-size=\"10\" fill=\"#666\" text-anchor=\"end\">0x%" PRIx64 "</text>\n",
		LEFT - 8, to->y + CELL, address);
}

static void draw_row(const struct drawing *to, uint64_t row)
{
	const struct map_shape *shape = &to->map->shape;
	uint64_t address = map_row_address(to->map, row), i;
	const struct map_cell *cell = to->map->cells + row * shape->columns;

	draw_label(to, address);
	for (i = 0; i < shape->columns; i++)
		if (map_cell_nr(cell + i))
			draw_cell(to, cell + i, i,
				  address + i * shape->block * MAP_FRAME_LEN);
}

static void draw_rows(struct drawing *to)
{
	bool was_hole = false, is_hole;
	uint64_t row;

	for (row = 0; row < to->map->nr_rows; row++) {
		is_hole = map_row_is_hole(to->map, row);
		if (is_hole && was_hole)
			continue;
		was_hole = is_hole;
		if (is_hole)
			fprintf(to->file,
				"<text x=\"%d\" y=\"%u\" font-size=\"9\" fill=\"#999\">no memory</text>\n",
				LEFT, to->y + CELL - 1);
		else
			draw_row(to, row);
		to->y += PITCH;
	}
}

static void draw_legend(struct drawing *to)
{
	const struct map *map = to->map;
	int kind;

	for (kind = NR_MAP_KINDS - 1; kind >= 0; kind--) {
		if (!map->total[kind])
			continue;
		fprintf(to->file,
			"<rect x=\"%d\" y=\"%u\" width=\"13\" height=\"13\" fill=\"%s\"/><text x=\"%d\" y=\"%u\">%s</text><text x=\"%d\" y=\"%u\" text-anchor=\"end\">%s</text>\n",
			LEFT, to->y, map_looks[kind].rgb, LEFT + 22,
			to->y + 11, map_looks[kind].text, LEFT + 360,
			to->y + 11,
			map_size(map->total[kind] * MAP_FRAME_LEN));
		to->y += LEGEND_LINE;
	}
}

static void draw(struct drawing *to, const struct map_source *source)
{
	unsigned int height = TOP + count_lines(to->map) * PITCH + 16 +
			      count_legend(to->map) * LEGEND_LINE + 28;

	draw_head(to, height);
	to->y = TOP;
	draw_rows(to);
	to->y += 16;
	draw_legend(to);
	if (!source->has_audit)
		fprintf(to->file,
			"<text x=\"%d\" y=\"%u\" fill=\"#666\">conflicts are not drawn: there was no audit</text>\n",
			LEFT, to->y + 11);
	fputs("</svg>\n", to->file);
}

int map_write_svg(const struct map *map, const struct map_source *source,
		  const char *path)
{
	bool is_stdout = !strcmp(path, "-");
	struct drawing to = { .map = map };
	bool failed;

	to.file = is_stdout ? stdout : fopen(path, "we");
	if (!to.file)
		return cli_trouble("--svg %s: %s", path, strerror(errno));
	draw(&to, source);
	if (is_stdout)
		return CLI_CLEAN;
	failed = ferror(to.file);
	if (fclose(to.file) || failed)
		return cli_trouble("--svg %s: %s", path, strerror(errno));
	return CLI_CLEAN;
}
