// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * BTF: sizes and offsets, kinds that nobody knew, bytes that make no sense.
 */
#include "../../port/dump/btf.h"
#include "../unit/tap.h"

#define KIND_INT	1u
#define KIND_STRUCT	4u
#define KIND_UNION	5u
#define KIND_TYPEDEF	8u
#define KIND_CONST	10u
#define KIND_LAST	19u
#define KIND_NEW	21u
#define HEADER_WORDS	8u

static u32 words[1024];
static u32 nr_words, nr_types;
static char strings[4096];
static u32 strings_len;
static struct na_btf *btf;

static void begin(void)
{
	na_btf_destroy(btf);
	btf = NULL;
	nr_words = nr_types = 0;
	strings_len = 1;
}

static u32 string(const char *text)
{
	u32 at = strings_len;

	if (!*text)
		return 0;
	strcpy(strings + at, text);
	strings_len += (u32)strlen(text) + 1;
	return at;
}

/* Returns its number. */
static u32 type(const char *name, u32 kind, u32 nr, u32 size)
{
	words[nr_words++] = string(name);
	words[nr_words++] = kind << 24 | nr;
	words[nr_words++] = size;
	return ++nr_types;
}

static void member(const char *name, u32 type_nr, u32 bits)
{
	words[nr_words++] = string(name);
	words[nr_words++] = type_nr;
	words[nr_words++] = bits;
}

static u32 type_int(void)
{
	u32 nr = type("int", KIND_INT, 0, 4);

	words[nr_words++] = 32;
	return nr;
}

/* The whole, with @layouts of kinds if there are any. */
static u8 *bytes_of(const u8 (*layouts)[4], u32 nr_layouts, size_t *len)
{
	u32 header[HEADER_WORDS] = {
		0x1eb9f, layouts ? 32 : 24, 0, nr_words * 4, nr_words * 4,
		strings_len, nr_words * 4 + (strings_len + 3) / 4 * 4,
		nr_layouts * 4,
	};
	u8 *bytes;

	*len = header[1] + header[6] + header[7];
	bytes = calloc(1, *len + 16);
	memcpy(bytes, header, header[1]);
	memcpy(bytes + header[1], words, nr_words * 4);
	memcpy(bytes + header[1] + header[4], strings, strings_len);
	if (layouts)
		memcpy(bytes + header[1] + header[6], layouts, header[7]);
	return bytes;
}

static void end_with(const u8 (*layouts)[4], u32 nr_layouts)
{
	size_t len;
	u8 *bytes = bytes_of(layouts, nr_layouts, &len);

	btf = na_btf_create(bytes, len);
}

static void end(void)
{
	end_with(NULL, 0);
	EXPECT(btf);
}

static void member_of_struct(void)
{
	u32 nr;

	begin();
	nr = type_int();
	type("page", KIND_STRUCT, 2, 64);
	member("flags", nr, 0);
	member("lru", nr, 64);
	type("either", KIND_UNION, 1, 8);
	member("one", nr, 0);
	end();
	EXPECT_EQ(na_btf_count(btf), 3);
	EXPECT_EQ(na_btf_sizeof(btf, "page"), 64);
	EXPECT_EQ(na_btf_member(btf, "page", "flags"), 0);
	EXPECT_EQ(na_btf_member(btf, "page", "lru"), 8);
	EXPECT_EQ(na_btf_member(btf, "either", "one"), 0);
	EXPECT_EQ(na_btf_member(btf, "page", "mapping"), -1);
	EXPECT_EQ(na_btf_member(btf, "folio", "flags"), -1);
	EXPECT_EQ(na_btf_sizeof(btf, "int"), -1);
	EXPECT_EQ(na_btf_member(NULL, "page", "flags"), -1);
}

