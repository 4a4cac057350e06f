// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Ledger: one word a frame.
 *
 *	bits 0-1   memory type
 *	bits 2-4   state
 *	bits 5-31  pins
 *
 * A leaf has 1024 words, one page of metadata for 4 MiB of frames; a table has
 * 4096 leaves, 16 GiB of frames. Leaves and tables are published by
 * compare-and-swap and are not freed before fini, so a reader needs no lock and
 * no reference.
 *
 * Memory may be hot-added at any physical address. Rejected: a table that grows
 * (it would have to be copied under readers and writers) and a single level for
 * all addresses (128 MB on x86-64). Three levels take 32 KB there (2 MB with
 * five levels of page tables), and 32 KB for each 16 GiB in use.
 *
 * A claim swaps frame after frame from exactly the expected word (state and
 * type, no pins) to CLAIMED. When one fails, those claimed so far are put back.
 * Two claims that overlap cannot both succeed; both may fail with -EBUSY.
 *
 * The counters are sums over whole calls; they are exact when no call runs.
 */
#include <noalias/ledger.h>

#define LEAF_SHIFT	NA_LEDGER_LEAF_SHIFT
#define LEAF_FRAMES	(1u << LEAF_SHIFT)
#define LEAF_MASK	(LEAF_FRAMES - 1)
#define TABLE_SHIFT	NA_LEDGER_TABLE_SHIFT
#define TABLE_LEAVES	(1u << TABLE_SHIFT)
#define TABLE_MASK	(TABLE_LEAVES - 1)

#define TYPE_MASK	0x3u
#define STATE_SHIFT	2
#define STATE_MASK	0x7u
#define PIN_SHIFT	5
#define PIN_ONE		(1u << PIN_SHIFT)
#define PINS_MAX	(~0u >> PIN_SHIFT)

struct na_ledger_leaf {
	na_atomic32_t words[LEAF_FRAMES];
};

static u32 word_make(enum na_state state, enum na_memtype type)
{
	(void)NA_ASSERT((u32)state < NR_NA_STATES && na_memtype_is_valid(type));
	return (u32)state << STATE_SHIFT | (u32)type;
}

static struct na_ledger_entry word_entry(u32 word)
{
	struct na_ledger_entry entry = {
		.state = (enum na_state)(word >> STATE_SHIFT & STATE_MASK),
		.type = (enum na_memtype)(word & TYPE_MASK),
		.pins = word >> PIN_SHIFT,
	};

	(void)NA_ASSERT((u32)entry.state < NR_NA_STATES);
	return entry;
}

int na_ledger_init(struct na_ledger *ledger, struct na_port *port,
		   unsigned long nr_frames)
{
	int state;

	if (!NA_CHECK(nr_frames))
		return -EINVAL;
	ledger->port = port;
	ledger->nr_frames = nr_frames;
	/* Rounds up, without a sum that could overflow. */
	ledger->nr_leaves = ((nr_frames - 1) >> LEAF_SHIFT) + 1;
	ledger->nr_tables = ((ledger->nr_leaves - 1) >> TABLE_SHIFT) + 1;
	for (state = 0; state < NR_NA_STATES; state++)
		na_atomic64_set(&ledger->nr_in_state[state], 0);
	ledger->tables = na_port_alloc(port, ledger->nr_tables *
				       sizeof(*ledger->tables));
	return ledger->tables ? 0 : -ENOMEM;
}

/* The last table has only the leaves that have frames. */
static u32 count_leaves(const struct na_ledger *ledger, unsigned long table)
{
	unsigned long left = ledger->nr_leaves - (table << TABLE_SHIFT);

	(void)NA_ASSERT(table < ledger->nr_tables && left);
	return left < TABLE_LEAVES ? (u32)left : TABLE_LEAVES;
}

static void free_table(struct na_ledger *ledger, unsigned long idx)
{
	struct na_ledger_leaf **table = ledger->tables[idx];
	u32 i, nr = count_leaves(ledger, idx);

	for (i = 0; table && i < nr; i++)
		na_port_free(ledger->port, table[i]);
	na_port_free(ledger->port, table);
}

void na_ledger_fini(struct na_ledger *ledger)
{
	unsigned long idx;

	if (!ledger->tables)
		return;
	(void)NA_ASSERT(!na_ledger_count(ledger, NA_CLAIMED));
	for (idx = 0; idx < ledger->nr_tables; idx++)
		free_table(ledger, idx);
	na_port_free(ledger->port, ledger->tables);
	ledger->tables = NULL;
}

/* NULL if no frame of the leaf was ever claimed, or beyond the ledger. */
static na_atomic32_t *find_word(const struct na_ledger *ledger,
				struct na_frame frame)
{
	struct na_ledger_leaf *leaf;

	if (frame.nr >= ledger->nr_frames)
		return NULL;
	leaf = na_ledger_leaf_of(ledger, frame);
	return leaf ? &leaf->words[frame.nr & LEAF_MASK] : NULL;
}

