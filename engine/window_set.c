// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, the set: creation, destruction, statistics.
 *
 * A set is registered as a purger when it is complete and before it can be
 * used, so conversions know of every mapping. Destruction is in reverse order:
 * stale mappings are purged, then the purger is removed, then the memory is
 * freed. A set with a slot in use, or one that the port could not clear, is
 * leaked whole and stays registered, because otherwise nothing would prevent a
 * conversion of the frame.
 */
#include <noalias/effect.h>

#include "window.h"

static int purge_hook(struct na_purger *purger, const struct na_run *runs,
		      u32 nr_runs)
{
	return na_window_kill(container_of(purger, struct na_window_set,
					   purger), runs, nr_runs);
}

static void purge_all_hook(struct na_purger *purger)
{
	na_window_kill_all(container_of(purger, struct na_window_set, purger));
}

static bool config_is_valid(const struct na_window_config *config)
{
	return config->nr_slots && config->nr_slots <= NA_WINDOW_SLOTS_MAX &&
	       config->batch_max <= config->nr_slots &&
	       config->local_depth <= NA_WINDOW_LOCAL_MAX;
}

static struct na_window_config complete_config(struct na_window_config config)
{
	if (!config.batch_max)
		config.batch_max = (config.nr_slots + 3) / 4;
	return config;
}

/* At least two heads for each slot, so that chains are short. */
static u32 count_head_bits(u32 nr_slots)
{
	u32 bits = 1;

	(void)NA_ASSERT(nr_slots <= NA_WINDOW_SLOTS_MAX);
	while (1u << bits < 2 * nr_slots)
		bits++;
	return bits;
}

static void free_seen(struct na_window_set *set)
{
	u32 cpu;

	for (cpu = 0; set->cpus && cpu < set->nr_cpus; cpu++)
		na_port_free(set->port, set->cpus[cpu].seen);
}

static int alloc_seen(struct na_window_set *set)
{
	size_t len = set->config.nr_slots * sizeof(*set->cpus->seen);
	u32 cpu;

	if (!set->is_narrowed)
		return 0;
	for (cpu = 0; cpu < set->nr_cpus; cpu++) {
		set->cpus[cpu].seen = na_port_alloc(set->port, len);
		if (!set->cpus[cpu].seen)
			return -ENOMEM;
	}
	return 0;
}

static void free_memory(struct na_window_set *set)
{
	struct na_port *port = set->port;

	free_seen(set);
	na_port_free(port, set->cpus);
	na_port_free(port, set->batch);
	na_port_free(port, set->heads);
	na_port_free(port, set->slots_mem);
	na_port_free(port, set);
}

/* On failure free_memory() frees what was allocated. */
static int alloc_memory(struct na_window_set *set)
{
	struct na_port *port = set->port;
	size_t nr = set->config.nr_slots, start;
	size_t nr_heads = (size_t)1 << (32 - set->head_shift);

	set->slots_mem = na_port_alloc(port, (nr + 1) * SLOT_LEN);
	set->heads = na_port_alloc(port, nr_heads * sizeof(*set->heads));
	set->batch = na_port_alloc(port, nr * sizeof(*set->batch));
	set->cpus = na_port_alloc(port, set->nr_cpus * sizeof(*set->cpus));
	if (!set->slots_mem || !set->heads || !set->batch || !set->cpus)
		return -ENOMEM;
	start = ((size_t)set->slots_mem + SLOT_LEN - 1) & ~(SLOT_LEN - 1ul);
	set->slots = (union slot_line *)start;
	(void)NA_ASSERT((u8 *)&set->slots[nr] <=
			(u8 *)set->slots_mem + (nr + 1) * SLOT_LEN);
	return alloc_seen(set);
}

/*
 * Local windows left no entry, and no translation on their own CPU. Another CPU
 * may have fetched one speculatively, and the addresses will be reused.
 */
static void forget_locals(struct na_window_set *set)
{
	(void)NA_ASSERT(!na_window_local_holds_any(set));
	if (set->local_range && na_port_tlb_may_speculate(set->port))
		na_effect_tlb_flush(set->machine);
}

static void close_ranges(struct na_window_set *set)
{
	/* A slot in the batch may still have translations. */
	(void)NA_ASSERT(!set->nr_batch);
	if (set->local_range)
		na_effect_range_close(set->machine, set->local_range);
	if (set->range)
		na_effect_range_close(set->machine, set->range);
}

static int open_ranges(struct na_window_set *set)
{
	u32 nr_locals = set->nr_cpus * set->config.local_depth;
	int err;

	err = na_effect_range_open(set->machine, set->config.nr_slots,
				   &set->range);
	if (err || !nr_locals)
		return err;
	return na_effect_range_open(set->machine, nr_locals, &set->local_range);
}

/* Put all slots onto the free list, the first one on top. */
static void init_slots(struct na_window_set *set)
{
	u32 idx;

	na_spin_lock(&set->index_lock);
	for (idx = set->config.nr_slots; idx--; ) {
		slot_at(set, idx)->addr = na_port_range_addr(set->range, idx);
		na_window_push_free_locked(set, idx);
	}
	na_spin_unlock(&set->index_lock);
}

