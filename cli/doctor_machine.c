// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Processor, page attribute table, memory, and how the kernel was built.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor.h"
#include "file.h"

/* --- what it is ------------------------------------------------------------------ */

static bool is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);
	const char *at = len ? words : NULL;

	for (; at && (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static void read_identity(struct doctor *doctor)
{
	struct utsname name;

	doctor_word(doctor->release, sizeof(doctor->release),
		    "/proc/sys/kernel/osrelease");
	doctor_word(doctor->arch, sizeof(doctor->arch),
		    "/proc/sys/kernel/arch");
	/* The file is new in 6.1. A 32-bit process may be told "i686". */
	if (!*doctor->arch && !file_has_sysroot() && !uname(&name))
		snprintf(doctor->arch, sizeof(doctor->arch), "%s",
			 name.machine);
	doctor_word(doctor->cmdline, sizeof(doctor->cmdline),
		    "/proc/cmdline");
	doctor->is_x86 = is_one_of(doctor->arch,
				   "i386 i486 i586 i686 x86_64");
}

static void check_arch(struct doctor *doctor)
{
	struct doctor_finding *finding;

	if (doctor->is_x86) {
		doctor_add(doctor, "machine", DOCTOR_OK,
			   "%s, Linux %s: UC and WC memory can be free of aliases",
			   doctor->arch, doctor->release);
		return;
	}
	finding = doctor_add(doctor, "machine", DOCTOR_PROBLEM,
			     "%s, Linux %s: the kernel's own cached mapping of memory cannot be changed by a module",
			     *doctor->arch ? doctor->arch : "unknown kind",
			     doctor->release);
	doctor_remedy(finding, "use memory that the firmware keeps from the kernel (a no-map region), or cached memory with DMA_BUF_IOCTL_SYNC");
}

/* --- processor ------------------------------------------------------------------- */

static void read_flags(struct doctor *doctor)
{
	struct cli_file file;
	const char *line;

	if (file_read_system("/proc/cpuinfo", &file))
		return;
	line = strstr(file.text, "\nflags");
	line = line ? strchr(line, ':') : NULL;
	if (line)
		snprintf(doctor->flags, sizeof(doctor->flags), "%.*s ",
			 (int)strcspn(line + 1, "\n"), line + 1);
	free(file.text);
}

static bool has_flag(const struct doctor *doctor, const char *flag)
{
	return is_one_of(flag, doctor->flags);
}

static const char *copy_method(const struct doctor *doctor)
{
	if (has_flag(doctor, "avx2"))
		return "AVX2 streaming loads";
	if (has_flag(doctor, "sse4_1"))
		return "MOVNTDQA streaming loads";
	return has_flag(doctor, "sse2") ? "non-temporal stores" : "plain";
}

static void check_processor(struct doctor *doctor)
{
	struct doctor_finding *finding;

	if (!*doctor->flags) {
		doctor_add(doctor, "processor", DOCTOR_NOTE,
			   "/proc/cpuinfo names no features");
		return;
	}
	if (has_flag(doctor, "clflush")) {
		doctor_add(doctor, "processor", DOCTOR_OK,
			   "%s cleans caches line by line; copies by %s",
			   has_flag(doctor, "clflushopt") ? "CLFLUSHOPT" :
							    "CLFLUSH",
			   copy_method(doctor));
		return;
	}
	finding = doctor_add(doctor, "processor", DOCTOR_NOTE,
			     "has no CLFLUSH: each conversion writes back all caches of all processors");
	doctor_remedy(finding, "allocate rarely, in large buffers");
}

static void check_streaming(struct doctor *doctor)
{
	struct doctor_finding *finding;

	if (!*doctor->flags || has_flag(doctor, "sse4_1"))
		return;
	finding = doctor_add(doctor, "reads", DOCTOR_NOTE,
			     "the processor has no streaming loads (MOVNTDQA, SSE4.1): reading WC memory is as slow as UC");
	doctor_remedy(finding, "let the CPU write such buffers, and read cached ones");
}

/* A guest's host may replace types, and nobody in the guest sees it. */
static void check_hypervisor(struct doctor *doctor)
{
	if (has_flag(doctor, "hypervisor"))
		doctor_add(doctor, "hypervisor", DOCTOR_NOTE,
			   "this is a virtual machine: what the host's own tables (EPT, NPT) make of memory types cannot be seen from here");
}

/* --- page attribute table ----------------------------------------------------------- */

static bool pat_is_seen(void)
{
	char dir[FILE_PATH_MAX], name[FILE_PATH_MAX];

	file_find_mount("debugfs", dir);
	snprintf(name, sizeof(name), "%.255s/x86/pat_memtype_list", dir);
	return *dir && file_exists(name);
}

static void no_pat(struct doctor *doctor, const char *why, const char *remedy)
{
	struct doctor_finding *finding =
		doctor_add(doctor, "pat", DOCTOR_PROBLEM,
			   "%s: there is no WC memory, only UC", why);

	doctor_remedy(finding, "%s", remedy);
}

static void check_pat(struct doctor *doctor)
{
	bool is_xen = strstr(doctor->cmdline, "xen") ||
		      file_exists("/proc/xen/capabilities");

	doctor->has_wc = false;
	if (*doctor->flags && !has_flag(doctor, "pat")) {
		no_pat(doctor, "the processor has no page attribute table",
		       "in a virtual machine, give it one with PAT (QEMU: -cpu max or host)");
	} else if (is_one_of("nopat", doctor->cmdline)) {
		no_pat(doctor, "the page attribute table was switched off at boot",
		       "remove nopat from the kernel's command line and reboot");
	} else if (pat_is_seen()) {
		doctor->has_wc = true;
		doctor_add(doctor, "pat", DOCTOR_OK,
			   "the page attribute table is in use");
	} else if (*doctor->flags && !has_flag(doctor, "mtrr") && !is_xen) {
		no_pat(doctor, "no range registers (MTRR): such kernels leave the page attribute table off",
		       "let the firmware or the hypervisor offer MTRRs");
	} else {
		doctor->has_wc = true;
		doctor_add(doctor, "pat", DOCTOR_OK,
			   "the processor has a page attribute table, nothing switches it off");
	}
}

/* --- memory ------------------------------------------------------------------------- */

static unsigned long long meminfo(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	unsigned long long kib = 0;

	if (at)
		sscanf(at + strlen(key), " %llu", &kib);
	return kib;
}

static void check_memory(struct doctor *doctor)
{
	struct cli_file file;
	unsigned long long high, total;

	if (file_read_system("/proc/meminfo", &file))
		return;
	high = meminfo(file.text, "HighTotal:");
	total = meminfo(file.text, "MemTotal:");
	free(file.text);
	if (high)
		doctor_add(doctor, "memory", DOCTOR_OK,
			   "%llu MiB, of which %llu MiB high: conversions there need no change of the direct map",
			   total >> 10, high >> 10);
	else
		doctor_add(doctor, "memory", DOCTOR_OK,
			   "%llu MiB, none of it high", total >> 10);
}

/* --- how the kernel was built ---------------------------------------------------------- */

static const struct need {
	const char *option;
	enum doctor_state state;
	const char *lost;
} needs[] = {
	{ "CONFIG_DMA_SHARED_BUFFER", DOCTOR_PROBLEM,
	  "there are no dma-bufs: the module does not load" },
	{ "CONFIG_X86_PAT", DOCTOR_PROBLEM, "there is no WC memory" },
	{ "CONFIG_DEBUG_FS", DOCTOR_PROBLEM,
	  "audit, map, stat and list --buffers have nothing to read" },
	{ "CONFIG_EVENT_TRACING", DOCTOR_NOTE, "noalias trace has nothing to read" },
	{ "CONFIG_KPROBES", DOCTOR_NOTE,
	  "the kmap pool is emptied by a detour, set_pages_wb(), which costs more" },
};

static bool read_config(const struct doctor *doctor, struct cli_file *file)
{
	static const char *const places[] = {
		"/boot/config-%s", "/lib/modules/%s/config",
		"/lib/modules/%s/build/.config", "/usr/lib/modules/%s/config",
	};
	char name[FILE_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(name, sizeof(name), places[i], doctor->release);
		if (!file_read_system(name, file))
			return true;
	}
	return false;
}

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

static void check_options(struct doctor *doctor, const struct cli_file *config)
{
	struct doctor_finding *finding;
	bool is_good = true;
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (is_set(config, needs[i].option))
			continue;
		is_good = false;
		finding = doctor_add(doctor, "kernel", needs[i].state,
				     "built without %s: %s", needs[i].option,
				     needs[i].lost);
		doctor_remedy(finding, "use a kernel that has it; Debian's have");
	}
	if (is_good)
		doctor_add(doctor, "kernel", DOCTOR_OK,
			   "built with all that noalias needs");
}

static void check_kernel(struct doctor *doctor)
{
	struct doctor_finding *finding;
	struct cli_file config;

	if (read_config(doctor, &config)) {
		check_options(doctor, &config);
		free(config.text);
		return;
	}
	finding = doctor_add(doctor, "kernel", DOCTOR_NOTE,
			     "how Linux %s was built is not known: no /boot/config-%s",
			     doctor->release, doctor->release);
	if (file_exists("/proc/config.gz"))
		doctor_remedy(finding, "as root: zcat /proc/config.gz >/boot/config-%s",
			      doctor->release);
}

static void check_bouncing(struct doctor *doctor)
{
	struct doctor_finding *finding;

	if (!is_one_of("swiotlb=force", doctor->cmdline))
		return;
	finding = doctor_add(doctor, "devices", DOCTOR_NOTE,
			     "swiotlb=force: all devices are served through copies, so they cannot attach to buffers");
	doctor_remedy(finding, "remove swiotlb=force from the kernel's command line and reboot");
}

void doctor_check_machine(struct doctor *doctor)
{
	read_identity(doctor);
	read_flags(doctor);
	check_arch(doctor);
	if (!doctor->is_x86)
		return;
	check_processor(doctor);
	check_streaming(doctor);
	check_pat(doctor);
	check_hypervisor(doctor);
	check_memory(doctor);
	check_kernel(doctor);
	check_bouncing(doctor);
}
