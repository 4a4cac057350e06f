/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: edu
 *
 * QEMU's device for teaching: it reaches 28 bits of address, copies to and from
 * memory of its own, and sits behind an IOMMU where the machine has one. No
 * driver is bound to it, so that its IOMMU's domain may be changed in sysfs.
 */
#ifndef NA_IMPORTER_EDU_H
#define NA_IMPORTER_EDU_H

#include <linux/device.h>

#include "importer_uapi.h"

#define EDU_MASK_BITS 28

/** edu_init() - Return: 0, also where there is none, or a negative errno. */
int edu_init(void);

/** edu_fini() - undo edu_init(). */
void edu_fini(void);

/** edu_device() - or NULL. */
struct device *edu_device(void);

/** edu_trust() - Return: 0, or -ENODEV. */
int edu_trust(const struct importer_trust *request);

/** edu_copy() - Return: 0, -ENODEV, -EINVAL, or -ETIMEDOUT. */
int edu_copy(const struct importer_dma *request);

#endif
