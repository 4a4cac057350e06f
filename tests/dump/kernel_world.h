/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One made-up kernel at a time, and what is found of it.
 */
#ifndef KERNEL_WORLD_H
#define KERNEL_WORLD_H

#include "image_world.h"
#include "make_kernel.h"
#include "notes_world.h"

static struct make_kernel *made;
static struct na_kernel found;

ROOM void kernel_close(void)
{
	na_kernel_close(&found);
	world_close();
}

/* A new one; what the case before made is gone. */
ROOM struct make_kernel *kernel_new(enum na_paging paging)
{
	kernel_close();
	make_kernel_free(made);
	made = make_kernel(paging);
	return made;
}

ROOM int kernel_open_bytes(struct make_bytes bytes,
			   const struct na_image_options *image_options,
			   const struct na_kernel_options *options)
{
	int ret;

	kernel_close();
	ret = world_open_bytes(bytes, image_options);
	free(bytes.data);
	return ret ? ret : na_kernel_open(world_image, options, &world_notes,
					  &found);
}

/* From an ELF core with a note VMCOREINFO and no registers. */
ROOM int kernel_open(void)
{
	return kernel_open_bytes(make_kernel_elf(made, true, NULL, 0, 0), NULL,
				 NULL);
}

ROOM struct na_kernel_space *kernel_space(u64 root)
{
	u32 i;

	for (i = 0; i < found.nr_spaces; i++)
		if (found.spaces[i].root == root)
			return &found.spaces[i];
	return NULL;
}

#define EXPECT_FOUND(opening)						\
	do {								\
		int ret_ = (opening);					\
		if (ret_)						\
			tap_say("error: %s", world_notes.error);	\
		EXPECT(!ret_);						\
	} while (0)

#define EXPECT_ANY_LINE(list, part)					\
	do {								\
		u32 i_;							\
		bool has_ = kernel_has_line(&world_notes.list, part);	\
		for (i_ = 0; !has_ && i_ < world_notes.list.nr; i_++)	\
			tap_say(#list ": %s",				\
				world_notes.list.lines[i_]);		\
		EXPECT(kernel_has_line(&world_notes.list, part));	\
	} while (0)

#define EXPECT_NOTHING_LOST()						\
	do {								\
		if (world_notes.lost.nr)				\
			tap_say("lost: %s", world_notes.lost.lines[0]);	\
		EXPECT(!world_notes.lost.nr);				\
	} while (0)

/*
 * --root on ARM of both sizes: what maps itself is taken, other pages are not, and
 * without VMCOREINFO nothing says what the tables are.
 */
ROOM void kernel_expect_root_option(u64 root)
{
	struct na_kernel_options options = { .root = root };

	EXPECT_FOUND(kernel_open_bytes(make_kernel_elf(made, true, NULL, 0, 0),
				       NULL, &options));
	EXPECT_EQ(found.root, root);
	options.root = made->root - NA_IMAGE_PAGE;
	EXPECT_EQ(kernel_open_bytes(make_kernel_elf(made, true, NULL, 0, 0),
				    NULL, &options), -1);
	EXPECT(strstr(world_notes.error, "does not map itself"));
	options.root = root;
	EXPECT_EQ(kernel_open_bytes(make_kernel_elf(made, false, NULL, 0, 0),
				    NULL, &options), -1);
}

#endif
