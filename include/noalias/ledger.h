/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: ledger
 *
 * Records memory type, state and pins of each frame: one 32-bit word a frame,
 * in the leaves of a three-level table. A leaf is allocated when one of its
 * frames is first claimed and stays until na_ledger_fini(). So a ledger may
 * cover every frame that the machine could ever have; its size grows with the
 * frames that were claimed. A word changes only by compare-and-swap: there is
 * no lock, and claims of disjoint frames do not contend.
 *
 * States and transitions:
 *
 *   SYSTEM ──claim──▶ CLAIMED ──commit──▶ BUFFER or LENT
 *   BUFFER/LENT ──claim──▶ CLAIMED ──commit(WB, SYSTEM)──▶ SYSTEM
 *   CLAIMED ──release──▶ the state it was claimed from
 *   CLAIMED ──quarantine──▶ QUARANTINED (for ever)
 *
 * A frame without an entry is SYSTEM, WB, without pins.
 */
#ifndef NOALIAS_LEDGER_H
#define NOALIAS_LEDGER_H

#include <noalias/port.h>

/**
 * enum na_state - owner of the frame
 * @NA_SYSTEM: the system or a driver; always WB
 * @NA_CLAIMED: under conversion; it cannot be pinned or claimed
 * @NA_BUFFER: in one of our buffers
 * @NA_LENT: converted on behalf of another module that owns the frame
 * @NA_QUARANTINED: could not be made safe; never used again
 * @NR_NA_STATES: number of states
 */
enum na_state {
	NA_SYSTEM,
	NA_CLAIMED,
	NA_BUFFER,
	NA_LENT,
	NA_QUARANTINED,
	NR_NA_STATES,
};

struct na_ledger_leaf;

/** NA_LEDGER_LEAF_SHIFT - log2 of the frames that share a leaf. */
#define NA_LEDGER_LEAF_SHIFT 10

/** NA_LEDGER_TABLE_SHIFT - log2 of the leaves that share a table. */
#define NA_LEDGER_TABLE_SHIFT 12

/** struct na_ledger - caller's memory; fields are private. */
struct na_ledger {
	struct na_port *port;
	unsigned long nr_frames;
	unsigned long nr_leaves;
	unsigned long nr_tables;
	struct na_ledger_leaf ***tables;
	na_atomic64_t nr_in_state[NR_NA_STATES];
};

/** struct na_ledger_entry - the ledger's entry of one frame. */
struct na_ledger_entry {
	enum na_state state;
	enum na_memtype type;
	u32 pins;
};

/**
 * na_ledger_init() - make an empty ledger
 * @ledger: caller's memory
 * @port: platform
 * @nr_frames: frames with numbers below this can be claimed. Until they are,
 *	each 2^22 cost one pointer
 *
 * Return: 0; -EINVAL @nr_frames is 0; -ENOMEM.
 */
int na_ledger_init(struct na_ledger *ledger, struct na_port *port,
		   unsigned long nr_frames);

/**
 * na_ledger_fini() - free the table. No frame may be claimed or in a buffer.
 */
void na_ledger_fini(struct na_ledger *ledger);

/**
 * na_ledger_claim() - reserve frames for a conversion, all or none
 * @ledger: ledger
 * @runs: frames
 * @nr_runs: length of @runs
 * @from: state that every frame must be in: SYSTEM, BUFFER or LENT
 * @type: type that every frame must have
 *
 * Until the commit nobody else can claim or pin the frames (I5).
 *
 * Context: may sleep (first claim in a leaf allocates). No lock.
 * Return: 0; -ERANGE a frame is beyond the ledger; -ENOMEM no leaf;
 * -EBUSY a frame is pinned, claimed, or not in @from with @type (also when
 * @runs contains a frame twice). After an error nothing has changed.
 */
int na_ledger_claim(struct na_ledger *ledger, const struct na_run *runs,
		    u32 nr_runs, enum na_state from, enum na_memtype type);

/**
 * na_ledger_commit() - end a claim with a new type and state
 * @ledger: ledger
 * @runs: frames claimed by the caller
 * @nr_runs: length of @runs
 * @to: new state: SYSTEM, BUFFER, LENT or QUARANTINED
 * @type: new type; SYSTEM takes WB only
 *
 * With the old state and type it gives a claim up without a change. Cannot
 * fail. Context: may sleep (between runs). No lock.
 */
void na_ledger_commit(struct na_ledger *ledger, const struct na_run *runs,
		      u32 nr_runs, enum na_state to, enum na_memtype type);

/**
 * na_ledger_pin() - prevent a change of the frame's type
 * @ledger: ledger
 * @frame: frame
 * @type: receives the type that any mapping of the frame must have
 *
 * Pin a frame before mapping it, and map it with the type returned.
 *
 * Context: may sleep (first use of a leaf).
 * Return: 0; -EBUSY claimed or quarantined; -ERANGE; -ENOMEM;
 * -EOVERFLOW too many pins.
 */
int na_ledger_pin(struct na_ledger *ledger, struct na_frame frame,
		  enum na_memtype *type);

/** na_ledger_unpin() - end one na_ledger_pin(). Context: any. */
void na_ledger_unpin(struct na_ledger *ledger, struct na_frame frame);

/**
 * na_ledger_leaf_of() - leaf with the frame's word; for the engine only
 * @ledger: ledger
 * @frame: frame, below its number of frames
 *
 * Context: any. Return: NULL when no frame of the leaf was ever claimed.
 */
static inline struct na_ledger_leaf *
na_ledger_leaf_of(const struct na_ledger *ledger, struct na_frame frame)
{
	unsigned long idx = frame.nr >> NA_LEDGER_LEAF_SHIFT;
	struct na_ledger_leaf **table;

	table = na_ptr_load_acquire(&ledger->tables[idx >>
						    NA_LEDGER_TABLE_SHIFT]);
	if (!table)
		return NULL;
	idx &= (1u << NA_LEDGER_TABLE_SHIFT) - 1;
	return na_ptr_load_acquire(&table[idx]);
}

/**
 * na_ledger_has_seen() - may the frame be other than SYSTEM, WB, unpinned?
 * @ledger: ledger
 * @frame: frame, below its number of frames
 *
 * False makes the lookup unnecessary. Context: any; as na_ledger_lookup().
 */
static inline bool na_ledger_has_seen(const struct na_ledger *ledger,
				      struct na_frame frame)
{
	return na_ledger_leaf_of(ledger, frame);
}

/**
 * na_ledger_lookup() - read the ledger's entry of a frame
 *
 * A snapshot: only a pin or a claim keeps it from changing. Frames beyond the
 * ledger are SYSTEM. Context: any.
 */
struct na_ledger_entry na_ledger_lookup(const struct na_ledger *ledger,
					struct na_frame frame);

/** na_ledger_count() - frames in @state; SYSTEM is not counted (0). */
u64 na_ledger_count(const struct na_ledger *ledger, enum na_state state);

/**
 * na_ledger_next_held() - find the next frame that is not SYSTEM
 * @ledger: ledger
 * @frame: first frame to look at; receives the frame found
 * @entry: receives its entry
 *
 * Cost grows with the leaves in use, not with the memory of the machine.
 *
 * Context: may sleep (between leaves). Return: false if there is none at or
 * after @frame.
 */
bool na_ledger_next_held(const struct na_ledger *ledger,
			 struct na_frame *frame,
			 struct na_ledger_entry *entry);

#endif
