/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the commands of the noalias program: exit statuses, values of
 * options, messages. command.h has their tables.
 */
#ifndef NA_CLI_H
#define NA_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <noalias/version.h>

/** Exit statuses of every command. */
enum cli_status {
	CLI_CLEAN,	/* success */
	CLI_FOUND,	/* success, and conflicts or problems were found */
	CLI_TROUBLE,	/* error; stderr has cause and remedy */
};

/** CLI_GO_ON - result of a step after which the command continues. */
#define CLI_GO_ON (-1)

/** cli_trouble() - print an error to stderr. Return: CLI_TROUBLE. */
__attribute__((format(printf, 1, 2)))
int cli_trouble(const char *format, ...);

/** cli_warn() - print a warning to stderr. */
__attribute__((format(printf, 1, 2)))
void cli_warn(const char *format, ...);

/* --- options --------------------------------------------------------------- */

/** cli_usage() - print a reference to the help. Return: CLI_TROUBLE. */
int cli_usage(const char *command);

/**
 * cli_number() - a whole number
 * @what: name of the option or operand
 * @text: value to parse
 * @min: smallest allowed
 * @max: largest allowed
 * @value: receives it
 *
 * Return: CLI_GO_ON, or CLI_TROUBLE after a message with all of these.
 */
int cli_number(const char *what, const char *text, uint64_t min, uint64_t max,
	       uint64_t *value);

/** cli_size() - bytes, with K, M or G; otherwise as cli_number(). */
int cli_size(const char *what, const char *text, uint64_t min, uint64_t max,
	     uint64_t *value);

/**
 * cli_range() - "A-B" or "A+LEN": bytes, with K, M or G
 * @what: name of the option
 * @text: value to parse
 * @unit: bytes of what the range is made of
 * @max: largest end, bytes
 * @first: receives the unit of A
 * @end: receives the unit after the last that has a byte before B, so that B may
 *	be the last byte too
 *
 * Return: as cli_number().
 */
int cli_range(const char *what, const char *text, uint64_t unit, uint64_t max,
	      uint64_t *first, uint64_t *end);

/** cli_seconds() - like "2" or "0.5", 0.05 to 86400, in milliseconds. */
int cli_seconds(const char *what, const char *text, uint64_t *ms);

/* --- signals and time ----------------------------------------------------- */

/**
 * cli_catch_signals() - let INT, TERM, HUP and PIPE only set a flag
 *
 * For commands that must clean up, or print something, at the end.
 */
void cli_catch_signals(void);

/** cli_is_stopped() - has one of them arrived? */
bool cli_is_stopped(void);

/**
 * cli_pause() - wait
 * @fd: descriptor to wait for, or -1
 * @ms: longest wait, ms
 *
 * Return: true if @fd can be read or is at its end; false after the time, or
 * after a signal.
 */
bool cli_pause(int fd, uint64_t ms);

/** cli_now_ms() - monotonic clock, ms. */
uint64_t cli_now_ms(void);

#endif
