// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Opening a window: each option and its limits, and what is said about those
 * that cannot be had.
 */
#define _GNU_SOURCE
#include "window_refused.h"

/* --- options ----------------------------------------------------------------- */

/* kills: another default than the header has */
static void open_defaults_are_documented(void)
{
	struct noalias_window *window = window_over(file_of(8), NULL);

	EXPECT_EQ(noalias_window_granule(window), PAGE);
	EXPECT_EQ(noalias_window_nr_slots(window), 16 * MIB / PAGE);
	window_close(window);
	window = window_over(file_of(8), OPTIONS(.granule = 2 * MIB));
	EXPECT_EQ(noalias_window_granule(window), 2 * MIB);
	EXPECT_EQ(noalias_window_nr_slots(window), 16);
	window_close(window);
}

/* kills: a limit that is off by one, or not named */
static void open_refuses_options_beyond_limits(void)
{
	int fd = file_of(1);

	refused(fd, OPTIONS(.nr_slots = NOALIAS_WINDOW_SLOTS_MAX + 1), EINVAL,
		"nr_slots is 65537, must be at most 65536");
	refused(fd, OPTIONS(.nr_slots = 4, .batch_max = 5), EINVAL,
		"batch_max is 5, must be at most 4");
	refused(fd, OPTIONS(.local_depth = 17), EINVAL,
		"local_depth is 17, must be at most 16");
	refused(fd, OPTIONS(.threads_max = 1025), EINVAL,
		"threads_max is 1025, must be at most 1024");
	refused(fd, OPTIONS(.flags = 1u << 4), EINVAL,
		"flags are 0x10, known are 0xf");
	refused(fd, OPTIONS(.granule = 2048), EINVAL,
		"granule is 2048, must be a power of two from 4096 to 2097152");
	refused(fd, OPTIONS(.granule = 4 * MIB), EINVAL, "granule is 4194304");
	refused(fd, OPTIONS(.granule = 12288), EINVAL, "granule is 12288");
}

/* kills: a limit that cannot be reached */
static void open_takes_options_at_limits(void)
{
	int fd = file_of(1);

	window_close(window_over(fd, OPTIONS(.nr_slots = 1, .batch_max = 1,
					     .threads_max = 1)));
	window_close(window_over(fd, OPTIONS(.nr_slots = 4, .batch_max = 4,
					     .local_depth = 16,
					     .threads_max = 1024)));
	window_close(window_over(fd, OPTIONS(.granule = 4096,
					     .nr_slots = 32768)));
}

/* kills: a struct of another version taken for ours */
static void open_checks_size_of_options(void)
{
	struct {
		struct noalias_window_options options;
		uint64_t later;
	} big = { .options.size = sizeof(big) };
	int fd = file_of(1);

	window_close(window_over(fd, &big.options));
	big.later = 1;
	refused(fd, &big.options, E2BIG, "options: size is ");
	big.options.size = sizeof(big.options) - 1;
	refused(fd, &big.options, EINVAL, "must be ");
	big.options.size = 0;
	refused(fd, &big.options, EINVAL, "options: size is 0");
}

/* kills: a crash where an error belongs */
static void open_refuses_missing_arguments(void)
{
	int fd = file_of(1);

	EXPECT_ERROR(noalias_window_open(fd, NULL, NULL), EINVAL,
		     "window is NULL");
	refused(-1, NULL, EBADF, "fd -1 is not open");
	close(fd);
	refused(fd, NULL, EBADF, "is not open");
	EXPECT_EQ(noalias_window_close(NULL), 0);
}

/* kills: more slots than the kernel has mappings */
static void open_refuses_more_slots_than_mappings(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned int max;
	int fd = file_of(1);

	EXPECT(file && fscanf(file, "%u", &max) == 1);
	fclose(file);
	if (max >= NOALIAS_WINDOW_SLOTS_MAX + 256)
		return;
	refused(fd, OPTIONS(.nr_slots = NOALIAS_WINDOW_SLOTS_MAX), ENOMEM,
		"vm.max_map_count is ");
	refused(fd, OPTIONS(.nr_slots = max - 255), ENOMEM, "the limit is ");
	window_close(window_over(fd, OPTIONS(.nr_slots = max - 256)));
}

/* kills: a length_max that does not bind, or that hides the file's end or a part of
 * its last granule
 */
static void open_checks_length_max(void)
{
	int fd = file_of(4);
	struct noalias_window *window;
	void *addr;

	refused(fd, OPTIONS(.length_max = 2 * PAGE), EFBIG,
		"length_max is 8192, the file has 16384");
	refused(fd, OPTIONS(.length_max = UINT64_MAX), EFBIG,
		"length_max is 18446744073709551615, the limit is ");
	window = window_over(fd, OPTIONS(.length_max = 4 * PAGE));
	EXPECT(!ftruncate(fd, 8 * PAGE));
	EXPECT_ERROR(noalias_window_map(window, 4 * PAGE, 1, &addr), EFBIG,
		     "offset 16384, len 1: length_max is 16384");
	EXPECT_ERROR(noalias_window_map(window, 3 * PAGE, 2 * PAGE, &addr),
		     EFBIG, "length_max is 16384");
	check_page(window, 3);
	window_close(window);
	/* Of a granule that is bound to be cut all can be mapped. */
	EXPECT(!ftruncate(fd, 3 * PAGE + 5));
	window = window_over(fd, OPTIONS(.length_max = 3 * PAGE + 5));
	unmap(window, map_at(window, 3 * PAGE, 5), 5);
	window_close(window);
}

