// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * alias: plants two aliases by plant.ko, says "planted", and keeps them until the
 * end of its input. Of one frame both mappings are this process's, of the other
 * the cached one is an area of the kernel's.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plant_uapi.h"

#define PAGE	4096

static int map(int bed, uint32_t pfn, enum plant_type type)
{
	struct plant_frames frames = {
		.pfns = (uintptr_t)&pfn, .nr = 1, .type = type,
	};

	return ioctl(bed, PLANT_AIM, &frames) ||
	       mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, bed, 0) ==
		       MAP_FAILED;
}

static int plant(int bed)
{
	uint32_t pfns[2];
	struct plant_take take = {
		.zone = PLANT_BARE, .nr = 2, .pfns = (uintptr_t)pfns,
	};
	struct plant_mapping area = { .kind = PLANT_VMAP, .nr = 1 };

	if (ioctl(bed, PLANT_TAKE, &take))
		return 1;
	area.pfn = pfns[1];
	return map(bed, pfns[0], PLANT_UC) || map(bed, pfns[0], PLANT_WB) ||
	       map(bed, pfns[1], PLANT_UC) || ioctl(bed, PLANT_MAKE, &area);
}

int main(void)
{
	int bed = open(PLANT_DEVICE, O_RDWR | O_CLOEXEC);
	char byte;

	if (bed < 0 || plant(bed))
		return perror("alias"), 1;
	puts("planted");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
