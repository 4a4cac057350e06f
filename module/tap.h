/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: tap
 *
 * The engine knows no tracing, and what is worth tracing happens inside it.
 * So Kbuild compiles its sources unchanged with some names replaced: what
 * convert.c and purge.c define as na_X() becomes na_engine_X(), and the tap
 * has an na_X() that everybody else calls; what purge.c calls of the port
 * becomes na_tap_X(). The replaced names stand in Kbuild.
 *
 * With tracing off the tap passes calls on and looks at nothing.
 */
#ifndef NA_MODULE_TAP_H
#define NA_MODULE_TAP_H

#include <noalias/machine.h>

/** na_engine_convert_to() - na_convert_to() as the engine has it. */
int na_engine_convert_to(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type,
			 enum na_state owner);

/** na_engine_convert_back() - na_convert_back() as the engine has it. */
int na_engine_convert_back(struct na_machine *machine,
			   const struct na_run *runs, u32 nr_runs,
			   enum na_memtype type, enum na_state owner);

/** na_engine_purge_kmap() - na_purge_kmap() as the engine has it. */
int na_engine_purge_kmap(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs);

/** na_engine_purge_stale() - na_purge_stale() as the engine has it. */
int na_engine_purge_stale(struct na_machine *machine,
			  const struct na_run *runs, u32 nr_runs);

/** na_tap_kmap_purge() - na_port_kmap_purge(), traced. */
void na_tap_kmap_purge(struct na_port *port);

/** na_tap_tlb_flush() - na_port_tlb_flush(), traced. */
void na_tap_tlb_flush(struct na_port *port);

#endif
