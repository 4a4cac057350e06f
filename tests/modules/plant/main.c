// SPDX-License-Identifier: GPL-2.0
/*
 * plant: mappings of any type of any page, on purpose, and page tables read
 * back. A test module: with it root can corrupt anything. It knows nothing of
 * noalias and shares no code with it, so that neither's mistakes hide the
 * other's.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "plant.h"

int frames_copy(struct frames *frames, u64 user, u32 nr)
{
	frames->nr = nr;
	frames->pfns = NULL;
	if (!nr || nr > NR_FRAMES_MAX)
		return -EINVAL;
	frames->pfns = vmemdup_user(u64_to_user_ptr(user),
				    nr * sizeof(*frames->pfns));
	return PTR_ERR_OR_ZERO(frames->pfns);
}

void frames_free(struct frames *frames)
{
	if (!IS_ERR_OR_NULL(frames->pfns))
		kvfree(frames->pfns);
	frames->pfns = NULL;
	frames->nr = 0;
}

struct page *page_of(u32 pfn)
{
	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

static int set_aim(struct bed *bed, const struct plant_frames *request,
		   struct frames *frames)
{
	if (request->type >= PLANT_ABSENT)
		return -EINVAL;
	mutex_lock(&bed->aim_lock);
	frames_free(&bed->aim);
	bed->aim = *frames;
	bed->aim_type = request->type;
	bed->aim_normal = request->normal;
	bed->aim_large = request->large;
	mutex_unlock(&bed->aim_lock);
	frames->pfns = NULL;
	return 0;
}

static int do_frames(struct bed *bed, unsigned int cmd,
		     struct plant_frames *request)
{
	struct frames frames;
	int err = frames_copy(&frames, request->pfns, request->nr);

	if (err)
		return err;
	switch (cmd) {
	case PLANT_AIM:
		err = set_aim(bed, request, &frames);
		break;
	case PLANT_KEEP:
		err = pages_hold(bed, &frames);
		break;
	case PLANT_GIVE:
	case PLANT_UNKEEP:
		err = pages_drop(bed, &frames);
		break;
	case PLANT_SCAN:
		err = scan_kernel(&frames, request);
		break;
	}
	frames_free(&frames);
	return err;
}

union request {
	struct plant_take take;
	struct plant_frames frames;
	struct plant_mapping mapping;
	struct plant_entry entry;
	struct plant_page page;
	struct plant_probe probe;
	struct plant_place place;
};

static int dispatch(struct bed *bed, unsigned int cmd, union request *request)
{
	switch (cmd) {
	case PLANT_TAKE:
		return pages_take(bed, &request->take);
	case PLANT_GIVE:
	case PLANT_AIM:
	case PLANT_KEEP:
	case PLANT_UNKEEP:
	case PLANT_SCAN:
		return do_frames(bed, cmd, &request->frames);
	case PLANT_MAKE:
		return mapping_make(bed, &request->mapping);
	case PLANT_UNMAKE:
		return mapping_unmake(bed, &request->mapping);
	case PLANT_PROBE:
		return mapping_probe(bed, &request->probe);
	}
	return -ENOTTY;
}

/*
 * What reads and keeps nothing goes without the bed's lock: mmap() takes that
 * one with the process's mmap lock held, which a peek takes itself.
 */
static int look(unsigned int cmd, union request *request)
{
	switch (cmd) {
	case PLANT_PEEK_USER:
		return peek_user(&request->entry);
	case PLANT_PEEK_KERNEL:
		return peek_kernel(&request->entry);
	case PLANT_LOOK:
		return look_at_page(&request->page);
	case PLANT_FIND:
		return find_place(&request->place);
	}
	return -ENOTTY;
}

static int dispatch_locked(struct bed *bed, unsigned int cmd,
			   union request *request)
{
	int err;

	mutex_lock(&bed->lock);
	err = dispatch(bed, cmd, request);
	mutex_unlock(&bed->lock);
	return err;
}

static long plant_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct bed *bed = file->private_data;
	void __user *user = (void __user *)arg;
	size_t len = _IOC_SIZE(cmd);
	union request request;
	int err;

	if (len > sizeof(request))
		return -ENOTTY;
	if (copy_from_user(&request, user, len))
		return -EFAULT;
	err = look(cmd, &request);
	if (err == -ENOTTY)
		err = dispatch_locked(bed, cmd, &request);
	if (!err && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &request, len))
		return -EFAULT;
	return err;
}

static int plant_open(struct inode *inode, struct file *file)
{
	struct bed *bed = kzalloc(sizeof(*bed), GFP_KERNEL);

	if (!bed)
		return -ENOMEM;
	mutex_init(&bed->lock);
	mutex_init(&bed->aim_lock);
	INIT_LIST_HEAD(&bed->pages);
	INIT_LIST_HEAD(&bed->mappings);
	file->private_data = bed;
	return 0;
}

/* Areas hold the file: no process maps a page of ours any more. */
static int plant_release(struct inode *inode, struct file *file)
{
	struct bed *bed = file->private_data;

	mutex_lock(&bed->lock);
	mappings_unmake_all(bed);
	pages_drop_all(bed);
	mutex_unlock(&bed->lock);
	frames_free(&bed->aim);
	kfree(bed);
	return 0;
}

static const struct file_operations plant_fops = {
	.owner = THIS_MODULE,
	.open = plant_open,
	.release = plant_release,
	.unlocked_ioctl = plant_ioctl,
	.mmap = area_mmap,
};

static struct miscdevice plant_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "na_plant",
	.fops = &plant_fops,
};
module_misc_device(plant_misc);

static int get_debug_pagealloc(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%d\n", debug_pagealloc_enabled());
}

/* With it free pages have no entry, and no translation stays in a TLB. */
static const struct kernel_param_ops debug_pagealloc_ops = {
	.get = get_debug_pagealloc,
};
module_param_cb(debug_pagealloc, &debug_pagealloc_ops, NULL, 0444);

MODULE_DESCRIPTION("Plants aliases and reads page tables, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
