// SPDX-License-Identifier: GPL-2.0
/*
 * Failing calls.
 *
 * Stock kernels are built without fault injection. A kprobe at the first
 * instruction of a function may send it to a bare return instead: that is
 * what the kernel's own error injection does.
 *
 * One probe and one armed thread at a time. The probe stays when it is
 * disarmed, because putting one in place takes long; it counts and changes
 * nothing then.
 */
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/ibt.h>

#include "na_fail.h"

struct rule {
	char symbol[NA_REQUEST_MAX];
	unsigned long nth;
	bool all;
	long value;
};

static struct rule rule;
static const struct file *rule_owner;
static struct task_struct *rule_task;
static unsigned long nr_calls, nr_failed;
static bool is_allocator;
static struct kprobe probe;
static DEFINE_MUTEX(rule_lock);

asmlinkage void na_fail_return(void);
asm(
	".text\n"
	".type na_fail_return, @function\n"
	".globl na_fail_return\n"
	"na_fail_return:\n"
	ASM_ENDBR
	ASM_RET
	".size na_fail_return, .-na_fail_return\n"
);

void na_fail_instead(struct pt_regs *regs, long value)
{
	regs_set_return_value(regs, value);
	instruction_pointer_set(regs, (unsigned long)na_fail_return);
}

static bool must_succeed(struct pt_regs *regs)
{
	/* __GFP_NOFAIL callers do not look at the result. */
	return is_allocator &&
	       regs_get_kernel_argument(regs, 0) & (__force u32)__GFP_NOFAIL;
}

static int on_call(struct kprobe *kp, struct pt_regs *regs)
{
	if (READ_ONCE(rule_task) != current || in_serving_softirq() ||
	    must_succeed(regs))
		return 0;
	nr_calls++;
	if (nr_calls < rule.nth || (nr_calls > rule.nth && !rule.all))
		return 0;
	nr_failed++;
	na_fail_instead(regs, rule.value);
	return 1;
}

static void on_called(struct kprobe *kp, struct pt_regs *regs,
		      unsigned long flags)
{
}

static void remove_probe(void)
{
	if (probe.addr)
		unregister_kprobe(&probe);
	memset(&probe, 0, sizeof(probe));
}

static int place_probe(const char *symbol)
{
	static char placed[NA_REQUEST_MAX];
	int err;

	if (probe.addr && !kprobe_gone(&probe) && !strcmp(placed, symbol))
		return 0;
	remove_probe();
	strscpy(placed, symbol, sizeof(placed));
	probe.symbol_name = placed;
	probe.pre_handler = on_call;
	probe.post_handler = on_called;
	err = register_kprobe(&probe);
	if (err)
		memset(&probe, 0, sizeof(probe));
	return err;
}

static void disarm(void)
{
	WRITE_ONCE(rule_task, NULL);
	rule_owner = NULL;
}

static int arm(const struct file *file, const struct rule *wanted)
{
	int err;

	if (rule_owner && rule_owner != file)
		return -EBUSY;
	disarm();
	err = place_probe(wanted->symbol);
	if (err)
		return err;
	rule = *wanted;
	is_allocator = !strcmp(rule.symbol, "__alloc_pages");
	nr_calls = 0;
	nr_failed = 0;
	rule_owner = file;
	WRITE_ONCE(rule_task, current);
	return 0;
}

static int parse(char *text, struct rule *wanted)
{
	char many[8];

	if (sscanf(text, "%127s %lu %7s %ld", wanted->symbol, &wanted->nth,
		   many, &wanted->value) != 4 || !wanted->nth)
		return -EINVAL;
	wanted->all = !strcmp(many, "all");
	return wanted->all || !strcmp(many, "once") ? 0 : -EINVAL;
}

static ssize_t fail_write(struct file *file, const char __user *user,
			  size_t len, loff_t *pos)
{
	char text[NA_REQUEST_MAX];
	struct rule wanted;
	int err;

	/* First of all: nothing below may be what fails. */
	if (READ_ONCE(rule_owner) == file)
		WRITE_ONCE(rule_task, NULL);
	err = na_get_request(text, user, len);
	if (err)
		return err;
	mutex_lock(&rule_lock);
	if (!strcmp(text, "off"))
		disarm();
	else
		err = parse(text, &wanted) ?: arm(file, &wanted);
	mutex_unlock(&rule_lock);
	return err ?: len;
}

static ssize_t fail_read(struct file *file, char __user *user, size_t len,
			 loff_t *pos)
{
	char text[64];
	loff_t start = 0;
	int nr = scnprintf(text, sizeof(text), "calls %lu failed %lu\n",
			   nr_calls, nr_failed);

	return simple_read_from_buffer(user, len, &start, text, nr);
}

static int fail_release(struct inode *inode, struct file *file)
{
	mutex_lock(&rule_lock);
	if (rule_owner == file)
		disarm();
	mutex_unlock(&rule_lock);
	return 0;
}

const struct file_operations na_fail_fops = {
	.owner = THIS_MODULE,
	.write = fail_write,
	.read = fail_read,
	.release = fail_release,
};

void na_fail_fini(void)
{
	remove_probe();
}
