// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From an image to a kernel: each step needs what the one before it found.
 *
 *	root	with it, the kernel's memory can be read by its addresses;
 *	symbols	by VMCOREINFO, which says where they are;
 *	layout	by symbols, or what is left without them;
 *	types	by two symbols, or by a look at the kernel's image.
 *
 * Only the first is necessary. What the others lack costs names, and a scan
 * instead of a list, which is said in the notes.
 */
#include "btf.h"
#include "layout.h"
#include "root.h"
#include "seek.h"
#include "symbols.h"
#include "vmcoreinfo.h"

static struct na_btf *load_btf(struct na_kernel *kernel)
{
	u64 start = na_kernel_symbol(kernel, "__start_BTF");
	u64 end = na_kernel_symbol(kernel, "__stop_BTF");
	u8 *bytes;

	if (!start || end <= start || end - start > NA_BTF_LEN_MAX)
		return NULL;
	bytes = malloc(end - start);
	if (!bytes || !na_kernel_read(kernel, start, bytes, end - start)) {
		free(bytes);
		return NULL;
	}
	return na_btf_create(bytes, end - start);
}

int na_kernel_open(struct na_image *image,
		   const struct na_kernel_options *options,
		   struct na_notes *notes, struct na_kernel *kernel)
{
	memset(kernel, 0, sizeof(*kernel));
	kernel->image = image;
	kernel->notes = notes;
	if (na_root_find(kernel, options))
		return -1;
	kernel->symbols = na_symbols_load(kernel, kernel->info);
	if (!kernel->symbols)
		na_notes_assume(notes,
				"the kernel's symbols are not in the image");
	na_layout_find(kernel);
	kernel->btf = load_btf(kernel);
	if (!kernel->btf)
		kernel->btf = na_seek_btf(kernel);
	return 0;
}

void na_kernel_close(struct na_kernel *kernel)
{
	na_btf_destroy(kernel->btf);
	na_symbols_destroy(kernel->symbols);
	free(kernel->info);
	free(kernel->spaces);
	memset(kernel, 0, sizeof(*kernel));
}

u64 na_kernel_symbol(const struct na_kernel *kernel, const char *name)
{
	u64 address = na_symbols_find(kernel->symbols, name);

	/* It names some of the kernel's data where kallsyms has functions only. */
	if (!address)
		na_vmcoreinfo_symbol(kernel->info, name, &address);
	return address;
}

long na_kernel_member(const struct na_kernel *kernel, const char *type,
		      const char *member)
{
	return na_btf_member(kernel->btf, type, member);
}

u64 na_kernel_word(struct na_kernel *kernel, u64 va)
{
	u64 word = 0;

	return va && na_kernel_read(kernel, va, &word, sizeof(word)) ? word : 0;
}

u64 na_kernel_variable(struct na_kernel *kernel, const char *name)
{
	return na_kernel_word(kernel, na_kernel_symbol(kernel, name));
}

u64 na_kernel_field(struct na_kernel *kernel, u64 base, const char *type,
		    const char *member)
{
	long offset = na_kernel_member(kernel, type, member);

	return offset < 0 || !base ? 0 :
	       na_kernel_word(kernel, base + (u64)offset);
}

long na_kernel_sizeof(const struct na_kernel *kernel, const char *type)
{
	return na_btf_sizeof(kernel->btf, type);
}
