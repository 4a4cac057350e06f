// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Page table entries of a buffer after each operation of a process on its
 * mapping. The suite runs this for each heap and each zone.
 *
 * The counterexample is Android's uncached heap on x86: PAT tracking turns
 * every entry that it inserts into WB, which reads and writes do not reveal.
 */
#define _GNU_SOURCE
#include "plant.h"

#include <stdlib.h>
#include <sys/personality.h>

#define NR (1024u + 37u)	/* frames: more than the largest block */
#define LEN (NR * PAGE)

struct world {
	int bed;
	int fd;
	char *mem;
	uint32_t pfns[NR];
};

static struct world new_world(void)
{
	struct world world = { .bed = open_bed(), .fd = new_buffer(LEN) };

	world.mem = map_buffer(world.fd, LEN);
	pfns_of(world.bed, world.mem, NR, world.pfns);
	return world;
}

/* Each page there, of the heap's type, special, and the frame expected. */
static void expect_entries(const struct world *world, const char *mem,
			   bool writable)
{
	struct plant_entry entry;
	uint32_t i;

	for (i = 0; i < NR; i++) {
		entry = peek_user(world->bed, mem + i * PAGE);
		EXPECT_EQ(entry.present, 1);
		EXPECT_EQ(entry.pfn, world->pfns[i]);
		EXPECT_EQ(entry.type, plant_heap_type());
		EXPECT_EQ(entry.special, 1);
		EXPECT_EQ(entry.writable, writable);
	}
}

static void touch_all(char *mem)
{
	uint32_t i;

	for (i = 0; i < NR; i++)
		((volatile char *)mem)[i * PAGE] ^= 1;
}

/* --- the process's entries ----------------------------------------------------- */

/* kills: a user protection that is left WB; vm_insert_page() */
static void entries_after_mmap(void)
{
	struct world world = new_world();

	expect_entries(&world, world.mem, true);
}

#define NR_BUFFERS 8

/* Writes as a debugger does, which asks the buffer and not the entries. */
static void write_beside_entries(const struct world *world)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	uint32_t i;

	EXPECT(fd >= 0);
	for (i = 0; i < NR; i++)
		EXPECT_EQ(pwrite(fd, &i, sizeof(i),
				 (off_t)(uintptr_t)(world->mem + i * PAGE)),
			  sizeof(i));
	close(fd);
}

static uint32_t nr_runs_of(const struct world *world)
{
	uint32_t i, nr = 1;

	for (i = 1; i < NR; i++)
		nr += world->pfns[i] != world->pfns[i - 1] + 1;
	return nr;
}

/*
 * Blocks of one buffer may be neighbours; of several buffers not all are.
 *
 * kills: entries that go on behind the end of a run, to frames of others
 */
static void entries_show_the_buffers_frames(void)
{
	struct world worlds[NR_BUFFERS];
	uint32_t i, j, nr_runs = 0;

	for (i = 0; i < NR_BUFFERS; i++) {
		worlds[i] = new_world();
		write_beside_entries(&worlds[i]);
		for (j = 0; j < NR; j++)
			EXPECT_EQ(*(volatile uint32_t *)(worlds[i].mem + j * PAGE), j);
		nr_runs += nr_runs_of(&worlds[i]);
	}
	say("%u runs in %u buffers", nr_runs, NR_BUFFERS);
	EXPECT(nr_runs > NR_BUFFERS);
}

/* Not even ordinary memory is protected by 6.1 on i386 with PAE, where
 * vm_get_page_prot() loses the bit; no entry of ours may be worse.
 */
static uint32_t ordinary_is_executable(int bed)
{
	volatile char *mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	EXPECT(mem != MAP_FAILED);
	*mem = 1;
	return peek_user(bed, mem).executable;
}

/* kills: VM_EXEC dropped from the area and left in its entries */
static void entries_are_not_executable(void)
{
	struct world world = new_world();
	uint32_t i, usual = ordinary_is_executable(world.bed);
	char *mem;

	EXPECT(personality(READ_IMPLIES_EXEC) >= 0);
	mem = map_buffer(world.fd, LEN);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(peek_user(world.bed, world.mem + i * PAGE).executable,
			  usual);
		EXPECT_EQ(peek_user(world.bed, mem + i * PAGE).executable,
			  usual);
	}
	expect_entries(&world, mem, true);
	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	touch_all(mem);
	EXPECT_EQ(peek_user(world.bed, mem).executable, usual);
}

