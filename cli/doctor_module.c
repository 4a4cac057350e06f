// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The module: loaded, or what prevents that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "counters.h"
#include "doctor.h"
#include "file.h"

/* --- loaded ------------------------------------------------------------------------ */

static void check_version(struct doctor *doctor)
{
	struct finding *finding;
	char version[64];

	doctor_word(version, sizeof(version), "/sys/module/noalias/version");
	if (!strcmp(version, NOALIAS_VERSION)) {
		doctor_add(doctor, "module", FINDING_OK,
			   "loaded, version %s", version);
		return;
	}
	finding = doctor_add(doctor, "module", FINDING_NOTE,
			     "loaded, version %s; this command is of version " NOALIAS_VERSION,
			     *version ? version : "unknown");
	finding_remedy(finding, "as root: modprobe -r noalias && modprobe noalias; or reboot");
}

static void check_quarantine(struct doctor *doctor)
{
	struct finding *finding;
	struct cli_file file;
	const char *line;
	unsigned long long nr = 0;

	if (file_try_debugfs("counters", &file))
		return;
	line = strstr(file.text, "frames_quarantined ");
	if (line)
		sscanf(line, "frames_quarantined %llu", &nr);
	free(file.text);
	if (!nr)
		return;
	finding = doctor_add(doctor, "quarantine", FINDING_PROBLEM,
			     "%llu frame%s could not be made safe and will not be used again",
			     nr, nr == 1 ? "" : "s");
	finding_remedy(finding, "see dmesg for the reason; a reboot frees them");
}

/* --- loadable ----------------------------------------------------------------------- */

/* Name of the file below /lib/modules/RELEASE, or "". */
static void find_file(const struct doctor *doctor, char *found, size_t size)
{
	static const char *const dirs[] = { "updates/dkms", "updates", "extra" };
	char name[FILE_PATH_MAX];
	struct cli_file dep;
	const char *at;
	size_t i, len;

	*found = 0;
	snprintf(name, sizeof(name), "/lib/modules/%s/modules.dep",
		 doctor->release);
	if (!file_read_system(name, &dep)) {
		at = strstr(dep.text, "/noalias.ko");
		while (at && at > dep.text && at[-1] != '\n')
			at--;
		len = at ? strcspn(at, ":\n") : 0;
		snprintf(found, size, "%.*s", (int)len, at ? at : "");
		free(dep.text);
	}
	for (i = 0; !*found && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(name, sizeof(name), "/lib/modules/%s/%s/noalias.ko",
			 doctor->release, dirs[i]);
		if (file_exists(name))
			snprintf(found, size, "%s/noalias.ko", dirs[i]);
	}
}

/* The kernel that a file was built for; false if it cannot be read. */
static bool read_vermagic(const struct doctor *doctor, const char *found,
			  char *release, size_t size)
{
	static const char key[] = "vermagic=";
	char name[FILE_PATH_MAX];
	struct cli_file file;
	const char *at = NULL;

	snprintf(name, sizeof(name), "/lib/modules/%.120s/%.400s",
		 doctor->release, found);
	if (file_read_system(name, &file))
		return false;
	at = memmem(file.text, file.len, key, sizeof(key) - 1);
	if (at)
		snprintf(release, size, "%.*s",
			 (int)strcspn(at + sizeof(key) - 1, " "),
			 at + sizeof(key) - 1);
	free(file.text);
	return at;
}

static bool has_headers(const struct doctor *doctor)
{
	static const char *const places[] = {
		"/lib/modules/%s/build/Makefile",
		"/usr/lib/modules/%s/build/Makefile",
		"/usr/src/linux-headers-%s/Makefile",
	};
	char name[FILE_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(name, sizeof(name), places[i], doctor->release);
		if (file_exists(name))
			return true;
	}
	return false;
}

static void no_file(struct doctor *doctor)
{
	bool is_buildable = has_headers(doctor);
	struct finding *finding =
		doctor_add(doctor, "module", FINDING_PROBLEM,
			   "not loaded, and not built for Linux %s%s",
			   doctor->release, is_buildable ? "" :
			   "; this kernel's headers are not installed");

	doctor_unsure(doctor, "no module was built for this kernel");
	if (is_buildable)
		finding_remedy(finding, "as root: apt install noalias-dkms; if it is there: dkms autoinstall -k %s",
			      doctor->release);
	else
		finding_remedy(finding, "as root: apt install noalias-dkms linux-headers-%s%s",
			      doctor->release, doctor->tested ? "" :
			      ", or the package with this kernel's headers");
}

