// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the kernel's page tables begin.
 *
 * In this order: the table that the user names; the one that VMCOREINFO names,
 * which is in the file's note or found by a scan; the one that a CPU used.
 * Whoever names it, it must map itself where the kernel expects to see it. A
 * table that was freed, a stale copy of VMCOREINFO, or one that a program
 * imitates does not.
 */
#include "../x86/entry.h"
#include "arch.h"
#include "layout.h"
#include "paging.h"
#include "root.h"
#include "vmcoreinfo.h"

#define KERNEL_MAP	0xffffffff80000000ull	/* x86-64: of the kernel's image */
#define CR4_PAE		0x20ull
#define CR4_LA57	0x1000ull
#define PTI_USER	0x1000ull	/* of the two root tables the user's */
#define SME_BITS	(NA_X86_ADDRESS & ~0xffffffffull)

/* x86 with 32 bits: where the direct map begins, by CONFIG_VMSPLIT_. */
static const u64 splits[] = {
	0xc0000000, 0xb0000000, 0x80000000, 0x78000000, 0x40000000,
};

/* --- VMCOREINFO --- */

static bool fits_64bit(struct na_kernel *kernel, u64 va)
{
	const struct na_vmcoreinfo *info = kernel->info;
	u64 phys_base = 0, levels = 0;

	if (!na_vmcoreinfo_number(info, "NUMBER(phys_base)", &phys_base))
		return false;
	na_vmcoreinfo_number(info, "NUMBER(sme_mask)", &kernel->sme_mask);
	/* It must not hide what entries mean. */
	if (kernel->sme_mask & ~SME_BITS)
		return false;
	na_vmcoreinfo_number(info, "NUMBER(pgtable_l5_enabled)", &levels);
	kernel->arch = NA_ARCH_X86_64;
	kernel->paging = levels ? NA_PAGING_5LEVEL : NA_PAGING_4LEVEL;
	kernel->root = va - KERNEL_MAP + phys_base;
	return !(kernel->root % NA_IMAGE_PAGE) &&
	       na_paging_maps(kernel, kernel->root, va, kernel->root);
}

static bool fits_32bit(struct na_kernel *kernel, u64 va)
{
	size_t i, len;

	kernel->arch = NA_ARCH_I386;
	kernel->paging = na_vmcoreinfo_value(kernel->info, "CONFIG_X86_PAE",
					     &len) ?
			 NA_PAGING_PAE : NA_PAGING_2LEVEL;
	for (i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		kernel->root = va - splits[i];
		kernel->layout.page_offset = splits[i];
		if (va >= splits[i] && !(kernel->root % NA_IMAGE_PAGE) &&
		    na_paging_maps(kernel, kernel->root, va, kernel->root))
			return true;
	}
	return false;
}

bool na_x86_info_fits(struct na_kernel *kernel, u64 va)
{
	enum na_arch arch = na_image_about(kernel->image)->arch;

	if (va >> 32)
		return arch != NA_ARCH_I386 && fits_64bit(kernel, va);
	return arch != NA_ARCH_X86_64 && fits_32bit(kernel, va);
}

/* Does the table that it names map itself? Then the kernel's root is known. */
static bool info_fits(struct na_kernel *kernel)
{
	enum na_arch arch = na_image_about(kernel->image)->arch;
	u64 va;

	kernel->sme_mask = 0;
	kernel->layout.page_offset = 0;
	if (!na_vmcoreinfo_symbol(kernel->info, "swapper_pg_dir", &va))
		return false;
	if (arch != NA_ARCH_UNKNOWN)
		return na_arch_calls(arch)->info_fits(kernel, va);
	return na_x86_info_fits(kernel, va) ||
	       na_arm64_info_fits(kernel, va) || na_arm_info_fits(kernel, va);
}

/* Of a stranger: only what can be printed. */
static void take_word(const struct na_kernel *kernel, const char *name,
		      char *word, size_t size)
{
	const char *text;
	size_t i, len;

	text = na_vmcoreinfo_value(kernel->info, name, &len);
	if (!text)
		len = 0;
	if (len >= size)
		len = size - 1;
	for (i = 0; i < len; i++)
		word[i] = text[i] > ' ' && text[i] < 0x7f ? text[i] : '?';
	word[len] = 0;
}

static void take_identity(struct na_kernel *kernel)
{
	take_word(kernel, "OSRELEASE", kernel->release,
		  sizeof(kernel->release));
	take_word(kernel, "BUILD-ID", kernel->build_id,
		  sizeof(kernel->build_id));
}

/* If none fits, the release is that of the last one. */
static bool find_info(struct na_kernel *kernel)
{
	bool has_note = na_vmcoreinfo_note(kernel->image, kernel->info);
	u64 from = 0;

	if (has_note) {
		take_identity(kernel);
		if (info_fits(kernel))
			return true;
	}
	/* To read all memory of a running machine takes minutes. */
	if (na_image_about(kernel->image)->is_live)
		return false;
	while (na_vmcoreinfo_scan(kernel->image, from, kernel->info)) {
		take_identity(kernel);
		if (info_fits(kernel)) {
			if (has_note)
				na_notes_assume(kernel->notes,
					"the file's VMCOREINFO does not fit the page tables; the one at %#llx does",
					kernel->info->from);
			return true;
		}
		from = kernel->info->from + NA_IMAGE_PAGE;
	}
	return false;
}

