// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver of the kernel writes into our buffers: vivid, a camera without
 * hardware, imports them through videobuf2 and its kernel mapping. Expects
 * vivid.ko to be loaded with one capture device.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_buffers.h"

#include <linux/videodev2.h>
#include <stdlib.h>
#include <sys/mman.h>

#define NR_BUFFERS 3u
#define NR_PICTURES 5u

struct camera {
	int fd;
	int bed;
	uint32_t size;
	int buffers[NR_BUFFERS];
	uint8_t *mem[NR_BUFFERS];
};

static int camera_call(int fd, unsigned long cmd, void *request)
{
	int status;

	do
		status = ioctl(fd, cmd, request);
	while (status && errno == EINTR);
	return status;
}

static int open_camera(void)
{
	struct v4l2_capability capability;
	char path[32];
	int i, fd;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		EXPECT(!camera_call(fd, VIDIOC_QUERYCAP, &capability));
		if (!strcmp((char *)capability.driver, "vivid") &&
		    capability.device_caps & V4L2_CAP_VIDEO_CAPTURE)
			return fd;
		close(fd);
	}
	EXPECT(!"a camera of vivid");
	return -1;
}

static uint32_t set_format(int fd)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	EXPECT(!camera_call(fd, VIDIOC_G_FMT, &format));
	format.fmt.pix.width = 320;
	format.fmt.pix.height = 180;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	EXPECT(!camera_call(fd, VIDIOC_S_FMT, &format));
	return format.fmt.pix.sizeimage;
}

static void queue(const struct camera *camera, uint32_t i)
{
	struct v4l2_buffer buffer = {
		.index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
		.m.fd = camera->buffers[i],
	};

	EXPECT(!camera_call(camera->fd, VIDIOC_QBUF, &buffer));
}

static uint32_t dequeue(const struct camera *camera)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
	};

	EXPECT(!camera_call(camera->fd, VIDIOC_DQBUF, &buffer));
	EXPECT(!(buffer.flags & V4L2_BUF_FLAG_ERROR));
	EXPECT_EQ(buffer.bytesused, camera->size);
	return buffer.index;
}

static struct camera new_camera(void)
{
	struct v4l2_requestbuffers request = {
		.count = NR_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
	};
	struct camera camera = { .fd = open_camera(), .bed = open_bed() };
	uint32_t i;

	camera.size = set_format(camera.fd);
	EXPECT(!camera_call(camera.fd, VIDIOC_REQBUFS, &request));
	EXPECT_EQ(request.count, NR_BUFFERS);
	for (i = 0; i < NR_BUFFERS; i++) {
		camera.buffers[i] = new_buffer(camera.size);
		camera.mem[i] = map_buffer(camera.buffers[i], camera.size);
		queue(&camera, i);
	}
	return camera;
}

/* The vmap of videobuf2 has the type of the process's mapping. */
static void expect_no_cached_entry(const struct camera *camera, uint32_t i)
{
	static uint32_t pfns[1024];
	uint32_t nr = (camera->size + PAGE - 1) / PAGE;
	struct plant_frames found;

	EXPECT(nr <= ARRAY_SIZE(pfns));
	pfns_of(camera->bed, camera->mem[i], nr, pfns);
	found = scan_kernel(camera->bed, pfns, nr, plant_heap_type());
	EXPECT_EQ(found.nr_vmalloc, nr);
	EXPECT_EQ(found.nr_kmap + found.nr_fixmap, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
	EXPECT_EQ(peek_user(camera->bed, camera->mem[i]).type,
		  plant_heap_type());
}

/* A picture of vivid's has colour bars: not all of one value. */
static bool is_picture(const uint8_t *mem, uint32_t size)
{
	uint32_t i;

	for (i = 4; i < size; i++)
		if (mem[i] != mem[i % 4])
			return true;
	return false;
}

/* kills: a vmap that is cached, or that shows other memory than mmap */
static void camera_fills_buffers(void)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct camera camera = new_camera();
	uint32_t i, picture;

	EXPECT(is_zero(camera.mem[0], camera.size / PAGE * PAGE));
	EXPECT(!camera_call(camera.fd, VIDIOC_STREAMON, &type));
	for (picture = 0; picture < NR_PICTURES; picture++) {
		i = dequeue(&camera);
		EXPECT(is_picture(camera.mem[i], camera.size));
		expect_no_cached_entry(&camera, i);
		expect_clean_audit();
		queue(&camera, i);
	}
	EXPECT(!camera_call(camera.fd, VIDIOC_STREAMOFF, &type));
}

/* kills: a buffer that goes while the driver writes into it */
static void camera_outlives_owners_descriptors(void)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct camera camera = new_camera();
	uint32_t i;

	EXPECT(!camera_call(camera.fd, VIDIOC_STREAMON, &type));
	for (i = 0; i < NR_BUFFERS; i++) {
		EXPECT(!munmap(camera.mem[i], camera.size));
		close(camera.buffers[i]);
	}
	for (i = 0; i < NR_BUFFERS; i++)
		dequeue(&camera);
	EXPECT(counter("frames_in_buffers") >= camera.size / PAGE);
	expect_clean_audit();
	EXPECT(!camera_call(camera.fd, VIDIOC_STREAMOFF, &type));
	close(camera.fd);
	EXPECT_EQ(nr_held(), 0);
}

static const struct guest_case cases[] = {
	CASE(camera_fills_buffers),
	CASE(camera_outlives_owners_descriptors),
};
GUEST_MAIN(cases)
