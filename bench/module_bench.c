// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The module's benchmark, inside the guest: module_bench [--icount] [--quick]
 * [--record FILE]. The modules are loaded.
 *
 * Exit status: 0, whatever the times are; 1 if a bar on a deterministic value
 * was missed; 2 if something could not be measured.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "measure.h"

static void parse(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--icount"))
			setup.icount = true;
		else if (!strcmp(argv[i], "--quick"))
			setup.quick = true;
		else if (!strcmp(argv[i], "--record") && i + 1 < argc)
			record_open(argv[++i]);
		else
			die("there is no option %s", argv[i]);
	}
}

static void show_machine(void)
{
	struct utsname name;

	uname(&name);
	printf("Linux %s (%s), %u CPU%s, unit: %s\n", name.release,
	       name.machine, setup.nr_cpus, setup.nr_cpus > 1 ? "s" : "",
	       setup.icount ? "instructions (k: thousands, M: millions)" :
	       "time");
}

int main(int argc, char **argv)
{
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
	setup.nr_cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (setup.nr_cpus > NR_CPUS_MAX)
		die("more than %d CPUs", NR_CPUS_MAX);
	parse(argc, argv);
	show_machine();
	pin_to_cpu(0);
	first_conversion_bench();
	purge_bench();
	buffer_bench();
	shootdown_bench();
	good = bars_print();
	record_close();
	return good ? 0 : 1;
}
