// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reasons, words of files, and names of users and groups.
 */
#include "doctor.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* --- reasons ---------------------------------------------------------------- */

void doctor_cannot(struct doctor *doctor, const char *why)
{
	if (!*doctor->cannot)
		snprintf(doctor->cannot, sizeof(doctor->cannot), "%s", why);
}

void doctor_unsure(struct doctor *doctor, const char *why)
{
	if (!*doctor->unsure)
		snprintf(doctor->unsure, sizeof(doctor->unsure), "%s", why);
}

/* --- words ------------------------------------------------------------------- */

void doctor_word(char *word, size_t size, const char *name)
{
	struct cli_file file;

	*word = 0;
	if (file_read_system(name, &file))
		return;
	snprintf(word, size, "%.*s", (int)strcspn(file.text, "\n"), file.text);
	free(file.text);
}

bool doctor_is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);
	const char *at = len ? words : NULL;

	for (; at && (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* --- users and groups -------------------------------------------------------- */

/* Read from the file, because a static program cannot use getpwuid(). */
const char *doctor_user(void)
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

const char *doctor_group(gid_t gid)
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
