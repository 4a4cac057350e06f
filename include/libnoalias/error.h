/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: errors
 *
 * A call of libnoalias that can fail returns 0 or a negative errno, and
 * leaves a sentence that says which argument, which value and which limit.
 * The sentence belongs to the thread: threads do not see each other's.
 */
#ifndef LIBNOALIAS_ERROR_H
#define LIBNOALIAS_ERROR_H

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

#ifdef __cplusplus
}
#endif

#endif
