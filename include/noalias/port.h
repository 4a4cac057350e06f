/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract
 *
 * The engine reaches everything outside its own structures through the calls
 * below: page table entries, TLBs, caches, frames, metadata, time. The engine
 * decides the order; a port contains no policy. The simulated machine may
 * switch CPUs at each call.
 *
 * Locks, atomics and assertions are inline functions in a header of each port,
 * <na_platform.h>:
 *
 *   integers u8..u64 and s8..s64 (64 bits are long long), bool, size_t,
 *   errno constants, container_of, likely, unlikely, noinline,
 *   __always_inline
 *
 *   struct list_head with the kernel's names and meaning: LIST_HEAD,
 *   LIST_HEAD_INIT, INIT_LIST_HEAD, list_add, list_add_tail, list_del,
 *   list_del_init, list_move, list_move_tail, list_empty, list_is_singular,
 *   list_is_last, list_splice_init, list_splice_tail_init, list_entry,
 *   list_first_entry, list_first_entry_or_null, list_last_entry,
 *   list_next_entry, list_prev_entry, list_for_each, list_for_each_entry,
 *   list_for_each_entry_reverse, list_for_each_entry_safe
 *
 *   na_atomic32_t, na_atomic64_t:
 *     _read, _set               order nothing
 *     na_atomic64_add           orders nothing: it is for counters
 *     na_atomic32_add           full barrier: an unpin ends what came before
 *     na_atomic32_add_return,
 *     na_atomic32_cmpxchg       full barrier; cmpxchg returns what it found
 *   na_ptr_load_acquire(pp), na_ptr_cmpxchg(pp, old, new) (full barrier)
 *   na_ptr_store_release(pp, val)
 *   na_word_read(p), na_word_write(p, val): an unsigned long that others
 *     read or write at the same time; order nothing
 *   na_tally_add(p, val), na_tally_read(p): an unsigned long with one writer
 *     at a time and readers at any time; no locked instruction, order nothing
 *
 *   na_spin_t and na_mutex_t with _init, _lock, _unlock, _assert_held
 *   na_sort(base, nr, size, cmp), na_memcpy, na_memset
 *   na_might_sleep(), na_relax() (in a loop that waits for another CPU),
 *   na_yield() (between the steps of work whose length the caller chooses: lets
 *     others have the CPU; may sleep)
 *
 *   NA_ASSERT(cond): false is a bug of ours. Evaluates to the truth of cond, so
 *   that the kernel, which only warns once, can continue safely. In a process
 *   it calls na_assert_hook, which may jump out or request the kernel's
 *   behaviour; otherwise it prints and aborts. NA_CHECK(cond): caller or
 *   hardware; evaluates to cond, always compiled.
 *
 * Calls that change something are made by engine/effect*.c only, which report
 * them to the listener of effect.h.
 *
 * Unless a call says otherwise: Context: may sleep, no engine lock held.
 */
#ifndef NOALIAS_PORT_H
#define NOALIAS_PORT_H

#include <noalias/types.h>

struct na_port;

/* --- metadata and time ------------------------------------------------ */

/**
 * na_port_alloc() - allocate zeroed memory for the engine's bookkeeping
 * @port: instance
 * @len: bytes, 1 up to a few MiB
 *
 * For structures shared by all callers, or freed before the call returns.
 *
 * Return: the memory, or NULL when there is none.
 */
void *na_port_alloc(struct na_port *port, size_t len);

/**
 * na_port_alloc_owned() - allocate zeroed memory on behalf of the caller
 *
 * As na_port_alloc(), charged to the calling process where there are limits:
 * the caller decides how long it stays, and could otherwise allocate without
 * bound.
 */
void *na_port_alloc_owned(struct na_port *port, size_t len);

/** na_port_free() - free memory of both; NULL is allowed. */
void na_port_free(struct na_port *port, void *mem);

/** na_port_time_ns() - monotonic clock in ns. Context: any. */
u64 na_port_time_ns(struct na_port *port);

/**
 * na_port_is_dying() - does the calling thread have a fatal signal pending?
 *
 * Asked in long operations between steps that can be undone. Context: any.
 */
bool na_port_is_dying(struct na_port *port);

/* --- frames ------------------------------------------------------------ */