static struct na_ledger_leaf **ensure_table(struct na_ledger *ledger,
					    unsigned long idx)
{
	struct na_ledger_leaf **table, **other;

	(void)NA_ASSERT(idx < ledger->nr_tables);
	table = na_ptr_load_acquire(&ledger->tables[idx]);
	if (table)
		return table;
	table = na_port_alloc(ledger->port, count_leaves(ledger, idx) *
			      sizeof(table[0]));
	if (!table)
		return NULL;
	/* Another claim may have been faster: then free ours. */
	other = na_ptr_cmpxchg(&ledger->tables[idx], NULL, table);
	if (!other)
		return table;
	na_port_free(ledger->port, table);
	return other;
}

static int ensure_leaf(struct na_ledger *ledger, unsigned long idx)
{
	struct na_ledger_leaf **table;
	struct na_ledger_leaf *leaf;

	(void)NA_ASSERT(idx < ledger->nr_leaves);
	table = ensure_table(ledger, idx >> TABLE_SHIFT);
	if (!table)
		return -ENOMEM;
	if (na_ptr_load_acquire(&table[idx & TABLE_MASK]))
		return 0;
	leaf = na_port_alloc(ledger->port, sizeof(*leaf));
	if (!leaf)
		return -ENOMEM;
	/* The same for leaves. */
	if (na_ptr_cmpxchg(&table[idx & TABLE_MASK], NULL, leaf))
		na_port_free(ledger->port, leaf);
	return 0;
}

static bool run_fits(const struct na_ledger *ledger, struct na_run run)
{
	return run.nr && run.first.nr < ledger->nr_frames &&
	       run.nr <= ledger->nr_frames - run.first.nr;
}

static int ensure_run(struct na_ledger *ledger, struct na_run run)
{
	unsigned long idx, last;
	int err;

	if (!NA_CHECK(run_fits(ledger, run)))
		return -ERANGE;
	last = (run.first.nr + run.nr - 1) >> LEAF_SHIFT;
	for (idx = run.first.nr >> LEAF_SHIFT; idx <= last; idx++) {
		err = ensure_leaf(ledger, idx);
		if (err)
			return err;
	}
	return 0;
}

