// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Opening a window: each kind of file, and what is said about those that cannot
 * be had.
 */
#define _GNU_SOURCE
#include "window_refused.h"

/* kills: an odd error, or a success, for what has no pages */
static void open_refuses_what_has_no_pages(void)
{
	int fds[2];

	EXPECT(!pipe2(fds, O_CLOEXEC));
	refused(fds[0], OPTIONS(.flags = NOALIAS_WINDOW_READONLY), ENODEV,
		"cannot be mapped: No such device");
	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	refused(fds[0], NULL, ENODEV, "cannot be mapped");
	fds[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	refused(fds[0], OPTIONS(.flags = NOALIAS_WINDOW_READONLY), ENODEV,
		"cannot be mapped");
	fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	refused(fds[0], NULL, ENODEV, "cannot be mapped");
	fds[0] = open("/", O_PATH | O_CLOEXEC);
	refused(fds[0], NULL, EBADF, "cannot be mapped");
}

/* kills: a device of no length taken for an empty file */
static void open_device_needs_length(void)
{
	struct noalias_window *window;
	/* What is received can be mapped, and nobody needs a right for it. */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	void *addr;

	EXPECT(fd >= 0);
	refused(fd, OPTIONS(.flags = NOALIAS_WINDOW_READONLY), EINVAL,
		"has no length: set options.length");
	window = window_over(fd, OPTIONS(.flags = NOALIAS_WINDOW_READONLY,
					 .length = PAGE));
	addr = map_at(window, 1, PAGE - 1);
	unmap(window, addr, PAGE - 1);
	EXPECT_ERROR(noalias_window_map(window, 1, PAGE, &addr), ERANGE,
		     "the file ends at 4096");
	window_close(window);
}

/* kills: a device whose mappings have nothing in common: SIGBUS, or bytes lost */
static void open_refuses_dev_zero(void)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);

	EXPECT(fd >= 0);
	refused(fd, OPTIONS(.nr_slots = 16, .length = MIB), ENODEV,
		"is /dev/zero, whose mappings do not share their bytes");
	refused(fd, OPTIONS(.length = PAGE), ENODEV, "is /dev/zero");
	refused(fd, OPTIONS(.flags = NOALIAS_WINDOW_READONLY, .length = PAGE),
		ENODEV, "is /dev/zero");
	refused(fd, NULL, ENODEV, "is /dev/zero");
}

/* kills: a length believed that the file does not have: SIGBUS */
static void open_refuses_length_of_file(void)
{
	int fd = file_of(4);

	refused(fd, OPTIONS(.length = PAGE), EINVAL,
		"length is 4096, must be 0: the file has the length 16384");
	EXPECT(!ftruncate(fd, 0));
	refused(fd, OPTIONS(.length = PAGE), EINVAL,
		"length is 4096, must be 0: the file has the length 0");
}

/* kills: an empty file that can never grow */
static void open_empty_file_may_grow(void)
{
	int fd = file_of(0);
	struct noalias_window *window = window_over(fd, NULL);
	void *addr;

	EXPECT_ERROR(noalias_window_map(window, 0, 1, &addr), ERANGE,
		     "the file ends at 0");
	EXPECT(!ftruncate(fd, 2 * PAGE));
	file_number(fd, 2);
	check_page(window, 1);
	window_close(window);
}

static void use_file(int fd, unsigned int pages, unsigned int granule)
{
	struct noalias_window *window =
		window_over(fd, OPTIONS(.granule = granule, .nr_slots = 4));
	unsigned int page, i;
	void *addr;

	for (i = 0; i < 64; i++) {
		page = i * 7 % pages;
		check_page(window, page);
		addr = map_at(window, page * PAGE + 8, 4);
		*(unsigned int *)addr = page + 1;
		unmap(window, addr, 4);
		EXPECT_EQ(pread(fd, &addr, 4, page * PAGE + 8), 4);
		EXPECT_EQ(*(unsigned int *)&addr, page + 1);
	}
	window_close(window);
}

static int disk_file(const char *dir, unsigned int pages)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	EXPECT(!ftruncate(fd, pages * PAGE));
	file_number(fd, pages);
	return fd;
}

/* kills: a file system that is special to the library */
static void open_regular_file_on_disk_and_tmpfs(void)
{
	static const char *const dirs[] = { "/var/tmp", "/tmp", "/dev/shm" };
	unsigned int nr = 0;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		fd = disk_file(dirs[i], 16);
		if (fd < 0)
			continue;
		use_file(fd, 16, PAGE);
		use_file(fd, 16, 16 * KIB);
		nr++;
	}
	EXPECT(nr);
}

/* kills: a granule that is not used as given */
static void open_every_granule(void)
{
	unsigned int granule;

	for (granule = PAGE; granule <= 2 * MIB; granule *= 2)
		use_file(file_of(1024), 1024, granule);
}

