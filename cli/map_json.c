// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The map as JSON: totals, and the cells that are not ordinary memory.
 */
#include <stdio.h>

#include "json_out.h"
#include "map.h"

static void put_kinds(struct json_out *out, const struct map_cell *cell)
{
	int kind;

	for (kind = 0; kind < NR_MAP_KINDS; kind++)
		if (cell->nr[kind])
			put_number(out, map_looks[kind].name, cell->nr[kind]);
}

static void put_cells(struct json_out *out, const struct map *map)
{
	uint64_t i, nr = map->nr_rows * map->shape.columns;
	const struct map_cell *cell;

	put_open(out, "cells", '[');
	for (i = 0; i < nr; i++) {
		cell = map->cells + i;
		if (!map_cell_nr(cell) || map_cell_kind(cell) >= MAP_RANGE)
			continue;
		put_open(out, NULL, '{');
		put_number(out, "first_frame",
			   map->shape.first + i * map->shape.block);
		put_text(out, "kind", map_looks[map_cell_kind(cell)].name);
		put_open(out, "frames", '{');
		put_kinds(out, cell);
		put_close(out, '}');
		put_close(out, '}');
	}
	put_close(out, ']');
}

static void put_memory(struct json_out *out, const struct map_source *source)
{
	const struct map_run *run;
	size_t i;

	put_open(out, "memory", '[');
	for (i = 0; i < source->nr; i++) {
		run = &source->runs[i];
		if (run->kind < MAP_RANGE)
			continue;
		put_open(out, NULL, '{');
		put_number(out, "first_frame", run->first);
		put_number(out, "nr_frames", run->nr);
		put_text(out, "kind", map_looks[run->kind].name);
		put_close(out, '}');
	}
	put_close(out, ']');
}

void map_print_json(const struct map *map, const struct map_source *source)
{
	struct json_out out = { .file = stdout };
	int kind;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_map", 1);
	put_number(&out, "frame_bytes", MAP_FRAME_LEN);
	put_number(&out, "frames_per_cell", map->shape.block);
	put_bool(&out, "has_audit", source->has_audit);
	put_bool(&out, "has_frames", source->has_frames);
	put_bool(&out, "by_type", source->by_type);
	put_open(&out, "frames", '{');
	for (kind = 0; kind < NR_MAP_KINDS; kind++)
		if (map_kind_is_drawn(source, (enum map_kind)kind))
			put_number(&out, map_looks[kind].name,
				   map->total[kind]);
	put_close(&out, '}');
	put_memory(&out, source);
	put_cells(&out, map);
	put_end(&out, '}');
}
