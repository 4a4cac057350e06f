// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h on mappings. All that stay lie in the arena; what a
 * failed call may have taken away is unmapped, so that model and kernel agree.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "mman_calls.h"

#include <sys/personality.h>

#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

static size_t bytes(uint32_t nr)
{
	return (size_t)nr * PAGE;
}

static bool is_mappable(const struct fuzz_fd *fd, int prot)
{
	if (fd->access == O_WRONLY || prot & PROT_EXEC)
		return false;
	return fd->access == O_RDWR || !(prot & PROT_WRITE);
}

/* --- mmap ------------------------------------------------------------------------- */

/* Into the arena: where nothing is, or on top of what is there. */
static int op_map(void)
{
	static const int prots[] = { RW, RW, RW, RW, PROT_READ, PROT_NONE };
	struct fuzz_fd *fd = model_any_fd();
	int prot = fuzz_pick(prots), flags = MAP_FIXED;
	uint32_t page, nr, first;
	void *mem;

	if (!fd)
		return FUZZ_IDLE;
	page = fuzz_chance(2) ? 0 : fuzz_below(fd->buffer->nr);
	nr = fuzz_chance(2) ? fd->buffer->nr - page :
			      1 + fuzz_below(fd->buffer->nr - page);
	first = fuzz_chance(4) ? fuzz_below(ARENA_PAGES - nr) :
				 model_free_place(nr);
	if (first == ARENA_PAGES)
		return FUZZ_IDLE;
	flags |= fuzz_chance(4) ? MAP_SHARED_VALIDATE : MAP_SHARED;
	flags |= fuzz_chance(4) ? MAP_POPULATE : 0;
	flags |= fuzz_chance(8) ? MAP_LOCKED : 0;
	fuzz_note(fd->buffer->id, page, nr, first);
	mem = mmap(model_page(first), bytes(nr), prot, flags, fd->fd,
		   (off_t)page * PAGE);
	if (mem == MAP_FAILED) {
		int err = errno;

		/* What was there may be gone. */
		model_resync(first, nr);
		return -err;
	}
	fuzz_expect(is_mappable(fd, prot), WHAT_MUST_FAIL_FAILS,
		    "mapped with access %d and protection %d", fd->access, prot);
	model_map(first, nr, fd, page, prot);
	return FUZZ_DONE;
}

/* Anywhere, in forms of which most are refused, and unmapped at once. */
static int op_map_odd(void)
{
	static const int types[] = { MAP_PRIVATE, MAP_SHARED,
				     MAP_SHARED_VALIDATE };
	static const int more[] = {
		0, 0, 0, MAP_GROWSDOWN, MAP_HUGETLB, MAP_NORESERVE,
		MAP_POPULATE, MAP_ANONYMOUS, MAP_STACK, MAP_LOCKED, 1 << 30,
	};
	struct fuzz_fd *fd = model_any_fd();
	uint32_t page, nr;
	int prot = fuzz_below(8), type = fuzz_pick(types);
	int flags = type | fuzz_pick(more);
	void *mem;

	if (!fd)
		return FUZZ_IDLE;
	page = fuzz_below(fd->buffer->nr + 2);
	nr = 1 + fuzz_below(fd->buffer->nr + 2);
	if (fuzz_chance(8))
		page = fuzz_random() >> (12 + fuzz_below(32));
	fuzz_note(page, nr, prot, flags);
	mem = mmap(NULL, bytes(nr), prot, flags, fd->fd, (off_t)page * PAGE);
	if (mem == MAP_FAILED)
		return -errno;
	munmap(mem, bytes(nr));
	if (flags & MAP_ANONYMOUS)
		return FUZZ_DONE;
	fuzz_expect(is_mappable(fd, prot) && type != MAP_PRIVATE &&
		    page < fd->buffer->nr && nr <= fd->buffer->nr - page &&
		    !(flags & (MAP_HUGETLB | MAP_GROWSDOWN)),
		    WHAT_MUST_FAIL_FAILS,
		    "mapped %u pages from %u of %u, protection %d, flags %x",
		    nr, page, fd->buffer->nr, prot, flags);
	return FUZZ_DONE;
}

