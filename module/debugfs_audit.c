// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: the auditor's result, one record a line: a word, then KEY=VALUE
 * separated by spaces. No value has a space: names are escaped. It is for
 * programs; the command makes reports from it.
 *
 *	audit version=2
 *	conflict grade=alias kind=ram first=0x3f2a1 nr=2 parties=2 more=0 group=0
 *	party space=process type=UC entry=UC- pid=214 comm=camera perms=rw-s ...
 *	party space=kmap type=WB entry=WB va=0xff011000 ... name=kmap
 *	frames grade=alias ours=0 ram=2 reserved=0 device=0
 *	frames grade=mixed ours=0 ram=0 reserved=0 device=0
 *	seen walks=3 pages=226520 mappings=1571 processes=3 frames=6949 changed=0
 *	missed space=process pid=1 comm=x cut=unseen,owners
 *	end conflicts=1 cut=unseen,owners missed_more=0 duration_ns=9770850 verdict=found
 *
 * The parties of a conflict follow it. A file without the last line was cut
 * off.
 *
 * An audit runs when the file is opened and not when it is read, so that a
 * reader with a small buffer sees one audit and not many. Output goes through
 * seq_file step by step, however large the result is: the heading, each
 * conflict with its parties, the counts, each of the missed, the end.
 *
 * One audit at a time, because each may take megabytes and a CPU; waiting for
 * another one is killable.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "debugfs_audit.h"
#include "name.h"

/* Of the format: a reader refuses other versions. */
#define VERSION 2

static DEFINE_MUTEX(audit_mutex);

/* --- records -------------------------------------------------------------- */

static void show_name(struct seq_file *seq, const char *key, const char *name,
		      size_t len)
{
	char word[4 * NA_AUDIT_NAME_MAX + 1];

	BUILD_BUG_ON(NA_AUDIT_COMM_MAX > NA_AUDIT_NAME_MAX);
	na_word_escape(word, sizeof(word), name, len);
	seq_printf(seq, " %s=%s", key, word);
}

static void show_cut(struct seq_file *seq, u32 cut)
{
	const char *glue = " cut=";
	u32 i;

	if (!cut)
		seq_puts(seq, " cut=none");
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(cut >> i & 1))
			continue;
		seq_printf(seq, "%s%s", glue, na_audit_cut_name(i));
		glue = ",";
	}
}

static void show_process(struct seq_file *seq, int pid, const char *comm)
{
	seq_printf(seq, " pid=%d", pid);
	show_name(seq, "comm", comm, NA_AUDIT_COMM_MAX);
}

static void show_party(struct seq_file *seq, const struct na_audit_party *party,
		       const struct na_audit_owner *owner)
{
	seq_printf(seq, "party space=%s type=%s entry=%s",
		   na_space_name(owner->space), na_audit_type_name(party->type),
		   na_audit_type_name(party->entry));
	if (owner->space == NA_SPACE_PROCESS) {
		show_process(seq, owner->pid, owner->comm);
		show_name(seq, "perms", owner->perms, sizeof(owner->perms));
	}
	if (owner->space != NA_SPACE_LEDGER)
		seq_printf(seq, " va=0x%llx va_end=0x%llx start=0x%llx end=0x%llx",
			   party->va_low, party->va_high, owner->start,
			   owner->end);
	show_name(seq, "name", owner->name, sizeof(owner->name));
	seq_putc(seq, '\n');
}

static void show_conflict(struct seq_file *seq,
			  const struct na_audit_result *result, u32 idx)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	const struct na_audit_party *party =
		&result->parties[conflict->first_party];
	u32 i;

	seq_printf(seq, "conflict grade=%s kind=%s first=0x%lx nr=%lu parties=%u more=%u group=%u\n",
		   na_grade_name(conflict->grade),
		   na_frame_kind_name(conflict->kind), conflict->run.first.nr,
		   (unsigned long)conflict->run.nr, conflict->nr_parties,
		   conflict->nr_more, conflict->group);
	for (i = 0; i < conflict->nr_parties; i++, party++)
		show_party(seq, party, &result->owners[party->owner]);
}

