// SPDX-License-Identifier: GPL-2.0
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/major.h>
#include <linux/namei.h>
#include <linux/path.h>

#include "node.h"

static bool is_node_of(const struct inode *inode,
		       const struct miscdevice *misc)
{
	return S_ISCHR(inode->i_mode) &&
	       inode->i_rdev == MKDEV(MISC_MAJOR, misc->minor);
}

static void warn_taken(const char *name, const struct inode *inode,
		       const struct miscdevice *misc)
{
	if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
		pr_warn("noalias: %s is device %u:%u, not ours (%u:%d): programs open something else under this name\n",
			name, imajor(inode), iminor(inode), MISC_MAJOR,
			misc->minor);
	else
		pr_warn("noalias: %s is no device node: programs cannot reach ours (%u:%d)\n",
			name, MISC_MAJOR, misc->minor);
}

static void check_node(const struct miscdevice *misc)
{
	const struct inode *inode;
	struct path path;
	char name[64];

	snprintf(name, sizeof(name), "/dev/%s", misc->nodename ?: misc->name);
	if (kern_path(name, LOOKUP_FOLLOW, &path))
		return;
	inode = d_backing_inode(path.dentry);
	if (!is_node_of(inode, misc))
		warn_taken(name, inode, misc);
	path_put(&path);
}

/* misc_register() would find out too, and sysfs print a stack about it. */
static bool has_other_device(const struct miscdevice *misc)
{
	struct path path;
	char name[64];

	snprintf(name, sizeof(name), "/sys/class/misc/%s", misc->name);
	if (kern_path(name, 0, &path))
		return false;
	path_put(&path);
	return true;
}

int na_node_register(struct miscdevice *misc)
{
	int err = has_other_device(misc) ? -EEXIST : misc_register(misc);

	if (err == -EEXIST)
		pr_err("noalias: another driver has a device %s: no such node can be made\n",
		       misc->name);
	else if (err)
		pr_err("noalias: cannot register /dev/%s: %d\n",
		       misc->nodename ?: misc->name, err);
	else
		check_node(misc);
	return err;
}
