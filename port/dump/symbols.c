// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kallsyms: the kernel's symbols, compressed.
 *
 * A name is a length and as many bytes; each byte stands for a token, a string
 * of the token table; the first character of the whole is the symbol's type.
 * The addresses are in a table of their own, in one of four layouts over the
 * years (scripts/kallsyms.c):
 *
 *	whole addresses					to 6.3 with some configurations
 *	offsets to a base, absolute ones positive	to 6.18 on x86-64 with SMP
 *	offsets to a base, not negative			to 6.18, others
 *	offsets to the place of the offset		later
 *
 * Which of them it is, is decided by the address of _stext, which VMCOREINFO
 * has too: the kernel's version would say less than that, and could not catch a
 * table that is no table.
 *
 * Names are looked up by their hashes. For the few addresses whose names are
 * asked for, the name is read again from where it is.
 */
#include "symbols.h"
#include "paging.h"

#define NR_TOKENS		256u
#define TOKEN_TABLE_MAX		0x10000u
#define SYMBOL_LEN_MAX		0x3fffu		/* in tokens: two bytes */
#define NAME_LEN_MAX		1024u		/* the kernel's limit is 512 */
#define NAMES_MAX		(64u << 20)	/* bytes of all names */
#define NR_SYMBOLS_MAX		(1u << 20)
#define PROBES_MAX		1024u		/* names that are made to collide */
#define ANCHOR			"_stext"

struct symbol {
	u64 hash;
	u64 address;
};

/* Bytes of the kernel, one after the other. */
struct stream {
	struct na_kernel *kernel;
	u64 va;			/* behind what is in buf */
	u32 pos;
	u32 len;
	u8 buf[NA_IMAGE_PAGE];
};

struct tables {
	u64 names;
	u64 num_syms;
	u64 token_table;
	u64 token_index;
	u64 offsets;
	u64 addresses;
	u64 relative_base;
	u64 anchor;
};

struct tokens {
	u16 index[NR_TOKENS];
	u32 len;
	char table[TOKEN_TABLE_MAX + 1];
};

/* Open addressing; a hash of 0 is a free place. */
struct na_symbols {
	struct symbol *slots;
	u32 nr_slots;		/* power of two, over twice the symbols */
	u32 nr;
	u64 *addresses;
	u64 *places;		/* of the names */
	struct tokens *tokens;
};

enum layout {
	LAYOUT_BASE_OR_ABSOLUTE,
	LAYOUT_BASE,
	LAYOUT_PLACE,
	LAYOUT_WHOLE,
	NR_LAYOUTS,
};

static const u64 hash_start = 0xcbf29ce484222325ull;

/* FNV-1a */
static u64 hash_add(u64 hash, u8 byte)
{
	return (hash ^ byte) * 0x100000001b3ull;
}

static u64 hash_end(u64 hash)
{
	return hash ? hash : 1;
}

static u64 hash_name(const char *name)
{
	u64 hash = hash_start;

	while (*name)
		hash = hash_add(hash, (u8)*name++);
	return hash_end(hash);
}

/* The place of a hash, or the free one where it would be, or NULL. */
static struct symbol *find_slot(const struct na_symbols *symbols, u64 hash)
{
	struct symbol *slot;
	u32 i;

	for (i = 0; i < PROBES_MAX; i++) {
		slot = &symbols->slots[((hash >> 20) + i) &
				       (symbols->nr_slots - 1)];
		if (!slot->hash || slot->hash == hash)
			return slot;
	}
	return NULL;
}

static bool next_byte(struct stream *stream, u8 *byte)
{
	u32 len;

	if (stream->pos == stream->len) {
		len = NA_IMAGE_PAGE - stream->va % NA_IMAGE_PAGE;
		if (!na_kernel_read(stream->kernel, stream->va, stream->buf,
				    len))
			return false;
		stream->va += len;
		stream->len = len;
		stream->pos = 0;
	}
	*byte = stream->buf[stream->pos++];
	return true;
}

/* As much of the token table as there is: what follows it may be missing. */
static bool load_tokens(struct na_kernel *kernel, const struct tables *at,
			struct tokens *tokens)
{
	u32 part;

	if (!na_kernel_read(kernel, at->token_index, tokens->index,
			    sizeof(tokens->index)))
		return false;
	for (tokens->len = 0; tokens->len < TOKEN_TABLE_MAX;
	     tokens->len += part) {
		part = NA_IMAGE_PAGE -
		       (at->token_table + tokens->len) % NA_IMAGE_PAGE;
		if (part > TOKEN_TABLE_MAX - tokens->len)
			part = TOKEN_TABLE_MAX - tokens->len;
		if (!na_kernel_read(kernel, at->token_table + tokens->len,
				    tokens->table + tokens->len, part))
			break;
	}
	tokens->table[tokens->len] = 0;
	return tokens->len;
}

