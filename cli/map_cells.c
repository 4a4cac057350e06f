// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs of frames, counted into cells of equal size. Rows begin at multiples
 * of their own size, so that the same block is always in the same place.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

#define CELLS_MAX	(1u << 20)

const struct map_look map_looks[NR_MAP_KINDS] = {
	[MAP_ALIAS] = { "alias", "ALIAS: mapped cached and uncached",
			'!', '!', 196, 231, "#d7191c" },
	[MAP_QUARANTINE] = { "quarantined", "quarantined by noalias",
			     'q', 'Q', 90, 231, "#7b3294" },
	[MAP_MIXED] = { "mixed", "mixed: several uncached or cached types",
			'~', '~', 208, 16, "#fd8d3c" },
	[MAP_CLAIMED] = { "claimed", "being converted",
			  'c', 'C', 226, 16, "#ffe14d" },
	[MAP_UC] = { "uc", "UC, in buffers", 'u', 'U', 27, 231, "#2166ac" },
	[MAP_WC] = { "wc", "WC, in buffers", 'w', 'W', 37, 231, "#1b9e8f" },
	[MAP_LENT] = { "lent", "UC or WC, lent to a module",
		       'l', 'L', 67, 231, "#6f8fb5" },
	[MAP_POOL] = { "pool", "UC or WC, kept for reuse",
		       'p', 'P', 73, 16, "#80c5c0" },
	[MAP_OTHER] = { "other", "UC or WC, by other drivers",
			'o', 'O', 60, 231, "#5e4fa2" },
	[MAP_KMAP] = { "kmap", "WB in the kmap pool, in use or stale",
		       'k', 'K', 130, 231, "#a6611a" },
	[MAP_TYPE_WC] = { "type_wc", "mapped WC", 'w', 'W', 37, 231,
			  "#1b9e8f" },
	[MAP_TYPE_UC] = { "type_uc", "mapped UC", 'u', 'U', 27, 231,
			  "#2166ac" },
	[MAP_TYPE_WT] = { "type_wt", "mapped WT or WP", 't', 'T', 226, 16,
			  "#ffe14d" },
	[MAP_TYPE_WB] = { "type_wb", "mapped WB", 'b', 'B', 249, 242,
			  "#c8c8c8" },
	[MAP_RANGE] = { "range", "the range: dashes are not mapped", '-', '-',
			243, 250, "#f2f2f2" },
	[MAP_HIGH] = { "high", "high memory, WB", ':', ':', 243, 250,
		       "#c8c8c8" },
	[MAP_LOW] = { "low", "memory, WB", '.', '.', 249, 242, "#e6e6e6" },
};

const char *map_size(uint64_t bytes)
{
	static char buffers[4][24];
	static unsigned int turn;
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	char *buffer = buffers[turn++ % 4];
	double value = (double)bytes / 1024;
	unsigned int unit = 0;

	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, sizeof(buffers[0]),
		 value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s",
		 value, units[unit]);
	return buffer;
}

/* --- the shape --------------------------------------------------------------- */

/* Rows with memory in them, if a row had @len frames. Memory is in order. */
static uint64_t count_rows(const struct map_source *source,
			   const struct map_shape *shape, uint64_t len)
{
	uint64_t nr = 0, next = shape->first / len, first, end;
	const struct map_run *run;
	size_t i;

	for (i = 0; i < source->nr; i++) {
		run = &source->runs[i];
		if (run->kind < MAP_RANGE)
			continue;
		end = run->first + run->nr;
		if (end > shape->end)
			end = shape->end;
		first = run->first / len > next ? run->first / len : next;
		if (first * len >= end)
			continue;
		next = (end - 1) / len + 1;
		nr += next - first;
	}
	return nr;
}

/* Rows without memory are not shown, and yet have cells. */
static bool has_room(const struct map_shape *shape, uint64_t len)
{
	return (shape->end / len + 1) * shape->columns <= CELLS_MAX;
}

static void choose_block(struct map_shape *shape,
			 const struct map_source *source)
{
	uint64_t len;

	for (shape->block = 1; shape->block < 1u << 30; shape->block *= 2) {
		len = shape->block * shape->columns;
		if (has_room(shape, len) &&
		    count_rows(source, shape, len) <= shape->rows_max)
			return;
	}
}

