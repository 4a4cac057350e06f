// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kallsyms out of an image: four layouts, and bytes that make no sense.
 */
#include "../../port/dump/symbols.h"
#include "kernel_world.h"

#define TEXT	0xffffffff81800000ull	/* of the made-up kernel's image */

static struct make_kallsyms tables;

static void make(enum na_paging paging, enum make_layout layout)
{
	kernel_new(paging);
	make_symbol(made, "Dinit_task", paging == NA_PAGING_PAE ?
		    0xc1234567 : TEXT + 0x1234567);
	make_symbol(made, "binit", paging == NA_PAGING_PAE ?
		    0xc1000001 : TEXT);
	if (layout != MAKE_BASE && layout != MAKE_PLACE)
		make_symbol(made, "Apcpu_hot", 0x12340);
	make_symbol(made, "Dinit_task", 0xffffffff8fffffffull);
	tables = make_symbols(made, layout);
}

/* kills: kernel-one-layout */
static void symbols_of_each_layout(void)
{
	enum make_layout layout;

	for (layout = 0; layout < NR_MAKE_LAYOUTS; layout++) {
		make(NA_PAGING_4LEVEL, layout);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(na_symbols_count(found.symbols), made->nr_symbols);
		EXPECT_EQ(na_kernel_symbol(&found, "init_task"),
			  TEXT + 0x1234567);
		EXPECT_EQ(na_kernel_symbol(&found, "init"), TEXT);
		EXPECT_EQ(na_kernel_symbol(&found, "pcpu_hot"),
			  layout == MAKE_BASE || layout == MAKE_PLACE ? 0 :
									0x12340);
		EXPECT_EQ(na_kernel_symbol(&found, "Dinit_task"), 0);
		EXPECT_EQ(na_kernel_symbol(&found, ""), 0);
	}
}

static void symbols_of_32_bit(void)
{
	static const enum make_layout layouts[] = { MAKE_BASE, MAKE_PLACE,
						    MAKE_WHOLE };
	u32 i;

	for (i = 0; i < 3; i++) {
		make(NA_PAGING_PAE, layouts[i]);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(na_kernel_symbol(&found, "init_task"), 0xc1234567);
		EXPECT_EQ(na_kernel_symbol(&found, "init"), 0xc1000001);
	}
}

/* The length of a name of over 127 tokens has two bytes. */
static void symbol_with_long_name(void)
{
	static const u8 len[] = { 0x80 | (200 & 0x7f), 200 >> 7 };
	char name[200];

	kernel_new(NA_PAGING_4LEVEL);
	make_symbol(made, "Tx", TEXT + 5);
	tables = make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	memset(name, 'x', sizeof(name));
	/* The last name's length and its two tokens are at the end. */
	make_write(made, tables.names + tables.names_len - 3, len, 2);
	make_write(made, tables.names + tables.names_len - 1, name,
		   sizeof(name));
	EXPECT_FOUND(kernel_open());
	name[sizeof(name) - 1] = 0;	/* the first x is the type */
	EXPECT_EQ(na_kernel_symbol(&found, name), TEXT + 5);
}

/* --- nonsense --- */

static void expect_no_symbols(void)
{
	EXPECT_FOUND(kernel_open());
	EXPECT(!found.symbols);
	EXPECT_EQ(na_kernel_symbol(&found, "init_task"), 0);
	EXPECT_ANY_LINE(assumed, "symbols");
}

static void no_symbols_said(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	expect_no_symbols();
}

static void number_of_symbols_is_limited(void)
{
	static const u32 nrs[] = { 0, 1u << 20 | 1, 0x7fffffff, 0xffffffff };
	u32 i;

	for (i = 0; i < 4; i++) {
		make(NA_PAGING_4LEVEL, MAKE_BASE_OR_ABSOLUTE);
		make_half(made, tables.num_syms, nrs[i]);
		expect_no_symbols();
	}
}

/* kills: kernel-symbols-unproven */
static void anchor_is_elsewhere(void)
{
	make(NA_PAGING_4LEVEL, MAKE_BASE_OR_ABSOLUTE);
	make_word(made, tables.relative_base, TEXT + 1);
	expect_no_symbols();
}

static void tables_are_nowhere(void)
{
	static const char *const names[] = {
		"kallsyms_names", "kallsyms_num_syms", "kallsyms_token_table",
		"kallsyms_token_index", "kallsyms_offsets",
		"kallsyms_relative_base",
	};
	char line[64];
	u32 i;

	for (i = 0; i < 6; i++) {
		make(NA_PAGING_4LEVEL, MAKE_BASE_OR_ABSOLUTE);
		snprintf(line, sizeof(line), "SYMBOL(%s)", names[i]);
		make_unsay(made, line);
		make_say(made, "%s=fffffffffffffff0", line);
		expect_no_symbols();
	}
}

/* All names are of tokens that are as long as the table. */
static void tokens_are_endless(void)
{
	u16 index[256] = { 0 };

	make(NA_PAGING_4LEVEL, MAKE_BASE_OR_ABSOLUTE);
	memset(make_at(made->memory, make_pa(made, tables.token_table)), 'a',
	       NA_IMAGE_PAGE);
	make_write(made, tables.token_index, index, sizeof(index));
	expect_no_symbols();
}

/* Bytes of all tables at random: any answer, in a bounded time. */
static void symbols_at_random(void)
{
	u64 seed = tap_seed();
	u64 at[4];
	u32 i, k;

	for (i = 0; i < 200; i++) {
		make(NA_PAGING_4LEVEL, (enum make_layout)tap_below(&seed, 4));
		at[0] = tables.names;
		at[1] = tables.token_table;
		at[2] = tables.token_index;
		at[3] = tables.num_syms;
		for (k = 0; k <= tap_below(&seed, 8); k++)
			make_half(made, at[tap_below(&seed, 4)] +
				  tap_below(&seed, 64),
				  (u32)tap_random(&seed));
		EXPECT_FOUND(kernel_open());
		na_kernel_symbol(&found, "init_task");
	}
}

static const struct tap_case cases[] = {
	TAP(symbols_of_each_layout),
	TAP(symbols_of_32_bit),
	TAP(symbol_with_long_name),
	TAP(no_symbols_said),
	TAP(number_of_symbols_is_limited),
	TAP(anchor_is_elsewhere),
	TAP(tables_are_nowhere),
	TAP(tokens_are_endless),
	TAP(symbols_at_random),
};

TAP_MAIN(cases)
