/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: refusals
 *
 * An errno says that something was wrong, not what. The last refusals are
 * kept and shown in debugfs (noalias/refusals), each with the field, the
 * value and the limit, so that a person can act on them. Not in the kernel
 * log: anybody who may open a heap could fill that.
 */
#ifndef NA_MODULE_REFUSAL_H
#define NA_MODULE_REFUSAL_H

#include <linux/seq_file.h>
#include <linux/types.h>

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

/** na_refusals_show() - print the last refusals, newest first. */
int na_refusals_show(struct seq_file *seq, void *unused);

#endif
