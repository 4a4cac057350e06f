// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel: configuration, command line, and whether it is a tested one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "file.h"
#include "gunzip.h"

/* --- tested kernels ---------------------------------------------------------- */

/*
 * The list of tested kernels. README.md shows it and ./test boots them;
 * tests/cli/doctor_machine.sh compares the three.
 */
static const struct tested {
	const char *name;
	const char *release;	/* Debian's name; # is a number */
} tested[] = {
	{ "6.1 686-pae", "6.1.0-#-686-pae" },
	{ "6.1 686", "6.1.0-#-686" },
	{ "6.1 amd64", "6.1.0-#-amd64" },
	{ "6.12 amd64", "6.12.#+deb12-amd64" },
};

#define NR_TESTED (sizeof(tested) / sizeof(tested[0]))

const char *doctor_tested_kernel(size_t index)
{
	return index < NR_TESTED ? tested[index].name : NULL;
}

static bool is_like(const char *release, const char *pattern)
{
	size_t len;

	for (; *pattern; pattern++, release += len) {
		len = *pattern == '#' ? strspn(release, "0123456789") :
					*release == *pattern;
		if (!len)
			return false;
	}
	return !*release;
}

static void list_tested(char *list, size_t size)
{
	size_t i, len = 0;

	for (i = 0; i < NR_TESTED && len < size; i++)
		len += (size_t)snprintf(list + len, size - len, "%s%s",
					!i ? "" : i + 1 < NR_TESTED ? ", " :
					" and ", tested[i].name);
}

static void check_tested(struct doctor *doctor)
{
	char list[160], why[256];
	size_t i;

	list_tested(list, sizeof(list));
	for (i = 0; i < NR_TESTED; i++) {
		if (!is_like(doctor->release, tested[i].release))
			continue;
		doctor->tested = tested[i].name;
		doctor_add(doctor, "tested", FINDING_OK,
			   "the module is tested on Debian's Linux %s, and this is one of them",
			   tested[i].name);
		return;
	}
	snprintf(why, sizeof(why), "the module is tested on Debian's Linux %s, which this is not",
		 list);
	doctor_unsure(doctor, why);
	doctor_add(doctor, "tested", FINDING_NOTE,
		   "the module is tested on Debian's Linux %s; %s is not one of them",
		   list, *doctor->release ? doctor->release : "this");
}

/*
 * --- configuration
 * ------------------------------------------------------------
 */

/* If the module is loaded, options that it needs to load are set. */
static const struct need {
	const char *option;
	enum finding_state state;
	const char *lost;
	const char *cannot;
	bool is_for_high_memory;
} needs[] = {
	{ "CONFIG_MODULES", FINDING_PROBLEM, "it loads no modules",
	  "the kernel loads no modules", false },
	{ "CONFIG_DMA_SHARED_BUFFER", FINDING_PROBLEM,
	  "there are no dma-bufs: the module does not load",
	  "the kernel has no dma-bufs", false },
	{ "CONFIG_X86_PAT", FINDING_PROBLEM, "there is no WC memory", NULL,
	  false },
	{ "CONFIG_DEBUG_FS", FINDING_PROBLEM,
	  "audit, map, stat and list --buffers have nothing to read", NULL,
	  false },
	{ "CONFIG_EVENT_TRACING", FINDING_NOTE,
	  "noalias trace has nothing to read", NULL, false },
	{ "CONFIG_KPROBES", FINDING_NOTE,
	  "the kmap pool is emptied with set_pages_wb(), which costs more",
	  NULL, true },
};

#define NR_NEEDS (sizeof(needs) / sizeof(needs[0]))

static bool is_set(const struct cli_file *config, const char *option)
{
	const char *at = config->text;
	size_t len = strlen(option);

	for (; (at = strstr(at, option)); at += len)
		if ((at == config->text || at[-1] == '\n') && at[len] == '=' &&
		    (at[len + 1] == 'y' || at[len + 1] == 'm'))
			return true;
	return false;
}

static bool is_missing(const struct doctor *doctor,
		       const struct cli_file *config, const struct need *need)
{
	if (is_set(config, need->option))
		return false;
	/* Kernels with modules have this file even if none is loaded. */
	if (!strcmp(need->option, "CONFIG_MODULES") &&
	    file_exists("/proc/modules"))
		return false;
	if (need->is_for_high_memory && !is_set(config, "CONFIG_HIGHMEM"))
		return false;
	return !need->cannot || !doctor->is_loaded;
}

