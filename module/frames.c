// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: physical memory as runs of frames with the same state, for noalias
 * map. One line for each run:
 *
 *	ram FIRST NR low|high		memory of the system
 *	held FIRST NR TYPE STATE	frames in the ledger
 *	kmap FIRST NR			in the kmap pool, in use or stale
 *
 * Each run is a snapshot: frames that change meanwhile may be shown twice or
 * not at all.
 */
#include <linux/debugfs.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

#include "../port/linux/port.h"
#include "frames.h"

static const char *state_name(enum na_state state)
{
	static const char *const names[NR_NA_STATES] = {
		[NA_SYSTEM] = "system", [NA_CLAIMED] = "claimed",
		[NA_BUFFER] = "buffer", [NA_LENT] = "lent",
		[NA_QUARANTINED] = "quarantined",
	};

	return names[state];
}

static void show_ram(struct seq_file *seq, unsigned long first,
		     unsigned long end)
{
	unsigned long border = end;

#ifdef CONFIG_HIGHMEM
	border = clamp(PFN_DOWN(__pa(high_memory - 1)) + 1, first, end);
#endif
	if (border > first)
		seq_printf(seq, "ram %lu %lu low\n", first, border - first);
	if (end > border)
		seq_printf(seq, "ram %lu %lu high\n", border, end - border);
}

static int take_resource(struct resource *res, void *seq)
{
	unsigned long first = PFN_UP(res->start);
	unsigned long end = PFN_DOWN(res->end + 1);

	if (end > first)
		show_ram(seq, first, end);
	return 0;
}

static void show_run(struct seq_file *seq, struct na_run run,
		     const struct na_ledger_entry *entry)
{
	if (run.nr)
		seq_printf(seq, "held %lu %u %s %s\n", run.first.nr, run.nr,
			   na_memtype_name(entry->type),
			   state_name(entry->state));
}

static void show_held(struct seq_file *seq, const struct na_ledger *ledger)
{
	struct na_ledger_entry entry, last = { 0 };
	struct na_frame frame = na_frame(0);
	struct na_run run = { 0 };

	while (na_ledger_next_held(ledger, &frame, &entry)) {
		if (!run.nr || frame.nr != run.first.nr + run.nr ||
		    entry.state != last.state || entry.type != last.type) {
			show_run(seq, run, &last);
			run.first = frame;
			run.nr = 0;
			last = entry;
		}
		run.nr++;
		frame = na_frame_add(frame, 1);
		cond_resched();
	}
	show_run(seq, run, &last);
}

static void show_kmap(struct seq_file *seq, struct na_port *port)
{
	struct na_frame frame;
	u32 i;

	for (i = 0; i < na_port_kmap_nr_slots(port); i++)
		if (na_linux_kmap_read(port, i, &frame))
			seq_printf(seq, "kmap %lu 1\n", frame.nr);
}

static int frames_show(struct seq_file *seq, void *unused)
{
	struct na_machine *machine = seq->private;

	seq_puts(seq, "noalias_frames 1\n");
	seq_printf(seq, "total %lu\n", na_linux_nr_frames());
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM, 0, -1, seq,
			    take_resource);
	show_held(seq, &machine->ledger);
	show_kmap(seq, machine->port);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(frames);

void na_frames_debugfs_init(struct dentry *dir, struct na_machine *machine)
{
	debugfs_create_file("frames", 0400, dir, machine, &frames_fops);
}
