// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 memory types: protections, and for the auditor the effective type of an
 * entry.
 *
 * Three bits of the entry are an index into the PAT register, which is read,
 * because the kernel, firmware, "nopat" and hypervisors program it differently.
 * Without PAT the third bit is ignored and the table is that of power-on (Intel
 * SDM 3A, 12.12.4).
 *
 * Then the range registers (MTRR) are applied (12.5.2.2). The kernel maps the
 * hole below 1 MiB write-back, and an MTRR makes it uncached: without MTRRs
 * every old VGA driver would be an alias. Only MTRRs that cover the frame are
 * used, not the default type: AMD processors have further registers that
 * override it for memory above 4 GiB, and treating cached memory as uncached
 * would hide aliases.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/memtype.h>
#include <asm/msr.h>
#include <asm/mtrr.h>

#include "../audit.h"
#include "../compat.h"

#define NO_RANGE	NR_NA_AUDIT_TYPES
#define FIXED_FRAMES	256

#define MTRR_ENABLED		(1u << 11)	/* of MTRRdefType */
#define MTRR_FIXED_ENABLED	(1u << 10)
#define MTRR_HAS_FIXED		(1u << 8)	/* of MTRRcap */
#define MTRR_NR_RANGES		0xffu
#define MTRR_RANGE_VALID	(1u << 11)	/* of MTRRphysMask */

/* --- protections ----------------------------------------------------------- */

int na_linux_types_check(void)
{
	if (!boot_cpu_has(X86_FEATURE_XENPV))
		return 0;
	pr_err("noalias: Xen PV guests share their page tables with the hypervisor, not supported\n");
	return -EOPNOTSUPP;
}

bool na_linux_has_type(enum na_memtype type)
{
	return type != NA_WC || pat_enabled();
}

static enum page_cache_mode cache_mode(enum na_memtype type)
{
	static const enum page_cache_mode modes[] = {
		[NA_WB] = _PAGE_CACHE_MODE_WB,
		[NA_WC] = _PAGE_CACHE_MODE_WC,
		[NA_UC] = _PAGE_CACHE_MODE_UC_MINUS,
	};

	return modes[type];
}

pgprot_t na_linux_pgprot(pgprot_t prot, enum na_memtype type)
{
	return __pgprot((pgprot_val(prot) & ~_PAGE_CACHE_MASK) |
			cachemode2protval(cache_mode(type)));
}

/* --- registers ------------------------------------------------------------ */

/* The hardware's encoding; 2, 3 and all others are reserved. */
static u8 type_of(u32 code)
{
	static const u8 types[8] = {
		NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_UC, NA_AUDIT_UC,
		NA_AUDIT_WT, NA_AUDIT_WP, NA_AUDIT_WB, NA_AUDIT_UC_MINUS,
	};

	return types[code & 7];
}

static void read_pat(struct na_linux_types *types)
{
	u64 pat = 0x0007040600070406ull;
	int i;

	if (boot_cpu_has(X86_FEATURE_PAT))
		rdmsrq_safe(MSR_IA32_CR_PAT, &pat);
	for (i = 0; i < 8; i++)
		types->pat[i] = type_of(pat >> (8 * i));
}

static void read_fixed(struct na_linux_types *types, u32 msr, u32 first,
		       u32 nr_frames)
{
	u64 value;
	u32 i;

	if (rdmsrq_safe(msr, &value))
		return;
	for (i = 0; i < 8 * nr_frames; i++)
		types->fixed[first + i] = type_of(value >> (i / nr_frames * 8));
}

static void read_all_fixed(struct na_linux_types *types)
{
	u32 i;

	read_fixed(types, MSR_MTRRfix64K_00000, 0, 16);
	read_fixed(types, MSR_MTRRfix16K_80000, 128, 4);
	read_fixed(types, MSR_MTRRfix16K_A0000, 160, 4);
	for (i = 0; i < 8; i++)
		read_fixed(types, MSR_MTRRfix4K_C0000 + i, 192 + 8 * i, 1);
}

