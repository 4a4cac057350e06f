// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, the file: its length, and whether it can change.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "window.h"

/* Device numbers are ABI, but this one is in no header. */
#define ZERO_MINOR 5

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

static bool is_dma_buf(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (u32)fs.f_type == DMA_BUF_MAGIC;
}

static int device_length(int fd, u64 *length)
{
	uint64_t bytes;

	if (ioctl(fd, BLKGETSIZE64, &bytes))
		return errno;
	*length = bytes;
	return 0;
}

/* A dma-buf supports lseek() to its end and has no position. */
static int dma_buf_length(int fd, u64 *length)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return errno;
	*length = (u64)end;
	return 0;
}

int lib_file_length(int fd, u64 *length)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (S_ISBLK(st.st_mode))
		return device_length(fd, length);
	if (!st.st_size && is_dma_buf(fd))
		return dma_buf_length(fd, length);
	*length = st.st_size > 0 ? (u64)st.st_size : 0;
	return 0;
}

u32 lib_file_page(int fd)
{
	u32 page = (u32)sysconf(_SC_PAGESIZE);
	struct statfs fs;

	if (fstatfs(fd, &fs) || (u32)fs.f_type != HUGETLBFS_MAGIC)
		return page;
	return (u32)fs.f_bsize > page ? (u32)fs.f_bsize : page;
}

/* By device number, because the node may have any name. */
bool lib_file_is_zero(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(MEM_MAJOR, ZERO_MINOR);
}

bool lib_file_is_regular(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && !is_dma_buf(fd);
}

bool lib_file_can_shrink(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals >= 0 && seals & F_SEAL_SHRINK)
		return false;
	return lib_file_is_regular(fd);
}
