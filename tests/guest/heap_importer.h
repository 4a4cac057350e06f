/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: heap_importer
 *
 * tests/modules/importer for guest programs. Calls that may be refused
 * return 0 or a negative errno, the others end the case.
 */
#ifndef GUEST_HEAP_IMPORTER_H
#define GUEST_HEAP_IMPORTER_H

#include "guest.h"
#include "../modules/importer/importer_uapi.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum dma_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE };

static inline int open_importer(void)
{
	int importer = open(IMPORTER_DEVICE, O_RDWR | O_CLOEXEC);

	EXPECT(importer >= 0);
	return importer;
}

static inline int import_call(int importer, unsigned long cmd, void *request)
{
	return ioctl(importer, cmd, request) ? -errno : 0;
}

static inline int import_attach(int importer, int fd, uint32_t mask_bits)
{
	struct importer_attach attach = { .fd = fd, .mask_bits = mask_bits };

	return import_call(importer, IMPORTER_ATTACH, &attach);
}

/** new_import() - attached to the device that reaches all memory. */
static inline int new_import(int fd)
{
	int importer = open_importer();

	EXPECT_EQ(import_attach(importer, fd, 64), 0);
	return importer;
}

/** new_odd_import() - attached to a device that is like @odd. */
static inline int new_odd_import(int fd, struct importer_odd odd)
{
	int importer = open_importer(), err;

	err = import_call(importer, IMPORTER_ODD, &odd);
	if (err == -EOPNOTSUPP)
		skip_case(NO_DMA_OPS);
	EXPECT_EQ(err, 0);
	EXPECT_EQ(import_attach(importer, fd, 0), 0);
	return importer;
}

static inline int import_detach(int importer)
{
	return import_call(importer, IMPORTER_DETACH, NULL);
}

/** import_map() - @map holds direction and room, and receives the rest. */
static inline int import_map(int importer, struct importer_map *map)
{
	return import_call(importer, IMPORTER_MAP, map);
}

static inline int import_unmap(int importer)
{
	return import_call(importer, IMPORTER_UNMAP, NULL);
}

static inline uint64_t import_vmap(int importer)
{
	struct importer_vmap vmap = { 0 };

	EXPECT_EQ(import_call(importer, IMPORTER_VMAP, &vmap), 0);
	return vmap.va;
}

static inline int import_vunmap(int importer)
{
	return import_call(importer, IMPORTER_VUNMAP, NULL);
}

static inline int import_access(int importer, bool begin, uint32_t dir)
{
	struct importer_access access = { .dir = dir };

	return import_call(importer, begin ? IMPORTER_BEGIN : IMPORTER_END,
			   &access);
}

/** import_preset() - what the importer's next mmap() sets in its area. */
static inline void import_preset(int importer, enum importer_area area)
{
	struct importer_preset preset = { .area = area };

	EXPECT_EQ(import_call(importer, IMPORTER_PRESET, &preset), 0);
}

static inline uint32_t import_read(int importer, uint64_t offset)
{
	struct importer_touch touch = { .offset = offset };

	EXPECT_EQ(import_call(importer, IMPORTER_TOUCH, &touch), 0);
	return touch.value;
}

static inline void import_write(int importer, uint64_t offset, uint32_t value)
{
	struct importer_touch touch = {
		.offset = offset, .value = value, .write = 1,
	};

	EXPECT_EQ(import_call(importer, IMPORTER_TOUCH, &touch), 0);
}

/** import_trust() - what the kernel thinks of edu from now on. */
static inline void import_trust(int importer, struct importer_trust trust)
{
	EXPECT_EQ(import_call(importer, IMPORTER_TRUST, &trust), 0);
}

/** import_dma() - edu copies @len bytes to or from its own memory. */
static inline void import_dma(int importer, uint64_t address, uint32_t len,
			      bool from_device)
{
	struct importer_dma dma = {
		.address = address, .len = len, .from_device = from_device,
	};

	EXPECT_EQ(import_call(importer, IMPORTER_DMA, &dma), 0);
}

/** import_peek() - the word that the attached device reads at @address. */
static inline uint32_t import_peek(int importer, uint64_t address)
{
	struct importer_peek peek = { .address = address };

	EXPECT_EQ(import_call(importer, IMPORTER_PEEK, &peek), 0);
	return peek.value;
}

/** import_poke() - the attached device writes a word at @address. */
static inline void import_poke(int importer, uint64_t address, uint32_t value)
{
	struct importer_peek peek = {
		.address = address, .value = value, .write = 1,
	};

	EXPECT_EQ(import_call(importer, IMPORTER_PEEK, &peek), 0);
}

#endif
