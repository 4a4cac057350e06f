// SPDX-License-Identifier: GPL-2.0
/*
 * The heaps that there are, and their nodes.
 */
#include <linux/module.h>

#include "../port/linux/port.h"
#include "heap.h"
#include "heap_words.h"
#include "noalias.h"
#include "node.h"

#define HEAPS_MAX (4 + NA_HEAP_WORDS_MAX)

static struct na_heap heaps[HEAPS_MAX];
static u32 nr_heaps;

static int heap_register(struct na_heap *heap, struct noalias *noalias,
			 const struct na_heap_word *word)
{
	*heap = (struct na_heap){
		.noalias = noalias, .name = word->name, .type = word->type,
		.zone = word->zone, .is_contiguous = word->is_contiguous,
		.share.percent = word->limit_percent,
	};
	snprintf(heap->nodename, sizeof(heap->nodename), "dma_heap/%s",
		 word->name);
	heap->misc.minor = MISC_DYNAMIC_MINOR;
	heap->misc.name = heap->name;
	heap->misc.nodename = heap->nodename;
	heap->misc.fops = &na_heap_fops;
	return na_node_register(&heap->misc);
}

int na_heaps_register(struct noalias *noalias)
{
	const struct na_heap_word *words;
	u32 nr, i;
	int err;

	words = na_heap_words(&nr);
	for (i = 0; i < nr; i++) {
		if (!na_linux_has_type(words[i].type)) {
			pr_warn("noalias: no heap %s: this machine maps no %s memory\n",
				words[i].name, na_memtype_name(words[i].type));
			continue;
		}
		err = heap_register(&heaps[nr_heaps], noalias, &words[i]);
		if (err) {
			na_heaps_unregister();
			return err;
		}
		nr_heaps++;
	}
	return 0;
}

u32 na_heaps_count(void)
{
	return nr_heaps;
}

const struct na_heap *na_heap_find(u32 index)
{
	return index < nr_heaps ? &heaps[index] : NULL;
}

void na_heaps_unregister(void)
{
	while (nr_heaps)
		misc_deregister(&heaps[--nr_heaps].misc);
}
