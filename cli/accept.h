/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Conflicts that somebody has looked at and accepted, from a file, so that a known
 * one does not bury a new one. They stay in the report, counted apart.
 *
 * A line has four columns, separated by '|'; '#' begins a comment line:
 *
 *	maker | mappings | until | reason
 *
 * maker: as "maker" in the JSON of an audit; '*' stands for any characters.
 * mappings: what may take part, like "direct WB, vmalloc WC": a conflict with a
 * mapping of another kind or type is not accepted. until: the last day, in UTC,
 * as YYYY-MM-DD; afterwards the line counts for nothing, and that is said.
 */
#ifndef NA_CLI_ACCEPT_H
#define NA_CLI_ACCEPT_H

#include <noalias/audit.h>

/** ACCEPT_RULES_MAX - lines of a file. */
#define ACCEPT_RULES_MAX 256

/**
 * struct accept_rule - a line
 * @maker: pattern
 * @mappings: by enum na_space, a bit for each enum na_audit_type
 * @until: last day, YYYY-MM-DD
 * @reason: text
 */
struct accept_rule {
	char maker[NA_AUDIT_NAME_MAX];
	u8 mappings[NR_NA_SPACES];
	char until[11];
	char reason[256];
};

/**
 * struct accept - a file
 * @rules: those that are not past their day
 * @nr: number of @rules
 */
struct accept {
	struct accept_rule *rules;
	u32 nr;
};

/**
 * accept_read() - read a file
 * @path: path
 * @accept: receives it; accept_free()
 *
 * Warns of each line that is past its day.
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message with file and line.
 */
int accept_read(const char *path, struct accept *accept);

/** accept_free() - free what accept_read() made. */
void accept_free(struct accept *accept);

/**
 * accept_find() - the rule by which a conflict is accepted
 * @accept: rules
 * @result: result
 * @conflict: conflict of it
 *
 * Never one of the module's own memory, nor one with mappings that are not
 * listed.
 *
 * Return: the first rule that fits, or NULL.
 */
const struct accept_rule *accept_find(const struct accept *accept,
				      const struct na_audit_result *result,
				      const struct na_audit_conflict *conflict);

#endif
