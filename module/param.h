/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: module parameters with a range
 *
 * A value out of range is refused at load time and when written later, with a
 * line in the log that has parameter and limits.
 */
#ifndef NA_MODULE_PARAM_H
#define NA_MODULE_PARAM_H

#include <linux/moduleparam.h>

struct na_param_range {
	unsigned int min;
	unsigned int max;
};

/** struct na_param_ranged - an unsigned int and its range. */
struct na_param_ranged {
	unsigned int *value;
	const struct na_param_range *range;
};

/** na_param_ranged_ops - for module_param_cb() with a na_param_ranged. */
extern const struct kernel_param_ops na_param_ranged_ops;

#endif
