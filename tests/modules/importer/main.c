// SPDX-License-Identifier: GPL-2.0
/*
 * importer: a dma-buf importer with three platform devices, one that reaches
 * all memory, one with a 32-bit mask, and one that is as odd as it is told; and
 * with QEMU's edu, where there is one.
 */
#include <linux/dma-buf.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/iosys-map.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "edu.h"
#include "importer_uapi.h"

#define NR_DEVICES 3
#define ODD 2

static struct platform_device *devices[NR_DEVICES];
static const u32 mask_bits[NR_DEVICES] = { [0] = 64, [1] = 32, [ODD] = 0 };
static atomic_t nr_shifted;	/* tables that shift_ops have mapped */

/**
 * struct import - one open file
 * @lock: everything below
 * @dmabuf: attached buffer, or NULL
 * @attachment: likewise
 * @table: what the exporter mapped, or NULL
 * @dir: how it was mapped
 * @map: kernel mapping while @nr_vmaps
 * @nr_vmaps: nesting
 * @area: what mmap() sets in its area before the buffer sees it
 */
struct import {
	struct mutex lock;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attachment;
	struct sg_table *table;
	enum dma_data_direction dir;
	struct iosys_map map;
	u32 nr_vmaps;
	enum importer_area area;
};

static struct device *find_device(u32 bits)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (mask_bits[i] == bits)
			return &devices[i]->dev;
	return bits == EDU_MASK_BITS ? edu_device() : NULL;
}

/* --- the odd device --------------------------------------------------------- */

static int shift_map_sg(struct device *dev, struct scatterlist *list, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nents, i) {
		sg_dma_address(sg) = sg_phys(sg) + PAGE_SIZE;
		sg_dma_len(sg) = sg->length;
	}
	atomic_inc(&nr_shifted);
	return nents;
}

static void shift_unmap_sg(struct device *dev, struct scatterlist *list,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs)
{
	atomic_dec(&nr_shifted);
}

static const struct dma_map_ops shift_ops = {
	.map_sg = shift_map_sg,
	.unmap_sg = shift_unmap_sg,
};

/* All memory, @offset higher. The device frees it. */
static struct bus_dma_region *new_range_map(u64 offset)
{
	struct bus_dma_region *map = kcalloc(2, sizeof(*map), GFP_KERNEL);

	if (!map)
		return NULL;
	map->dma_start = offset;
	map->size = 1ull << 45;
#ifdef NA_HAVE_BUS_DMA_OFFSET
	map->offset = 0 - offset;
#endif
	return map;
}

static int make_odd(const struct importer_odd *request)
{
	struct platform_device *pdev = devices[ODD];
	struct device *dev = &pdev->dev;
	struct bus_dma_region *map = NULL;

	if (request->mask_bits > 64)
		return -EINVAL;
	if (request->offset)
		map = new_range_map(request->offset);
	if (request->offset && !map)
		return -ENOMEM;
	kfree(dev->dma_range_map);
	dev->dma_range_map = map;
	dev->bus_dma_limit = request->bus_limit;
	pdev->platform_dma_mask = DMA_BIT_MASK(request->mask_bits ?: 64);
	dev->dma_mask = request->mask_bits ? &pdev->platform_dma_mask : NULL;
	set_dma_ops(dev, request->shifts ? &shift_ops : NULL);
	if (request->shifts && get_dma_ops(dev) != &shift_ops)
		return -EOPNOTSUPP;
	dma_set_max_seg_size(dev, request->segment_len ?: SZ_64K);
	dma_set_seg_boundary(dev, request->segment_mask ?: DMA_BIT_MASK(32));
	return 0;
}

/* --- attachments -------------------------------------------------------------- */

