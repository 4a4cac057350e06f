// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_video -- COMMAND...: every V4L2 device that captures or puts out pictures
 * gets buffers, which are mapped, and streams.
 */
#define _GNU_SOURCE
#include "hunt.h"

#include <linux/videodev2.h>

#define NR_BUFFERS 4u

static bool map_and_queue(int fd, struct v4l2_buffer *buffer)
{
	return !hunt_call(fd, VIDIOC_QUERYBUF, buffer) &&
	       hunt_map(fd, buffer->m.offset, buffer->length,
			PROT_READ | PROT_WRITE) &&
	       !hunt_call(fd, VIDIOC_QBUF, buffer);
}

static bool stream(int fd, uint32_t type)
{
	struct v4l2_requestbuffers request = {
		.count = NR_BUFFERS, .type = type, .memory = V4L2_MEMORY_MMAP,
	};
	uint32_t i;

	if (hunt_call(fd, VIDIOC_REQBUFS, &request))
		return false;
	for (i = 0; i < request.count; i++) {
		struct v4l2_buffer buffer = {
			.index = i, .type = type, .memory = V4L2_MEMORY_MMAP,
		};

		if (!map_and_queue(fd, &buffer))
			return false;
	}
	return !hunt_call(fd, VIDIOC_STREAMON, &type);
}

static bool use(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct v4l2_capability capability;
	uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (fd < 0 || hunt_call(fd, VIDIOC_QUERYCAP, &capability))
		return false;
	if (capability.device_caps & V4L2_CAP_VIDEO_OUTPUT)
		type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	else if (!(capability.device_caps & V4L2_CAP_VIDEO_CAPTURE))
		return false;
	if (!stream(fd, type)) {
		hunt_say("%s: %s", path, strerror(errno));
		return false;
	}
	hunt_say("%s: %s streams", path, capability.driver);
	return true;
}

int main(int argc, char **argv)
{
	(void)argc;
	return hunt_hold(argv, hunt_each("/dev/video*", use));
}
