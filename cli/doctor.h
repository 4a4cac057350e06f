/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias doctor: findings, each with what was found and what helps; and the
 * verdict, which promises what was tried and nothing else.
 *
 *	doctor_findings.c   what the others share
 *	doctor_machine.c    processor, page attribute table, hypervisor, memory
 *	doctor_kernel.c     how the kernel was built, and which ones are tested
 *	doctor_module.c     module: loaded, or loadable
 *	doctor_node.c       nodes of heaps: what they are and who may open them
 *	doctor_try.c        a page of each heap of the module
 *	doctor_access.c     debugfs, tracefs
 *	doctor_log.c        lines of the kernel's log that people ask about
 */
#ifndef NA_CLI_DOCTOR_H
#define NA_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <libnoalias/heap.h>

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
	char text[384];
	char remedy[384];
};

#define DOCTOR_FINDINGS_MAX 64

/**
 * struct doctor_heap - one of the module's heaps
 * @name: of its device
 * @memtype: that its buffers must have
 * @dev: its device number; 0: the module did not make it, or is not loaded
 * @node: name in /dev/dma_heap by which it may be opened now, or ""
 * @is_tried: was a buffer allocated and asked about?
 * @promise: of that buffer; UNKNOWN: not tried, or not to be known
 */
struct doctor_heap {
	const char *name;
	enum noalias_memtype memtype;
	dev_t dev;
	char node[NOALIAS_NAME_LEN];
	bool is_tried;
	enum noalias_promise promise;
};

#define DOCTOR_HEAPS 2

/**
 * struct doctor - what was found so far
 * @nr_problems: findings that are PROBLEM
 * @release: of the kernel
 * @arch: as in uname -m
 * @flags: of the first processor, with a space before and after each
 * @cmdline: of the kernel
 * @cannot: why the module cannot work here, the first reason found; or ""
 * @unsure: why it is not known whether it can; or ""
 * @tested: the tested kernel that this is; or NULL
 * @is_x86: can this module work on this kind of machine?
 * @has_wc: can memory be mapped write-combined?
 * @is_loaded: is the module there?
 * @heaps: UC, then WC
 */
struct doctor {
	struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
	unsigned int nr;
	unsigned int nr_problems;
	char release[128];
	char arch[72];
	char flags[4096];
	char cmdline[4096];
	char cannot[256];
	char unsure[256];
	const char *tested;
	bool is_x86;
	bool has_wc;
	bool is_loaded;
	struct doctor_heap heaps[DOCTOR_HEAPS];
};

/* --- doctor_findings.c ------------------------------------------------------- */

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

/** doctor_cannot() - why the module cannot work here; the first reason stays. */
void doctor_cannot(struct doctor *doctor, const char *why);

/** doctor_unsure() - why nobody knows whether it can; the first reason stays. */
void doctor_unsure(struct doctor *doctor, const char *why);

/** doctor_word() - first line of a file of the system, or "". */
void doctor_word(char *word, size_t size, const char *name);

/** doctor_is_one_of() - is @word among @words, with blanks between them? */
bool doctor_is_one_of(const char *word, const char *words);

/** doctor_user() - name of who asks. */
const char *doctor_user(void);

/** doctor_group() - name of a group, or its number. */
const char *doctor_group(gid_t gid);

/* --- what is looked at ------------------------------------------------------- */

void doctor_check_machine(struct doctor *doctor);
void doctor_check_kernel(struct doctor *doctor);
void doctor_check_module(struct doctor *doctor);
void doctor_check_nodes(struct doctor *doctor);
void doctor_check_heaps(struct doctor *doctor);
void doctor_check_access(struct doctor *doctor);
void doctor_check_log(struct doctor *doctor);

/**
 * doctor_tested_kernel() - kernels on which the suites run
 * @index: 0 and up
 *
 * Return: like "6.1 amd64", or NULL past the last.
 */
const char *doctor_tested_kernel(size_t index);

#endif