/* Kernels before 6.1 have no names that are so long. */
static bool next_len(struct stream *names, u32 *len)
{
	u8 byte;

	if (!next_byte(names, &byte))
		return false;
	*len = byte;
	if (byte < 0x80)
		return *len;
	if (!next_byte(names, &byte))
		return false;
	*len = (*len & 0x7f) | (u32)byte << 7;
	return *len <= SYMBOL_LEN_MAX;
}

/*
 * Without its type. A token may be as long as the whole table, and all tokens
 * may be empty: both what is read and what it stands for are limited.
 */
static bool next_name(struct stream *names, const struct tokens *tokens,
		      char name[NAME_LEN_MAX + 1])
{
	u32 len, nr_chars = 0;
	const char *text;
	u8 byte;

	if (!next_len(names, &len))
		return false;
	while (len--) {
		if (!next_byte(names, &byte) ||
		    tokens->index[byte] >= tokens->len)
			return false;
		text = tokens->table + tokens->index[byte];
		for (; *text && nr_chars <= NAME_LEN_MAX; text++)
			if (nr_chars++)		/* the first is the type */
				name[nr_chars - 2] = *text;
		if (nr_chars > NAME_LEN_MAX)
			return false;
	}
	name[nr_chars ? nr_chars - 1 : 0] = 0;
	return true;
}

/* Address of the next byte. */
static u64 stream_at(const struct stream *stream)
{
	return stream->va - (stream->len - stream->pos);
}

/* Where all names are, their hashes, and which symbol is the anchor. */
static bool read_names(struct na_kernel *kernel, const struct tables *at,
		       struct na_symbols *symbols, u64 *hashes, u32 *anchor)
{
	struct stream names = { .kernel = kernel, .va = at->names };
	const u64 wanted = hash_name(ANCHOR);
	char name[NAME_LEN_MAX + 1];
	u32 i;

	*anchor = symbols->nr;
	for (i = 0; i < symbols->nr; i++) {
		symbols->places[i] = stream_at(&names);
		if (names.va - at->names > NAMES_MAX ||
		    !next_name(&names, symbols->tokens, name))
			return false;
		hashes[i] = hash_name(name);
		if (hashes[i] == wanted && *anchor == symbols->nr)
			*anchor = i;
	}
	return *anchor < symbols->nr;
}

static u32 word_len(const struct na_kernel *kernel)
{
	return na_paging_is_64bit(kernel->paging) ? 8 : 4;
}

static bool read_word(struct na_kernel *kernel, u64 va, u64 *word)
{
	*word = 0;
	return na_kernel_read(kernel, va, word, word_len(kernel));
}

/* @table is the whole table of the layout. */
static u64 address_of(const struct na_kernel *kernel, const struct tables *at,
		      enum layout layout, u64 base, const void *table, u32 idx)
{
	u64 address = 0;
	s32 offset;

	if (layout == LAYOUT_WHOLE) {
		memcpy(&address,
		       (const char *)table + (u64)idx * word_len(kernel),
		       word_len(kernel));
		return address;
	}
	memcpy(&offset, (const char *)table + (u64)idx * 4, 4);
	if (layout == LAYOUT_PLACE)
		address = at->offsets + (u64)idx * 4 + (u64)(s64)offset;
	else if (layout == LAYOUT_BASE)
		address = base + (u32)offset;
	else if (offset < 0)
		address = base - 1 - (u64)(s64)offset;
	else
		address = (u32)offset;
	return word_len(kernel) == 4 ? (u32)address : address;
}

/* The one that gives the anchor the address that VMCOREINFO has for it. */
static bool choose_layout(const struct na_kernel *kernel,
			  const struct tables *at, u64 base, const void *table,
			  u32 anchor, enum layout *layout)
{
	if (!at->offsets) {
		*layout = LAYOUT_WHOLE;
		return address_of(kernel, at, *layout, base, table, anchor) ==
		       at->anchor;
	}
	for (*layout = LAYOUT_BASE_OR_ABSOLUTE; *layout < LAYOUT_WHOLE;
	     (*layout)++)
		if (address_of(kernel, at, *layout, base, table, anchor) ==
		    at->anchor)
			return true;
	return false;
}

static struct na_symbols *create(u32 nr)
{
	struct na_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return NULL;
	symbols->nr = nr;
	for (symbols->nr_slots = 16; symbols->nr_slots / 2 <= nr;)
		symbols->nr_slots *= 2;
	symbols->slots = calloc(symbols->nr_slots, sizeof(*symbols->slots));
	symbols->addresses = malloc(nr * sizeof(*symbols->addresses));
	symbols->places = malloc(nr * sizeof(*symbols->places));
	symbols->tokens = malloc(sizeof(*symbols->tokens));
	if (symbols->slots && symbols->addresses && symbols->places &&
	    symbols->tokens)
		return symbols;
	na_symbols_destroy(symbols);
	return NULL;
}