/* kills: a default of length_max that refuses what the file has already */
static void open_takes_longest_file(void)
{
	const uint64_t len = sizeof(long) == 4 ? 1ull << 43 : 1ull << 45;
	struct noalias_window *window;
	int fd = file_of(1);
	void *addr;

	EXPECT(!ftruncate(fd, (off_t)len));
	window = window_over(fd, NULL);
	addr = map_at(window, len - 1, 1);
	*(char *)addr = 7;
	unmap(window, addr, 1);
	EXPECT_EQ(pread(fd, &addr, 1, (off_t)len - 1), 1);
	window_close(window);
}

#ifndef __SANITIZE_ADDRESS__	/* it needs all addresses itself */
/* kills: addresses that run out in a crash */
static void open_without_addresses_is_enomem(void)
{
	struct rlimit limit = { .rlim_cur = 1ul << 28,
				.rlim_max = RLIM_INFINITY };
	int fd = file_of(1);

	EXPECT(!setrlimit(RLIMIT_AS, &limit));
	refused(fd, OPTIONS(.granule = 2 * MIB, .nr_slots = 4096), ENOMEM,
		"no memory or addresses for 4096 slots of 2097152");
	window_close(window_over(fd, NULL));
}
#endif

/*
 * The ledger's top for it has 2 GiB, of which nothing is touched: whether that
 * is too much depends on the machine.
 */
static void try_absurd_length(int fd)
{
	struct noalias_window *window;
	int err = noalias_window_open(fd, OPTIONS(.length_max = 1ull << 62),
				      &window);

	if (!err)
		EXPECT_EQ(noalias_window_close(window), 0);
	else
		EXPECT_EQ(err, sizeof(long) == 4 ? -EFBIG : -ENOMEM);
}

/* kills: a descriptor that a failed open keeps; EMFILE not told */
static void open_failed_leaves_nothing(void)
{
	unsigned int before;
	struct rlimit limit, lowered;
	int fd = file_of(1);

	before = nr_descriptors();
	refused(fd, OPTIONS(.granule = 1), EINVAL, "granule");
	try_absurd_length(fd);
	EXPECT_EQ(nr_descriptors(), before);
	EXPECT(!getrlimit(RLIMIT_NOFILE, &limit));
	lowered = limit;
	lowered.rlim_cur = (rlim_t)fd + 1;
	EXPECT(!setrlimit(RLIMIT_NOFILE, &lowered));
	refused(fd, NULL, EMFILE, "fd ");
	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* kills: a window that dies with the caller's descriptor, or keeps its own */
static void open_keeps_own_descriptor(void)
{
	int fd = file_of(2);
	unsigned int before = nr_descriptors();
	struct noalias_window *window = window_over(fd, NULL);

	EXPECT_EQ(nr_descriptors(), before + 1);
	close(fd);
	check_page(window, 1);
	window_close(window);
	EXPECT_EQ(nr_descriptors(), before - 1);
}

/* --- what a descriptor is open for ------------------------------------------- */

/* kills: a read-only window that can be written through */
static void open_readonly_maps_cannot_be_written(void)
{
	char path[64];
	struct noalias_window *window;
	int fd = file_of(2), ro;
	void *addr;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(ro >= 0);
	refused(ro, NULL, EACCES, "is not open for reading and writing");
	window = window_over(ro, OPTIONS(.flags = NOALIAS_WINDOW_READONLY,
					 .local_depth = 1));
	addr = map_at(window, PAGE, PAGE);
	EXPECT_EQ(page_number(addr), 1);
	EXPECT_EQ(signal_of(addr, true), SIGSEGV);
	unmap(window, addr, PAGE);
	EXPECT_EQ(noalias_window_local_map(window, PAGE, PAGE, &addr), 0);
	EXPECT_EQ(signal_of(addr, true), SIGSEGV);
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
	window_close(window);
}

/* kills: a message that names the wrong right */
static void open_writeonly_is_eacces(void)
{
	char path[64];
	int fd = file_of(2), wo;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wo = open(path, O_WRONLY | O_CLOEXEC);
	EXPECT(wo >= 0);
	refused(wo, NULL, EACCES, "is not open for reading and writing");
	refused(wo, OPTIONS(.flags = NOALIAS_WINDOW_READONLY), EACCES,
		"is not open for reading");
}

/* kills: EPERM without a word */
static void open_sealed_against_writing_is_eperm(void)
{
	int fd = file_of(2);

	EXPECT(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	refused(fd, NULL, EPERM, "cannot be mapped");
}

static const struct tap_case cases[] = {
	TAP(open_defaults_are_documented),
	TAP(open_refuses_options_beyond_limits),
	TAP(open_takes_options_at_limits),
	TAP(open_checks_size_of_options),
	TAP(open_refuses_missing_arguments),
	TAP(open_refuses_more_slots_than_mappings),
	TAP(open_checks_length_max),
	TAP(open_takes_longest_file),
#ifndef __SANITIZE_ADDRESS__
	TAP(open_without_addresses_is_enomem),
#endif
	TAP(open_failed_leaves_nothing),
	TAP(open_keeps_own_descriptor),
	TAP(open_readonly_maps_cannot_be_written),
	TAP(open_writeonly_is_eacces),
	TAP(open_sealed_against_writing_is_eperm),
};

TAP_MAIN(cases)
