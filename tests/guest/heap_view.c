// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What root and the owner can see of a buffer: debugfs, /proc/PID/fdinfo, the
 * kernel's own table of dma-bufs.
 */
#define _GNU_SOURCE
#include "heap_buffers.h"
#include "heap_importer.h"

#include <linux/dma-buf.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define LEN (40 * PAGE)

static char *fdinfo(int fd)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	text = read_text(path);
	EXPECT(text);
	return text;
}

/* kills: heap, type, size or owner of another buffer, or of none */
static void buffers_names_owner_size_and_type(void)
{
	struct buffer_line line;
	char comm[16];

	new_buffer(LEN - 5);
	line = my_buffer();
	prctl(PR_GET_NAME, comm);
	EXPECT(!strcmp(line.heap, heap_name()));
	EXPECT(!strcmp(line.type, heap_type()));
	EXPECT_EQ(line.bytes, LEN);
	EXPECT_EQ(line.high_frames + line.low_frames, LEN / PAGE);
	EXPECT_EQ(line.pid, getpid());
	EXPECT(!strcmp(line.comm, comm));
	EXPECT_EQ(line.mmaps, 0);
	EXPECT_EQ(line.vmaps, 0);
	EXPECT_EQ(line.dma_maps, 0);
}

/* kills: uses that are counted once, or never given back */
static void buffers_counts_uses(void)
{
	struct importer_map map = { .dir = DMA_TO_DEVICE };
	int fd = new_buffer(LEN), importer = new_import(fd);
	char *one = map_buffer(fd, LEN), *other = map_buffer(fd, LEN);

	EXPECT_EQ(my_buffer().mmaps, 2);
	EXPECT(!munmap(one + PAGE, PAGE));
	EXPECT_EQ(my_buffer().mmaps, 3);
	EXPECT(!munmap(one, LEN));
	EXPECT_EQ(my_buffer().mmaps, 1);
	/* Nested ones are counted by the kernel, which asks us for the first. */
	import_vmap(importer);
	import_vmap(importer);
	EXPECT_EQ(import_vunmap(importer), 0);
	EXPECT_EQ(my_buffer().vmaps, 1);
	EXPECT_EQ(import_map(importer, &map), 0);
	EXPECT_EQ(my_buffer().dma_maps, 1);
	EXPECT_EQ(import_detach(importer), 0);
	EXPECT_EQ(my_buffer().vmaps, 0);
	EXPECT_EQ(my_buffer().dma_maps, 0);
	EXPECT(!munmap(other, LEN));
	EXPECT_EQ(my_buffer().mmaps, 0);
}

static void hold_two(void *arg)
{
	struct buffer_line lines[3];

	(void)arg;
	new_buffer(PAGE);
	new_buffer(2 * PAGE);
	EXPECT_EQ(read_buffers(getpid(), lines, 3), 2);
	EXPECT(lines[1].id > lines[0].id);
	EXPECT_EQ(lines[0].bytes + lines[1].bytes, 3 * PAGE);
}

/* kills: a list that loses a buffer, or keeps one */
static void buffers_lists_each_until_it_goes(void)
{
	struct buffer_line line = { 0 };
	int fd = new_buffer(3 * PAGE);

	EXPECT(passes(start(hold_two, NULL)));
	EXPECT_EQ(read_buffers(0, &line, 1), 1);
	EXPECT_EQ(line.bytes, 3 * PAGE);
	close(fd);
	EXPECT_EQ(read_buffers(0, &line, 1), 0);
}

static void allocate_with_odd_name(void *arg)
{
	(void)arg;
	EXPECT(!prctl(PR_SET_NAME, "a b\n9 x y"));
	new_buffer(PAGE);
	EXPECT(!strcmp(my_buffer().comm, "a\\040b\\0129\\040x\\040y"));
}

/* kills: a process that forges a line by its name */
static void buffers_escapes_names(void)
{
	EXPECT(passes(start(allocate_with_odd_name, NULL)));
}

