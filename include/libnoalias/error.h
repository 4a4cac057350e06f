/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: errors
 *
 * A call of libnoalias that can fail returns 0 or a negative errno. After a
 * failure noalias_error_message() returns a sentence with the argument, its
 * value and the limit. Each thread has its own.
 *
 * Requests that bypass the library fail with an errno alone: an ioctl on a
 * heap, mmap() of a dma-buf, a device that imports one. The module records the
 * last refusal of each thread; noalias_refusal_query() reads it.
 */
#ifndef LIBNOALIAS_ERROR_H
#define LIBNOALIAS_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * noalias_error_message() - message of this thread's last failed call
 *
 * Context: any thread; async-signal-safe.
 * Return: one line without a newline, "" before the first failure; valid until
 * the next failure in this thread.
 */
const char *noalias_error_message(void);

/** NOALIAS_SENTENCE_LEN - room for a sentence, with its final 0. */
#define NOALIAS_SENTENCE_LEN	320

/** enum noalias_limit - kind of limit that a request exceeded. */
enum noalias_limit {
	NOALIAS_LIMIT_TEXT,	/* no number, only words */
	NOALIAS_LIMIT_FIXED,	/* the same request will be refused again */
	NOALIAS_LIMIT_NOW	/* it may succeed when others hold less */
};

/**
 * struct noalias_refusal - why the module refused the last request of a thread
 * @size: in: sizeof(struct noalias_refusal)
 * @err: errno of the refusal, positive
 * @limit: kind of limit
 * @nr: counts refusals of this thread; it changes with each
 * @value: value of the field; for a DMA address a mask of the bits that it
 *	needs
 * @max: largest value allowed, in the same unit; 0 if there is no number
 * @used: how much of @max was in use; 0 unless @limit is NOALIAS_LIMIT_NOW
 * @field: name of the field at fault, e.g. "len"
 * @sentence: all of this as a sentence, with the remedy; no newline
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
 * noalias_refusal_query() - why the module last refused this thread
 * @fd: a heap of the module, or /dev/noalias, opened by the caller; or -1 to
 *	open the first of these that can be opened
 * @refusal: receives it; @refusal->size: in, sizeof(*@refusal)
 *
 * Call it in the thread whose call failed, before that thread makes another.
 *
 * Return: 0; -ENOENT no refusal of this thread is recorded; -ENOSYS with @fd
 * -1: the module is not loaded, or none of its nodes may be opened; -EBADF;
 * -ENOTTY, -EINVAL @fd is not a node of the module; -EINVAL @refusal->size;
 * -EMFILE, -ENFILE; -ENOMEM.
 */
int noalias_refusal_query(int fd, struct noalias_refusal *refusal);

#ifdef __cplusplus
}
#endif

#endif
