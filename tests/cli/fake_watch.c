// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Clock and CPU of noalias audit --watch, so that nothing depends on how busy the
 * machine is. The linker inserts them (--wrap). An audit takes 70 ms, and of the
 * CPU 10 ms of the program and 30 ms of the kernel. Each pause is said on stderr
 * and takes exactly as long as it should; NA_PAUSE is a command that is run in it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct report;

int __real_report_read(struct report *report);
int __wrap_report_read(struct report *report);
uint64_t __wrap_cli_now_ms(void);
bool __wrap_cli_pause(int fd, uint64_t ms);
int __wrap_getrusage(int who, struct rusage *usage);

static uint64_t now_ms = 1000, nr_audits;

int __wrap_report_read(struct report *report)
{
	nr_audits++;
	now_ms += 70;
	return __real_report_read(report);
}

uint64_t __wrap_cli_now_ms(void)
{
	return now_ms;
}

bool __wrap_cli_pause(int fd, uint64_t ms)
{
	const char *command = getenv("NA_PAUSE");

	fprintf(stderr, "pause %llu\n", (unsigned long long)ms);
	now_ms += ms;
	if (command && system(command))
		exit(99);
	return fd >= 0;
}

int __wrap_getrusage(int who, struct rusage *usage)
{
	if (who != RUSAGE_SELF)
		return -1;
	*usage = (struct rusage){
		.ru_utime.tv_usec = (suseconds_t)nr_audits * 10000,
		.ru_stime.tv_usec = (suseconds_t)nr_audits * 30000,
	};
	return 0;
}