/* Programs that get all that is readable as executable: not this. */
static int op_map_implied(void)
{
	struct fuzz_fd *fd = model_any_fd();
	void *mem;
	int err;

	if (!fd)
		return FUZZ_IDLE;
	personality(READ_IMPLIES_EXEC);
	mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd->fd, 0);
	err = errno;
	personality(0);
	if (mem == MAP_FAILED)
		return -err;
	fuzz_expect(mprotect(mem, PAGE, PROT_EXEC), WHAT_MUST_FAIL_FAILS,
		    "what was executable by implication may become so");
	munmap(mem, PAGE);
	return FUZZ_DONE;
}

/* Any range, so that areas are cut, and several go at once. */
static int op_unmap(void)
{
	struct fuzz_span span = model_any_span();

	if (!span.nr)
		return FUZZ_IDLE;
	if (fuzz_chance(4))
		span.nr = 1 + fuzz_below(ARENA_PAGES - span.first);
	fuzz_note(span.first, span.nr, 0, 0);
	if (munmap(model_page(span.first), bytes(span.nr)))
		return -errno;
	model_unmap(span.first, span.nr);
	return FUZZ_DONE;
}

/* --- contents ------------------------------------------------------------------------ */

static bool is_readable(const struct fuzz_place *place)
{
	/* On x86 what can be written can be read. */
	return place->buffer && place->prot;
}

static int op_write(void)
{
	struct fuzz_span span = model_any_span();
	struct fuzz_place *place = &model.places[span.first];
	uint32_t i;

	if (!span.nr || !(place->prot & PROT_WRITE) || place->buffer->kept)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, place->buffer->id, place->page);
	for (i = 0; i < span.nr && i < 16; i++, place++)
		contents_fill(place->buffer, place->page,
			      model_page(span.first + i));
	return FUZZ_DONE;
}

/* The first @max pages of @span. */
static void check_pages(struct fuzz_span span, uint32_t max)
{
	const struct fuzz_place *place = &model.places[span.first];
	uint32_t i;

	for (i = 0; i < span.nr && i < max; i++, place++)
		contents_check(place->buffer, place->page,
			       model_page(span.first + i));
}

static int op_check(void)
{
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];

	if (!span.nr || !is_readable(place))
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, place->buffer->id, place->page);
	check_pages(span, 32);
	return FUZZ_DONE;
}

/* All of a buffer through a mapping of its own. */
static int op_check_all(void)
{
	struct fuzz_fd *fd = model_any_fd();
	uint32_t i;
	char *mem;

	if (!fd || fd->access == O_WRONLY)
		return FUZZ_IDLE;
	fuzz_note(fd->buffer->id, fd->buffer->nr, 0, 0);
	mem = mmap(NULL, bytes(fd->buffer->nr), PROT_READ, MAP_SHARED, fd->fd,
		   0);
	if (mem == MAP_FAILED)
		return -errno;
	for (i = 0; i < fd->buffer->nr; i++)
		contents_check(fd->buffer, i, mem + bytes(i));
	munmap(mem, bytes(fd->buffer->nr));
	return FUZZ_DONE;
}

/* The kernel copies, and takes the faults. */
static int op_copy(void)
{
	static uint32_t copy[PAGE / sizeof(uint32_t)];
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];
	int sides[2];

	if (!span.nr || !is_readable(place))
		return FUZZ_IDLE;
	if (pipe(sides))
		return -errno;
	fuzz_note(span.first, place->buffer->id, place->page, 0);
	fuzz_expect(write(sides[1], model_page(span.first), PAGE) == PAGE,
		    CONTENTS_STAY, "buffer %llu page %u: write: errno %d",
		    (unsigned long long)place->buffer->id, place->page, errno);
	if (read(sides[0], copy, PAGE) == PAGE)
		contents_check_copy(place->buffer, place->page, copy);
	close(sides[0]);
	close(sides[1]);
	return FUZZ_DONE;
}

