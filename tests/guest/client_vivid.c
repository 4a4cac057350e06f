// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A driver of the kernel writes into our buffers: vivid, a camera without
 * hardware, imports them through videobuf2 and its kernel mapping. Expects
 * vivid.ko to be loaded with one capture device.
 */
#define _GNU_SOURCE
#include "client_camera.h"
#include "plant_audit.h"
#include "heap_buffers.h"

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
	return dequeue_picture(camera->fd, V4L2_MEMORY_DMABUF, camera->size);
}

static struct camera new_camera(void)
{
	struct camera camera = { .fd = open_camera(0), .bed = open_bed() };
	uint32_t i;

	camera.size = set_format(camera.fd, 320, 180);
	request_buffers(camera.fd, V4L2_MEMORY_DMABUF, NR_BUFFERS);
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

/* kills: a vmap that is cached, or that shows other memory than mmap */
static void camera_fills_buffers(void)
{
	struct camera camera = new_camera();
	uint32_t i, picture;

	EXPECT(is_zero(camera.mem[0], camera.size / PAGE * PAGE));
	stream_on(camera.fd);
	for (picture = 0; picture < NR_PICTURES; picture++) {
		i = dequeue(&camera);
		EXPECT(is_picture(camera.mem[i], camera.size));
		expect_no_cached_entry(&camera, i);
		expect_clean_audit();
		queue(&camera, i);
	}
	stream_off(camera.fd);
}

/* kills: a buffer that goes while the driver writes into it */
static void camera_outlives_owners_descriptors(void)
{
	struct camera camera = new_camera();
	uint32_t i;

	stream_on(camera.fd);
	for (i = 0; i < NR_BUFFERS; i++) {
		EXPECT(!munmap(camera.mem[i], camera.size));
		close(camera.buffers[i]);
	}
	for (i = 0; i < NR_BUFFERS; i++)
		dequeue(&camera);
	EXPECT(counter("frames_in_buffers") >= camera.size / PAGE);
	expect_clean_audit();
	stream_off(camera.fd);
	close(camera.fd);
	EXPECT_EQ(nr_held(), 0);
}

static const struct guest_case cases[] = {
	CASE(camera_fills_buffers),
	CASE(camera_outlives_owners_descriptors),
};
GUEST_MAIN(cases)
