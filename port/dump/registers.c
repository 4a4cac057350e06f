// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * PAT and MTRRs of the machine, from what its kernel remembers of them.
 *
 * The kernel keeps a table of what each PAT index means to it, and a copy of
 * the MTRRs. No note of an image has the registers themselves.
 */
#include "dump_internal.h"

#define MTRR_STATE_MAX	(16u << 10)
#define MTRR_VAR_LEN	16
#define MTRR_FIXED_LEN	(11u * 8)

#define MTRRS_ENABLED	2u	/* of mtrr_state.enabled */
#define FIXED_ENABLED	1u

/* --- PAT ------------------------------------------------------------------ */

/* The hardware's encoding, by the kernel's enum page_cache_mode. */
static const u8 codes[] = { 6, 1, 7, 0, 4, 5 };

static bool read_pat(struct na_kernel *kernel, u64 *pat)
{
	u64 table = na_kernel_symbol(kernel, "__pte2cachemode_tbl");
	u8 modes[8];
	u32 i;

	if (!table || !na_kernel_read(kernel, table, modes, sizeof(modes)))
		return false;
	*pat = 0;
	for (i = 0; i < 8; i++) {
		if (modes[i] >= sizeof(codes))
			return false;
		*pat |= (u64)codes[modes[i]] << (8 * i);
	}
	return true;
}

static u64 find_pat(struct na_dump *dump)
{
	u64 pat;

	dump->registers.pat = NA_REGISTER_GIVEN;
	if (dump->options.has_pat)
		return dump->options.pat;
	dump->registers.pat = NA_REGISTER_READ;
	if (read_pat(&dump->kernel, &pat))
		return pat;
	dump->registers.pat = NA_REGISTER_ASSUMED;
	na_notes_assume(dump->notes,
			"the PAT register is %#llx, as Linux sets it; --pat VALUE if it is not",
			NA_X86_PAT_LINUX);
	return NA_X86_PAT_LINUX;
}

/* --- MTRRs ---------------------------------------------------------------- */

/**
 * struct mtrr_state - the kernel's variable of that type
 * @bytes: its bytes
 * @fixed: offset of the fixed registers; the variable ones are before it
 * @enabled: offset of the bits that enable them
 * @have_fixed: offset of the byte that says whether there are fixed ones
 * @def_type: offset of the byte that is the default type
 */
struct mtrr_state {
	u8 bytes[MTRR_STATE_MAX];
	long fixed;
	long enabled;
	long have_fixed;
	long def_type;
};

static bool read_state(struct na_kernel *kernel, struct mtrr_state *state)
{
	u64 va = na_kernel_symbol(kernel, "mtrr_state");
	long len = na_kernel_sizeof(kernel, "mtrr_state_type");

	state->fixed = na_kernel_member(kernel, "mtrr_state_type",
					"fixed_ranges");
	state->enabled = na_kernel_member(kernel, "mtrr_state_type", "enabled");
	state->have_fixed = na_kernel_member(kernel, "mtrr_state_type",
					     "have_fixed");
	state->def_type = na_kernel_member(kernel, "mtrr_state_type",
					   "def_type");
	return va && len > 0 && len <= (long)sizeof(state->bytes) &&
	       state->fixed >= 0 && state->fixed <= len - (long)MTRR_FIXED_LEN &&
	       state->enabled >= 0 && state->enabled < len &&
	       state->have_fixed >= 0 && state->have_fixed < len &&
	       state->def_type >= 0 && state->def_type < len &&
	       na_kernel_read(kernel, va, state->bytes, (size_t)len);
}

static u64 word_at(const struct mtrr_state *state, long offset)
{
	u64 word;

	memcpy(&word, state->bytes + offset, sizeof(word));
	return word;
}

/* In the order of the registers: 64 KiB each, 16 KiB, 4 KiB. */
static void take_fixed(struct na_x86_types *types,
		       const struct mtrr_state *state)
{
	u32 i, first = 0, nr;

	for (i = 0; i < 11; i++) {
		nr = i == 0 ? 16 : i < 3 ? 4 : 1;
		na_x86_types_set_fixed(types, first, nr,
				       word_at(state, state->fixed + 8 * i));
		first += 8 * nr;
	}
}

static void take_state(struct na_dump *dump, const struct mtrr_state *state)
{
	struct na_dump_registers *registers = &dump->registers;
	struct na_x86_types *types = &dump->types;
	long at;

	registers->default_type = na_x86_type_of(state->bytes[state->def_type]);
	registers->mtrrs_enabled = state->bytes[state->enabled] & MTRRS_ENABLED;
	if (!registers->mtrrs_enabled)
		return;
	registers->fixed_enabled = state->bytes[state->have_fixed] &&
				   state->bytes[state->enabled] & FIXED_ENABLED;
	if (registers->fixed_enabled)
		take_fixed(types, state);
	for (at = 0; at + MTRR_VAR_LEN <= state->fixed; at += MTRR_VAR_LEN)
		na_x86_types_add_mtrr(types, word_at(state, at),
				      word_at(state, at + 8));
}

/* A PC has no memory there, and no kernel maps it otherwise than WB. */
static void assume_hole(struct na_dump *dump)
{
	na_notes_assume(dump->notes,
			"the MTRRs make only 0xa0000 to 0xfffff uncached: they are not known");
	dump->registers.mtrrs = NA_REGISTER_ASSUMED;
	dump->registers.mtrrs_enabled = dump->registers.fixed_enabled = true;
	dump->registers.default_type = NA_AUDIT_WB;
	na_x86_types_set_fixed(&dump->types, 160, 4, 0);
	na_x86_types_set_fixed(&dump->types, 192, 8, 0);
}

void na_x86_find_types(struct na_dump *dump)
{
	struct na_x86_types *types = &dump->types;
	struct mtrr_state state;

	na_x86_types_init(types, find_pat(dump));
	if (read_state(&dump->kernel, &state))
		take_state(dump, &state);
	else
		assume_hole(dump);
	na_x86_types_ready(types);
	dump->plain.bits = types->typed_small;
	dump->registers.types = types;
	memcpy(dump->plain.ranges, types->plain, sizeof(types->plain));
}

u8 na_x86_entry_type(struct na_dump *dump, u64 entry, u64 size)
{
	return na_x86_types_entry(&dump->types, entry, size);
}

u8 na_x86_effective_type(struct na_dump *dump, u8 entry, u64 frame, u32 *nr)
{
	return na_x86_types_effective(&dump->types, entry, frame, nr);
}

u8 na_dump_range_type(struct na_dump *dump, u64 frame, u32 *nr)
{
	return dump->registers.types ?
	       na_x86_types_range(&dump->types, frame, nr) : NR_NA_AUDIT_TYPES;
}