/* What does not fit says nothing about this kernel. */
static void forget_info(struct na_kernel *kernel)
{
	kernel->info->text[0] = 0;
	kernel->release[0] = 0;
	kernel->sme_mask = 0;
}

/* --- registers --- */

static enum na_paging paging_of(enum na_arch arch, u64 cr4)
{
	if (arch == NA_ARCH_X86_64)
		return cr4 & CR4_LA57 ? NA_PAGING_5LEVEL : NA_PAGING_4LEVEL;
	return cr4 & CR4_PAE ? NA_PAGING_PAE : NA_PAGING_2LEVEL;
}

bool na_x86_has_direct_map(struct na_kernel *kernel, u64 root)
{
	size_t i;

	if (na_paging_is_64bit(kernel->paging))
		return na_layout_direct_map(kernel, root,
					    &kernel->layout.page_offset);
	for (i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		kernel->layout.page_offset = splits[i];
		if (na_paging_maps(kernel, root, splits[i] + root, root))
			return true;
	}
	return false;
}

static bool has_direct_map(struct na_kernel *kernel, u64 root)
{
	return na_arch_calls(kernel->arch)->has_direct_map(kernel, root);
}

/*
 * Bit 12 tells the two tables of a pair for PTI apart, but only of a pair: the
 * address of any other table has it too. The user's has no direct map.
 */
static bool take_root(struct na_kernel *kernel, u64 root)
{
	kernel->root = root;
	if (has_direct_map(kernel, root))
		return true;
	kernel->root = root & ~PTI_USER;
	return root & PTI_USER && has_direct_map(kernel, kernel->root);
}

static bool find_in_registers(struct na_kernel *kernel)
{
	const struct na_image_about *about = na_image_about(kernel->image);
	u32 i;

	if (about->arch != NA_ARCH_X86_64 && about->arch != NA_ARCH_I386)
		return false;
	kernel->arch = about->arch;
	for (i = 0; i < about->nr_cpus; i++) {
		kernel->paging = paging_of(about->arch, about->cpus[i].cr4);
		if (!take_root(kernel,
			       na_paging_cr3_root(kernel->paging,
						  about->cpus[i].cr3)))
			continue;
		na_notes_assume(kernel->notes,
			"the kernel's page tables are those that CPU %u used: there is no VMCOREINFO that fits",
			i);
		return true;
	}
	return false;
}

/* --- the user --- */

/* Of what else is known only the format matters. */
static bool take_named_root(struct na_kernel *kernel, u64 root)
{
	const struct na_image_about *about = na_image_about(kernel->image);
	enum na_paging paging;

	for (paging = 0; paging <= NA_PAGING_2LEVEL; paging++) {
		kernel->paging = paging;
		kernel->arch = na_paging_is_64bit(paging) ? NA_ARCH_X86_64 :
							    NA_ARCH_I386;
		if (about->arch != NA_ARCH_UNKNOWN &&
		    about->arch != kernel->arch)
			continue;
		if (about->nr_cpus &&
		    paging != paging_of(kernel->arch, about->cpus[0].cr4))
			continue;
		if (take_root(kernel, root))
			return true;
	}
	return false;
}

static int find_named_root(struct na_kernel *kernel, u64 root)
{
	struct na_kernel found;

	/* Symbols and encryption bits are still wanted, if they are known. */
	if (find_info(kernel)) {
		found = *kernel;
		kernel->root = root;
		if (root == found.root || has_direct_map(kernel, root))
			return 0;
		*kernel = found;
	} else {
		forget_info(kernel);
		if (take_named_root(kernel, root))
			return 0;
	}
	return na_notes_fail(kernel->notes,
			     "there is no root of page tables at %#llx: what is there does not map itself",
			     root);
}

int na_root_find(struct na_kernel *kernel,
		 const struct na_kernel_options *options)
{
	char release[NA_KERNEL_RELEASE_MAX];

	kernel->info = calloc(1, sizeof(*kernel->info));
	if (!kernel->info)
		return na_notes_fail(kernel->notes, "out of memory");
	if (options && options->root)
		return find_named_root(kernel, options->root);
	if (find_info(kernel))
		return 0;
	if (na_arm64_refuse(kernel) || na_arm_refuse(kernel))
		return -1;
	memcpy(release, kernel->release, sizeof(release));
	forget_info(kernel);
	if (find_in_registers(kernel))
		return 0;
	if (release[0])
		return na_notes_fail(kernel->notes,
				     "kernel '%s' says where its page tables are, but there are none of x86, arm64 or 32-bit ARM with LPAE; name their root with --root",
				     release);
	return na_notes_fail(kernel->notes,
			     "no Linux kernel found: neither a VMCOREINFO nor a register CR3 leads to page tables; name their root with --root");
}
