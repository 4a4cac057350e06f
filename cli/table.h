/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Tables of text: a line of titles, columns as wide as what is in them.
 * Cells are words without spaces as far as possible, for awk; nothing is cut.
 */
#ifndef NA_CLI_TABLE_H
#define NA_CLI_TABLE_H

#include <stddef.h>

/** struct table - zeroed but for @format; the rest is the table's own. */
struct table {
	const char *format;	/* a letter a column: l left, r right */
	char **cells;
	size_t nr;
	size_t room;
};

/** table_add() - the next cell; those of the first row are the titles. */
__attribute__((format(printf, 2, 3)))
void table_add(struct table *table, const char *format, ...);

/** table_print() - on stdout; then the table is empty. */
void table_print(struct table *table);

#endif
