// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_screen -- COMMAND...: on every DRM card a buffer is created, mapped and
 * drawn into, shown if there is a connector, exported, mapped as a dma-buf, and
 * imported by the other cards.
 */
#define _GNU_SOURCE
#include "drm_modes.h"
#include "hunt.h"


#define NR_MAX 8
#define WIDTH 1024u
#define HEIGHT 768u

static struct {
	int card;
	int dmabuf;
} opened[NR_MAX];
static int nr_opened;

static void say_driver(int card, const char *path)
{
	char name[32] = "";
	struct drm_version version = { .name = name,
				       .name_len = sizeof(name) - 1 };

	hunt_call(card, DRM_VERSION, &version);
	hunt_say("%s: %s", path, name);
}

/* The first connector that has a mode, on the first CRTC. */
static int show(int card, const struct drm_dumb *dumb)
{
	uint32_t crtcs[NR_MAX], connectors[NR_MAX];
	struct drm_mode modes[64];
	struct drm_resources resources = {
		.crtcs = (uintptr_t)crtcs,
		.nr_crtcs = NR_MAX,
		.connectors = (uintptr_t)connectors,
		.nr_connectors = NR_MAX,
	};
	struct drm_connector connector = {
		.modes = (uintptr_t)modes, .nr_modes = 64,
	};
	struct drm_fb fb = {
		.width = WIDTH, .height = HEIGHT, .pitch = dumb->pitch,
		.bpp = 32, .depth = 24, .handle = dumb->handle,
	};
	struct drm_crtc crtc = {
		.connectors = (uintptr_t)&connector.connector_id,
		.nr_connectors = 1, .mode_valid = 1,
	};
	uint32_t i;
	int err = hunt_call(card, DRM_GET_RESOURCES, &resources);

	if (err || !resources.nr_connectors || !resources.nr_crtcs)
		return err ? err : -ENODEV;
	connector.connector_id = connectors[0];
	err = hunt_call(card, DRM_GET_CONNECTOR, &connector);
	if (!err)
		err = hunt_call(card, DRM_ADD_FB, &fb);
	if (err)
		return err;
	crtc.crtc_id = crtcs[0];
	crtc.fb_id = fb.fb_id;
	for (i = 0; i < connector.nr_modes && i < 64; i++)
		if (modes[i].hdisplay == WIDTH && modes[i].vdisplay == HEIGHT)
			break;
	if (i == connector.nr_modes)
		return -ENOENT;
	crtc.mode = modes[i];
	return hunt_call(card, DRM_SET_CRTC, &crtc);
}

static int export(int card, uint32_t handle, size_t len)
{
	struct drm_prime prime = {
		.handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR,
	};
	int err = hunt_call(card, DRM_HANDLE_TO_FD, &prime);

	if (!err && !hunt_map(prime.fd, 0, len, PROT_READ | PROT_WRITE))
		err = -errno;
	hunt_say("exported and mapped: %s", strerror(-err));
	return err ? -1 : prime.fd;
}

static bool draw(int card)
{
	struct drm_dumb dumb = {
		.width = WIDTH, .height = HEIGHT, .bpp = 32,
	};
	struct drm_map_dumb map = { 0 };
	int err = hunt_call(card, DRM_CREATE_DUMB, &dumb);

	map.handle = dumb.handle;
	if (!err)
		err = hunt_call(card, DRM_MAP_DUMB, &map);
	if (!err)
		hunt_say("shown: %s", strerror(-show(card, &dumb)));
	if (!err && !hunt_map(card, map.offset, dumb.size, PROT_READ | PROT_WRITE))
		err = -errno;
	hunt_say("drawn: %s", strerror(-err));
	opened[nr_opened].dmabuf = err ? -1 : export(card, dumb.handle, dumb.size);
	return !err;
}

static bool use(const char *path)
{
	int card = open(path, O_RDWR | O_CLOEXEC);

	if (card < 0 || nr_opened == NR_MAX)
		return false;
	say_driver(card, path);
	opened[nr_opened].card = card;
	if (!draw(card))
		return false;
	nr_opened++;
	return true;
}

static void import_all(void)
{
	struct drm_prime prime = { 0 };
	int to, from, nr = 0;

	for (to = 0; to < nr_opened; to++)
		for (from = 0; from < nr_opened; from++) {
			prime.fd = opened[from].dmabuf;
			if (to != from && prime.fd >= 0)
				nr += !hunt_call(opened[to].card,
						 DRM_FD_TO_HANDLE,
						 &prime);
		}
	hunt_say("imported by others: %d", nr);
}

int main(int argc, char **argv)
{
	(void)argc;
	hunt_each("/dev/dri/card*", use);
	import_all();
	return hunt_hold(argv, nr_opened);
}
