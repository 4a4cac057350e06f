// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Scenarios in a process: windows on this machine's own MMU, over frames that
 * are pages of a memfd.
 *
 * Ranges, slots, local windows, clears and shootdowns are the port's, real
 * mappings that are read and written. The rest of the machine is arrays: a
 * process has no direct map whose type it could change, and no kmap pool. So
 * the log proves the window's steps on real page tables, and of a conversion
 * only that the engine asks for the same things in the same order.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user.h"
#include "world.h"

#define NR_LOW		6u
#define NR_FRAMES	14u
#define NR_POOL		4u
#define PAGE		4096u

struct pool_slot {
	void *addr;		/* NULL: no entry */
	unsigned long frame;
	u32 users;
};

static struct na_port port;
static struct na_machine machine;
static struct scn scn;
static char text[65536];

static u8 *memory;		/* all frames, for the world's own use */
static bool is_taken[NR_FRAMES];
static enum na_memtype direct[NR_FRAMES];
static struct pool_slot pool[NR_POOL];

/* --- the rest of the machine ------------------------------------------------- */

bool na_port_frame_is_direct(struct na_port *p, struct na_frame frame)
{
	(void)p;
	return frame.nr < NR_LOW;
}

bool na_port_direct_has(struct na_port *p, struct na_frame frame,
			enum na_memtype type)
{
	(void)p;
	return direct[frame.nr] == type;
}

int na_port_direct_set(struct na_port *p, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	u32 i, j;

	*nr_done = (u32)na_runs_count_frames(runs, nr_runs);

	for (i = 0; i < nr_runs; i++)
		for (j = 0; j < runs[i].nr; j++)
			if (na_port_frame_is_direct(p, runs[i].first))
				direct[runs[i].first.nr + j] = type;
	return 0;
}

void na_port_frames_lost(struct na_port *p, u32 nr, const char *why)
{
	(void)p;
	(void)nr;
	(void)why;
}

void na_port_runs_mark(struct na_port *p, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	(void)p;
	(void)runs;
	(void)nr_runs;
	(void)type;
}

void na_port_tlb_flush(struct na_port *p)
{
	(void)p;
}

void na_port_wc_drain(struct na_port *p)
{
	(void)p;
}

void na_port_wc_drain_own(struct na_port *p)
{
	(void)p;
}

int na_port_cache_clean(struct na_port *p, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	(void)p;
	(void)runs;
	(void)nr_runs;
	(void)type;
	return 0;
}

bool na_port_is_dying(struct na_port *p)
{
	(void)p;
	return false;
}

/* --- the kmap pool -------------------------------------------------------------- */

static void *map_frame(struct na_frame frame)
{
	void *addr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  port.fd, (off_t)frame.nr * PAGE);

	return addr == MAP_FAILED ? NULL : addr;
}

static struct pool_slot *find_pool(struct na_frame frame)
{
	struct pool_slot *slot;

	for (slot = pool; slot < pool + NR_POOL; slot++)
		if (slot->addr && slot->frame == frame.nr)
			return slot;
	return NULL;
}

u32 na_port_kmap_nr_slots(struct na_port *p)
{
	(void)p;
	return NR_POOL;
}

bool na_port_kmap_holds(struct na_port *p, struct na_frame frame)
{
	(void)p;
	return find_pool(frame);
}

u32 na_port_kmap_list(struct na_port *p, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	u32 i, nr = 0;

	(void)p;
	for (i = 0; i < NR_POOL; i++) {
		if (!pool[i].addr || pool[i].frame < lowest.nr ||
		    pool[i].frame > highest.nr)
			continue;
		na_bloom_add(bloom, na_frame(pool[i].frame));
		nr++;
	}
	return nr;
}

void na_port_kmap_purge(struct na_port *p)
{
	struct pool_slot *slot;

	(void)p;
	for (slot = pool; slot < pool + NR_POOL; slot++) {
		if (!slot->addr || slot->users)
			continue;
		munmap(slot->addr, PAGE);
		slot->addr = NULL;
	}
}