/* kills: entries that change once the memory is used */
static void entries_after_use(void)
{
	struct world world = new_world();

	fill(world.mem, LEN, 7);
	EXPECT(holds(world.mem, LEN, 7));
	expect_entries(&world, world.mem, true);
}

/* kills: a second mapping that gets another type than the first */
static void entries_of_second_mapping(void)
{
	struct world world = new_world();
	char *mem = map_buffer(world.fd, LEN);

	expect_entries(&world, mem, true);
	expect_entries(&world, world.mem, true);
}

/* kills: a protection built from a constant that drops the type */
static void entries_after_read_only_mmap(void)
{
	struct world world = new_world();
	char *mem = mmap(NULL, LEN, PROT_READ, MAP_SHARED, world.fd, 0);

	EXPECT(mem != MAP_FAILED);
	expect_entries(&world, mem, false);
}

/* kills: an area whose own protection is not that of its entries */
static void entries_after_mprotect_and_back(void)
{
	struct world world = new_world();

	EXPECT(!mprotect(world.mem, LEN, PROT_READ));
	expect_entries(&world, world.mem, false);
	EXPECT(!mprotect(world.mem, LEN, PROT_READ | PROT_WRITE));
	touch_all(world.mem);
	expect_entries(&world, world.mem, true);
}

static void check_in_child(void *arg)
{
	struct world *world = arg;

	expect_entries(world, world->mem, true);
	touch_all(world->mem);
	expect_entries(world, world->mem, true);
	world->mem[5] = 77;
}

/* kills: a child that gets entries of another type, copies, or none */
static void entries_in_child_after_fork(void)
{
	struct world world = new_world();

	EXPECT(passes(start(check_in_child, &world)));
	EXPECT_EQ(world.mem[5], 77);
	expect_entries(&world, world.mem, true);
}

/* kills: VM_DONTCOPY taken back by the process, entries made anew; a flag of the
 * area that keeps the kernel from taking it back
 */
static void entries_in_child_after_dofork(void)
{
	struct world world = new_world();

	EXPECT(!madvise(world.mem, LEN, MADV_DONTFORK));
	EXPECT_EQ(!madvise(world.mem, LEN, MADV_DOFORK), dofork_is_let());
	EXPECT_EQ(passes(start(check_in_child, &world)), dofork_is_let());
}

/* kills: entries made anew at the new place, by a path that asks PAT */
static void entries_after_mremap_move(void)
{
	struct world world = new_world();
	char *place = mmap(NULL, LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	char *mem;

	EXPECT(place != MAP_FAILED);
	mem = mremap(world.mem, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED,
		     place);
	EXPECT(mem == place);
	expect_entries(&world, mem, true);
	touch_all(mem);
	expect_entries(&world, mem, true);
}

static void expect_absent(const struct world *world)
{
	uint32_t i;

	for (i = 0; i < NR; i++)
		EXPECT(!peek_user(world->bed, world->mem + i * PAGE).present);
}

/* kills: a fault handler that maps WB because nothing marked the page */
static void entries_after_dontneed_and_fault(void)
{
	struct world world = new_world();

	fill(world.mem, LEN, 8);
	EXPECT(!madvise(world.mem, LEN, MADV_DONTNEED));
	expect_absent(&world);
	EXPECT(holds(world.mem, LEN, 8));
	touch_all(world.mem);
	expect_entries(&world, world.mem, true);
}

/* kills: a fault handler that forgets where the area begins in the buffer */
static void entries_after_fault_at_offset(void)
{
	struct world world = new_world();
	char *mem = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			 world.fd, 20 * PAGE);
	struct plant_entry entry;

	EXPECT(mem != MAP_FAILED);
	EXPECT_EQ(peek_user(world.bed, mem + 4 * PAGE).pfn, world.pfns[24]);
	EXPECT(!madvise(mem, 5 * PAGE, MADV_DONTNEED));
	mem[3 * PAGE] = 1;
	entry = peek_user(world.bed, mem + 3 * PAGE);
	EXPECT_EQ(entry.pfn, world.pfns[23]);
	EXPECT_EQ(entry.type, plant_heap_type());
	EXPECT_EQ(entry.special, 1);
	EXPECT(!peek_user(world.bed, mem).present);
}

