// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "character.h"
#include "color.h"

#define COLUMNS_MAX 16

static void no_memory(void)
{
	fputs("noalias: there is not enough memory\n", stderr);
	exit(2);
}

/* Cells may have names with terminal escapes: replace control characters. */
static void blank_controls(char *text)
{
	int len;

	for (; *text; text += len) {
		len = character_len(text);
		if (!character_is_control(text, len))
			continue;
		len = len ? len : 1;
		memset(text, '?', (size_t)len);
	}
}

void table_add(struct table *table, const char *format, ...)
{
	va_list args;
	char **cells;

	if (table->nr == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		cells = realloc(table->cells, table->room * sizeof(*cells));
		if (!cells)
			no_memory();
		table->cells = cells;
	}
	va_start(args, format);
	if (vasprintf(&table->cells[table->nr], format, args) < 0)
		no_memory();
	va_end(args);
	blank_controls(table->cells[table->nr]);
	table->nr++;
}

static void measure(const struct table *table, size_t nr_columns, int *width)
{
	size_t i;
	int len;

	memset(width, 0, nr_columns * sizeof(*width));
	for (i = 0; i < table->nr; i++) {
		len = (int)strlen(table->cells[i]);
		if (len > width[i % nr_columns])
			width[i % nr_columns] = len;
	}
}

static void print_row(const struct table *table, size_t nr_columns, size_t row,
		      const int *width)
{
	size_t i;

	if (!row)
		fputs(color(COLOR_BOLD), stdout);
	for (i = 0; i < nr_columns; i++) {
		if (i)
			fputs("  ", stdout);
		if (table->format[i] == 'r')
			printf("%*s", width[i], table->cells[row + i]);
		else if (i + 1 < nr_columns)
			printf("%-*s", width[i], table->cells[row + i]);
		else
			fputs(table->cells[row + i], stdout);
	}
	if (!row)
		fputs(color(COLOR_PLAIN), stdout);
	putchar('\n');
}

void table_print(struct table *table)
{
	size_t nr_columns = strlen(table->format), i;
	int width[COLUMNS_MAX];

	if (nr_columns > COLUMNS_MAX)
		nr_columns = COLUMNS_MAX;
	measure(table, nr_columns, width);
	for (i = 0; i + nr_columns <= table->nr; i += nr_columns)
		print_row(table, nr_columns, i, width);
	for (i = 0; i < table->nr; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->nr = table->room = 0;
}
