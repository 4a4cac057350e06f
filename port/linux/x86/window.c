// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows in the kernel: range.c reserves a range of addresses once, and from
 * then on only its last-level entries change.
 *
 * An entry is never replaced while present, for two reasons: a CPU may use the
 * old translation for any time, and a PAE entry is two words, so that a walk
 * between the two stores would see half of each. set_pte() writes the present
 * bit last, pte_clear() clears it first. set_pte() is made of plain stores that
 * the compiler may move below the first access through the address: hence
 * barrier() after it. Accessed and dirty are set from the start, so that CPUs
 * never write to an entry.
 *
 * Shootdowns flush all translations. INVLPG on each CPU would be enough on 32
 * bit. On 64 bit with PTI kernel entries are not global, and a CPU keeps those
 * of several PCIDs; INVLPG affects the current one only, and a module cannot
 * set the kernel's mark to flush the others later (invalidate_other in
 * cpu_tlbstate).
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/wait_bit.h>
#include <asm/cpufeature.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

#include <noalias/window_port.h>

#include "../compat.h"
#include "../port.h"
#include "pte.h"
#include "range.h"

/**
 * struct na_port_range - slots of windows
 * @slots: their addresses and entries
 */
struct na_port_range {
	struct na_linux_range slots;
};

/* --- CPUs ----------------------------------------------------------------- */

u32 na_port_nr_cpus(struct na_port *port)
{
	return nr_cpu_ids;
}

u32 na_port_cpu_get(struct na_port *port)
{
	preempt_disable();
	return smp_processor_id();
}

void na_port_cpu_put(struct na_port *port)
{
	preempt_enable();
}

bool na_port_tlb_may_speculate(struct na_port *port)
{
	return true;
}

/* --- ranges --------------------------------------------------------------- */

int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **result)
{
	struct na_port_range *range = kzalloc(sizeof(*range), GFP_KERNEL);
	int err;

	might_sleep();
	if (!range)
		return -ENOMEM;
	err = na_linux_range_init(port, &range->slots, nr_slots);
	if (err) {
		kfree(range);
		return err;
	}
	*result = range;
	return 0;
}

void na_port_range_close(struct na_port_range *range)
{
	na_linux_range_fini(&range->slots);
	kfree(range);
}

void *na_port_range_addr(struct na_port_range *range, u32 idx)
{
	return na_linux_range_addr(&range->slots, idx);
}

/* Every CPU has the kernel's addresses. */
struct na_cpus na_port_range_cpus(struct na_port_range *range)
{
	return (struct na_cpus){ .bits = ~0ull };
}

/* --- entries -------------------------------------------------------------- */

int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type)
{
	pgprot_t prot = na_linux_pgprot(PAGE_KERNEL, type);
	pte_t **entries = range->slots.entries + idx;
	u32 i;

	for (i = 0; i < run.nr; i++)
		if (!NA_ASSERT(pte_none(*entries[i])))
			return -EFAULT;
	for (i = 0; i < run.nr; i++)
		set_pte(entries[i], pfn_pte(run.first.nr + i, prot));
	/* x86 does not cache absent entries: nothing to flush. */
	barrier();
	return 0;
}

void na_port_window_clear(struct na_port_range *range, const u32 *idxs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		pte_clear(NULL, 0, range->slots.entries[idxs[i]]);
	/* Drain the store buffer, which another CPU's walk does not see. */
	smp_mb();
}

/* Called by the slot's owner: the two words do not change meanwhile. */
bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type)
{
	pteval_t entry = na_pte_read(range->slots.entries[idx]);
	u32 i;

	if (!na_pte_is_present(entry))
		return false;
	*frame = na_frame(na_pte_frame(entry, PAGE_SIZE));
	*type = NR_NA_MEMTYPES;
	for (i = 0; i < NR_NA_MEMTYPES; i++)
		if (na_pte_has_type(entry, PAGE_SIZE, i))
			*type = i;
	return true;
}

struct shootdown {
	struct na_cpus cpus;
	unsigned int caller;
	atomic_t nr_others;
};

static bool is_meant(int cpu, void *data)
{
	const struct shootdown *shootdown = data;

	return na_cpus_holds(shootdown->cpus, cpu);
}

static void drop_all(void *data)
{
	struct shootdown *shootdown = data;

	/* Drain stores through the slots from the write-combining buffers. */
	mb();
	na_linux_tlb_drop();
	if (smp_processor_id() != shootdown->caller)
		atomic_inc(&shootdown->nr_others);
}

u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus)
{
	struct shootdown shootdown = { .cpus = cpus };

	might_sleep();
	/* The caller's CPU is not interrupted. */
	shootdown.caller = get_cpu();
	on_each_cpu_cond(is_meant, drop_all, &shootdown, true);
	put_cpu();
	return atomic_read(&shootdown.nr_others);
}

void na_port_window_invalidate(struct na_port_range *range, u32 idx)
{
	mb();
	/* Entries of several PCIDs, see above. */
	if (boot_cpu_has(X86_FEATURE_PCID) && boot_cpu_has(X86_FEATURE_PTI))
		na_linux_tlb_drop();
	else
		asm volatile("invlpg (%0)" :: "r" (na_port_range_addr(range, idx))
			     : "memory");
}

/* --- waiting -------------------------------------------------------------- */

static long to_jiffies(u64 timeout_ns)
{
	u64 jiffies = div_u64(timeout_ns, NSEC_PER_SEC / HZ);

	if (timeout_ns == NA_WAIT_FOREVER)
		return MAX_SCHEDULE_TIMEOUT;
	return min_t(u64, jiffies + 1, MAX_SCHEDULE_TIMEOUT - 1);
}

int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns)
{
	long timeout = to_jiffies(timeout_ns);
	long left;

	might_sleep();
	/* The kernel has no killable wait on a word with a timeout. */
	left = ___wait_var_event(word,
			___wait_cond_timeout(na_atomic32_read(word) != seen),
			TASK_KILLABLE, 0, timeout,
			__ret = schedule_timeout(__ret));
	if (left < 0)
		return -EINTR;
	return left ? 0 : -ETIMEDOUT;
}

void na_port_wake(struct na_port *port, na_atomic32_t *word)
{
	/* Order the change of the word before the check for sleepers. */
	smp_mb();
	wake_up_var(word);
}
