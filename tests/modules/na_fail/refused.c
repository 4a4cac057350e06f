// SPDX-License-Identifier: GPL-2.0
/*
 * Where the module under test was, when a kernel with fault injection refused
 * something.
 *
 * The kernel's log would not do: it has no word of what was asked for with
 * __GFP_NOWARN. Nor would a trace event: fault injection is not traceable.
 */
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "na_fail.h"

#define NR_PLACES 128
#define DEPTH 48

static struct place {
	char name[64];
	unsigned int nr;
} places[NR_PLACES];
static DEFINE_RAW_SPINLOCK(places_lock);
static DEFINE_MUTEX(probe_mutex);
static bool is_on;

static void count_place(const char *name)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&places_lock, flags);
	for (i = 0; i < NR_PLACES && places[i].nr; i++)
		if (!strcmp(places[i].name, name))
			break;
	if (i < NR_PLACES) {
		strscpy(places[i].name, name, sizeof(places[i].name));
		places[i].nr++;
	}
	raw_spin_unlock_irqrestore(&places_lock, flags);
}

/* The module's first function on the stack; "name [noalias]". */
static void find_place(void)
{
	unsigned long entries[DEPTH];
	unsigned int i, nr = stack_trace_save(entries, DEPTH, 0);
	char name[96], *end;

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "%ps", (void *)entries[i]);
		end = strstr(name, " [noalias]");
		if (!end)
			continue;
		*end = 0;
		count_place(name);
		return;
	}
}

static int on_verdict(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	/* A bool: the rest of the register may hold anything. */
	if ((u8)regs_return_value(regs))
		find_place();
	return 0;
}

static struct kretprobe probe = {
	.handler = on_verdict,
	.kp.symbol_name = "should_fail_ex",
};

static int switch_on(void)
{
	int err;

	if (is_on)
		return -EBUSY;
	memset(places, 0, sizeof(places));
	probe.kp.addr = NULL;
	probe.kp.flags = 0;
	err = register_kretprobe(&probe);
	is_on = !err;
	return err;
}

static void switch_off(void)
{
	if (is_on)
		unregister_kretprobe(&probe);
	is_on = false;
}

static ssize_t refused_write(struct file *file, const char __user *user,
			     size_t len, loff_t *pos)
{
	char text[NA_REQUEST_MAX];
	int err = na_get_request(text, user, len);

	if (err)
		return err;
	mutex_lock(&probe_mutex);
	if (!strcmp(text, "on"))
		err = switch_on();
	else
		switch_off();
	mutex_unlock(&probe_mutex);
	return err ?: len;
}

static int refused_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	for (i = 0; i < NR_PLACES && places[i].nr; i++)
		seq_printf(seq, "%s %u\n", places[i].name, places[i].nr);
	return 0;
}

static int refused_open(struct inode *inode, struct file *file)
{
	return single_open(file, refused_show, NULL);
}

const struct file_operations na_refused_fops = {
	.owner = THIS_MODULE,
	.open = refused_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = refused_write,
};

void na_refused_fini(void)
{
	switch_off();
}
