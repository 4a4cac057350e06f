// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The map in a terminal: a letter for each cell, with colour if enabled. Rows
 * without memory are left out.
 */
#include <inttypes.h>
#include <stdio.h>

#include "color.h"
#include "map.h"

static void begin_look(const struct map_look *look)
{
	if (!look)
		fputs(color(COLOR_PLAIN), stdout);
	else if (color_is_on())
		printf("\033[48;5;%d;38;5;%dm", look->background,
		       look->foreground);
}

/* NULL is a hole. */
static const struct map_look *look_of(const struct map_cell *cell)
{
	return map_cell_nr(cell) ? &map_looks[map_cell_kind(cell)] : NULL;
}

static char letter_of(const struct map_cell *cell)
{
	uint64_t nr = map_cell_nr(cell);
	const struct map_look *look = look_of(cell);

	if (!look)
		return ' ';
	return cell->nr[map_cell_kind(cell)] * 2ull >= nr ? look->many :
							    look->few;
}

static void print_row(const struct map *map, uint64_t row)
{
	const struct map_cell *cell = map->cells + row * map->shape.columns;
	const struct map_look *look = NULL, *last = NULL;
	char label[MAP_LABEL_WIDTH + 4];
	uint64_t i;

	snprintf(label, sizeof(label), "0x%" PRIx64, map_row_address(map, row));
	printf("%*s ", MAP_LABEL_WIDTH - 1, label);
	for (i = 0; i < map->shape.columns; i++, last = look) {
		look = look_of(cell + i);
		if (look != last)
			begin_look(look);
		putchar(letter_of(cell + i));
	}
	printf("%s\n", color(COLOR_PLAIN));
}

static void print_hole(const struct map *map, uint64_t nr_rows)
{
	uint64_t bytes = nr_rows * map->shape.columns * map->shape.block *
			 MAP_FRAME_LEN;

	printf("%s%*s(%s without memory)%s\n", color(COLOR_DIM),
	       MAP_LABEL_WIDTH, "", map_size(bytes), color(COLOR_PLAIN));
}

static void print_rows(const struct map *map)
{
	uint64_t row, nr_holes = 0;

	for (row = 0; row < map->nr_rows; row++) {
		if (map_row_is_hole(map, row)) {
			nr_holes++;
			continue;
		}
		if (nr_holes)
			print_hole(map, nr_holes);
		nr_holes = 0;
		print_row(map, row);
	}
}

static void print_legend_line(enum map_kind kind, uint64_t nr)
{
	const struct map_look *look = &map_looks[kind];

	fputs("  ", stdout);
	begin_look(look);
	printf("%c%s  %-40s %10s\n", look->many, color(COLOR_PLAIN), look->text,
	       map_size(nr * MAP_FRAME_LEN));
}

void map_print_term(const struct map *map, const struct map_source *source)
{
	int kind;

	printf("each cell %s, each row %s; lower-case letter: less than half of the cell\n\n",
	       map_size(map->shape.block * MAP_FRAME_LEN),
	       map_size(map->shape.block * map->shape.columns *
			MAP_FRAME_LEN));
	print_rows(map);
	putchar('\n');
	for (kind = NR_MAP_KINDS - 1; kind >= 0; kind--)
		if (map->total[kind])
			print_legend_line((enum map_kind)kind,
					  map->total[kind]);
	if (source->nr_device)
		printf("not drawn: %" PRIu64 " frame%s of devices in conflict (noalias audit)\n",
		       source->nr_device, source->nr_device == 1 ? "" : "s");
	if (!source->has_audit)
		puts("not drawn: conflicts, there was no audit");
}
