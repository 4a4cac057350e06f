/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: refusals
 *
 * An errno says that something was wrong, not what. The last refusal of each
 * thread is kept, with the field, the value and the limit: the thread itself
 * can ask for it through any node of the module (NOALIAS_IOC_QUERY_REFUSAL),
 * root reads all of them in debugfs (noalias/refusals). Not in the kernel
 * log: anybody who may open a heap could fill that.
 */
#ifndef NA_MODULE_REFUSAL_H
#define NA_MODULE_REFUSAL_H

#include <linux/seq_file.h>
#include <linux/types.h>
#include <uapi/noalias.h>

/**
 * struct na_limit - what a value may be
 * @text: in words; static string
 * @remedy: what whoever asked can do, or NULL; static string
 * @max: the same as a number in the unit of the value; 0: there is none
 * @used: how much of @max others have; only with NOALIAS_IOC_LIMIT_NOW
 * @scope: NOALIAS_IOC_LIMIT_*: does @max change?
 */
struct na_limit {
	const char *text;
	const char *remedy;
	u64 max;
	u64 used;
	u32 scope;
};

/** na_refusals_init() - before anything can be refused. */
void na_refusals_init(void);

/**
 * na_refuse() - remember why a request was refused
 * @field: name of the field, parameter or flag; static string
 * @value: what it was
 * @limit: what it may be; static string
 * @err: the negative errno that the caller is about to return
 *
 * Context: process context, any.
 * Return: @err.
 */
int na_refuse(const char *field, u64 value, const char *limit, int err);

/** na_refuse_limit() - the same where the limit is more than a word. */
int na_refuse_limit(const char *field, u64 value, struct na_limit limit,
		    int err);

/**
 * na_refusal_mark() - a point in time, for na_refuse_unless()
 *
 * Context: any.
 */
u64 na_refusal_mark(void);

/**
 * na_refuse_unless() - remember an error that nobody below has explained
 * @mark: taken by this thread before the call that failed
 * @field: as na_refuse()
 * @value: as na_refuse()
 * @err: negative errno of that call
 *
 * Who asks after an error must not be told the reason of an older one. So each
 * way out of the module with an error passes here, or through na_refuse().
 *
 * Context: process context, any.
 * Return: @err.
 */
int na_refuse_unless(u64 mark, const char *field, u64 value, int err);

/**
 * na_refusal_tell() - the last refusal of the calling thread
 * @query: receives it; flags and reserved fields are left alone
 *
 * Context: process context, any.
 * Return: 0; -ENOENT there is none, or there is no room for it any more.
 */
int na_refusal_tell(struct noalias_query_refusal *query);

/** na_refusals_show() - print the last refusal of each thread, newest first. */
int na_refusals_show(struct seq_file *seq, void *unused);

#endif
