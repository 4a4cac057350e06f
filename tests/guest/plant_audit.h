/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: plant_audit
 *
 * Parsing of the auditor's output for one frame, as the module's records and as
 * the command's text. These are two audits; the planted mappings do not change
 * meanwhile.
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
	char name[4 * 96];	/* escaped, to begin with */
	char comm[4 * 16];
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

/* --- records ------------------------------------------------------------------ */

/* The value of @key within @from up to @end, a line. */
static inline bool record_value(const char *from, const char *end,
				const char *key, char *value, size_t room)
{
	char pattern[48];
	const char *at;
	size_t len;

	snprintf(pattern, sizeof(pattern), " %s=", key);
	at = memmem(from, end - from, pattern, strlen(pattern));
	if (!at)
		return false;
	at += strlen(pattern);
	len = strcspn(at, " \n");
	if (len >= room)
		len = room - 1;
	memcpy(value, at, len);
	value[len] = 0;
	return true;
}

/** record_number() - of the line that begins at @line. */
static inline unsigned long long record_number(const char *line,
					       const char *key)
{
	char value[32];

	EXPECT(record_value(line, line + strcspn(line, "\n"), key, value,
			    sizeof(value)));
	return strtoull(value, NULL, 0);
}

/* In place: a byte that is written as \NNN. */
static inline void unescape(char *name)
{
	char *to = name;

	for (; *name; name++) {
		if (*name == '\\' && strlen(name) >= 4) {
			*to++ = (name[1] - '0') * 64 + (name[2] - '0') * 8 +
				name[3] - '0';
			name += 3;
		} else {
			*to++ = *name;
		}
	}
	*to = 0;
}

static inline void read_party(const char *line, struct party *party)
{
	const char *end = line + strcspn(line, "\n");
	char pid[16] = "0", va[32] = "0";

	*party = (struct party){ 0 };
	EXPECT(record_value(line, end, "space", party->space,
			    sizeof(party->space)));
	EXPECT(record_value(line, end, "type", party->type,
			    sizeof(party->type)));
	EXPECT(record_value(line, end, "entry", party->entry,
			    sizeof(party->entry)));
	EXPECT(record_value(line, end, "name", party->name,
			    sizeof(party->name)));
	record_value(line, end, "comm", party->comm, sizeof(party->comm));
	record_value(line, end, "pid", pid, sizeof(pid));
	record_value(line, end, "va", va, sizeof(va));
	unescape(party->name);
	unescape(party->comm);
	party->pid = atoi(pid);
	party->va = strtoull(va, NULL, 16);
}

/** find_line() - the next one from @text on that begins with @word; or NULL. */
static inline const char *find_line(const char *text, const char *word)
{
	while (text && *text && strncmp(text, word, strlen(word))) {
		text = strchr(text, '\n');
		text += !!text;
	}
	return text && *text ? text : NULL;
}

/* The lines of its parties follow that of the conflict. */
static inline void read_conflict(const char *line, struct conflict *conflict)
{
	const char *end = line + strcspn(line, "\n");

	*conflict = (struct conflict){
		.first = record_number(line, "first"),
		.nr = record_number(line, "nr"),
	};
	EXPECT(record_value(line, end, "grade", conflict->grade,
			    sizeof(conflict->grade)));
	EXPECT(record_value(line, end, "kind", conflict->kind,
			    sizeof(conflict->kind)));
	while (*end && !strncmp(end + 1, "party ", 6) &&
	       conflict->nr_parties < NR_PARTIES_MAX) {
		read_party(end + 1, &conflict->parties[conflict->nr_parties++]);
		end += 1 + strcspn(end + 1, "\n");
	}
	EXPECT_EQ(conflict->nr_parties, record_number(line, "parties"));
}

/** find_conflict() - find the conflict of a frame; false if there is none. */
static inline bool find_conflict(const char *audit, uint32_t pfn,
				 struct conflict *conflict)
{
	const char *line = audit;

