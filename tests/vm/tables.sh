#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# What the auditor's walker finds of all page tables, beside what QEMU shows of
# them; tests/tables/run boots this and compares. One CPU: QEMU shows the tables
# of the first. Needs in /payload: noalias.ko, plant.ko, tables.ko,
# tables_planted.
# test modules: plant tables
# boot: --cpus 1 --mem 6G --append mem=6G --tables
# boot: --append hugepagesz=1G --append hugepages=1
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

begin_suite plant tables
run_program tables_planted
end_suite tables plant
