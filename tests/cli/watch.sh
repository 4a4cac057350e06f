# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias audit --watch; sourced by tests/cli/run.

watch_cases=(audit_watch audit_watch_tells_what_came_and_went audit_watch_keeps_its_budget
	audit_watch_keeps_events_on_a_screen audit_watch_tells_whole_names
	audit_watch_outlives_incomplete_audits)

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
