// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A DRM driver of the kernel imports our buffers: vgem, by PRIME, as a display
 * or a GPU would. Import only: what vgem allocates itself crashes the kernel
 * where there is high memory. Expects vgem.ko, plant.ko, na_fail.ko.
 */
#define _GNU_SOURCE
#include "drm_calls.h"
#include "heap_buffers.h"
#include "plant_audit.h"

#include <poll.h>
#include <sys/mman.h>

#define NR 300u
#define LEN (NR * PAGE)

/* --- the kernel's side of DRM ------------------------------------------------------ */

/* drm/vgem_drm.h is not among Debian's kernel headers for C. */
struct vgem_attach {
	uint32_t handle;
	uint32_t flags;
	uint32_t out_fence;
	uint32_t pad;
};

struct vgem_signal {
	uint32_t fence;
	uint32_t flags;
};

#define VGEM_ATTACH		_IOWR('d', 0x41, struct vgem_attach)
#define VGEM_SIGNAL		_IOW('d', 0x42, struct vgem_signal)
#define VGEM_WRITE		1u

/* --- vgem ----------------------------------------------------------------------- */

static int drm_call(int card, unsigned long cmd, void *request)
{
	int status;

	do
		status = ioctl(card, cmd, request);
	while (status && errno == EINTR);
	return status ? -errno : 0;
}

static bool is_vgem(int card)
{
	char name[16] = "";
	struct drm_version version = { .name = name,
				       .name_len = sizeof(name) - 1 };

	return !drm_call(card, DRM_VERSION, &version) &&
	       !strcmp(name, "vgem");
}

static int open_card(void)
{
	char path[32];
	int i, card;

	/* Lists of several entries are imported. */
	memory_in_pieces(16);
	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		card = open(path, O_RDWR | O_CLOEXEC);
		if (card >= 0 && is_vgem(card))
			return card;
		close(card);
	}
	EXPECT(!"a card of vgem");
	return -1;
}

/* 0 and a handle, or a negative errno. */
static int try_import(int card, int fd, uint32_t *handle)
{
	struct drm_prime prime = { .fd = fd };
	int err = drm_call(card, DRM_FD_TO_HANDLE, &prime);

	*handle = prime.handle;
	return err;
}

static uint32_t import(int card, int fd)
{
	uint32_t handle;

	EXPECT_EQ(try_import(card, fd, &handle), 0);
	EXPECT(handle);
	return handle;
}

static int export(int card, uint32_t handle)
{
	struct drm_prime prime = {
		.handle = handle, .flags = O_CLOEXEC | O_RDWR,
	};

	EXPECT_EQ(drm_call(card, DRM_HANDLE_TO_FD, &prime), 0);
	return prime.fd;
}

static int close_handle(int card, uint32_t handle)
{
	struct drm_gem_close request = { .handle = handle };

	return drm_call(card, DRM_GEM_CLOSE, &request);
}

/* --- what is looked at ------------------------------------------------------------ */

