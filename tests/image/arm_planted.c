// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Maps what plant_types.ko offers, tells on the console what was planted, and
 * stays.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

int main(void)
{
	int fd = open("/dev/plant_types", O_RDWR);
	char text[1024];
	ssize_t len;
	char *map;

	if (fd < 0)
		return 1;
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	len = read(fd, text, sizeof(text) - 1);
	if (map == MAP_FAILED || len <= 0)
		return 1;
	/* A fault would map nothing: the page is there from mmap() on. */
	map[0] = 1;
	text[len] = 0;
	printf("\n%sprocess %d %p\n", text, getpid(), (void *)map);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
