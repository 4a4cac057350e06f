// SPDX-License-Identifier: GPL-2.0 OR MIT
#define _GNU_SOURCE
#include "window_tools.h"

#include <signal.h>

/*
 * What the library asks for and does not get is an error it must report. How
 * much a machine gives without having it is not to decide about a case.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

void file_number(int fd, unsigned int pages)
{
	unsigned int page;

	for (page = 0; page < pages; page++)
		EXPECT_EQ(pwrite(fd, &page, sizeof(page), (off_t)page * PAGE),
			  sizeof(page));
}

int file_of(unsigned int pages)
{
	int fd = memfd_create("window", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	EXPECT(fd >= 0);
	EXPECT(!ftruncate(fd, (off_t)pages * PAGE));
	file_number(fd, pages);
	return fd;
}

void file_seal(int fd)
{
	EXPECT(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
}

struct noalias_window *window_over(int fd,
				   const struct noalias_window_options *options)
{
	struct noalias_window *window;

	EXPECT_EQ(noalias_window_open(fd, options, &window), 0);
	return window;
}

void window_close(struct noalias_window *window)
{
	EXPECT_EQ(noalias_window_close(window), 0);
}

void *map_at(struct noalias_window *window, uint64_t offset, size_t len)
{
	void *addr = NULL;

	EXPECT_EQ(noalias_window_map(window, offset, len, &addr), 0);
	EXPECT(addr);
	return addr;
}

void unmap(struct noalias_window *window, const void *addr, size_t len)
{
	EXPECT_EQ(noalias_window_unmap(window, addr, len), 0);
}

unsigned int page_number(const void *addr)
{
	return *(const volatile unsigned int *)addr;
}

void check_page(struct noalias_window *window, unsigned int page)
{
	void *addr = map_at(window, (uint64_t)page * PAGE, PAGE);

	EXPECT_EQ(page_number(addr), page);
	unmap(window, addr, PAGE);
}

struct noalias_window_stats stats_of(struct noalias_window *window)
{
	struct noalias_window_stats stats;

	EXPECT_EQ(noalias_window_stats(window, &stats, sizeof(stats)), 0);
	return stats;
}

char *first_slot(struct noalias_window *window)
{
	char *addr;

	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	addr = map_at(window, 0, 1);
	unmap(window, addr, 1);
	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	return addr;
}

bool area_at(const void *addr, struct area *area)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[8192];

	EXPECT(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%lx-%lx %4s %llx %*s %llu",
			       &area->start, &area->end, area->prot,
			       &area->offset, &area->inode) == 5 &&
			area->start <= (unsigned long)addr &&
			area->end > (unsigned long)addr;
	fclose(maps);
	return found;
}

bool is_guarded(const void *addr)
{
	struct area area;

	return area_at(addr, &area) && !strcmp(area.prot, "---p") &&
	       !area.inode;
}

int signal_of(const void *addr, bool writes)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		if (writes)
			*(volatile char *)(size_t)addr = 1;
		else
			(void)*(const volatile char *)addr;
		_exit(0);
	}
	EXPECT(pid > 0);
	status = tap_ended(pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

const char *dump_of(struct noalias_window *window, int *nr)
{
	static char text[16384];
	ssize_t len;
	int fd = memfd_create("dump", MFD_CLOEXEC);

	EXPECT(fd >= 0);
	*nr = noalias_window_dump(window, fd);
	len = pread(fd, text, sizeof(text) - 1, 0);
	EXPECT(len >= 0);
	text[len] = 0;
	close(fd);
	return text;
}

/* --- misfortune --------------------------------------------------------------- */

static bool is_losing;
static void *lost_slot;

void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);

void *const *lose_next_slot(void)
{
	is_losing = true;
	lost_slot = NULL;
	return &lost_slot;
}

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	if (!is_losing || !(flags & MAP_FIXED) || fd < 0)
		return __real_mmap64(addr, len, prot, flags, fd, offset);
	is_losing = false;
	lost_slot = __real_mmap64(addr, len, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				  0);
	errno = ENOMEM;
	return MAP_FAILED;
}