/* A struct in a union in a struct, through const and a typedef. */
static void member_of_members_without_name(void)
{
	u32 nr, inner, both;

	begin();
	nr = type_int();
	inner = type("", KIND_STRUCT, 2, 16);
	member("a", nr, 32);
	member("pt_mm", nr, 64);
	inner = type("", KIND_CONST, 0, inner);
	inner = type("name", KIND_TYPEDEF, 0, inner);
	both = type("", KIND_UNION, 2, 16);
	member("b", nr, 0);
	member("", inner, 0);
	type("ptdesc", KIND_STRUCT, 2, 64);
	member("flags", nr, 0);
	member("", both, 192);
	end();
	EXPECT_EQ(na_btf_member(btf, "ptdesc", "pt_mm"), 32);
	EXPECT_EQ(na_btf_member(btf, "ptdesc", "b"), 24);
}

static void member_behind_bit_fields(void)
{
	u32 nr;

	begin();
	nr = type_int();
	type("s", KIND_STRUCT | 0x80, 2, 16);
	member("bits", nr, 3u << 24 | 5);
	member("whole", nr, 0u << 24 | 96);
	end();
	EXPECT_EQ(na_btf_member(btf, "s", "bits"), 0);
	EXPECT_EQ(na_btf_member(btf, "s", "whole"), 12);
}

/* As the kernel's own users do. */
static void first_of_two_names_counts(void)
{
	begin();
	type("twice", KIND_STRUCT, 0, 8);
	type("twice", KIND_STRUCT, 0, 16);
	end();
	EXPECT_EQ(na_btf_sizeof(btf, "twice"), 8);
}

static void kinds_up_to_now(void)
{
	static const u8 words_behind[] = { 0, 1, 0, 3, 6, 6, 4, 0, 0, 0, 0, 0,
					   0, 4, 1, 6, 0, 1, 0, 6 };
	u32 kind, i;

	begin();
	for (kind = 1; kind <= KIND_LAST; kind++) {
		type("", kind, 2, 8);
		for (i = 0; i < words_behind[kind]; i++)
			words[nr_words++] = 0;
	}
	type("last", KIND_STRUCT, 0, 99);
	end();
	EXPECT_EQ(na_btf_count(btf), KIND_LAST + 1);
	EXPECT_EQ(na_btf_sizeof(btf, "last"), 99);
}

/* What comes before is known; what comes after only if the data say how long. */
static void kind_of_later_kernels(void)
{
	u8 layouts[KIND_NEW + 1][4] = { { 0 } };
	bool is_told;

	layouts[KIND_STRUCT][1] = 12;
	layouts[KIND_NEW][0] = 4;
	layouts[KIND_NEW][1] = 8;
	for (is_told = false;; is_told = true) {
		begin();
		type("before", KIND_STRUCT, 0, 1);
		type("new", KIND_NEW, 2, 0);
		nr_words += 5;
		type("after", KIND_STRUCT, 0, 2);
		end_with(is_told ? layouts : NULL, is_told ? KIND_NEW + 1 : 0);
		EXPECT(btf);
		EXPECT_EQ(na_btf_sizeof(btf, "before"), 1);
		EXPECT_EQ(na_btf_sizeof(btf, "after"), is_told ? 2 : -1);
		if (is_told)
			return;
	}
}

/* A layout of structs that is not the one that is read here. */
static void layout_of_structs_must_fit(void)
{
	u8 layouts[KIND_STRUCT + 1][4] = { { 0 } };

	begin();
	layouts[KIND_STRUCT][1] = 4;
	type("s", KIND_STRUCT, 100, 8);
	nr_words += 100;
	end_with(layouts, KIND_STRUCT + 1);
	EXPECT(!btf);
}

/* --- nonsense --- */

static void structs_contain_themselves(void)
{
	u32 i;

	begin();
	type("loop", KIND_STRUCT, 20, 8);
	for (i = 0; i < 20; i++)
		member("", 1, 8);
	type("", KIND_TYPEDEF, 0, 2);
	end();
	EXPECT_EQ(na_btf_member(btf, "loop", "none"), -1);
}

