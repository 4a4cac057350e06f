// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a member has: descriptors, mappings, and what must be in them. See
 * fuzz.h.
 */
#include "fuzz.h"
#include "../../include/uapi/noalias.h"

#include <setjmp.h>

struct fuzz_model model;
char *arena;

/* --- contents ------------------------------------------------------------------ */

/* The last bits of a word, for the generation; never 0. */
#define GEN_MASK 15u

static sigjmp_buf fault_jump;
static volatile sig_atomic_t faults_jump;

static void on_fault(int sig)
{
	if (faults_jump)
		siglongjmp(fault_jump, 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

void contents_catch_faults(void)
{
	struct sigaction action = {
		.sa_handler = on_fault, .sa_flags = SA_NODEFER,
	};

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* False: one of the two ends in a fault. */
static bool copy_page(volatile uint32_t *to, const volatile uint32_t *from)
{
	unsigned int i;

	if (sigsetjmp(fault_jump, 0)) {
		faults_jump = 0;
		return false;
	}
	faults_jump = 1;
	for (i = 0; i < PAGE / sizeof(*to); i++)
		to[i] = from[i];
	faults_jump = 0;
	return true;
}

bool contents_copy_in(uint32_t *copy, const void *mem)
{
	return copy_page(copy, mem);
}

bool contents_is_zero(const void *mem, size_t len)
{
	static uint32_t copy[PAGE / sizeof(uint32_t)];
	size_t at, i;

	for (at = 0; at < len; at += PAGE) {
		if (!contents_copy_in(copy, (const char *)mem + at))
			return false;
		for (i = 0; i < ARRAY_SIZE(copy); i++)
			if (copy[i])
				return false;
	}
	return true;
}

uint32_t contents_word(const struct fuzz_buffer *buffer, uint32_t page,
		       uint32_t idx, uint8_t gen)
{
	uint32_t word = (uint32_t)buffer->id * 2654435761u ^
			(page << 10 | idx) * 2246822519u;

	word = (word ^ word >> 15) * 3266489917u;
	return ((word ^ word >> 13) & ~GEN_MASK) | gen;
}

void contents_are_wild(const struct fuzz_buffer *buffer)
{
	__atomic_fetch_or(&fuzz.shared->wild[buffer->id / 8 % FUZZ_WILD_LEN],
			  1u << buffer->id % 8, __ATOMIC_SEQ_CST);
}

static bool is_wild(const struct fuzz_buffer *buffer)
{
	uint8_t byte = __atomic_load_n(&fuzz.shared->wild[buffer->id / 8 %
							  FUZZ_WILD_LEN],
				       __ATOMIC_SEQ_CST);

	return byte & 1u << buffer->id % 8;
}

static bool is_right(const struct fuzz_buffer *buffer, uint32_t page,
		     uint32_t idx, uint32_t word)
{
	uint8_t gen = buffer->gens[page];

	if (buffer->shared || buffer->kept)
		return !word || (word & GEN_MASK &&
		       word == contents_word(buffer, page, idx,
					     word & GEN_MASK));
	return word == (gen ? contents_word(buffer, page, idx, gen) : 0);
}

void contents_check_copy(const struct fuzz_buffer *buffer, uint32_t page,
			 const uint32_t *copy)
{
	enum fuzz_promise promise = buffer->shared || buffer->kept ?
		CONTENTS_ARE_OF_THE_BUFFER : CONTENTS_STAY;
	uint32_t i;

	/* Set before a device gets it, asked after the page was read. */
	for (i = 0; !is_wild(buffer) && i < PAGE / sizeof(*copy); i++) {
		if (is_right(buffer, page, i, copy[i]))
			continue;
		fuzz_broken(promise,
			    "buffer %llu page %u of %u word %u is %08x, generation %u would be %08x",
			    (unsigned long long)buffer->id, page, buffer->nr, i,
			    copy[i], buffer->gens[page],
			    contents_word(buffer, page, i, buffer->gens[page]));
		return;
	}
}

void contents_check(const struct fuzz_buffer *buffer, uint32_t page,
		    const void *mem)
{
	static uint32_t copy[PAGE / sizeof(uint32_t)];

	if (fuzz_expect(contents_copy_in(copy, mem), CONTENTS_STAY,
			"buffer %llu page %u: reading was a fault",
			(unsigned long long)buffer->id, page))
		contents_check_copy(buffer, page, copy);
}

void contents_set_gen(struct fuzz_buffer *buffer, uint32_t page, uint8_t gen)
{
	buffer->gens[page] = gen;
}

uint8_t contents_make(const struct fuzz_buffer *buffer, uint32_t page,
		      uint32_t *copy)
{
	uint8_t gen = 1 + fuzz_below(GEN_MASK);
	uint32_t i;

	for (i = 0; i < PAGE / sizeof(*copy); i++)
		copy[i] = contents_word(buffer, page, i, gen);
	return gen;
}

void contents_fill(struct fuzz_buffer *buffer, uint32_t page, void *mem)
{
	static uint32_t copy[PAGE / sizeof(uint32_t)];
	uint8_t gen = contents_make(buffer, page, copy);

	if (fuzz_expect(copy_page(mem, copy), CONTENTS_STAY,
			"buffer %llu page %u: writing was a fault",
			(unsigned long long)buffer->id, page))
		contents_set_gen(buffer, page, gen);
}

/* --- buffers and descriptors ------------------------------------------------------ */

static void forget_unused(struct fuzz_buffer *buffer)
{
	if (!buffer->nr_fds && !buffer->nr_places)
		buffer->id = 0;
}

static struct fuzz_buffer *find_buffer(uint64_t id)
{
	size_t i;

	for (i = 0; i < BUFFERS_MAX; i++)
		if (model.buffers[i].id == id)
			return &model.buffers[i];
	return NULL;
}

static struct fuzz_buffer *new_entry(const struct noalias_query_buffer *query)
{
	struct fuzz_buffer *buffer = find_buffer(0);

	if (!buffer || query->len > BUFFER_PAGES * PAGE)
		return NULL;
	memset(buffer, 0, sizeof(*buffer));
	buffer->id = query->id;
	buffer->nr = query->len / PAGE;
	buffer->heap = query->memtype == NOALIAS_IOC_WC;
	return buffer;
}

/* All of one, so that another has room. */
static void drop_buffer(const struct fuzz_buffer *buffer)
{
	uint32_t i;

	for (i = 0; i < FDS_MAX; i++)
		if (model.fds[i].fd && model.fds[i].buffer == buffer)
			model_close(&model.fds[i]);
	for (i = 0; i < ARENA_PAGES; i++)
		if (model.places[i].buffer == buffer)
			model_resync(i, 1);
}

void model_make_room(void)
{
	if (!find_buffer(0))
		drop_buffer(&model.buffers[fuzz_below(BUFFERS_MAX)]);
}

static struct fuzz_fd *free_fd(void)
{
	size_t i;

	for (i = 0; i < FDS_MAX; i++)
		if (!model.fds[i].fd)
			return &model.fds[i];
	return NULL;
}

struct fuzz_fd *model_add_fd(int fd, int access)
{
	struct noalias_query_buffer query = { .fd = fd };
	struct fuzz_fd *entry = free_fd();
	struct fuzz_buffer *buffer = NULL;

	if (entry && !ioctl(fuzz.node, NOALIAS_IOC_QUERY_BUFFER, &query))
		buffer = find_buffer(query.id) ?: new_entry(&query);
	if (!buffer) {
		close(fd);
		return NULL;
	}
	buffer->nr_fds++;
	*entry = (struct fuzz_fd){ .fd = fd, .access = access,
				   .buffer = buffer };
	return entry;
}

struct fuzz_fd *model_any_fd(void)
{
	uint32_t i, start = fuzz_below(FDS_MAX);

	for (i = 0; i < FDS_MAX; i++)
		if (model.fds[(start + i) % FDS_MAX].fd)
			return &model.fds[(start + i) % FDS_MAX];
	return NULL;
}

void model_forget(struct fuzz_fd *fd)
{
	fd->fd = 0;
	fd->buffer->nr_fds--;
	forget_unused(fd->buffer);
}

void model_close(struct fuzz_fd *fd)
{
	close(fd->fd);
	model_forget(fd);
}

static bool is_known(int fd)
{
	size_t i;

	for (i = 0; i < FDS_MAX; i++)
		if (model.fds[i].fd == fd)
			return true;
	return false;
}

void model_close_unknown(void)
{
	int fd;

	for (fd = 3; fd < FIRST_COMMON_FD; fd++)
		if (!is_known(fd))
			close(fd);
}

/* --- the arena ----------------------------------------------------------------------- */

void model_make_arena(void)
{
	arena = mmap(NULL, ARENA_LEN, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	EXPECT(arena != MAP_FAILED);
}

void model_unmap(uint32_t first, uint32_t nr)
{
	struct fuzz_place *place;
	uint32_t i;

	for (i = first; i < first + nr; i++) {
		place = &model.places[i];
		if (!place->buffer)
			continue;
		place->buffer->nr_places--;
		forget_unused(place->buffer);
		place->buffer = NULL;
	}
}

void model_map(uint32_t first, uint32_t nr, const struct fuzz_fd *fd,
	       uint32_t page, int prot)
{
	uint32_t i;

	model_unmap(first, nr);
	for (i = 0; i < nr; i++)
		model.places[first + i] = (struct fuzz_place){
			.buffer = fd->buffer, .page = page + i, .prot = prot,
			.may_write = fd->access == O_RDWR,
		};
	fd->buffer->nr_places += nr;
}

void model_move(uint32_t from, uint32_t nr, uint32_t to)
{
	memcpy(&model.places[to], &model.places[from],
	       nr * sizeof(model.places[0]));
	memset(&model.places[from], 0, nr * sizeof(model.places[0]));
}

void model_resync(uint32_t first, uint32_t nr)
{
	while (munmap(model_page(first), nr * PAGE) && errno == ENOMEM)
		sleep_ms(1);
	model_unmap(first, nr);
}

/* Does the place after @idx go on with the next page in the same way? */
static bool goes_on(uint32_t idx)
{
	const struct fuzz_place *a = &model.places[idx], *b = a + 1;

	return idx + 1 < ARENA_PAGES && a->buffer == b->buffer &&
	       b->page == a->page + 1 && a->prot == b->prot &&
	       a->may_write == b->may_write && a->dont_fork == b->dont_fork;
}

struct fuzz_span model_any_span(void)
{
	uint32_t i, at = fuzz_below(ARENA_PAGES), first, nr = 1;

	for (i = 0; i < ARENA_PAGES && !model.places[at].buffer; i++)
		at = (at + 1) % ARENA_PAGES;
	if (!model.places[at].buffer)
		return (struct fuzz_span){ 0 };
	/* From its beginning as often as from the middle. */
	first = at;
	while (fuzz_chance(2) && first && goes_on(first - 1))
		first--;
	while (goes_on(first + nr - 1) && !fuzz_chance(32))
		nr++;
	return (struct fuzz_span){ .first = first, .nr = nr };
}

uint32_t model_free_place(uint32_t nr)
{
	uint32_t first = fuzz_below(ARENA_PAGES), found = 0, i;

	for (i = first; i < first + 2 * ARENA_PAGES; i++) {
		/* Not around the end. */
		if (i % ARENA_PAGES == 0)
			found = 0;
		found = model.places[i % ARENA_PAGES].buffer ? 0 : found + 1;
		if (found == nr)
			return i % ARENA_PAGES + 1 - nr;
	}
	return ARENA_PAGES;
}

/* --- forks ---------------------------------------------------------------------------- */

void model_share(void)
{
	size_t i;

	for (i = 0; i < BUFFERS_MAX; i++)
		model.buffers[i].shared = true;
}

void model_is_child(bool may_write)
{
	uint32_t i;

	for (i = 0; i < BUFFERS_MAX; i++) {
		if (!may_write && !model.buffers[i].shared)
			model.buffers[i].kept = true;
	}
	for (i = 0; i < ARENA_PAGES; i++)
		if (model.places[i].buffer && model.places[i].dont_fork)
			model_unmap(i, 1);
}
