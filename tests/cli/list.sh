# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias stat, list and trace; sourced by tests/cli/run.

# --- stat and list --------------------------------------------------------------------------

# kills: values under the wrong name
stat_is_what_the_module_says() {
	system=$recorded
	on_system stat
	is 0 '^frames_in_buffers +6144 +\(24.0 MiB\)$' && is 0 '^kmap_hits +2$' || return 1
	on_system stat --json 0.05 2
	[ "$status" = 0 ] && jq -se 'length == 2 and .[1].levels.frames_lent == 16
		and .[1].per_second.conversions == 0 and .[1].seconds > 0.04' <"$work/out" >/dev/null
}

# stat_during SED: the counters of the bent system change after its first line
stat_during() {
	local counters=$system/sys/kernel/debug/noalias/counters pid
	"$noalias" stat --sysroot "$system" --json 0.2 5 >"$work/out" 2>"$work/err" &
	pid=$!
	until [ -s "$work/out" ] || ! kill -0 $pid 2>/dev/null; do :; done
	sed "$1" "$counters" >"$work/new"
	mv "$work/new" "$counters"
	wait $pid
}

# kills: a difference that is a total, or of something else
stat_rates() {
	new_system
	stat_during 's/^conversions .*/conversions 104/'
	jq -se '[.[] | .per_second.conversions * .seconds | round] | add == 100' \
		<"$work/out" >/dev/null
}

# kills: the difference of two loads of the module: 2 to the 64th, or less than
# happened
stat_after_reload() {
	new_system
	sed -i 's/^conversions .*/conversions 50/; s/^purges .*/purges 7000/' \
		"$system/sys/kernel/debug/noalias/counters"
	# Loaded anew; one counter has overtaken what it was before.
	stat_during 's/^conversions .*/conversions 80/; s/^purges .*/purges 3/'
	jq -se '([.[] | .per_second.conversions * .seconds | round] | add == 80) and
		([.[] | .per_second.purges * .seconds | round] | add == 3) and
		([.[].per_second[]] | max < 1e15)' <"$work/out" >/dev/null
}

# kills: a buffer that is freed taken for a module that was loaded anew
stat_levels_may_fall() {
	new_system
	sed -i 's/^conversions .*/conversions 5000/; s/^buffers .*/buffers 7/' \
		"$system/sys/kernel/debug/noalias/counters"
	stat_during 's/^conversions .*/conversions 5100/; s/^buffers .*/buffers 2/'
	jq -se '([.[] | .per_second.conversions * .seconds | round] | add == 100) and
		(.[-1].levels.buffers == 2) and (.[0].levels.buffers_limit == 12288)' <"$work/out" >/dev/null
}

# kills: a line that does not stand under its title
stat_columns_line_up() {
	system=$recorded
	on_system stat 0.05 2
	[ "$status" = 0 ] && [ "$(awk '{ if (length > n) n = length } END { print n }' "$work/out")" -le 80 ] &&
		[ "$(tail -n +2 "$work/out" | awk '{ print length }' | sort -u | wc -l)" = 1 ]
}

# kills: a share that leaves out what is charged and in no buffer
stat_use_is_of_what_is_charged() {
	new_system
	sed -i 's/^frames_charged .*/frames_charged 600/; s/^frames_limit .*/frames_limit 1000/' \
		"$system/sys/kernel/debug/noalias/counters"
	on_system stat 0.05 1
	[ "$status" = 0 ] && [ "$(tail -n 1 "$work/out" | awk '{ print $3 }')" = 60 ]
}

# kills: an empty file of counters as a healthy one
stat_of_nothing() {
	new_system
	: >"$system/sys/kernel/debug/noalias/counters"
	on_system stat
	says 2 "counters are empty"
}

# kills: a column that is lost; a maker that is gone shown as the holder
list_buffers() {
	system=$recorded
	on_system list --buffers
	is 0 '^ 1  system-uncached +UC +16777216 +4096 .* 214  camera +cam0-frame +alive +214/camera,310/view' &&
		is 0 '^ 2  system-writecombine .* 215  two.040words +215:two.040words +gone +310/view.040er.054$' || return 1
	on_system list --buffers --json
	jq -e '.processes_not_seen == 0 and .buffers[1] == {id: 2, heap: "system-writecombine",
		type: "WC", bytes: 8388608, high_frames: 2048, low_frames: 0, mmaps: 0, vmaps: 0,
		dma_maps: 1, pid: 215, comm: "two\\040words", inode: 7002, name: "215:two\\040words",
		maker: "gone", holders: [{pid: 310, comm: "view\\040er\\054", fds: 1, maps: 0}]}' \
		<"$work/out" >/dev/null
}

# kills: a file with the inode of a buffer taken for it; a name that is read as
# a line of fdinfo; descriptors and mappings mixed up
list_buffers_counts_holders() {
	system=$recorded
	on_system list --buffers --json
	jq -e '.buffers[0].holders == [{pid: 214, comm: "camera", fds: 1, maps: 1},
		{pid: 310, comm: "view\\040er\\054", fds: 2, maps: 0}]' <"$work/out" >/dev/null
}

