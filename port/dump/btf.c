// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * BTF: a header, types, strings (include/uapi/linux/btf.h).
 *
 * A type is three words and what its kind has behind them. It is named by its
 * number, so that all of them have to be counted through once. Since 7.1 the
 * data says itself how long each kind is, so that kinds of later kernels can be
 * skipped.
 *
 * All offsets and numbers are a stranger's. Strings end, at the latest, at the
 * NUL that is put after the last one. Structs without a name may contain each
 * other: the depth is limited, and so is the number of members looked at.
 */
#include "btf.h"

#define MAGIC			0xeb9fu
#define NR_TYPES_MAX		(1u << 20)
#define DEPTH_MAX		16u
#define MEMBERS_MAX		4096u	/* looked at for one question */
#define NAME_LEN_MAX		127u
#define PROBES_MAX		256u	/* names that are made to collide */

#define KIND_STRUCT		4u
#define KIND_UNION		5u
#define KIND_TYPEDEF		8u	/* volatile, const, restrict follow */
#define KIND_RESTRICT		11u
#define NR_KINDS		20u

/* Without members for layouts that old kernels do not have. */
struct header {
	u16 magic;
	u8 version;
	u8 flags;
	u32 len;
	u32 type_off;
	u32 type_len;
	u32 str_off;
	u32 str_len;
	u32 layout_off;
	u32 layout_len;
};

#define HEADER_LEN_OLD	24u

struct type {
	u32 name;
	u32 info;
	u32 size;
};

struct member {
	u32 name;
	u32 type;
	u32 offset;
};

/* Bytes behind the three words: once, and for each of its elements. */
struct kind {
	u8 once;
	u8 each;
	u16 flags;
};

struct na_btf {
	u8 *bytes;
	const u8 *types;
	u32 types_len;
	const char *strings;
	u32 strings_len;
	const struct kind *layouts;
	u32 nr_layouts;
	u32 *offsets;		/* of types, by number; 0 is void */
	u32 nr;
	u32 *structs;		/* numbers of named ones, hashed by name */
	u32 nr_slots;
};

static const struct kind kinds[NR_KINDS] = {
	[1] = { .once = 4 },	/* int */
	[3] = { .once = 12 },	/* array */
	[KIND_STRUCT] = { .each = 12 },
	[KIND_UNION] = { .each = 12 },
	[6] = { .each = 8 },	/* enum */
	[13] = { .each = 8 },	/* function prototype */
	[14] = { .once = 4 },	/* variable */
	[15] = { .each = 12 },	/* section */
	[17] = { .once = 4 },	/* tag of a declaration */
	[19] = { .each = 12 },	/* enum of 64 bits */
};

/* Bits that only later kernels use are 0 in older ones. */
static u32 kind_of(const struct type *type)
{
	return type->info >> 24 & 0x7f;
}

static u32 count_of(const struct type *type)
{
	return type->info & 0xffffff;
}

static bool is_struct(const struct type *type)
{
	return kind_of(type) == KIND_STRUCT || kind_of(type) == KIND_UNION;
}

static const char *string(const struct na_btf *btf, u32 offset)
{
	return offset < btf->strings_len ? btf->strings + offset : "";
}

static const struct type *type_at(const struct na_btf *btf, u32 nr)
{
	return nr && nr < btf->nr ?
	       (const struct type *)(const void *)
	       (btf->types + btf->offsets[nr]) : NULL;
}

/* What the data says of a kind goes before what this code knows. */
static bool kind_layout(const struct na_btf *btf, u32 kind, struct kind *layout)
{
	if (!kind)
		return false;
	if (kind < btf->nr_layouts)
		*layout = btf->layouts[kind];
	else if (kind < NR_KINDS)
		*layout = kinds[kind];
	else
		return false;
	/* Of these the members are read. */
	return (kind != KIND_STRUCT && kind != KIND_UNION) ||
	       (!layout->once && layout->each == sizeof(struct member));
}

/* Length of the type at an offset; 0: there is none, or it is cut. */
static u32 type_len(const struct na_btf *btf, u32 offset)
{
	const struct type *type = (const void *)(btf->types + offset);
	struct kind layout;
	u64 len;

	if (btf->types_len - offset < sizeof(*type) ||
	    !kind_layout(btf, kind_of(type), &layout))
		return 0;
	len = sizeof(*type) + layout.once +
	      (u64)layout.each * count_of(type);
	return len % 4 || len > btf->types_len - offset ? 0 : (u32)len;
}

static bool count_types(struct na_btf *btf)
{
	u32 offset, len, nr = 1;

	for (offset = 0; nr < NR_TYPES_MAX; offset += len, nr++) {
		len = type_len(btf, offset);
		if (!len)
			break;
	}
	btf->offsets = malloc((size_t)nr * sizeof(*btf->offsets));
	if (!btf->offsets)
		return false;
	btf->offsets[0] = 0;
	btf->nr = 1;
	for (offset = 0; btf->nr < nr; offset += type_len(btf, offset))
		btf->offsets[btf->nr++] = offset;
	return nr > 1;
}

static u32 hash(const char *name)
{
	u32 sum = 2166136261u;

	while (*name)
		sum = (sum ^ (u8)*name++) * 16777619u;
	return sum ^ sum >> 15;
}

/* The place of a name: with its number, or 0 where it would be; or NULL. */
static u32 *find_slot(const struct na_btf *btf, const char *name)
{
	u32 i, *slot;

	for (i = 0; i < PROBES_MAX; i++) {
		slot = &btf->structs[(hash(name) + i) & (btf->nr_slots - 1)];
		if (!*slot ||
		    !strcmp(string(btf, type_at(btf, *slot)->name), name))
			return slot;
	}
	return NULL;
}

