// SPDX-License-Identifier: GPL-2.0
/* Module parameters with a range, with common set and get functions. */
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>

#include "param.h"

static int ranged_set(const char *text, const struct kernel_param *kp)
{
	const struct na_param_ranged *param = kp->arg;
	unsigned int value;
	int err;

	err = kstrtouint(text, 0, &value);
	if (!err && (value < param->range->min || value > param->range->max))
		err = -ERANGE;
	if (err) {
		pr_err("noalias: parameter %s must be %u to %u\n", kp->name,
		       param->range->min, param->range->max);
		return err;
	}
	WRITE_ONCE(*param->value, value);
	return 0;
}

static int ranged_get(char *text, const struct kernel_param *kp)
{
	const struct na_param_ranged *param = kp->arg;

	return sysfs_emit(text, "%u\n", READ_ONCE(*param->value));
}

const struct kernel_param_ops na_param_ranged_ops = {
	.set = ranged_set,
	.get = ranged_get,
};
