// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings of a buffer.
 *
 * Entries are special and the area is VM_MIXEDMAP without VM_IO and VM_PFNMAP.
 * Each part of that prevents an alias:
 * - a special entry has no page behind it: get_user_pages() in both forms,
 *   and with it O_DIRECT, process_vm_readv(), vmsplice, RDMA and V4L2 user
 *   pointers, gets an error instead of a page that it would kmap() cached;
 * - KVM and VFIO follow entries of VM_IO and VM_PFNMAP areas without a page;
 *   KVM would map the frame write-back into the guest. They refuse this area.
 * VM_DONTEXPAND stops mremap() from growing into what we did not map,
 * VM_DONTDUMP keeps core dumps out and cannot be taken back while the area
 * is mixed. Private areas would be copied page by page on write: refused.
 *
 * An importer may pass its own area on to us. We refuse one that is VM_IO or
 * VM_PFNMAP, for the reasons above; huge pages, which have no special entries;
 * and an area that grows, which has addresses before the buffer's first page.
 * Its protection is computed again from its flags.
 *
 * Cached buffers are mapped in the same way. The kernel's heap gives no pages either:
 * its areas are VM_PFNMAP.
 *
 * Nothing is executable: instruction fetches would be one more reader to
 * consider. Programs under READ_IMPLIES_EXEC (i386 binaries from before 2004,
 * setarch -X) get VM_EXEC with every readable area without asking; it is
 * removed, as the kernel does for files on noexec mounts. An explicit PROT_EXEC
 * is refused.
 *
 * All entries are made at mmap() in one walk, with the protection of the area:
 * that path does not use PAT tracking. madvise(MADV_DONTNEED) may remove
 * entries; the fault handler restores them by a path that does use it, and gets
 * the right type because the frames are marked.
 *
 * A debugger reads the contents through access(), with a short-lived mapping of
 * the buffer's type.
 */
#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/personality.h>
#include <linux/sched.h>

#include "../port/linux/compat.h"
#include "../port/linux/port.h"
#include "dmabuf.h"
#include "refusal.h"

static struct na_dmabuf *area_dmabuf(struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

static void area_open(struct vm_area_struct *vma)
{
	atomic_inc(&area_dmabuf(vma)->nr_mmaps);
}

static void area_close(struct vm_area_struct *vma)
{
	atomic_dec(&area_dmabuf(vma)->nr_mmaps);
}

static vm_fault_t area_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct na_buffer *buffer = area_dmabuf(vma)->buffer;
	struct na_frame frame;

	if (vmf->pgoff >= buffer->nr_frames)
		return VM_FAULT_SIGBUS;
	frame = na_buffer_frame(buffer, vmf->pgoff);
	return vmf_insert_mixed(vma, vmf->address, frame.nr);
}

static int copy_piece(struct na_frame frame, enum na_memtype type,
		      unsigned int offset, void *buf, int len, int write)
{
	char *vaddr = na_linux_frame_map(frame, type);

	if (write)
		memcpy(vaddr + offset, buf, len);
	else
		memcpy(buf, vaddr + offset, len);
	na_linux_frame_unmap(frame, vaddr);
	return len;
}

/* Accesses one frame at most; the caller repeats for the rest. */
static int area_access(struct vm_area_struct *vma, unsigned long addr,
		       void *buf, int len, int write)
{
	struct na_buffer *buffer = area_dmabuf(vma)->buffer;
	unsigned long idx = ((addr - vma->vm_start) >> PAGE_SHIFT) +
			    vma->vm_pgoff;
	unsigned int offset = offset_in_page(addr);

	if (idx >= buffer->nr_frames)
		return -EINVAL;
	if (write && !(vma->vm_flags & VM_WRITE))
		return -EACCES;
	len = min_t(unsigned int, len, PAGE_SIZE - offset);
	return copy_piece(na_buffer_frame(buffer, idx), buffer->type, offset,
			  buf, len, write);
}

static const struct vm_operations_struct area_ops = {
	.open = area_open,
	.close = area_close,
	.fault = area_fault,
	.access = area_access,
};

/* Offset of the area in the buffer. */
static struct na_linux_cursor cursor_at(const struct vm_area_struct *vma,
					const struct na_buffer *buffer)
{
	u32 idx = vma->vm_pgoff, run = na_buffer_run(buffer, idx);

	return (struct na_linux_cursor){
		.run = &buffer->runs[run], .idx = idx - buffer->starts[run],
	};
}

#define VM_NOT_OURS (VM_IO | VM_PFNMAP | VM_HUGETLB | VM_GROWSDOWN)

/* An explicit PROT_EXEC cannot be told apart here. */
static bool exec_is_implied(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_READ &&
	       current->personality & READ_IMPLIES_EXEC;
}

static int check_area(struct vm_area_struct *vma,
		      const struct na_buffer *buffer)
{
	unsigned long nr = vma_pages(vma);

	if (vma->vm_flags & VM_NOT_OURS)
		return na_refuse("mmap area", vma->vm_flags & VM_NOT_OURS,
				 "no VM_IO, VM_PFNMAP, VM_HUGETLB, VM_GROWSDOWN",
				 -EINVAL);
	if (vma->vm_pgoff >= buffer->nr_frames ||
	    nr > buffer->nr_frames - vma->vm_pgoff)
		return na_refuse_limit("mmap offset and length",
			((u64)vma->vm_pgoff + nr) << PAGE_SHIFT,
			(struct na_limit){ .text = "bytes of the buffer",
				.max = (u64)buffer->nr_frames << PAGE_SHIFT,
				.scope = NOALIAS_IOC_LIMIT_FIXED }, -EINVAL);
	/* VM_SHARED is clear for a shared map of a read-only file. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return na_refuse("mmap flags", vma->vm_flags, "MAP_SHARED",
				 -EINVAL);
	if (vma->vm_flags & VM_EXEC && !exec_is_implied(vma))
		return na_refuse("mmap prot", vma->vm_flags, "no PROT_EXEC",
				 -EACCES);
	return 0;
}

int na_dmabuf_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct na_dmabuf *ours = dmabuf->priv;
	int err = check_area(vma, ours->buffer);

	if (err)
		return err;
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_EXEC | VM_MAYEXEC);
	na_linux_area_set_type(vma, ours->buffer->type);
	vma->vm_ops = &area_ops;
	vma->vm_private_data = ours;
	err = na_linux_area_fill(vma, cursor_at(vma, ours->buffer));
	if (err)
		return na_refuse("mmap length", vma->vm_end - vma->vm_start,
				 "memory for page tables", err);
	area_open(vma);
	return 0;
}
