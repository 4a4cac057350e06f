// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation: a notifier and a gate.
 *
 * The kernel calls the notifier before it freezes user space, so an allocation
 * may be in progress then, or begin just after. The gate covers both:
 * conversions in either direction hold it for reading; the notifier takes it
 * for writing, so that every conversion is either committed or not begun, and
 * leaves it marked shut until the hibernation has ended or was cancelled.
 *
 * A conversion back is not refused, because it only reduces the number of
 * converted frames. But none may be in progress when the frames are counted,
 * because the ledger's counters are exact only between calls: frames that
 * change state may be counted in neither.
 *
 * So the notifier waits for conversions in progress, without a time limit. The
 * work is bounded: later ones wait for the notifier, a conversion is at most 2
 * GiB, and its longest part, the allocation of frames, ends when its process is
 * killed. That is a second or two; a hibernation that fails because of an
 * allocation at that moment would be worse.
 */
#include <linux/notifier.h>
#include <linux/percpu-rwsem.h>
#include <linux/suspend.h>

#include "noalias.h"
#include "power.h"
#include "refusal.h"

DEFINE_STATIC_PERCPU_RWSEM(gate);
static bool is_shut;

int na_power_enter(void)
{
	percpu_down_read(&gate);
	if (!is_shut)
		return 0;
	percpu_up_read(&gate);
	return na_refuse_limit("time", 0, (struct na_limit){
		.text = "not during hibernation",
		.remedy = "try again when the machine is back" }, -EBUSY);
}

void na_power_enter_back(void)
{
	percpu_down_read(&gate);
}

void na_power_leave(void)
{
	percpu_up_read(&gate);
}

void na_power_destroy(struct na_buffer *buffer)
{
	na_power_enter_back();
	na_buffer_destroy(buffer);
	na_power_leave();
}

/* Exact, because no conversion is in progress. */
static u64 count_held(const struct na_ledger *ledger)
{
	return na_ledger_count(ledger, NA_CLAIMED) +
	       na_ledger_count(ledger, NA_BUFFER) +
	       na_ledger_count(ledger, NA_LENT) +
	       na_ledger_count(ledger, NA_QUARANTINED);
}

static int shut(const struct noalias *noalias)
{
	u64 held;

	percpu_down_write(&gate);
	held = count_held(&noalias->machine.ledger);
	is_shut = !held;
	percpu_up_write(&gate);
	if (!held)
		return NOTIFY_OK;
	pr_info("noalias: no hibernation while frames are uncached (%llu of them); free the buffers first\n",
		held);
	return notifier_from_errno(na_refuse_limit("uncached frames", held,
		(struct na_limit){ .text = "none during hibernation",
			.scope = NOALIAS_IOC_LIMIT_NOW,
			.remedy = "free the buffers first" }, -EBUSY));
}

static void open_again(void)
{
	percpu_down_write(&gate);
	is_shut = false;
	percpu_up_write(&gate);
}

static int power_event(struct notifier_block *block, unsigned long event,
		       void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		return shut(container_of(block, struct noalias, power));
	case PM_POST_HIBERNATION:
		open_again();
		return NOTIFY_OK;
	}
	return NOTIFY_DONE;
}

int na_power_init(struct noalias *noalias)
{
	noalias->power.notifier_call = power_event;
	return register_pm_notifier(&noalias->power);
}

void na_power_fini(struct noalias *noalias)
{
	unregister_pm_notifier(&noalias->power);
}
