/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the commands of the noalias program share: exit statuses, values of
 * options, messages. Their tables are command.h's.
 */
#ifndef NA_CLI_H
#define NA_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <noalias/version.h>

/** Exit statuses of every command. */
enum cli_status {
	CLI_CLEAN,	/* done, nothing wrong */
	CLI_FOUND,	/* done, and what was looked for is there */
	CLI_TROUBLE,	/* not done; stderr says why and what helps */
};

/** CLI_GO_ON - what a step returns when it is no end: not an exit status. */
#define CLI_GO_ON (-1)

/** cli_trouble() - say what is wrong on stderr. Return: CLI_TROUBLE. */
__attribute__((format(printf, 1, 2)))
int cli_trouble(const char *format, ...);

/** cli_warn() - the same for what does not end the command. */
__attribute__((format(printf, 1, 2)))
void cli_warn(const char *format, ...);

/* --- options --------------------------------------------------------------- */

/** cli_usage() - point to the help. Return: CLI_TROUBLE. */
int cli_usage(const char *command);

/**
 * cli_number() - a whole number
 * @what: name of the option or operand
 * @text: what was given
 * @min: smallest allowed
 * @max: largest allowed
 * @value: receives it
 *
 * Return: CLI_GO_ON, or CLI_TROUBLE after naming all of these.
 */
int cli_number(const char *what, const char *text, uint64_t min, uint64_t max,
	       uint64_t *value);

/** cli_size() - bytes, with K, M or G; otherwise as cli_number(). */
int cli_size(const char *what, const char *text, uint64_t min, uint64_t max,
	     uint64_t *value);

/** cli_seconds() - like "2" or "0.5", 0.05 to 86400, in milliseconds. */
int cli_seconds(const char *what, const char *text, uint64_t *ms);

/* --- the end --------------------------------------------------------------- */

/**
 * cli_catch_signals() - from here on INT, TERM, HUP and PIPE only set a flag
 *
 * For commands that leave something behind, or say something at the end.
 */
void cli_catch_signals(void);

/** cli_is_stopped() - did one of them come? */
bool cli_is_stopped(void);

/**
 * cli_pause() - wait
 * @fd: until this can be read; or -1
 * @ms: so long at most
 *
 * Return: true when @fd can be read or has ended; false after the time, or
 * when a signal came.
 */
bool cli_pause(int fd, uint64_t ms);

/** cli_now_ms() - a clock that only goes forward. */
uint64_t cli_now_ms(void);

#endif