/* kills: fdinfo without the size, the heap or the owner */
static void fdinfo_names_owner_size_and_heap(void)
{
	char want[64], comm[16], *text = fdinfo(new_buffer(LEN));

	prctl(PR_GET_NAME, comm);
	snprintf(want, sizeof(want), "\nsize:\t%u\n", LEN);
	EXPECT(strstr(text, want));
	snprintf(want, sizeof(want), "\nexp_name:\t%s\n", heap_name());
	EXPECT(strstr(text, want));
	snprintf(want, sizeof(want), "\nname:\t%d:%s\n", getpid(), comm);
	EXPECT(strstr(text, want));
}

/* kills: a name that the owner cannot change, or that is freed twice */
static void fdinfo_shows_name_given_later(void)
{
	int fd = new_buffer(PAGE);
	char *text;

	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, "camera ring 3"));
	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, "camera ring 4"));
	text = fdinfo(fd);
	EXPECT(strstr(text, "\nname:\tcamera ring 4\n"));
	EXPECT_EQ(my_buffer().pid, getpid());
}

/* kills: a name copied past its end, or from where nothing is */
static void set_name_refuses_bad_names(void)
{
	int fd = new_buffer(PAGE);
	char name[64];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	EXPECT_ERRNO(ioctl(fd, DMA_BUF_SET_NAME, name), EINVAL);
	EXPECT_ERRNO(ioctl(fd, DMA_BUF_SET_NAME, 16ul), EFAULT);
	name[31] = 0;
	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, name));
}

/* kills: a buffer that the kernel's table does not know by its exporter */
static void dmabuf_table_names_heap(void)
{
	new_buffer(LEN);
	EXPECT(file_has("/sys/kernel/debug/dma_buf/bufinfo", heap_name()));
}

/* kills: counters of conversions that count calls for frames */
static void counters_add_up(void)
{
	uint64_t conversions = counter("conversions");
	uint64_t frames = counter("converted_frames");
	uint64_t returns = counter("returns");
	uint64_t returned = counter("returned_frames");
	int fd = new_buffer(LEN);

	EXPECT_EQ(counter("conversions") - conversions, 1);
	EXPECT_EQ(counter("converted_frames") - frames, LEN / PAGE);
	EXPECT_EQ(counter("frames_in_buffers"), LEN / PAGE);
	EXPECT_EQ(counter("frames_charged"), LEN / PAGE);
	close(fd);
	EXPECT_EQ(counter("returns") - returns, 1);
	EXPECT_EQ(counter("returned_frames") - returned, LEN / PAGE);
	EXPECT_EQ(counter("frames_in_buffers"), 0);
	EXPECT_EQ(counter("frames_charged"), 0);
}

/* kills: one shootdown a page, or a block */
static void conversion_pays_two_shootdowns_at_most(void)
{
	uint64_t flushes = counter("tlb_flushes"), there;
	int fd = new_buffer(16 * MIB);

	there = counter("tlb_flushes");
	EXPECT(there - flushes <= 2);
	close(fd);
	EXPECT(counter("tlb_flushes") - there <= 2);
}

/* kills: a table that anybody may read */
static void debugfs_files_are_for_root_only(void)
{
	static const char *const files[] = { "buffers", "counters",
					     "refusals" };
	char path[64];
	struct stat stat_;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", files[i]);
		EXPECT(!stat(path, &stat_));
		EXPECT_EQ(stat_.st_mode, S_IFREG | 0400);
	}
}

static const struct guest_case cases[] = {
	CASE(buffers_names_owner_size_and_type),
	CASE(buffers_counts_uses),
	CASE(buffers_lists_each_until_it_goes),
	CASE(buffers_escapes_names),
	CASE(fdinfo_names_owner_size_and_heap),
	CASE(fdinfo_shows_name_given_later),
	CASE(set_name_refuses_bad_names),
	CASE(dmabuf_table_names_heap),
	CASE(counters_add_up),
	CASE(conversion_pays_two_shootdowns_at_most),
	CASE(debugfs_files_are_for_root_only),
};
GUEST_MAIN(cases)