static int choose_shape(struct map *map, const struct map_source *source,
			const struct map_shape *wanted)
{
	struct map_shape *shape = &map->shape;
	uint64_t len;

	*shape = *wanted;
	if (!shape->first)
		shape->first = source->first;
	if (!shape->end || shape->end > source->end)
		shape->end = source->end;
	if (shape->first >= shape->end)
		return cli_trouble("--range begins at %#" PRIx64 ", memory ends at %#" PRIx64,
				   shape->first * MAP_FRAME_LEN,
				   source->end * MAP_FRAME_LEN);
	if (!shape->block)
		choose_block(shape, source);
	len = shape->block * shape->columns;
	shape->first = shape->first / len * len;
	map->nr_rows = (shape->end - shape->first + len - 1) / len;
	if (map->nr_rows * shape->columns > CELLS_MAX)
		return cli_trouble("--block is %s: that makes %" PRIu64 " cells, allowed: %u; choose a greater one, or a --range",
				   map_size(shape->block * MAP_FRAME_LEN),
				   map->nr_rows * shape->columns, CELLS_MAX);
	return CLI_CLEAN;
}

/* --- counting ----------------------------------------------------------------- */

static void count(struct map *map, const struct map_run *run)
{
	uint64_t nr_cells = map->nr_rows * map->shape.columns;
	uint64_t begin = map->shape.first, block = map->shape.block;
	uint64_t frame = run->first > begin ? run->first : begin;
	uint64_t end = run->first + run->nr, idx, next;

	map->total[run->kind] += run->nr;
	while (frame < end && (idx = (frame - begin) / block) < nr_cells) {
		next = begin + (idx + 1) * block;
		if (next > end)
			next = end;
		map->cells[idx].nr[run->kind] += (uint32_t)(next - frame);
		frame = next;
	}
}

int map_make(struct map *map, const struct map_source *source,
	     const struct map_shape *wanted)
{
	size_t i;

	memset(map, 0, sizeof(*map));
	if (choose_shape(map, source, wanted))
		return CLI_TROUBLE;
	map->cells = calloc(map->nr_rows * map->shape.columns,
			    sizeof(*map->cells));
	if (!map->cells)
		return cli_trouble("there is not enough memory for the map");
	for (i = 0; i < source->nr; i++)
		count(map, &source->runs[i]);
	return CLI_CLEAN;
}

void map_fini(struct map *map)
{
	free(map->cells);
	map->cells = NULL;
}

/* --- questions ------------------------------------------------------------------ */

uint64_t map_cell_nr(const struct map_cell *cell)
{
	return (uint64_t)cell->nr[MAP_LOW] + cell->nr[MAP_HIGH] +
	       cell->nr[MAP_RANGE];
}

bool map_kind_is_drawn(const struct map_source *source, enum map_kind kind)
{
	bool is_of_type = kind >= MAP_TYPE_WC && kind <= MAP_RANGE;

	return kind == MAP_ALIAS || kind == MAP_MIXED ||
	       is_of_type == source->by_type;
}

enum map_kind map_cell_kind(const struct map_cell *cell)
{
	int kind, most = MAP_CLAIMED;

	for (kind = 0; kind <= MAP_MIXED; kind++)
		if (cell->nr[kind])
			return (enum map_kind)kind;
	for (kind = MAP_CLAIMED; kind < MAP_RANGE; kind++)
		if (cell->nr[kind] > cell->nr[most])
			most = kind;
	if (cell->nr[most])
		return (enum map_kind)most;
	if (cell->nr[MAP_RANGE])
		return MAP_RANGE;
	return cell->nr[MAP_HIGH] > cell->nr[MAP_LOW] ? MAP_HIGH : MAP_LOW;
}

bool map_row_is_hole(const struct map *map, uint64_t row)
{
	const struct map_cell *cell = map->cells + row * map->shape.columns;
	uint64_t i;

	for (i = 0; i < map->shape.columns; i++)
		if (map_cell_nr(cell + i))
			return false;
	return true;
}

uint64_t map_row_address(const struct map *map, uint64_t row)
{
	return (map->shape.first +
		row * map->shape.columns * map->shape.block) * MAP_FRAME_LEN;
}
