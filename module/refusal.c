// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals: a ring of the last ones. The reader copies the ring under the
 * lock and prints without it.
 */
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "name.h"
#include "refusal.h"
#include "trace.h"

#define NR_KEPT 32

struct refusal {
	const char *field;
	const char *limit;
	u64 value;
	int err;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

static struct refusal ring[NR_KEPT];
static unsigned int nr_seen;
static DEFINE_SPINLOCK(ring_lock);

int na_refuse(const char *field, u64 value, const char *limit, int err)
{
	struct refusal refusal = {
		.field = field, .limit = limit, .value = value, .err = err,
		.pid = task_tgid_nr(current),
	};

	get_task_comm(refusal.comm, current);
	spin_lock(&ring_lock);
	ring[nr_seen++ % NR_KEPT] = refusal;
	spin_unlock(&ring_lock);
	trace_noalias_refusal(field, value, limit, err);
	return err;
}

static void show_one(struct seq_file *seq, const struct refusal *refusal)
{
	char word[NA_NAME_MAX];

	na_name_escape(word, refusal->comm);
	seq_printf(seq, "pid %d %s: %s is %llu, allowed: %s (error %d)\n",
		   refusal->pid, word, refusal->field, refusal->value,
		   refusal->limit, refusal->err);
}

int na_refusals_show(struct seq_file *seq, void *unused)
{
	struct refusal refusal;
	unsigned int i, nr;

	spin_lock(&ring_lock);
	nr = nr_seen;
	spin_unlock(&ring_lock);
	for (i = 1; i <= min_t(unsigned int, nr, NR_KEPT); i++) {
		spin_lock(&ring_lock);
		refusal = ring[(nr - i) % NR_KEPT];
		spin_unlock(&ring_lock);
		show_one(seq, &refusal);
	}
	return 0;
}
