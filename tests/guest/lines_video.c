// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What videobuf2 says of dma-bufs that it cannot use, and the errno that a program
 * sees with each line. The first camera of vivid needs buffers in one piece
 * (videobuf2-dma-contig), the second maps them (videobuf2-vmalloc); videobuf2-common
 * says what it says at debug=1. tests/vm/lines.sh has the list.
 */
#define _GNU_SOURCE
#include "client_camera.h"
#include "heap_importer.h"
#include "../modules/lines/lines_uapi.h"

#include <sys/mman.h>

#define CONTIGUOUS 0
#define MAPPED 1

static int new_lines_buffer(enum lines_buffer kind)
{
	int lines = open(LINES_DEVICE, O_RDWR | O_CLOEXEC), fd;

	EXPECT(lines >= 0);
	fd = ioctl(lines, LINES_BUFFER, kind);
	EXPECT(fd >= 0);
	close(lines);
	return fd;
}

/* Queued to a camera with small pictures. Return: errno, 0: queued. */
static int queue_errno(unsigned int idx, int dmabuf, uint32_t len)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
		.m.fd = dmabuf, .length = len,
	};
	int camera = open_camera(idx), err;

	set_format(camera, 320, 180);
	request_buffers(camera, V4L2_MEMORY_DMABUF, 2);
	err = camera_call(camera, VIDIOC_QBUF, &buffer) ? errno : 0;
	close(camera);
	return err;
}

static void buffer_in_pieces(void)
{
	EXPECT_EQ(queue_errno(CONTIGUOUS, new_lines_buffer(LINES_IN_PIECES), 0),
		  EFAULT);
}

static void buffer_not_mapped_for_device(void)
{
	EXPECT_EQ(queue_errno(CONTIGUOUS, new_lines_buffer(LINES_REFUSES_MAP), 0),
		  EINVAL);
}

static void buffer_not_for_device(void)
{
	EXPECT_EQ(queue_errno(CONTIGUOUS, new_lines_buffer(LINES_REFUSES_DEVICE),
			      0), EINVAL);
}

static void no_buffer(void)
{
	EXPECT_EQ(queue_errno(MAPPED, open("/dev/null", O_RDWR | O_CLOEXEC), 0),
		  EINVAL);
}

static void buffer_shorter_than_picture(void)
{
	EXPECT_EQ(queue_errno(MAPPED, new_buffer(PAGE), 0), EINVAL);
}

/* More than it is: no line but that of videobuf2-common. */
static void buffer_shorter_than_said(void)
{
	EXPECT_EQ(queue_errno(MAPPED, new_buffer(MIB), 2 * MIB), EFAULT);
}

/*
 * A picture in one piece, which another device cannot address: too long for
 * bounce buffers, which would have been the kernel's way out.
 */
static void picture_for_device_of_24_bits(void)
{
	struct v4l2_exportbuffer export = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .flags = O_RDWR | O_CLOEXEC,
	};
	struct importer_range range;
	struct importer_map map = {
		.dir = DMA_FROM_DEVICE, .nr_ranges = 1,
		.ranges = (uintptr_t)&range,
	};
	int camera = open_camera(CONTIGUOUS), importer;

	set_format(camera, 1280, 720);
	request_buffers(camera, V4L2_MEMORY_MMAP, 2);
	EXPECT(!camera_call(camera, VIDIOC_EXPBUF, &export));
	importer = new_odd_import(export.fd,
				  (struct importer_odd){ .mask_bits = 24 });
	EXPECT_EQ(import_map(importer, &map), -EIO);
}

/* kills: a line that has other words than the manual and the doctor look for */
static const struct guest_case cases[] = {
	CASE_SAYS(buffer_in_pieces, "contiguous chunk is too small 4096/1048576",
		  "__prepare_dmabuf: failed to map dmabuf for plane 0"),
	CASE_SAYS(buffer_not_mapped_for_device,
		  "Error getting dmabuf scatterlist",
		  "__prepare_dmabuf: failed to map dmabuf for plane 0"),
	CASE_SAYS(buffer_not_for_device, ";failed to attach dmabuf",
		  "__prepare_dmabuf: failed to attach dmabuf"),
	CASE_SAYS(no_buffer, "__prepare_dmabuf: invalid dmabuf fd for plane 0"),
	CASE_SAYS(buffer_shorter_than_picture,
		  "invalid dmabuf length 4096 for plane 0, minimum length "),
	CASE_SAYS(buffer_shorter_than_said,
		  "__prepare_dmabuf: failed to attach dmabuf"),
	CASE_SAYS(picture_for_device_of_24_bits, "swiotlb buffer is full (sz: ",
		  "failed to map scatterlist"),
};
GUEST_MAIN(cases)
