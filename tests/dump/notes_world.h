/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef NOTES_WORLD_H
#define NOTES_WORLD_H

#include "../../port/dump/notes.h"
#include "../unit/tap.h"

/* Any line of a list has @part. */
ROOM bool kernel_has_line(const struct na_note_list *list, const char *part)
{
	u32 i;

	for (i = 0; i < list->nr; i++)
		if (strstr(list->lines[i], part))
			return true;
	return false;
}

#endif
