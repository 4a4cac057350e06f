// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * checksum: the checksum of POSIX cksum, of files of any length, through a
 * window of 64 MiB. See README.md.
 */
#include <libnoalias.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Large slots: each is used once, so few calls of mmap() are needed. */
#define GRANULE		(1u << 20)
#define NR_SLOTS	64u
#define POLYNOMIAL	0x04c11db7u

static uint32_t table[256];

static void make_table(void)
{
	uint32_t byte, crc;
	int bit;

	for (byte = 0; byte < 256; byte++) {
		crc = byte << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
		table[byte] = crc;
	}
}

static uint32_t add_byte(uint32_t crc, uint8_t byte)
{
	return crc << 8 ^ table[crc >> 24 ^ byte];
}

static uint32_t add_bytes(uint32_t crc, const uint8_t *bytes, size_t len)
{
	while (len--)
		crc = add_byte(crc, *bytes++);
	return crc;
}

/* The length comes last, its lowest byte first. */
static uint32_t finish(uint32_t crc, uint64_t length)
{
	for (; length; length >>= 8)
		crc = add_byte(crc, (uint8_t)length);
	return ~crc;
}

/* One piece after the other; the window reclaims earlier ones. */
static int sum_window(struct noalias_window *window, uint64_t length,
		      uint32_t *sum)
{
	uint64_t offset = 0;
	uint32_t crc = 0;
	size_t len;
	void *addr;
	int err;

	for (; offset < length; offset += len) {
		len = length - offset < GRANULE ? (size_t)(length - offset) :
						  GRANULE;
		err = noalias_window_map(window, offset, len, &addr);
		if (err)
			return err;
		crc = add_bytes(crc, addr, len);
		noalias_window_unmap(window, addr, len);
	}
	*sum = finish(crc, length);
	return 0;
}

static int sum_file(int fd, uint64_t length, uint32_t *sum)
{
	struct noalias_window_options options = {
		.size = sizeof(options),
		.flags = NOALIAS_WINDOW_READONLY,
		.granule = GRANULE,
		.nr_slots = NR_SLOTS,
	};
	struct noalias_window *window;
	int err;

	err = noalias_window_open(fd, &options, &window);
	if (err)
		return err;
	err = sum_window(window, length, sum);
	noalias_window_close(window);
	return err;
}

/* In the format of cksum. Return: 0, or 1 with a message. */
static int print_sum(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint32_t sum;

	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "checksum: %s: %s\n", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	if (sum_file(fd, (uint64_t)st.st_size, &sum)) {
		fprintf(stderr, "checksum: %s: %s\n", name,
			noalias_error_message());
		close(fd);
		return 1;
	}
	close(fd);
	printf("%u %llu %s\n", sum, (unsigned long long)st.st_size, name);
	return 0;
}

int main(int argc, char **argv)
{
	int i, failed = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: checksum FILE...\n");
		return 2;
	}
	make_table();
	for (i = 1; i < argc; i++)
		failed |= print_sum(argv[i]);
	return failed;
}