/* --- what a process may do to its mappings ----------------------------------------------- */

static int op_mprotect(void)
{
	static const int prots[] = { RW, RW, RW, PROT_READ, PROT_NONE,
				     PROT_READ | PROT_EXEC, PROT_EXEC };
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];
	int prot = fuzz_pick(prots), err;
	uint32_t i;

	if (!span.nr)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, prot, place->may_write);
	if (mprotect(model_page(span.first), bytes(span.nr), prot)) {
		err = errno;
		if (err != EACCES)
			model_resync(span.first, span.nr);
		return -err;
	}
	fuzz_expect(!(prot & PROT_EXEC) &&
		    (place->may_write || !(prot & PROT_WRITE)),
		    WHAT_MUST_FAIL_FAILS, "protection %d, may write: %d", prot,
		    place->may_write);
	for (i = span.first; i < span.first + span.nr; i++)
		model.places[i].prot = prot;
	return FUZZ_DONE;
}

static int op_move(void)
{
	struct fuzz_span span = model_any_span();
	uint32_t to;
	void *mem;

	if (!span.nr)
		return FUZZ_IDLE;
	to = model_free_place(span.nr);
	if (to == ARENA_PAGES)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, to, 0);
	mem = mremap(model_page(span.first), bytes(span.nr), bytes(span.nr),
		     MREMAP_MAYMOVE | MREMAP_FIXED, model_page(to));
	if (mem == MAP_FAILED)
		return -errno;
	model_move(span.first, span.nr, to);
	return FUZZ_DONE;
}

static int op_shrink(void)
{
	struct fuzz_span span = model_any_span();
	uint32_t nr = 1 + fuzz_below(span.nr);
	void *mem;

	if (span.nr < 2)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, nr, 0);
	mem = mremap(model_page(span.first), bytes(span.nr), bytes(nr), 0);
	if (mem == MAP_FAILED) {
		/* The tail may be several areas, and gone. */
		int err = errno;

		model_resync(span.first, span.nr);
		return -err;
	}
	model_unmap(span.first + nr, span.nr - nr);
	return FUZZ_DONE;
}

/* Larger, twice, or leaving the old one: never. */
static int op_grow(void)
{
	struct fuzz_span span = model_any_span();
	char *from = model_page(span.first);
	void *mem;

	if (!span.nr)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, 0, 0);
	switch (fuzz_below(3)) {
	case 0:
		mem = mremap(from, bytes(span.nr), bytes(span.nr + 1),
			     MREMAP_MAYMOVE);
		break;
	case 1:
		mem = mremap(from, 0, bytes(span.nr), MREMAP_MAYMOVE);
		break;
	default:
		mem = mremap(from, bytes(span.nr), bytes(span.nr),
			     MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	}
	fuzz_expect(mem == MAP_FAILED, WHAT_MUST_FAIL_FAILS,
		    "a mapping of %u pages grew or was made twice", span.nr);
	return FUZZ_DONE;
}

static void set_dont_fork(struct fuzz_span span, bool dont_fork)
{
	uint32_t i;

	for (i = span.first; i < span.first + span.nr; i++)
		model.places[i].dont_fork = dont_fork;
}

static int op_madvise(void)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_DONTNEED, MADV_DONTNEED, MADV_DONTFORK,
		MADV_DOFORK, MADV_WILLNEED, MADV_NORMAL, MADV_RANDOM,
		MADV_SEQUENTIAL, MADV_DODUMP, MADV_DONTDUMP, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_REMOVE,
		MADV_FREE, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, MADV_COLLAPSE, MADV_WIPEONFORK,
		MADV_KEEPONFORK, MADV_HWPOISON, 101, 102, 103,
	};
	struct fuzz_span span = model_any_span();
	int advice = fuzz_pick(advices), err;

	if (!span.nr)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, advice, 0);
	if (madvise(model_page(span.first), bytes(span.nr), advice)) {
		err = errno;
		/* How far it got is not said. */
		if (advice == MADV_DONTFORK || advice == MADV_DOFORK)
			model_resync(span.first, span.nr);
		return -err;
	}
	if (advice == MADV_DONTFORK || advice == MADV_DOFORK)
		set_dont_fork(span, advice == MADV_DONTFORK);
	return FUZZ_DONE;
}

