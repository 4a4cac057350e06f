/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tables of text: a line of titles, columns as wide as their cells. Cells are
 * words without spaces where possible, for awk; nothing is truncated.
 */
#ifndef NA_CLI_TABLE_H
#define NA_CLI_TABLE_H

#include <stddef.h>

/** struct table - zero except @format; the rest is private. */
struct table {
	const char *format;	/* a letter a column: l left, r right */
	char **cells;
	size_t nr;
	size_t room;
};

/** table_add() - add a cell; the first row has the titles. */
__attribute__((format(printf, 2, 3)))
void table_add(struct table *table, const char *format, ...);

/** table_print() - print to stdout and empty the table. */
void table_print(struct table *table);

#endif
