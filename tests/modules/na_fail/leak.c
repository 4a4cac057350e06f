// SPDX-License-Identifier: GPL-2.0
/* Memory that nobody knows of any more. */
#include <linux/slab.h>
#include <linux/string.h>

#include "na_fail.h"

/* Not inlined: a search for leaks names it. */
static noinline void *na_fail_lose(void)
{
	return kmalloc(PAGE_SIZE, GFP_KERNEL);
}

static ssize_t leak_write(struct file *file, const char __user *user,
			  size_t len, loff_t *pos)
{
	void *lost = na_fail_lose();

	if (!lost)
		return -ENOMEM;
	memset(lost, 0xa5, PAGE_SIZE);
	return len;
}

const struct file_operations na_leak_fops = {
	.owner = THIS_MODULE,
	.write = leak_write,
};
