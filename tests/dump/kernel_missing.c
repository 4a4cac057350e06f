// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages that are within the image's ranges, and yet cannot be read: what a
 * filtered dump leaves out, or a disk that fails.
 *
 * The image is this program's own.
 */
#include "../unit/tap.h"
#include "make_kernel.h"
#include "notes_world.h"

#define PAGE		NA_IMAGE_PAGE
#define NR_PAGES	(MAKE_MEMORY / PAGE)

struct na_image {
	struct na_image_about about;
	bool is_missing[NR_PAGES];
};

static struct na_image_range range = { 0, MAKE_MEMORY };
static struct na_image image;
static struct make_kernel *made;
static struct na_kernel found;
static struct na_notes notes;
static u64 root;

const struct na_image_about *na_image_about(const struct na_image *of)
{
	return &of->about;
}

const char *na_arch_name(enum na_arch arch)
{
	return arch ? "an architecture" : "??";
}

bool na_image_has(const struct na_image *of, u64 pa)
{
	(void)of;
	return pa < MAKE_MEMORY;
}

const void *na_image_page(struct na_image *of, u64 pa, void *buf)
{
	if (!na_image_has(of, pa) || of->is_missing[pa / PAGE])
		return NULL;
	return memcpy(buf, make_at(made->memory, pa), PAGE);
}

bool na_image_read(struct na_image *of, u64 pa, void *to, size_t len)
{
	u64 buf[PAGE / 8];
	const u8 *page;
	size_t part;

	for (; len; len -= part, pa += part, to = (u8 *)to + part) {
		part = PAGE - pa % PAGE;
		if (part > len)
			part = len;
		page = na_image_page(of, pa & ~(u64)(PAGE - 1), buf);
		if (!page)
			return false;
		memcpy(to, page + pa % PAGE, part);
	}
	return true;
}

static void make(void)
{
	na_kernel_close(&found);
	make_kernel_free(made);
	memset(&image, 0, sizeof(image));
	memset(&notes, 0, sizeof(notes));
	made = make_kernel(NA_PAGING_4LEVEL);
	make_lists(made);
	make_types(made);
	root = make_process_root(made, false);
	make_listed_root(made, root, make_mm(made, root));
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	image.about.ranges = &range;
	image.about.nr_ranges = 1;
	image.about.arch = NA_ARCH_X86_64;
	image.about.vmcoreinfo = made->info;
	image.about.vmcoreinfo_len = strlen(made->info);
}

static void miss(u64 va)
{
	image.is_missing[make_pa(made, va) / PAGE] = true;
}

static void open_kernel(void)
{
	EXPECT(!na_kernel_open(&image, NULL, &notes, &found));
}

static void list(bool scan)
{
	EXPECT(!na_kernel_list_spaces(&found, &(struct na_kernel_options){
		.scan = scan }));
}

/* kills: kernel-scan-silent */
static void scan_of_missing_pages(void)
{
	make();
	open_kernel();
	image.is_missing[NR_PAGES - 1] = image.is_missing[NR_PAGES - 2] = true;
	list(true);
	EXPECT(kernel_has_line(&notes.lost, "2 pages could not be read"));
}

/* Left out on purpose are pages of users, and no tables. */
static void scan_of_a_filtered_dump(void)
{
	make();
	open_kernel();
	image.is_missing[NR_PAGES - 1] = true;
	image.about.may_lack_pages = true;
	list(true);
	EXPECT(!notes.lost.nr);
	EXPECT(kernel_has_line(&notes.assumed, "1 pages that were left out"));
}

static void roots_page_is_missing(void)
{
	make();
	open_kernel();
	image.is_missing[made->root / PAGE] = true;
	list(true);
	EXPECT(notes.lost.nr);
}

/* The list goes on in it: it is broken off, and a scan helps. */
static void page_of_a_list_is_missing(void)
{
	make();
	open_kernel();
	miss(made->vmemmap + root / PAGE * 64);
	list(false);
	EXPECT(kernel_has_line(&notes.lost, "broken off"));
	EXPECT_EQ(found.nr_spaces, 1);
}

static void page_of_types_is_missing(void)
{
	make();
	open_kernel();
	EXPECT(found.btf);
	miss(na_kernel_symbol(&found, "__start_BTF"));
	na_kernel_close(&found);
	open_kernel();
	EXPECT(!found.btf);
	EXPECT(found.symbols);
	list(false);
	EXPECT_EQ(found.nr_spaces, 1);
	EXPECT(kernel_has_line(&notes.assumed, "no names"));
}

/* Each page in turn: a kernel or an error, and never the process unseen. */
static void each_page_is_missing(void)
{
	u32 i;

	make();
	for (i = 0; i < NR_PAGES; i++) {
		memset(&notes, 0, sizeof(notes));
		image.is_missing[i] = true;
		na_kernel_close(&found);
		if (na_kernel_open(&image, NULL, &notes, &found)) {
			EXPECT(notes.error[0]);
		} else {
			list(false);
			EXPECT(found.nr_spaces || notes.lost.nr);
		}
		image.is_missing[i] = false;
	}
}

static const struct tap_case cases[] = {
	TAP(scan_of_missing_pages),
	TAP(scan_of_a_filtered_dump),
	TAP(roots_page_is_missing),
	TAP(page_of_a_list_is_missing),
	TAP(page_of_types_is_missing),
	TAP(each_page_is_missing),
};

TAP_MAIN(cases)