static int attach(struct import *import, const struct importer_attach *request)
{
	struct device *dev = find_device(request->mask_bits);
	struct dma_buf *dmabuf;

	if (import->dmabuf || !dev)
		return -EINVAL;
	dmabuf = dma_buf_get(request->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	import->attachment = dma_buf_attach(dmabuf, dev);
	if (IS_ERR(import->attachment)) {
		dma_buf_put(dmabuf);
		return PTR_ERR(import->attachment);
	}
	import->dmabuf = dmabuf;
	return 0;
}

static int unmap(struct import *import)
{
	if (!import->table)
		return -EINVAL;
	dma_buf_unmap_attachment_unlocked(import->attachment, import->table,
				 import->dir);
	import->table = NULL;
	return 0;
}

static int vunmap_one(struct import *import)
{
	if (!import->nr_vmaps)
		return -EINVAL;
	dma_buf_vunmap_unlocked(import->dmabuf, &import->map);
	import->nr_vmaps--;
	return 0;
}

static int detach(struct import *import)
{
	if (!import->dmabuf)
		return -EINVAL;
	while (import->nr_vmaps)
		vunmap_one(import);
	unmap(import);
	dma_buf_detach(import->dmabuf, import->attachment);
	dma_buf_put(import->dmabuf);
	import->dmabuf = NULL;
	return atomic_read(&nr_shifted) ? -EBUSY : 0;
}

/*
 * From importers CONFIG_DMABUF_DEBUG hides pages: 6.12 inverts what is there, so
 * that none is this; 7.3 gives them a copy without pages, where nothing is seen of
 * ours.
 */
#define NO_PAGE_INVERTED (~0xfful)

static bool has_page(const struct scatterlist *sg)
{
	unsigned long link = sg->page_link & ~SG_PAGE_LINK_MASK;

	if (IS_ENABLED(CONFIG_DMABUF_DEBUG) && link == NO_PAGE_INVERTED)
		return false;
	return link;
}

static int describe_table(const struct import *import,
			  struct importer_map *request)
{
	struct importer_range __user *user = u64_to_user_ptr(request->ranges);
	u32 room = request->nr_ranges;
	struct importer_range range;
	struct scatterlist *sg;
	int i;

	request->nr_ranges = import->table->nents;
	request->nr_cpu_entries = import->table->orig_nents;
	request->nr_pages = 0;
	for_each_sgtable_dma_sg(import->table, sg, i) {
		request->nr_pages += has_page(sg);
		range.address = sg_dma_address(sg);
		range.len = sg_dma_len(sg);
		if (i < room && copy_to_user(user + i, &range, sizeof(range)))
			return -EFAULT;
	}
	return 0;
}

static int map(struct import *import, struct importer_map *request)
{
	struct sg_table *table;

	if (!import->dmabuf || import->table || request->dir >= DMA_NONE)
		return -EINVAL;
	table = dma_buf_map_attachment_unlocked(import->attachment, request->dir);
	if (IS_ERR(table))
		return PTR_ERR(table);
	import->table = table;
	import->dir = request->dir;
	return describe_table(import, request);
}

static int begin_or_end(struct import *import, unsigned int cmd,
			const struct importer_access *request)
{
	if (!import->dmabuf || request->dir >= DMA_NONE)
		return -EINVAL;
	if (cmd == IMPORTER_BEGIN)
		return dma_buf_begin_cpu_access(import->dmabuf, request->dir);
	return dma_buf_end_cpu_access(import->dmabuf, request->dir);
}

static int vmap_one(struct import *import, struct importer_vmap *request)
{
	int err;

	if (!import->dmabuf)
		return -EINVAL;
	err = dma_buf_vmap_unlocked(import->dmabuf, &import->map);
	if (err)
		return err;
	import->nr_vmaps++;
	request->va = (unsigned long)import->map.vaddr;
	return 0;
}

static int touch(struct import *import, struct importer_touch *request)
{
	u32 *word;

	if (!import->nr_vmaps || request->offset % sizeof(*word) ||
	    request->offset >= import->dmabuf->size)
		return -EINVAL;
	word = import->map.vaddr + request->offset;
	if (request->write)
		WRITE_ONCE(*word, request->value);
	else
		request->value = READ_ONCE(*word);
	return 0;
}

static int peek(struct import *import, struct importer_peek *request)
{
	phys_addr_t phys;
	char *page;
	u32 *word;

	if (!import->table || request->address % sizeof(*word))
		return -EINVAL;
	phys = dma_to_phys(import->attachment->dev, request->address);
	if (!pfn_valid(PHYS_PFN(phys)))
		return -EINVAL;
	page = kmap_local_page(pfn_to_page(PHYS_PFN(phys)));
	word = (u32 *)(page + offset_in_page(phys));
	if (request->write)
		WRITE_ONCE(*word, request->value);
	else
		request->value = READ_ONCE(*word);
	kunmap_local(page);
	return 0;
}

static int preset(struct import *import, const struct importer_preset *request)
{
	if (request->area > IMPORTER_AREA_PROT)
		return -EINVAL;
	import->area = request->area;
	return 0;
}

union request {
	struct importer_attach attach;
	struct importer_map map;
	struct importer_access access;
	struct importer_vmap vmap;
	struct importer_touch touch;
	struct importer_preset preset;
	struct importer_odd odd;
	struct importer_trust trust;
	struct importer_dma dma;
	struct importer_peek peek;
};

static int dispatch(struct import *import, unsigned int cmd,
		    union request *request)
{
	switch (cmd) {
	case IMPORTER_ATTACH:
		return attach(import, &request->attach);
	case IMPORTER_DETACH:
		return detach(import);
	case IMPORTER_MAP:
		return map(import, &request->map);
	case IMPORTER_UNMAP:
		return unmap(import);
	case IMPORTER_BEGIN:
	case IMPORTER_END:
		return begin_or_end(import, cmd, &request->access);
	case IMPORTER_VMAP:
		return vmap_one(import, &request->vmap);
	case IMPORTER_VUNMAP:
		return vunmap_one(import);
	case IMPORTER_TOUCH:
		return touch(import, &request->touch);
	case IMPORTER_PRESET:
		return preset(import, &request->preset);
	case IMPORTER_ODD:
		return make_odd(&request->odd);
	case IMPORTER_TRUST:
		return edu_trust(&request->trust);
	case IMPORTER_DMA:
		return edu_copy(&request->dma);
	case IMPORTER_PEEK:
		return peek(import, &request->peek);
	}
	return -ENOTTY;
}

static long importer_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct import *import = file->private_data;
	void __user *user = (void __user *)arg;
	size_t len = _IOC_SIZE(cmd);
	union request request;
	int err;

	if (len > sizeof(request))
		return -ENOTTY;
	if (copy_from_user(&request, user, len))
		return -EFAULT;
	mutex_lock(&import->lock);
	err = dispatch(import, cmd, &request);
	mutex_unlock(&import->lock);
	if (!err && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &request, len))
		return -EFAULT;
	return err;
}

