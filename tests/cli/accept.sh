# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias audit --accept; sourced by tests/cli/run.

# accept_with LINE [OPTION...]: an audit of the system with a file of this line
accept_with() {
	printf '# a comment\n\n%s\n' "$1" >"$work/accepted"
	on_system audit --accept "$work/accepted" "${@:2}"
}

cam="/dev/cam | process UC, kmap WB | 2999-12-31 | looked at, harmless"

# kills: what is accepted as an error, or not in the report, or not counted
accept_counts_and_shows() {
	system=$recorded
	accept_with "$cam"
	is 0 "^accepted ALIAS  frames 0x1fe400-0x1fe401 " &&
		is 0 "^ +accepted until 2999-12-31: looked at, harmless$" &&
		is 0 "^severity:   warning for 5 frames, accepted for 2 frames$" &&
		is 0 "^verdict: .*; 2 of these accepted$" &&
		[ ! -s "$work/err" ] || return 1
	accept_with "$cam" --json
	jq -e '[.conflicts[] | select(.severity == "accepted")] ==
		[.conflicts[] | select(.first_frame == 2089984)]
		and ([.conflicts[].accepted // empty | .until] == ["2999-12-31"])
		and .accepted_frames == 2 and .frames.alias.ram == 2' <"$work/out" >/dev/null || return 1
	accept_with "$cam" --fail-on warning && is 1 . || return 1
	on_system audit --accept "$top/examples/accepted.conf" && is 1 "^error   ALIAS"
}

# kills: a pattern that fits a part; a mapping that nobody listed, or of another
# type; a line past its day; the module's own memory; mappings that are not shown
accept_is_exact() {
	local line
	system=$recorded
	for line in "/dev/c | process UC, kmap WB" "/dev/camera | process UC, kmap WB" \
		"/dev/cam | process UC" "/dev/cam | process UC, kmap UC" \
		"/dev/cam | process WC, kmap WB" "* | kmap WB"; do
		accept_with "$line | 2999-12-31 | why" && is 1 "^error   ALIAS" || return 1
	done
	for line in "*" "/dev/*" "*cam" "/d*v/c*m"; do
		accept_with "$line | kmap WB, process UC | 2999-12-31 | why" &&
			is 0 "^accepted ALIAS" || return 1
	done
	accept_with "/dev/cam | process UC, kmap WB | 2020-02-29 | why" && is 1 "^error   ALIAS" &&
		grep -q 'accepted, line 3: was accepted until 2020-02-29, and is an error again: why' \
			"$work/err" || return 1
	new_system
	sed -i 's/^\(conflict grade=alias kind=ram .*\)more=0/\1more=1/' \
		"$system/sys/kernel/debug/noalias/audit"
	accept_with "$cam" && is 1 "^error   ALIAS" || return 1
	new_system
	sed -i 's/^conflict grade=alias kind=ram/conflict grade=alias kind=ours/
		s/^frames grade=alias ours=0 ram=2/frames grade=alias ours=2 ram=0/' \
		"$system/sys/kernel/debug/noalias/audit"
	accept_with "$cam" && is 1 "^error   ALIAS"
}

# kills: a bad line that is passed over; a message that does not say where
accept_refuses_bad_lines() {
	local line words
	system=$recorded
	while IFS=% read -r line words; do
		accept_with "$line" && says 2 "accepted.*line 3.*$words" &&
			[ ! -s "$work/out" ] || return 1
	done <<-'END'
	/dev/cam%a line has a maker, mappings, a day and a reason
	/dev/cam | kmap WB | 2999-12-31%a line has a maker
	/dev/cam | kmap WB | 2999-12-31 |%a line has a maker
	 | kmap WB | 2999-12-31 | why%a line has a maker
	/dev/cam | pool WB | 2999-12-31 | why%'pool' is not a kind of mapping: direct, kmap
	/dev/cam | ledger WB | 2999-12-31 | why%'ledger' is not a kind
	/dev/cam | kmap | 2999-12-31 | why%'' is not a type: WB
	/dev/cam | kmap UC- | 2999-12-31 | why%'UC-' is not a type
	/dev/cam | kmap WB, | 2999-12-31 | why%'' is not a kind
	/dev/cam | kmap WB | 2999-02-29 | why%'2999-02-29' is not a day
	/dev/cam | kmap WB | 2999-1-1 | why%'2999-1-1' is not a day
	/dev/cam | kmap WB | never | why%'never' is not a day
	END
	accept_with "$(printf '%0100d' 0) | kmap WB | 2999-12-31 | why" &&
		says 2 "longer than 95 characters" || return 1
	accept_with "a | kmap WB | 2999-12-31 | $(printf '%0300d' 0)" &&
		says 2 "longer than 255 characters" || return 1
	accept_with "$(for _ in $(seq 257); do echo "$cam"; done)" &&
		says 2 "more than 256 lines" || return 1
	on_system audit --accept /no/such && says 2 "/no/such: No such file" || return 1
	printf '%s' "$cam" >"$work/accepted"
	on_system audit --accept "$work/accepted" && says 2 "accepted"
}

accept_cases=(accept_counts_and_shows accept_is_exact accept_refuses_bad_lines)