static void show_frames(struct seq_file *seq, enum na_grade grade,
			const struct na_audit_result *result)
{
	u32 kind;

	seq_printf(seq, "frames grade=%s", na_grade_name(grade));
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		seq_printf(seq, " %s=%llu", na_frame_kind_name(kind),
			   result->nr_frames[grade][kind]);
	seq_putc(seq, '\n');
}

static void show_counts(struct seq_file *seq,
			const struct na_audit_result *result)
{
	const struct na_audit_seen *seen = &result->seen;

	show_frames(seq, NA_GRADE_ALIAS, result);
	show_frames(seq, NA_GRADE_MIXED, result);
	seq_printf(seq, "seen walks=%u pages=%llu mappings=%llu processes=%llu frames=%llu changed=%llu\n",
		   seen->nr_walks, seen->nr_pages, seen->nr_mappings,
		   seen->nr_processes, seen->nr_frames, seen->nr_changed);
}

static void show_missed(struct seq_file *seq,
			const struct na_audit_missed *missed)
{
	seq_printf(seq, "missed space=%s", na_space_name(missed->space));
	if (missed->space == NA_SPACE_PROCESS)
		show_process(seq, missed->pid, missed->comm);
	show_cut(seq, missed->cut);
	seq_putc(seq, '\n');
}

static void show_end(struct seq_file *seq, const struct na_audit_result *result)
{
	bool found = na_audit_count(result, NA_GRADE_ALIAS) ||
		     na_audit_count(result, NA_GRADE_MIXED);

	seq_printf(seq, "end conflicts=%u", result->nr_conflicts);
	show_cut(seq, result->cut);
	seq_printf(seq, " missed_more=%u duration_ns=%llu verdict=%s\n",
		   result->nr_missed_more, result->duration_ns,
		   found ? "found" : result->cut ? "incomplete" : "clean");
}

/* --- steps ---------------------------------------------------------------- */

/* Step 0 is the heading, then come the conflicts; then the counts: */
static loff_t counts_step(const struct na_audit_result *result)
{
	return 1 + (loff_t)result->nr_conflicts;
}

/* The records of missed owners come between these. */
static loff_t end_step(const struct na_audit_result *result)
{
	return counts_step(result) + 1 + result->nr_missed;
}

static void *audit_start(struct seq_file *seq, loff_t *pos)
{
	/* Any pointer but NULL; the position says what to show. */
	return *pos <= end_step(seq->private) ? seq->private : NULL;
}

static void *audit_next(struct seq_file *seq, void *unused, loff_t *pos)
{
	++*pos;
	return audit_start(seq, pos);
}

static void audit_stop(struct seq_file *seq, void *unused)
{
}

static int audit_show(struct seq_file *seq, void *unused)
{
	const struct na_audit_result *result = seq->private;
	loff_t counts = counts_step(result), step = seq->index;

	if (!step)
		seq_printf(seq, "audit version=%d\n", VERSION);
	else if (step < counts)
		show_conflict(seq, result, step - 1);
	else if (step == counts)
		show_counts(seq, result);
	else if (step < end_step(result))
		show_missed(seq, &result->missed[step - counts - 1]);
	else
		show_end(seq, result);
	return 0;
}

static const struct seq_operations audit_sops = {
	.start = audit_start,
	.next = audit_next,
	.stop = audit_stop,
	.show = audit_show,
};

/* --- the file ------------------------------------------------------------- */

static int run(struct na_machine *machine, struct na_audit_result **result)
{
	int err = mutex_lock_killable(&audit_mutex);

	if (err)
		return err;
	err = na_audit_run(machine, NULL, result);
	mutex_unlock(&audit_mutex);
	return err;
}

static int audit_open(struct inode *inode, struct file *file)
{
	struct na_audit_result *result;
	int err = run(inode->i_private, &result);

	if (err)
		return err;
	err = seq_open(file, &audit_sops);
	if (err)
		na_audit_result_destroy(result);
	else
		((struct seq_file *)file->private_data)->private = result;
	return err;
}

static int audit_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	na_audit_result_destroy(seq->private);
	return seq_release(inode, file);
}

static const struct file_operations audit_fops = {
	.owner = THIS_MODULE,
	.open = audit_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = audit_release,
};

void na_audit_debugfs_init(struct dentry *dir, struct na_machine *machine)
{
	debugfs_create_file("audit", 0400, dir, machine, &audit_fops);
}
