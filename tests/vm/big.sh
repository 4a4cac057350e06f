#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Buffers of more than 4 GiB, on kernels of 64 bit. Needs in /payload: noalias.ko,
# importer.ko, the program heap_big.
# test modules: importer
# boot: --mem 7G --cpus 2
. /payload/lib.sh

# The direct map's large entries stay split: a page table for each 2 MiB.
tables_kb=$((4 * (4096 / 2 + 1)))

begin_suite importer
run_program heap_big system-uncached any
end_suite importer
