// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Clients of a camera that bring memory of their own: v4l2src of GStreamer with
 * io-mode=dmabuf-import, and a program of user pointers that is changed to
 * dma-bufs. Expects vivid.ko to be loaded with one capture device.
 */
#define _GNU_SOURCE
#include "client_camera.h"
#include "plant_audit.h"
#include "heap_buffers.h"

#include <stdlib.h>
#include <sys/mman.h>

#define NR_SLOTS	3u
#define NR_BUFFERS	5u	/* more than the camera has slots for */

struct pictures {
	int camera;
	uint32_t size;
	int fds[NR_BUFFERS];
	uint8_t *mem[NR_BUFFERS];
};

static struct pictures new_pictures(void)
{
	struct pictures all = { .camera = open_camera(0) };
	uint32_t i;

	all.size = set_format(all.camera, 320, 180);
	for (i = 0; i < NR_BUFFERS; i++) {
		all.fds[i] = new_buffer(all.size);
		all.mem[i] = map_buffer(all.fds[i], all.size);
	}
	return all;
}

static int try_queue(int camera, struct v4l2_buffer buffer)
{
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	return camera_call(camera, VIDIOC_QBUF, &buffer) ? -errno : 0;
}

/* As GStreamer fills it: the length is that of the memory. */
static void queue_fd(int camera, uint32_t slot, int fd, uint32_t size)
{
	EXPECT_EQ(try_queue(camera, (struct v4l2_buffer){
		.index = slot, .memory = V4L2_MEMORY_DMABUF, .m.fd = fd,
		.length = size, .bytesused = size,
	}), 0);
}

static uint32_t dequeue(int camera, uint32_t size)
{
	return dequeue_picture(camera, V4L2_MEMORY_DMABUF, size);
}

/* --- v4l2src io-mode=dmabuf-import ---------------------------------------- */

/* Buffers of this process that a driver has mapped. */
static uint32_t nr_imported(void)
{
	struct buffer_line lines[2 * NR_BUFFERS];
	size_t nr = read_buffers(getpid(), lines, ARRAY_SIZE(lines)), i;
	uint32_t imported = 0;

	for (i = 0; i < nr; i++)
		imported += lines[i].vmaps > 0;
	return imported;
}

/*
 * The pool behind the camera has more buffers than the camera has slots, so that
 * a slot gets another one each time.
 *
 * kills: a buffer that stays mapped when its slot has got another
 */
static void slots_take_buffers_in_turn(void)
{
	struct pictures all = new_pictures();
	uint32_t i, slot, in_slot[NR_SLOTS];

	request_buffers(all.camera, V4L2_MEMORY_DMABUF, NR_SLOTS);
	for (i = 0; i < NR_SLOTS; i++) {
		queue_fd(all.camera, i, all.fds[i], all.size);
		in_slot[i] = i;
	}
	stream_on(all.camera);
	for (; i < 2 * NR_BUFFERS + NR_SLOTS; i++) {
		slot = dequeue(all.camera, all.size);
		EXPECT(is_picture(all.mem[in_slot[slot]], all.size));
		memset(all.mem[in_slot[slot]], 0, all.size);
		in_slot[slot] = i % NR_BUFFERS;
		queue_fd(all.camera, slot, all.fds[i % NR_BUFFERS], all.size);
		EXPECT_EQ(nr_imported(), NR_SLOTS);
	}
	expect_clean_audit();
	stream_off(all.camera);
	request_buffers(all.camera, V4L2_MEMORY_DMABUF, 0);
	EXPECT_EQ(nr_imported(), 0);
	expect_no_alias(all.mem[0], all.size);
}

static void queue_new(int camera, uint32_t slot, uint32_t size)
{
	int fd = new_buffer(size);

	queue_fd(camera, slot, fd, size);
	close(fd);
}

/* kills: memory that a slot keeps when another buffer is in it */
static void slot_releases_what_was_in_it(void)
{
	int camera = open_camera(0);
	uint32_t size = set_format(camera, 320, 180);
	uint32_t nr = (size + PAGE - 1) / PAGE, i;

	request_buffers(camera, V4L2_MEMORY_DMABUF, NR_SLOTS);
	for (i = 0; i < NR_SLOTS; i++)
		queue_new(camera, i, size);
	stream_on(camera);
	for (i = 0; i < 3 * NR_SLOTS; i++) {
		queue_new(camera, dequeue(camera, size), size);
		EXPECT_EQ(counter("frames_in_buffers"), NR_SLOTS * nr);
	}
	stream_off(camera);
}

/* --- user pointers -------------------------------------------------------- */

static int try_queue_pointer(int camera, uint32_t slot, void *mem,
			     uint32_t size)
{
	return try_queue(camera, (struct v4l2_buffer){
		.index = slot, .memory = V4L2_MEMORY_USERPTR,
		.m.userptr = (unsigned long)mem, .length = size,
	});
}

static bool is_pin_error(int err)
{
	return err == -EFAULT || err == -EEXIST || err == -EOPNOTSUPP;
}

/* Ordinary memory is taken: what fails there proves nothing here. */
static void expect_pointer_refused(int camera, void *mem, uint32_t size)
{
	void *ordinary = NULL;

	EXPECT(!posix_memalign(&ordinary, PAGE, size));
	memset(ordinary, 1, size);
	request_buffers(camera, V4L2_MEMORY_USERPTR, NR_SLOTS);
	EXPECT_EQ(try_queue_pointer(camera, 0, ordinary, size), 0);
	EXPECT(is_pin_error(try_queue_pointer(camera, 1, mem, size)));
	request_buffers(camera, V4L2_MEMORY_USERPTR, 0);
	free(ordinary);
}

/*
 * What the camera got by its address it would map cached. The same memory is
 * taken by its descriptor.
 *
 * kills: pages of a buffer that a driver can pin by their address
 */
static void user_pointer_is_refused_dmabuf_taken(void)
{
	struct pictures all = new_pictures();
	uint32_t i;

	expect_pointer_refused(all.camera, all.mem[0], all.size);
	expect_no_alias(all.mem[0], all.size);
	request_buffers(all.camera, V4L2_MEMORY_DMABUF, NR_SLOTS);
	for (i = 0; i < NR_SLOTS; i++)
		queue_fd(all.camera, i, all.fds[i], all.size);
	stream_on(all.camera);
	i = dequeue(all.camera, all.size);
	EXPECT(is_picture(all.mem[i], all.size));
	expect_clean_audit();
	stream_off(all.camera);
}

static const struct guest_case cases[] = {
	CASE(slots_take_buffers_in_turn),
	CASE(slot_releases_what_was_in_it),
	CASE(user_pointer_is_refused_dmabuf_taken),
};
GUEST_MAIN(cases)
