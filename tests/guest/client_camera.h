/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what clients of a camera call: vivid, through V4L2.
 *
 * Expects vivid.ko to be loaded with capture devices.
 */
#ifndef GUEST_CLIENT_CAMERA_H
#define GUEST_CLIENT_CAMERA_H

#include "guest.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/** camera_call() - an ioctl that signals do not end. Return: -1 and errno. */
static inline int camera_call(int fd, unsigned long cmd, void *request)
{
	int status;

	do
		status = ioctl(fd, cmd, request);
	while (status && errno == EINTR);
	return status;
}

/** open_camera() - vivid's number @idx; ends the case if there is none. */
static inline int open_camera(unsigned int idx)
{
	struct v4l2_capability capability;
	char path[32], bus[32];
	int i, fd;

	snprintf(bus, sizeof(bus), "platform:vivid-%03u", idx);
	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		EXPECT(!camera_call(fd, VIDIOC_QUERYCAP, &capability));
		if (!strcmp((char *)capability.bus_info, bus) &&
		    capability.device_caps & V4L2_CAP_VIDEO_CAPTURE)
			return fd;
		close(fd);
	}
	EXPECT(!"a camera of vivid");
	return -1;
}

/** set_format() - pictures of 2 bytes a pixel. Return: bytes of one. */
static inline uint32_t set_format(int fd, uint32_t width, uint32_t height)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	EXPECT(!camera_call(fd, VIDIOC_G_FMT, &format));
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	EXPECT(!camera_call(fd, VIDIOC_S_FMT, &format));
	return format.fmt.pix.sizeimage;
}

/** request_buffers() - @nr of them, of enum v4l2_memory; 0 ends a use. */
static inline void request_buffers(int fd, uint32_t memory, uint32_t nr)
{
	struct v4l2_requestbuffers request = {
		.count = nr, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = memory,
	};

	EXPECT(!camera_call(fd, VIDIOC_REQBUFS, &request));
	EXPECT_EQ(request.count, nr);
}

/** stream_on() and stream_off() - the camera writes; it no longer does. */
static inline void stream_on(int fd)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	EXPECT(!camera_call(fd, VIDIOC_STREAMON, &type));
}

static inline void stream_off(int fd)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	EXPECT(!camera_call(fd, VIDIOC_STREAMOFF, &type));
}

/** dequeue_picture() - the next one, of @size bytes. Return: its index. */
static inline uint32_t dequeue_picture(int fd, uint32_t memory, uint32_t size)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = memory,
	};

	EXPECT(!camera_call(fd, VIDIOC_DQBUF, &buffer));
	EXPECT(!(buffer.flags & V4L2_BUF_FLAG_ERROR));
	EXPECT_EQ(buffer.bytesused, size);
	return buffer.index;
}

/** is_picture() - vivid's have colour bars: not all of one value. */
static inline bool is_picture(const uint8_t *mem, uint32_t size)
{
	uint32_t i;

	for (i = 4; i < size; i++)
		if (mem[i] != mem[i % 4])
			return true;
	return false;
}

#endif
