/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias doctor: findings, each with a text and a remedy; and the verdict,
 * which promises only what was tested.
 *
 *	doctor_words.c      reasons, words, users and groups
 *	doctor_machine.c    processor, page attribute table, hypervisor, memory
 *	doctor_kernel.c     configuration of the kernel, and tested kernels
 *	doctor_module.c     module: loaded, or loadable
 *	doctor_node.c       nodes of heaps: devices and permissions
 *	doctor_try.c        a page of each heap of the module
 *	doctor_access.c     debugfs, tracefs
 *	doctor_log.c        known lines of the kernel's log
 */
#ifndef NA_CLI_DOCTOR_H
#define NA_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <libnoalias/heap.h>

#include "findings.h"

/**
 * struct doctor_heap - a heap of the module
 * @name: name of its device
 * @memtype: type that its buffers must have
 * @dev: its device number; 0: the module did not make it, or is not loaded
 * @node: name in /dev/dma_heap by which it can be opened, or ""
 * @is_tried: was a buffer allocated and queried?
 * @promise: promise of that buffer; UNKNOWN: not tested, or unknown
 */
struct doctor_heap {
	const char *name;
	enum noalias_memtype memtype;
	dev_t dev;
	char node[NOALIAS_NAME_LEN];
	bool is_tried;
	enum noalias_promise promise;
};

/* The first have names that programs know from Android. */
#define DOCTOR_HEAPS_KNOWN 2
#define DOCTOR_HEAPS 4

/**
 * struct doctor - findings so far
 * @findings: of all checks
 * @release: release of the kernel
 * @arch: as in uname -m
 * @flags: of the first processor, with a space before and after each
 * @cmdline: command line of the kernel
 * @cannot: first reason found why the module cannot work here, or ""
 * @unsure: first reason why it is unknown whether it can, or ""
 * @tested: name of this kernel if it is a tested one, or NULL
 * @is_x86: is this an x86 machine?
 * @has_wc: can memory be mapped write-combined?
 * @is_loaded: is the module loaded?
 * @heaps: UC, then WC
 */
struct doctor {
	struct findings findings;
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

/**
 * doctor_expects_heap() - is it a heap that the loaded module has, or should?
 *
 * An older module has no heaps for devices of 32 bits.
 */
static inline bool doctor_expects_heap(const struct doctor *doctor, size_t i)
{
	return i < DOCTOR_HEAPS_KNOWN || doctor->heaps[i].dev;
}

/** doctor_add() - findings_add() to those of @doctor. */
#define doctor_add(doctor, ...) findings_add(&(doctor)->findings, __VA_ARGS__)

/* --- doctor_words.c ---------------------------------------------------------- */

/**
 * doctor_cannot() - set why the module cannot work here; keeps the first
 * reason.
 */
void doctor_cannot(struct doctor *doctor, const char *why);

/** doctor_unsure() - set why that is unknown; keeps the first reason. */
void doctor_unsure(struct doctor *doctor, const char *why);

/** doctor_word() - read the first line of a file of the system, or "". */
void doctor_word(char *word, size_t size, const char *name);

/** doctor_is_one_of() - is @word in the blank-separated list @words? */
bool doctor_is_one_of(const char *word, const char *words);

/** doctor_user() - name of the current user. */
const char *doctor_user(void);

/** doctor_group() - name of a group, or its number. */
const char *doctor_group(gid_t gid);

/*
 * --- checks
 * -------------------------------------------------------------------
 */

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
