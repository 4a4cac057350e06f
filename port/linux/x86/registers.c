// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory types as this CPU's registers have them, for the auditor.
 *
 * The PAT register is read, because the kernel, firmware, "nopat" and
 * hypervisors program it differently. Without PAT the third bit of an entry is
 * ignored and the table is that of power-on (Intel SDM 3A, 12.12.4).
 */
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/mtrr.h>

#include "../audit.h"
#include "../compat.h"

#define MTRR_ENABLED		(1u << 11)	/* of MTRRdefType */
#define MTRR_FIXED_ENABLED	(1u << 10)
#define MTRR_HAS_FIXED		(1u << 8)	/* of MTRRcap */
#define MTRR_NR_RANGES		0xffu

static u64 read_pat(void)
{
	u64 pat = NA_X86_PAT_POWER_ON;

	if (boot_cpu_has(X86_FEATURE_PAT))
		rdmsrq_safe(MSR_IA32_CR_PAT, &pat);
	return pat;
}

static void read_fixed(struct na_x86_types *types, u32 msr, u32 first,
		       u32 nr_frames)
{
	u64 value;

	if (!rdmsrq_safe(msr, &value))
		na_x86_types_set_fixed(types, first, nr_frames, value);
}

static void read_all_fixed(struct na_x86_types *types)
{
	u32 i;

	read_fixed(types, MSR_MTRRfix64K_00000, 0, 16);
	read_fixed(types, MSR_MTRRfix16K_80000, 128, 4);
	read_fixed(types, MSR_MTRRfix16K_A0000, 160, 4);
	for (i = 0; i < 8; i++)
		read_fixed(types, MSR_MTRRfix4K_C0000 + i, 192 + 8 * i, 1);
}

static void read_mtrr(struct na_x86_types *types, u32 i)
{
	u64 base, mask;

	if (!rdmsrq_safe(MTRRphysBase_MSR(i), &base) &&
	    !rdmsrq_safe(MTRRphysMask_MSR(i), &mask))
		na_x86_types_add_mtrr(types, base, mask);
}

static void read_mtrrs(struct na_x86_types *types)
{
	u64 cap, def;
	u32 i, nr;

	if (!boot_cpu_has(X86_FEATURE_MTRR) ||
	    rdmsrq_safe(MSR_MTRRcap, &cap) ||
	    rdmsrq_safe(MSR_MTRRdefType, &def) || !(def & MTRR_ENABLED))
		return;
	if (cap & MTRR_HAS_FIXED && def & MTRR_FIXED_ENABLED)
		read_all_fixed(types);
	nr = min_t(u32, cap & MTRR_NR_RANGES, NA_X86_MTRRS_MAX);
	for (i = 0; i < nr; i++)
		read_mtrr(types, i);
}

void na_linux_types_init(struct na_linux_types *types)
{
	na_x86_types_init(&types->x86, read_pat());
	read_mtrrs(&types->x86);
	na_x86_types_ready(&types->x86);
}
