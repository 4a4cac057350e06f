// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /proc/kcore: the memory of the running machine as an ELF core.
 *
 * Its segments of RAM have physical addresses, and its text lies in one of
 * them. The others (vmalloc, modules, memory map) have none and are left out.
 * On 32 bit its RAM ends where low memory ends: page tables in high memory
 * cannot be read, which /proc/iomem tells.
 *
 * It gives zeroes for pages that it does not want to read: offline, in a
 * balloon, poisoned, or missing in the direct map. None of them can be a page
 * table in use: the kernel writes tables through the direct map, gives neither
 * them to a balloon nor their blocks offline, and does not survive poison in
 * one.
 *
 * Offsets in it are those of virtual addresses behind a header whose length
 * depends on the number of segments. Hot-plug of memory can move them, so it is
 * opened anew for each audit.
 */
#include <sys/stat.h>

#include "format.h"

#define KCORE		"/proc/kcore"
#define CAP_SYS_RAWIO	17u

int na_kcore_open(struct na_image *image)
{
	struct na_image_about *about = &image->about;

	about->is_live = true;
	if (na_elf_open(image))
		return -1;
	about->format = NA_IMAGE_KCORE;
	about->is_instant = false;
	about->is_rereadable = true;
	return 0;
}

/* --- does it have all memory? --- */

/* Bytes from @start to @end that no range has; ranges ascend. */
static u64 missing_in(const struct na_image_about *about, u64 start, u64 end)
{
	u64 from, to, missing = end - start;
	u32 i;

	for (i = 0; i < about->nr_ranges; i++) {
		from = about->ranges[i].start;
		to = about->ranges[i].end;
		if (from < start)
			from = start;
		if (to > end)
			to = end;
		if (from < to)
			missing -= to - from;
	}
	return missing;
}

/* Whole pages of a line like "00100000-7fffffff : System RAM". */
static bool parse_ram(const char *line, u64 *start, u64 *end)
{
	u64 mask = NA_IMAGE_PAGE - 1;
	int name = 0;

	if (sscanf(line, " %llx-%llx : %n", start, end, &name) != 2 || !name)
		return false;
	line += name;
	/* An alias is the same memory at an address that nobody uses. */
	if (strncmp(line, "System RAM", 10) || strstr(line, "alias"))
		return false;
	*start = (*start + mask) & ~mask;
	*end = (*end + 1) & ~mask;
	return *start < *end;
}

static void compare(struct na_image *image, FILE *file)
{
	u64 start, end, nr = 0;
	char line[160];

	while (fgets(line, sizeof(line), file)) {
		if (!parse_ram(line, &start, &end))
			continue;
		nr++;
		image->about.missing_len +=
			missing_in(&image->about, start, end);
	}
	if (!nr)
		na_notes_assume(image->notes, "%s: has all memory: /proc/iomem shows no addresses",
				image->file.name);
}

void na_kcore_compare(struct na_image *image, const char *iomem)
{
	FILE *file = fopen(iomem, "re");

	if (!file) {
		na_notes_assume(image->notes, "%s: has all memory: %s: %s",
				image->file.name, iomem, strerror(errno));
		return;
	}
	compare(image, file);
	fclose(file);
}

/* --- why it cannot be opened --- */

static bool has_capability(const char *status)
{
	FILE *file = fopen(status, "re");
	u64 capabilities = 0;
	char line[160];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %llx", &capabilities) == 1)
			break;
	if (file)
		fclose(file);
	return capabilities >> CAP_SYS_RAWIO & 1;
}

static bool is_locked_down(const char *lockdown)
{
	FILE *file = fopen(lockdown, "re");
	char line[160] = "";
	bool is;

	is = file && fgets(line, sizeof(line), file) &&
	     strstr(line, "[confidentiality]");
	if (file)
		fclose(file);
	return is;
}

const char *na_kcore_reason(int err, const char *status, const char *lockdown)
{
	if (err == ENOENT)
		return "the kernel was built without CONFIG_PROC_KCORE, or /proc is not mounted";
	if (err == EACCES)
		return "only root reads it (CAP_DAC_OVERRIDE and CAP_SYS_RAWIO)";
	if (err != EPERM)
		return NULL;
	if (!has_capability(status))
		return "needs CAP_SYS_RAWIO, which root in a container does not have";
	if (is_locked_down(lockdown))
		return "the kernel is locked down (confidentiality): boot without it, or audit a dump that the host made";
	return "a security policy of the kernel denies it";
}

/* Container runtimes put /dev/null over it. */
static bool is_hidden(void)
{
	struct stat st;

	return !stat(KCORE, &st) && S_ISCHR(st.st_mode);
}

void na_kcore_explain(struct na_notes *notes, const char *path, int err)
{
	size_t len = strlen(notes->error);
	const char *reason;

	if (strcmp(path, KCORE))
		return;
	reason = is_hidden() ? "this container hides it" :
		na_kcore_reason(err, "/proc/self/status",
				"/sys/kernel/security/lockdown");
	if (reason)
		snprintf(notes->error + len, sizeof(notes->error) - len,
			 ": %s", reason);
}
