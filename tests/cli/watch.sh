# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2034,SC2154
# Cases of noalias audit --watch; sourced by tests/cli/run.

watch_cases=(audit_watch audit_watch_tells_what_came_and_went audit_watch_keeps_its_budget
	audit_watch_keeps_events_on_a_screen audit_watch_tells_whole_names
	audit_watch_outlives_incomplete_audits audit_watch_pauses_by_its_budget
	audit_watch_knows_what_is_the_same audit_watch_of_incomplete_audits
	audit_watch_tells_of_each_conflict audit_watch_ends_by_a_signal)

# kills: watching without end; lines that are not one audit each; a count from 0 or 2
audit_watch() {
	system=$recorded
	on_system audit --watch 0.05 --count 3 --json
	[ "$status" = 1 ] && [ "$(jq -s '[.[] | select(.noalias_audit)] | length' <"$work/out")" = 3 ] &&
		[ "$(wc -l <"$work/out")" = 4 ] &&
		tail -n 1 "$work/out" | jq -e '.event == "end" and .audits == 3 and .came == 0 and .went == 0' >/dev/null || return 1
	on_system audit --watch=0.05 --count 2
	[ "$(grep -c '^verdict:' "$work/out")" = 2 ] &&
		grep -q 'audit 1, every 0.05 s' "$work/out" || return 1
	run audit --count 2 && says 2 "goes with --watch" &&
		run audit --budget 2 && says 2 "goes with --watch" &&
		run audit --watch --budget 0 && says 2 "--budget is '0', allowed: 1 to 100" &&
		run audit --watch --from x && says 2 "choose one"
}

# until_said NR PATTERN: so many lines of the watch $pid have it, or it has ended
until_said() {
	until [ "$(grep -c -e "$2" "$work/out")" -ge "$1" ] || ! kill -0 $pid 2>/dev/null; do :; done
}

# kills: watch-forgets-what-was; a conflict of an incomplete audit that went; events
# for what stayed
audit_watch_tells_what_came_and_went() {
	local records pid
	new_system
	records=$system/sys/kernel/debug/noalias/audit
	cp "$records" "$work/found"
	sed "$found_nothing; s/verdict=found/verdict=clean/" "$records" >"$work/nothing"
	sed "$found_nothing; s/cut=none/cut=unseen/; s/verdict=.*/verdict=incomplete/" "$records" >"$work/unseen"
	cp "$work/nothing" "$records"
	"$noalias" audit --watch 0.05 --json --sysroot "$system" >"$work/out" 2>"$work/err" &
	pid=$!
	# after N FILE: the file, when so many audits were like the one before
	after() {
		until_said "$2" "$1"
		cp "$3" "$work/new" && mv "$work/new" "$records"
	}
	after '"conflicts":\[\]' 1 "$work/found"
	after '"event":"came"' 3 "$work/unseen"
	after '"cut":\["unseen"\]' 2 "$work/found"
	after '"severity":"error","grade"' 4 "$work/nothing"
	until_said 3 '"event":"went"'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 1 ] && [ "$(grep -c '"event":"came"' "$work/out")" = 3 ] &&
		[ "$(grep -c '"event":"went"' "$work/out")" = 3 ] &&
		tail -n 1 "$work/out" | jq -e '.event == "end" and .came == 3 and .went == 3' >/dev/null
}

# What came is on the screen still when the next audits have cleared it.
#
# kills: watch-screen-forgets
audit_watch_keeps_events_on_a_screen() {
	local records pid
	new_system
	records=$system/sys/kernel/debug/noalias/audit
	cp "$records" "$work/found"
	sed "$found_nothing; s/verdict=found/verdict=clean/" "$records" >"$work/nothing"
	cp "$work/nothing" "$records"
	script -qfec "$noalias audit --watch 0.05 --sysroot $system" /dev/null >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	until_said 1 'audit 2,'
	cp "$work/found" "$work/new" && mv "$work/new" "$records"
	until_said 12 'came:'
	kill -TERM $pid
	wait $pid
	# Of three that came, each audit since.
	awk 'BEGIN { RS = "\033\\[H" } /came:/ { n = gsub(/[0-9][0-9]:[0-9][0-9]:[0-9][0-9]  came:/, ""); if (n != 3) bad = 1; screens++ }
		END { exit bad || screens < 3 }' "$work/out"
}

# The longest name there can be, of letters that take four each when they are told.
#
# kills: watch-cuts-names
audit_watch_tells_whole_names() {
	local records pid
	new_system
	records=$system/sys/kernel/debug/noalias/audit
	sed "$found_nothing; s/verdict=found/verdict=clean/" "$records" >"$work/nothing"
	sed "s|name=/dev/fb0|name=/dev/$(printf '\\\\033%.0s' {1..87})END|" "$records" >"$work/found"
	cp "$work/nothing" "$records"
	"$noalias" audit --watch 0.05 --sysroot "$system" >"$work/out" 2>"$work/err" &
	pid=$!
	until_said 1 'audit 2,'
	cp "$work/found" "$work/new" && mv "$work/new" "$records"
	until_said 3 '^came:'
	kill -TERM $pid
	wait $pid
	grep '^came:' "$work/out" | grep -q 'x1bEND$'
}