static bool has_name(const struct na_btf *btf, const struct type *type)
{
	const char *name = string(btf, type->name);

	return *name && memchr(name, 0, NAME_LEN_MAX + 1);
}

/* Of several with one name the first counts, as for the kernel's own users. */
static bool index_structs(struct na_btf *btf)
{
	const struct type *type;
	u32 i, *slot;

	for (btf->nr_slots = 16; btf->nr_slots / 2 <= btf->nr;)
		btf->nr_slots *= 2;
	btf->structs = calloc(btf->nr_slots, sizeof(*btf->structs));
	if (!btf->structs)
		return false;
	for (i = 1; i < btf->nr; i++) {
		type = type_at(btf, i);
		if (!is_struct(type) || !has_name(btf, type))
			continue;
		slot = find_slot(btf, string(btf, type->name));
		if (slot && !*slot)
			*slot = i;
	}
	return true;
}

/* A part of what is behind the header, or NULL if it is not in it. */
static const u8 *part(const struct na_btf *btf, size_t len, u32 from,
		      u32 part_len)
{
	const struct header *header = (const void *)btf->bytes;
	u64 start = (u64)header->len + from;

	return start <= len && part_len <= len - start ? btf->bytes + start :
							 NULL;
}

static bool find_layouts(struct na_btf *btf, size_t len)
{
	const struct header *header = (const void *)btf->bytes;
	const u8 *at;

	if (header->len < sizeof(*header) || !header->layout_len)
		return true;
	at = part(btf, len, header->layout_off, header->layout_len);
	if (!at || (at - btf->bytes) % 4)
		return false;
	btf->layouts = (const struct kind *)(const void *)at;
	btf->nr_layouts = header->layout_len / sizeof(*btf->layouts);
	return true;
}

static bool find_parts(struct na_btf *btf, size_t len)
{
	const struct header *header = (const void *)btf->bytes;
	const u8 *strings;

	if (len < sizeof(*header) || len > NA_BTF_LEN_MAX ||
	    header->magic != MAGIC || header->version != 1 ||
	    header->len < HEADER_LEN_OLD || header->len > len)
		return false;
	btf->types = part(btf, len, header->type_off, header->type_len);
	btf->types_len = header->type_len;
	strings = part(btf, len, header->str_off, header->str_len);
	if (!btf->types || (btf->types - btf->bytes) % 4 || !strings ||
	    !header->str_len || strings[header->str_len - 1])
		return false;
	btf->strings = (const char *)strings;
	btf->strings_len = header->str_len;
	return find_layouts(btf, len);
}

struct na_btf *na_btf_create(void *bytes, size_t len)
{
	struct na_btf *btf = calloc(1, sizeof(*btf));

	if (!btf) {
		free(bytes);
		return NULL;
	}
	btf->bytes = bytes;
	if (find_parts(btf, len) && count_types(btf) && index_structs(btf))
		return btf;
	na_btf_destroy(btf);
	return NULL;
}

void na_btf_destroy(struct na_btf *btf)
{
	if (!btf)
		return;
	free(btf->structs);
	free(btf->offsets);
	free(btf->bytes);
	free(btf);
}

u32 na_btf_count(const struct na_btf *btf)
{
	return btf ? btf->nr - 1 : 0;
}

static const struct type *find_struct(const struct na_btf *btf,
				      const char *name)
{
	const u32 *slot = btf ? find_slot(btf, name) : NULL;

	return slot ? type_at(btf, *slot) : NULL;
}

/* Qualifiers and typedefs between a member and its struct. */
static const struct type *resolve(const struct na_btf *btf, u32 nr)
{
	const struct type *type = type_at(btf, nr);
	u32 i, kind;

	for (i = 0; type && i < DEPTH_MAX; i++) {
		kind = kind_of(type);
		if (kind < KIND_TYPEDEF || kind > KIND_RESTRICT)
			return type;
		type = type_at(btf, type->size);
	}
	return NULL;
}

/* If the flag is set, a member's upper 8 bits are the width of a bit field. */
static u32 byte_offset(const struct type *type, const struct member *member)
{
	return (type->info >> 31 ? member->offset & 0xffffff :
				   member->offset) / 8;
}

static long find_member(const struct na_btf *btf, const struct type *type,
			const char *name, u32 depth, u32 *budget)
{
	const struct member *member = (const void *)(type + 1);
	const struct type *inner;
	u32 i, nr = count_of(type);
	long offset;

	for (i = 0; i < nr && *budget; i++, member++) {
		(*budget)--;
		if (*string(btf, member->name)) {
			if (!strcmp(string(btf, member->name), name))
				return byte_offset(type, member);
			continue;
		}
		inner = depth ? resolve(btf, member->type) : NULL;
		if (!inner || !is_struct(inner))
			continue;
		offset = find_member(btf, inner, name, depth - 1, budget);
		if (offset >= 0)
			return byte_offset(type, member) + offset;
	}
	return -1;
}

long na_btf_member(const struct na_btf *btf, const char *type,
		   const char *member)
{
	const struct type *found = find_struct(btf, type);
	u32 budget = MEMBERS_MAX;

	return found ? find_member(btf, found, member, DEPTH_MAX, &budget) :
		       -1;
}

long na_btf_sizeof(const struct na_btf *btf, const char *type)
{
	const struct type *found = find_struct(btf, type);

	return found ? (long)found->size : -1;
}
