/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: errors
 *
 * A call of libnoalias that can fail returns 0 or a negative errno, and
 * leaves a sentence that says which argument, which value and which limit.
 * The sentence belongs to the thread: threads do not see each other's.
 *
 * Requests that did not go through the library are refused with an errno
 * alone: an ioctl on a heap, mmap() of a dma-buf, a device that imports one.
 * Of these the module remembers the last of each thread:
 * noalias_refusal_query().
 */
#ifndef LIBNOALIAS_ERROR_H
#define LIBNOALIAS_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * noalias_error_message() - what the last call that failed here had to say
 *
 * Context: any thread; async-signal-safe.
 * Return: one line without a newline, "" before the first failure; it stays
 * as it is until the next failure in this thread.
 */
const char *noalias_error_message(void);

/** NOALIAS_SENTENCE_LEN - room for a sentence, with its final 0. */
#define NOALIAS_SENTENCE_LEN	320

/** enum noalias_limit - what kind of limit a request met. */
enum noalias_limit {
	NOALIAS_LIMIT_TEXT,	/* in words only */
	NOALIAS_LIMIT_FIXED,	/* the same request will be refused again */
	NOALIAS_LIMIT_NOW	/* it may be granted when others hold less */
};

/**
 * struct noalias_refusal - why the module refused the last request of a thread
 * @size: in: sizeof(struct noalias_refusal)
 * @err: errno of it, positive
 * @limit: kind of limit
 * @nr: refusals of this thread in a row; it changes with each
 * @value: what the field was; of a DMA address only the bits that it
 *	takes, all set
 * @max: what it may be at most, in the same unit; 0 without a number
 * @used: how much of @max was taken; 0 unless @limit is NOALIAS_LIMIT_NOW
 * @field: what was wrong, like "len"
 * @sentence: all of it for people, with what can be done; no newline
 */
struct noalias_refusal {
	size_t size;
	int err;
	enum noalias_limit limit;
	uint64_t nr;
	uint64_t value;
	uint64_t max;
	uint64_t used;
	char field[32];
	char sentence[NOALIAS_SENTENCE_LEN];
};

/**
 * noalias_refusal_query() - why the module refused this thread last
 * @fd: a heap of the module, or /dev/noalias, opened by the caller; or -1: the
 *	first of these that may be opened
 * @refusal: receives it; @refusal->size says how much there is room for
 *
 * To be called by the thread whose call failed, before it makes another.
 *
 * Return: 0; -ENOENT the module refused nothing of this thread, as far as it
 * remembers; -ENOSYS with @fd -1: there is no module, or none of its nodes may
 * be opened; -EBADF; -ENOTTY, -EINVAL @fd is no node of the module;
 * -EINVAL @refusal->size; -EMFILE, -ENFILE; -ENOMEM.
 */
int noalias_refusal_query(int fd, struct noalias_refusal *refusal);

#ifdef __cplusplus
}
#endif

#endif