static struct na_window_set *alloc_set(struct na_machine *machine,
				       const struct na_window_config *config)
{
	struct na_window_set *set;

	set = na_port_alloc(machine->port, sizeof(*set));
	if (!set)
		return NULL;
	set->machine = machine;
	set->port = machine->port;
	set->config = complete_config(*config);
	set->nr_cpus = na_port_nr_cpus(set->port);
	set->head_shift = 32 - count_head_bits(config->nr_slots);
	set->is_narrowed = config->is_cpu_bound &&
			   !na_port_tlb_may_speculate(set->port);
	(void)NA_ASSERT(set->nr_cpus);
	/* A shift by 32 bits is undefined. */
	(void)NA_ASSERT(set->head_shift && set->head_shift < 32);
	na_spin_init(&set->index_lock);
	na_mutex_init(&set->mutex);
	set->purger.purge = purge_hook;
	set->purger.purge_all = purge_all_hook;
	return set;
}

static u32 count_slots(const struct na_window_set *set,
		       enum na_window_state state)
{
	u32 idx, nr = 0;

	for (idx = 0; idx < set->config.nr_slots; idx++)
		nr += na_window_info(set, idx).state == state;
	return nr;
}

int na_window_set_create(struct na_machine *machine,
			 const struct na_window_config *config,
			 struct na_window_set **result)
{
	struct na_window_set *set;
	int err;

	na_might_sleep();
	if (!NA_CHECK(config_is_valid(config)))
		return -EINVAL;
	set = alloc_set(machine, config);
	if (!set)
		return -ENOMEM;
	err = alloc_memory(set);
	if (!err)
		err = open_ranges(set);
	if (err) {
		close_ranges(set);
		free_memory(set);
		return err;
	}
	init_slots(set);
	(void)NA_ASSERT(count_slots(set, NA_WINDOW_FREE) == config->nr_slots);
	na_machine_add_purger(machine, &set->purger);
	*result = set;
	return 0;
}

void na_window_set_destroy(struct na_window_set *set)
{
	if (!set)
		return;
	na_window_purge_all(set);
	if (!NA_ASSERT(!count_slots(set, NA_WINDOW_LIVE)))
		return;
	/* A local window is in use, or the port could not clear an entry. */
	if (!NA_CHECK(count_slots(set, NA_WINDOW_FREE) ==
		      set->config.nr_slots &&
		      !na_window_local_holds_any(set)))
		return;
	na_machine_remove_purger(set->machine, &set->purger);
	forget_locals(set);
	close_ranges(set);
	free_memory(set);
}

u32 na_window_nr_slots(const struct na_window_set *set)
{
	return set->config.nr_slots;
}

void *na_window_addr(const struct na_window_set *set, u32 idx)
{
	return NA_ASSERT(idx < set->config.nr_slots) ?
	       slot_at(set, idx)->addr : NULL;
}

u64 na_window_nr_users(const struct na_window_set *set)
{
	u64 nr = 0;
	u32 idx;

	for (idx = 0; idx < set->config.nr_slots; idx++)
		nr += na_window_info(set, idx).users;
	for (idx = 0; idx < set->nr_cpus; idx++)
		nr += na_word_read(&set->cpus[idx].depth);
	return nr;
}

static enum na_window_state info_state(u32 word)
{
	switch (word_state(word)) {
	case SLOT_FREE:
		return NA_WINDOW_FREE;
	case SLOT_POINTED:
		return word_users(word) ? NA_WINDOW_LIVE : NA_WINDOW_STALE;
	case SLOT_DYING:
		return NA_WINDOW_DYING;
	case SLOT_DEAD:
		return NA_WINDOW_DEAD;
	}
	(void)NA_ASSERT(!"a slot's word has a state of the four");
	return NA_WINDOW_DEAD;
}

struct na_window_info na_window_info(const struct na_window_set *set, u32 idx)
{
	struct na_window_info info = { .state = NA_WINDOW_DEAD };
	struct slot *slot;
	u32 word;

	if (!NA_ASSERT(idx < set->config.nr_slots))
		return info;
	slot = slot_at(set, idx);
	word = na_atomic32_read(&slot->word);
	info.state = info_state(word);
	info.users = word_users(word);
	info.frame = na_frame(na_word_read(&slot->frame));
	info.type = (enum na_memtype)na_atomic32_read(&slot->type);
	return info;
}

u64 na_window_stat(const struct na_window_set *set, enum na_window_stat stat)
{
	u64 sum = 0;
	u32 cpu;

	if (!NA_ASSERT((u32)stat < NR_NA_WINDOW_STATS))
		return 0;
	if ((u32)stat >= NR_TALLIES)
		return na_atomic64_read(&set->stats[stat]);
	for (cpu = 0; cpu < set->nr_cpus; cpu++)
		sum += na_tally_read(&set->cpus[cpu].tallies[stat]);
	return sum;
}

const char *na_window_stat_name(enum na_window_stat stat)
{
	static const char *const names[NR_NA_WINDOW_STATS] = {
		[NA_WINDOW_HITS] = "hits",
		[NA_WINDOW_REVIVALS] = "revivals",
		[NA_WINDOW_LOCALS] = "locals",
		[NA_WINDOW_MISSES] = "misses",
		[NA_WINDOW_REFUSED] = "refused",
		[NA_WINDOW_WAITS] = "waits",
		[NA_WINDOW_RECLAIMED] = "reclaimed",
		[NA_WINDOW_PURGED] = "purged",
		[NA_WINDOW_SHOOTDOWNS] = "shootdowns",
		[NA_WINDOW_IPIS] = "ipis",
		[NA_WINDOW_LOST] = "lost",
	};

	if (!NA_ASSERT((u32)stat < NR_NA_WINDOW_STATS))
		return "unknown";
	return names[stat];
}
