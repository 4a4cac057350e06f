/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: which heaps there are
 *
 * Four always, and those that the parameter heaps adds, for programs that open
 * other names: "NAME:TYPE[:WORD]... ...", for example
 * heaps="cma-uncached:uc:contiguous linux,cma-uncached:uc:dma32". An administrator
 * writes it into /etc/modprobe.d; it is read once, when the module is loaded.
 */
#ifndef NA_MODULE_HEAP_WORDS_H
#define NA_MODULE_HEAP_WORDS_H

#include <linux/types.h>
#include <noalias/types.h>
#include <uapi/noalias.h>

/** NA_HEAP_WORDS_MAX - heaps that the parameter may add. */
#define NA_HEAP_WORDS_MAX 16

/**
 * struct na_heap_word - a heap as it is described
 * @name: name of the node in /dev/dma_heap
 * @type: NA_UC, NA_WC, or NA_WB: cached memory
 * @zone: where its frames are taken; NA_ZONE_ANY: as the parameter zone says
 * @is_contiguous: is each of its buffers one block?
 * @limit_percent: of all memory, in its buffers together; 0: only the limit of all
 */
struct na_heap_word {
	char name[NOALIAS_IOC_NAME_LEN];
	enum na_memtype type;
	enum na_zone zone;
	bool is_contiguous;
	u8 limit_percent;
};

/** na_zone_names - as parameters have them. */
extern const char *const na_zone_names[NR_NA_ZONES];

/**
 * na_heap_words() - all descriptions, in the order of the list of heaps
 * @nr: receives how many
 *
 * Context: any, after the parameters were read.
 */
const struct na_heap_word *na_heap_words(u32 *nr);

#endif
