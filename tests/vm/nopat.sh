#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# A kernel without the page attribute table: two memory types, WC and UC have
# the same bits. All that is left must hold as with it, and what is not there
# must be said. Needs in /payload: noalias.ko, plant.ko, importer.ko,
# bug2014.ko, consumer_test.ko, storm.ko, the programs heap_*, plant_* and
# export_*, the noalias command.
# boot: --mem 3G --append nopat
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# kills: a suite that runs with PAT and proves nothing
pat_is_off() {
	grep -qw nopat /proc/cmdline
}

# kills: a WC heap whose memory would be UC; one that is missing without a word
wc_heap_is_left_out() {
	[ -c /dev/dma_heap/system-uncached ] &&
		[ ! -e /dev/dma_heap/system-writecombine ] &&
		dmesg | grep -q 'noalias: no heap system-writecombine: this machine maps no WC memory'
}

# says STATUS PATTERN COMMAND...
says() {
	local status=$1 pattern=$2 is=0
	shift 2
	"$@" >/tmp/said 2>&1 || is=$?
	[ $is = "$status" ] && grep -q -e "$pattern" /tmp/said && return
	echo "# status $is, not $status, or no '$pattern':"
	sed 's/^/#   /' /tmp/said
	return 1
}

check "PAT is off" pat_is_off
begin_suite plant importer
check "the WC heap is left out" wc_heap_is_left_out
check "list promises UC" says 0 '^system-uncached  *UC  *guaranteed' ./noalias list
check "alloc of UC" says 0 . ./noalias alloc --type UC --size 1M -- true
check "alloc of WC says why not" says 2 WC ./noalias alloc --type WC --size 1M -- true
check "doctor says what is missing" says 1 'switched off at boot.*no WC memory' ./noalias doctor

for zone in $zones; do
	run_program heap_entries system-uncached "$zone"
	run_program heap_import system-uncached "$zone"
done
run_program heap_fd system-uncached any
run_program heap_view system-uncached any
run_program heap_zone system-uncached any
check "bug2014 loads" load_all bug2014
run_program plant_system
run_program plant_kinds
run_program plant_command
[ "$zones" = low ] || run_program plant_storm
run_with_consumer export_purge export_set export_tlb
check "bug2014 unloads" unload_all bug2014
end_suite importer plant
