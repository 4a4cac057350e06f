/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias doctor: findings, each with what was found and what helps.
 *
 *	doctor_machine.c    processor, page attribute table, kernel
 *	doctor_module.c     module: loaded, or loadable
 *	doctor_access.c     nodes, debugfs, tracefs
 */
#ifndef NA_CLI_DOCTOR_H
#define NA_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

/**
 * enum doctor_state - what a finding means
 * @DOCTOR_OK: as it should be
 * @DOCTOR_NOTE: something is less than it could be, or cannot be known
 * @DOCTOR_PROBLEM: something does not work
 */
enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NOTE,
	DOCTOR_PROBLEM,
};

/** struct doctor_finding - @remedy is empty when there is none to give */
struct doctor_finding {
	const char *name;
	enum doctor_state state;
	char text[320];
	char remedy[320];
};

#define DOCTOR_FINDINGS_MAX 32

/**
 * struct doctor - what was found so far
 * @release: of the kernel
 * @arch: as in uname -m
 * @flags: of the first processor, with a space before and after each
 * @cmdline: of the kernel
 * @is_x86: can this module work on this kind of machine?
 * @has_wc: can memory be mapped write-combined?
 * @is_loaded: is the module there?
 */
struct doctor {
	struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
	unsigned int nr;
	char release[128];
	char arch[72];
	char flags[4096];
	char cmdline[4096];
	bool is_x86;
	bool has_wc;
	bool is_loaded;
};

/**
 * doctor_add() - a finding; its text is what @format says
 *
 * Return: it, for doctor_remedy().
 */
__attribute__((format(printf, 4, 5)))
struct doctor_finding *doctor_add(struct doctor *doctor, const char *name,
				  enum doctor_state state,
				  const char *format, ...);

/** doctor_remedy() - what helps. */
__attribute__((format(printf, 2, 3)))
void doctor_remedy(struct doctor_finding *finding, const char *format, ...);

/** doctor_word() - first line of a file of the system, or "". */
void doctor_word(char *word, size_t size, const char *name);

void doctor_check_machine(struct doctor *doctor);
void doctor_check_module(struct doctor *doctor);
void doctor_check_access(struct doctor *doctor);

#endif