static void check_options(struct doctor *doctor, const struct cli_file *config,
			  const char *place)
{
	struct finding *finding;
	bool is_good = true;
	size_t i;

	for (i = 0; i < NR_NEEDS; i++) {
		if (!is_missing(doctor, config, &needs[i]))
			continue;
		is_good = false;
		if (needs[i].cannot)
			doctor_cannot(doctor, needs[i].cannot);
		if (!strcmp(needs[i].option, "CONFIG_X86_PAT"))
			doctor->has_wc = false;
		finding = doctor_add(doctor, "kernel", needs[i].state,
				     "built without %s (%s): %s",
				     needs[i].option, place, needs[i].lost);
		finding_remedy(finding, "use a kernel that has it; Debian's have");
	}
	if (is_good)
		doctor_add(doctor, "kernel", FINDING_OK,
			   "built with all that noalias needs (%s)", place);
}

/*
 * --- sources of the configuration
 * ---------------------------------------------
 */

#define PROC_CONFIG "/proc/config.gz"

/* The running kernel's file first: others may be of another kernel. */
static int read_config(const struct doctor *doctor, struct cli_file *file,
		       char *place, size_t size)
{
	static const char *const places[] = {
		"/boot/config-%s", "/lib/modules/%s/config",
		"/lib/modules/%s/build/.config", "/usr/lib/modules/%s/config",
	};
	int err = gunzip_read_system(PROC_CONFIG, file);
	size_t i;

	snprintf(place, size, PROC_CONFIG);
	for (i = 0; err && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(place, size, places[i], doctor->release);
		if (!file_read_system(place, file))
			return 0;
	}
	return err;
}

static const char *why_unread(int err)
{
	switch (err) {
	case ENOEXEC:
		return "there is neither gzip nor zcat to read it";
	case EBADMSG:
		return "gzip cannot read it";
	default:
		return strerror(err);
	}
}

static void config_unknown(struct doctor *doctor, int err)
{
	struct finding *finding;

	doctor_unsure(doctor, "the kernel's configuration is not known");
	if (err == ENOENT) {
		finding = doctor_add(doctor, "kernel", FINDING_NOTE,
				     "the configuration of Linux %s is not known: there is neither /boot/config-%s nor " PROC_CONFIG,
				     doctor->release, doctor->release);
		finding_remedy(finding, "as root: modprobe configs, if there is such a module; then run this again");
		return;
	}
	finding = doctor_add(doctor, "kernel", FINDING_NOTE,
			     "the configuration of Linux %s is not known: " PROC_CONFIG ": %s",
			     doctor->release, why_unread(err));
	if (err == ENOEXEC)
		finding_remedy(finding, "as root: apt install gzip");
}

static void check_modules(struct doctor *doctor)
{
	if (doctor->is_loaded || !file_exists("/proc/meminfo") ||
	    file_exists("/proc/modules"))
		return;
	doctor_cannot(doctor, "the kernel loads no modules");
	doctor_add(doctor, "kernel", FINDING_PROBLEM,
		   "loads no modules: there is no /proc/modules");
}

static void check_config(struct doctor *doctor)
{
	char place[FILE_PATH_MAX];
	struct cli_file config;
	int err = read_config(doctor, &config, place, sizeof(place));

	if (err) {
		config_unknown(doctor, err);
		check_modules(doctor);
		return;
	}
	check_options(doctor, &config, place);
	free(config.text);
}

/*
 * --- command line
 * --------------------------------------------------------------
 */

static void check_bouncing(struct doctor *doctor)
{
	struct finding *finding;

	if (!doctor_is_one_of("swiotlb=force", doctor->cmdline))
		return;
	finding = doctor_add(doctor, "devices", FINDING_NOTE,
			     "swiotlb=force: all devices use bounce buffers, so they cannot attach to buffers");
	finding_remedy(finding, "remove swiotlb=force from the kernel's command line and reboot");
}

void doctor_check_kernel(struct doctor *doctor)
{
	check_config(doctor);
	check_tested(doctor);
	check_bouncing(doctor);
}
