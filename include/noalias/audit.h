/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: audit
 *
 * Finds frames that are mapped with conflicting memory types and names every
 * mapping of them, of the kernel and of processes, with the ledger's type
 * beside them. It changes nothing. docs/auditor.md has the theory and the
 * limits.
 */
#ifndef NOALIAS_AUDIT_H
#define NOALIAS_AUDIT_H

#include <noalias/machine.h>

/** NA_AUDIT_NAME_MAX - room for the name of a mapping, with its NUL. */
#define NA_AUDIT_NAME_MAX 96
/** NA_AUDIT_COMM_MAX - room for the name of a process, with its NUL. */
#define NA_AUDIT_COMM_MAX 16
/** NA_AUDIT_PARTIES_MAX - mappings listed in one conflict; more are counted. */
#define NA_AUDIT_PARTIES_MAX 16
/**
 * NA_AUDIT_MISSED_MAX - entries of na_audit_result.missed; more are counted.
 */
#define NA_AUDIT_MISSED_MAX 256
/** NA_AUDIT_NO_NEXT - the last conflict of its group. */
#define NA_AUDIT_NO_NEXT (~0u)
/** NA_AUDIT_PAGE_SHIFT - a frame is 4 KiB on all platforms so far. */
#define NA_AUDIT_PAGE_SHIFT 12

/**
 * enum na_audit_type - memory type of a mapping
 *
 * More types than in enum na_memtype: all that x86 page tables can express. UC-
 * is never an effective type: the MTRRs make it UC or WC.
 */
enum na_audit_type {
	NA_AUDIT_WB,
	NA_AUDIT_WT,
	NA_AUDIT_WP,
	NA_AUDIT_WC,
	NA_AUDIT_UC_MINUS,
	NA_AUDIT_UC,
	NR_NA_AUDIT_TYPES,
};

/**
 * enum na_grade - how bad a conflict is
 * @NA_GRADE_NONE: no conflict
 * @NA_GRADE_MIXED: several types, all cached or all uncached, e.g. UC with WC
 * @NA_GRADE_ALIAS: a cached and an uncached type: data may be lost
 * @NR_NA_GRADES: number of grades
 */
enum na_grade {
	NA_GRADE_NONE,
	NA_GRADE_MIXED,
	NA_GRADE_ALIAS,
	NR_NA_GRADES,
};

/**
 * enum na_frame_kind - what a frame belongs to
 * @NA_KIND_OURS: memory in a buffer, or lent, by the ledger
 * @NA_KIND_RAM: other memory of the system
 * @NA_KIND_RESERVED: memory that the system does not use: the firmware's, or
 *	excluded on the kernel's command line
 * @NA_KIND_DEVICE: addresses of a device
 * @NR_NA_KINDS: number of kinds
 */
enum na_frame_kind {
	NA_KIND_OURS,
	NA_KIND_RAM,
	NA_KIND_RESERVED,
	NA_KIND_DEVICE,
	NR_NA_KINDS,
};

/**
 * enum na_space - where a mapping was found
 * @NA_SPACE_DIRECT: the permanent map of low memory, or of all memory
 * @NA_SPACE_KMAP: a slot of the kmap pool, in use or stale
 * @NA_SPACE_FIXMAP: kmap_local() slots and other fixed addresses
 * @NA_SPACE_VMALLOC: vmalloc(), vmap(), ioremap()
 * @NA_SPACE_KERNEL: any other kernel region; na_audit_owner.name says which
 * @NA_SPACE_PROCESS: a process
 * @NA_SPACE_LEDGER: not a mapping but the type that the ledger has
 * @NR_NA_SPACES: number of spaces
 */
enum na_space {
	NA_SPACE_DIRECT,
	NA_SPACE_KMAP,
	NA_SPACE_FIXMAP,
	NA_SPACE_VMALLOC,
	NA_SPACE_KERNEL,
	NA_SPACE_PROCESS,
	NA_SPACE_LEDGER,
	NR_NA_SPACES,
};

/**
 * struct na_audit_owner - who has a mapping
 * @space: where
 * @pid: process, in the initial name space; 0 for the kernel
 * @start: first address of the mapping or region
 * @end: address after its last
 * @perms: as in /proc/PID/maps, "rw-s"; empty for the kernel
 * @comm: name of the process, any bytes
 * @name: file, "[heap]", "[stack]", "[anon]", or the kernel region; any bytes
 * @account: private to the engine
 * @handle: private to the port; NULL in a result
 */
struct na_audit_owner {
	enum na_space space;
	int pid;
	u32 account;
	u64 start;
	u64 end;
	char perms[5];
	char comm[NA_AUDIT_COMM_MAX];
	char name[NA_AUDIT_NAME_MAX];
	void *handle;
};

/**
 * struct na_audit_party - one mapping in a conflict
 * @va_low: lowest address at which it maps frames of the conflict
 * @va_high: address after the highest; the frames may lie scattered between
 * @owner: index into the owners of the result
 * @type: enum na_audit_type, effective
 * @entry: enum na_audit_type, from the page table entry alone
 */