# kills: watch-budget-ignored
audit_watch_keeps_its_budget() {
	local records
	new_system
	records=$system/sys/kernel/debug/noalias/audit
	# So many conflicts that an audit takes time.
	awk -v nr=4000 'NR == 2 { head = $0; next } NR == 3 { one = $0; next } NR == 4 { two = $0; next }
		NR == 5 { for (i = 0; i < nr; i++) {
			line = head; sub(/first=0x[0-9a-f]+/, sprintf("first=0x%x", 2 * i + 16), line)
			sub(/group=[0-9]+/, "group=" i, line); print line "\n" one "\n" two } }
		/^conflict/ || /^party/ { next }
		/^frames/ { gsub(/=[0-9]+/, "=0") } /^frames grade=mixed/ { sub(/ram=0/, "ram=" nr) }
		/^end/ { sub(/conflicts=3/, "conflicts=" nr) } { print }' "$records" >"$work/new"
	mv "$work/new" "$records"
	on_system audit --watch 0.05 --count 3 --budget 5 --json
	# The pause after the last audit is not waited for, and audits differ.
	tail -n 1 "$work/out" | jq -e '.audits == 3 and .cpu_ms > 10 and .cpu_ms * 20 / 2 < .ms' >/dev/null
}

# kills: a night's watch that ends with its first incomplete audit, or forgets it;
# one that goes on when there is nothing to watch; a finding that an incomplete
# audit hides
audit_watch_outlives_incomplete_audits() {
	local records
	new_system
	records=$system/sys/kernel/debug/noalias/audit
	sed -i "$found_nothing; s/cut=none/cut=unseen/; s/verdict=.*/verdict=incomplete/" "$records"
	on_system audit --watch 0.05 --count 3
	[ "$status" = 2 ] && [ "$(grep -c '^verdict:.*incomplete' "$work/out")" = 3 ] || return 1
	# Incomplete, an alias, incomplete.
	"$noalias" audit --watch 0.05 --sysroot "$system" >"$work/out" 2>"$work/err" &
	local pid=$!
	until_said 1 verdict
	cp "$records" "$work/cut"
	cp "$recorded/sys/kernel/debug/noalias/audit" "$work/new" && mv "$work/new" "$records"
	until_said 1 aliased
	mv "$work/cut" "$records"
	until tail -n 1 "$work/out" | grep -q incomplete || ! kill -0 $pid 2>/dev/null; do :; done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 1 ] || return 1
	rm "$records"
	on_system audit --watch 0.05 --count 3
	[ "$status" = 2 ] && [ "$(grep -c 'noalias:' "$work/err")" = 1 ]
}

# --- with a clock and a CPU that the test makes ------------------------------------

build_fake_watch() {
	local calls=(report_read cli_now_ms cli_pause getrusage)
	[ -e "$work/fake_watch" ] ||
		gcc -Wall -Wextra -Werror -o "$work/fake_watch" "$top/tests/cli/fake_watch.c" \
			"$out"/cli/*.o "${calls[@]/#/-Wl,--wrap=}" "$out/audit/audit.a" \
			"$out/libnoalias/libnoalias.a" -pthread -ldl 2>"$work/err"
}

# watch_fake OPTION...
watch_fake() {
	build_fake_watch || return
	status=0
	"$work/fake_watch" audit --sysroot "$system" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# paused MS...: the pauses of the last watch
paused() {
	[ "$(sed -n 's/^pause //p' "$work/err" | tr '\n' ' ')" = "$* " ]
}

# watch_in_turn CAME WENT FILE...: a watch of these records, one audit each, and what
# it counts
watch_in_turn() {
	local came=$1 went=$2 nr=$#
	shift 2
	new_system
	rm -rf "$work/turn"
	mkdir "$work/turn"
	cp "$1" "$system/sys/kernel/debug/noalias/audit"
	while shift && [ $# -gt 0 ]; do
		cp "$1" "$work/turn/$((1000 - $#))"
	done
	NA_PAUSE="mv \"\$(ls -d $work/turn/* | head -n 1)\" $system/sys/kernel/debug/noalias/audit" \
		watch_fake --watch --json --count $((nr - 2)) "${options[@]}"
	tail -n 1 "$work/out" | jq -e --argjson came "$came" --argjson went "$went" --argjson nr "$((nr - 2))" \
		'.event == "end" and .audits == $nr and .came == $came and .went == $went' >/dev/null &&
		[ "$(grep -c '"event":"came"' "$work/out")" = "$came" ] &&
		[ "$(grep -c '"event":"went"' "$work/out")" = "$went" ]
}

# The records found, nothing, and both of incomplete audits.
make_records() {
	local records=$recorded/sys/kernel/debug/noalias/audit
	options=()
	cp "$records" "$work/found"
	sed "$found_nothing; s/verdict=found/verdict=clean/" "$records" >"$work/nothing"
	sed 's/cut=none/cut=unseen/' "$records" >"$work/found.cut"
	sed "$found_nothing; s/cut=none/cut=unseen/; s/verdict=.*/verdict=incomplete/" "$records" >"$work/nothing.cut"
}