/**
 * na_port_frames_alloc() - take a block of consecutive frames from the system
 * @port: instance
 * @nr: frames, 1 to NA_BLOCK_FRAMES_MAX
 * @zone: where from
 * @try_hard: let the system write back, move and drop pages of others, instead of
 *	taking what is free
 * @block: receives the frames
 *
 * The first is aligned to the smallest power of two that is not below @nr. The
 * system needs a free block of that size, and has the rest back on return.
 *
 * They hold zeroes (written through a cached mapping: lines may be dirty, stale
 * mappings may exist). The port never invokes the OOM killer.
 *
 * Return: 0, or -ENOMEM with nothing taken.
 */
int na_port_frames_alloc(struct na_port *port, u32 nr, enum na_zone zone,
			 bool try_hard, struct na_run *block);

/**
 * na_port_frames_free() - give frames back to the system
 * @port: instance
 * @block: what na_port_frames_alloc() returned
 *
 * The frames must be WB everywhere and have no mapping of ours (I4).
 */
void na_port_frames_free(struct na_port *port, struct na_run block);

/**
 * na_port_frames_split() - split a block into blocks of one frame
 * @port: instance
 * @block: what na_port_frames_alloc() returned, more than one frame
 *
 * For a block with lost frames: the others can be freed one by one. Changes no
 * frame and no mapping. Cannot fail.
 */
void na_port_frames_split(struct na_port *port, struct na_run block);

/**
 * na_port_frames_lost() - report lost frames to the administrator
 * @port: instance
 * @nr: frames that were quarantined; they are lost until reboot
 * @why: reason, the end of a sentence
 *
 * Called once for each conversion that lost frames.
 */
void na_port_frames_lost(struct na_port *port, u32 nr, const char *why);

/** NA_BLOCK_FRAMES_MAX - the most that na_port_frames_alloc() is asked for. */
#define NA_BLOCK_FRAMES_MAX 1024u

/**
 * na_port_frame_is_direct() - is the frame in the direct map?
 *
 * Low memory on 32 bit, all memory on 64 bit. Context: any.
 */
bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame);

/**
 * na_port_runs_mark() - record the type in the system's own bookkeeping
 * @port: instance
 * @runs: frames of one type
 * @nr_runs: length of @runs
 * @type: new type
 *
 * On x86 Linux PAT tracking reads it when a process maps the frame: without it
 * most paths silently create a WB mapping. Changes no page table.
 */
void na_port_runs_mark(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type);

/* --- kmap pool --------------------------------------------------------- */

/**
 * na_port_kmap_holds() - is there an entry for the frame in the kmap pool?
 *
 * True for an entry in use and for a stale one. False does not mean that no TLB
 * holds a translation: the pool's own reclaim clears entries before it flushes.
 * Context: any.
 */
bool na_port_kmap_holds(struct na_port *port, struct na_frame frame);

/** NA_BLOOM_WORDS - 4096 bits: 4096 consecutive frames share none. */
#define NA_BLOOM_WORDS 128u

/**
 * struct na_bloom - a Bloom filter of frame numbers
 * @words: bit nr % 4096 stands for frame nr
 *
 * Small enough for a stack. A frame that does not pass is not in the set; one
 * that passes must be checked. With 512 frames in the set, one other frame in
 * eight passes.
 */
struct na_bloom {
	u32 words[NA_BLOOM_WORDS];
};

static inline void na_bloom_add(struct na_bloom *bloom, struct na_frame frame)
{
	bloom->words[frame.nr / 32 % NA_BLOOM_WORDS] |= 1u << frame.nr % 32;
}

/**
 * na_bloom_next() - find the first frame of @run from @idx on that passes
 *
 * Return: its index, or run.nr.
 */
static inline u32 na_bloom_next(const struct na_bloom *bloom,
				struct na_run run, u32 idx)
{
	unsigned long nr;
	u32 word;

	while (idx < run.nr) {
		nr = run.first.nr + idx;
		word = bloom->words[nr / 32 % NA_BLOOM_WORDS] >> nr % 32;
		if (word) {
			idx += (u32)__builtin_ctz(word);
			return idx < run.nr ? idx : run.nr;
		}
		idx += 32 - nr % 32;
	}
	return run.nr;
}

/**
 * na_port_kmap_nr_slots() - size of the kmap pool; 0 where there is none
 *
 * Constant. The cost of na_port_kmap_list() grows with it. Context: any.
 */
