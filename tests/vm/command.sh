#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The noalias command on a kernel with the module: list, alloc, stat, trace,
# bench, doctor; audit and map while something is planted. Needs in /payload:
# noalias.ko, plant.ko, the command, the programs command_plant and plant_watch.
# boot: --mem 3G
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

PATH=/payload:$PATH
instances=/sys/kernel/tracing/instances

# says STATUS PATTERN COMMAND...: it ends so, and its output has the pattern
says() {
	local status=$1 pattern=$2 is=0
	shift 2
	"$@" >/tmp/said 2>&1 || is=$?
	echo >>/tmp/said
	[ $is = "$status" ] && grep -q -e "$pattern" /tmp/said && return
	echo "# status $is, not $status, or no '$pattern':"
	sed 's/^/#   /' /tmp/said
	return 1
}

# wait_for COMMAND...: until it succeeds; a hang ends with the boot's timeout
wait_for() {
	until "$@" >/dev/null 2>&1; do
		usleep 20000
	done
}

nr_buffers() {
	noalias list --buffers | awk 'NR > 1' | wc -l
}

has_buffers() {
	[ "$(nr_buffers)" = "$1" ]
}

# --- without the module ------------------------------------------------------

# kills: trouble that looks like success, a message that does not help
all_say_what_is_missing() {
	local command status=0
	for command in list audit map stat trace bench "alloc --size 1M"; do
		# shellcheck disable=SC2086
		says 2 "modprobe noalias" noalias $command || status=1
	done
	return $status
}

# kills: a promise of a module that is not there
doctor_promises_nothing_without_module() {
	says 1 '^this machine promises: nothing: the module is not loaded$' noalias doctor &&
		says 1 '^PROBLEM *module *not loaded' noalias doctor
}

# nr_problems: of the last doctor
nr_problems() {
	grep -c '^PROBLEM' /tmp/said
}

# Somebody's node is there before the module is loaded, which keeps it.
# kills: silence about it in the log, in doctor, in list and in the library
taken_node_is_said() {
	local status=1
	mkdir -p /dev/dma_heap
	mknod /dev/dma_heap/system-uncached c 1 5
	insmod noalias.ko || return 1
	while :; do
		dmesg | grep -q 'noalias: /dev/dma_heap/system-uncached is device 1:5, not ours (10:' || break
		! dmesg | grep -q 'noalias: /dev/dma_heap/system-writecombine is' || break
		! dmesg | grep -q 'noalias: /dev/noalias is' || break
		says 1 '^PROBLEM *heap *system-uncached: device 1:5 of another driver, memory type unknown' noalias doctor || break
		[ "$(nr_problems)" = 1 ] || break
		grep -q '^this machine promises: UC memory: unknown, not tested; guaranteed WC memory, tested just now$' /tmp/said || break
		grep -q '^note *log *"not ours (10:", 1 line' /tmp/said || break
		says 0 '^system-uncached  *unknown  *unknown' noalias list || break
		says 2 . noalias alloc --heap system-uncached --size 1 -- true || break
		says 0 'UC, promise: guaranteed, from system-uncached-dma32: ' \
			noalias alloc --type UC --size 1 -- true || break
		status=0
		break
	done
	rmmod noalias || status=1
	rm -r /dev/dma_heap
	return $status
}

# kills: a file that is taken for the module's node
taken_query_node_is_said() {
	local status=1
	mkdir /dev/noalias
	insmod noalias.ko || return 1
	dmesg | grep -q 'noalias: /dev/noalias is no device node' &&
		says 1 '^PROBLEM *queries *' noalias doctor && [ "$(nr_problems)" = 1 ] &&
		grep -q '^this machine promises: UC memory: unknown, the module cannot be asked; WC memory' /tmp/said &&
		status=0
	rmmod noalias || status=1
	rmdir /dev/noalias
	return $status
}

# --- list ----------------------------------------------------------------------

# kills: a heap without its promise
list_has_promises() {
	says 0 '^system-uncached  *UC  *guaranteed  *yes' noalias list &&
		says 0 '^system-writecombine  *WC  *guaranteed  *yes' noalias list &&
		says 0 '^system-uncached-dma32  *UC  *guaranteed  *yes  *dma32' noalias list
}

