// SPDX-License-Identifier: GPL-2.0
/*
 * Refusals: a table with the last one of each thread.
 *
 * The key is the thread, not the open file: a request comes through a heap, a
 * buffer or an importer's ioctl, and the record is read through any node that
 * the program has. A thread is identified by its id and its start time, because
 * ids are reused. It can read only its own record. In exec() a thread that is
 * not the leader takes over the leader's id and start time: from then on it
 * reads the leader's last refusal, and its own is lost. So a program may read a
 * refusal of the program before it in the same process; a record must contain
 * no secrets (see device.c).
 *
 * The table is bounded, and anybody with a descriptor can fill it. So it has
 * buckets, each with a lock, which threads that are refused at the same time
 * seldom share. In a bucket a refusal replaces the thread's own record, else an
 * empty slot, else the oldest of the same user. Only a user without a slot
 * takes one from the user with the most. So one user, with any number of
 * threads, takes at most one slot of another user in each bucket, once.
 *
 * Rejected: a record in each open file, because mmap() and a device's mapping
 * have none, and clients of a broker would share it; a ring, which one user
 * could overwrite.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "name.h"
#include "refusal.h"
#include "trace.h"

#define BUCKET_BITS 6
#define NR_BUCKETS (1u << BUCKET_BITS)
#define NR_SLOTS 8u

struct refusal {
	u64 seq;		/* global order; 0: the slot is empty */
	u64 born_ns;
	u64 nr;			/* refusals of the thread in this slot */
	u64 value;
	const char *field;
	struct na_limit limit;
	kuid_t uid;
	pid_t tid;
	pid_t pid;
	int err;
	char comm[TASK_COMM_LEN];
};

struct bucket {
	spinlock_t lock;
	struct refusal slots[NR_SLOTS];
};

static struct bucket buckets[NR_BUCKETS];
static atomic64_t last_seq = ATOMIC64_INIT(0);

void na_refusals_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++)
		spin_lock_init(&buckets[i].lock);
}

static struct bucket *bucket_of_current(void)
{
	return &buckets[hash_32(task_pid_nr(current), BUCKET_BITS)];
}

static bool is_of_current(const struct refusal *slot)
{
	return slot->seq && slot->tid == task_pid_nr(current) &&
	       slot->born_ns == current->start_boottime;
}

static unsigned int count_of(const struct bucket *bucket, kuid_t uid)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_SLOTS; i++)
		nr += bucket->slots[i].seq &&
		      uid_eq(bucket->slots[i].uid, uid);
	return nr;
}

/* The slot with the greatest value is replaced, among equals the oldest. */
static unsigned int replace_rank(const struct bucket *bucket,
				 const struct refusal *slot, kuid_t uid)
{
	if (is_of_current(slot))
		return NR_SLOTS + 3;
	if (!slot->seq)
		return NR_SLOTS + 2;
	if (uid_eq(slot->uid, uid))
		return NR_SLOTS + 1;
	return count_of(bucket, slot->uid);
}

static struct refusal *choose_slot(struct bucket *bucket, kuid_t uid)
{
	struct refusal *slot, *best = NULL;
	unsigned int rank, best_rank = 0, i;

	for (i = 0; i < NR_SLOTS; i++) {
		slot = &bucket->slots[i];
		rank = replace_rank(bucket, slot, uid);
		if (rank < best_rank ||
		    (rank == best_rank && slot->seq > best->seq))
			continue;
		best = slot;
		best_rank = rank;
	}
	return best;
}

static void keep(struct refusal *refusal)
{
	struct bucket *bucket = bucket_of_current();
	struct refusal *slot;

	spin_lock(&bucket->lock);
	slot = choose_slot(bucket, refusal->uid);
	refusal->nr = is_of_current(slot) ? slot->nr + 1 : 1;
	*slot = *refusal;
	spin_unlock(&bucket->lock);
}

int na_refuse_limit(const char *field, u64 value, struct na_limit limit,
		    int err)
{
	struct refusal refusal = {
		.seq = atomic64_inc_return(&last_seq),
		.born_ns = current->start_boottime, .value = value,
		.field = field, .limit = limit, .uid = current_uid(),
		.tid = task_pid_nr(current), .pid = task_tgid_nr(current),
		.err = err,
	};

	get_task_comm(refusal.comm, current);
	keep(&refusal);
	trace_noalias_refusal(field, value, limit.text, err);
	return err;
}

