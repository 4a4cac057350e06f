#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# A buffer and devices on a kernel that bounces everything, or nothing; cached
# buffers, which may be bounced:
#   tests/vm/run bounce
#   tests/vm/run bounce --append swiotlb=noforce
# boot: --append swiotlb=force
. /payload/lib.sh

grep -q swiotlb=force /proc/cmdline && export NA_SWIOTLB=bounce
heaps_added="picture-wb:wb"
begin_suite plant importer na_fail
run_program heap_import system-uncached any
run_program heap_import system-writecombine any
run_program heap_cached picture-wb any
run_program heap_part picture-wb any
end_suite na_fail importer plant
