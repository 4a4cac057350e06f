// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation veto. Suspend to RAM keeps page tables and is let through.
 * A buffer allocated after the question was answered is caught as well:
 * user space is frozen by then.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>

#include "power.h"

static struct na_machine *power_machine;

static u64 count_held(const struct na_ledger *ledger)
{
	return na_ledger_count(ledger, NA_CLAIMED) +
	       na_ledger_count(ledger, NA_BUFFER) +
	       na_ledger_count(ledger, NA_LENT) +
	       na_ledger_count(ledger, NA_QUARANTINED);
}

static int power_event(struct notifier_block *block, unsigned long event,
		       void *unused)
{
	u64 held;

	if (event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	held = count_held(&power_machine->ledger);
	if (!held)
		return NOTIFY_OK;
	pr_info("noalias: no hibernation while %llu frames are uncached; free the buffers first\n",
		held);
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block power_block = { .notifier_call = power_event };

int na_power_init(struct na_machine *machine)
{
	power_machine = machine;
	return register_pm_notifier(&power_block);
}

void na_power_fini(void)
{
	unregister_pm_notifier(&power_block);
}