int na_refuse(const char *field, u64 value, const char *limit, int err)
{
	return na_refuse_limit(field, value, (struct na_limit){ .text = limit },
			       err);
}

/* --- errors without a record ---------------------------------------------- */

static bool find_own(struct refusal *refusal)
{
	struct bucket *bucket = bucket_of_current();
	bool is_found = false;
	unsigned int i;

	spin_lock(&bucket->lock);
	for (i = 0; !is_found && i < NR_SLOTS; i++) {
		is_found = is_of_current(&bucket->slots[i]);
		if (is_found)
			*refusal = bucket->slots[i];
	}
	spin_unlock(&bucket->lock);
	return is_found;
}

static const char *limit_of_error(int err)
{
	switch (err) {
	case -ENOMEM:
		return "memory that the kernel and the caller's cgroup have";
	case -EMFILE:
		return "descriptors that the process may have (RLIMIT_NOFILE)";
	case -ENFILE:
		return "files that the system may have (fs.file-max)";
	case -EINTR:
		return "no fatal signal meanwhile";
	case -EBUSY:
		return "frames that nobody else uses";
	case -EFAULT:
		return "frames whose other mappings can be changed";
	case -EUCLEAN:
		return "frames that can be made safe; these are in quarantine";
	case -ERANGE:
		return "frames that the module knows";
	case -EINVAL:
		return "frames of RAM, each of them once";
	case -EIO:
	case -EREMOTEIO:
		return "addresses that the device reaches";
	default:
		return "what the kernel allows";
	}
}

u64 na_refusal_mark(void)
{
	return atomic64_read(&last_seq);
}

int na_refuse_unless(u64 mark, const char *field, u64 value, int err)
{
	struct refusal refusal;

	if (find_own(&refusal) && refusal.seq > mark)
		return err;
	return na_refuse(field, value, limit_of_error(err), err);
}

/* --- reading -------------------------------------------------------------- */

int na_refusal_tell(struct noalias_query_refusal *query)
{
	struct refusal refusal;

	if (!find_own(&refusal))
		return -ENOENT;
	query->err = -refusal.err;
	query->nr = refusal.nr;
	query->value = refusal.value;
	query->max = refusal.limit.max;
	query->used = refusal.limit.used;
	query->scope = refusal.limit.scope;
	strscpy_pad(query->field, refusal.field, sizeof(query->field));
	strscpy_pad(query->limit, refusal.limit.text, sizeof(query->limit));
	strscpy_pad(query->remedy, refusal.limit.remedy ?: "",
		    sizeof(query->remedy));
	return 0;
}

static void show_refusal(struct seq_file *seq, const struct refusal *refusal)
{
	char word[NA_NAME_MAX];

	na_name_escape(word, refusal->comm);
	seq_printf(seq, "pid %d %s: %s is %llu, allowed: %s (error %d)",
		   refusal->pid, word, refusal->field, refusal->value,
		   refusal->limit.text, refusal->err);
	if (refusal->limit.scope)
		seq_printf(seq, ", limit %llu", refusal->limit.max);
	if (refusal->limit.scope == NOALIAS_IOC_LIMIT_NOW)
		seq_printf(seq, ", used %llu", refusal->limit.used);
	seq_putc(seq, '\n');
}

static unsigned int copy_all(struct refusal *all)
{
	unsigned int i, j, nr = 0;

	for (i = 0; i < NR_BUCKETS; i++) {
		spin_lock(&buckets[i].lock);
		for (j = 0; j < NR_SLOTS; j++)
			if (buckets[i].slots[j].seq)
				all[nr++] = buckets[i].slots[j];
		spin_unlock(&buckets[i].lock);
	}
	return nr;
}

static int newer_first(const void *one, const void *other)
{
	const struct refusal *a = one, *b = other;

	return a->seq < b->seq ? 1 : -1;
}

int na_refusals_show(struct seq_file *seq, void *unused)
{
	struct refusal *all = kvmalloc_array(NR_BUCKETS * NR_SLOTS,
					     sizeof(*all), GFP_KERNEL);
	unsigned int i, nr;

	if (!all)
		return -ENOMEM;
	nr = copy_all(all);
	sort(all, nr, sizeof(*all), newer_first, NULL);
	for (i = 0; i < nr; i++)
		show_refusal(seq, &all[i]);
	kvfree(all);
	return 0;
}
