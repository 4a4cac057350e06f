// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h by which drivers get buffers: vgem, by PRIME, and vivid,
 * a camera that writes into them.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../../include/uapi/noalias.h"

#include <linux/videodev2.h>
#include <poll.h>

#include "drm_calls.h"

/* --- vgem -------------------------------------------------------------------------- */

static void take_back(int card, uint32_t handle, const struct fuzz_buffer *buffer)
{
	struct drm_prime prime = { .handle = handle, .flags = O_RDWR };
	struct fuzz_fd *entry;

	if (ioctl(card, DRM_HANDLE_TO_FD, &prime))
		return;
	entry = model_add_fd(prime.fd, O_RDWR);
	fuzz_expect(!entry || entry->buffer == buffer, ANSWERS_ARE_TRUE,
		    "another buffer comes back from a driver");
}

/* Cards are left open with handles now and then; a process's end closes them. */
static int op_vgem(void)
{
	struct fuzz_fd *fd = model_any_fd();
	struct drm_prime prime = { 0 };
	struct drm_map_dumb map = { 0 };
	struct drm_gem_close end = { 0 };
	int card;

	if (!fd || fd->access != O_RDWR || fd->buffer->kept)
		return FUZZ_IDLE;
	card = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	if (card < 0)
		return -errno;
	prime.fd = fd->fd;
	fuzz_note(fd->buffer->id, 0, 0, 0);
	if (ioctl(card, DRM_FD_TO_HANDLE, &prime)) {
		int err = errno;

		close(card);
		return -err;
	}
	if (fuzz_chance(2))
		take_back(card, prime.handle, fd->buffer);
	map.handle = prime.handle;
	fuzz_expect(ioctl(card, DRM_MAP_DUMB, &map) < 0, WHAT_MUST_FAIL_FAILS,
		    "a driver maps what it imported");
	end.handle = prime.handle;
	if (fuzz_chance(2))
		ioctl(card, DRM_GEM_CLOSE, &end);
	if (!fuzz_chance(4))
		close(card);
	return FUZZ_DONE;
}

/* --- vivid ------------------------------------------------------------------------- */

#define NR_PICTURES 2u

static int camera_set_up(int camera)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_requestbuffers request = {
		.count = NR_PICTURES, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
	};

	if (ioctl(camera, VIDIOC_G_FMT, &format))
		return -errno;
	format.fmt.pix.width = 320;
	format.fmt.pix.height = 180;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	/* Somebody else's turn: EBUSY. */
	if (ioctl(camera, VIDIOC_S_FMT, &format) ||
	    ioctl(camera, VIDIOC_REQBUFS, &request))
		return -errno;
	return 0;
}

static int camera_queue(int camera, uint32_t idx, struct fuzz_fd *fd)
{
	struct v4l2_buffer buffer = {
		.index = idx, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF, .m.fd = fd->fd,
	};

	contents_are_wild(fd->buffer);
	fd->buffer->shared = true;
	fuzz_note(fd->buffer->id, fd->buffer->nr, idx, 0);
	return ioctl(camera, VIDIOC_QBUF, &buffer) ? -errno : 0;
}

static int camera_stream(int camera)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	struct pollfd poll_fd = { .fd = camera, .events = POLLIN };
	struct v4l2_buffer buffer = {
		.type = type, .memory = V4L2_MEMORY_DMABUF,
	};
	int err = 0;

	if (ioctl(camera, VIDIOC_STREAMON, &type))
		return -errno;
	if (poll(&poll_fd, 1, fuzz_below(200)) == 1)
		ioctl(camera, VIDIOC_DQBUF, &buffer);
	if (fuzz_chance(2) && ioctl(camera, VIDIOC_STREAMOFF, &type))
		err = -errno;
	return err;
}

/* With room for a picture. */
static struct fuzz_fd *any_large(void)
{
	struct fuzz_fd *fd;
	int i;

	for (i = 0; i < 20; i++) {
		fd = model_any_fd();
		if (fd && fd->access == O_RDWR && !fd->buffer->kept &&
		    fd->buffer->nr >= 29)
			return fd;
	}
	return NULL;
}

static int op_vivid(void)
{
	int camera = open("/dev/video0", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	uint32_t i, nr = 0;
	struct fuzz_fd *fd;
	int err;

	if (camera < 0)
		return -errno;
	err = camera_set_up(camera);
	for (i = 0; !err && i < NR_PICTURES; i++) {
		fd = any_large();
		if (fd && !camera_queue(camera, i, fd))
			nr++;
	}
	if (!err)
		err = nr ? camera_stream(camera) : FUZZ_IDLE;
	close(camera);
	return err;
}

/* A dma-buf that is another driver's. */
static int new_foreign(int camera)
{
	struct v4l2_requestbuffers request = {
		.count = 1, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_exportbuffer export = { .type = request.type };

	if (ioctl(camera, VIDIOC_REQBUFS, &request) ||
	    ioctl(camera, VIDIOC_EXPBUF, &export))
		return -errno;
	return export.fd;
}

static int op_foreign(void)
{
	int camera = open("/dev/video0", O_RDWR | O_NONBLOCK | O_CLOEXEC), fd;
	struct noalias_query_buffer query = { 0 };

	if (camera < 0)
		return -errno;
	fd = new_foreign(camera);
	query.fd = fd;
	if (fd >= 0) {
		fuzz_expect(ioctl(fuzz.node, NOALIAS_IOC_QUERY_BUFFER, &query) &&
			    errno == ENODEV && !query.len, ANSWERS_ARE_TRUE,
			    "a foreign buffer is of heap %.32s", query.heap);
		close(fd);
	}
	close(camera);
	return fd < 0 ? fd : FUZZ_DONE;
}

const struct fuzz_op fuzz_import_ops[] = {
	{ "vgem", 10, BY_ALL_MEMBERS, op_vgem },
	{ "vivid", 6, BY_ALL_MEMBERS, op_vivid },
	{ "foreign", 3, BY_ALL_MEMBERS, op_foreign },
	{ 0 },
};
