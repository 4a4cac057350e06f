// SPDX-License-Identifier: GPL-2.0
/*
 * noalias.ko: init and exit.
 *
 * Init: port, machine, then the interfaces, with heaps and /dev/noalias last.
 * Exit in the reverse order. The kernel does not unload the module while a file
 * of a node is open, a dma-buf exists (each pins the module) or an exported
 * symbol is used, so at exit no buffer exists. If a module that used exported
 * calls was unloaded without converting its pages back, they are counted and
 * reported.
 */
#include <linux/highmem.h>
#include <linux/module.h>
#include <noalias/machine.h>
#include <noalias/version.h>

#include "../port/linux/port.h"
#include "debugfs.h"
#include "export.h"
#include "heap.h"
#include "heap_words.h"
#include "ioctl.h"
#include "noalias.h"
#include "power.h"
#include "refusal.h"

static struct noalias noalias;

static int zone_set(const char *text, const struct kernel_param *kp)
{
	/* Not dma32, which has heaps of its own. */
	int zone = __sysfs_match_string(na_zone_names, NA_ZONE_DMA32, text);

	if (zone < 0) {
		pr_err("noalias: parameter zone must be any, low or high\n");
		return -EINVAL;
	}
	if (zone == NA_ZONE_HIGH && !totalhigh_pages()) {
		pr_err("noalias: parameter zone: this machine has no high memory\n");
		return -EINVAL;
	}
	WRITE_ONCE(noalias.zone, zone);
	return 0;
}

static int zone_get(char *text, const struct kernel_param *kp)
{
	return sysfs_emit(text, "%s\n", na_zone_names[READ_ONCE(noalias.zone)]);
}

static const struct kernel_param_ops zone_ops = {
	.set = zone_set,
	.get = zone_get,
};
module_param_cb(zone, &zone_ops, NULL, 0644);
MODULE_PARM_DESC(zone,
		 "memory for buffers: any (high first, default), low, high");

static int __init start_machine(void)
{
	int err = na_linux_port_init(&noalias.port);

	if (err)
		return err;
	err = na_machine_init(&noalias.machine, &noalias.port,
			      na_linux_nr_frames_max());
	if (err)
		na_linux_port_fini(&noalias.port);
	return err;
}

static void end_machine(void)
{
	const struct na_ledger *ledger = &noalias.machine.ledger;
	u64 lent = na_ledger_count(ledger, NA_LENT);
	u64 lost = na_ledger_count(ledger, NA_QUARANTINED);

	/* From here on there is no record of them, even after a reload. */
	if (lent)
		pr_warn("noalias: %llu frame%s on loan never returned: a driver must call na_set_pages_wb() before it goes; uncached and lost until reboot\n",
			lent, lent == 1 ? "" : "s");
	if (lost)
		pr_warn("noalias: %llu frame%s in quarantine, lost until reboot\n",
			lost, lost == 1 ? "" : "s");
	na_machine_fini(&noalias.machine);
	na_linux_port_fini(&noalias.port);
}

static int __init noalias_init(void)
{
	int err;

	na_refusals_init();
	err = start_machine();
	if (err)
		return err;
	na_export_init(&noalias);
	err = na_power_init(&noalias);
	if (err)
		goto machine;
	na_debugfs_init(&noalias.machine);
	err = na_heaps_register(&noalias);
	if (err)
		goto debugfs;
	err = na_ioctl_register(&noalias);
	if (err)
		goto heaps;
	return 0;
heaps:
	na_heaps_unregister();
debugfs:
	na_debugfs_fini();
	na_power_fini(&noalias);
machine:
	end_machine();
	return err;
}

static void __exit noalias_exit(void)
{
	na_ioctl_unregister(&noalias);
	na_heaps_unregister();
	na_debugfs_fini();
	na_power_fini(&noalias);
	end_machine();
}

module_init(noalias_init);
module_exit(noalias_exit);

MODULE_DESCRIPTION("Uncached and write-combined memory without cached aliases");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION(NOALIAS_VERSION);
