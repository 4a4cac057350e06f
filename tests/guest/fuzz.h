/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: fuzz
 *
 * Hostile users, at random. Members without rights and a warden, who is root,
 * take operations from one table until the time is up; whoever dies is started
 * anew. What they do is fuzz_*.c, each with its part of the table; fuzz.c
 * starts them and has the verdict.
 *
 * What operation @nr of a worker is, and what it is asked to choose, depends on
 * nothing but the seed, the worker, its life and @nr: not on what came before.
 * So a seed gives the same requests again however they were answered; what the
 * scheduler does with them is not repeated.
 *
 * A member keeps a model of what it has (fuzz_model.c): which page of its arena
 * shows which page of which buffer, with which rights, and what must be in it.
 * All mappings that it keeps lie in the arena, so the model knows what a hole,
 * a move or a mapping on top of another leaves. The contents of a buffer that
 * nobody else has are known exactly; of one that others may write to it is
 * known that each word is 0 or was made for its place in this buffer: the
 * number of a buffer is in all its words, so what another owner left is seen.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMBERS_MAX 8u
#define WORKERS_MAX (MEMBERS_MAX + 1)
#define WARDEN MEMBERS_MAX
#define OPS_MAX 96u
#define RW (PROT_READ | PROT_WRITE)

/* --- the table ------------------------------------------------------------ */

/* Who takes an operation. */
#define BY_MEMBER 1u
#define BY_CHILD 2u	/* of a member; it must end by itself */
#define BY_WARDEN 4u
#define BY_ALL_MEMBERS (BY_MEMBER | BY_CHILD)

/* What run() may return beside a negative errno, which is a refusal. */
#define FUZZ_DONE 0
#define FUZZ_IDLE 1	/* there was nothing to do it with */

/**
 * struct fuzz_op - one kind of operation
 * @name: a word
 * @weight: how often, against the others of the same worker
 * @by: BY_*
 * @run: does it. What must be refused is FUZZ_DONE when it was.
 */
struct fuzz_op {
	const char *name;
	unsigned int weight;
	unsigned int by;
	int (*run)(void);
};

/* Each file's part, ended by one without a name. */
extern const struct fuzz_op fuzz_buffer_ops[];
extern const struct fuzz_op fuzz_area_ops[];
extern const struct fuzz_op fuzz_pin_ops[];
extern const struct fuzz_op fuzz_process_ops[];
extern const struct fuzz_op fuzz_import_ops[];
extern const struct fuzz_op fuzz_warden_ops[];

/** fuzz_warden_begin() - before there are members. */
void fuzz_warden_begin(void);

/** fuzz_warden_restore() - undoes what the warden changed. */
void fuzz_warden_restore(void);

/* --- promises ------------------------------------------------------------- */

enum fuzz_promise {
	FRESH_MEMORY_IS_ZERO,
	CONTENTS_STAY,
	CONTENTS_ARE_OF_THE_BUFFER,
	REFUSED_CALLS_CHANGE_NOTHING,
	WHAT_MUST_FAIL_FAILS,
	ANSWERS_ARE_TRUE,
	AUDITS_FIND_NOTHING,
	WORKERS_GO_ON,
	NR_PROMISES,
};

/** fuzz_broken() - a promise is broken: said once each, ends the run. Goes on,
 * so that whoever found it can still clean up.
 */
