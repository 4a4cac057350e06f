// SPDX-License-Identifier: GPL-2.0
/*
 * Memory in pieces: a system that has no block of more than so many frames for
 * the module under test. A guest that has just booted has nothing but large
 * ones, and a buffer of one block has none of the borders that tests want.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "na_fail.h"

static DEFINE_MUTEX(pieces_lock);
static const struct file *pieces_owner;
static unsigned int nr_frames_max;
static struct kprobe probe;

/* na_port_frames_alloc(port, nr, ...) */
static int on_alloc(struct kprobe *kp, struct pt_regs *regs)
{
	if ((u32)regs_get_kernel_argument(regs, 1) <= nr_frames_max)
		return 0;
	na_fail_instead(regs, -ENOMEM);
	return 1;
}

static void on_called(struct kprobe *kp, struct pt_regs *regs,
		      unsigned long flags)
{
}

static int begin(const struct file *file, unsigned int nr)
{
	int err;

	if (pieces_owner && pieces_owner != file)
		return -EBUSY;
	nr_frames_max = nr;
	if (pieces_owner)
		return 0;
	probe = (struct kprobe){
		.symbol_name = "na_port_frames_alloc",
		.pre_handler = on_alloc,
		.post_handler = on_called,
	};
	err = register_kprobe(&probe);
	if (!err)
		pieces_owner = file;
	return err;
}

static ssize_t pieces_write(struct file *file, const char __user *user,
			    size_t len, loff_t *pos)
{
	char text[NA_REQUEST_MAX];
	unsigned int nr;
	int err = na_get_request(text, user, len);

	if (!err)
		err = kstrtouint(text, 0, &nr);
	if (!err && !nr)
		err = -EINVAL;
	if (err)
		return err;
	mutex_lock(&pieces_lock);
	err = begin(file, nr);
	mutex_unlock(&pieces_lock);
	return err ?: len;
}

static int pieces_release(struct inode *inode, struct file *file)
{
	mutex_lock(&pieces_lock);
	if (pieces_owner == file) {
		unregister_kprobe(&probe);
		pieces_owner = NULL;
	}
	mutex_unlock(&pieces_lock);
	return 0;
}

const struct file_operations na_pieces_fops = {
	.owner = THIS_MODULE,
	.write = pieces_write,
	.release = pieces_release,
};