# kills: a holder of every buffer where the module tells no inode
list_buffers_of_older_module() {
	new_system
	local file=$system/sys/kernel/debug/noalias/buffers
	sed -i 's/ [^ ]* [^ ]* [^ ]*$//' "$file"
	on_system list --buffers
	is 0 '^ 1  system-uncached .* 214  camera +- +- +-$' || return 1
	on_system list --buffers --json
	jq -e '.buffers[0] | has("holders") or has("inode") | not' <"$work/out" >/dev/null || return 1
	: >"$file"
	on_system list --buffers
	says 2 "list of buffers is empty"
}

# kills: holders that nobody may see, passed over without a word
list_buffers_says_who_is_not_seen() {
	new_system
	chmod -R go+rX "$work"
	chmod 700 "$system/proc/310/fd"
	setpriv --reuid 65534 --clear-groups "$work/noalias" list --buffers --json \
		--sysroot "$system" >"$work/out" 2>"$work/err"
	grep -q "1 process cannot be read" "$work/err" &&
		jq -e '.processes_not_seen == 1 and (.buffers[0].holders | length) == 1' \
			<"$work/out" >/dev/null
}

# kills: waiting for ever for a process that holds its mmap lock; the same for each
# of a thousand
list_buffers_waits_for_nobody() {
	local pid
	new_system
	rm "$system/proc/310/maps"
	mkfifo "$system/proc/310/maps"
	for pid in {400..460}; do
		cp -r "$system/proc/310" "$system/proc/$pid"
	done
	status=0
	timeout 20 "$noalias" list --buffers --json --sysroot "$system" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = 0 ] && grep -q "62 processes cannot be read" "$work/err" &&
		jq -e '.processes_not_seen == 62 and (.buffers[0].holders[0] ==
			{pid: 214, comm: "camera", fds: 1, maps: 1})' <"$work/out" >/dev/null
}

# kills: a child whose end nobody hears of, where whoever starts us ignores SIGCHLD
list_buffers_where_children_are_ignored() {
	status=0
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$noalias" list --buffers --json \
		--sysroot "$recorded" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = 0 ] && [ ! -s "$work/err" ] &&
		jq -e '.buffers[0].holders | length == 2' <"$work/out" >/dev/null
}

# kills: a child that goes on waiting when nobody wants to know any more
list_buffers_leaves_no_child() {
	local pid child='' i
	new_system
	rm "$system/proc/310/maps"
	mkfifo "$system/proc/310/maps"
	"$noalias" list --buffers --sysroot "$system" >"$work/out" 2>"$work/err" &
	pid=$!
	# There are others before it, which answer at once.
	until [ -n "$child" ] && [ -d "$child" ] &&
		[ "$(awk '{ print $3 }' "$child/stat")" = S ]; do
		kill -0 $pid 2>/dev/null || return 1
		child=$(grep -ls "^PPid:[[:space:]]$pid\$" /proc/[0-9]*/status)
		child=${child%/status}
	done
	kill -KILL $pid
	wait $pid
	for i in {1..100}; do
		[ -d "$child" ] || return 0
		sleep 0.05
	done
	return 1
}

# --- trace --------------------------------------------------------------------------------------

# kills: a task's name that becomes the event; fields that swallow each other
trace_reads_lines() {
	run trace --from "$top/tests/cli/trace.txt"
	is 0 '^ +0.000000  noalias-126 +purge +256 frames from 0x1ff500, 3 stale, 38.4 us$' &&
		is 0 'convert +WB -> WC: 256 frames from 0x1ff500 in 2 runs' &&
		is 0 '^7 events were lost here$' &&
		is 0 'a \[0\] : noalias_x-127 +refusal +struct size is 4, allowed: 12 to 256, failed: Invalid' &&
		is 0 'call +na_set_pages_uc\(16 pages\) by consumer_init\+0x10/0x20 \[consumer\], 0.9 us$' &&
		is 0 'WC -> WB: 1 frame from 0x10, 0.1 us, quarantined$' &&
		is 0 'newer +what=ever many=3$' &&
		! grep -q "$escape" "$work/out" && ! grep -q sched_switch "$work/out"
}

# kills: JSON that no reader takes
trace_json() {
	run trace --json --from "$top/tests/cli/trace.txt"
	jq -se 'length == 8 and .[0].hits == 3 and .[3].lost == 7
		and .[4].task == "a [0] : noalias_x" and .[4].err == -22
		and .[5].caller == "consumer_init+0x10/0x20 [consumer]"' <"$work/out" >/dev/null
}

# kills: an event more or less than asked for
trace_count_is_exact() {
	run trace --json --count 2 --from "$top/tests/cli/trace.txt"
	[ "$status" = 0 ] && [ "$(wc -l <"$work/out")" = 2 ] || return 1
	run trace --json --count 1 --from "$top/tests/cli/trace.txt"
	[ "$status" = 0 ] && [ "$(wc -l <"$work/out")" = 1 ]
}

# kills: an event refused that has as many values as there is room for
trace_takes_as_many_values_as_fit() {
	printf '  noalias-1   [000] .....  1.5: noalias_tlb_flush:%s\n' \
		"$(printf ' v%s=1' {1..32})" >"$work/full"
	run trace --json --from "$work/full"
	[ "$status" = 0 ] && jq -e '.v1 == 1 and .v32 == 1' <"$work/out" >/dev/null
}

# kills: an empty trace as a good one
trace_of_nothing() {
	run trace --from /dev/null
	says 2 "no events of noalias"
}
