// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kallsyms: names of tokens, addresses in one of four layouts.
 *
 * Token 128 + i is a part of a name that many have; the others are characters.
 */
#include "make_internal.h"
#include "make_kernel.h"

static const char *const parts[] = { "init", "_list", "BTF", "stext" };

#define NR_PARTS	(sizeof(parts) / sizeof(parts[0]))
#define NR_TOKENS	256u

struct bytes {
	u8 data[8192];
	size_t len;
};

static void put(struct bytes *bytes, u8 byte)
{
	if (bytes->len == sizeof(bytes->data))
		make_fail("too many names");
	bytes->data[bytes->len++] = byte;
}

void make_symbol(struct make_kernel *kernel, const char *name, u64 address)
{
	struct make_symbol *symbol = &kernel->symbols[kernel->nr_symbols++];

	if (kernel->nr_symbols > MAKE_SYMBOLS_MAX)
		make_fail("too many symbols");
	snprintf(symbol->name, sizeof(symbol->name), "%s", name);
	symbol->address = address;
}

/* The longest part that @text begins with, or its first character. */
static u8 next_token(const char **text)
{
	u8 first = (u8)**text;
	u32 i;

	for (i = 0; i < NR_PARTS; i++) {
		if (strncmp(*text, parts[i], strlen(parts[i])))
			continue;
		*text += strlen(parts[i]);
		return (u8)(128 + i);
	}
	(*text)++;
	return first;
}

static void put_name(struct bytes *names, const char *text)
{
	u8 tokens[sizeof(((struct make_symbol *)0)->name)];
	u32 i, nr = 0;

	while (*text)
		tokens[nr++] = next_token(&text);
	put(names, (u8)nr);
	for (i = 0; i < nr; i++)
		put(names, tokens[i]);
}

static void put_tokens(struct bytes *table, u16 *index)
{
	const char *text;
	u32 i;

	for (i = 0; i < NR_TOKENS; i++) {
		index[i] = (u16)table->len;
		if (i >= 128 && i < 128 + NR_PARTS)
			for (text = parts[i - 128]; *text; text++)
				put(table, (u8)*text);
		else if (i && i < 128)
			put(table, (u8)i);
		put(table, 0);
	}
}

static u64 lowest(const struct make_kernel *kernel)
{
	u64 base = ~0ull;
	u32 i;

	for (i = 0; i < kernel->nr_symbols; i++)
		if (kernel->symbols[i].address > 0x10000000 &&
		    kernel->symbols[i].address < base)
			base = kernel->symbols[i].address;
	return base;
}

static u32 offset_of(const struct make_kernel *kernel, u32 idx, u64 offsets,
		     enum make_layout layout, u64 base)
{
	u64 address = kernel->symbols[idx].address;

	if (layout == MAKE_PLACE)
		return (u32)(address - (offsets + (u64)idx * 4));
	if (layout == MAKE_BASE)
		return (u32)(address - base);
	return address < 0x10000000 ? (u32)address : (u32)(base - 1 - address);
}

/* All kallsyms tables are in the image, within 2 GiB of the symbols. */
static u64 image_room(struct make_kernel *kernel, size_t len)
{
	u64 va = make_room(kernel, len);

	return va >> 32 ? make_image_va(kernel, make_pa(kernel, va)) : va;
}

static void write_addresses(struct make_kernel *kernel,
			    enum make_layout layout,
			    struct make_kallsyms *made)
{
	u32 i, word = made->offsets >> 32 ? 8 : 4;
	u64 base = lowest(kernel);

	for (i = 0; i < kernel->nr_symbols; i++) {
		if (layout == MAKE_WHOLE)
			make_write(kernel, made->offsets + i * word,
				   &kernel->symbols[i].address, word);
		else
			make_half(kernel, made->offsets + i * 4,
				  offset_of(kernel, i, made->offsets, layout,
					    base));
	}
	make_say(kernel, "SYMBOL(kallsyms_%s)=%llx",
		 layout == MAKE_WHOLE ? "addresses" : "offsets",
		 made->offsets);
	if (layout != MAKE_BASE && layout != MAKE_BASE_OR_ABSOLUTE)
		return;
	made->relative_base = image_room(kernel, 8);
	make_write(kernel, made->relative_base, &base, word);
	make_say(kernel, "SYMBOL(kallsyms_relative_base)=%llx",
		 made->relative_base);
}

struct make_kallsyms make_symbols(struct make_kernel *kernel,
				  enum make_layout layout)
{
	static struct bytes names, table;
	struct make_kallsyms made = { 0 };
	u16 index[NR_TOKENS];
	u32 i;

	names.len = 0;
	table.len = 0;
	for (i = 0; i < kernel->nr_symbols; i++)
		put_name(&names, kernel->symbols[i].name);
	put_tokens(&table, index);
	made.names = image_room(kernel, names.len);
	made.names_len = names.len;
	made.num_syms = image_room(kernel, 4);
	made.token_table = image_room(kernel, table.len);
	made.token_index = image_room(kernel, sizeof(index));
	made.offsets = image_room(kernel, kernel->nr_symbols * 8ull);
	make_write(kernel, made.names, names.data, names.len);
	make_half(kernel, made.num_syms, kernel->nr_symbols);
	make_write(kernel, made.token_table, table.data, table.len);
	make_write(kernel, made.token_index, index, sizeof(index));
	make_say(kernel, "SYMBOL(kallsyms_names)=%llx", made.names);
	make_say(kernel, "SYMBOL(kallsyms_num_syms)=%llx", made.num_syms);
	make_say(kernel, "SYMBOL(kallsyms_token_table)=%llx",
		 made.token_table);
	make_say(kernel, "SYMBOL(kallsyms_token_index)=%llx",
		 made.token_index);
	write_addresses(kernel, layout, &made);
	return made;
}
