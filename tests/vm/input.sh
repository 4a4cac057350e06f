#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Bad input and misfortune, in the guest. Needs in /payload: noalias.ko,
# na_fail.ko, brd.ko and the programs of tests/guest; and init_on_alloc=0 on
# the kernel's command line, or fresh memory would be zero whatever the module
# does.
# stock modules: brd
# boot: --append init_on_alloc=0
#
# TAP on stdout. After each program: auditor, counters, references to the
# module and kernel log; at the end unload and leak check; then the verdict.
cd /payload || exit 2
debugfs=/sys/kernel/debug/noalias
parameters=/sys/module/noalias/parameters
tests=0 failed=0

# report STATUS NAME
report() {
	tests=$((tests + 1))
	[ "$1" = 0 ] && echo "ok $tests - $2" && return
	failed=$((failed + 1))
	echo "not ok $tests - $2"
}

# check NAME COMMAND...
check() {
	local name=$1 status=0
	shift
	"$@" || status=1
	report $status "$name"
}

mark_log() {
	echo "<6>noalias test: suite: $1" >/dev/kmsg
}

# kills: anything that the kernel complains about and a program survives
log_is_clean() {
	! dmesg | awk '/noalias test: suite: / { n = 0 } { line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }' |
		grep -v 'noalias test: ' |
		grep -E 'WARNING|BUG|Oops|lockdep|ad page|leak|assertion failed|x86/PAT|Out of memory|oom-kill|page allocation failure|lost until reboot' |
		sed 's/^/# kernel log: /' | grep .
}

# kills: frames kept, or counted and not kept
counters_are_zero() {
	! awk '/^frames_(claimed|in_buffers|lent|quarantined|charged) / && $2 {
		print "# " $0; bad = 1 } END { exit !bad }' $debugfs/counters
}

# kills: a reference to the module that nobody can give back
module_is_idle() {
	[ "$(cat /sys/module/noalias/refcnt)" = 0 ]
}

# kills: an alias that outlives what made it
audit_is_clean() {
	cat $debugfs/audit.json >/tmp/audit
	grep -q '"alias":{"ours":0,"ram":0,"device":0}' /tmp/audit &&
		grep -q '"mixed":{"ours":0,' /tmp/audit &&
		grep -q '"cut":\[\]' /tmp/audit && return
	sed 's/^/# /' /tmp/audit
	return 1
}

leaves_nothing() {
	local status=0
	counters_are_zero || status=1
	module_is_idle || status=1
	audit_is_clean || status=1
	log_is_clean || status=1
	return $status
}

# run_program NAME [HEAP ZONE]: its cases under our numbers. A program that
# ends before its plan has failed whatever its cases said.
run_program() {
	local name=$1 heap=${2:-system-uncached} zone=${3:-any} title=$1
	[ $# = 1 ] || title="$1 ${heap#system-} $zone"
	mark_log "$title"
	echo $zone >$parameters/zone
	echo 50 >$parameters/limit_percent
	NA_HEAP=$heap ./"$name" >/tmp/tap 2>&1
	awk -v first=$tests -v title="$title" '
		/^(not )?ok [0-9]+ - / {
			bad = /^not/; failed += bad
			sub(/^(not )?ok [0-9]+ - /, "")
			printf "%sok %d - %s: %s\n", bad ? "not " : "", first + ++n, title, $0
			next
		}
		/^1\.\./ { plan = substr($0, 4); next }
		{ print /^#/ ? $0 : "# " $0 }
		END {
			if (!n || plan != n) {
				printf "not ok %d - %s: ended before its plan\n", first + ++n, title
				failed++
			}
			print n, failed + 0 >"/tmp/sums"
		}' /tmp/tap
	read -r n bad </tmp/sums
	tests=$((tests + n)) failed=$((failed + bad))
	check "$title: leaves nothing behind" leaves_nothing
}

load() {
	insmod noalias.ko && insmod na_fail.ko && insmod brd.ko rd_nr=1 rd_size=4096
}

unload() {
	rmmod na_fail && rmmod brd && rmmod noalias
}

zeroing_is_off() {
	grep -q init_on_alloc=0 /proc/cmdline
}

# Free pages, those in the CPUs' own lists too.
count_free() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 == "nr_free_pages" || $1 == "count:" { n += $2 }
		END { print n }' /proc/zoneinfo
}

# kills: memory that unloading does not give back. What the kernel keeps for
# itself (split direct map, slab pages) is below 4 MiB; a leak is counted in
# tens of thousands of buffers.
memory_is_back() {
	local lost=$((free_before - $(count_free)))
	echo "# free memory: $lost pages less than before the first load"
	[ $lost -lt 1024 ]
}

check "the kernel does not zero for us" zeroing_is_off
free_before=$(count_free)
mark_log load
check "modules load" load
[ $failed = 0 ] || exit 1

run_program input_ioctl
run_program input_names
for setting in "system-uncached any" "system-writecombine low"; do
	# shellcheck disable=SC2086
	for program in input_mmap input_kernel misfortune_alloc misfortune_kill; do
		run_program $program $setting
	done
done
run_program misfortune_many
run_program misfortune_module
run_program misfortune_balance

mark_log unload
check "modules unload" unload
check "memory is back" memory_is_back
check "kernel log is clean" log_is_clean

# What cannot be made safe is lost, counted and said; nothing after this may
# count memory.
unload_says_what_is_lost() {
	unload && dmesg | grep -q 'noalias: .* 600 in quarantine'
}

mark_log quarantine
check "modules load again" load
echo low >$parameters/zone
check "misfortune_quarantine" ./misfortune_quarantine
check "quarantine leaves no alias" audit_is_clean
check "quarantine is counted" grep -qx 'frames_quarantined 600' $debugfs/counters
check "unload says what is lost" unload_says_what_is_lost
echo "1..$tests"
[ $failed = 0 ] && echo "# $tests passed, 0 failed" ||
	echo "# $((tests - failed)) passed, $failed failed"
exit $((failed > 0))
