/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Characters of names that others chose: UTF-8, or not.
 */
#ifndef NA_CLI_CHARACTER_H
#define NA_CLI_CHARACTER_H

#include <stdbool.h>

/**
 * character_len() - bytes of the character at @text, which ends with a NUL
 *
 * Return: 0 when the bytes there are no well-formed UTF-8.
 */
int character_len(const char *text);

/**
 * character_is_control() - may a terminal take the character for a command?
 * @text: character
 * @len: its bytes, as character_len() says; 0: yes, it may
 *
 * Also those of 0x80 to 0x9f, of which 0x9b does what escape and [ do.
 */
bool character_is_control(const char *text, int len);

#endif
