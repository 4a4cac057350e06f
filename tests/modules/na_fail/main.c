// SPDX-License-Identifier: GPL-2.0
/* na_fail.ko: the files, and what they share. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "na_fail.h"

static struct dentry *dir;

int na_get_request(char *text, const char __user *user, size_t len)
{
	if (len >= NA_REQUEST_MAX)
		return -EINVAL;
	if (copy_from_user(text, user, len))
		return -EFAULT;
	text[len] = 0;
	return 0;
}

static int __init na_fail_init(void)
{
	dir = debugfs_create_dir("na_fail", NULL);
	debugfs_create_file("fail", 0600, dir, NULL, &na_fail_fops);
	debugfs_create_file("look", 0600, dir, NULL, &na_look_fops);
	debugfs_create_file("hold", 0600, dir, NULL, &na_hold_fops);
	debugfs_create_file("leak", 0200, dir, NULL, &na_leak_fops);
	debugfs_create_file("lock", 0600, dir, NULL, &na_lock_fops);
	debugfs_create_file("pieces", 0200, dir, NULL, &na_pieces_fops);
	debugfs_create_file("refused", 0600, dir, NULL, &na_refused_fops);
	return 0;
}

static void __exit na_fail_exit(void)
{
	debugfs_remove_recursive(dir);
	na_fail_fini();
	na_refused_fini();
}

module_init(na_fail_init);
module_exit(na_fail_exit);

MODULE_DESCRIPTION("noalias tests: failing calls and page tables seen from inside");
MODULE_AUTHOR("noalias maintainers");
MODULE_IMPORT_NS("DMA_BUF");
MODULE_LICENSE("GPL");