# A heap under another name is what it is.
#
# kills: doctor-knows-four-heaps
added_heaps_are_told() {
	rmmod noalias && insmod noalias.ko heaps=linux,cma-uncached:uc:dma32 &&
		says 0 '^linux,cma-uncached  *UC  *guaranteed  *yes  *dma32' noalias list &&
		says 0 '^this machine promises: guaranteed UC and WC memory, tested just now$' noalias doctor &&
		[ "$(nr_problems)" = 0 ] &&
		grep -q "^note *heap *linux,cma-uncached: the module's, UC, by its parameter heaps" /tmp/said &&
		says 0 '^linux,cma-uncached .* 1 ' noalias alloc -q --heap linux,cma-uncached --size 4K -- noalias list
	local status=$?
	rmmod noalias && insmod noalias.ko || return 1
	return $status
}

# kills: use that is counted for the wrong heap
list_counts_use() {
	says 0 '^system-uncached .* 1  *2.0' \
		noalias alloc -q --type UC --size 2M -- noalias list
}

# kills: a list of buffers without owners
list_buffers_has_owner() {
	says 0 'system-writecombine  *WC  *4096 .*noalias  *[0-9]*:noalias  *alive  *[0-9]*/noalias$' \
		noalias alloc -q --size 1 -- noalias list --buffers
}

# kills: a name that is set and not shown
list_buffers_has_name() {
	says 0 ' cam0.040frame  *alive ' noalias alloc -q --name "cam0 frame" \
		--size 1 -- noalias list --buffers
}

# kills: a maker that is gone shown as if it held the buffer; who holds it
# unknown; a mapping overlooked
list_buffers_names_who_holds() {
	local pid status=0
	noalias alloc -q --size 1M -- sh -c 'sleep 1000 & echo $! >/tmp/sleeper'
	read -r pid </tmp/sleeper
	says 0 " gone  *$pid/sleep\$" noalias list --buffers || status=1
	says 0 "\"maker\":\"gone\",\"holders\":\[{\"pid\":$pid,\"comm\":\"sleep\",\"fds\":1,\"maps\":0}\]" \
		noalias list --buffers --json || status=1
	kill $pid
	wait_for has_buffers 0
	return $status
}

# --- alloc -----------------------------------------------------------------------

# kills: a descriptor that is closed at exec, a variable that is not set
alloc_gives_fd() {
	says 0 'dmabuf' noalias alloc -q --size 64K -- \
		sh -c 'readlink /proc/self/fd/$NOALIAS_FD'
}

# kills: --fd and --env that are read and not used
alloc_gives_number() {
	says 0 '^77 .*dmabuf' noalias alloc -q --fd 77 --env BUF --size 1 -- \
		sh -c 'echo $BUF $(readlink /proc/self/fd/77)'
}

# kills: a status of its own instead of the command's
alloc_passes_status() {
	says 42 "" noalias alloc -q --size 1 -- sh -c 'exit 42' &&
		says 127 "no-such-command" noalias alloc -q --size 1 -- no-such-command
}

# kills: a buffer that outlives its command, or goes before it
alloc_holds_until_signal() {
	local pid
	noalias alloc --type WC --size 1M >/tmp/held &
	pid=$!
	wait_for has_buffers 1
	wait_for grep -q "^buffer of 1048576 bytes, WC, promise: guaranteed" /tmp/held
	kill -INT $pid
	wait $pid || return 1
	has_buffers 0
}

# kills: a refusal without the reason
alloc_says_why_not() {
	says 2 "len: is 1099511627776, allowed: [0-9]* bytes; take several buffers" \
		noalias alloc --size 1024G -- true &&
		says 2 "no-such-heap" noalias alloc --heap no-such-heap --size 1 -- true
}

# --- stat --------------------------------------------------------------------------

# kills: counters that are printed and not those of the module
stat_shows_counters() {
	says 0 '^conversions ' noalias stat &&
		says 0 '"per_second":{"conversions":' noalias stat --json 0.1 1
}

# kills: a difference that is a total; an interval that is not waited for
stat_shows_rates() {
	noalias stat --json 0.2 20 >/tmp/rates &
	local pid=$!
	wait_for [ -s /tmp/rates ]
	noalias alloc -q --size 1M -- true
	wait_for [ "$(wc -l </tmp/rates)" -ge 1 ]
	wait $pid || return 1
	[ "$(wc -l </tmp/rates)" = 20 ] &&
		grep -q '"per_second":{"conversions":[1-9]' /tmp/rates &&
		tail -n 1 /tmp/rates | grep -q '"per_second":{"conversions":0.0'
}

# --- trace ---------------------------------------------------------------------------

nr_instances() {
	# shellcheck disable=SC2012
	ls $instances | wc -l
}

has_instances() {
	[ "$(nr_instances)" = "$1" ]
}

# A task that stays what it is while it is traced.
hold_and_let_go() {
	noalias alloc --type UC --size 1M >/tmp/held &
	holder=$!
	wait_for has_buffers 1
	kill -INT $holder
	wait $holder
}