static void read_range(struct na_linux_types *types, u32 i)
{
	struct na_linux_mtrr *range = &types->mtrrs[types->nr_mtrrs];
	u64 base, mask;

	if (rdmsrq_safe(MTRRphysBase_MSR(i), &base) ||
	    rdmsrq_safe(MTRRphysMask_MSR(i), &mask) ||
	    !(mask & MTRR_RANGE_VALID) || !(mask >> PAGE_SHIFT))
		return;
	range->base = base >> PAGE_SHIFT;
	range->mask = mask >> PAGE_SHIFT;
	range->type = type_of((u32)base);
	types->nr_mtrrs++;
}

void na_linux_types_init(struct na_linux_types *types)
{
	u64 cap, def;
	u32 i, nr;

	memset(types->fixed, NO_RANGE, sizeof(types->fixed));
	read_pat(types);
	if (!boot_cpu_has(X86_FEATURE_MTRR) ||
	    rdmsrq_safe(MSR_MTRRcap, &cap) ||
	    rdmsrq_safe(MSR_MTRRdefType, &def) || !(def & MTRR_ENABLED))
		return;
	if (cap & MTRR_HAS_FIXED && def & MTRR_FIXED_ENABLED)
		read_all_fixed(types);
	nr = min_t(u32, cap & MTRR_NR_RANGES, NA_LINUX_MTRRS_MAX);
	for (i = 0; i < nr; i++)
		read_range(types, i);
}

/* --- effective type ------------------------------------------------------- */

/* Two registers for one frame: UC wins, then WT over WB (12.11.4.1). */
static u8 combine_ranges(u8 one, u8 other)
{
	if (one == NO_RANGE || one == other)
		return other;
	if (one + other == NA_AUDIT_WB + NA_AUDIT_WT)
		return NA_AUDIT_WT;
	return NA_AUDIT_UC;
}

/* Type of the MTRRs for @frame, and for how many frames from there on. */
static void find_range(struct na_linux_types *types, u64 frame)
{
	const struct na_linux_mtrr *range;
	u64 first = frame & ~(FIXED_FRAMES - 1ull), end = ~0ull, granule;
	u32 i;

	types->range = NO_RANGE;
	for (i = 0; i < types->nr_mtrrs; i++) {
		range = &types->mtrrs[i];
		if ((frame & range->mask) == (range->base & range->mask))
			types->range = combine_ranges(types->range,
						      range->type);
		/*
		 * Frames that differ only below the lowest mask bit share the
		 * answer.
		 */
		granule = range->mask & -range->mask;
		first = max(first, frame & ~(granule - 1));
		end = min(end, (frame | (granule - 1)) + 1);
	}
	if (frame < FIXED_FRAMES && types->fixed[frame] != NO_RANGE) {
		types->range = types->fixed[frame];
		first = frame;
		end = frame + 1;
	} else if (frame < FIXED_FRAMES) {
		end = min_t(u64, end, FIXED_FRAMES);
	}
	types->first = first;
	types->end = end;
}

/* Table 12-7 of the manual; no MTRR counts as WB. */
static u8 effective_type(u8 entry, u8 range)
{
	switch (range) {
	case NA_AUDIT_UC:
		return entry == NA_AUDIT_WC ? NA_AUDIT_WC : NA_AUDIT_UC;
	case NA_AUDIT_WC:
		return entry == NA_AUDIT_WB || entry == NA_AUDIT_WC ||
		       entry == NA_AUDIT_UC_MINUS ? NA_AUDIT_WC : NA_AUDIT_UC;
	case NA_AUDIT_WT:
	case NA_AUDIT_WP:
		if (entry == NA_AUDIT_WB)
			return range;
		break;
	}
	return entry == NA_AUDIT_UC_MINUS ? NA_AUDIT_UC : entry;
}

u8 na_linux_types_effective(struct na_linux_types *types, u8 entry, u64 frame,
			    u32 *nr)
{
	if (frame < types->first || frame >= types->end)
		find_range(types, frame);
	*nr = min_t(u64, *nr, types->end - frame);
	return effective_type(entry, types->range);
}

u8 na_linux_types_entry(const struct na_linux_types *types, pteval_t entry,
			unsigned long size)
{
	return types->pat[na_pte_pat(entry, size)];
}
