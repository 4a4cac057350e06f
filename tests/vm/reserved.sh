#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The auditor on a machine with memory that its kernel does not own. Needs in
# /payload: noalias.ko, plant.ko, the program plant_reserved, the noalias
# command.
# test modules: plant
# boot: --mem 2G --append mem=1G --append memmap=16M$0x20000000
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

begin_suite plant
run_program plant_reserved
# Of 32 bit /proc/kcore lacks tables.
[ "$(uname -m)" != x86_64 ] || NA_AUDITOR=kcore run_program plant_reserved
end_suite plant