static int ensure_runs(struct na_ledger *ledger, const struct na_run *runs,
		       u32 nr_runs)
{
	u32 i;
	int err;

	for (i = 0; i < nr_runs; i++) {
		err = ensure_run(ledger, runs[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Swap the words of a run from @old to @new; returns how many were @old. */
static u32 swap_run(struct na_ledger *ledger, struct na_run run, u32 old,
		    u32 new)
{
	na_atomic32_t *word;
	u32 i;

	/*
	 * With equal words, a swap would succeed for frames claimed by others.
	 */
	(void)NA_ASSERT(old != new);
	for (i = 0; i < run.nr; i++) {
		word = find_word(ledger, na_frame_add(run.first, i));
		if (!NA_ASSERT(word) || na_atomic32_cmpxchg(word, old, new) != old)
			break;
	}
	return i;
}

static void move_count(struct na_ledger *ledger, enum na_state from,
		       enum na_state to, unsigned long nr)
{
	if (from != NA_SYSTEM)
		na_atomic64_add(&ledger->nr_in_state[from], -(s64)nr);
	if (to != NA_SYSTEM)
		na_atomic64_add(&ledger->nr_in_state[to], nr);
}

static void unclaim(struct na_ledger *ledger, const struct na_run *runs,
		    u32 nr_whole, u32 nr_in_last, u32 claimed, u32 old)
{
	u32 i, nr;

	for (i = 0; i < nr_whole; i++) {
		nr = swap_run(ledger, runs[i], claimed, old);
		(void)NA_ASSERT(nr == runs[i].nr);
		na_yield();
	}
	if (!nr_in_last)
		return;
	/* At least one swap failed. */
	(void)NA_ASSERT(nr_in_last < runs[nr_whole].nr);
	nr = swap_run(ledger, na_run(runs[nr_whole].first, nr_in_last),
		      claimed, old);
	(void)NA_ASSERT(nr == nr_in_last);
}

int na_ledger_claim(struct na_ledger *ledger, const struct na_run *runs,
		    u32 nr_runs, enum na_state from, enum na_memtype type)
{
	u32 old = word_make(from, type);
	u32 claimed = word_make(NA_CLAIMED, type);
	u32 i, nr;
	int err;

	if (!NA_ASSERT(from == NA_SYSTEM || from == NA_BUFFER ||
		       from == NA_LENT))
		return -EINVAL;
	err = ensure_runs(ledger, runs, nr_runs);
	if (err)
		return err;
	for (i = 0; i < nr_runs; i++) {
		nr = swap_run(ledger, runs[i], old, claimed);
		if (nr < runs[i].nr) {
			unclaim(ledger, runs, i, nr, claimed, old);
			return -EBUSY;
		}
		na_yield();
	}
	move_count(ledger, from, NA_CLAIMED,
		   na_runs_count_frames(runs, nr_runs));
	return 0;
}

/* A claimed word belongs to the claimer: no pin, no second claim. */
static void commit_word(na_atomic32_t *word, u32 new)
{
	u32 old = na_atomic32_read(word), seen;

	(void)NA_ASSERT(word_entry(old).state == NA_CLAIMED);
	(void)NA_ASSERT(!word_entry(old).pins);
	seen = na_atomic32_cmpxchg(word, old, new);
	(void)NA_ASSERT(seen == old);
}

void na_ledger_commit(struct na_ledger *ledger, const struct na_run *runs,
		      u32 nr_runs, enum na_state to, enum na_memtype type)
{
	u32 i, j, new = word_make(to, type);
	na_atomic32_t *word;

	(void)NA_ASSERT(to != NA_CLAIMED);
	(void)NA_ASSERT(to != NA_SYSTEM || type == NA_WB);
	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++) {
			word = find_word(ledger,
					 na_frame_add(runs[i].first, j));
			if (NA_ASSERT(word))
				commit_word(word, new);
		}
		na_yield();
	}
	move_count(ledger, NA_CLAIMED, to, na_runs_count_frames(runs, nr_runs));
}

static int pin_word(na_atomic32_t *word, enum na_memtype *type)
{
	u32 old = na_atomic32_read(word), seen;
	struct na_ledger_entry entry;

	for (;;) {
		entry = word_entry(old);
		if (entry.state == NA_CLAIMED || entry.state == NA_QUARANTINED)
			return -EBUSY;
		if (!NA_CHECK(entry.pins < PINS_MAX))
			return -EOVERFLOW;
		seen = na_atomic32_cmpxchg(word, old, old + PIN_ONE);
		if (seen == old)
			break;
		old = seen;
	}
	*type = entry.type;
	return 0;
}

int na_ledger_pin(struct na_ledger *ledger, struct na_frame frame,
		  enum na_memtype *type)
{
	int err = ensure_run(ledger, na_run(frame, 1));
	na_atomic32_t *word;

	if (err)
		return err;
	word = find_word(ledger, frame);
	return NA_ASSERT(word) ? pin_word(word, type) : -ERANGE;
}

void na_ledger_unpin(struct na_ledger *ledger, struct na_frame frame)
{
	na_atomic32_t *word = find_word(ledger, frame);

	if (!NA_ASSERT(word))
		return;
	/*
	 * Without a pin the subtraction would borrow from the state: do
	 * nothing.
	 */
	if (!NA_ASSERT(word_entry(na_atomic32_read(word)).pins))
		return;
	na_atomic32_add(word, -PIN_ONE);
}

struct na_ledger_entry na_ledger_lookup(const struct na_ledger *ledger,
					struct na_frame frame)
{
	na_atomic32_t *word = find_word(ledger, frame);

	return word_entry(word ? na_atomic32_read(word) : 0);
}

u64 na_ledger_count(const struct na_ledger *ledger, enum na_state state)
{
	if (!NA_ASSERT((u32)state < NR_NA_STATES))
		return 0;
	return na_atomic64_read(&ledger->nr_in_state[state]);
}

static bool leaf_next_held(struct na_ledger_leaf *leaf, u32 *slot,
			   struct na_ledger_entry *entry)
{
	for (; *slot < LEAF_FRAMES; (*slot)++) {
		*entry = word_entry(na_atomic32_read(&leaf->words[*slot]));
		if (entry->state != NA_SYSTEM)
			return true;
	}
	return false;
}

/* The next allocated leaf at or after @idx, or the number of leaves. */
static unsigned long next_leaf(const struct na_ledger *ledger,
			       unsigned long idx)
{
	struct na_ledger_leaf **table;

	while (idx < ledger->nr_leaves) {
		table = na_ptr_load_acquire(&ledger->tables[idx >>
							    TABLE_SHIFT]);
		if (!table)
			idx = (idx | TABLE_MASK) + 1;
		else if (na_ptr_load_acquire(&table[idx & TABLE_MASK]))
			return idx;
		else
			idx++;
	}
	return ledger->nr_leaves;
}

bool na_ledger_next_held(const struct na_ledger *ledger,
			 struct na_frame *frame, struct na_ledger_entry *entry)
{
	unsigned long first = frame->nr >> LEAF_SHIFT, idx;
	u32 slot = frame->nr & LEAF_MASK;
	struct na_ledger_leaf *leaf;

	for (idx = next_leaf(ledger, first); idx < ledger->nr_leaves;
	     idx = next_leaf(ledger, idx + 1)) {
		if (idx != first)
			slot = 0;
		leaf = na_ledger_leaf_of(ledger, na_frame(idx << LEAF_SHIFT));
		if (leaf_next_held(leaf, &slot, entry)) {
			*frame = na_frame((idx << LEAF_SHIFT) + slot);
			(void)NA_ASSERT(frame->nr < ledger->nr_frames);
			return true;
		}
		na_yield();
	}
	return false;
}
