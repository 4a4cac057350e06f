// SPDX-License-Identifier: GPL-2.0
/* A driver that keeps a kernel mapping of a dma-buf. */
#include <linux/dma-buf.h>
#include <linux/iosys-map.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "na_fail.h"

struct holder {
	struct mutex lock;
	struct dma_buf *dmabuf;
	struct iosys_map map;
};

static int hold_open(struct inode *inode, struct file *file)
{
	struct holder *holder = kzalloc(sizeof(*holder), GFP_KERNEL);

	if (!holder)
		return -ENOMEM;
	mutex_init(&holder->lock);
	file->private_data = holder;
	return 0;
}

static int hold_fd(struct holder *holder, int fd)
{
	struct dma_buf *dmabuf;
	int err;

	if (holder->dmabuf)
		return -EBUSY;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	err = dma_buf_vmap_unlocked(dmabuf, &holder->map);
	if (err)
		dma_buf_put(dmabuf);
	else
		holder->dmabuf = dmabuf;
	return err;
}

static ssize_t hold_write(struct file *file, const char __user *user,
			  size_t len, loff_t *pos)
{
	struct holder *holder = file->private_data;
	char text[NA_REQUEST_MAX];
	int fd, err = na_get_request(text, user, len);

	if (!err)
		err = kstrtoint(text, 0, &fd);
	if (err)
		return err;
	mutex_lock(&holder->lock);
	err = hold_fd(holder, fd);
	mutex_unlock(&holder->lock);
	return err ?: len;
}

static ssize_t hold_read(struct file *file, char __user *user, size_t len,
			 loff_t *pos)
{
	struct holder *holder = file->private_data;
	char text[64];
	loff_t start = 0;
	int nr;

	if (!holder->dmabuf)
		return -EINVAL;
	nr = scnprintf(text, sizeof(text), "%lu %zu\n",
		       (unsigned long)holder->map.vaddr, holder->dmabuf->size);
	return simple_read_from_buffer(user, len, &start, text, nr);
}

static int hold_release(struct inode *inode, struct file *file)
{
	struct holder *holder = file->private_data;

	if (holder->dmabuf) {
		dma_buf_vunmap_unlocked(holder->dmabuf, &holder->map);
		dma_buf_put(holder->dmabuf);
	}
	kfree(holder);
	return 0;
}

const struct file_operations na_hold_fops = {
	.owner = THIS_MODULE,
	.open = hold_open,
	.write = hold_write,
	.read = hold_read,
	.release = hold_release,
};