/* No mapping of the frames other than ours, and none of another type. */
static void expect_alone(int bed, const void *mem)
{
	uint32_t pfns[NR];
	struct plant_frames found;

	pfns_of(bed, mem, NR, pfns);
	found = scan_kernel(bed, pfns, NR, plant_heap_type());
	EXPECT_EQ(found.nr_kmap + found.nr_fixmap + found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
	EXPECT_EQ(peek_user(bed, mem).type, plant_heap_type());
	expect_no_alias(mem, LEN);
	expect_clean_audit();
}

static void expect_device_maps(int nr)
{
	EXPECT_EQ(my_buffer().dma_maps, nr);
}

/* --- life of a handle -------------------------------------------------------------- */

/* kills: an import that changes a type, or makes a cached mapping */
static void import_keeps_type_and_contents(void)
{
	int bed = open_bed(), card = open_card(), fd = new_buffer(LEN);
	void *mem = map_buffer(fd, LEN);
	uint32_t handle;

	fill(mem, LEN, 21);
	handle = import(card, fd);
	expect_device_maps(1);
	expect_alone(bed, mem);
	EXPECT(holds(mem, LEN, 21));
	fill(mem, LEN, 22);
	EXPECT_EQ(close_handle(card, handle), 0);
	expect_device_maps(0);
	EXPECT(holds(mem, LEN, 22));
	expect_alone(bed, mem);
}

/* kills: memory that goes while a driver has it; a reference never given back */
static void import_outlives_owners_descriptor(void)
{
	int card = open_card(), fd = new_buffer(LEN);
	void *mem = map_buffer(fd, LEN);
	uint32_t handle;

	fill(mem, LEN, 23);
	handle = import(card, fd);
	EXPECT(!munmap(mem, LEN));
	close(fd);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	expect_device_maps(1);
	fd = export(card, handle);
	mem = map_buffer(fd, LEN);
	EXPECT(holds(mem, LEN, 23));
	EXPECT(!munmap(mem, LEN));
	close(fd);
	EXPECT_EQ(close_handle(card, handle), 0);
	EXPECT_EQ(nr_held(), 0);
}

/* kills: a second buffer where the first comes back */
static void import_comes_back_as_the_same_buffer(void)
{
	int bed = open_bed(), card = open_card(), fd = new_buffer(LEN), again;
	char *mem = map_buffer(fd, LEN), *other;
	uint64_t id = my_buffer().id;

	again = export(card, import(card, fd));
	EXPECT(again >= 0);
	EXPECT_EQ(my_buffer().id, id);
	other = map_buffer(again, LEN);
	EXPECT_EQ(peek_user(bed, other).pfn, peek_user(bed, mem).pfn);
	EXPECT_EQ(peek_user(bed, other).type, plant_heap_type());
	fill(mem, LEN, 24);
	EXPECT(holds(other, LEN, 24));
	other[LEN - 1] = 0x77;
	EXPECT_EQ(mem[LEN - 1], 0x77);
}

/* kills: device mappings counted wrong when there are several */
static void import_twice(void)
{
	int card = open_card(), other = open_card(), fd = new_buffer(LEN);
	uint32_t handle = import(card, fd), theirs;

	/* The same file gets the same handle, and no new attachment. */
	EXPECT_EQ(import(card, fd), handle);
	expect_device_maps(1);
	theirs = import(other, fd);
	expect_device_maps(2);
	EXPECT_EQ(close_handle(card, handle), 0);
	expect_device_maps(1);
	EXPECT_EQ(close_handle(other, theirs), 0);
	expect_device_maps(0);
	EXPECT_EQ(close_handle(card, handle), -EINVAL);
}

/* kills: an import that lives on when its file is closed */
static void card_closed_with_handles(void)
{
	int card = open_card(), i, fd;

	for (i = 0; i < 8; i++) {
		fd = new_buffer(LEN);
		import(card, fd);
		close(fd);
	}
	EXPECT_EQ(counter("frames_in_buffers"), 8 * NR);
	close(card);
	EXPECT_EQ(nr_held(), 0);
}

static void import_and_wait(void *arg)
{
	int fd = new_buffer(LEN), card = open_card();

	import(card, fd);
	close(fd);
	EXPECT_EQ(write(*(int *)arg, "x", 1), 1);
	pause();
}

/* kills: a buffer that only a killed process knew */
static void process_killed_with_handle(void)
{
	int pipes[2];
	char byte;
	pid_t pid;

	EXPECT(!pipe(pipes));
	pid = start(import_and_wait, &pipes[1]);
	EXPECT_EQ(read(pipes[0], &byte, 1), 1);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	EXPECT(killed(pid));
	EXPECT(wait_released());
}

/* --- what must not work ------------------------------------------------------------- */

/* kills: a failed import that leaves a table, a mapping or a reference */
static void import_that_fails_leaves_nothing(void)
{
	static const struct {
		const char *symbol;
		unsigned int nth;
		int err;
	} faults[] = {
		{ "sg_alloc_table", 1, -ENOMEM },	/* with pages */
		{ "dma_map_sgtable", 1, -EIO },
		{ "sg_alloc_table", 2, -ENOMEM },	/* with addresses */
	};
	int card = open_card(), fd = new_buffer(LEN);
	uint32_t handle;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		fail_call(faults[i].symbol, faults[i].nth, false,
			  faults[i].err);
		EXPECT_EQ(try_import(card, fd, &handle), faults[i].err);
		EXPECT_EQ(fail_off().failed, 1);
		expect_device_maps(0);
	}
	handle = import(card, fd);
	expect_device_maps(1);
	EXPECT_EQ(close_handle(card, handle), 0);
}

/* kills: a mapping by vgem, which knows nothing of types */
static void import_is_not_mapped_by_vgem(void)
{
	struct drm_map_dumb request = { 0 };
	int card = open_card(), fd = new_buffer(LEN);

	request.handle = import(card, fd);
	EXPECT_EQ(drm_call(card, DRM_MAP_DUMB, &request), -EINVAL);
}

/* kills: any descriptor taken for a buffer */
static void import_of_what_is_no_buffer(void)
{
	int card = open_card(), heap = open_heap();
	uint32_t handle;

	EXPECT_EQ(try_import(card, heap, &handle), -EINVAL);
	EXPECT_EQ(try_import(card, -1, &handle), -EBADF);
	EXPECT_EQ(try_import(card, memfd_create("m", 0), &handle), -EINVAL);
}

/* --- fences -------------------------------------------------------------------------- */

static bool is_ready(int fd, short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & events;
}

static uint32_t attach_fence(int card, uint32_t handle, uint32_t flags)
{
	struct vgem_attach attach = {
		.handle = handle, .flags = flags,
	};

	EXPECT_EQ(drm_call(card, VGEM_ATTACH, &attach), 0);
	return attach.out_fence;
}

static void signal_fence(int card, uint32_t fence)
{
	struct vgem_signal signal = { .fence = fence };

	EXPECT_EQ(drm_call(card, VGEM_SIGNAL, &signal), 0);
}

/* kills: a buffer without the fences of who works on it */
static void fence_of_vgem_is_seen_by_poll(void)
{
	int card = open_card(), fd = new_buffer(LEN);
	uint32_t handle = import(card, fd), fence;

	EXPECT(is_ready(fd, POLLIN) && is_ready(fd, POLLOUT));
	fence = attach_fence(card, handle, VGEM_WRITE);
	EXPECT(!is_ready(fd, POLLIN) && !is_ready(fd, POLLOUT));
	signal_fence(card, fence);
	EXPECT(is_ready(fd, POLLIN) && is_ready(fd, POLLOUT));
	/* Somebody reads: others may read, not write. */
	fence = attach_fence(card, handle, 0);
	EXPECT(is_ready(fd, POLLIN) && !is_ready(fd, POLLOUT));
	signal_fence(card, fence);
}

static const struct guest_case cases[] = {
	CASE(import_keeps_type_and_contents),
	CASE(import_outlives_owners_descriptor),
	CASE(import_comes_back_as_the_same_buffer),
	CASE(import_twice),
	CASE(card_closed_with_handles),
	CASE(process_killed_with_handle),
	CASE(import_that_fails_leaves_nothing),
	CASE(import_is_not_mapped_by_vgem),
	CASE(import_of_what_is_no_buffer),
	CASE(fence_of_vgem_is_seen_by_poll),
};
GUEST_MAIN(cases)
