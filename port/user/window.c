// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows in a process. A range is reserved address space: an absent slot has a
 * PROT_NONE mapping, so that no other mmap() of the process is placed there.
 *
 * One system call points a row of slots, and one clears a row: mmap() over an
 * existing mapping removes it, flushes its translations on every CPU, and never
 * leaves the addresses free. So a shootdown has nothing left to do; the
 * engine's order is kept all the same.
 *
 * If mmap() over a slot fails, some kernels have already removed the old
 * mapping. The addresses are then free for an mmap() of any thread. They are
 * reserved again only if they are still free; otherwise the slot is lost: it
 * reads back with a wrong entry, and the engine gives it up.
 *
 * Adjacent slots that show adjacent pieces are one mapping in the kernel.
 * Clearing one in the middle needs two more mappings, which a process at its
 * limit does not have; some kernels fail there even if none is needed. So a
 * port has three spare mappings, which it gives up for that. If another thread
 * was faster, only the page table entries are dropped: the slot is absent to
 * the engine, and its mapping stays until the slot is set again. Until then an
 * access reads the file instead of raising SIGSEGV.
 *
 * The frame of a slot is recorded, not read back: reading /proc/self/maps would
 * format all mappings. The tests do read it.
 */
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

#define NS_A_SECOND 1000000000ull

/* In entries[]: 0 is absent, otherwise the frame's number plus one. */
#define ENTRY_LOST (~0ul)
/* In types[]: absent, but the mapping of the old entry still exists. */
#define TYPE_LEFT 0xffu

/*
 * base: first slot; start and len: all that is reserved, with a granule at the
 *	end that is never mapped, to catch overruns of the last slot
 * types: of the mappings, as passed by the engine
 */
struct na_port_range {
	struct na_port *port;
	u32 nr;
	char *base;
	char *start;
	size_t len;
	u8 *types;
	unsigned long entries[];
};

static __thread NA_USER_TLS int last_error;

int na_user_error(void)
{
	return last_error;
}

bool na_port_tlb_may_speculate(struct na_port *port)
{
	(void)port;
	return true;
}

/* --- spare mappings --------------------------------------------------------- */

/* Three pages that do not merge: the one in the middle differs. */
static void make_spare(struct na_port *port)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *spare = mmap(NULL, 3 * page, PROT_NONE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool is_made = spare != MAP_FAILED;

	if (is_made && (mprotect(spare + page, page, PROT_READ) ||
			na_ptr_cmpxchg(&port->spare, NULL, spare)))
		munmap(spare, 3 * page);
}

static bool drop_spare(struct na_port *port)
{
	char *spare = na_ptr_load_acquire(&port->spare);

	if (!spare || na_ptr_cmpxchg(&port->spare, spare, NULL) != spare)
		return false;
	return !munmap(spare, 3 * (size_t)sysconf(_SC_PAGESIZE));
}

/* --- ranges ---------------------------------------------------------------- */

