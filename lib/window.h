/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the window files of libnoalias.
 */
#ifndef LIB_WINDOW_H
#define LIB_WINDOW_H

#include <libnoalias/window.h>
#include <noalias/window.h>

#include "internal.h"
#include "user.h"

struct lib_track;

/*
 * In a separate page that fork() wipes: a child reads zeroes, takes the slow
 * path, and fails there.
 *
 * length: pieces below it need no check of the file's length; 0: always check
 * range: bytes of all slots, where an unmap needs no check; 0: always check
 * is_alive: false in a child
 */
struct lib_hot {
	na_atomic64_t length;
	size_t range;
	u32 is_alive;
};

/*
 * hot: fields that a hit reads
 * base: address of the first slot
 * length: last known length of the file
 * length_max: the ledger has frames up to here
 * fixed_length: the caller gave the length, the file has none
 * may_shrink: read the file's length at each map
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

/* In a child of fork() a window belongs to the parent. */
static inline bool lib_window_is_ours(const struct noalias_window *window)
{
	return likely(window && __atomic_load_n(&window->hot->is_alive,
						__ATOMIC_RELAXED));
}

/**
 * lib_window_foreign() - error of a foreign window. Return: -EPERM; -EINVAL:
 * NULL.
 */
__attribute__((cold))
int lib_window_foreign(const struct noalias_window *window);

/* The port's second range is that of local windows. */
static inline struct na_port_range *
lib_window_locals(const struct noalias_window *window)
{
	return window->port.ranges[1];
}

static inline u32 lib_window_nr_locals(const struct noalias_window *window)
{
	return window->port.nr_cpus * window->local_depth;
}

/* Snapshot of local slot @idx. */
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

/* Frames of the piece; the count saturates. */
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
 * lib_window_ask_length() - read the file's length; is the piece within it?
 *
 * Return: 0; -ERANGE, or an errno of fstat(), with a message.
 */
int lib_window_ask_length(struct noalias_window *window, u64 offset,
			  size_t len);

/** lib_window_admit() - may the piece be mapped? Return: 0 or with a message. */
int lib_window_admit(struct noalias_window *window, u64 offset, size_t len);

/**
 * lib_window_refuse() - set the message for an errno of the engine. Return:
 * -errno.
 */
__attribute__((cold))
int lib_window_refuse(struct noalias_window *window, u64 offset, int err);

/* --- window_open.c -------------------------------------------------------- */

/** lib_window_heat() - let hits use the known length without a check. */
void lib_window_heat(struct noalias_window *window);

/* --- window_file.c --------------------------------------------------------- */

/**
 * lib_file_length() - length of the file, bytes
 *
 * Return: 0, or a positive errno.
 */
int lib_file_length(int fd, u64 *length);

/** lib_file_page() - page size of the file for mmap(), bytes. */
u32 lib_file_page(int fd);

/** lib_file_is_zero() - is it /dev/zero, whose mappings share no memory? */
bool lib_file_is_zero(int fd);

/** lib_file_is_regular() - does it report a length, maybe 0? */
bool lib_file_is_regular(int fd);

/** lib_file_can_shrink() - can its length shrink while it is open? */
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

/**
 * lib_track_create() - create an empty list of maps. Return: NULL without
 * memory.
 */
struct lib_track *lib_track_create(void);

/** lib_track_destroy() - free the list; NULL is allowed. */
void lib_track_destroy(struct lib_track *track);

/**
 * lib_track_add() - record a map
 * @caller: address in the program of the call
 *
 * Return: 0 or -ENOMEM.
 */
int lib_track_add(struct lib_track *track, const void *addr, size_t len,
		  const void *caller);

/**
 * lib_track_remove() - remove a map
 *
 * Return: 0; -EINVAL there is no map of this address and length.
 */
int lib_track_remove(struct lib_track *track, const void *addr, size_t len);

/** lib_track_dump() - write a line for each map. Return: as lib_say(). */
int lib_track_dump(struct lib_track *track, int fd);

#endif
