#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# What is left for others when a member of the group takes all it can get, on
# a machine with little memory and without swap. Needs in /payload:
# noalias.ko, na_fail.ko, the program misfortune_reserve.
# boot: --mem 1G
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# kills: a machine that writes out what processes hold, and proves nothing
swap_is_off() {
	[ "$(wc -l </proc/swaps)" = 1 ]
}

check "there is no swap" swap_is_off
begin_suite na_fail
run_program misfortune_reserve
end_suite na_fail