/* kills: the fault handler after a move or a hole */
static void entries_after_hole_move_and_fault(void)
{
	struct world world = new_world();
	char *place = mmap(NULL, LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	struct plant_entry entry;

	EXPECT(!munmap(world.mem + 8 * PAGE, PAGE));
	EXPECT(mremap(world.mem + 9 * PAGE, 4 * PAGE, 4 * PAGE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
	EXPECT(!madvise(place, 4 * PAGE, MADV_DONTNEED));
	place[2 * PAGE] = 1;
	entry = peek_user(world.bed, place + 2 * PAGE);
	EXPECT_EQ(entry.pfn, world.pfns[11]);
	EXPECT_EQ(entry.type, plant_heap_type());
}

/* --- the kernel's entries ------------------------------------------------------- */

static void expect_kernel_clean(const struct world *world)
{
	struct plant_frames found = scan_kernel(world->bed, world->pfns, NR,
						plant_heap_type());

	EXPECT_EQ(found.nr_kmap, 0);
	EXPECT_EQ(found.nr_fixmap, 0);
	EXPECT_EQ(found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
}

/* kills: a purge that is skipped, a direct map that is left WB */
static void kernel_entries_while_held(void)
{
	struct world world = new_world();

	expect_kernel_clean(&world);
	fill(world.mem, LEN, 9);
	expect_kernel_clean(&world);
}

/* kills: a mark that is skipped */
static void page_flags_while_held(void)
{
	struct world world = new_world();
	struct plant_page page;
	uint32_t i;

	for (i = 0; i < NR; i++) {
		page = look_at_page(world.bed, world.pfns[i]);
		EXPECT_EQ(page.tracked, plant_heap_type());
		EXPECT_EQ(page.pool_va, 0);
		EXPECT_EQ(page.direct, page.high ? PLANT_ABSENT :
						   plant_heap_type());
	}
}

static void release(struct world *world)
{
	EXPECT(!munmap(world->mem, LEN));
	EXPECT(!close(world->fd));
	EXPECT_EQ(nr_held(), 0);
}

/*
 * Held by another reference a page does not reach the allocator, which would
 * clear its flags itself and hide that we did not. Only the first page of a
 * block has a count to hold it by.
 */
static uint32_t keep_some(const struct world *world, uint32_t *kept)
{
	uint32_t i, nr = 0;

	for (i = 0; i < NR; i++) {
		if (!look_at_page(world->bed, world->pfns[i]).refs)
			continue;
		keep_pages(world->bed, &world->pfns[i], 1);
		kept[nr++] = world->pfns[i];
	}
	EXPECT(nr >= 6);
	return nr;
}

/* kills: a direct map that is not restored; marks that stay */
static void kept_pages_are_wb_after_free(void)
{
	struct world world = new_world();
	struct plant_page page;
	uint32_t i, nr, kept[NR];

	nr = keep_some(&world, kept);
	release(&world);
	for (i = 0; i < nr; i++) {
		page = look_at_page(world.bed, kept[i]);
		EXPECT_EQ(page.tracked, PLANT_WB);
		EXPECT_EQ(page.direct, page.high ? PLANT_ABSENT : PLANT_WB);
		EXPECT_EQ(page.pool_va, 0);
	}
}

/* kills: a direct map that is not restored, seen on pages given back */
static void freed_frames_are_wb(void)
{
	struct world world = new_world();

	release(&world);
	EXPECT_EQ(scan_kernel(world.bed, world.pfns, NR,
			      PLANT_WB).nr_direct_odd, 0);
}

/* kills: a reference taken by a mapping and never given back */
static void kept_pages_have_one_reference_after_free(void)
{
	struct world world = new_world();
	uint32_t i, nr, kept[NR];

	nr = keep_some(&world, kept);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(look_at_page(world.bed, kept[i]).refs, 2);
	release(&world);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(look_at_page(world.bed, kept[i]).refs, 1);
}

static const struct guest_case cases[] = {
	CASE(entries_after_mmap),
	CASE(entries_show_the_buffers_frames),
	CASE(entries_are_not_executable),
	CASE(entries_after_use),
	CASE(entries_of_second_mapping),
	CASE(entries_after_read_only_mmap),
	CASE(entries_after_mprotect_and_back),
	CASE(entries_in_child_after_fork),
	CASE(entries_in_child_after_dofork),
	CASE(entries_after_mremap_move),
	CASE(entries_after_dontneed_and_fault),
	CASE(entries_after_fault_at_offset),
	CASE(entries_after_hole_move_and_fault),
	CASE(kernel_entries_while_held),
	CASE(page_flags_while_held),
	CASE(kept_pages_are_wb_after_free),
	CASE(freed_frames_are_wb),
	CASE(kept_pages_have_one_reference_after_free),
};
GUEST_MAIN(cases)