	while ((line = find_line(line, "conflict "))) {
		read_conflict(line, conflict);
		if (pfn >= conflict->first &&
		    pfn - conflict->first < conflict->nr)
			return true;
		line++;
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

/*
 * Through /proc/kcore if NA_AUDITOR says so: another reader of the same page
 * tables must find the same.
 */
static inline char *read_by_kcore(void)
{
	EXPECT_EQ(system("./kcore_records >/tmp/records"), 0);
	return read_text("/tmp/records");
}

static inline bool is_by_kcore(void)
{
	const char *auditor = getenv("NA_AUDITOR");

	return auditor && !strcmp(auditor, "kcore");
}

/** read_audit() - a new audit; free() it. */
static inline char *read_audit(void)
{
	char *text = is_by_kcore() ? read_by_kcore() :
				     read_text(DEBUGFS "audit");

	EXPECT(text && *text);
	return text;
}

/** audit_nr_frames() - how many frames of @kind have conflicts of @grade. */
static inline unsigned long long audit_nr_frames(const char *audit,
						 const char *grade,
						 const char *kind)
{
	const char *line;
	char word[32];

	snprintf(word, sizeof(word), "frames grade=%s ", grade);
	line = find_line(audit, word);
	EXPECT(line);
	return record_number(line, kind);
}

/** audit_seen() - what it counts of what it looked at. */
static inline unsigned long long audit_seen(const char *audit, const char *key)
{
	const char *line = find_line(audit, "seen ");

	EXPECT(line);
	return record_number(line, key);
}

/** audit_cut() - is this, a list of words or "none", what was cut? */
static inline bool audit_cut(const char *audit, const char *words)
{
	const char *line = find_line(audit, "end ");
	char cut[64];

	EXPECT(line);
	EXPECT(record_value(line, line + strcspn(line, "\n"), "cut", cut,
			    sizeof(cut)));
	return !strcmp(cut, words);
}

/** audit_is_clean() - no alias of memory, nothing of ours, nothing cut. */
static inline bool audit_is_clean(const char *audit)
{
	bool clean = !audit_nr_frames(audit, "alias", "ram") &&
		     !audit_nr_frames(audit, "alias", "ours") &&
		     !audit_nr_frames(audit, "alias", "device") &&
		     !audit_nr_frames(audit, "mixed", "ours") &&
		     audit_cut(audit, "none");

	if (!clean)
		say("audit: %.800s", audit);
	return clean;
}

static inline void expect_clean_audit(void)
{
	char *audit = read_audit();

	EXPECT(audit_is_clean(audit));
	free(audit);
}

/* --- the command's JSON ------------------------------------------------------- */

/** json_conflict() - the line of the conflict that begins with this frame;
 * free() it. Or NULL.
 */
static inline char *json_conflict(const char *json, uint32_t pfn)
{
	char pattern[40];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"first_frame\":%u,", pfn);
	at = strstr(json, pattern);
	if (!at)
		return NULL;
	while (at > json && at[-1] != '\n')
		at--;
	return strndup(at, strcspn(at, "\n"));
}

/** json_is_clean() - no conflict but mixed ones of others, nothing cut. */
static inline bool json_is_clean(const char *json)
{
	return strstr(json, "\n\"frames\":{\"alias\":{\"ours\":0,\"ram\":0,"
			    "\"reserved\":0,\"device\":0},"
			    "\"mixed\":{\"ours\":0,") &&
	       strstr(json, "\n\"cut\":[],");
}

/* --- text --------------------------------------------------------------------- */

/** read_report() - what the command says of a new audit; free() it. */
static inline char *read_report(void)
{
	char *text;

	EXPECT(system("./noalias audit >/tmp/report 2>/dev/null") != -1);
	text = read_text("/tmp/report");
	EXPECT(text && *text);
	return text;
}

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
