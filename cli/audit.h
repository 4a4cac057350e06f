/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias audit: reading and naming a result. Written by the engine's code.
 */
#ifndef NA_CLI_AUDIT_H
#define NA_CLI_AUDIT_H

#include <noalias/audit.h>

#include "cli.h"

/**
 * struct report - a result and its memory
 * @result: what the engine prints
 * @room_conflicts: items that fit
 * @room_parties: items that fit, and as many owners
 */
struct report {
	struct na_audit_result result;
	u32 room_conflicts;
	u32 room_parties;
};

/**
 * report_parse() - make a result of the module's audit.json
 * @report: receives it; report_fini() also after an error
 * @file: the text
 *
 * Return: NULL, or what is wrong with the text.
 */
const char *report_parse(struct report *report, const struct cli_file *file);

/** report_fini() - free its memory. */
void report_fini(struct report *report);

/**
 * report_name_vmalloc() - say who made the vmalloc areas in it
 *
 * From /proc/vmallocinfo, as far as it may be read and has true addresses.
 */
void report_name_vmalloc(struct report *report);

#endif