/* --- world.h --------------------------------------------------------------------- */

bool scn_world_has_high(struct na_port *p)
{
	(void)p;
	return true;
}

void scn_world_line(struct na_port *p, const char *line)
{
	(void)p;
	(void)line;
}

static bool is_free(u32 first, u32 nr, bool is_high)
{
	u32 i;

	for (i = first; i < first + nr; i++)
		if (i >= NR_FRAMES || is_taken[i] || (i >= NR_LOW) != is_high)
			return false;
	return true;
}

int scn_world_take(struct na_port *p, u32 order, bool is_high,
		   struct na_frame *first)
{
	u32 nr = 1u << order, at;

	(void)p;
	for (at = 0; at < NR_FRAMES; at += nr) {
		if (!is_free(at, nr, is_high))
			continue;
		memset(is_taken + at, true, nr);
		memset(memory + at * PAGE, 0, nr * PAGE);
		*first = na_frame(at);
		return 0;
	}
	return -ENOMEM;
}

void scn_world_give(struct na_port *p, struct na_frame first, u32 order)
{
	(void)p;
	memset(is_taken + first.nr, false, 1u << order);
}

void *scn_world_kmap(struct na_port *p, struct na_frame frame)
{
	struct pool_slot *slot = find_pool(frame);
	u32 i;

	(void)p;
	for (i = 0; !slot && i < NR_POOL; i++)
		slot = pool[i].addr ? NULL : &pool[i];
	if (!slot)
		return NULL;
	if (!slot->addr)
		slot->addr = map_frame(frame);
	slot->frame = frame.nr;
	slot->users++;
	return slot->addr;
}

void scn_world_kunmap(struct na_port *p, struct na_frame frame, void *addr)
{
	(void)p;
	(void)addr;
	find_pool(frame)->users--;
}

void *scn_world_vmap(struct na_port *p, struct na_frame frame)
{
	(void)p;
	return map_frame(frame);
}

void scn_world_vunmap(struct na_port *p, void *addr)
{
	(void)p;
	munmap(addr, PAGE);
}

void scn_world_poke(struct na_port *p, struct na_frame frame, u8 value)
{
	(void)p;
	memory[frame.nr * PAGE] = value;
}

u8 scn_world_load(struct na_port *p, void *addr)
{
	(void)p;
	return *(volatile u8 *)addr;
}

void scn_world_store(struct na_port *p, void *addr, u8 value)
{
	(void)p;
	*(volatile u8 *)addr = value;
}

void scn_world_hold(struct na_port *p, struct na_frame frame, bool holds)
{
	(void)p;
	(void)frame;
	(void)holds;
}

/* --- the run ----------------------------------------------------------------------- */

static int read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file) {
		perror(path);
		return -1;
	}
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = 0;
	fclose(file);
	return 0;
}

static int make_machine(void)
{
	port.fd = memfd_create("frames", MFD_CLOEXEC);
	port.shift = 12;
	port.prot = PROT_READ | PROT_WRITE;
	port.nr_cpus = 3;
	if (port.fd < 0 || ftruncate(port.fd, NR_FRAMES * PAGE))
		return -1;
	memory = mmap(NULL, NR_FRAMES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED, port.fd, 0);
	if (memory == MAP_FAILED)
		return -1;
	na_user_port_init(&port);
	return na_machine_init(&machine, &port, NR_FRAMES);
}

int main(int argc, char **argv)
{
	bool is_good;

	if (argc != 2 || read_text(argv[1])) {
		fprintf(stderr, "usage: scenario-user TEXT\n");
		return 2;
	}
	if (make_machine()) {
		perror("scenario-user");
		return 2;
	}
	scn.port = &port;
	scn.machine = &machine;
	is_good = scn_run(&scn, text);
	fputs(scn.log, stdout);
	return !is_good;
}
