/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: plant_audit
 *
 * The auditor's words, taken apart: what it says of one frame, as JSON and as
 * text. Text and JSON are two audits; what is planted stands still meanwhile.
 */
#ifndef GUEST_PLANT_AUDIT_H
#define GUEST_PLANT_AUDIT_H

#include "plant.h"

#include <stdlib.h>

#define NR_PARTIES_MAX 16

struct party {
	char space[16];
	char type[8];
	char entry[8];
	char name[128];
	char comm[32];
	int pid;
	unsigned long long va;
};

struct conflict {
	char grade[8];
	char kind[16];
	uint32_t first;
	uint32_t nr;
	uint32_t nr_parties;
	struct party parties[NR_PARTIES_MAX];
};

/* --- JSON --------------------------------------------------------------------- */

/* The value of @key within @from up to @end, a string or a number. */
static inline bool json_value(const char *from, const char *end,
			      const char *key, char *value, size_t room)
{
	char pattern[48];
	const char *at;
	size_t len;

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	at = memmem(from, end - from, pattern, strlen(pattern));
	if (!at)
		return false;
	at += strlen(pattern);
	at += *at == '"';
	len = strcspn(at, "\",}");
	if (len >= room)
		len = room - 1;
	memcpy(value, at, len);
	value[len] = 0;
	return true;
}

static inline unsigned long long json_number(const char *from, const char *end,
					     const char *key)
{
	char value[32];

	EXPECT(json_value(from, end, key, value, sizeof(value)));
	return strtoull(value, NULL, 0);
}

static inline void read_party(const char *from, const char *end,
			      struct party *party)
{
	char pid[16] = "0", va[32] = "0";

	*party = (struct party){ 0 };
	EXPECT(json_value(from, end, "space", party->space,
			  sizeof(party->space)));
	EXPECT(json_value(from, end, "type", party->type,
			  sizeof(party->type)));
	EXPECT(json_value(from, end, "entry", party->entry,
			  sizeof(party->entry)));
	EXPECT(json_value(from, end, "name", party->name,
			  sizeof(party->name)));
	json_value(from, end, "comm", party->comm, sizeof(party->comm));
	json_value(from, end, "pid", pid, sizeof(pid));
	json_value(from, end, "va", va, sizeof(va));
	party->pid = atoi(pid);
	party->va = strtoull(va, NULL, 16);
}

/* One line of the JSON is one conflict. */
static inline void read_conflict(const char *line, const char *end,
				 struct conflict *conflict)
{
	const char *at = line, *next;

	*conflict = (struct conflict){
		.first = json_number(line, end, "first_frame"),
		.nr = json_number(line, end, "nr_frames"),
	};
	EXPECT(json_value(line, end, "grade", conflict->grade,
			  sizeof(conflict->grade)));
	EXPECT(json_value(line, end, "kind", conflict->kind,
			  sizeof(conflict->kind)));
	at = memmem(at, end - at, "{\"space\"", 8);
	while (at && conflict->nr_parties < NR_PARTIES_MAX) {
		next = memmem(at + 1, end - at - 1, "{\"space\"", 8);
		read_party(at, next ? next : end,
			   &conflict->parties[conflict->nr_parties++]);
		at = next;
	}
}

/** find_conflict() - of this frame; false when the auditor names none. */
static inline bool find_conflict(const char *json, uint32_t pfn,
				 struct conflict *conflict)
{
	const char *line, *end;

	for (line = json; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		if (!memmem(line, end - line, "\"first_frame\":", 14))
			continue;
		read_conflict(line, end, conflict);
		if (pfn >= conflict->first &&
		    pfn - conflict->first < conflict->nr)
			return true;
	}
	return false;
}

/** find_party() - in @space, of process @pid, at @va; 0: whichever. */
static inline const struct party *find_party(const struct conflict *conflict,
					     const char *space, int pid,
					     unsigned long long va)
{
	const struct party *party = conflict->parties;
	uint32_t i;

	for (i = 0; i < conflict->nr_parties; i++, party++)
		if (!strcmp(party->space, space) &&
		    (!pid || party->pid == pid) && (!va || party->va == va))
			return party;
	return NULL;
}

/** read_audit() - a new audit; free() it. */
static inline char *read_audit(const char *file)
{
	char path[64], *text;

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	text = read_text(path);
	EXPECT(text && *text);
	return text;
}

/** audit_nr_frames() - how many frames of @kind have conflicts of @grade. */
static inline unsigned long long audit_nr_frames(const char *json,
						 const char *grade,
						 const char *kind)
{
	const char *frames = strstr(json, "\"frames\":{"), *at;
	char pattern[16];

	EXPECT(frames);
	snprintf(pattern, sizeof(pattern), "\"%s\":{", grade);
	at = strstr(frames, pattern);
	EXPECT(at);
	return json_number(at, at + strcspn(at, "}") + 1, kind);
}

/** audit_is_clean() - no alias of memory, nothing of ours, nothing cut. */
static inline bool audit_is_clean(const char *json)
{
	bool clean = !audit_nr_frames(json, "alias", "ram") &&
		     !audit_nr_frames(json, "alias", "ours") &&
		     !audit_nr_frames(json, "alias", "device") &&
		     !audit_nr_frames(json, "mixed", "ours") &&
		     strstr(json, "\"cut\":[]");

	if (!clean)
		say("audit: %.800s", json);
	return clean;
}

static inline void expect_clean_audit(void)
{
	char *json = read_audit("audit.json");

	EXPECT(audit_is_clean(json));
	free(json);
}

/* --- text --------------------------------------------------------------------- */

/** find_block() - what the text says of a frame; free() it. Or NULL. */
static inline char *find_block(const char *text, uint32_t pfn)
{
	const char *at = text, *end;
	unsigned long first, last;

	while ((at = strstr(at, "  frame"))) {
		at += strlen("  frame");
		if (sscanf(at, "s 0x%lx-0x%lx", &first, &last) != 2) {
			if (sscanf(at, " 0x%lx", &first) != 1)
				continue;
			last = first;
		}
		end = strstr(at, "\n\n");
		if (pfn >= first && pfn <= last && end)
			return strndup(at, end - at);
	}
	return NULL;
}

#endif
