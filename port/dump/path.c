// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The name of an open file: its directory entry, that one's parent, and so on,
 * and from the root of a mount to where it is mounted, as d_path() does.
 *
 * The entries are a stranger's: the number of steps is limited, and what has no
 * room is left out at the front.
 */
#include "names_parts.h"

#define STEPS_MAX	128u
#define COMPONENT_MAX	255u
#define CUT		"..."
#define DELETED		" (deleted)"
#define TEXT_MAX	(NA_MAPPING_NAME_MAX - sizeof(CUT DELETED))

/* A name that is written from its end to its front. */
struct text {
	char bytes[TEXT_MAX];
	u32 start;
	bool is_cut;
};

struct place {
	struct na_kernel *kernel;
	u64 dentry;
	u64 mnt;
};

static void put_before(struct text *text, const char *bytes, u32 len)
{
	u32 part = len < text->start ? len : text->start;

	text->is_cut |= part < len;
	text->start -= part;
	memcpy(text->bytes + text->start, bytes + len - part, part);
}

/* The length may be wrong; the name ends at a NUL too. */
static bool put_component(struct place *place, struct text *text)
{
	struct na_kernel *kernel = place->kernel;
	long offset = na_kernel_member(kernel, "dentry", "d_name");
	long len_offset = na_kernel_member(kernel, "qstr", "len");
	u64 name = place->dentry + (u64)offset;
	char bytes[COMPONENT_MAX + 1];
	u64 at;
	u32 len;

	if (offset < 0 || len_offset < 0 ||
	    !na_kernel_read(kernel, name + (u64)len_offset, &len,
			    sizeof(len)) || len > COMPONENT_MAX)
		return false;
	at = na_kernel_field(kernel, name, "qstr", "name");
	if (!na_kernel_read(kernel, at, bytes, len))
		return false;
	bytes[len] = 0;
	put_before(text, bytes, (u32)strlen(bytes));
	return true;
}

/* From the root of a mount to where it is mounted; false: it is not. */
static bool leave_mount(struct place *place)
{
	struct na_kernel *kernel = place->kernel;
	long offset = na_kernel_member(kernel, "mount", "mnt");
	u64 mount = place->mnt - (u64)offset, parent;

	if (offset < 0 ||
	    place->dentry != na_kernel_field(kernel, place->mnt, "vfsmount",
					     "mnt_root"))
		return false;
	parent = na_kernel_field(kernel, mount, "mount", "mnt_parent");
	if (!parent || parent == mount)
		return false;
	place->dentry = na_kernel_field(kernel, mount, "mount",
					"mnt_mountpoint");
	place->mnt = parent + (u64)offset;
	return place->dentry;
}

/* A file that was unlinked, or never had a name in a directory. */
static bool is_deleted(const struct place *place)
{
	long offset = na_kernel_member(place->kernel, "dentry", "d_hash");

	return offset >= 0 &&
	       !na_kernel_field(place->kernel, place->dentry + (u64)offset,
				"hlist_bl_node", "pprev");
}

/*
 * True if it ended at a root. A file of no directory, as of memfd_create(), is
 * its own parent and on no mount that is mounted.
 */
static bool walk(struct place *place, struct text *text)
{
	u64 parent;
	u32 i;

	for (i = 0; i < STEPS_MAX; i++) {
		parent = na_kernel_field(place->kernel, place->dentry, "dentry",
					 "d_parent");
		if (!parent)
			return false;
		if (parent == place->dentry || place->dentry ==
		    na_kernel_field(place->kernel, place->mnt, "vfsmount",
				    "mnt_root")) {
			if (leave_mount(place))
				continue;
			if (parent == place->dentry && !i &&
			    put_component(place, text))
				put_before(text, "/", 1);
			return true;
		}
		if (!put_component(place, text))
			return false;
		put_before(text, "/", 1);
		place->dentry = parent;
	}
	return false;
}

static void finish(const struct text *text, bool is_gone,
		   char name[NA_MAPPING_NAME_MAX])
{
	snprintf(name, NA_MAPPING_NAME_MAX, "%s%.*s%s",
		 text->is_cut ? CUT : "", (int)(TEXT_MAX - text->start),
		 text->bytes + text->start, is_gone ? DELETED : "");
}

bool na_path_read(struct na_kernel *kernel, u64 file,
		  char name[NA_MAPPING_NAME_MAX])
{
	struct text text = { .start = TEXT_MAX };
	long offset = na_kernel_member(kernel, "file", "f_path");
	struct place place = { .kernel = kernel };
	bool is_gone;

	if (offset < 0)
		return false;
	place.dentry = na_kernel_field(kernel, file + (u64)offset, "path",
				       "dentry");
	place.mnt = na_kernel_field(kernel, file + (u64)offset, "path", "mnt");
	if (!place.dentry)
		return false;
	is_gone = is_deleted(&place);
	text.is_cut |= !walk(&place, &text);
	if (text.start == TEXT_MAX)
		return false;
	finish(&text, is_gone, name);
	return true;
}
