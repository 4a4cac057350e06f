// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Error: the message of the last failure, one for each thread, and sentences
 * used in several places. Other messages are where the values that they name
 * are.
 */
#include <libnoalias/error.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "heap.h"
#include "internal.h"

/* A sentence of the module, with the name of a heap before it. */
#define MESSAGE_LEN 512

static __thread char message[MESSAGE_LEN];

int lib_fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return -err;
}

LIB_PUBLIC const char *noalias_error_message(void)
{
	return message;
}

/* --- refusals of the module -------------------------------------------------- */

static void say_number(const struct noalias_query_refusal *query, char *number,
		       size_t len)
{
	char max[24];

	*number = 0;
	snprintf(max, sizeof(max), "%" PRIu64, (uint64_t)query->max);
	if (query->scope == NOALIAS_IOC_LIMIT_NOW)
		snprintf(number, len, ", limit %s now, used %" PRIu64, max,
			 (uint64_t)query->used);
	else if (query->scope && !strstr(query->limit, max))
		snprintf(number, len, ", limit %s", max);
}

void lib_refusal_say(const struct noalias_query_refusal *query, char *sentence)
{
	char number[80];

	say_number(query, number, sizeof(number));
	snprintf(sentence, NOALIAS_SENTENCE_LEN,
		 "%s: is %" PRIu64 ", allowed: %s%s%s%s", query->field,
		 (uint64_t)query->value, query->limit, number,
		 *query->remedy ? "; " : "", query->remedy);
}