# kills: watch-budget-ignored, watch-budget-forgets-the-kernel,
# watch-budget-of-all-audits, watch-waits-after-the-audit, watch-pauses-at-its-end
audit_watch_pauses_by_its_budget() {
	system=$recorded
	watch_fake --watch 0.1 --count 4 --json
	[ "$status" = 1 ] && paused 30 30 30 &&
		tail -n 1 "$work/out" | jq -e '.ms == 370 and .cpu_ms == 160' >/dev/null || return 1
	# As long as it likes, where the audit takes longer than the interval.
	watch_fake --watch 0.05 --count 3; paused 0 0 || return 1
	# 40 ms are 5 percent of 800 ms.
	watch_fake --watch 0.05 --count 4 --budget 5 --json; paused 730 730 730 &&
		tail -n 1 "$work/out" | jq -e '.ms == 2470 and .cpu_ms == 160' >/dev/null || return 1
	watch_fake --watch 2 --count 2 --budget 5; paused 1930 || return 1
	watch_fake --watch 0.05 --count 2 --budget 100; paused 0 || return 1
	watch_fake --watch 0.05 --count 2 --budget 1; paused 3930
}

# kills: watch-same-whatever-... of each: another conflict for the same one
audit_watch_knows_what_is_the_same() {
	local edit edits=(
		# another process, place, entry, type; another number of frames or mappings; another kind
		's/pid=214 comm=camera/pid=215 comm=camera/'
		's/va=0xb7f00000 va_end=0xb7f01000/va=0xb7f01000 va_end=0xb7f02000/'
		's/entry=UC- pid=214 comm=camera/entry=UC pid=214 comm=camera/'
		's/space=kmap type=WB/space=kmap type=WT/'
		's/first=0x493e0/first=0x493e1/'
		's/first=0xe0000 nr=4/first=0xe0000 nr=3/; s/device=4/device=3/'
		'/first=0x493e0/ s/parties=2/parties=3/; /va=0xf7900000/ { p; s/f7900000 va_end=0xf7901/f7902000 va_end=0xf7903/ }'
		's/mixed kind=ram/mixed kind=reserved/; s/ram=1 reserved=0/ram=0 reserved=1/'
	)
	make_records
	for edit in "${edits[@]}"; do
		sed "$edit" "$work/found" >"$work/edited"
		! cmp -s "$work/found" "$work/edited" &&
			watch_in_turn 1 1 "$work/found" "$work/edited" && [ "$status" = 1 ] || {
			echo "# $edit"
			return 1
		}
	done
	# Not what a process is called, nor how long it took.
	sed 's/comm=camera/comm=other/; s/duration_ns=./&1/' "$work/found" >"$work/edited"
	watch_in_turn 0 0 "$work/found" "$work/edited"
}

# kills: watch-incomplete-takes-away, watch-incomplete-is-forgotten,
# watch-incomplete-comes-again, watch-incomplete-goes-again
audit_watch_of_incomplete_audits() {
	make_records
	watch_in_turn 0 0 "$work/found" "$work/nothing.cut" "$work/found" || return 1
	watch_in_turn 3 0 "$work/nothing" "$work/found.cut" "$work/found.cut" "$work/found" || return 1
	watch_in_turn 3 3 "$work/nothing" "$work/found.cut" "$work/nothing" "$work/nothing" || return 1
	# The first has nothing before it, complete or not.
	watch_in_turn 0 0 "$work/found.cut" "$work/found" || return 1
	watch_in_turn 0 3 "$work/found.cut" "$work/nothing" && [ "$status" = 1 ]
}

# Records are not in the order of frames.
#
# kills: watch-does-not-sort, watch-mixes-up-what-is-accepted
audit_watch_tells_of_each_conflict() {
	make_records
	echo '/dev/fb0 | process UC, vmalloc WB | 2999-12-31 | known' >"$work/accepted"
	options=(--accept "$work/accepted")
	watch_in_turn 3 3 "$work/nothing" "$work/found" "$work/found" "$work/nothing" || return 1
	jq -se 'map(select(.event == "came") | [.severity, .grade, .kind, .first_frame, .nr_frames, .maker])
		== [["warning", "mixed", "ram", 300000, 1, "/dev/cam"], ["accepted", "alias", "device", 917504, 4, "/dev/fb0"],
			["error", "alias", "ram", 2089984, 2, "/dev/cam"]]' <"$work/out" >/dev/null &&
		jq -se "map(select(.event).time // empty) | all(. > $(date +%s) - 600 and . <= $(date +%s))" <"$work/out" >/dev/null
}

# From a pause of an hour.
#
# kills: watch-dies-of-hangup
audit_watch_ends_by_a_signal() {
	local signal pid
	system=$recorded
	for signal in TERM INT HUP; do
		"$noalias" audit --watch 3600 --sysroot "$system" >"$work/out" 2>"$work/err" &
		pid=$!
		until_said 1 '^verdict:'
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		is 1 '^watched:    1 audits in ' || return 1
	done
}