struct na_audit_party {
	u64 va_low;
	u64 va_high;
	u32 owner;
	u8 type;
	u8 entry;
};

/**
 * struct na_audit_mapping - consecutive addresses mapped to consecutive frames
 * @va: first address
 * @run: the frames
 * @owner: index into the owners of the result
 * @type: enum na_audit_type, effective
 * @entry: enum na_audit_type, from the page table entry alone
 */
struct na_audit_mapping {
	u64 va;
	struct na_run run;
	u32 owner;
	u8 type;
	u8 entry;
};

/**
 * struct na_audit_conflict - consecutive frames with the same parties
 * @run: the frames
 * @grade: MIXED or ALIAS
 * @kind: what they belong to
 * @first_party: index into the parties of the result
 * @nr_parties: how many, at least 2; each type that occurs is among them
 * @nr_more: further mappings that are not listed
 * @group: index of the first conflict of the same group: same mappings of the
 *	same owners with the same types. The first has its own index
 * @next: index of the next conflict of the group, or NA_AUDIT_NO_NEXT
 */
struct na_audit_conflict {
	struct na_run run;
	enum na_grade grade;
	enum na_frame_kind kind;
	u32 first_party;
	u32 nr_parties;
	u32 nr_more;
	u32 group;
	u32 next;
};

/**
 * Bits of na_audit_result.cut: what exceeded its limit. UNSEEN: page tables that
 * could not be read: of a process that did not release its mmap lock in time, or
 * that an image lacks.
 */
#define NA_AUDIT_CUT_FRAMES	(1u << 0)
#define NA_AUDIT_CUT_SIGHTINGS	(1u << 1)
#define NA_AUDIT_CUT_OWNERS	(1u << 2)
#define NA_AUDIT_CUT_CONFLICTS	(1u << 3)
#define NA_AUDIT_CUT_UNSEEN	(1u << 4)
#define NR_NA_AUDIT_CUTS	5

/**
 * struct na_audit_missed - whose part of the report is incomplete
 * @space: NA_SPACE_PROCESS; NA_SPACE_KERNEL: any region of the kernel;
 *	NA_SPACE_LEDGER
 * @pid: of a process, else 0
 * @comm: name of the process, any bytes
 * @cut: NA_AUDIT_CUT_ bits
 */
struct na_audit_missed {
	enum na_space space;
	int pid;
	char comm[NA_AUDIT_COMM_MAX];
	u32 cut;
};

/**
 * struct na_audit_seen - what the audit looked at
 * @nr_walks: walks over all page tables, 1 to 3
 * @nr_pages: page mappings seen in the last walk
 * @nr_mappings: kernel regions and process mappings in the last walk
 * @nr_processes: address spaces of processes in the last walk
 * @nr_frames: frames mapped somewhere with a type other than WB; of
 *	na_audit_list(): that were chosen
 * @nr_changed: page mappings that looked suspicious and changed before they
 *	could be read again
 */
struct na_audit_seen {
	u32 nr_walks;
	u64 nr_pages;
	u64 nr_mappings;
	u64 nr_processes;
	u64 nr_frames;
	u64 nr_changed;
};

/**
 * struct na_audit_result - a finished audit
 * @port: port whose memory was audited
 * @conflicts: by frame number
 * @nr_conflicts: length of @conflicts
 * @parties: of all conflicts
 * @nr_parties: length of @parties
 * @owners: of all parties
 * @nr_owners: length of @owners
 * @mappings: of na_audit_list(), by frame, then by owner; else NULL
 * @nr_mappings: length of @mappings
 * @nr_frames: frames in conflict, by grade and kind; right even if
 *	@conflicts was cut
 * @seen: what was looked at
 * @duration_ns: how long it took
 * @cut: NA_AUDIT_CUT_ bits; 0 when the audit is complete
 * @missed: whose part was cut; every bit of @cut is set in one of them
 * @nr_missed: length of @missed, NA_AUDIT_MISSED_MAX at most
 * @nr_missed_more: further ones that are not named
 * @ours_only: conflicts of other kinds than OURS were removed since
 * @pid_only: conflicts without this process were removed since; 0: none were
 */
struct na_audit_result {
	struct na_port *port;
	struct na_audit_conflict *conflicts;
	u32 nr_conflicts;
	struct na_audit_party *parties;
	u32 nr_parties;
	struct na_audit_owner *owners;
	u32 nr_owners;
	struct na_audit_mapping *mappings;
	u32 nr_mappings;
	u64 nr_frames[NR_NA_GRADES][NR_NA_KINDS];
	struct na_audit_seen seen;
	u64 duration_ns;
	u32 cut;
	struct na_audit_missed *missed;
	u32 nr_missed;
	u32 nr_missed_more;
	bool ours_only;
	int pid_only;
};

