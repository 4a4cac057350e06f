/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the interpreter's files.
 *
 * interp.c         lines, commands about frames, conversions and purges
 * interp_words.c   words of a line, and lookup of names
 * interp_window.c  commands about windows
 */
#ifndef SCN_INTERP_PARTS_H
#define SCN_INTERP_PARTS_H

#include "interp.h"

/* Result of a command: the text itself is wrong. */
#define NONSENSE	(-10000)
#define MS_NS		1000000ull

/* --- interp_words.c ------------------------------------------------------- */

const char *scn_error_name(int err);
/** scn_word() - word @idx of the line; "" when there are not so many. */
const char *scn_word(const struct scn *scn, u32 idx);
void scn_copy_word(char *to, const char *from);
bool scn_is_number(const char *text, u32 *number);
bool scn_is_type(const char *text, enum na_memtype *type);
/** scn_fail_text() - log that the run failed. Return: false. */
bool scn_fail_text(struct scn *scn, const char *why, const char *what);

struct scn_group *scn_find_group(struct scn *scn, const char *name, u32 len);
struct scn_set *scn_find_set(struct scn *scn, u32 idx);
struct scn_hold *scn_find_hold(struct scn *scn, int kind,
			       const struct scn_set *set,
			       struct na_frame frame);
/** scn_find_row() - a row of @set that shows the frame. */
struct scn_hold *scn_find_row(struct scn *scn, const struct scn_set *set,
			      struct na_frame frame);
bool scn_one_frame(struct scn *scn, u32 idx, struct na_frame *frame);
bool scn_one_run(struct scn *scn, u32 idx, struct na_run *run);
/** scn_collect_runs() - words @from up to but not @to, into scn->runs. */
bool scn_collect_runs(struct scn *scn, u32 from, u32 to);

/* --- interp_window.c: commands -------------------------------------------- */

int scn_do_window(struct scn *scn);
int scn_do_window_end(struct scn *scn);
int scn_do_map(struct scn *scn);
int scn_do_unmap(struct scn *scn);
int scn_do_map_run(struct scn *scn);
int scn_do_unmap_run(struct scn *scn);
int scn_do_access(struct scn *scn);
int scn_do_local_map(struct scn *scn);
int scn_do_local_unmap(struct scn *scn);
int scn_do_local_access(struct scn *scn);
int scn_do_window_purge(struct scn *scn);
int scn_do_slots(struct scn *scn);
int scn_do_counters(struct scn *scn);

#endif
