/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The kernel's interface of DRM to buffers of its own and to a screen. Debian's
 * headers for 64 bit have none.
 */
#ifndef DRM_MODES_H
#define DRM_MODES_H

#include "drm_calls.h"

struct drm_dumb {
	uint32_t height;
	uint32_t width;
	uint32_t bpp;
	uint32_t flags;
	uint32_t handle;
	uint32_t pitch;
	uint64_t size;
};

struct drm_resources {
	uint64_t fbs, crtcs, connectors, encoders;
	uint32_t nr_fbs, nr_crtcs, nr_connectors, nr_encoders;
	uint32_t min_width, max_width, min_height, max_height;
};

struct drm_mode {
	uint32_t clock;
	uint16_t hdisplay, hsync_start, hsync_end, htotal, hskew;
	uint16_t vdisplay, vsync_start, vsync_end, vtotal, vscan;
	uint32_t vrefresh;
	uint32_t flags;
	uint32_t type;
	char name[32];
};

struct drm_connector {
	uint64_t encoders, modes, properties, property_values;
	uint32_t nr_modes, nr_properties, nr_encoders;
	uint32_t encoder_id, connector_id, connector_type, connector_type_id;
	uint32_t connection, mm_width, mm_height, subpixel;
	uint32_t pad;
};

struct drm_fb {
	uint32_t fb_id;
	uint32_t width, height, pitch, bpp, depth;
	uint32_t handle;
};

struct drm_crtc {
	uint64_t connectors;
	uint32_t nr_connectors;
	uint32_t crtc_id, fb_id;
	uint32_t x, y, gamma_size;
	uint32_t mode_valid;
	struct drm_mode mode;
};

#define DRM_GET_RESOURCES	_IOWR('d', 0xa0, struct drm_resources)
#define DRM_SET_CRTC		_IOWR('d', 0xa2, struct drm_crtc)
#define DRM_GET_CONNECTOR	_IOWR('d', 0xa7, struct drm_connector)
#define DRM_ADD_FB		_IOWR('d', 0xae, struct drm_fb)
#define DRM_CREATE_DUMB		_IOWR('d', 0xb2, struct drm_dumb)

#define DRM_CLOEXEC		02000000
#define DRM_RDWR		02

#endif
