// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Of which kernel a report of the module is.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static void take_release(struct report_source *source)
{
	struct cli_file file;

	if (file_read_system("/proc/sys/kernel/osrelease", &file))
		return;
	snprintf(source->kernel, sizeof(source->kernel), "%.*s",
		 (int)strcspn(file.text, "\n"), file.text);
	free(file.text);
}

static size_t pad(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static void print_id(struct report_source *source, const char *id, size_t len)
{
	size_t i;

	for (i = 0; i < len && 2 * i + 2 < sizeof(source->build_id); i++)
		sprintf(source->build_id + 2 * i, "%02x", (unsigned char)id[i]);
}

/* Notes of the kernel's image, as in an ELF file. */
static void find_id(struct report_source *source, const struct cli_file *file)
{
	size_t at = 0, name, desc;
	Elf32_Nhdr note;

	while (file->len - at >= sizeof(note)) {
		memcpy(&note, file->text + at, sizeof(note));
		name = at + sizeof(note);
		if (note.n_namesz > file->len || note.n_descsz > file->len)
			return;
		desc = name + pad(note.n_namesz);
		at = desc + pad(note.n_descsz);
		if (at > file->len)
			return;
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
		    memcmp(file->text + name, "GNU", 4) != 0)
			continue;
		print_id(source, file->text + desc, note.n_descsz);
		return;
	}
}

void report_name_kernel(struct report_source *source)
{
	struct cli_file file;

	take_release(source);
	if (file_read_system("/sys/kernel/notes", &file))
		return;
	find_id(source, &file);
	free(file.text);
}
