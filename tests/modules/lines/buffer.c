// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers that importers cannot use, each in another way. None is ever mapped by
 * a processor.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "lines.h"

/* Of the block the first page and the third are in the table. */
#define BLOCK_ORDER	2
#define PIECES		2
#define STEP		2

struct lines_memory {
	enum lines_buffer kind;
	struct page *block;
};

static int op_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *at)
{
	struct lines_memory *memory = dmabuf->priv;

	return memory->kind == LINES_REFUSES_DEVICE ? -EINVAL : 0;
}

static int fill_table(struct sg_table *table, struct page *block)
{
	struct scatterlist *sg;
	int err, i;

	err = sg_alloc_table(table, PIECES, GFP_KERNEL);
	if (err)
		return err;
	for_each_sgtable_sg(table, sg, i)
		sg_set_page(sg, block + i * STEP, PAGE_SIZE, 0);
	return 0;
}

static struct sg_table *op_map(struct dma_buf_attachment *at,
			       enum dma_data_direction dir)
{
	struct lines_memory *memory = at->dmabuf->priv;
	struct sg_table *table;
	int err;

	if (memory->kind == LINES_REFUSES_MAP)
		return ERR_PTR(-EIO);
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return ERR_PTR(-ENOMEM);
	err = fill_table(table, memory->block);
	if (err)
		goto free_table;
	err = dma_map_sgtable(at->dev, table, dir, 0);
	if (err)
		goto free_list;
	return table;

free_list:
	sg_free_table(table);
free_table:
	kfree(table);
	return ERR_PTR(err);
}

static void op_unmap(struct dma_buf_attachment *at, struct sg_table *table,
		     enum dma_data_direction dir)
{
	dma_unmap_sgtable(at->dev, table, dir, 0);
	sg_free_table(table);
	kfree(table);
}

static void op_release(struct dma_buf *dmabuf)
{
	struct lines_memory *memory = dmabuf->priv;

	__free_pages(memory->block, BLOCK_ORDER);
	kfree(memory);
}

static const struct dma_buf_ops lines_ops = {
	.attach = op_attach,
	.map_dma_buf = op_map,
	.unmap_dma_buf = op_unmap,
	.release = op_release,
};

static struct lines_memory *memory_new(enum lines_buffer kind)
{
	struct lines_memory *memory = kmalloc(sizeof(*memory), GFP_KERNEL);

	if (!memory)
		return NULL;
	memory->kind = kind;
	/* Bounce buffers of two pages would lie one behind the other. */
	memory->block = alloc_pages(GFP_KERNEL | GFP_DMA32 | __GFP_ZERO,
				    BLOCK_ORDER);
	if (memory->block)
		return memory;
	kfree(memory);
	return NULL;
}

int lines_buffer_new(enum lines_buffer kind)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *dmabuf;
	int fd;

	if (kind > LINES_IN_PIECES)
		return -EINVAL;
	info.priv = memory_new(kind);
	if (!info.priv)
		return -ENOMEM;
	info.ops = &lines_ops;
	info.size = LINES_BUFFER_LEN;
	info.flags = O_RDWR;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf)) {
		__free_pages(((struct lines_memory *)info.priv)->block, BLOCK_ORDER);
		kfree(info.priv);
		return PTR_ERR(dmabuf);
	}
	fd = dma_buf_fd(dmabuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dmabuf);
	return fd;
}

MODULE_IMPORT_NS("DMA_BUF");
