/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: scenarios as text
 *
 * A scenario is lines of words; tests/scenario/README.md lists them. The
 * interpreter runs them on the engine, on whatever port it is linked with,
 * and writes an event log: each line of the text, each effect that the engine
 * requests from the port meanwhile, and the result. Frames, slots and ranges
 * have their names in the text, never numbers or addresses, so the logs of two
 * machines are identical unless one of them is wrong.
 *
 * It uses neither libc nor the kernel: world.h has what a scenario needs
 * besides the engine.
 */
#ifndef SCN_INTERP_H
#define SCN_INTERP_H

#include <noalias/convert.h>
#include <noalias/purge.h>
#include <noalias/window.h>

#define SCN_NAME_MAX	16
#define SCN_WORDS_MAX	12
#define SCN_FRAMES_MAX	8	/* of one group */
#define SCN_GROUPS_MAX	8
#define SCN_SETS_MAX	4
#define SCN_HOLDS_MAX	16
#define SCN_FAILS_MAX	4
#define SCN_RUNS_MAX	16
#define SCN_LOCALS_MAX	4
#define SCN_LOG_MAX	16384

/** struct scn_group - frames that one line of the text allocated. */
struct scn_group {
	char name[SCN_NAME_MAX];
	u32 nr;			/* 0: the entry is free */
	bool is_block;		/* consecutive, one run */
	struct na_frame frames[SCN_FRAMES_MAX];
};

/** struct scn_set - a window set; ranges as the engine opened them. */
struct scn_set {
	char name[SCN_NAME_MAX];
	struct na_window_set *set;	/* NULL: the entry is free */
	struct na_port_range *ranges[2];
	u32 nr_ranges;
	u32 local_depth;
	struct na_window_local locals[SCN_LOCALS_MAX];
	struct na_frame local_frames[SCN_LOCALS_MAX];
	u32 nr_locals;
};

/** struct scn_hold - a mapping that the text has not unmapped yet. */
struct scn_hold {
	enum { SCN_HOLD_FREE, SCN_HOLD_WINDOW, SCN_HOLD_RUN, SCN_HOLD_KMAP,
	       SCN_HOLD_VMAP } kind;
	struct scn_set *set;
	struct na_frame frame;
	u32 nr;			/* of frames, from that one on */
	struct na_window window;
	void *addr;
};

/** struct scn_fail - a call of the port that is to fail once. */
struct scn_fail {
	char call[SCN_NAME_MAX];	/* without na_port_; empty: none */
	bool is_late;		/* it does its work and then fails */
};

/** struct scn - one run of one text. */
struct scn {
	struct na_machine *machine;
	struct na_port *port;
	struct scn_group groups[SCN_GROUPS_MAX];
	struct scn_set sets[SCN_SETS_MAX];
	struct scn_set *opening;	/* whose ranges are being opened */
	struct scn_hold holds[SCN_HOLDS_MAX];
	struct scn_fail fails[SCN_FAILS_MAX];
	char words[SCN_WORDS_MAX][SCN_NAME_MAX];
	u32 nr_words;
	struct na_run runs[SCN_RUNS_MAX];
	u32 nr_runs;
	int pending;		/* result that no line has checked yet */
	bool has_pending;
	bool is_skipped;
	bool has_failed;
	u32 log_len;
	char log[SCN_LOG_MAX];
};

/** scn_now - the current run: effects are written to its log. */
extern struct scn *scn_now;

/**
 * scn_run() - run a text
 * @scn: zero except machine and port; receives the log
 * @text: the lines
 *
 * Context: may sleep, no lock, one run at a time.
 * Return: true when the text ended, every result was the expected one and
 * nothing is left; otherwise the log's last line says why. After false the
 * frames and sets of the run are leaked, because their state is unknown.
 */
bool scn_run(struct scn *scn, const char *text);

/* --- log.c ---------------------------------------------------------------- */

void scn_put(struct scn *scn, const char *text);
void scn_put_number(struct scn *scn, u32 number);
void scn_put_run(struct scn *scn, struct na_run run);
void scn_put_runs(struct scn *scn, const struct na_run *runs, u32 nr_runs);
/** scn_put_range() - "w", or "w.local" for the range of local windows. */
void scn_put_range(struct scn *scn, const struct na_port_range *range);
/** scn_put_slot() - "w[2]", or "w.local[0]" whatever the CPU. */
void scn_put_slot(struct scn *scn, const struct na_port_range *range, u32 idx);
/** scn_same() - are the words the same? */
bool scn_same(const char *a, const char *b);

#endif
