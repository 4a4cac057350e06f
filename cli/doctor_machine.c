// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Processor, page attribute table, hypervisor, memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor.h"
#include "file.h"

/* --- what it is ------------------------------------------------------------------ */

static void read_identity(struct doctor *doctor)
{
	struct utsname name;

	doctor_word(doctor->release, sizeof(doctor->release),
		    "/proc/sys/kernel/osrelease");
	doctor_word(doctor->arch, sizeof(doctor->arch),
		    "/proc/sys/kernel/arch");
	/*
	 * The file is new in 6.1. uname() may return "i686" to a 32-bit
	 * process.
	 */
	if (!*doctor->arch && !file_has_sysroot() && !uname(&name))
		snprintf(doctor->arch, sizeof(doctor->arch), "%s",
			 name.machine);
	doctor_word(doctor->cmdline, sizeof(doctor->cmdline),
		    "/proc/cmdline");
	doctor->is_loaded = file_module_is_loaded();
	doctor->is_x86 = doctor_is_one_of(doctor->arch,
				   "i386 i486 i586 i686 x86_64");
}

static bool is_arm(const struct doctor *doctor)
{
	return !strncmp(doctor->arch, "arm", 3) &&
	       strcmp(doctor->arch, "arm64") != 0;
}

static void check_arch(struct doctor *doctor)
{
	const char *arch = *doctor->arch ? doctor->arch : "an unknown machine";
	struct finding *finding;
	char why[112];

	if (doctor->is_x86) {
		doctor_add(doctor, "machine", FINDING_OK, "%s, Linux %s",
			   arch, doctor->release);
		return;
	}
	snprintf(why, sizeof(why), "the module has no port to %s", arch);
	doctor_cannot(doctor, why);
	finding = doctor_add(doctor, "machine", FINDING_PROBLEM,
			     is_arm(doctor) ?
			     "%s, Linux %s: the module has no port; only high memory could be free of aliases, low memory is mapped by sections" :
			     "%s, Linux %s: the module has no port; a module cannot change the kernel's own cached mapping of memory",
			     arch, doctor->release);
	finding_remedy(finding, "use memory that the firmware keeps from the kernel (a no-map region), or cached memory with DMA_BUF_IOCTL_SYNC");
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
	return doctor_is_one_of(flag, doctor->flags);
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
	struct finding *finding;

	if (!*doctor->flags) {
		doctor_add(doctor, "processor", FINDING_NOTE,
			   "/proc/cpuinfo lists no features");
		return;
	}
	if (has_flag(doctor, "clflush")) {
		doctor_add(doctor, "processor", FINDING_OK,
			   "%s cleans caches line by line; copies by %s",
			   has_flag(doctor, "clflushopt") ? "CLFLUSHOPT" :
							    "CLFLUSH",
			   copy_method(doctor));
		return;
	}
	finding = doctor_add(doctor, "processor", FINDING_NOTE,
			     "has no CLFLUSH: each conversion writes back all caches of all processors");
	finding_remedy(finding, "allocate rarely, in large buffers");
}

static void check_streaming(struct doctor *doctor)
{
	struct finding *finding;

	if (!*doctor->flags || has_flag(doctor, "sse4_1"))
		return;
	finding = doctor_add(doctor, "reads", FINDING_NOTE,
			     "the processor has no streaming loads (MOVNTDQA, SSE4.1): reading WC memory is as slow as UC");
	finding_remedy(finding, "let the CPU write such buffers, and read cached ones");
}

/* --- hypervisor ------------------------------------------------------------------ */

static bool is_xen(void)
{
	char type[16];

	doctor_word(type, sizeof(type), "/sys/hypervisor/type");
	return !strcmp(type, "xen") || file_exists("/proc/xen/capabilities");
}

static void check_xen(struct doctor *doctor)
{
	struct finding *finding;
	char type[16];

	if (!is_xen())
		return;
	doctor_word(type, sizeof(type), "/sys/hypervisor/guest_type");
	if (!strcmp(type, "PV")) {
		doctor_cannot(doctor, "the module refuses to load in a Xen PV guest");
		finding = doctor_add(doctor, "hypervisor", FINDING_PROBLEM,
				     "this is a Xen PV guest: the hypervisor owns its page tables, and the module refuses to load (Operation not supported)");
		finding_remedy(finding, "use an HVM or PVH guest, or boot without Xen");
	} else if (!*type) {
		doctor_unsure(doctor, "the module refuses to load in Xen PV guests, and /sys/hypervisor/guest_type does not say whether this is one");
		doctor_add(doctor, "hypervisor", FINDING_NOTE,
			   "this is a guest of Xen, and /sys/hypervisor/guest_type does not say whether it is PV: there the module refuses to load");
	}
}

/* A host may override types, which a guest cannot see. */
static void check_hypervisor(struct doctor *doctor)
{
	check_xen(doctor);
	if (has_flag(doctor, "hypervisor") && !*doctor->cannot)
		doctor_add(doctor, "hypervisor", FINDING_NOTE,
			   "this is a virtual machine: the host's tables (EPT, NPT) may change memory types, which cannot be seen here");
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
	struct finding *finding =
		doctor_add(doctor, "pat", FINDING_PROBLEM,
			   "%s: there is no WC memory, only UC", why);

	finding_remedy(finding, "%s", remedy);
}

static void check_pat(struct doctor *doctor)
{
	doctor->has_wc = false;
	if (*doctor->flags && !has_flag(doctor, "pat")) {
		no_pat(doctor, "the processor has no page attribute table",
		       "in a virtual machine, give it one with PAT (QEMU: -cpu max or host)");
	} else if (doctor_is_one_of("nopat", doctor->cmdline)) {
		no_pat(doctor, "the page attribute table was switched off at boot",
		       "remove nopat from the kernel's command line and reboot");
	} else if (pat_is_seen()) {
		doctor->has_wc = true;
		doctor_add(doctor, "pat", FINDING_OK,
			   "the page attribute table is in use");
	} else if (*doctor->flags && !has_flag(doctor, "mtrr") && !is_xen()) {
		no_pat(doctor, "no range registers (MTRR): such kernels leave the page attribute table off",
		       "configure the firmware or the hypervisor to offer MTRRs");
	} else {
		doctor->has_wc = true;
		doctor_add(doctor, "pat", FINDING_OK,
			   "the processor has a page attribute table, and it is not disabled");
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
		doctor_add(doctor, "memory", FINDING_OK,
			   "%llu MiB, of which %llu MiB high: conversions there need no change of the direct map",
			   total >> 10, high >> 10);
	else
		doctor_add(doctor, "memory", FINDING_OK,
			   "%llu MiB, none of it high", total >> 10);
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
}
