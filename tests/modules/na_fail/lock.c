// SPDX-License-Identifier: GPL-2.0
/*
 * A process that holds its mmap lock for as long as somebody likes. A thread
 * of the kernel takes the lock and gives it back, because who takes a lock
 * must not return to user space with it.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "na_fail.h"

struct locker {
	struct mm_struct *mm;
	struct task_struct *task;
	struct completion taken;
	struct completion let_go;
};

static int hold_lock(void *data)
{
	struct locker *locker = data;

	mmap_write_lock(locker->mm);
	complete(&locker->taken);
	wait_for_completion(&locker->let_go);
	mmap_write_unlock(locker->mm);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int locker_open(struct inode *inode, struct file *file)
{
	struct locker *locker = kzalloc(sizeof(*locker), GFP_KERNEL);

	if (!locker)
		return -ENOMEM;
	init_completion(&locker->taken);
	init_completion(&locker->let_go);
	file->private_data = locker;
	return 0;
}

static struct mm_struct *find_mm(int nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;

	if (task)
		put_task_struct(task);
	put_pid(pid);
	return mm;
}

static int start_locker(struct locker *locker, int pid)
{
	if (locker->task)
		return -EBUSY;
	locker->mm = find_mm(pid);
	if (!locker->mm)
		return -ESRCH;
	locker->task = kthread_run(hold_lock, locker, "na_fail_lock");
	if (IS_ERR(locker->task)) {
		locker->task = NULL;
		mmput(locker->mm);
		return -ENOMEM;
	}
	wait_for_completion(&locker->taken);
	return 0;
}

static ssize_t locker_write(struct file *file, const char __user *user,
			  size_t len, loff_t *pos)
{
	char text[NA_REQUEST_MAX];
	int pid, err = na_get_request(text, user, len);

	if (!err)
		err = kstrtoint(text, 0, &pid);
	if (!err)
		err = start_locker(file->private_data, pid);
	return err ?: len;
}

static int locker_release(struct inode *inode, struct file *file)
{
	struct locker *locker = file->private_data;

	if (locker->task) {
		complete(&locker->let_go);
		kthread_stop(locker->task);
		mmput(locker->mm);
	}
	kfree(locker);
	return 0;
}

const struct file_operations na_lock_fops = {
	.owner = THIS_MODULE,
	.open = locker_open,
	.write = locker_write,
	.release = locker_release,
};
