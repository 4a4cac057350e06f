// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of mappings of running processes: of this one.
 *
 * In a namespace of processes that is not the first, the numbers of the kernel
 * are not those of /proc: then nothing may be found.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../port/dump/names_parts.h"
#include "../unit/tap.h"

static struct na_kernel_space self;
static struct na_mapping mapping;

static bool is_first_ns(void)
{
	struct stat ns;

	return !stat("/proc/self/ns/pid", &ns) && ns.st_ino == 0xeffffffc;
}

static void be(const char *comm)
{
	prctl(PR_SET_NAME, comm);
	self = (struct na_kernel_space){ .pid = getpid(), .is_process = true };
	snprintf(self.comm, sizeof(self.comm), "%s", comm);
}

static bool find(u64 va)
{
	struct na_live *live = na_live_create();
	bool is_found;

	EXPECT(live);
	is_found = na_live_find(live, &self, va, &mapping);
	na_live_destroy(live);
	return is_found;
}

static void mapping_of_a_file(void)
{
	char path[] = "/tmp/noalias maps XXXXXX";
	int fd = mkstemp(path);
	void *at;

	EXPECT(fd >= 0 && !ftruncate(fd, 8192));
	at = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	be("na (maps) 1");
	EXPECT_EQ(find((uintptr_t)at + 5000), is_first_ns());
	if (is_first_ns()) {
		EXPECT_EQ(mapping.start, (uintptr_t)at);
		EXPECT_EQ(mapping.end, (uintptr_t)at + 8192);
		EXPECT_STR(mapping.perms, "r--s");
		EXPECT_STR(mapping.name, path);
	}
	munmap(at, 8192);
	unlink(path);
	close(fd);
}

static void mapping_without_a_name(void)
{
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(!mprotect(at, 4096, PROT_NONE));
	be("na");
	EXPECT_EQ(find((uintptr_t)at), is_first_ns());
	if (is_first_ns()) {
		EXPECT_STR(mapping.perms, "---p");
		EXPECT_STR(mapping.name, "");
	}
	munmap(at, 8192);
}

static void nothing_is_mapped(void)
{
	be("na");
	EXPECT(!find(0));
	EXPECT(!find(~0ull));
	EXPECT_EQ(mapping.end, 0);
}

/* The number is another's by now. */
static void process_of_another_name(void)
{
	be("one");
	prctl(PR_SET_NAME, "other");
	EXPECT(!find((uintptr_t)&self));
	be("gone");
	self.pid = 0x3ffffff;
	EXPECT(!find((uintptr_t)&self));
	be("kernel");
	self.is_process = false;
	EXPECT(!find((uintptr_t)&self));
}

static const struct tap_case cases[] = {
	TAP(mapping_of_a_file),
	TAP(mapping_without_a_name),
	TAP(nothing_is_mapped),
	TAP(process_of_another_name),
};

TAP_MAIN(cases)
