/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: tap
 *
 * Test cases of the library, in TAP. A program has a table of cases and ends
 * in TAP_MAIN(). Each case runs in a process of its own: it may crash, and
 * leaks are looked for after each (address sanitizer). One that lacks
 * something here ends in tap_skip(). Arguments name the cases to run; --list
 * names them all. Exit status 1 if a case failed.
 */
#ifndef LIB_TAP_H
#define LIB_TAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libnoalias.h>

struct tap_case {
	const char *name;
	void (*run)(void);
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* Of what programs share in a header, not every one needs all. */
#define ROOM __attribute__((unused)) static
#define TAP(fn) { #fn, fn }
#define TAP_MAIN(cases) \
	int main(int argc, char **argv) \
	{ \
		return tap_main(argc, argv, cases, ARRAY_SIZE(cases)); \
	}

#define tap_say(...) \
	do { printf("# "); printf(__VA_ARGS__); printf("\n"); } while (0)

/* Ends the process: leaks of a failed case are not worth a report. */
__attribute__((noreturn)) static inline void tap_end_case(void)
{
	fflush(stdout);
	_exit(1);
}

#define EXPECT(cond)							\
	do {								\
		if (!(cond)) {						\
			tap_say("%s:%d: not true: %s", __FILE__,	\
				__LINE__, #cond);			\
			tap_end_case();					\
		}							\
	} while (0)

#define EXPECT_EQ(is, should)						\
	do {								\
		long long is_ = (long long)(is);			\
		long long should_ = (long long)(should);		\
		if (is_ != should_) {					\
			tap_say("%s:%d: %s is %lld, should be %lld",	\
				__FILE__, __LINE__, #is, is_, should_);	\
			tap_say("message: %s", noalias_error_message());\
			tap_end_case();					\
		}							\
	} while (0)

#define EXPECT_STR(is, should)						\
	do {								\
		const char *is_ = (is), *should_ = (should);		\
		if (strcmp(is_, should_)) {				\
			tap_say("%s:%d: %s", __FILE__, __LINE__, #is);	\
			tap_say("  is:        %s", is_);		\
			tap_say("  should be: %s", should_);		\
			tap_end_case();					\
		}							\
	} while (0)

/* @call fails with @err and says @part, among other words. */
#define EXPECT_ERROR(call, err, part)					\
	do {								\
		EXPECT_EQ(call, -(err));				\
		if (!strstr(noalias_error_message(), part)) {		\
			tap_say("%s:%d: %s", __FILE__, __LINE__, #call);\
			tap_say("  says:       %s",			\
				noalias_error_message());		\
			tap_say("  should say: %s", part);		\
			tap_end_case();					\
		}							\
	} while (0)

/** tap_ended() - wait for @pid. Return: its status as of waitpid(). */
static inline int tap_ended(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* Why the case was skipped; shared with the processes of the cases. */
static char *tap_reason;
#define TAP_REASON_LEN 128

/** tap_skip() - end the case: what it needs is not here. */
__attribute__((noreturn, unused)) static void tap_skip(const char *reason)
{
	snprintf(tap_reason, TAP_REASON_LEN, "%s", reason);
	fflush(stdout);
	_exit(0);
}

static inline bool tap_passes(const struct tap_case *c)
{
	int status;
	pid_t pid;

	fflush(stdout);
	*tap_reason = 0;
	pid = fork();
	if (!pid) {
		c->run();
		exit(0);
	}
	status = tap_ended(pid);
	if (WIFSIGNALED(status))
		tap_say("%s: killed by signal %d", c->name, WTERMSIG(status));
	return !status;
}

static inline bool tap_is_wanted(const struct tap_case *c, int argc,
				 char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

static inline int tap_main(int argc, char **argv, const struct tap_case *cases,
			   size_t nr)
{
	unsigned int nr_run = 0, nr_failed = 0;
	bool passes;
	size_t i;

	tap_reason = mmap(NULL, TAP_REASON_LEN, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tap_reason == MAP_FAILED)
		return 1;
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < nr; i++)
			puts(cases[i].name);
		return 0;
	}
	for (i = 0; i < nr; i++) {
		if (!tap_is_wanted(&cases[i], argc, argv))
			continue;
		passes = tap_passes(&cases[i]);
		printf("%sok %u - %s%s%s\n", passes ? "" : "not ", ++nr_run,
		       cases[i].name, *tap_reason ? " # SKIP " : "",
		       tap_reason);
		fflush(stdout);
		nr_failed += !passes;
	}
	printf("1..%u\n", nr_run);
	return nr_failed > 0;
}

#endif