/* What is taken away comes back, and is the same. */
static int op_refault(void)
{
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];

	if (!span.nr || !is_readable(place))
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, place->buffer->id, place->page);
	if (madvise(model_page(span.first), bytes(span.nr), MADV_DONTNEED))
		return -errno;
	check_pages(span, 16);
	return FUZZ_DONE;
}

/* Another part of the buffer where one is mapped. */
static int op_remap_pages(void)
{
	struct fuzz_span span = model_any_span();
	const struct fuzz_place *place = &model.places[span.first];
	struct fuzz_fd source;
	uint32_t page;
	int prot, err;

	if (!span.nr)
		return FUZZ_IDLE;
	page = fuzz_below(place->buffer->nr);
	prot = place->prot;
	source = (struct fuzz_fd){
		.buffer = place->buffer,
		.access = place->may_write ? O_RDWR : O_RDONLY,
	};
	fuzz_note(span.first, span.nr, place->buffer->id, page);
	if (syscall(SYS_remap_file_pages, model_page(span.first),
		    bytes(span.nr), 0, page, 0)) {
		err = errno;
		model_resync(span.first, span.nr);
		return -err;
	}
	if (!fuzz_expect(span.nr <= place->buffer->nr - page,
			 WHAT_MUST_FAIL_FAILS,
			 "mapped %u pages from %u of %u anew", span.nr, page,
			 place->buffer->nr))
		return FUZZ_DONE;
	/* It stays alive although its last place goes. */
	source.buffer->nr_places++;
	model_map(span.first, span.nr, &source, page, prot);
	source.buffer->nr_places--;
	return FUZZ_DONE;
}

static int op_lock(void)
{
	struct fuzz_span span = model_any_span();
	unsigned char present[BUFFER_PAGES];
	char *mem = model_page(span.first);

	if (!span.nr)
		return FUZZ_IDLE;
	fuzz_note(span.first, span.nr, 0, 0);
	msync(mem, bytes(span.nr), MS_SYNC | MS_INVALIDATE);
	mincore(mem, bytes(span.nr), present);
	if (mlock(mem, bytes(span.nr)))
		return -errno;
	return munlock(mem, bytes(span.nr)) ? -errno : FUZZ_DONE;
}

const struct fuzz_op fuzz_area_ops[] = {
	{ "map", 60, BY_ALL_MEMBERS, op_map },
	{ "map_odd", 15, BY_ALL_MEMBERS, op_map_odd },
	{ "map_implied", 4, BY_ALL_MEMBERS, op_map_implied },
	{ "unmap", 25, BY_ALL_MEMBERS, op_unmap },
	{ "write", 60, BY_ALL_MEMBERS, op_write },
	{ "check", 60, BY_ALL_MEMBERS, op_check },
	{ "check_all", 10, BY_ALL_MEMBERS, op_check_all },
	{ "copy", 10, BY_ALL_MEMBERS, op_copy },
	{ "mprotect", 15, BY_ALL_MEMBERS, op_mprotect },
	{ "move", 12, BY_ALL_MEMBERS, op_move },
	{ "shrink", 6, BY_ALL_MEMBERS, op_shrink },
	{ "grow", 8, BY_ALL_MEMBERS, op_grow },
	{ "madvise", 30, BY_ALL_MEMBERS, op_madvise },
	{ "refault", 20, BY_ALL_MEMBERS, op_refault },
	{ "remap_pages", 6, BY_ALL_MEMBERS, op_remap_pages },
	{ "lock", 6, BY_ALL_MEMBERS, op_lock },
	{ 0 },
};
