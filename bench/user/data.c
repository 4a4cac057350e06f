// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The data: a memfd with sealed length, so that no contender has to read it.
 * All of its pages are allocated before anything is measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user.h"

struct data data;

static char *map_data(void)
{
	char *base = mmap(NULL, (size_t)data.nr << FRAME_SHIFT,
			  PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0);

	if (base == MAP_FAILED)
		die("cannot map the data: %s", strerror(errno));
	return base;
}

static void unmap_data(char *base)
{
	munmap(base, (size_t)data.nr << FRAME_SHIFT);
}

static void fill(void)
{
	char *base = map_data();
	uint32_t frame, line;

	for (frame = 0; frame < data.nr; frame++)
		for (line = 0; line < FRAME_LEN; line += LINE_LEN)
			*(uint32_t *)(base + ((size_t)frame << FRAME_SHIFT) +
				      line) = frame;
	unmap_data(base);
}

static void shuffle(void)
{
	uint64_t seed = 88172645463325252u;
	uint32_t i, j, other;

	data.order = malloc(data.nr * sizeof(*data.order));
	if (!data.order)
		die("no memory");
	for (i = 0; i < data.nr; i++)
		data.order[i] = i;
	for (i = data.nr - 1; i; i--) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		j = (uint32_t)((seed >> 32) * (i + 1ull) >> 32);
		other = data.order[i];
		data.order[i] = data.order[j];
		data.order[j] = other;
	}
}

void data_create(uint64_t len)
{
	data.nr = (uint32_t)(len >> FRAME_SHIFT);
	data.fd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (data.fd < 0 || ftruncate(data.fd, (off_t)len))
		die("no memfd of %llu bytes: %s", (unsigned long long)len,
		    strerror(errno));
	if (fcntl(data.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW))
		die("cannot seal the data: %s", strerror(errno));
	fill();
	shuffle();
}

uint64_t data_sum_updates(void)
{
	char *base = map_data();
	uint64_t sum = 0;
	uint32_t frame;

	for (frame = 0; frame < data.nr; frame++)
		sum += ((uint32_t *)(base + ((size_t)frame << FRAME_SHIFT) +
				     frame_place(frame)))[1];
	unmap_data(base);
	return sum;
}
