# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=dash
#
# What suites in the guest share: TAP numbers, programs of tests/guest run
# under them, and what is looked at after each. A suite ends in end_suite.

cd /payload || exit 2
debugfs=/sys/kernel/debug/noalias
parameters=/sys/module/noalias/parameters
tests=0 failed=0

# Where buffers can be asked to lie.
zones="high low"
awk '/^HighTotal:/ && $2 > 65536 { high = 1 } END { exit !high }' /proc/meminfo ||
	zones=low

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

# --- what is looked at -------------------------------------------------------

mark_log() {
	echo "<6>noalias test: suite: $1" >/dev/kmsg
}

# kills: anything that the kernel complains about and a program survives
log_is_clean() {
	! dmesg | awk '/noalias test: suite: / { n = 0 } { line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }' |
		grep -vE "${said_on_purpose:-noalias test: }" |
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
	[ "$(cat /sys/module/noalias/refcnt)" = "${users:-0}" ]
}

# kills: an alias that outlives what made it
audit_is_clean() {
	cat $debugfs/audit >/tmp/audit
	grep -q '^end .* verdict=clean$' /tmp/audit && return
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

# Free, or in the lists of the CPUs, which may hold tens of MiB, or page tables
# of the direct map: large entries that were split once stay so, and of 6 GiB
# those are 12 MiB. Slab caches keep what was freed too: 7.3 so much that a suite
# of heaps seemed to lose 4 MiB.
free_kb() {
	local cache
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*; do
		# Those that were merged into another are links to it.
		[ -L "$cache" ] || [ ! -e "$cache/shrink" ] || echo 1 >"$cache/shrink"
	done
	awk '/^MemFree:/ { kb = $2 } $1 == "count:" { kb += 4 * $2 }
		/^DirectMap4k:/ { split_kb = $2; table_kb = 2048 }
		/^DirectMap4M:/ { table_kb = 4096 }
		END { print int(kb + (table_kb ? 4 * split_kb / table_kb : 0)) }' \
		/proc/meminfo /proc/zoneinfo
}

# kills: memory that unloading does not give back
memory_is_back() {
	local lost=$((before_kb - $(free_kb)))
	echo "# free memory: $lost KiB less than before the first load"
	[ $lost -lt $((4096 + ${tables_kb:-0})) ]
}

# --- modules -----------------------------------------------------------------

load_all() {
	local module
	for module in "$@"; do
		insmod "$module.ko" || return 1
	done
}

unload_all() {
	local module
	for module in "$@"; do
		rmmod "$module" || return 1
	done
}

# Kernels with heaps of their own have that folder anyway.
nodes_in() {
	[ ! -e "$1" ] || find "$1" | sort
}

is_as_before() {
	nodes_in "$1" >/tmp/nodes
	cmp /tmp/nodes.before /tmp/nodes
}

# end_devices MODULE...: of the order in which they were loaded, the reverse
end_devices() {
	local module reverse=
	for module in "$@"; do reverse="$module $reverse"; done
	# shellcheck disable=SC2086
	unload_all $reverse
}

# What vivid needs, in order.
of_vivid="rc-core cec mc videodev videobuf2-common videobuf2-v4l2
	videobuf2-memops videobuf2-vmalloc videobuf2-dma-contig
	v4l2-dv-timings v4l2-tpg"

# begin_vivid PARAMETER...
begin_vivid() {
	# shellcheck disable=SC2086
	load_all $of_vivid && insmod vivid.ko "$@"
}

end_vivid() {
	# shellcheck disable=SC2086
	end_devices $of_vivid vivid
}

# kills: a name, a node or a file that stays
nothing_is_left() {
	! grep -q noalias /proc/modules && is_as_before /dev/dma_heap &&
		[ ! -e $debugfs ] && ! grep -q '\[noalias\]' /proc/vmallocinfo
}

# --- programs ----------------------------------------------------------------

# renumber TITLE: TAP of a program under our numbers. One that ends before its
# plan has failed whatever its cases said.
renumber() {
	awk -v first=$tests -v title="$1" '
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
		}'
}

# is_chosen TITLE: does /payload/only, if there is one, name cases of it? Sets
# cases to those; all where it names what is looked at after them.
is_chosen() {
	cases=
	[ -e only ] || return 0
	grep -q "^$1: " only || return 1
	grep -q "^$1: leaves nothing behind$" only ||
		cases=$(sed -n "s/^$1: //p" only)
}

# run_program "NAME [ARGUMENT...]" [HEAP ZONE]
run_program() {
	local program=$1 heap=${2:-system-uncached} zone=${3:-any} title=$1 n bad cases
	[ $# = 1 ] || title="$1 ${heap#system-} $zone"
	is_chosen "$title" || return 0
	mark_log "$title"
	echo "$zone" >$parameters/zone
	# shellcheck disable=SC2086
	NA_HEAP=$heap NA_ZONE=$zone ./$program $cases >/tmp/tap 2>&1
	renumber "$title" </tmp/tap
	read -r n bad </tmp/sums
	tests=$((tests + n)) failed=$((failed + bad))
	check "$title: leaves nothing behind" leaves_nothing
}

# run_with_consumer PROGRAM...: beside a module that uses our symbols, so that ours
# has a user more
run_with_consumer() {
	export users=1
	check "consumer_test loads" load_all consumer_test
	while [ $# -gt 0 ]; do
		run_program "$1"
		shift
	done
	users=0
	check "consumer_test unloads" unload_all consumer_test
}

# --- begin and end -----------------------------------------------------------

# kills: a kernel that was to have five levels and stayed at four, where no
# table of the fifth is read
has_five_levels() {
	grep -qw la57 /proc/cpuinfo
}

# load_suite MODULE...: noalias, with the heaps that $heaps_added describes, and
# the modules after it
load_suite() {
	insmod noalias.ko ${heaps_added:+"heaps=\"$heaps_added\""} && load_all "$@"
}

# begin_suite MODULE...: loads them, noalias first
begin_suite() {
	[ -z "${na_la57-}" ] || check "page tables have five levels" has_five_levels
	before_kb=$(free_kb)
	nodes_in /dev/dma_heap >/tmp/nodes.before
	mark_log load
	check "modules load" load_suite "$@"
	[ $failed = 0 ] && return
	echo "Bail out! modules do not load"
	exit 1
}

# end_suite [MODULE...]: unloads them, noalias last; the verdict comes after
# all that can go wrong.
# shellcheck disable=SC2120
end_suite() {
	mark_log unload
	check "modules unload" unload_all "$@" noalias
	check "nothing is left" nothing_is_left
	check "memory is back" memory_is_back
	check "kernel log is clean" log_is_clean
	end_verdict
}

end_verdict() {
	echo "1..$tests"
	echo "# $((tests - failed)) passed, $failed failed"
	exit $((failed > 0))
}
