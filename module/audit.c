// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: the auditor.
 *
 * An audit runs when a file is opened and not when it is read, so that a
 * reader with a small buffer sees one audit and not many. Output goes one
 * conflict at a time through seq_file: position 0 is what stands before the
 * conflicts, then they follow, then what stands after them.
 *
 * One at a time, because each may take megabytes and a CPU; who waits may be
 * killed.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "audit.h"

struct seq_sink {
	struct na_sink sink;
	struct seq_file *seq;
};

static DEFINE_MUTEX(audit_mutex);

static void put(struct na_sink *sink, const char *text, size_t len)
{
	seq_write(container_of(sink, struct seq_sink, sink)->seq, text, len);
}

static void *audit_start(struct seq_file *seq, loff_t *pos)
{
	const struct na_audit_result *result = seq->private;

	/* Any pointer but NULL; the position says what to show. */
	return *pos < (loff_t)result->nr_conflicts + 2 ? seq->private : NULL;
}

static void *audit_next(struct seq_file *seq, void *unused, loff_t *pos)
{
	++*pos;
	return audit_start(seq, pos);
}

static void audit_stop(struct seq_file *seq, void *unused)
{
}

static int show(struct seq_file *seq, enum na_audit_format format)
{
	const struct na_audit_result *result = seq->private;
	struct seq_sink to = { .sink.put = put, .seq = seq };

	if (!seq->index)
		na_audit_print_begin(result, format, &to.sink);
	else if (seq->index <= result->nr_conflicts)
		na_audit_print_conflict(result, seq->index - 1, format,
					&to.sink);
	else
		na_audit_print_end(result, format, &to.sink);
	return 0;
}

static int text_show(struct seq_file *seq, void *unused)
{
	return show(seq, NA_AUDIT_TEXT);
}

static int json_show(struct seq_file *seq, void *unused)
{
	return show(seq, NA_AUDIT_JSON);
}

static const struct seq_operations text_ops = {
	.start = audit_start,
	.next = audit_next,
	.stop = audit_stop,
	.show = text_show,
};

static const struct seq_operations json_ops = {
	.start = audit_start,
	.next = audit_next,
	.stop = audit_stop,
	.show = json_show,
};

static int run(struct na_machine *machine, struct na_audit_result **result)
{
	int err = mutex_lock_killable(&audit_mutex);

	if (err)
		return err;
	err = na_audit_run(machine, NULL, result);
	mutex_unlock(&audit_mutex);
	return err;
}

static int open(struct inode *inode, struct file *file,
		const struct seq_operations *ops)
{
	struct na_audit_result *result;
	int err = run(inode->i_private, &result);

	if (err)
		return err;
	err = seq_open(file, ops);
	if (err)
		na_audit_result_destroy(result);
	else
		((struct seq_file *)file->private_data)->private = result;
	return err;
}

static int text_open(struct inode *inode, struct file *file)
{
	return open(inode, file, &text_ops);
}

static int json_open(struct inode *inode, struct file *file)
{
	return open(inode, file, &json_ops);
}

static int audit_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	na_audit_result_destroy(seq->private);
	return seq_release(inode, file);
}

static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.open = text_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = audit_release,
};

static const struct file_operations json_fops = {
	.owner = THIS_MODULE,
	.open = json_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = audit_release,
};

int na_audit_debugfs_init(struct dentry *dir, struct na_machine *machine)
{
	debugfs_create_file("audit", 0400, dir, machine, &text_fops);
	debugfs_create_file("audit.json", 0400, dir, machine, &json_fops);
	return 0;
}