/* Pages that a new map of 64 KiB has in the page tables before it is used. */
static unsigned int nr_faulted(uint32_t flags)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct noalias_window *window;
	uint64_t entries[16];
	unsigned int i, nr = 0;
	void *addr;

	EXPECT(fd >= 0);
	window = window_over(file_of(16), OPTIONS(.granule = 64 * KIB,
						  .flags = flags));
	addr = map_at(window, 0, 1);
	/* Not by mincore(), which tells of the file's pages. */
	EXPECT_EQ(pread(fd, entries, sizeof(entries),
			(off_t)((uintptr_t)addr / PAGE * sizeof(*entries))),
		  sizeof(entries));
	for (i = 0; i < 16; i++)
		nr += entries[i] >> 63;
	unmap(window, addr, 1);
	window_close(window);
	close(fd);
	return nr;
}

/* kills: populate that is not asked of the kernel, or asked always */
static void open_populate_faults_slots(void)
{
	EXPECT_EQ(nr_faulted(NOALIAS_WINDOW_POPULATE), 16);
	EXPECT_EQ(nr_faulted(0), 0);
}

static int write_number(const char *path, unsigned int number)
{
	FILE *file = fopen(path, "we");
	int err;

	if (!file)
		return -1;
	fprintf(file, "%u\n", number);
	err = fclose(file);
	return err;
}

static unsigned int read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;

	if (file && fscanf(file, "%u", &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	return number;
}

static const char huge[] =
	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

static void use_huge(int fd)
{
	struct noalias_window *window;
	void *addr;

	refused(fd, OPTIONS(.granule = 64 * KIB), EINVAL,
		"must be a multiple of the file's page, 2097152");
	window = window_over(fd, NULL);
	EXPECT_EQ(noalias_window_granule(window), 2 * MIB);
	EXPECT_EQ(noalias_window_nr_slots(window), 16);
	addr = map_at(window, 3 * MIB, 2 * MIB);
	memset(addr, 3, 2 * MIB);
	unmap(window, addr, 2 * MIB);
	addr = map_at(window, 5 * MIB - 1, 1);
	EXPECT_EQ(*(char *)addr, 3);
	unmap(window, addr, 1);
	EXPECT_ERROR(noalias_window_map(window, 6 * MIB, 1, &addr), ERANGE,
		     "the file ends at 6291456");
	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	window_close(window);
}

/* kills: huge pages taken for small ones; an empty file made longer by us */
static void open_hugetlbfs(void)
{
	unsigned int before = read_number(huge);
	struct stat st;
	int fd;

	if (before < 8 && (write_number(huge, 8) || read_number(huge) < 8))
		tap_skip("no huge pages");
	fd = memfd_create("huge", MFD_HUGETLB | MFD_CLOEXEC);
	EXPECT(fd >= 0);
	window_close(window_over(fd, NULL));
	EXPECT(!fstat(fd, &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT(!ftruncate(fd, 6 * MIB));
	use_huge(fd);
	close(fd);
	if (before < 8)
		write_number(huge, before);
}

static int attach_loop(int file)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	char path[32];
	int nr, fd;

	if (control < 0)
		return -1;
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	fd = nr < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, LOOP_SET_FD, file)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* kills: a device's length looked for where it is not */
static void open_block_device(void)
{
	struct noalias_window *window;
	int file = disk_file("/var/tmp", 16), loop;
	void *addr;

	EXPECT(file >= 0);
	loop = attach_loop(file);
	if (loop < 0)
		tap_skip("no loop device");
	use_file(loop, 16, PAGE);
	window = window_over(loop, NULL);
	EXPECT_ERROR(noalias_window_map(window, 16 * PAGE - 1, 2, &addr),
		     ERANGE, "the file ends at 65536");
	window_close(window);
	EXPECT(!ioctl(loop, LOOP_CLR_FD));
}

struct udmabuf_create {
	uint32_t memfd;
	uint32_t flags;
	uint64_t offset;
	uint64_t size;
};

#define UDMABUF_CREATE _IOW('u', 0x42, struct udmabuf_create)

/* kills: a dma-buf taken for a file of no length, or asked again and again */
static void open_dma_buf(void)
{
	struct udmabuf_create create = { .size = 16 * PAGE };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;

	if (device < 0)
		tap_skip("no /dev/udmabuf");
	create.memfd = (uint32_t)file_of(16);
	file_seal((int)create.memfd);
	fd = ioctl(device, UDMABUF_CREATE, &create);
	EXPECT(fd >= 0);
	window_close(window_over(fd, NULL));
	close(device);
}

static const struct tap_case cases[] = {
	TAP(open_refuses_what_has_no_pages),
	TAP(open_device_needs_length),
	TAP(open_refuses_dev_zero),
	TAP(open_refuses_length_of_file),
	TAP(open_empty_file_may_grow),
	TAP(open_regular_file_on_disk_and_tmpfs),
	TAP(open_every_granule),
	TAP(open_populate_faults_slots),
	TAP(open_hugetlbfs),
	TAP(open_block_device),
	TAP(open_dma_buf),
};

TAP_MAIN(cases)
