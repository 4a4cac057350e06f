// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Permissions to read debugfs, tracefs and addresses.
 */
#include <stdio.h>
#include <unistd.h>

#include "doctor.h"
#include "file.h"

/* --- file systems ------------------------------------------------------------------- */

static bool is_readable(const char *dir, const char *rest)
{
	char path[FILE_PATH_MAX], name[FILE_PATH_MAX];

	snprintf(name, sizeof(name), "%.255s%s", dir, rest);
	return !access(file_path(path, name), R_OK);
}

static void check_mount(struct doctor *doctor, const char *type,
			const char *usual, const char *rest, const char *users)
{
	struct finding *finding;
	char dir[FILE_PATH_MAX];

	file_find_mount(type, dir);
	if (!*dir) {
		finding = doctor_add(doctor, type, FINDING_NOTE,
				     "not mounted: %s cannot work", users);
		finding_remedy(finding, "as root: mount -t %s %s %s", type,
			      type, usual);
	} else if (!is_readable(dir, "")) {
		finding = doctor_add(doctor, type, FINDING_NOTE,
				     "%s may be read by root only: %s need root",
				     dir, users);
		finding_remedy(finding, "sudo noalias ...");
	} else if (doctor->is_loaded && !is_readable(dir, rest)) {
		doctor_add(doctor, type, FINDING_NOTE,
			   "%s%s is not there: %s cannot work", dir, rest,
			   users);
	} else {
		doctor_add(doctor, type, FINDING_OK, "%s can be read", dir);
	}
}

static void check_names(struct doctor *doctor)
{
	struct finding *finding;
	char word[8];

	doctor_word(word, sizeof(word), "/proc/sys/kernel/kptr_restrict");
	if (*word != '0')
		return;
	finding = doctor_add(doctor, "names", FINDING_NOTE,
			     "kernel.kptr_restrict is 0, which hashes addresses: audits cannot say who made a vmalloc area");
	finding_remedy(finding, "as root: sysctl kernel.kptr_restrict=1");
}

void doctor_check_access(struct doctor *doctor)
{
	check_mount(doctor, "debugfs", "/sys/kernel/debug", "/noalias",
		    "audit, map, stat and list --buffers");
	check_mount(doctor, "tracefs", "/sys/kernel/tracing",
		    "/events/noalias", "trace");
	check_names(doctor);
}
