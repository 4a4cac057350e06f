#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Bad input and misfortune, in the guest. Needs in /payload: noalias.ko,
# na_fail.ko, brd.ko, the programs input_* and misfortune_*. Memory that the
# kernel zeroes by itself would hide that we do not; what it frees is filled with a
# pattern, so that who reads it then does not find what was there.
# stock modules: brd
# boot: --append init_on_alloc=0 --append slub_debug=P,kmalloc-cg-*
#
# TAP on stdout. After each program: auditor, counters, references to the
# module and kernel log; at the end unload and leak check; then what cannot be
# made safe; then the verdict.
. /payload/lib.sh

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

# A case that failed may have left other settings.
run() {
	echo 50 >$parameters/limit_percent
	run_program "$@"
}

check "the kernel does not zero for us" zeroing_is_off
begin_suite na_fail brd

run input_ioctl
run input_names
for program in input_map input_area input_pin input_debug misfortune_alloc misfortune_kill; do
	run $program system-uncached any
	run $program system-writecombine low
done
run misfortune_many
run misfortune_table
run misfortune_module
run misfortune_balance

mark_log unload
check "modules unload" unload_all brd na_fail noalias
check "nothing is left" nothing_is_left
check "memory is back" memory_is_back
check "kernel log is clean" log_is_clean

# Chosen cases are none of what follows.
[ ! -e only ] || end_verdict

# From here on memory is lost, so nothing after this may count it.
unload_says_what_is_lost() {
	unload_all na_fail noalias &&
		dmesg | grep -q 'noalias: 300 frames in quarantine'
}

mark_log quarantine
check "modules load again" load_all noalias na_fail
echo low >$parameters/zone
check "misfortune_quarantine" ./misfortune_quarantine
check "quarantine leaves no alias" audit_is_clean
check "quarantine is counted" grep -qx 'frames_quarantined 300' $debugfs/counters
check "unload says what is lost" unload_says_what_is_lost
end_verdict
