/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Requests of DRM devices that several programs make. drm/drm.h is not among
 * Debian's kernel headers for C.
 */
#ifndef DRM_CALLS_H
#define DRM_CALLS_H

#include <linux/ioctl.h>
#include <stddef.h>
#include <stdint.h>

struct drm_version {
	int version[3];
	size_t name_len;
	char *name;
	size_t date_len;
	char *date;
	size_t desc_len;
	char *desc;
};

struct drm_gem_close {
	uint32_t handle;
	uint32_t pad;
};

struct drm_prime {
	uint32_t handle;
	uint32_t flags;
	int32_t fd;
};

struct drm_map_dumb {
	uint32_t handle;
	uint32_t pad;
	uint64_t offset;
};

#define DRM_VERSION		_IOWR('d', 0x00, struct drm_version)
#define DRM_GEM_CLOSE		_IOW('d', 0x09, struct drm_gem_close)
#define DRM_HANDLE_TO_FD	_IOWR('d', 0x2d, struct drm_prime)
#define DRM_FD_TO_HANDLE	_IOWR('d', 0x2e, struct drm_prime)
#define DRM_MAP_DUMB		_IOWR('d', 0xb3, struct drm_map_dumb)

#endif
