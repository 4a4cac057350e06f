// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "character.h"

/* RFC 3629, section 4. */
int character_len(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	int len, i;

	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	len = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (bytes[0] == 0xe0)
		low = 0xa0;
	if (bytes[0] == 0xed)
		high = 0x9f;
	if (bytes[0] == 0xf0)
		low = 0x90;
	if (bytes[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < len; i++) {
		if (bytes[i] < low || bytes[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

bool character_is_control(const char *text, int len)
{
	const unsigned char *bytes = (const unsigned char *)text;

	if (len == 2)
		return bytes[0] == 0xc2 && bytes[1] < 0xa0;
	return !len || (len == 1 && (bytes[0] < ' ' || bytes[0] == 0x7f));
}
