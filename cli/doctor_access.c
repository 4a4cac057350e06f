// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Who may use what: nodes of heaps, debugfs, tracefs.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "file.h"

/* From the file and not by getpwuid(), which a static program cannot use. */
static const char *user_name(void)
{
	static char name[64];
	char path[FILE_PATH_MAX];
	FILE *file = fopen(file_path(path, "/etc/passwd"), "re");
	struct passwd *user;

	snprintf(name, sizeof(name), getuid() ? "user %u" : "root", getuid());
	while (file && (user = fgetpwent(file)))
		if (user->pw_uid == getuid()) {
			snprintf(name, sizeof(name), "%s", user->pw_name);
			break;
		}
	if (file)
		fclose(file);
	return name;
}

static const char *group_name(gid_t gid)
{
	static char name[64];
	char path[FILE_PATH_MAX];
	FILE *file = fopen(file_path(path, "/etc/group"), "re");
	struct group *group;

	snprintf(name, sizeof(name), "%u", gid);
	while (file && (group = fgetgrent(file)))
		if (group->gr_gid == gid) {
			snprintf(name, sizeof(name), "%s", group->gr_name);
			break;
		}
	if (file)
		fclose(file);
	return name;
}

/* --- nodes -------------------------------------------------------------------------- */

static void refused(struct doctor *doctor, const char *name,
		    const char *node, const struct stat *stat_node)
{
	const char *group = group_name(stat_node->st_gid);
	struct doctor_finding *finding =
		doctor_add(doctor, name, DOCTOR_PROBLEM,
			   "%s may not be opened by %s (owner %u, group %s, mode %04o)",
			   node, user_name(), stat_node->st_uid, group,
			   stat_node->st_mode & 07777);

	if (stat_node->st_gid && stat_node->st_mode & S_IRGRP)
		doctor_remedy(finding, "as root: adduser %s %s; then log in again",
			      user_name(), group);
	else
		doctor_remedy(finding, "as root: udevadm trigger --subsystem-match=misc, if the package noalias with its udev rule is installed; else groupadd -f noalias; chgrp noalias %s; chmod 660 %s",
			      node, node);
}

static void check_node(struct doctor *doctor, const char *name,
		       const char *node, int mode)
{
	char path[FILE_PATH_MAX];
	struct stat stat_node;

	if (stat(file_path(path, node), &stat_node)) {
		doctor_add(doctor, name, DOCTOR_PROBLEM, "there is no %s: %s",
			   node, strerror(errno));
		return;
	}
	if (access(path, mode)) {
		refused(doctor, name, node, &stat_node);
		return;
	}
	doctor_add(doctor, name, DOCTOR_OK, "%s may be opened by %s", node,
		   user_name());
}

/* That a WC heap is missing without PAT was said already. */
static void check_heaps(struct doctor *doctor)
{
	check_node(doctor, "heap", "/dev/dma_heap/system-uncached", R_OK);
	if (doctor->has_wc ||
	    file_exists("/dev/dma_heap/system-writecombine"))
		check_node(doctor, "heap",
			   "/dev/dma_heap/system-writecombine", R_OK);
	check_node(doctor, "queries", "/dev/noalias", R_OK);
}

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
	struct doctor_finding *finding;
	char dir[FILE_PATH_MAX];

	file_find_mount(type, dir);
	if (!*dir) {
		finding = doctor_add(doctor, type, DOCTOR_NOTE,
				     "not mounted: %s cannot work", users);
		doctor_remedy(finding, "as root: mount -t %s %s %s", type,
			      type, usual);
	} else if (!is_readable(dir, "")) {
		finding = doctor_add(doctor, type, DOCTOR_NOTE,
				     "%s may be read by root only: %s need root",
				     dir, users);
		doctor_remedy(finding, "sudo noalias ...");
	} else if (doctor->is_loaded && !is_readable(dir, rest)) {
		doctor_add(doctor, type, DOCTOR_NOTE,
			   "%s%s is not there: %s cannot work", dir, rest,
			   users);
	} else {
		doctor_add(doctor, type, DOCTOR_OK, "%s can be read", dir);
	}
}

static void check_names(struct doctor *doctor)
{
	struct doctor_finding *finding;
	char word[8];

	doctor_word(word, sizeof(word), "/proc/sys/kernel/kptr_restrict");
	if (*word != '0')
		return;
	finding = doctor_add(doctor, "names", DOCTOR_NOTE,
			     "kernel.kptr_restrict is 0, which hashes addresses: audits cannot say who made a vmalloc area");
	doctor_remedy(finding, "as root: sysctl kernel.kptr_restrict=1");
}

void doctor_check_access(struct doctor *doctor)
{
	if (doctor->is_loaded)
		check_heaps(doctor);
	check_mount(doctor, "debugfs", "/sys/kernel/debug", "/noalias",
		    "audit, map, stat and list --buffers");
	check_mount(doctor, "tracefs", "/sys/kernel/tracing",
		    "/events/noalias", "trace");
	check_names(doctor);
}
