// SPDX-License-Identifier: GPL-2.0
/* QEMU's edu: docs/specs/edu.txt of its source. */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "edu.h"

#define DMA_FROM	0x80
#define DMA_TO		0x88
#define DMA_LEN		0x90
#define DMA_COMMAND	0x98
#define DMA_START	BIT(0)
#define DMA_FROM_EDU	BIT(1)

/* Where its own memory is, in its own addresses. */
#define OWN_MEMORY	0x40000

static struct pci_dev *edu;
static void __iomem *registers;

static int start_edu(void)
{
	int err = pci_enable_device(edu);

	if (err)
		return err;
	pci_set_master(edu);
	err = dma_set_mask_and_coherent(&edu->dev,
					DMA_BIT_MASK(EDU_MASK_BITS));
	if (err)
		goto disable;
	registers = pci_iomap(edu, 0, 0);
	if (registers)
		return 0;
	err = -ENOMEM;
disable:
	pci_disable_device(edu);
	return err;
}

int edu_init(void)
{
	int err;

	edu = pci_get_device(0x1234, 0x11e8, NULL);
	if (!edu)
		return 0;
	err = start_edu();
	if (err)
		pci_dev_put(edu);
	return err;
}

void edu_fini(void)
{
	if (!edu)
		return;
	pci_iounmap(edu, registers);
	pci_clear_master(edu);
	pci_disable_device(edu);
	pci_dev_put(edu);
}

struct device *edu_device(void)
{
	return edu ? &edu->dev : NULL;
}

int edu_trust(const struct importer_trust *request)
{
	if (!edu)
		return -ENODEV;
	edu->untrusted = request->untrusted;
	dma_set_max_seg_size(&edu->dev, request->segment_len ?: SZ_64K);
	return 0;
}

int edu_copy(const struct importer_dma *request)
{
	u64 from = request->from_device ? OWN_MEMORY : request->address;
	u64 to = request->from_device ? request->address : OWN_MEMORY;
	u32 command;

	if (!edu)
		return -ENODEV;
	if (!request->len || request->len > EDU_LEN_MAX)
		return -EINVAL;
	lo_hi_writeq(from, registers + DMA_FROM);
	lo_hi_writeq(to, registers + DMA_TO);
	lo_hi_writeq(request->len, registers + DMA_LEN);
	lo_hi_writeq(DMA_START | (request->from_device ? DMA_FROM_EDU : 0),
		     registers + DMA_COMMAND);
	return readl_poll_timeout(registers + DMA_COMMAND, command,
				  !(command & DMA_START), 1000, 10000000);
}
