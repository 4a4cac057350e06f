// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mapping a buffer: what is refused, and what a mapping is.
 */
#define _GNU_SOURCE
#include "input_mmap.h"

/* --- refused at mmap() ---------------------------------------------------------- */

/* kills: private areas allowed: written pages become cached copies */
static void mmap_private(void)
{
	int fd = new_fd(O_RDWR);

	EXPECT_EQ(map_errno(fd, LEN, RW, MAP_PRIVATE, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, LEN, PROT_READ, MAP_PRIVATE, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, LEN, PROT_NONE, MAP_PRIVATE, 0), EINVAL);
	EXPECT(refused("mmap flags", "MAP_SHARED"));
}

/* kills: the same for a descriptor that is open for reading only */
static void mmap_private_of_read_only_fd(void)
{
	int fd = new_fd(O_RDONLY);

	EXPECT_EQ(map_errno(fd, LEN, RW, MAP_PRIVATE, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, LEN, PROT_READ, MAP_PRIVATE, 0), EINVAL);
}

/* kills: executable areas, for which some CPUs map frames cached */
static void mmap_exec(void)
{
	int fd = new_fd(O_RDWR);

	EXPECT_EQ(map_errno(fd, LEN, RW | PROT_EXEC, MAP_SHARED, 0), EACCES);
	EXPECT(refused("mmap prot", "no PROT_EXEC"));
	EXPECT_EQ(map_errno(fd, LEN, PROT_EXEC, MAP_SHARED, 0), EACCES);
}

/* An i386 program from before 2004 gets PROT_EXEC with every PROT_READ. */
static void imply_exec(void)
{
	EXPECT(personality(READ_IMPLIES_EXEC) >= 0);
}

/* kills: programs refused for what they did not ask for; VM_EXEC left in an
 * area that is let through
 */
static void mmap_read_implies_exec(void)
{
	int fd = new_fd(O_RDWR), read_fd = new_fd(O_RDONLY);
	char *mem;

	imply_exec();
	mem = map_buffer(fd, LEN);
	fill(mem, LEN, 1);
	expect_intact(mem);
	EXPECT(!file_has("/proc/self/maps", "rwxs"));
	EXPECT(file_has("/proc/self/maps", "rw-s"));
	EXPECT_EQ(map_errno(read_fd, LEN, PROT_READ, MAP_SHARED, 0), 0);
	EXPECT_EQ(map_errno(read_fd, LEN, PROT_READ, MAP_PRIVATE, 0), EINVAL);
	EXPECT(!mlockall(MCL_CURRENT | MCL_FUTURE));
	EXPECT_EQ(map_errno(fd, LEN, RW, MAP_SHARED | MAP_POPULATE, 0), 0);
	EXPECT(!file_has("/proc/self/maps", "r-xs"));
}

/* kills: a personality that opens the door for PROT_EXEC by itself */
static void mmap_exec_under_read_implies_exec(void)
{
	int fd = new_fd(O_RDWR);

	imply_exec();
	EXPECT_EQ(map_errno(fd, LEN, PROT_EXEC, MAP_SHARED, 0), EACCES);
	EXPECT_EQ(map_errno(fd, LEN, PROT_WRITE | PROT_EXEC, MAP_SHARED, 0),
		  EACCES);
	EXPECT(refused("mmap prot", "no PROT_EXEC"));
}

/* kills: VM_MAYEXEC left set */
static void mprotect_exec(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO(mprotect(mem, LEN, RW | PROT_EXEC), EACCES);
	EXPECT_ERRNO(mprotect(mem + PAGE, PAGE, PROT_EXEC), EACCES);
	imply_exec();
	EXPECT(!mprotect(mem, LEN, PROT_NONE));
	mprotect(mem, LEN, PROT_READ);
	EXPECT(!file_has("/proc/self/maps", "r-xs"));
}

/* kills: pages past the end taken from whatever frame comes next */
static void mmap_past_the_end(void)
{
	int fd = new_fd(O_RDWR);

	EXPECT_EQ(map_errno(fd, LEN + PAGE, RW, MAP_SHARED, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, LEN, RW, MAP_SHARED, PAGE), EINVAL);
	EXPECT_EQ(map_errno(fd, PAGE, RW, MAP_SHARED, LEN), EINVAL);
	EXPECT_EQ(map_errno(fd, PAGE, RW, MAP_SHARED, LEN + 64 * MIB), EINVAL);
	EXPECT_EQ(map_errno(fd, 2 * PAGE, RW, MAP_SHARED, LEN - PAGE), EINVAL);
	EXPECT_EQ(map_errno(fd, 512 * MIB, RW, MAP_SHARED, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, PAGE, RW, MAP_SHARED, LEN - PAGE), 0);
}

