/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Characters of names that may not be well-formed UTF-8.
 */
#ifndef NA_CLI_CHARACTER_H
#define NA_CLI_CHARACTER_H

#include <stdbool.h>

/**
 * character_len() - bytes of the character at @text, which ends with a NUL
 *
 * Return: 0 if the bytes are not well-formed UTF-8.
 */
int character_len(const char *text);

/**
 * character_is_control() - may a terminal interpret the character?
 * @text: character
 * @len: result of character_len(); 0: true is returned
 *
 * Includes 0x80 to 0x9f, of which 0x9b is the same as escape and [.
 */
bool character_is_control(const char *text, int len);

#endif
