/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias map: physical memory as cells, each a block of frames.
 *
 *	map_read.c     runs of frames, from the module and the kernel
 *	map_types.c    runs of frames, from a list of mappings
 *	map_runs.c     runs as sets
 *	map_cells.c    runs counted into cells
 *	map_term.c, map_svg.c, map_json.c    the picture
 */
#ifndef NA_CLI_MAP_H
#define NA_CLI_MAP_H

#include "cli.h"

/** MAP_FRAME_LEN - bytes of a frame: 4 KiB on all platforms so far. */
#define MAP_FRAME_LEN 4096u

/** MAP_FRAMES_MAX - frames of an address of 52 bits: x86 has no wider ones. */
#define MAP_FRAMES_MAX (1ull << 40)

/** MAP_RUNS_MAX - largest number of runs accepted; they take 96 MiB. */
#define MAP_RUNS_MAX (1u << 22)

/**
 * enum map_kind - kinds of frames; a frame may have several
 *
 * A cell shows a kind up to MAP_MIXED if it has one such frame; otherwise the
 * most frequent kind, plain memory last. Kinds of memory are from MAP_RANGE on:
 * each frame that is drawn has one of these.
 */
enum map_kind {
	MAP_ALIAS,		/* an error of the audit */
	MAP_QUARANTINE,		/* could not be made safe */
	MAP_MIXED,		/* a warning of the audit */
	MAP_CLAIMED,		/* a conversion works on it */
	MAP_UC,			/* in a buffer, uncached */
	MAP_WC,			/* in a buffer, write-combined */
	MAP_LENT,		/* uncached for another module */
	MAP_POOL,		/* converted, kept for reuse */
	MAP_OTHER,		/* uncached by others */
	MAP_KMAP,		/* in the kmap pool, in use or stale */
	MAP_TYPE_WC,		/* by type: mapped WC; the next three likewise */
	MAP_TYPE_UC,
	MAP_TYPE_WT,		/* or WP */
	MAP_TYPE_WB,
	MAP_RANGE,		/* by type: all of the range */
	MAP_HIGH,		/* high memory, cached */
	MAP_LOW,		/* other memory, cached */
	NR_MAP_KINDS,
};

/** struct map_run - consecutive frames */
struct map_run {
	uint64_t first;
	uint64_t nr;
	enum map_kind kind;
};

/**
 * struct map_source - what is known about memory
 * @runs: runs; in the order of map_runs.c after map_read()
 * @nr: length of @runs
 * @room: capacity of @runs
 * @first: first frame that is drawn without a --range
 * @end: one past the highest frame of memory, or of the range by type
 * @has_frames: does the module list every frame?
 * @has_audit: was there an audit?
 * @is_cut: the audit was incomplete
 * @by_type: what maps the frames is drawn, not who holds them
 * @has_error: there is a conflict that is an error of the audit
 * @nr_device: frames of devices in conflict; not drawn
 */
struct map_source {
	struct map_run *runs;
	size_t nr;
	size_t room;
	uint64_t first;
	uint64_t end;
	bool has_frames;
	bool has_audit;
	bool is_cut;
	bool by_type;
	bool has_error;
	uint64_t nr_device;
};

/**
 * map_read() - read all sources
 * @source: receives it; map_source_fini() also after an error
 * @with_audit: run an audit too
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int map_read(struct map_source *source, bool with_audit);

/**
 * map_read_types() - read the types with which a range is mapped
 * @source: receives it; map_source_fini() also after an error
 * @from: file with a list that was saved with audit --json, or NULL
 * @first: without @from: first frame
 * @end: without @from: frame after the last
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int map_read_types(struct map_source *source, const char *from,
		   uint64_t first, uint64_t end);

/** map_source_fini() - free the memory. */
void map_source_fini(struct map_source *source);

/**
 * map_runs_add() - add a run
 * @source: receives it, at the end
 * @first: below MAP_FRAMES_MAX
 * @nr: at least 1, and not beyond MAP_FRAMES_MAX
 * @kind: its kind
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int map_runs_add(struct map_source *source, uint64_t first, uint64_t nr,
		 enum map_kind kind);

/** map_runs_tidy() - sort, and merge runs that overlap or touch. */
void map_runs_tidy(struct map_source *source);

/**
 * map_runs_reduce_others() - reduce MAP_OTHER to memory that is not held
 *
 * Uncached frames include those that noalias holds and those of devices. The
 * rest is memory that another driver has made uncached.
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message; tidy in both cases.
 */
int map_runs_reduce_others(struct map_source *source);

/**
 * struct map_shape - division of memory into cells; 0: to be chosen
 * @columns: cells in a row
 * @rows_max: rows that fit, if the block is to be chosen
 * @block: frames in a cell, a power of two
 * @first: frame to begin with
 * @end: one past the last; 0: all
 */
struct map_shape {
	uint64_t columns;
	uint64_t rows_max;
	uint64_t block;
	uint64_t first;
	uint64_t end;
};

/** struct map_cell - frames of each kind in a block */
struct map_cell {
	uint32_t nr[NR_MAP_KINDS];
};

/**
 * struct map - the map
 * @shape: shape in use; @shape.first is the first frame of the first cell
 * @cells: @nr_rows rows
 * @nr_rows: rows
 * @total: frames of each kind, also those outside the shape
 */
struct map {
	struct map_shape shape;
	struct map_cell *cells;
	uint64_t nr_rows;
	uint64_t total[NR_MAP_KINDS];
};

/**
 * map_make() - count runs into cells; CLI_CLEAN, or CLI_TROUBLE after a
 * message.
 */
int map_make(struct map *map, const struct map_source *source,
	     const struct map_shape *wanted);

/** map_fini() - free the memory. */
void map_fini(struct map *map);

/** map_cell_nr() - frames of memory in it; 0: a hole. */
uint64_t map_cell_nr(const struct map_cell *cell);

/** map_kind_is_drawn() - can a map of this source have the kind? */
bool map_kind_is_drawn(const struct map_source *source, enum map_kind kind);

/** map_cell_kind() - kind that it shows; not for a hole. */
enum map_kind map_cell_kind(const struct map_cell *cell);

/** map_row_is_hole() - is there no memory in the row? */
bool map_row_is_hole(const struct map *map, uint64_t row);

/** map_row_address() - address of its first byte. */
uint64_t map_row_address(const struct map *map, uint64_t row);

/** struct map_look - representation of a kind */
struct map_look {
	const char *name;	/* in JSON */
	const char *text;	/* in the legend */
	char few;		/* in the terminal, fewer than half */
	char many;		/* at least half of the cell */
	int background;		/* of the 256 colours */
	int foreground;
	const char *rgb;	/* in SVG */
};

extern const struct map_look map_looks[NR_MAP_KINDS];

/** map_size() - format bytes, e.g. "4 MiB"; valid until the 4th call after. */
const char *map_size(uint64_t bytes);

/** MAP_LABEL_WIDTH - columns before the cells: an address and a space. */
#define MAP_LABEL_WIDTH 16

void map_print_term(const struct map *map, const struct map_source *source);

/** map_write_svg() - Return: CLI_CLEAN, or CLI_TROUBLE after a message. */
int map_write_svg(const struct map *map, const struct map_source *source,
		  const char *path);

void map_print_json(const struct map *map, const struct map_source *source);

#endif
