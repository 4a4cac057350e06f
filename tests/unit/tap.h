/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * tap: test cases that print the Test Anything Protocol.
 *
 * A program has a table of cases and ends in tap_main(). A case ends at its
 * first failed expectation or at an engine assertion that it did not expect;
 * the program continues with the next. Arguments are the cases to run; --list
 * lists them all. Exit status 1 if a case failed.
 *
 * It is not an existing library because a case must survive NA_ASSERT in the
 * same process: then the sanitizers see all of it, and a case is one function
 * without setup.
 */
#ifndef TAP_H
#define TAP_H

#include <na_platform.h>

#include <setjmp.h>

/* Not every program uses all functions of a header. */
#define ROOM __attribute__((unused)) static

struct tap_case {
	const char *name;
	void (*run)(void);
};

#define TAP(fn) { #fn, fn }
#define TAP_MAIN(cases) \
	int main(int argc, char **argv) \
	{ \
		return tap_main(argc, argv, cases, \
				sizeof(cases) / sizeof((cases)[0])); \
	}

enum tap_mode {
	TAP_FAILS,	/* an assertion fails the case */
	TAP_CATCHES,	/* jump back to EXPECT_ASSERT() */
	TAP_GOES_ON,	/* as the kernel does: count, take the safe way */
};

static jmp_buf tap_case_end, tap_catch_end;
static enum tap_mode tap_mode;
static u32 tap_nr_asserts;
static char tap_assert_text[256];
/* Only the thread that runs the cases may jump. */
static __thread bool tap_may_jump;

#define tap_say(...) \
	do { printf("# "); printf(__VA_ARGS__); printf("\n"); } while (0)

__attribute__((noreturn)) static void tap_end_case(void)
{
	if (!tap_may_jump) {
		printf("Bail out! failed in another thread\n");
		fflush(stdout);
		_Exit(1);
	}
	longjmp(tap_case_end, 1);
}

static bool tap_on_assert(const char *file, int line, const char *cond)
{
	if (tap_mode == TAP_FAILS || !tap_may_jump) {
		tap_say("%s:%d: assertion failed: %s", file, line, cond);
		tap_end_case();
	}
	snprintf(tap_assert_text, sizeof(tap_assert_text), "%s", cond);
	tap_nr_asserts++;
	if (tap_mode == TAP_CATCHES)
		longjmp(tap_catch_end, 1);
	return true;
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
			tap_end_case();					\
		}							\
	} while (0)

/* Two strings; NULL equals NULL only. */
#define EXPECT_STR(is, should)						\
	do {								\
		const char *is_ = (is), *should_ = (should);		\
		if (!tap_same(is_, should_)) {				\
			tap_say("%s:%d: %s", __FILE__, __LINE__, #is);	\
			tap_say("  is:        %s", is_ ? is_ : "NULL");	\
			tap_say("  should be: %s",			\
				should_ ? should_ : "NULL");		\
			tap_end_case();					\
		}							\
	} while (0)

__attribute__((unused)) static bool tap_same(const char *one,
					     const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

__attribute__((unused)) static void tap_expect_text(const char *file, int line,
						    const char *part)
{
	tap_mode = TAP_FAILS;
	if (strstr(tap_assert_text, part))
		return;
	tap_say("%s:%d: assertion was \"%s\", should hold \"%s\"", file, line,
		tap_assert_text, part);
	tap_end_case();
}

/* @stmt must end in an assertion of which @part is a part. */
#define EXPECT_ASSERT(part, stmt)					\
	do {								\
		tap_assert_text[0] = 0;					\
		tap_mode = TAP_CATCHES;					\
		if (!setjmp(tap_catch_end)) {				\
			stmt;						\
		}							\
		tap_expect_text(__FILE__, __LINE__, part);		\
	} while (0)

/*
 * @stmt must assert, the last time with @part, and still return, as in the
 * kernel, where the caller continues safely.
 */
#define EXPECT_SAFE(part, stmt)						\
	do {								\
		tap_assert_text[0] = 0;					\
		tap_mode = TAP_GOES_ON;					\
		stmt;							\
		tap_expect_text(__FILE__, __LINE__, part);		\
	} while (0)

/* --- choices --- */

/* xorshift64*: the same numbers on every machine. */
__attribute__((unused)) static u64 tap_random(u64 *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 0x2545f4914f6cdd1dull >> 16;
}

__attribute__((unused)) static u32 tap_below(u64 *seed, u32 limit)
{
	return (u32)(tap_random(seed) % limit);
}

/* Fixed, unless NA_SEED in the environment says another; printed. */
__attribute__((unused)) static u64 tap_seed(void)
{
	const char *text = getenv("NA_SEED");
	u64 seed = text ? strtoull(text, NULL, 0) : 0x6e6f616c696173ull;

	tap_say("NA_SEED=0x%llx", seed);
	return seed ? seed : 1;
}

/* --- program --- */

static bool tap_is_wanted(const struct tap_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

static bool tap_passes(const struct tap_case *c)
{
	tap_mode = TAP_FAILS;
	if (setjmp(tap_case_end))
		return false;
	c->run();
	return true;
}

static u32 tap_run(const struct tap_case *cases, size_t nr, int argc,
		   char **argv)
{
	u32 nr_run = 0, nr_failed = 0;
	bool passes;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!tap_is_wanted(&cases[i], argc, argv))
			continue;
		passes = tap_passes(&cases[i]);
		printf("%sok %u - %s\n", passes ? "" : "not ", ++nr_run,
		       cases[i].name);
		fflush(stdout);
		nr_failed += !passes;
	}
	return nr_failed;
}

static int tap_main(int argc, char **argv, const struct tap_case *cases,
		    size_t nr)
{
	size_t i, nr_wanted = 0;
	u32 nr_failed;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < nr; i++)
			puts(cases[i].name);
		return 0;
	}
	for (i = 0; i < nr; i++)
		nr_wanted += tap_is_wanted(&cases[i], argc, argv);
	tap_may_jump = true;
	na_assert_hook = tap_on_assert;
	printf("TAP version 13\n1..%zu\n", nr_wanted);
	fflush(stdout);
	nr_failed = tap_run(cases, nr, argc, argv);
	/* Leaks of a failed case are not reported. */
	if (nr_failed)
		_Exit(1);
	return 0;
}

#endif
