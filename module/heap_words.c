// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter heaps. The kernel calls words_set() before the module's init: a
 * word that is wrong refuses the load, so that no heap exists that nobody meant.
 */
#include <linux/ctype.h>
#include <linux/highmem.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "charge.h"
#include "heap_words.h"

#define NR_ALWAYS 4
#define LIMIT "limit="

static struct na_heap_word words[NR_ALWAYS + NA_HEAP_WORDS_MAX] = {
	{ "system-uncached", NA_UC, NA_ZONE_ANY },
	{ "system-writecombine", NA_WC, NA_ZONE_ANY },
	{ "system-uncached-dma32", NA_UC, NA_ZONE_DMA32 },
	{ "system-writecombine-dma32", NA_WC, NA_ZONE_DMA32 },
};
static u32 nr_words = NR_ALWAYS;

const char *const na_zone_names[NR_NA_ZONES] = {
	[NA_ZONE_ANY] = "any",
	[NA_ZONE_LOW] = "low",
	[NA_ZONE_HIGH] = "high",
	[NA_ZONE_DMA32] = "dma32",
};

/* As the parameter has them. */
static const char *const type_names[NR_NA_MEMTYPES] = {
	[NA_WB] = "wb",
	[NA_WC] = "wc",
	[NA_UC] = "uc",
};

const struct na_heap_word *na_heap_words(u32 *nr)
{
	*nr = nr_words;
	return words;
}

/* --- one word --------------------------------------------------------------- */

static int refuse(const char *name, const char *what)
{
	pr_err("noalias: parameter heaps: \"%.40s\": %s\n", name, what);
	return -EINVAL;
}

/* As a file in /dev, and none that is hidden. */
static bool is_name(const char *name)
{
	const char *at;

	if (*name == '.')
		return false;
	for (at = name; *at; at++)
		if (!isascii(*at) || (!isalnum(*at) && !strchr(".,_+-", *at)))
			return false;
	return at > name;
}

static bool is_there(const char *name)
{
	u32 i;

	for (i = 0; i < nr_words; i++)
		if (!strcmp(words[i].name, name))
			return true;
	return false;
}

static int take_name(struct na_heap_word *word, const char *name)
{
	if (strlen(name) >= sizeof(word->name))
		return refuse(name, "a name has 31 letters at most");
	if (!is_name(name))
		return refuse(name, "a name has letters, digits and . , _ + -, and does not begin with a dot");
	if (is_there(name))
		return refuse(name, "there is a heap of that name already");
	strscpy(word->name, name, sizeof(word->name));
	return 0;
}

static int take_type(struct na_heap_word *word, const char *type)
{
	int found = type ? match_string(type_names, NR_NA_MEMTYPES, type) : -1;

	if (found < 0)
		return refuse(word->name, "the type, behind the first colon, must be uc, wc or wb");
	word->type = found;
	return 0;
}

static int take_zone(struct na_heap_word *word, enum na_zone zone,
		     bool *has_zone)
{
	if (*has_zone)
		return refuse(word->name, "it has two zones");
	if (zone == NA_ZONE_HIGH && !totalhigh_pages())
		return refuse(word->name, "this machine has no high memory");
	word->zone = zone;
	*has_zone = true;
	return 0;
}

static int take_limit(struct na_heap_word *word, const char *text)
{
	u8 percent;

	if (word->limit_percent)
		return refuse(word->name, "it has two limits");
	if (kstrtou8(text, 10, &percent) || !percent ||
	    percent > NA_LIMIT_PERCENT_MAX)
		return refuse(word->name, "limit= must be 1 to 90, percent of all memory");
	word->limit_percent = percent;
	return 0;
}

/* What may follow the type, in any order. */
static int take_rest(struct na_heap_word *word, char *text)
{
	bool has_zone = false;
	const char *part;
	int zone, err = 0;

	while (!err && (part = strsep(&text, ":"))) {
		zone = match_string(na_zone_names, NR_NA_ZONES, part);
		if (zone >= 0)
			err = take_zone(word, zone, &has_zone);
		else if (!strcmp(part, "contiguous") && !word->is_contiguous)
			word->is_contiguous = true;
		else if (strstarts(part, LIMIT))
			err = take_limit(word, part + strlen(LIMIT));
		else
			err = refuse(word->name, "behind the type may be one of any, low, high, dma32, and contiguous, and limit=PERCENT");
	}
	return err;
}

static int take_word(char *text)
{
	struct na_heap_word word = {};
	const char *name = strsep(&text, ":");
	const char *type = strsep(&text, ":");
	int err;

	if (nr_words == ARRAY_SIZE(words))
		return refuse(name, "16 heaps at most can be added");
	err = take_name(&word, name);
	if (!err)
		err = take_type(&word, type);
	if (!err)
		err = take_rest(&word, text);
	if (!err)
		words[nr_words++] = word;
	return err;
}

/* --- the parameter ----------------------------------------------------------- */

static int words_set(const char *text, const struct kernel_param *kp)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest = copy, *word;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	/* The last of several parameters of this name counts. */
	nr_words = NR_ALWAYS;
	while (!err && (word = strsep(&rest, " \t\n")))
		if (*word)
			err = take_word(word);
	kfree(copy);
	return err;
}

static int words_get(char *text, const struct kernel_param *kp)
{
	int len = 0;
	u32 i;

	for (i = NR_ALWAYS; i < nr_words; i++) {
		len += sysfs_emit_at(text, len, "%s%s:%s:%s%s",
				     i > NR_ALWAYS ? " " : "", words[i].name,
				     type_names[words[i].type],
				     na_zone_names[words[i].zone],
				     words[i].is_contiguous ?
				     ":contiguous" : "");
		if (words[i].limit_percent)
			len += sysfs_emit_at(text, len, ":" LIMIT "%u",
					     words[i].limit_percent);
	}
	return len + sysfs_emit_at(text, len, "\n");
}

static const struct kernel_param_ops words_ops = {
	.set = words_set,
	.get = words_get,
};
module_param_cb(heaps, &words_ops, NULL, 0444);
MODULE_PARM_DESC(heaps,
		 "more heaps: NAME:TYPE[:WORD]... ..., TYPE uc, wc or wb (cached), WORD any (default), low, high or dma32, and contiguous, and limit=PERCENT of all memory");