static void check_file(struct doctor *doctor)
{
	char found[512], built_for[128];
	struct finding *finding;

	find_file(doctor, found, sizeof(found));
	if (!*found) {
		no_file(doctor);
		return;
	}
	if (read_vermagic(doctor, found, built_for, sizeof(built_for)) &&
	    strcmp(built_for, doctor->release) != 0) {
		doctor_unsure(doctor, "no module was built for this kernel");
		finding = doctor_add(doctor, "module", FINDING_PROBLEM,
				     "not loaded; %s was built for Linux %s, this is %s",
				     found, built_for, doctor->release);
		finding_remedy(finding, "as root: dkms autoinstall -k %s",
			      doctor->release);
		return;
	}
	finding = doctor_add(doctor, "module", FINDING_PROBLEM,
			     "not loaded; %s is there", found);
	finding_remedy(finding, "as root: modprobe noalias; if it fails, see dmesg");
}

static bool secure_boot_is_on(void)
{
	struct cli_file file;
	bool is_on;

	/* Four bytes of attributes, then one of value. */
	if (file_read_system("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
			     &file))
		return false;
	is_on = file.len >= 5 && file.text[4] == 1;
	free(file.text);
	return is_on;
}

/* Why the kernel refuses modules without a known signature, or NULL. */
static const char *find_enforcement(void)
{
	char enforce[8], lockdown[128];

	doctor_word(enforce, sizeof(enforce),
		    "/sys/module/module/parameters/sig_enforce");
	doctor_word(lockdown, sizeof(lockdown), "/sys/kernel/security/lockdown");
	if (strstr(lockdown, "[integrity]"))
		return "the kernel is locked down (integrity)";
	if (strstr(lockdown, "[confidentiality]"))
		return "the kernel is locked down (confidentiality)";
	return *enforce == 'Y' ? "module.sig_enforce is set" : NULL;
}

static void check_signature(struct doctor *doctor)
{
	const char *why = find_enforcement();
	struct finding *finding;

	if (!why) {
		doctor_add(doctor, "signature", FINDING_OK,
			   "modules without a signature may be loaded");
		return;
	}
	finding = doctor_add(doctor, "signature",
			     doctor->is_loaded ? FINDING_OK : FINDING_NOTE,
			     "%s%s: only modules with a known signature load",
			     why, secure_boot_is_on() ?
			     ", Secure Boot is on" : "");
	if (doctor->is_loaded)
		return;
	doctor_unsure(doctor, "only modules with a signature that the kernel knows are loaded");
	finding_remedy(finding, "enrol the key that DKMS signs with, as root: mokutil --import /var/lib/dkms/mok.pub, then reboot");
}

static void check_disabled(struct doctor *doctor)
{
	struct finding *finding;
	char word[8];

	doctor_word(word, sizeof(word), "/proc/sys/kernel/modules_disabled");
	if (*word != '1')
		return;
	doctor_cannot(doctor, "kernel.modules_disabled is 1");
	finding = doctor_add(doctor, "modules", FINDING_PROBLEM,
			     "kernel.modules_disabled is 1: no module loads until reboot");
	finding_remedy(finding, "remove it from /etc/sysctl.d and reboot");
}

/* No remedy about module files if no module could be loaded. */
static void check_loadable(struct doctor *doctor)
{
	check_disabled(doctor);
	if (*doctor->cannot) {
		doctor_add(doctor, "module", FINDING_NOTE,
			   "not loaded, and cannot be: %s", doctor->cannot);
		return;
	}
	check_file(doctor);
	check_signature(doctor);
}

void doctor_check_module(struct doctor *doctor)
{
	if (!doctor->is_loaded) {
		check_loadable(doctor);
		return;
	}
	check_version(doctor);
	check_signature(doctor);
	check_quarantine(doctor);
}
