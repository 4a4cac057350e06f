#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Clients that know nothing of this project, unchanged, in the guest: a
# program written against the kernel's headers, a camera (V4L2, vivid) and a
# display driver (DRM PRIME, vgem) that import our buffers; and the calls of
# clients that cannot run here, by the names that they open (docs/clients.md).
# Needs in /payload: noalias.ko, plant.ko, na_fail.ko, the programs client_*.
# Memory that the kernel zeroes by itself would hide that we do not.
# stock modules: vivid vgem
# boot: --mem 3G --append init_on_alloc=0
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# What vgem needs, in order.
display="drm drm_shmem_helper vgem"

# One that takes a single range of memory: as all without an IOMMU do that have
# no list of ranges. It has 32 bits of address.
begin_other_camera() {
	rmmod vivid && insmod vivid.ko n_devs=1 node_types=0x1 allocators=1
}

begin_display() {
	# shellcheck disable=SC2086
	load_all $display && [ -c /dev/dri/card0 ]
}

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

# Heaps that clients open under other names, as an administrator adds them.
heaps_added="cma-uncached:uc cma-uncached-dma32:uc:dma32 linux,cma-uncached:uc"
heaps_added="$heaps_added linux,cma:wc vidbuf_cached:wc"
heaps_added="$heaps_added camera-uncached:uc:dma32:contiguous camera-writecombine:wc:dma32:contiguous"

check "the kernel does not zero for us" zeroing_is_off
begin_suite plant na_fail
check "the display begins" begin_display
check "the camera begins" begin_vivid n_devs=1 node_types=0x1

# By day one zone a type: the clients see no other memory in another.
client_zones() {
	if [ -n "${NA_THOROUGH-}" ]; then
		echo $zones any
	elif [ "$1" = system-uncached ]; then
		echo any
	else
		echo low
	fi
}

for heap in system-uncached system-writecombine; do
	for zone in $(client_zones $heap); do
		run_program client_plain $heap $zone
		run_program client_vgem $heap $zone
	done
done
run_program client_vivid system-uncached "${zones%% *}"
run_program client_vivid system-writecombine low
run_program client_import system-uncached "${zones%% *}"
run_program client_import system-writecombine low
run_program client_calls
check "the camera of one range begins" begin_other_camera
run_program client_vivid camera-uncached any
run_program client_vivid camera-writecombine any

check "the camera ends" end_vivid
# shellcheck disable=SC2086
check "the display ends" end_devices $display
end_suite na_fail plant
