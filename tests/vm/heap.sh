#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Heaps and exported calls, page tables read back, in the guest. Needs in
# /payload: noalias.ko, plant.ko, importer.ko, consumer_test.ko, consumer.ko,
# bug2014.ko, na_fail.ko, storm.ko, the programs heap_* and export_*.
#
# 3 GiB are enough to have some above 4 GiB; filling more takes longer. Memory
# that the kernel zeroes by itself would hide that we do not.
# boot: --mem 3G --append init_on_alloc=0
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

check "the kernel does not zero for us" zeroing_is_off
heaps_added="camera-uncached:uc:contiguous camera-writecombine:wc:contiguous
	camera-wb:wb:contiguous picture-wb:wb picture-wb-dma32:wb:dma32"
begin_suite plant importer bug2014 na_fail

for heap in system-uncached system-writecombine; do
	for zone in $zones; do
		run_program heap_entries $heap $zone
		run_program heap_import $heap $zone
	done
	run_program heap_view $heap any
	run_program heap_fd $heap any
	run_program heap_zone $heap any
	run_program heap_entries $heap-dma32 any
	run_program heap_dma32 $heap-dma32 any
done

for heap in camera-uncached camera-writecombine; do
	for zone in $zones; do
		run_program heap_block $heap $zone
	done
done

# Cached ones.
for zone in $zones; do
	run_program heap_cached picture-wb $zone
	run_program heap_part picture-wb $zone
	run_program heap_block camera-wb $zone
done
run_program heap_fd picture-wb any
run_program heap_zone picture-wb any
run_program heap_entries picture-wb any
run_program heap_dma32 picture-wb-dma32 any

run_program heap_balance

check "the storm begins" load_all storm
run_program heap_storm system-uncached any
run_program heap_storm system-writecombine any
check "the storm ends" unload_all storm

run_with_consumer export_purge export_set export_tlb
run_program export_modules

# As at the beginning.
again() {
	rmmod noalias && load_suite
}

# The same where the pool is emptied by another call.
in_comments() {
	"$@" >/tmp/said 2>&1 && return
	sed 's/^/# /' /tmp/said
	return 1
}

case $zones in
*high*)
	mark_log export_probe
	# The second leaves the module as the programs that follow want it.
	for case in arms_no_kprobe loads_without_a_kprobe; do
		check "export_probe: $case" in_comments ./export_probe $case
	done
	check "consumer_test loads again" load_all consumer_test
	users=1
	run_program export_purge
	users=0
	check "consumer_test unloads" unload_all consumer_test
	check "noalias loads again" again
	;;
esac

run_program "heap_zone scarce"
end_suite na_fail bug2014 importer plant