# kills: events that are enabled and not read; names that are lost
trace_names_who() {
	noalias trace --duration 20 --count 8 >/tmp/trace &
	local pid=$!
	wait_for grep -q 1 $instances/noalias-$pid/events/noalias/enable
	hold_and_let_go
	hold_and_let_go
	wait $pid || return 1
	grep -q "noalias-[0-9]* *convert *WB -> UC: 256 frames from 0x" /tmp/trace &&
		grep -q "noalias-[0-9]* *convert *UC -> WB: 256 frames" /tmp/trace &&
		has_instances 0 && return
	sed 's/^/# /' /tmp/trace
	return 1
}

# kills: an option that lets everything through
trace_only_what_was_asked() {
	noalias trace --json --event alloc --count 1 --duration 20 >/tmp/trace &
	local pid=$!
	wait_for grep -q 1 $instances/noalias-$pid/events/noalias/noalias_alloc/enable
	hold_and_let_go
	wait $pid || return 1
	grep -q '"event":"alloc",.*"task":"noalias".*"len":1048576' /tmp/trace &&
		[ "$(wc -l </tmp/trace)" = 1 ]
}

# kills: an instance that stays when the tracer is interrupted or its reader goes
trace_tidies_up() {
	local pid signal
	for signal in INT TERM HUP; do
		noalias trace >/dev/null &
		pid=$!
		wait_for grep -q 1 $instances/noalias-$pid/events/noalias/enable
		kill -$signal $pid
		wait $pid || return 1
		has_instances 0 || return 1
	done
	noalias trace | true
	has_instances 0
}

# kills: what a killed tracer leaves, for ever
trace_removes_what_a_killed_one_left() {
	noalias trace >/dev/null &
	local pid=$!
	wait_for grep -q 1 $instances/noalias-$pid/events/noalias/enable
	kill -9 $pid
	wait $pid
	has_instances 1 || return 1
	noalias trace --duration 0.1 && has_instances 0
}

# --- bench and doctor -------------------------------------------------------------------

# kills: a column that is missing or empty
bench_measures_all() {
	says 0 '^read words, MB/s  *[1-9][0-9.]*  *[1-9][0-9.]*  *x[0-9.]*  *[1-9]' \
		noalias bench --size 64K --rounds 1 &&
		says 0 '"type":"UC","source":"system-uncached","alloc_4k_us":[1-9]' \
			noalias bench --json --size 64K --rounds 1
}

# kills: a doctor that finds a healthy machine ill, or promises untried
doctor_is_content() {
	says 0 '^this machine promises: guaranteed UC and WC memory, tested just now$' noalias doctor &&
		[ "$(nr_problems)" = 0 ] &&
		grep -q '^ok *tried *system-uncached: a page was allocated, is UC, promise: guaranteed' /tmp/said &&
		grep -q '^ok *tried *system-writecombine: a page was allocated, is WC, promise: guaranteed' /tmp/said &&
		grep -q '^ok *tried *system-uncached-dma32: a page was allocated, is UC, promise: guaranteed' /tmp/said &&
		grep -q '^ok *tried *system-writecombine-dma32: a page was allocated, is WC, promise: guaranteed' /tmp/said &&
		says 0 '"problems":false' noalias doctor --json
}

# kills: a check that fails on a healthy machine; an emulator's times as a proof
selftest_passes() {
	says 0 '^selftest: passed; nothing is proven about caches$' noalias selftest || return 1
	for line in 'type  *system-uncached: UC, promise: guaranteed' \
		'contents  *system-writecombine: zeroed' 'pins  *system-uncached: ' \
		'audit  *clean'; do
		grep -q "^ok *$line" /tmp/said || return 1
	done
	says 0 '"proves_types":false' noalias selftest --json && has_buffers 0
}

# kills: a heap that is not allocated from; a page that stays
doctor_allocates() {
	local before after
	before=$(awk '/^conversions / { print $2 }' $debugfs/counters)
	noalias doctor >/dev/null || return 1
	after=$(awk '/^conversions / { print $2 }' $debugfs/counters)
	[ $((after - before)) -ge 2 ] && has_buffers 0
}

# kills: a promise from a heap that refuses
doctor_sees_refusals() {
	local status=0 percent
	percent=$(cat $parameters/limit_percent)
	echo 1 >$parameters/limit_percent
	noalias alloc -q --size "$(awk '/^frames_limit / { print $2 * 4 }' $debugfs/counters)K" \
		-- noalias doctor >/tmp/said 2>&1
	[ $? = 1 ] && [ "$(nr_problems)" = 4 ] &&
		grep -q '^PROBLEM *tried *system-uncached: a page cannot be allocated: ' /tmp/said &&
		grep -q '^this machine promises: UC memory: unknown, not tested; WC memory: unknown, not tested$' /tmp/said ||
		status=1
	echo "$percent" >$parameters/limit_percent
	return $status
}

