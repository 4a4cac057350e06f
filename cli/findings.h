/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Findings of noalias doctor and noalias selftest: what was looked at, how it is,
 * and what helps.
 */
#ifndef NA_CLI_FINDINGS_H
#define NA_CLI_FINDINGS_H

#include <stdbool.h>

#include "json_out.h"

/**
 * enum finding_state - state of a finding
 * @FINDING_OK: as it should be
 * @FINDING_NOTE: less than possible, or unknown
 * @FINDING_PROBLEM: something does not work
 */
enum finding_state {
	FINDING_OK,
	FINDING_NOTE,
	FINDING_PROBLEM,
};

/** struct finding - @remedy is empty if there is none */
struct finding {
	const char *name;
	enum finding_state state;
	char text[384];
	char remedy[384];
};

#define FINDINGS_MAX 64

/**
 * struct findings - zero at first
 * @all: in the order in which they were added
 * @nr: how many
 * @nr_problems: those that are PROBLEM, also where @all was full
 */
struct findings {
	struct finding all[FINDINGS_MAX];
	unsigned int nr;
	unsigned int nr_problems;
};

/** struct findings_options - of the commands that report findings */
struct findings_options {
	bool is_json;
	bool is_quiet;
};

/** findings_take() - options 'j' and 'q', into a struct findings_options. */
int findings_take(void *arg, int option, const char *value);

/**
 * findings_add() - add a finding with a formatted text
 *
 * Return: the finding, for finding_remedy().
 */
__attribute__((format(printf, 4, 5)))
struct finding *findings_add(struct findings *findings, const char *name,
			     enum finding_state state, const char *format, ...);

/** finding_remedy() - set the remedy of a finding. */
__attribute__((format(printf, 2, 3)))
void finding_remedy(struct finding *finding, const char *format, ...);

/** findings_print() - one a line, wrapped for a terminal; @is_quiet: not OK ones. */
void findings_print(const struct findings *findings, bool is_quiet);

/** findings_put() - as the member "findings". */
void findings_put(struct json_out *out, const struct findings *findings);

#endif
