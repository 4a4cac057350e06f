// SPDX-License-Identifier: GPL-2.0
/*
 * tables: a debugfs file that reads as all that the auditor's walker finds in
 * the tables of the kernel and of the process that reads. A read from the
 * beginning walks anew. noalias.ko may be loaded or not.
 *
 * Nothing is allocated for a walk but the walker: what is written down would
 * else be part of what is walked.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>

#include "audit.h"
#include "tables.h"

struct answer {
	struct tables_head head;
	struct tables_region regions[TABLES_REGIONS_MAX];
	struct tables_run runs[TABLES_RUNS_MAX];
};

static struct answer *answer;
static struct na_port port;
static struct dentry *file;
static DEFINE_MUTEX(walk_mutex);

static void note_regions(const struct na_audit_walker *walker)
{
	const struct na_linux_region *from = walker->regions;
	struct tables_region *to = answer->regions;
	u32 i;

	BUILD_BUG_ON(NA_LINUX_REGIONS_MAX > TABLES_REGIONS_MAX);
	answer->head.nr_regions = walker->nr_regions;
	for (i = 0; i < walker->nr_regions; i++, from++, to++) {
		to->start = from->start;
		to->end = from->end;
		strscpy(to->name, from->name, sizeof(to->name));
	}
}

static int walk(void)
{
	struct na_audit audit = {
		.pid = task_tgid_nr(current), .is_wanted = true,
		.runs = answer->runs,
	};
	struct na_audit_walker *walker;
	int err = na_port_audit_begin(&port, &audit, &walker);

	if (err)
		return err;
	note_regions(walker);
	err = na_port_audit_walk(walker);
	na_port_audit_end(walker);
	answer->head.nr_runs = audit.nr_runs;
	return err;
}

static ssize_t tables_read(struct file *file, char __user *to, size_t len,
			   loff_t *pos)
{
	ssize_t ret = 0;

	mutex_lock(&walk_mutex);
	if (!*pos)
		ret = walk();
	if (!ret)
		ret = simple_read_from_buffer(to, len, pos, answer,
			offsetof(struct answer, runs[answer->head.nr_runs]));
	mutex_unlock(&walk_mutex);
	return ret;
}

static const struct file_operations tables_fops = {
	.owner = THIS_MODULE,
	.read = tables_read,
};

static int __init tables_init(void)
{
	answer = vzalloc(sizeof(*answer));
	if (!answer)
		return -ENOMEM;
	file = debugfs_create_file("na_tables", 0400, NULL, NULL, &tables_fops);
	if (IS_ERR(file)) {
		vfree(answer);
		return PTR_ERR(file);
	}
	return 0;
}

static void __exit tables_exit(void)
{
	debugfs_remove(file);
	vfree(answer);
}

module_init(tables_init);
module_exit(tables_exit);

MODULE_DESCRIPTION("What the auditor's walker finds, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
