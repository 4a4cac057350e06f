// SPDX-License-Identifier: GPL-2.0
/*
 * scenario: debugfs files that run the texts of tests/scenario on this kernel.
 * In na_scenario/NAME/: "log" runs the text each time it is opened and reads
 * as its event log; "expected" is the log that the simulated machine wrote.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "interp.h"
#include "scenario.h"

static struct na_port port;
static struct na_machine machine;
static struct dentry *root;
static DEFINE_MUTEX(run_mutex);

static int run(struct seq_file *file, const struct scenario_text *text)
{
	struct scn *scn = kvzalloc(sizeof(*scn), GFP_KERNEL);
	int err;

	if (!scn)
		return -ENOMEM;
	scn->machine = &machine;
	scn->port = &port;
	err = scenario_world_begin(&port);
	if (!err) {
		scn_run(scn, text->text);
		seq_puts(file, scn->log);
	}
	kvfree(scn);
	return err;
}

static int log_show(struct seq_file *file, void *unused)
{
	int err;

	mutex_lock(&run_mutex);
	err = run(file, file->private);
	mutex_unlock(&run_mutex);
	return err;
}

/* As large as any log: a buffer that is too small would mean a second run. */
static int log_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, log_show, inode->i_private,
				SCN_LOG_MAX + PAGE_SIZE);
}

static const struct file_operations log_fops = {
	.owner = THIS_MODULE,
	.open = log_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int expected_show(struct seq_file *file, void *unused)
{
	const struct scenario_text *text = file->private;

	seq_puts(file, text->expected);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(expected);

static void make_files(void)
{
	const struct scenario_text *text;
	struct dentry *dir;

	root = debugfs_create_dir("na_scenario", NULL);
	for (text = scenario_texts; text->name; text++) {
		dir = debugfs_create_dir(text->name, root);
		debugfs_create_file("log", 0400, dir, (void *)text, &log_fops);
		debugfs_create_file("expected", 0400, dir, (void *)text,
				    &expected_fops);
	}
}

static int __init scenario_init(void)
{
	int err = na_linux_port_init(&port);

	if (err)
		return err;
	err = na_machine_init(&machine, &port, na_linux_nr_frames_max());
	if (err) {
		na_linux_port_fini(&port);
		return err;
	}
	make_files();
	return 0;
}
module_init(scenario_init);

static void __exit scenario_exit(void)
{
	debugfs_remove(root);
	na_machine_fini(&machine);
	na_linux_port_fini(&port);
}
module_exit(scenario_exit);

MODULE_DESCRIPTION("Runs the scenarios of noalias on this kernel, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
