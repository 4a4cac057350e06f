// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__i386__) || defined(__x86_64__)
#include <cpuid.h>
#endif

#include "file.h"

bool machine_is_guest(void)
{
	struct cli_file file;
	bool found;

	if (file_read_system("/proc/cpuinfo", &file))
		return false;
	found = strstr(file.text, " hypervisor");
	free(file.text);
	return found;
}

#if defined(__i386__) || defined(__x86_64__)
#define LEAF_HYPERVISOR 0x40000000u

bool machine_is_emulated(void)
{
	unsigned int eax, words[3];

	__cpuid(LEAF_HYPERVISOR, eax, words[0], words[1], words[2]);
	return machine_is_guest() && !memcmp(words, "TCGTCGTCGTCG", 12);
}
#else
bool machine_is_emulated(void)
{
	return false;
}
#endif

const char *machine_processor(void)
{
	static char name[96];
	struct cli_file file;
	const char *line;

	*name = 0;
	if (file_read_system("/proc/cpuinfo", &file))
		return name;
	line = strstr(file.text, "\nmodel name");
	line = line ? strchr(line, ':') : NULL;
	if (line)
		snprintf(name, sizeof(name), "%.*s",
			 (int)strcspn(line + 1, "\n"),
			 line + 1 + (line[1] == ' '));
	free(file.text);
	return name;
}