static int importer_open(struct inode *inode, struct file *file)
{
	struct import *import = kzalloc(sizeof(*import), GFP_KERNEL);

	if (!import)
		return -ENOMEM;
	mutex_init(&import->lock);
	file->private_data = import;
	return 0;
}

static int importer_release(struct inode *inode, struct file *file)
{
	struct import *import = file->private_data;

	mutex_lock(&import->lock);
	detach(import);
	mutex_unlock(&import->lock);
	kfree(import);
	return 0;
}

/* After an error the kernel takes the area down: by what it was. */
static int map_with(struct import *import, struct vm_area_struct *vma)
{
	static const unsigned long flags[] = {
		[IMPORTER_AREA_PLAIN] = 0, [IMPORTER_AREA_IO] = VM_IO,
		[IMPORTER_AREA_PFNMAP] = VM_PFNMAP,
		[IMPORTER_AREA_HUGETLB] = VM_HUGETLB,
		[IMPORTER_AREA_GROWSDOWN] = VM_GROWSDOWN,
		[IMPORTER_AREA_PROT] = 0,
	};
	int err;

	if (import->area == IMPORTER_AREA_PROT)
		vma->vm_page_prot = pgprot_noncached(PAGE_SHARED_EXEC);
	vm_flags_set(vma, flags[import->area]);
	err = dma_buf_mmap(import->dmabuf, vma, vma->vm_pgoff);
	if (err)
		vm_flags_clear(vma, flags[import->area]);
	return err;
}

/*
 * Without the lock, which ioctls hold while they copy to user space: a file is
 * used by one thread.
 */
static int importer_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct import *import = file->private_data;

	return import->dmabuf ? map_with(import, vma) : -EINVAL;
}

static const struct file_operations importer_fops = {
	.owner = THIS_MODULE,
	.mmap = importer_mmap,
	.open = importer_open,
	.release = importer_release,
	.unlocked_ioctl = importer_ioctl,
};

static struct miscdevice importer_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "na_importer",
	.fops = &importer_fops,
};

static void remove_devices(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (!IS_ERR_OR_NULL(devices[i]))
			platform_device_unregister(devices[i]);
}

static int add_devices(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		devices[i] = platform_device_register_simple("na_importer", i,
							     NULL, 0);
		if (IS_ERR(devices[i]))
			return PTR_ERR(devices[i]);
		if (i != ODD &&
		    dma_coerce_mask_and_coherent(&devices[i]->dev,
						 DMA_BIT_MASK(mask_bits[i])))
			return -EIO;
	}
	return 0;
}

static int __init importer_init(void)
{
	int err = add_devices();

	if (!err)
		err = edu_init();
	if (err)
		goto devices;
	err = misc_register(&importer_misc);
	if (err)
		goto edu;
	return 0;
edu:
	edu_fini();
devices:
	remove_devices();
	return err;
}

static void __exit importer_exit(void)
{
	misc_deregister(&importer_misc);
	edu_fini();
	remove_devices();
}

module_init(importer_init);
module_exit(importer_exit);

MODULE_DESCRIPTION("Imports dma-bufs as told, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("DMA_BUF");
