// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What an x86 page table entry says of its memory type.
 *
 * Three bits of the entry are an index into the PAT register, which is read
 * and not assumed: the kernel programs it one way, firmware, "nopat" and
 * hypervisors another. Without PAT the third bit counts for nothing and the
 * table is that of power-on (Intel SDM 3A, 12.12.4).
 *
 * Then the range registers (MTRR) have a say (12.5.2.2). They matter where
 * the kernel maps the hole below 1 MiB write-back and trusts the register to
 * make it uncached: read without them, every old VGA driver is an alias. A
 * register is believed where it names the frame. The default type is not: AMD
 * processors have further registers that override it for memory above 4 GiB,
 * and to call memory uncached that is not would hide aliases.
 */
#include <asm/cpufeature.h>
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

/* The hardware's numbers; 2, 3 and anything else are reserved. */
static u8 type_of(u32 code)
{
	static const u8 types[8] = {
		NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_UC, NA_AUDIT_UC,
		NA_AUDIT_WT, NA_AUDIT_WP, NA_AUDIT_WB, NA_AUDIT_UC_MINUS,
	};

	return types[code & 7];
}

/* --- registers ------------------------------------------------------------ */

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
	struct na_linux_range *range = &types->ranges[types->nr_ranges];
	u64 base, mask;

	if (rdmsrq_safe(MTRRphysBase_MSR(i), &base) ||
	    rdmsrq_safe(MTRRphysMask_MSR(i), &mask) ||
	    !(mask & MTRR_RANGE_VALID) || !(mask >> PAGE_SHIFT))
		return;
	range->base = base >> PAGE_SHIFT;
	range->mask = mask >> PAGE_SHIFT;
	range->type = type_of((u32)base);
	types->nr_ranges++;
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
	nr = min_t(u32, cap & MTRR_NR_RANGES, NA_LINUX_RANGES_MAX);
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

/* What the registers say of @frame, and of its neighbours with it. */
static void find_range(struct na_linux_types *types, u64 frame)
{
	const struct na_linux_range *range;
	u64 first = frame & ~(FIXED_FRAMES - 1ull), end = ~0ull, granule;
	u32 i;

	types->range = NO_RANGE;
	for (i = 0; i < types->nr_ranges; i++) {
		range = &types->ranges[i];
		if ((frame & range->mask) == (range->base & range->mask))
			types->range = combine_ranges(types->range,
						      range->type);
		/* Frames that differ below the lowest bit share the answer. */
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

/* Table 12-7 of the manual; a missing register counts as WB. */
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

/* --- entries -------------------------------------------------------------- */

static u8 entry_type(const struct na_linux_types *types, pteval_t entry,
		     bool is_large)
{
	u32 idx = 0;

	if (entry & _PAGE_PWT)
		idx |= 1;
	if (entry & _PAGE_PCD)
		idx |= 2;
	if (entry & (is_large ? _PAGE_PAT_LARGE : _PAGE_PAT))
		idx |= 4;
	return types->pat[idx];
}

int na_linux_entry_offer(struct na_audit_walker *walker, unsigned long vaddr,
			 pteval_t entry, unsigned long size, u32 nr)
{
	struct na_linux_types *types = &walker->types;
	struct na_sighting part = { .va = vaddr };
	u64 frame, left;
	int err;

	if (!(entry & _PAGE_PRESENT))
		return 0;
	part.entry = entry_type(types, entry, size > PAGE_SIZE);
	frame = (entry & PTE_PFN_MASK & ~(pteval_t)(size - 1)) >> PAGE_SHIFT;
	frame += (vaddr & (size - 1)) >> PAGE_SHIFT;
	for (; nr; nr -= part.run.nr) {
		if (frame < types->first || frame >= types->end)
			find_range(types, frame);
		left = min_t(u64, nr, types->end - frame);
		part.run = na_run(na_frame(frame), left);
		part.type = effective_type(part.entry, types->range);
		err = na_audit_offer(walker->audit, &part);
		if (err)
			return err;
		part.va += left << PAGE_SHIFT;
		frame += left;
	}
	return 0;
}
