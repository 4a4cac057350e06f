#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The texts of tests/scenario on this kernel: each event log must be, byte by
# byte, the one that the simulated machine writes. With noalias.ko beside the
# test module and without it. Needs in /payload: noalias.ko, scenario.ko.
# test modules: scenario
# boot: --mem 6G
. /payload/lib.sh

scenarios=/sys/kernel/debug/na_scenario

# kills: an engine that asks a kernel in another order, a port that does
# something else than it was told
log_is_expected() {
	[ -s /tmp/expected ] && cmp /tmp/log /tmp/expected >/dev/null && return
	diff /tmp/expected /tmp/log | sed 's/^/# /'
	return 1
}

# Every time that its log is read, a text runs.
run_text() {
	local dir=$1 title=$2
	mark_log "$title"
	cat "$dir/log" >/tmp/log
	cat "$dir/expected" >/tmp/expected
	cp /tmp/log "/result/${dir##*/}.log"
	if [ "$(tail -n 1 /tmp/log)" = skipped ]; then
		tests=$((tests + 1))
		echo "ok $tests - $title # SKIP no high memory"
		return
	fi
	check "$title" log_is_expected
	# A frame that is lost on purpose is told.
	case $title in
	*quarantine) said_on_purpose='noalias test: |frames? quarantined, lost until reboot' ;;
	*) said_on_purpose= ;;
	esac
	check "$title: kernel log is clean" log_is_clean
}

run_all() {
	local dir nr=0
	for dir in "$scenarios"/*; do
		nr=$((nr + 1))
		run_text "$dir" "$1: ${dir##*/}"
	done
	# kills: an empty list, which would be right in every part
	check "$1: there were scenarios" [ $nr -ge 8 ]
}

begin_suite scenario
run_all beside
check "auditor of noalias sees no conflict" audit_is_clean

mark_log alone
check "both modules unload" unload_all scenario noalias
check "the test module loads alone" insmod scenario.ko
run_all alone
# What a text left behind would be in the way of its second time.
run_all again
check "the test module unloads" rmmod scenario
check "noalias loads again" insmod noalias.ko
end_suite
