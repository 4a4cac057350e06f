/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the writers and the reader of a report share, among themselves only.
 */
#ifndef NA_CLI_REPORT_PARTS_H
#define NA_CLI_REPORT_PARTS_H

#include "report.h"

struct json;
struct json_out;

/** PLAIN_MAX - bytes for a name with every byte escaped. */
#define PLAIN_MAX	(4 * NA_AUDIT_NAME_MAX)

/* --- text -------------------------------------------------------------------- */

/** report_plain() - printable ASCII; @text has four times the room of @name. */
const char *report_plain(char *text, const char *name);

/** report_put_va() - an address in hexadecimal, padded to its width. */
void report_put_va(u64 va, FILE *out);

/** report_put_plural() - "1 frame", "2 frames". */
void report_put_plural(u64 nr, const char *noun, FILE *out);

/** report_put_mapping() - where a process has it: "  in 1000-2000 rw-s file". */
void report_put_mapping(const struct na_audit_owner *owner, FILE *out);

/* --- JSON -------------------------------------------------------------------- */

/** report_put_address() - a member that is an address. */
void report_put_address(struct json_out *out, const char *key, u64 va);

/** report_put_owner() - its name, and of a process pid, comm and perms. */
void report_put_owner(struct json_out *out, const struct na_audit_owner *owner);

/** report_take_word() - a word of @nr, as its number. */
u32 report_take_word(struct json *json, const char *(*name)(u32), u32 nr);

/** report_take_address() - an address. */
u64 report_take_address(struct json *json);

/**
 * report_take_owner() - a member of an owner: those, its space, its bounds
 *
 * Return: false if @key is none of them.
 */
bool report_take_owner(struct json *json, const char *key,
		       struct na_audit_owner *owner);

#endif