static void types_are_cut(void)
{
	u32 cut;

	for (cut = 1; cut < 9; cut++) {
		begin();
		type("first", KIND_STRUCT, 0, 8);
		type("second", KIND_STRUCT, 2, 8);
		member("a", 1, 0);
		member("b", 1, 0);
		nr_words -= cut;
		end();
		EXPECT_EQ(na_btf_sizeof(btf, "first"), 8);
		EXPECT_EQ(na_btf_sizeof(btf, "second"), -1);
	}
}

static void header_makes_no_sense(void)
{
	static const struct { u32 word; u32 value; } wrong[] = {
		{ 0, 0x1eb9e }, { 0, 0x2eb9f }, { 1, 20 }, { 1, 0xfffffff0 },
		{ 2, 2 }, { 2, 0xfffffffc }, { 3, 0xfffffffc }, { 3, 0 },
		{ 4, 0xfffffff0 }, { 5, 0 }, { 5, 0xffffffff },
		{ 6, 0xfffffffc }, { 7, 0xfffffffc }, { 6, 2 },
	};
	static const u8 layouts[1][4];
	size_t len, i;
	u8 *bytes;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin();
		type("s", KIND_STRUCT, 0, 8);
		bytes = bytes_of(layouts, 1, &len);
		memcpy(bytes + wrong[i].word * 4, &wrong[i].value, 4);
		EXPECT(!na_btf_create(bytes, len));
	}
	EXPECT(!na_btf_create(calloc(1, 16), 16));
}

/* Names without an end, or of a whole table. */
static void names_are_endless(void)
{
	u8 *bytes;
	size_t len;

	begin();
	type("s", KIND_STRUCT, 0, 8);
	memset(strings + 1, 'x', 1000);
	strings[1001] = 0;
	strings_len = 1002;
	end();
	EXPECT_EQ(na_btf_sizeof(btf, "s"), -1);
	begin();
	type("s", KIND_STRUCT, 0, 8);
	bytes = bytes_of(NULL, 0, &len);
	bytes[len - 2] = bytes[len - 1] = 'x';
	bytes[24 + nr_words * 4 + strings_len - 1] = 'x';
	EXPECT(!na_btf_create(bytes, len));
}

static void ask(void)
{
	na_btf_sizeof(btf, "page");
	na_btf_member(btf, "page", "lru");
	na_btf_member(btf, "ptdesc", "pt_mm");
}

static void types_at_random(void)
{
	u64 seed = tap_seed();
	size_t len, at;
	u32 i, k, nr;
	u8 *bytes;

	for (i = 0; i < 10000; i++) {
		begin();
		nr = type_int();
		type("page", KIND_STRUCT, 2, 64);
		member("lru", nr, 64);
		member("", 4, 64);
		type("ptdesc", KIND_UNION, 1, 64);
		member("", 2, 0);
		type("", KIND_STRUCT, 1, 64);
		member("pt_mm", nr, 64);
		bytes = bytes_of(NULL, 0, &len);
		for (k = 0; k <= tap_below(&seed, 6); k++) {
			at = tap_below(&seed, (u32)len);
			bytes[at] = (u8)tap_random(&seed);
		}
		btf = na_btf_create(bytes, len - tap_below(&seed, 4));
		ask();
	}
	begin();
}

static const struct tap_case cases[] = {
	TAP(member_of_struct),
	TAP(member_of_members_without_name),
	TAP(member_behind_bit_fields),
	TAP(first_of_two_names_counts),
	TAP(kinds_up_to_now),
	TAP(kind_of_later_kernels),
	TAP(layout_of_structs_must_fit),
	TAP(structs_contain_themselves),
	TAP(types_are_cut),
	TAP(header_makes_no_sense),
	TAP(names_are_endless),
	TAP(types_at_random),
};

TAP_MAIN(cases)
