/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: plant_ask
 *
 * The command, run by a guest program while something is planted.
 */
#ifndef GUEST_PLANT_ASK_H
#define GUEST_PLANT_ASK_H

#include "plant_audit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

struct answer {
	int status;
	char *text;
};

/** ask() - run ./noalias with these words; its exit status and output. */
__attribute__((format(printf, 1, 2)))
static inline struct answer ask(const char *format, ...)
{
	struct answer answer;
	char options[160], command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(options, sizeof(options), format, args);
	va_end(args);
	snprintf(command, sizeof(command),
		 "./noalias %s >/tmp/answer 2>/tmp/trouble", options);
	answer.status = system(command);
	EXPECT(WIFEXITED(answer.status));
	answer.status = WEXITSTATUS(answer.status);
	answer.text = read_text("/tmp/answer");
	EXPECT(answer.text);
	return answer;
}

#endif
