#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# libnoalias, statically linked, in the guest: without the module, with it, and
# without it again. Needs in /payload: noalias.ko, plant.ko, the programs
# lib_*.
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# run_bare TITLE: the program for kernels without the module
run_bare() {
	local n bad
	mark_log "$1"
	./lib_bare >/tmp/tap 2>&1
	renumber "$1" </tmp/tap
	read -r n bad </tmp/sums
	tests=$((tests + n)) failed=$((failed + bad))
	check "$1: kernel log is clean" log_is_clean
}

run_bare "lib_bare before"
begin_suite plant
for heap in system-uncached system-writecombine; do
	for zone in low any; do
		run_program lib_module $heap $zone
		run_program lib_window $heap $zone
	done
done
check "plant unloads" unload_all plant
check "noalias unloads" unload_all noalias
run_bare "lib_bare after"
check "modules load again" load_all noalias
end_suite