as_nobody() {
	su -s /bin/sh -c "/payload/noalias $* --color never" nobody
}

# kills: a doctor that believes root's eyes for everybody
doctor_sees_permissions() {
	says 1 '^PROBLEM *heap *system-uncached: the module.s, UC; .*: may not be opened by nobody$' as_nobody doctor &&
		[ "$(nr_problems)" = 5 ] &&
		grep -q '^this machine promises: UC memory: unknown, not tested; WC memory: unknown, not tested$' /tmp/said
}

# kills: a promise of who cannot ask
doctor_cannot_ask() {
	local status=0
	chmod 666 /dev/dma_heap/system-*
	says 1 '^PROBLEM *queries */dev/noalias: .*: may not be opened by nobody$' as_nobody doctor &&
		[ "$(nr_problems)" = 1 ] &&
		grep -q '^this machine promises: UC memory: unknown, the module cannot be asked; WC memory: unknown, the module cannot be asked$' /tmp/said ||
		status=1
	chmod 600 /dev/dma_heap/system-*
	return $status
}

# kills: a heap known by its name
links_and_foreign_nodes() {
	local status=0
	ln -s system-uncached /dev/dma_heap/linux,cma-uncached
	mknod /dev/dma_heap/cma-uncached c 1 5
	says 0 '^linux,cma-uncached *UC *guaranteed *yes' noalias list &&
		grep -q '^cma-uncached *unknown *unknown' /tmp/said &&
		says 0 'promise: guaranteed' noalias alloc --heap linux,cma-uncached --size 1 -- true &&
		says 0 '^note *heap *linux,cma-uncached: the module.s heap system-uncached under another name, UC; .*root only$' noalias doctor &&
		grep -q '^note *heap *cma-uncached: device 1:5 of another driver, memory type unknown' /tmp/said ||
		status=1
	rm /dev/dma_heap/linux,cma-uncached /dev/dma_heap/cma-uncached
	return $status
}

# kills: a record of the log that is not read
doctor_reads_the_log() {
	echo '<4>noalias test: contiguous chunk is too small 4096/115200' >/dev/kmsg
	says 0 '^note *log *"contiguous chunk is too small", 1 line' noalias doctor
}

# --- the manual ---------------------------------------------------------------------------------

# Lists of mappings are read through /proc/kcore, which lacks high memory.
is_refused_here() {
	case $1 in
	*"audit --range"* | *"audit --type"* | *--types*) ;;
	*) return 1 ;;
	esac
	[ "$(uname -m)" != x86_64 ] && grep -q '/proc/kcore lacks' /tmp/said
}

# Those that pipe into jq are run by tests/cli/run.
# kills: a command line in the manual that does not work as shown
examples_of_manual_work() {
	local status=0 line nr=0
	while read -r line; do
		nr=$((nr + 1))
		sh -c "$line" >/tmp/said 2>&1 </dev/null && continue
		is_refused_here "$line" && continue
		echo "# $line"
		sed 's/^/#   /' /tmp/said
		status=1
	done <examples.list
	rm -f memory.svg
	[ $nr -gt 15 ] && return $status
}

# --- all of it ------------------------------------------------------------------------------

echo 'root:x:0:0:root:/:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh' >/etc/passwd
echo 'root:x:0:
nogroup:x:65534:' >/etc/group

check "all say what is missing without the module" all_say_what_is_missing
for case in doctor_promises_nothing_without_module taken_node_is_said \
	taken_query_node_is_said; do
	check $case $case
done
begin_suite plant
for case in list_has_promises added_heaps_are_told list_counts_use list_buffers_has_owner \
	list_buffers_has_name list_buffers_names_who_holds \
	alloc_gives_fd alloc_gives_number alloc_passes_status \
	alloc_holds_until_signal alloc_says_why_not \
	stat_shows_counters stat_shows_rates \
	trace_names_who trace_only_what_was_asked trace_tidies_up \
	trace_removes_what_a_killed_one_left \
	bench_measures_all doctor_is_content selftest_passes doctor_allocates \
	doctor_sees_refusals doctor_sees_permissions doctor_cannot_ask \
	links_and_foreign_nodes doctor_reads_the_log \
	examples_of_manual_work; do
	mark_log $case
	check $case $case
	check "$case: leaves nothing behind" leaves_nothing
done
run_program command_plant system-uncached any
run_program plant_watch
end_suite plant