u32 na_port_kmap_nr_slots(struct na_port *port);

/**
 * na_port_kmap_list() - which frames have entries in the kmap pool?
 * @port: instance
 * @lowest: first frame of interest
 * @highest: last frame of interest
 * @bloom: receives every frame from @lowest to @highest for which
 *	na_port_kmap_holds() was true when the call began and is true when it
 *	ends; may receive others
 *
 * Reads the pool once, while na_port_kmap_holds() searches it for each frame. A
 * port that cannot read its pool sets all bits.
 *
 * Context: any. Return: at least the number of frames put in; 0 if the pool
 * holds none of these frames.
 */
u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom);

/**
 * na_port_kmap_purge() - remove all stale entries of the kmap pool
 *
 * Ordering. On return no entry is left that was unused when the call began,
 * and no CPU holds a translation of one. Entries in use stay. One shootdown if
 * there was a stale entry, none otherwise.
 */
void na_port_kmap_purge(struct na_port *port);

/* --- direct map -------------------------------------------------------- */

/**
 * na_port_direct_set() - change the direct map of those frames that are in it
 * @port: instance
 * @runs: frames; those without a direct mapping are skipped
 * @nr_runs: length of @runs
 * @type: the type that their entries get
 * @nr_done: 0 on entry; receives how many frames, counted from the first run
 *	on, have @type now, skipped ones included
 *
 * A frame may have a second permanent mapping in the kernel: pages of the
 * kernel image that were freed after boot stay mapped by the image. Here both
 * count as its direct map. A frame is changed in both or in neither.
 *
 * Ordering. On return the page tables have @type. No TLB and no cache was
 * touched, except that splitting a large entry costs two shootdowns, once until
 * reboot.
 *
 * Return: 0; -ENOMEM no memory to split a large entry; -EFAULT an entry is
 * absent. After an error the first @nr_done frames have the new type and the
 * others their old one: the caller must set the old type again before anything
 * else.
 */
int na_port_direct_set(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 *nr_done);

/**
 * na_port_direct_has() - do the page table entries of a direct frame have the
 * bits of a type?
 * @port: instance
 * @frame: frame with a direct mapping
 * @type: type to compare with
 *
 * The call compares instead of returning a type because two types may have the
 * same bits: without PAT, WC has those of UC. If the frame has two permanent
 * mappings, both are compared.
 *
 * Context: any. Return: false also when the entry is absent.
 */
bool na_port_direct_has(struct na_port *port, struct na_frame frame,
			enum na_memtype type);

/* --- TLBs, caches, buffers of the CPUs ---------------------------------- */

/**
 * na_port_tlb_flush() - every CPU drops every translation
 *
 * Ordering. On return no translation made before the call is left in any TLB,
 * including global entries, all address spaces, fixmap and lazily freed vmap
 * ranges. The first walk on every CPU after the call sees all page table
 * changes made before it. Every CPU also drained its write-combining buffers.
 * One shootdown.
 */
void na_port_tlb_flush(struct na_port *port);

/**
 * na_port_wc_drain() - every CPU drains its write-combining buffers
 *
 * Ordering. Stores through WC mappings that were issued before the call are
 * in memory on return.
 */
void na_port_wc_drain(struct na_port *port);

/**
 * na_port_wc_drain_own() - drain WC stores of the caller's address space
 * @port: instance
 *
 * Drains the write-combining buffers of this CPU and of those that run other
 * threads of the address space now. Other CPUs are not interrupted.
 *
 * Ordering. Stores through WC mappings of the calling address space, by any
 * thread on any CPU, that happened before the call are in memory on return.
 * Those of other address spaces need not be.
 */
void na_port_wc_drain_own(struct na_port *port);

/**
 * na_port_cache_clean() - write back and invalidate all lines of the frames
 * @port: instance
 * @runs: frames
 * @nr_runs: length of @runs
 * @type: UC or WC, the frames' new type
 *
 * Works through mappings of @type, so that the mapping used for cleaning cannot
 * fill lines again. The caller ensures that no cached mapping and no
 * translation of one is left.
 *
 * Ordering. On return no cache of any CPU holds a line of the frames, and
 * memory has their contents.
 *
 * Return: 0, or -ENOMEM if no mapping could be made; some frames may have been
 * cleaned.
 */
int na_port_cache_clean(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type);

#endif
