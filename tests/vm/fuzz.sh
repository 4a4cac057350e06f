#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Hostile users at random: see tests/guest/fuzz.h. Needs in /payload: noalias.ko,
# na_fail.ko and the program fuzz. Memory that the kernel zeroes by itself would hide that
# we do not.
# stock modules: vivid vgem brd
# boot: --mem 3G --cpus 4 --append init_on_alloc=0
#
# --append na_fuzz_seed=N replays the requests of a run (now: another one each
# time), na_fuzz_seconds=N says how long (60), na_fuzz_members=N how many members
# there are (4).
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

camera="rc-core cec mc videodev videobuf2-common videobuf2-v4l2
	videobuf2-memops videobuf2-vmalloc videobuf2-dma-contig
	v4l2-dv-timings v4l2-tpg vivid"
display="drm drm_shmem_helper vgem"

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

begin_devices() {
	local module
	# shellcheck disable=SC2086
	load_all brd $display &&
		for module in $camera; do
			[ $module = vivid ] && break
			insmod $module.ko || return 1
		done &&
		insmod vivid.ko n_devs=1 node_types=0x1
}

end_devices() {
	local module reverse=
	for module in brd $display $camera; do reverse="$module $reverse"; done
	# shellcheck disable=SC2086
	unload_all $reverse
}

# What a member would need to be in groups for.
open_nodes() {
	chmod 666 /dev/dma_heap/* /dev/noalias /dev/ram0 /dev/dri/card0 /dev/video0 \
		/sys/kernel/debug/na_fail/fail &&
		chmod 755 /sys/kernel/debug /sys/kernel/debug/na_fail
}

# For tests/vm/cover: what ran, and where that is.
save_cover() {
	{
		cat /sys/module/noalias/sections/.text
		cat /sys/kernel/debug/cover
	} >/result/cover
}

check "the kernel does not zero for us" zeroing_is_off
[ -z "$na_fuzz_cover" ] || insmod cover.ko
begin_suite na_fail
check "devices begin" begin_devices
check "nodes are for all" open_nodes
[ "$na_fuzz_seed" != now ] || na_fuzz_seed=$(date +%s)
export na_fuzz_seed
# Before anything can panic.
echo "# seed ${na_fuzz_seed:-1}"
run_program fuzz
[ -z "$na_fuzz_cover" ] || save_cover
check "devices end" end_devices
end_suite na_fail
