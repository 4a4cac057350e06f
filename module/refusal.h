/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: refusals
 *
 * An errno does not say which field was wrong. The last refusal of each thread
 * is recorded with field, value and limit: the thread can read it through any
 * node of the module (NOALIAS_IOC_QUERY_REFUSAL), root reads all of them in
 * debugfs (noalias/refusals). Refusals are not logged, because any client of a
 * heap could fill the log.
 */
#ifndef NA_MODULE_REFUSAL_H
#define NA_MODULE_REFUSAL_H

#include <linux/seq_file.h>
#include <linux/types.h>
#include <uapi/noalias.h>

/**
 * struct na_limit - limit of a value
 * @text: allowed values in words; static string
 * @remedy: what the caller can do, or NULL; static string
 * @max: largest value as a number in the same unit; 0: there is none
 * @used: how much of @max is in use; only with NOALIAS_IOC_LIMIT_NOW
 * @scope: NOALIAS_IOC_LIMIT_*: does @max change?
 */
struct na_limit {
	const char *text;
	const char *remedy;
	u64 max;
	u64 used;
	u32 scope;
};

/** na_refusals_init() - call before anything can be refused. */
void na_refusals_init(void);

/**
 * na_refuse() - record a refusal
 * @field: name of the field, parameter or flag; static string
 * @value: its value
 * @limit: allowed values in words; static string
 * @err: the negative errno that the caller returns
 *
 * Context: process context, any.
 * Return: @err.
 */
int na_refuse(const char *field, u64 value, const char *limit, int err);

/** na_refuse_limit() - record a refusal with a number or a remedy. */
int na_refuse_limit(const char *field, u64 value, struct na_limit limit,
		    int err);

/**
 * na_refusal_mark() - a point in time, for na_refuse_unless()
 *
 * Context: any.
 */
u64 na_refusal_mark(void);

/**
 * na_refuse_unless() - record an error unless a callee has recorded a refusal
 * @mark: taken by this thread before the call that failed
 * @field: as na_refuse()
 * @value: as na_refuse()
 * @err: negative errno of that call
 *
 * After an error a thread must not read the record of an older one. So every
 * path that returns an error from the module calls this or na_refuse().
 *
 * Context: process context, any.
 * Return: @err.
 */
int na_refuse_unless(u64 mark, const char *field, u64 value, int err);

/**
 * na_refusal_tell() - read the last refusal of the calling thread
 * @query: receives it; flags and reserved fields are not changed
 *
 * Context: process context, any.
 * Return: 0; -ENOENT there is none, or it was replaced.
 */
int na_refusal_tell(struct noalias_query_refusal *query);

/** na_refusals_show() - print the last refusal of each thread, newest first. */
int na_refusals_show(struct seq_file *seq, void *unused);

#endif
