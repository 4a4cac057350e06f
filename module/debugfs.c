// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: buffers, counters and refusals as tables, one line for each, for
 * people and for awk.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "debugfs_audit.h"
#include "dmabuf.h"
#include "frames.h"
#include "noalias.h"
#include "refusal.h"

static struct dentry *dir;

static void show_ledger(struct seq_file *seq, const struct na_ledger *ledger)
{
	seq_printf(seq, "frames_claimed %llu\n",
		   na_ledger_count(ledger, NA_CLAIMED));
	seq_printf(seq, "frames_in_buffers %llu\n",
		   na_ledger_count(ledger, NA_BUFFER));
	seq_printf(seq, "frames_lent %llu\n",
		   na_ledger_count(ledger, NA_LENT));
	seq_printf(seq, "frames_quarantined %llu\n",
		   na_ledger_count(ledger, NA_QUARANTINED));
}

static int counters_show(struct seq_file *seq, void *unused)
{
	struct na_machine *machine = seq->private;
	const struct noalias *noalias = na_noalias_of(machine);
	int stat;

	show_ledger(seq, &machine->ledger);
	seq_printf(seq, "frames_charged %llu\n",
		   na_charges_used(noalias));
	seq_printf(seq, "frames_limit %llu\n", na_charges_max());
	seq_printf(seq, "buffers %llu\n", na_charges_buffers(noalias));
	seq_printf(seq, "buffers_limit %llu\n",
		   na_charges_buffers_max());
	for (stat = 0; stat < NR_NA_STATS; stat++)
		seq_printf(seq, "%s %llu\n", na_stat_name(stat),
			   na_stat_read(machine, stat));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

#define buffers_sops na_dmabufs_seq_ops
DEFINE_SEQ_ATTRIBUTE(buffers);

static int refusals_show(struct seq_file *seq, void *unused)
{
	return na_refusals_show(seq, unused);
}
DEFINE_SHOW_ATTRIBUTE(refusals);

void na_debugfs_init(struct na_machine *machine)
{
	dir = debugfs_create_dir("noalias", NULL);
	debugfs_create_file("counters", 0400, dir, machine, &counters_fops);
	debugfs_create_file("buffers", 0400, dir, machine, &buffers_fops);
	debugfs_create_file("refusals", 0400, dir, machine, &refusals_fops);
	na_frames_debugfs_init(dir, machine);
	na_audit_debugfs_init(dir, machine);
}

void na_debugfs_fini(void)
{
	debugfs_remove_recursive(dir);
}
