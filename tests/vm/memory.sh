#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Memory that is special on 64 bit, and memory that is lost: in the guest. Needs
# in /payload: noalias.ko, na_fail.ko, leave.ko, the program image_frames.
# boot: --mem 1G
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

begin_suite na_fail

echo 90 >$parameters/limit_percent
# The program leaves little free and full of holes; by default the kernel then
# wants ever more of that for itself, until it kills somebody.
echo 0 >/proc/sys/vm/watermark_boost_factor
echo 8192 >/proc/sys/vm/min_free_kbytes
run_program image_frames
run_program image_frames system-writecombine any

mark_log unload
check "modules unload" unload_all na_fail noalias
check "nothing is left" nothing_is_left
check "memory is back" memory_is_back
check "kernel log is clean" log_is_clean

# From here on memory is lost, so nothing after this may count it.

# kills: a WARN for what another module did; frames lost and not told
unload_says_what_is_left() {
	unload_all noalias &&
		dmesg | grep -q 'noalias: 4 frames on loan never returned'
}

# kills: a module that cannot come back; a conversion that meets what is left
loads_and_allocates() {
	load_all noalias || return 1
	counters_are_zero && audit_is_clean
}

mark_log leave
check "a driver leaves pages behind" eval "load_all noalias leave && unload_all leave"
check "they are counted" grep -qx 'frames_lent 4' $debugfs/counters
check "unload says what is left" unload_says_what_is_left
check "the module loads again" loads_and_allocates
check "modules unload again" unload_all noalias
check "nothing is left at the end" nothing_is_left
echo "1..$tests"
echo "# $((tests - failed)) passed, $failed failed"
exit $((failed > 0))
