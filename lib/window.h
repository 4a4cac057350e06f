/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the window files of libnoalias share.
 */
#ifndef LIB_WINDOW_H
#define LIB_WINDOW_H

#include <libnoalias/window.h>
#include <noalias/window.h>

#include "internal.h"
#include "user.h"

struct lib_track;

/*
 * In a page of its own that fork() wipes: a child finds zeroes, goes the long
 * way, and is sent back there.
 *
 * length: of the file, up to where a map needs no question; 0: always ask
 * range: bytes of all slots, where an unmap needs none; 0: always ask
 * is_alive: false in a child
 */
struct lib_hot {
	na_atomic64_t length;
	size_t range;
	u32 is_alive;
};

/*
 * hot: what a hit asks of the window
 * base: address of the first slot
 * length: of the file when it was last asked for
 * length_max: the ledger has frames up to here
 * fixed_length: the caller gave the length, the file has none
 * may_shrink: ask for the length at each map
 */
struct noalias_window {
	struct lib_hot *hot;
	struct na_window_set *set;
	char *base;
	u32 shift;
	u32 nr_slots;
	na_atomic64_t length;
	bool may_shrink;

	bool fixed_length;
	bool is_readonly;
	u32 local_depth;
	u64 length_max;
	struct lib_track *track;
	struct na_port port;
	struct na_machine machine;
};

/* A window of a child of fork() is its parent's. */
static inline bool lib_window_is_ours(const struct noalias_window *window)
{
	return likely(window && __atomic_load_n(&window->hot->is_alive,
						__ATOMIC_RELAXED));
}

/** lib_window_foreign() - not ours. Return: -EPERM; -EINVAL it is NULL. */
__attribute__((cold))
int lib_window_foreign(const struct noalias_window *window);

/* The port's range of local windows: it has the second one. */
static inline struct na_port_range *
lib_window_locals(const struct noalias_window *window)
{
	return window->port.ranges[1];
}

static inline u32 lib_window_nr_locals(const struct noalias_window *window)
{
	return window->port.nr_cpus * window->local_depth;
}

/* What is mapped at local slot @idx at this moment. */
static inline bool lib_window_local_shows(const struct noalias_window *window,
					  u32 idx, struct na_frame *frame)
{
	enum na_memtype type;

	return na_port_window_read(lib_window_locals(window), idx, frame,
				   &type);
}

static inline u32 lib_granule_mask(const struct noalias_window *window)
{
	return (1u << window->shift) - 1;
}

/* Frames that the piece touches; too many to count are too many to map. */
static inline struct na_run lib_piece_run(const struct noalias_window *window,
				      u64 offset, u64 len)
{
	u64 first = offset >> window->shift;
	u64 nr = ((offset + len - 1) >> window->shift) - first + 1;

	return na_run(na_frame((unsigned long)first),
		      nr < UINT32_MAX ? (u32)nr : UINT32_MAX);
}

/* --- window.c ------------------------------------------------------------- */

/**
 * lib_window_ask_length() - is the piece in the file as it is now?
 *
 * Return: 0; -ERANGE, or an errno of the question, with its message.
 */
int lib_window_ask_length(struct noalias_window *window, u64 offset,
			  size_t len);

/** lib_window_admit() - may the piece be mapped? Return: 0 or with a message. */
int lib_window_admit(struct noalias_window *window, u64 offset, size_t len);

/** lib_window_refuse() - put the engine's errno into words. Return: -errno. */
__attribute__((cold))
int lib_window_refuse(struct noalias_window *window, u64 offset, int err);

/* --- window_open.c -------------------------------------------------------- */

/** lib_window_heat() - hits need ask no more up to the length known now. */
void lib_window_heat(struct noalias_window *window);

/* --- window_file.c --------------------------------------------------------- */

/**
 * lib_file_length() - bytes of what @fd is open for
 *
 * Return: 0, or a positive errno.
 */
int lib_file_length(int fd, u64 *length);

/** lib_file_page() - bytes of the smallest piece that mmap() takes of it. */
u32 lib_file_page(int fd);

/** lib_file_is_zero() - is it /dev/zero, whose every mapping is new memory? */
bool lib_file_is_zero(int fd);

/** lib_file_is_regular() - has it a length of its own, though it be 0? */
bool lib_file_is_regular(int fd);

/** lib_file_can_shrink() - may its length become less while it is open? */
bool lib_file_can_shrink(int fd);

/* --- window_stats.c -------------------------------------------------------- */

/**
 * lib_say() - write a line of less than 160 bytes
 *
 * Return: 0, or a negative errno with its message.
 */
__attribute__((format(printf, 2, 3)))
int lib_say(int fd, const char *format, ...);

/* --- window_track.c -------------------------------------------------------- */

/** lib_track_create() - an empty list of maps. Return: NULL without memory. */
struct lib_track *lib_track_create(void);

/** lib_track_destroy() - NULL is allowed. */
void lib_track_destroy(struct lib_track *track);

/**
 * lib_track_add() - a map was made
 * @caller: address in the program that called
 *
 * Return: 0 or -ENOMEM.
 */
int lib_track_add(struct lib_track *track, const void *addr, size_t len,
		  const void *caller);

/**
 * lib_track_remove() - a map ends
 *
 * Return: 0; -EINVAL no map of just this address and length is there.
 */
int lib_track_remove(struct lib_track *track, const void *addr, size_t len);

/** lib_track_dump() - a line for each map. Return: as lib_say(). */
int lib_track_dump(struct lib_track *track, int fd);

#endif
