// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Known lines of the kernel's log about memory types, each reported once with
 * its meaning. docs/troubleshooting.md has details.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "file.h"

/* More than the ring can hold, so that a busy writer cannot keep us here. */
#define RECORDS_MAX	100000

static const struct message {
	const char *part;
	const char *meaning;
} messages[] = {
	{ "map pfn RAM range req",
	  "a driver mapped RAM without a change of its type: that mapping is cached" },
	{ "map pfn expected mapping type",
	  "a mapping of device memory was refused (EINVAL): another mapping has another type" },
	{ "conflicting memory types",
	  "device memory was requested with two types; the second was refused or changed" },
	{ "PAT: memtype_reserve failed",
	  "device memory was requested with two types, or with more than one that it has" },
	{ "reserve_ram_pages_type failed",
	  "a driver was refused (EBUSY) a type for RAM that has another type already" },
	{ "ioremap_change_attr failed",
	  "the direct map could not get the type of a mapping, which was refused: no alias" },
	{ "freeing invalid memtype",
	  "a driver freed a range that it never reserved: its bug, no alias" },
	{ "ioremap error for",
	  "a driver was refused device memory: it is mapped with another type" },
	{ "ioremap memtype_reserve failed",
	  "a driver was refused device memory: its range has two types, or RAM in it" },
	{ "ioremap on RAM at",
	  "a driver was refused RAM as if it were device memory: no alias" },
	{ "mapping multiple BARs",
	  "a driver mapped more than its device's range, all with one type" },
	{ "iounmap: bad address",
	  "a driver unmapped what is not mapped: its bug, no alias" },
	{ "CPA: called for zero pte",
	  "a driver wanted another type at an address where nothing is mapped, and was refused" },
	{ "contiguous chunk is too small",
	  "an importer without an IOMMU needs one physical run: its QBUF failed (EFAULT)" },
	{ "Error getting dmabuf scatterlist",
	  "a device was refused a buffer: its QBUF failed (EINVAL)" },
	{ "failed to attach dmabuf",
	  "the buffer's driver refused a device: its QBUF failed" },
	{ "failed to map scatterlist",
	  "a device cannot reach the memory of videobuf2 that it was given (EIO)" },
	{ "vmap allocation for size",
	  "the kernel's address space for vmalloc is full: vmalloc= makes it larger on 32 bit" },
	{ "vmalloc_node_range for size",
	  "the kernel's address space for vmalloc is full (the line of newer kernels)" },
	{ "swiotlb buffer is full",
	  "a device uses bounce buffers; our heaps refuse such a device" },
	{ "with the DMA bounce buffer",
	  "a device needs bounce buffers, and the kernel has none" },
	{ "using DMA bounce buffers",
	  "memory is encrypted, and devices use bounce buffers: our heaps refuse them" },
	{ "overflow (mask",
	  "a device was refused memory that it cannot address" },
	{ "not ours (10:", "a node with the name of the module's is another device" },
};

#define NR_MESSAGES (sizeof(messages) / sizeof(messages[0]))

static void count(const char *record, unsigned int *nr)
{
	const char *at;
	size_t i;

	for (i = 0; i < NR_MESSAGES; i++)
		for (at = record; (at = strstr(at, messages[i].part)); at++)
			nr[i]++;
}

/* read() returns one record, or EPIPE if records were overwritten. */
static void read_records(int fd, unsigned int *nr)
{
	char record[8192];
	ssize_t len;
	int i;

	for (i = 0; i < RECORDS_MAX; i++) {
		len = read(fd, record, sizeof(record) - 1);
		if (len < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (len <= 0)
			return;
		record[len] = 0;
		count(record, nr);
	}
}

static void tell(struct doctor *doctor, const unsigned int *nr)
{
	struct finding *finding;
	size_t i;

	for (i = 0; i < NR_MESSAGES; i++) {
		if (!nr[i])
			continue;
		finding = doctor_add(doctor, "log", FINDING_NOTE,
				     "\"%s\", %u %s: %s", messages[i].part,
				     nr[i], nr[i] == 1 ? "line" : "lines",
				     messages[i].meaning);
		finding_remedy(finding, "docs/troubleshooting.md, \"In the kernel's log\"");
	}
}

void doctor_check_log(struct doctor *doctor)
{
	unsigned int nr[NR_MESSAGES] = { 0 };
	char path[FILE_PATH_MAX];
	int fd = open(file_path(path, "/dev/kmsg"),
		      O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && (errno == EPERM || errno == EACCES))
		doctor_add(doctor, "log", FINDING_NOTE,
			   "the kernel's log may be read by root only");
	if (fd < 0)
		return;
	read_records(fd, nr);
	close(fd);
	tell(doctor, nr);
}
