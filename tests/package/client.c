// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * client HEAP: allocates from it by the kernel's own interface, writes, reads
 * back. With a second argument it keeps the buffer until the end of its input.
 * Exit status: 0, 1 error, 3 the heap may not be opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN	(256u << 10)

static int trouble(const char *what)
{
	fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
	return 1;
}

static int write_and_read(int fd)
{
	unsigned char *mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
				  fd, 0);
	size_t i, wrong = 0;

	if (mem == MAP_FAILED)
		return trouble("mmap");
	for (i = 0; i < LEN; i++)
		wrong += mem[i] != 0;
	for (i = 0; i < LEN; i++)
		mem[i] = i * 7 + (i >> 12);
	for (i = 0; i < LEN; i++)
		wrong += mem[i] != (unsigned char)(i * 7 + (i >> 12));
	munmap(mem, LEN);
	if (wrong)
		fprintf(stderr, "client: %zu bytes are wrong\n", wrong);
	return wrong != 0;
}

static void wait_for_end(void)
{
	char byte;

	puts("holding");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	struct dma_heap_allocation_data data = {
		.len = LEN, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap, err;

	if (argc < 2)
		return 1;
	heap = open(argv[1], O_RDWR | O_CLOEXEC);
	if (heap < 0 && errno == EACCES)
		return 3;
	if (heap < 0)
		return trouble(argv[1]);
	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return trouble("DMA_HEAP_IOCTL_ALLOC");
	close(heap);
	err = write_and_read(data.fd);
	if (!err && argc > 2)
		wait_for_end();
	return err;
}