/* kills: a sum of offset and length that wraps */
static void mmap_offset_overflow(void)
{
	static const uint32_t pages[] = {
		~0u, ~0u - NR, ~0u - NR + 1, 0x80000000, 0xfffff, 0x100000,
		0xfffff - NR,
	};
	int fd = new_fd(O_RDWR);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		int err = map_errno(fd, LEN, RW, MAP_SHARED,
				    (off_t)pages[i] * PAGE);

		if (err != EOVERFLOW && err != EINVAL)
			say("offset of 0x%x pages: errno %d", pages[i], err);
		EXPECT(err == EOVERFLOW || err == EINVAL);
	}
	EXPECT_EQ(map_errno(fd, 0, RW, MAP_SHARED, 0), EINVAL);
	EXPECT_EQ(map_errno(fd, PAGE, RW, MAP_SHARED, 1), EINVAL);
}

/* kills: access mode of the descriptor ignored */
static void mmap_read_only_fd_writable(void)
{
	int fd = new_fd(O_RDONLY);
	void *mem;

	EXPECT_EQ(map_errno(fd, LEN, RW, MAP_SHARED, 0), EACCES);
	mem = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT(mem != MAP_FAILED);
	EXPECT(is_zero(mem, LEN));
	expect_no_alias(mem, LEN);
	EXPECT_ERRNO(mprotect(mem, LEN, RW), EACCES);
	EXPECT_EQ(map_errno(new_fd(O_WRONLY), LEN, RW, MAP_SHARED, 0), EACCES);
}

/* --- what a mapping is ------------------------------------------------------------- */

/* kills: frames mapped in another order, or with another type, or normal
 * entries: expect_no_alias() wants special ones
 */
static void mmap_whole(void)
{
	expect_intact(new_filled());
}

/* kills: an offset that is ignored, or counted from a block's start */
static void mmap_at_offset(void)
{
	static const unsigned int starts[] = { 1, 255, 256, 257, 272, 299 };
	int fd = new_buffer(LEN);
	char *all = map_buffer(fd, LEN), *part;
	size_t i, len;

	fill(all, LEN, 1);
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		len = LEN - starts[i] * PAGE;
		part = mmap(NULL, len, RW, MAP_SHARED, fd, starts[i] * PAGE);
		EXPECT(part != MAP_FAILED);
		EXPECT(!memcmp(part, all + starts[i] * PAGE, len));
		expect_no_alias(part, len);
		munmap(part, len);
	}
}

/* kills: two mappings of one buffer that are not the same memory */
static void mmap_twice(void)
{
	int fd = new_buffer(LEN);
	char *one = map_buffer(fd, LEN), *other = map_buffer(fd, LEN);

	fill(one, LEN, 1);
	expect_intact(other);
	expect_intact(one);
}

/* kills: entries without the write bit's twin for shared areas */
static void mprotect_read_only_and_back(void)
{
	char *mem = new_filled();

	EXPECT(!mprotect(mem, LEN, PROT_READ));
	expect_intact(mem);
	EXPECT(!mprotect(mem + PAGE, 3 * PAGE, PROT_NONE));
	EXPECT(!mprotect(mem, LEN, RW));
	expect_intact(mem);
	fill(mem, LEN, 1);
	expect_intact(mem);
}

/* kills: mlock() or MAP_POPULATE that walks into special entries and fails */
static void mlock_mapping(void)
{
	char *mem = new_filled();

	EXPECT(!mlock(mem, LEN));
	expect_intact(mem);
	EXPECT(!munlock(mem, LEN));
	EXPECT(!mlockall(MCL_CURRENT | MCL_FUTURE));
	mem = new_filled();
	expect_intact(mem);
	EXPECT_EQ(map_errno(new_fd(O_RDWR), LEN, RW,
			    MAP_SHARED | MAP_POPULATE, 0), 0);
}

/* kills: a mapping that cannot be asked about */
static void mincore_mapping(void)
{
	char *mem = new_filled();
	unsigned char present[NR];

	EXPECT(!mincore(mem, LEN, present));
	expect_intact(mem);
}

/* --- mremap, munmap ------------------------------------------------------------------ */

/* kills: VM_DONTEXPAND left out: pages that the buffer does not have */
static void mremap_grow(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO((long)mremap(mem, LEN, LEN + PAGE, MREMAP_MAYMOVE),
		     EFAULT);
	EXPECT_ERRNO((long)mremap(mem, PAGE, 2 * LEN, MREMAP_MAYMOVE), EFAULT);
	EXPECT_ERRNO((long)mremap(mem + LEN - PAGE, PAGE, 2 * PAGE, 0),
		     EFAULT);
	expect_intact(mem);
}

/* kills: a partial mapping that grows into the rest unasked */
static void mremap_grow_within_buffer(void)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, PAGE);

	EXPECT_ERRNO((long)mremap(mem, PAGE, LEN, MREMAP_MAYMOVE), EFAULT);
}

/* kills: a second area without its own entries (old length 0) */
static void mremap_old_len_0(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO((long)mremap(mem, 0, LEN, MREMAP_MAYMOVE), EFAULT);
	EXPECT_ERRNO((long)mremap(mem, 0, PAGE, MREMAP_MAYMOVE), EFAULT);
	expect_intact(mem);
}

/* kills: an emptied area left behind, to be filled by other means */
static void mremap_dontunmap(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO((long)mremap(mem, LEN, LEN,
				  MREMAP_MAYMOVE | MREMAP_DONTUNMAP), EINVAL);
	expect_intact(mem);
}