static void *reserve(void *at, size_t len, int fixed)
{
	return mmap(at, len, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
}

static int reserve_range(struct na_port_range *range)
{
	size_t granule = (size_t)1 << range->port->shift;

	/* One granule for alignment, one that is never mapped. */
	if (range->nr > SIZE_MAX / granule - 2)
		return -ENOMEM;
	range->len = (range->nr + 2) * granule;
	range->start = reserve(NULL, range->len, 0);
	if (range->start == MAP_FAILED)
		return -ENOMEM;
	range->base = (char *)(((size_t)range->start + granule - 1) &
			       ~(granule - 1));
	return 0;
}

/* Reserve the row again, whatever is mapped. False: nothing was done. */
static bool reserve_row(struct na_port_range *range, u32 idx, u32 nr)
{
	size_t len = (size_t)nr << range->port->shift;
	char *addr = range->base + ((size_t)idx << range->port->shift);
	bool is_done = reserve(addr, len, MAP_FIXED) == addr;

	if (!is_done && drop_spare(range->port))
		is_done = reserve(addr, len, MAP_FIXED) == addr;
	if (!na_ptr_load_acquire(&range->port->spare))
		make_spare(range->port);
	return is_done;
}

static bool enlist(struct na_port *port, struct na_port_range *from,
		   struct na_port_range *to)
{
	u32 i;

	for (i = 0; i < NA_USER_RANGES_MAX; i++) {
		if (port->ranges[i] != from)
			continue;
		port->ranges[i] = to;
		return true;
	}
	return false;
}

int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **result)
{
	struct na_port_range *range;
	int err;

	range = calloc(1, sizeof(*range) + nr_slots *
		       (sizeof(range->entries[0]) + sizeof(range->types[0])));
	if (!range)
		return -ENOMEM;
	range->types = (u8 *)&range->entries[nr_slots];
	range->port = port;
	range->nr = nr_slots;
	if (!na_ptr_load_acquire(&port->spare))
		make_spare(port);
	err = reserve_range(range);
	if (!err && !enlist(port, NULL, range)) {
		munmap(range->start, range->len);
		err = -ENOMEM;
	}
	if (err) {
		free(range);
		return err;
	}
	*result = range;
	return 0;
}

void na_port_range_close(struct na_port_range *range)
{
	bool was_listed = enlist(range->port, range, NULL);

	(void)NA_ASSERT(was_listed);
	(void)drop_spare(range->port);
	munmap(range->start, range->len);
	free(range);
}

void na_user_port_abandon(struct na_port *port)
{
	struct na_port_range *range;
	u32 i;

	(void)drop_spare(port);
	for (i = 0; i < NA_USER_RANGES_MAX; i++) {
		range = port->ranges[i];
		if (range)
			munmap(range->start, range->len);
		port->ranges[i] = NULL;
		free(range);
	}
}

static char *slot_addr(const struct na_port_range *range, u32 idx)
{
	return range->base + ((size_t)idx << range->port->shift);
}

void *na_port_range_addr(struct na_port_range *range, u32 idx)
{
	return slot_addr(range, idx);
}

/* The kernel finds the CPUs that run the process. */
struct na_cpus na_port_range_cpus(struct na_port_range *range)
{
	(void)range;
	return (struct na_cpus){ .bits = ~0ull };
}

/* --- entries --------------------------------------------------------------- */

static void remember(struct na_port_range *range, u32 idx, u32 nr,
		     unsigned long entry, unsigned long step)
{
	for (; nr--; idx++, entry += step)
		na_word_write(&range->entries[idx], entry);
}

/* One line of /proc/self/maps. */
struct mapping {
	unsigned long start, end;
	unsigned long long offset;
	char prot[5];
};

/* Is the slot within it, and reserved or as we left it? */
static bool mapping_is_ours(const struct na_port_range *range, u32 idx,
			    const struct mapping *mapping)
{
	unsigned long at = (unsigned long)slot_addr(range, idx);
	u64 frame = na_word_read(&range->entries[idx]) - 1;

	if (at < mapping->start ||
	    mapping->end < at + (1ul << range->port->shift))
		return false;
	if (!strcmp(mapping->prot, "---p"))
		return !mapping->offset;
	return range->types[idx] == TYPE_LEFT && mapping->prot[3] == 's' &&
	       mapping->offset + (at - mapping->start) ==
	       frame << range->port->shift;
}

/* Does the row have no foreign mapping? */
static bool row_is_ours(const struct na_port_range *range, u32 idx, u32 nr)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct mapping mapping;
	char line[512];

	while (maps && nr && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s %llx", &mapping.start,
			   &mapping.end, mapping.prot, &mapping.offset) != 4)
			continue;
		while (nr && mapping_is_ours(range, idx, &mapping)) {
			idx++;
			nr--;
		}
	}
	if (maps)
		fclose(maps);
	return !nr;
}