static void fill(struct na_symbols *symbols, const struct na_kernel *kernel,
		 const struct tables *at, enum layout layout, u64 base,
		 const void *table, const u64 *hashes)
{
	struct symbol *slot;
	u32 i;

	for (i = 0; i < symbols->nr; i++) {
		symbols->addresses[i] = address_of(kernel, at, layout, base,
						   table, i);
		slot = find_slot(symbols, hashes[i]);
		if (!slot || slot->hash)
			continue;
		slot->hash = hashes[i];
		slot->address = symbols->addresses[i];
	}
}

/* @hashes has room for the table of addresses behind them. */
static bool load(struct na_symbols *symbols, struct na_kernel *kernel,
		 const struct tables *at, u64 *hashes)
{
	u32 len = symbols->nr * (at->offsets ? 4 : word_len(kernel));
	void *table = hashes + symbols->nr;
	enum layout layout;
	u64 base = 0;
	u32 anchor;

	if (!load_tokens(kernel, at, symbols->tokens) ||
	    !read_names(kernel, at, symbols, hashes, &anchor) ||
	    !na_kernel_read(kernel, at->offsets ? at->offsets : at->addresses,
			    table, len) ||
	    (at->relative_base && !read_word(kernel, at->relative_base, &base)) ||
	    !choose_layout(kernel, at, base, table, anchor, &layout))
		return false;
	fill(symbols, kernel, at, layout, base, table, hashes);
	return true;
}

static bool find_tables(const struct na_vmcoreinfo *info, struct tables *at)
{
	memset(at, 0, sizeof(*at));
	na_vmcoreinfo_symbol(info, "kallsyms_offsets", &at->offsets);
	na_vmcoreinfo_symbol(info, "kallsyms_addresses", &at->addresses);
	na_vmcoreinfo_symbol(info, "kallsyms_relative_base",
			     &at->relative_base);
	return na_vmcoreinfo_symbol(info, "kallsyms_names", &at->names) &&
	       na_vmcoreinfo_symbol(info, "kallsyms_num_syms",
				    &at->num_syms) &&
	       na_vmcoreinfo_symbol(info, "kallsyms_token_table",
				    &at->token_table) &&
	       na_vmcoreinfo_symbol(info, "kallsyms_token_index",
				    &at->token_index) &&
	       na_vmcoreinfo_symbol(info, ANCHOR, &at->anchor) &&
	       (at->offsets || at->addresses);
}

struct na_symbols *na_symbols_load(struct na_kernel *kernel,
				   const struct na_vmcoreinfo *info)
{
	struct na_symbols *symbols = NULL;
	u64 *hashes = NULL;
	struct tables at;
	u32 nr = 0;

	if (find_tables(info, &at) &&
	    na_kernel_read(kernel, at.num_syms, &nr, sizeof(nr)) && nr &&
	    nr <= NR_SYMBOLS_MAX) {
		symbols = create(nr);
		hashes = malloc((size_t)nr * 2 * sizeof(*hashes));
	}
	if (!symbols || !hashes || !load(symbols, kernel, &at, hashes)) {
		na_symbols_destroy(symbols);
		symbols = NULL;
	}
	free(hashes);
	return symbols;
}

void na_symbols_destroy(struct na_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->slots);
	free(symbols->addresses);
	free(symbols->places);
	free(symbols->tokens);
	free(symbols);
}

u64 na_symbols_find(const struct na_symbols *symbols, const char *name)
{
	const struct symbol *slot;

	slot = symbols ? find_slot(symbols, hash_name(name)) : NULL;
	return slot ? slot->address : 0;
}

u32 na_symbols_count(const struct na_symbols *symbols)
{
	return symbols ? symbols->nr : 0;
}

bool na_symbols_at(const struct na_symbols *symbols, struct na_kernel *kernel,
		   u64 address, char *name, size_t len)
{
	struct stream stream = { .kernel = kernel };
	char whole[NAME_LEN_MAX + 1];
	u32 i, best = 0;

	if (!symbols || !address)
		return false;
	/* An image need not have them in order. */
	for (i = 1; i < symbols->nr; i++)
		if (symbols->addresses[i] <= address &&
		    (symbols->addresses[best] > address ||
		     symbols->addresses[i] > symbols->addresses[best]))
			best = i;
	stream.va = symbols->places[best];
	if (symbols->addresses[best] > address ||
	    !next_name(&stream, symbols->tokens, whole) || !whole[0])
		return false;
	snprintf(name, len, "%s", whole);
	return true;
}
