#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The kernel's own test of heaps (tools/testing/selftests/dmabuf-heaps),
# unchanged, against ours; as a 32-bit program too where the kernel has
# 64 bits. Needs in /payload: noalias.ko, plant.ko, kselftest_heaps,
# dmabuf-heap and, on 64 bit, dmabuf-heap.32.
# stock modules: vgem
# kernel selftests: dmabuf-heaps
# boot: --mem 2G --append init_on_alloc=0
#
# vgem only imports: on i386 a buffer of its own in high memory would oops.
. /payload/lib.sh

display="drm drm_shmem_helper vgem"

begin_display() {
	# shellcheck disable=SC2086
	load_all $display && [ -c /dev/dri/card0 ]
}

begin_suite plant
check "the importer begins" begin_display
run_program "kselftest_heaps ./dmabuf-heap"
[ "$(uname -m)" != x86_64 ] ||
	run_program "kselftest_heaps ./dmabuf-heap.32"
check "the importer ends" unload_all vgem drm_shmem_helper drm
end_suite plant
