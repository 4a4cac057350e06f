// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's text about itself: from the note, or by a scan.
 *
 * Nothing in it is trusted. A value is a claim that the caller verifies against
 * the page tables.
 */
#include "vmcoreinfo.h"

#define FIRST_LINE	"OSRELEASE="
#define ROOT_LINE	"\nSYMBOL(swapper_pg_dir)="

bool na_vmcoreinfo_note(const struct na_image *image,
			struct na_vmcoreinfo *info)
{
	const struct na_image_about *about = na_image_about(image);
	size_t len = about->vmcoreinfo_len;

	if (!about->vmcoreinfo)
		return false;
	if (len > NA_VMCOREINFO_MAX)
		len = NA_VMCOREINFO_MAX;
	memcpy(info->text, about->vmcoreinfo, len);
	info->text[len] = 0;
	info->from = 0;
	return true;
}

/* The text may go on in the pages behind: it ends at its first NUL. */
static void take(struct na_image *image, u64 pa, struct na_vmcoreinfo *info)
{
	size_t len;

	info->from = pa;
	for (len = 0; len < NA_VMCOREINFO_MAX; len += NA_IMAGE_PAGE) {
		if (!na_image_read(image, pa + len, info->text + len,
				   NA_IMAGE_PAGE))
			break;
		if (memchr(info->text + len, 0, NA_IMAGE_PAGE))
			return;
	}
	info->text[len] = 0;
}

static bool is_start(const void *page)
{
	return page &&
	       !memcmp(page, FIRST_LINE, sizeof(FIRST_LINE) - 1) &&
	       memmem(page, NA_IMAGE_PAGE, ROOT_LINE, sizeof(ROOT_LINE) - 1);
}

bool na_vmcoreinfo_scan(struct na_image *image, u64 from,
			struct na_vmcoreinfo *info)
{
	const struct na_image_about *about = na_image_about(image);
	u64 buf[NA_IMAGE_PAGE / 8];
	u64 pa;
	u32 i;

	for (i = 0; i < about->nr_ranges; i++) {
		pa = about->ranges[i].start;
		if (pa < from)
			pa = from;
		for (; pa < about->ranges[i].end; pa += NA_IMAGE_PAGE) {
			if (!is_start(na_image_page(image, pa, buf)))
				continue;
			take(image, pa, info);
			return true;
		}
	}
	return false;
}

const char *na_vmcoreinfo_value(const struct na_vmcoreinfo *info,
				const char *name, size_t *len)
{
	size_t name_len = strlen(name);
	const char *line = info->text;
	size_t line_len;

	while (*line) {
		line_len = strcspn(line, "\n");
		if (line_len > name_len && line[name_len] == '=' &&
		    !memcmp(line, name, name_len)) {
			*len = line_len - name_len - 1;
			return line + name_len + 1;
		}
		line += line_len;
		line += *line == '\n';
	}
	return NULL;
}

static bool parse(const char *text, size_t len, int base, u64 *value)
{
	char digits[32], *end;

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = 0;
	errno = 0;
	*value = strtoull(digits, &end, base);
	return !errno && !*end;
}

bool na_vmcoreinfo_symbol(const struct na_vmcoreinfo *info, const char *name,
			  u64 *address)
{
	char line[64];
	const char *text;
	size_t len;

	snprintf(line, sizeof(line), "SYMBOL(%s)", name);
	text = na_vmcoreinfo_value(info, line, &len);
	return text && parse(text, len, 16, address);
}

bool na_vmcoreinfo_number(const struct na_vmcoreinfo *info, const char *name,
			  u64 *value)
{
	const char *text;
	size_t len;

	text = na_vmcoreinfo_value(info, name, &len);
	return text && parse(text, len, 0, value);
}