void fuzz_broken(enum fuzz_promise promise, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** fuzz_expect() - @good, or the promise is broken. Return: @good. */
#define fuzz_expect(good, promise, ...) \
	((good) || (fuzz_broken(promise, __VA_ARGS__), false))

/* --- the workers' common ground ------------------------------------------- */

#define LOG_LEN 64u

/* Bytes with a bit for each buffer, by its number. */
#define FUZZ_WILD_LEN (1u << 17)

struct fuzz_log {
	uint32_t nr;
	int32_t result;
	int32_t pid;
	const char *name;
	uint32_t args[4];
};

struct fuzz_count {
	uint32_t tried;
	uint32_t done;
	uint32_t ms;
};

/**
 * struct fuzz_shared - in memory that all share
 * @stop: the run is over
 * @nr_broken: how often each promise was
 * @broken: the first time
 * @pids: of the workers; 0: none now
 * @lives: how often each was started
 * @counts: of each kind of operation
 * @wild: to which buffers a device wrote: no word of them is known
 * @log_next: where the next entry of @logs goes
 * @logs: the last operations
 */
struct fuzz_shared {
	uint32_t stop;
	uint32_t nr_broken[NR_PROMISES];
	char broken[NR_PROMISES][200];
	pid_t pids[WORKERS_MAX];
	uint32_t lives[WORKERS_MAX];
	struct fuzz_count counts[WORKERS_MAX][OPS_MAX];
	uint8_t wild[FUZZ_WILD_LEN];
	uint32_t log_next[WORKERS_MAX];
	struct fuzz_log logs[WORKERS_MAX][LOG_LEN];
};

/**
 * struct fuzz - what every worker inherits
 * @seed: of the run
 * @nr_members: less than MEMBERS_MAX
 * @heaps: open, UC and WC; -1 without WC
 * @node: /dev/noalias
 * @marker: of the trace; -1 without
 * @inboxes: of the members: what is sent into [1] comes out of [0]
 * @end_ms: by now_ms()
 */
struct fuzz {
	struct fuzz_shared *shared;
	uint64_t seed;
	unsigned int nr_members;
	int heaps[2];
	int node;
	int marker;
	int inboxes[MEMBERS_MAX][2];
	uint64_t end_ms;
};
extern struct fuzz fuzz;

/* Everything that is inherited has a number from here on. */
#define FIRST_COMMON_FD 200

/**
 * struct fuzz_self - this process as a worker
 * @worker: its number; WARDEN
 * @depth: 0; 1 and more for children of a member
 * @by: BY_*
 * @random: state, new for each operation
 * @args: of the operation under way, for the log
 */
struct fuzz_self {
	unsigned int worker;
	unsigned int depth;
	unsigned int by;
	uint64_t random;
	uint32_t args[4];
};
extern struct fuzz_self self;

/** fuzz_run() - operations until the run ends, or @nr_ops of them. */
void fuzz_run(uint32_t nr_ops);

/** fuzz_note() - arguments of this operation, for the log. */
void fuzz_note(uint32_t a, uint32_t b, uint32_t c, uint32_t d);

/** fuzz_random() - 64 bits. */
uint64_t fuzz_random(void);

/** fuzz_below() - 0 to @max - 1; 0 for 0. */
uint32_t fuzz_below(uint32_t max);

/** fuzz_chance() - once in @nr. */
bool fuzz_chance(uint32_t nr);

#define fuzz_pick(array) ((array)[fuzz_below(ARRAY_SIZE(array))])

/* --- the model ------------------------------------------------------------- */

#define BUFFERS_MAX 24u
#define FDS_MAX 40u
#define BUFFER_PAGES 512u
#define ARENA_PAGES 2048u
#define ARENA_LEN (ARENA_PAGES * PAGE)

/**
 * struct fuzz_buffer - one that this process has descriptors or mappings of
 * @id: the module's number; 0: no buffer here
 * @nr: pages
 * @heap: index into fuzz.heaps
 * @shared: others may write to it
 * @kept: a parent's, which knows its contents exactly: not to be changed
 * @nr_fds: descriptors
 * @nr_places: pages of the arena that show it
 * @gens: of each page: what it was filled with, 0: never
 */
struct fuzz_buffer {
	uint64_t id;
	uint32_t nr;
	uint8_t heap;
	bool shared;
	bool kept;
	uint32_t nr_fds;
	uint32_t nr_places;
	uint8_t gens[BUFFER_PAGES];
};

struct fuzz_fd {
	int fd;			/* 0: none */
	int access;
	struct fuzz_buffer *buffer;
};

/* A page of the arena. */
struct fuzz_place {
	struct fuzz_buffer *buffer;
	uint16_t page;
	uint8_t prot;
	bool may_write;
	bool dont_fork;
};

/* Pages of the arena that are alike and show consecutive pages. */
struct fuzz_span {
	uint32_t first;
	uint32_t nr;
};

struct fuzz_model {
	struct fuzz_buffer buffers[BUFFERS_MAX];
	struct fuzz_fd fds[FDS_MAX];
	struct fuzz_place places[ARENA_PAGES];
};
extern struct fuzz_model model;
extern char *arena;

/** model_make_arena() - before the first worker. */
void model_make_arena(void);

/** choose_starving_rule() - which call of allocations fails in this run. */
void choose_starving_rule(void);

/** model_add_fd() - @fd is of buffer @id. NULL: no room, or not asked what it
 * is; then it was closed.
 */
struct fuzz_fd *model_add_fd(int fd, int access);

/** model_make_room() - for another buffer, which may cost one. */
void model_make_room(void);

/** model_any_fd() - a descriptor at random; NULL: there is none. */
struct fuzz_fd *model_any_fd(void);

/** model_close() - and forgets the buffer if that was all of it. */
void model_close(struct fuzz_fd *fd);

/** model_forget() - the same of a number that is something else by now. */
void model_forget(struct fuzz_fd *fd);

/** model_map() - @nr places from @first show @fd's buffer from @page on. */
void model_map(uint32_t first, uint32_t nr, const struct fuzz_fd *fd,
	       uint32_t page, int prot);

/** model_unmap() - what lay there is gone. */
void model_unmap(uint32_t first, uint32_t nr);

/** model_move() - to where nothing is. */
void model_move(uint32_t from, uint32_t nr, uint32_t to);

/** model_resync() - unmaps what a failed call left in a state unknown. */
void model_resync(uint32_t first, uint32_t nr);

/** model_any_span() - some part of a mapping; nr 0: there is none. */
struct fuzz_span model_any_span(void);

/** model_free_place() - @nr pages of the arena without mapping, and its first;
 * ARENA_PAGES: there are none.
 */
uint32_t model_free_place(uint32_t nr);

/** model_page() - where place @idx is. */
static inline char *model_page(uint32_t idx)
{
	return arena + (size_t)idx * PAGE;
}

/** model_close_unknown() - descriptors that the model does not have. */
void model_close_unknown(void);

/** model_is_child() - after a fork: parents' contents are theirs to change,
 * unless @may_write.
 */
void model_is_child(bool may_write);

/** model_share() - from now on others may write to what there is. */
void model_share(void);

/* --- contents ---------------------------------------------------------------- */

/** contents_are_wild() - from now on, for all who have the buffer. */
void contents_are_wild(const struct fuzz_buffer *buffer);

/** contents_word() - of word @idx in @page of a buffer. */
uint32_t contents_word(const struct fuzz_buffer *buffer, uint32_t page,
		       uint32_t idx, uint8_t gen);

/** contents_check() - is the page at @mem what it must be? By loads that may
 * be refused: a page that is not there breaks a promise too.
 */
void contents_check(const struct fuzz_buffer *buffer, uint32_t page,
		    const void *mem);

/** contents_check_copy() - the same of a copy in ordinary memory. */
void contents_check_copy(const struct fuzz_buffer *buffer, uint32_t page,
			 const uint32_t *copy);

/** contents_fill() - by stores through @mem. */
void contents_fill(struct fuzz_buffer *buffer, uint32_t page, void *mem);

/** contents_make() - a page's words with a generation of its own. */
uint8_t contents_make(const struct fuzz_buffer *buffer, uint32_t page,
		      uint32_t *copy);

/** contents_set_gen() - the caller filled @page with what contents_make() made. */
void contents_set_gen(struct fuzz_buffer *buffer, uint32_t page, uint8_t gen);

/** contents_copy_in() - a page, by loads. False: a signal came. */
bool contents_copy_in(uint32_t *copy, const void *mem);

/** contents_is_zero() - every page of a whole mapping. False: a word is not, or
 * a signal came.
 */
bool contents_is_zero(const void *mem, size_t len);

/** contents_catch_faults() - for this process, from now on. */
void contents_catch_faults(void);

#endif
