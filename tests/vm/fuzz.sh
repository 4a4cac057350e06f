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

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

# One camera that only captures; of the others none has a parameter.
begin_devices() {
	local module
	while read -r module; do
		case $module in
		vivid) insmod vivid.ko n_devs=1 node_types=0x1 ;;
		*) insmod "$module.ko" ;;
		esac || return 1
	done <stock.list
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
# They stay, as vivid and cec leave a reference to rc-core on some kernels.
check "devices begin" begin_devices
begin_suite na_fail
check "nodes are for all" open_nodes
[ "$na_fuzz_seed" != now ] || na_fuzz_seed=$(date +%s)
export na_fuzz_seed
# Before anything can panic.
echo "# seed ${na_fuzz_seed:-1}"
run_program fuzz
[ -z "$na_fuzz_cover" ] || save_cover
end_suite na_fail