/* kills: open and close of areas that do not pair when one moves */
static void mremap_move(void)
{
	char *mem = new_filled();
	char *to = mmap(NULL, 2 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	EXPECT(mremap(mem, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	expect_intact(to);
	EXPECT(!is_mapped(mem));
	/* A part moves away, past its neighbour. */
	EXPECT(mremap(to + PAGE, 2 * PAGE, 2 * PAGE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, to + LEN) == to + LEN);
	expect_no_alias(to, 2 * LEN);
	EXPECT(mremap(to + LEN, 2 * PAGE, 2 * PAGE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE) == to + PAGE);
	expect_intact(to);
}

/* kills: frames given back with the part of the area that went */
static void mremap_shrink(void)
{
	char *mem = new_filled();

	EXPECT(mremap(mem, LEN, LEN - 8 * PAGE, 0) == mem);
	EXPECT(holds(mem, LEN - 8 * PAGE, 1));
	EXPECT(!is_mapped(mem + LEN - PAGE));
	EXPECT_EQ(counter("frames_in_buffers"), NR);
}

/* kills: an area's start taken for its page 0 after a split */
static void munmap_middle(void)
{
	int fd = new_buffer(LEN), mem_fd;
	char *mem = map_buffer(fd, LEN), *copy = malloc(2 * PAGE);
	char *other = map_buffer(fd, LEN);

	fill(mem, LEN, 1);
	EXPECT(!munmap(mem + 100 * PAGE, 100 * PAGE));
	EXPECT(reading_kills(mem + 100 * PAGE));
	EXPECT(reading_kills(mem + 199 * PAGE));
	EXPECT(!memcmp(mem, other, 100 * PAGE));
	EXPECT(!memcmp(mem + 200 * PAGE, other + 200 * PAGE, 100 * PAGE));
	/* The rest after a refault, and through access(). */
	EXPECT(!madvise(mem + 200 * PAGE, 100 * PAGE, MADV_DONTNEED));
	EXPECT(!memcmp(mem + 200 * PAGE, other + 200 * PAGE, 100 * PAGE));
	mem_fd = open("/proc/self/mem", O_RDONLY);
	EXPECT_EQ(pread(mem_fd, copy, 2 * PAGE,
			(off_t)(uintptr_t)(mem + 255 * PAGE)), 2 * PAGE);
	EXPECT(!memcmp(copy, other + 255 * PAGE, 2 * PAGE));
	expect_no_alias(mem, LEN);
}

/* kills: a count of areas that a split leaves wrong: frames freed while one
 * of the ends is still mapped, or never
 */
static void munmap_ends(void)
{
	char *mem = new_filled();

	EXPECT(!munmap(mem, PAGE));
	EXPECT(!munmap(mem + LEN - PAGE, PAGE));
	EXPECT(!munmap(mem + 50 * PAGE, PAGE));
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	EXPECT(file_has(DEBUGFS "buffers", heap_name()));
	expect_no_alias(mem, LEN);
	EXPECT(!munmap(mem, 60 * PAGE));
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	EXPECT(!munmap(mem, LEN));
	EXPECT(wait_released());
}

/* kills: a mapping over a mapping that leaves the lower one's count */
static void mmap_fixed_over_mapping(void)
{
	char *mem = new_filled();
	int fd = new_buffer(LEN);

	EXPECT(mmap(mem + PAGE, LEN - PAGE, RW, MAP_SHARED | MAP_FIXED, fd,
		    PAGE) == mem + PAGE);
	EXPECT(is_zero(mem + PAGE, LEN - PAGE));
	expect_no_alias(mem, LEN);
	EXPECT(mmap(mem, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == mem);
	close(fd);
	EXPECT(wait_released());
}

/* kills: an area that grows downwards, below the buffer's first page */
static void mmap_grows_down(void)
{
	int fd = new_fd(O_RDWR);

	EXPECT_EQ(map_errno(fd, PAGE, RW, MAP_SHARED | MAP_GROWSDOWN,
			    250 * PAGE), EINVAL);
}

static const struct guest_case cases[] = {
	CASE(mmap_private),
	CASE(mmap_private_of_read_only_fd),
	CASE(mmap_exec),
	CASE(mmap_read_implies_exec),
	CASE(mmap_exec_under_read_implies_exec),
	CASE(mprotect_exec),
	CASE(mmap_past_the_end),
	CASE(mmap_offset_overflow),
	CASE(mmap_read_only_fd_writable),
	CASE(mmap_whole),
	CASE(mmap_at_offset),
	CASE(mmap_twice),
	CASE(mprotect_read_only_and_back),
	CASE(mlock_mapping),
	CASE(mincore_mapping),
	CASE(mremap_grow),
	CASE(mremap_grow_within_buffer),
	CASE(mremap_old_len_0),
	CASE(mremap_dontunmap),
	CASE(mremap_move),
	CASE(mremap_shrink),
	CASE(munmap_middle),
	CASE(munmap_ends),
	CASE(mmap_fixed_over_mapping),
	CASE(mmap_grows_down),
};

GUEST_MAIN(cases)