/* After a failed mmap(): is the row still ours, or can it be reserved again? */
static int keep_row(struct na_port_range *range, u32 idx, u32 nr, int err)
{
	char *addr = slot_addr(range, idx);
	size_t len = (size_t)nr << range->port->shift;
	void *again = reserve(addr, len, MAP_FIXED_NOREPLACE);

	/* Another address: the kernel does not know the flag. */
	if (again != MAP_FAILED && again != addr)
		munmap(again, len);
	if (again == addr)
		remember(range, idx, nr, 0, 0);
	if (again == addr || row_is_ours(range, idx, nr))
		return err;
	memset(range->types + idx, NA_WB, nr);
	remember(range, idx, nr, ENTRY_LOST, 0);
	return 0;
}

int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type)
{
	struct na_port *port = range->port;
	int flags = MAP_SHARED | MAP_FIXED;
	void *addr = slot_addr(range, idx);

	(void)NA_ASSERT(run.nr && idx + run.nr <= range->nr);
	if (port->populates)
		flags |= MAP_POPULATE;
	na_atomic64_add(&port->nr_sets, 1);
	if (mmap(addr, (size_t)run.nr << port->shift, port->prot, flags,
		 port->fd, (off_t)run.first.nr << port->shift) == MAP_FAILED) {
		last_error = errno;
		return keep_row(range, idx, run.nr,
				errno == ENOMEM ? -ENOMEM : -EFAULT);
	}
	memset(range->types + idx, (int)type, run.nr);
	remember(range, idx, run.nr, run.first.nr + 1, 1);
	return 0;
}

static u32 count_row(const u32 *idxs, u32 nr)
{
	u32 i;

	for (i = 1; i < nr && idxs[i] == idxs[0] + i; i++)
		;
	return i;
}

/* Drop the page table entries, keep the mappings. False: that failed too. */
static bool leave_row(struct na_port_range *range, u32 idx, u32 nr)
{
	if (madvise(slot_addr(range, idx), (size_t)nr << range->port->shift,
		    MADV_DONTNEED))
		return false;
	memset(range->types + idx, TYPE_LEFT, nr);
	return true;
}

void na_port_window_clear(struct na_port_range *range, const u32 *idxs, u32 nr)
{
	u32 row;

	for (; nr; nr -= row, idxs += row) {
		row = count_row(idxs, nr);
		na_atomic64_add(&range->port->nr_clears, 1);
		if (reserve_row(range, idxs[0], row))
			remember(range, idxs[0], row, 0, 0);
		else
			/*
			 * Locked memory cannot be dropped; the slot reads back
			 * as present.
			 */
			(void)leave_row(range, idxs[0], row);
	}
}

bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type)
{
	unsigned long entry = na_word_read(&range->entries[idx]);

	*frame = na_frame(entry - 1);
	*type = (enum na_memtype)range->types[idx];
	return entry && range->types[idx] != TYPE_LEFT;
}

u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus)
{
	(void)range;
	(void)idxs;
	(void)nr;
	(void)cpus;
	return 0;
}

void na_port_window_invalidate(struct na_port_range *range, u32 idx)
{
	(void)range;
	(void)idx;
}

/* --- waiting --------------------------------------------------------------- */

static long futex(na_atomic32_t *word, int op, u32 value,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, &word->value, op | FUTEX_PRIVATE_FLAG, value,
		       timeout, NULL, 0);
}

int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = (time_t)(timeout_ns / NS_A_SECOND),
		.tv_nsec = (long)(timeout_ns % NS_A_SECOND),
	};
	bool is_bounded = timeout_ns / NS_A_SECOND < INT_MAX;

	(void)port;
	na_might_sleep();
	/* Not an error on a signal: the caller checks and waits again. */
	if (futex(word, FUTEX_WAIT, seen, is_bounded ? &timeout : NULL) &&
	    errno == ETIMEDOUT)
		return -ETIMEDOUT;
	return 0;
}

void na_port_wake(struct na_port *port, na_atomic32_t *word)
{
	(void)port;
	futex(word, FUTEX_WAKE, INT_MAX, NULL);
}