/**
 * struct na_audit_limits - bounds of an audit's memory
 * @frames_max: chunks of 1024 frames of device addresses; those of memory are
 *	limited by the machine's memory alone
 * @sightings_max: runs of mappings in conflict of all processes together; the
 *	kernel and the ledger have the same limit each
 * @owners_max: named mappings of processes; the kernel has the same limit
 * @conflicts_max: listed conflicts of processes; conflicts of the kernel alone
 *	and those of the ledger's frames have the same limit each
 * @sightings_min: sightings that each process may have in any case
 * @owners_min: owners that each process may have in any case
 * @conflicts_min: conflicts that each process may have in any case
 *
 * A process gets an equal share of each maximum, but not less than the minimum.
 * For frames that processes have in conflict, the kernel and the ledger may
 * each have further sightings and owners: as many as all processes together may
 * have (the maximum, plus the minimum of each process), 2^22 at most.
 */
struct na_audit_limits {
	u32 frames_max;
	u32 sightings_max;
	u32 owners_max;
	u32 conflicts_max;
	u32 sightings_min;
	u32 owners_min;
	u32 conflicts_min;
};

/**
 * na_audit_run() - look for conflicts now
 * @machine: instance; its ledger's types are compared too
 * @limits: bounds, or NULL for defaults that grow with the machine's memory;
 *	docs/auditor.md has a table
 * @result: receives the result
 *
 * Every reported conflict was read at least three times, and there was an
 * instant at which all its mappings were in the page tables. A conflict that
 * lasts as long as the audit is found, unless the result says that it was cut,
 * and whose part. Mappings of one process take no room from another. The room
 * for the kernel's mappings of frames that processes have in conflict grows
 * with the number of processes.
 *
 * Memory: a byte for each frame with a type other than WB, then what is in
 * conflict, up to the limits.
 *
 * Context: may sleep; no lock. Takes the mmap lock of one process at a time,
 * for reading. Time grows with the page table entries in use.
 * Return: 0; -EINVAL a limit is 0 or too large; -ENOMEM; -EINTR a fatal signal;
 * -EOPNOTSUPP the port cannot read page tables here. After an error there is no
 * result.
 */
int na_audit_run(struct na_machine *machine,
		 const struct na_audit_limits *limits,
		 struct na_audit_result **result);

/**
 * na_audit_run_tables() - the same of a machine without a ledger
 * @port: port whose memory is audited
 * @limits: as na_audit_run()
 * @result: as na_audit_run()
 *
 * Page tables alone are compared. Context and return: as na_audit_run().
 */
int na_audit_run_tables(struct na_port *port,
			const struct na_audit_limits *limits,
			struct na_audit_result **result);

/**
 * struct na_audit_choice - which frames matter
 * @first: first frame
 * @last: last frame
 * @types: bits of enum na_audit_type: of these frames, those that are mapped
 *	somewhere with one of these effective types
 */
struct na_audit_choice {
	struct na_frame first;
	struct na_frame last;
	u32 types;
};

/** NA_AUDIT_TYPES_ALL - @types: every mapped frame. */
#define NA_AUDIT_TYPES_ALL ((1u << NR_NA_AUDIT_TYPES) - 1)

/**
 * na_audit_list() - list all mappings of some frames, in conflict or not
 * @port: port whose memory is audited
 * @choice: which frames
 * @limits: as na_audit_run()
 * @result: as na_audit_run(), about these frames alone, and with @mappings
 *
 * All listed mappings were in the page tables at one instant, as those of a
 * conflict are; one that lasts as long as the audit is listed, unless the
 * result says that it was cut. The ledger is not asked.
 *
 * Memory: a byte for each frame that is chosen, then what maps it, up to the
 * limits. Context: as na_audit_run(). Return: as na_audit_run(); -EINVAL also
 * if nothing is chosen.
 */
int na_audit_list(struct na_port *port, const struct na_audit_choice *choice,
		  const struct na_audit_limits *limits,
		  struct na_audit_result **result);

/** na_audit_result_destroy() - free a result; NULL is allowed. */
void na_audit_result_destroy(struct na_audit_result *result);

/** na_audit_count() - frames in conflict with @grade, of all kinds. */
u64 na_audit_count(const struct na_audit_result *result, enum na_grade grade);

/** na_audit_type_name() - "WB", "WT", "WP", "WC", "UC-", "UC", or "??". */
const char *na_audit_type_name(u32 type);

/** na_grade_name() - "none", "mixed", "alias", or "??". */
const char *na_grade_name(u32 grade);

/** na_frame_kind_name() - "ours", "ram", "reserved", "device", or "??". */
const char *na_frame_kind_name(u32 kind);

/** na_space_name() - "direct", "kmap", … as in the enum, or "??". */
const char *na_space_name(u32 space);

/** na_audit_cut_name() - name of bit @idx of na_audit_result.cut, or "??". */
const char *na_audit_cut_name(u32 idx);

/** na_audit_type_is_cached() - may a cache hold lines through this type? */
static inline bool na_audit_type_is_cached(u32 type)
{
	return type <= NA_AUDIT_WP;
}

#endif
