# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias audit; sourced by tests/cli/run.

# kills: severities mixed up; errors that do not come first
audit_sorts_by_severity() {
	system=$recorded
	on_system audit
	is 1 "^warning MIXED  frame 0x493e0" || return 1
	edited_audit '(.conflicts[] | select(.grade == "mixed")) |= (.kind = "device" |
		.severity = "note") | .frames.mixed = {"device": 1}' || return 1
	is 1 "^error   ALIAS  frames 0x1fe400-0x1fe401" &&
		is 1 "^note    MIXED  frame 0x493e0" &&
		is 1 "^warning ALIAS  frames 0xe0000-0xe0003" &&
		is 1 "^severity:   error for 2 frames, warning for 4 frames, note for 1 frame" &&
		[ "$(grep -nE '^(error|warning|note) ' "$work/out" | sort -n |
			cut -d: -f2 | cut -d' ' -f1 | tr '\n' ' ')" = "error warning note " ]
}

# kills: a device's difference as an error, or as nothing
audit_judges_device_as_told() {
	new_system
	sed -i '/ kind=ram /,/^party space=[vk]/d; s/group=2/group=0/; s/ram=[0-9]*/ram=0/
		s/conflicts=3/conflicts=1/' "$system/sys/kernel/debug/noalias/audit"
	on_system audit && is 0 "^severity:   warning for 4 frames" &&
		on_system audit --fail-on error && is 0 "warning" &&
		on_system audit --fail-on warning && is 1 "warning" || return 1
	on_system audit --quiet && [ "$status" = 0 ] && [ ! -s "$work/out" ]
}

# kills: commands of a terminal that a process has as its name
audit_prints_no_escapes() {
	system=$recorded
	on_system audit
	! grep -q "$escape" "$work/out" && grep -qF 'cam\x1b[31mera' "$work/out"
}

# kills: JSON that no reader takes; numbers that --pid leaves as they were
audit_json_is_json() {
	system=$recorded
	on_system audit --json
	jq -e '.conflicts | map(.severity) == ["warning", "error", "warning"]' <"$work/out" >/dev/null || return 1
	on_system audit --json --pid 214
	jq -e '.pid == 214 and .frames.alias.device == 0 and .frames.alias.ram == 2
		and (.conflicts | length == 2)' <"$work/out" >/dev/null
}

# kills: an audit that changes when it is saved and read
audit_from_file() {
	system=$recorded
	on_system audit --json
	cp "$work/out" "$work/saved"
	run audit --json --from "$work/saved"
	[ "$status" = 1 ] && cmp "$work/out" "$work/saved" || return 1
	run audit --from /no/such/file && says 2 "/no/such/file" || return 1
	echo '{"noalias_audit":2}' >"$work/saved"
	run audit --from "$work/saved" && says 2 "another version" || return 1
	echo '{"noalias_audit":1' >"$work/saved"
	run audit --from "$work/saved" && says 2 "ends too early"
}

# edited_audit FILTER [OPTION...]: the saved audit after jq has been at it, read back
edited_audit() {
	jq "$1" "$saved" >"$work/saved" &&
		run audit --from "$work/saved" "${@:2}"
}

# kills: an audit that has lost a part read as a clean one
audit_from_needs_all_parts() {
	local part
	edited_audit . && [ "$status" = 1 ] || return 1
	for part in noalias_audit conflicts frames seen cut; do
		edited_audit "del(.$part)" && says 2 "no member \"$part\"" &&
			[ ! -s "$work/out" ] || return 1
	done
	sed 's/^"frames":.*/&\n&/' "$saved" >"$work/saved"
	run audit --from "$work/saved" && says 2 "twice"
}

# kills: a counter, a grade or a list believed although another part says no
audit_from_contradiction() {
	edited_audit '.frames.alias.ram = 0' && says 2 "counts other frames" &&
		edited_audit '.frames.mixed.ours = 1' && says 2 "counts other frames" &&
		edited_audit '.conflicts |= .[1:]' && says 2 "counts other frames" &&
		edited_audit '.conflicts[1].grade = "mixed"' && says 2 "grade" &&
		edited_audit '.conflicts[1].parties[1].type = "UC"' && says 2 "grade" &&
		edited_audit '.conflicts[1].parties |= .[:1]' && says 2 "fewer than two" &&
		edited_audit '.conflicts[1].nr_frames = 0' && says 2 "no frames" &&
		edited_audit '.conflicts[0].first_frame = 2089985' && says 2 "one frame" &&
		edited_audit '.conflicts[].group = 7' && says 2 "one group" &&
		edited_audit '.missed = [{"space":"kernel","cut":["owners"]}]' && says 2 "\"cut\" is empty" &&
		edited_audit '.lost = ["a table"]' && says 2 "\"lost\" lists what was not read" &&
		edited_audit '.seen.walks = 0' && says 2 "nothing was read" &&
		edited_audit '.seen = {} | .conflicts = [] | .frames = {}' && says 2 "nothing was read"
}

# --- the module's records ---------------------------------------------------------

# for sed: an audit without its conflicts
found_nothing='/^conflict/d; /^party/d; s/\(ours\|ram\|device\)=[0-9]*/\1=0/g; s/conflicts=3/conflicts=0/'

# edited_records SCRIPT: the recorded audit after sed has been at it, as the module's
edited_records() {
	new_system
	sed -i "$1" "$system/sys/kernel/debug/noalias/audit"
	on_system audit
}

# kills: an audit of the module that is cut off anywhere, or somebody else's file,
# read as a clean one
audit_records_must_be_whole() {
	local lines nr
	edited_records "$found_nothing; s/verdict=found/verdict=clean/" && is 0 "^verdict:    clean" || return 1
	lines=$(wc -l <"$system/sys/kernel/debug/noalias/audit")
	for nr in $(seq 1 "$lines"); do
		edited_records "$found_nothing; s/verdict=found/verdict=clean/
			$((14 - lines + nr)),\$d" && says 2 "noalias/audit: line " || return 1
	done
	new_system
	for nr in $(seq 1 14); do
		edited_records "${nr}d" && says 2 "noalias/audit: line " || return 1
	done
	printf 'audit version=2' >"$system/sys/kernel/debug/noalias/audit"
	on_system audit && says 2 "the line has no newline; the file was truncated" || return 1
	: >"$system/sys/kernel/debug/noalias/audit"
	on_system audit && says 2 "line 1: it is not an audit" || return 1
	cp "$saved" "$system/sys/kernel/debug/noalias/audit"
	on_system audit && says 2 "line 1: " &&
		edited_records 's/version=2/version=3/' && says 2 "line 1: it is an audit of another version" &&
		edited_records '$a seen walks=1' && says 2 "something follows the end" &&
		edited_records '/^seen/p' && says 2 "seen is there twice"
}

# kills: a counter, a grade or a verdict believed although another record says no
audit_records_contradict() {
	edited_records 's/conflicts=3/conflicts=2/' && says 2 "line 14: .*counts other conflicts" &&
		edited_records 's/verdict=found/verdict=clean/' && says 2 "the verdict is 'clean', but .* 'found'" &&
		edited_records "$found_nothing" && says 2 "the verdict is 'found', but .* 'clean'" &&
		edited_records "$found_nothing; s/cut=none/cut=unseen/; s/found/clean/" && says 2 "'incomplete'" &&
		edited_records 's/ram=2/ram=3/' && says 2 "counts other frames" &&
		edited_records '5s/alias/mixed/' && says 2 "grade" &&
		edited_records '5s/nr=2/nr=0/' && says 2 "no frames" &&
		edited_records '5s/parties=2/parties=3/' && says 2 "line 8: the conflict before it lacks 1 parties" &&
		edited_records '5s/parties=2/parties=1/' && says 2 "fewer than two" &&
		edited_records '2s/first=0x493e0/first=0x1fe401/' && says 2 "one frame" &&
		edited_records 's/group=./group=7/' && says 2 "one group" &&
		edited_records 's/^end/missed space=kernel cut=owners\n&/' && says 2 "\"cut\" is empty" &&
		edited_records 's/walks=2/walks=0/' && says 2 "nothing was read"
}

# kills: a newer module that is refused for what it says besides
audit_records_may_say_more() {
	edited_records 's/^party.*/& colour=blue/; s/^seen/weather sun=1\n&/' && is 1 "^error   ALIAS"
}

# kills: --ours that lists others' conflicts, or fails for them
audit_ours_is_about_ours() {
	new_system
	on_system audit --ours --fail-on note && is 0 "^severity: " &&
		! grep -qE '^(error|warning|note) ' "$work/out" || return 1
	# The alias is one of ours, the others stay.
	sed -i '5s/kind=ram/kind=ours/; s/^frames grade=alias ours=0 ram=2/frames grade=alias ours=2 ram=0/' \
		"$system/sys/kernel/debug/noalias/audit"
	on_system audit --ours &&
		is 1 '^error   ALIAS  frames 0x1fe400-0x1fe401' &&
		[ "$(grep -cE '^(error|warning|note) ' "$work/out")" = 1 ] &&
		is 1 '^severity: +error for 2 frames$' || return 1
	on_system audit --ours --json &&
		jq -e '.ours_only and (.conflicts | length) == 1 and .frames.mixed.ram == 0 and
			.frames.alias.device == 0' <"$work/out" >/dev/null
}

# kills: "clean" of memory that nobody knew to be held by noalias
audit_ours_needs_the_ledger() {
	run audit --ours && says 2 "the module is not loaded" || return 1
	run audit --ours --quiet && [ "$status" = 2 ] || return 1
	edited_audit '.source.kind = "kcore"' --ours && says 2 "--ours is about the module's ledger"
}

# kills: a saved audit that forgets what it was about and what was lost
audit_from_keeps_the_source() {
	system=$recorded
	on_system audit --json
	jq -c '.source = {"kind": "image", "file": "/x/y", "format": "LiME", "kernel": "6.1.0", "arch": "x86-64"}
		| .confirmed = false | .assumed = ["this"] | .lost = ["that", "more"] | .lost_more = 3
		| .cut = ["unseen"] | .missed = [{"space": "kernel", "cut": ["unseen"]}]' \
		<"$work/out" >"$work/saved"
	run audit --json --from "$work/saved"
	jq -e '.source == {"kind": "image", "file": "/x/y", "format": "LiME", "kernel": "6.1.0", "arch": "x86-64"}
		and .confirmed == false and .assumed == ["this"] and .lost == ["that", "more"]
		and .lost_more == 3 and .assumed_more == 0' \
		<"$work/out" >/dev/null || return 1
	run audit --from "$work/saved"
	is 1 "^source:     /x/y \(LiME\), kernel 6.1.0, x86-64; written while the machine ran" &&
		is 1 "^lost:       that" && is 1 "^lost:       and 3 more" && is 1 "unconfirmed: the mappings may never have existed together"
}

# kills: audit-forgets-its-kernel; a build id from another note
audit_names_its_kernel() {
	local len
	new_system
	# Two notes: Xen's, and the build id of 4 bytes.
	printf '\4\0\0\0\4\0\0\0\3\0\0\0Xen\0\x12\x34\x56\x78' >"$system/sys/kernel/notes"
	printf '\4\0\0\0\4\0\0\0\3\0\0\0GNU\0\x00\xff\xa0\x01' >>"$system/sys/kernel/notes"
	on_system audit --json
	jq -e '.source == {"kind": "module", "kernel": "6.1.0-50-686-pae", "build_id": "00ffa001"}' <"$work/out" >/dev/null || return 1
	cp "$work/out" "$work/saved"
	run audit --json --from "$work/saved" && cmp "$work/out" "$work/saved" || return 1
	# Cut off anywhere it is not known.
	for len in 7 20 35 39; do
		head -c $len "$system/sys/kernel/notes" >"$work/notes"
		cp "$work/notes" "$system/sys/kernel/notes.cut"
		mv "$system/sys/kernel/notes.cut" "$system/sys/kernel/notes"
		on_system audit --json
		jq -e '.source | has("build_id") | not' <"$work/out" >/dev/null || return 1
	done
}

# maker_of FILTER: of the saved audit's first conflict, after jq has been at it
maker_of() {
	jq "$1" "$saved" >"$work/saved" && run audit --json --from "$work/saved" &&
		jq -r '.conflicts[0].maker' <"$work/out"
}

# kills: audit-maker-is-the-process; a conflict that is nobody's
audit_names_who_made_it() {
	local two=".conflicts[0].parties[] |= (.space = \"vmalloc\" | del(.pid)) | .conflicts[0].parties"
	[ "$(maker_of "$two[0].name = \"vmalloc: attach [driver]\"")" = driver ] &&
		[ "$(maker_of "$two[1].name = \"vmalloc: attach\"")" = attach ] &&
		[ "$(maker_of "$two[0] |= (.space = \"process\" | .pid = 7 | .name = \"/dev/cam\")
			| .conflicts[0].parties[1].name = \"vmalloc: x [y]\"")" = y ] &&
		[ "$(maker_of "$two[1] |= (.space = \"process\" | .pid = 7 | .name = \"/dev/cam\")")" = /dev/cam ] &&
		[ "$(maker_of "$two[1] |= (.space = \"process\" | .pid = 7 | .name = \"/usr/x\")")" = process ] &&
		[ "$(maker_of "$two[0] |= (.space = \"direct\" | .name = \"direct map\")
			| .conflicts[0].parties[1] |= (.space = \"kernel\" | .name = \"CPU entry area\")")" = "CPU entry area" ]
}

# kills: --pid that looks at the first mapping of a conflict only, or at the
# numbers below
audit_pid_is_any_mapping() {
	new_system
	new_process 300 300
	new_process 301 301
	on_system audit --pid 301 --fail-on note && is 1 '^warning ALIAS  frames 0xe0000' || return 1
	on_system audit --pid 300 --fail-on note && is 0 'clean, no frame of process 300' || return 1
	# The kernel's mapping first.
	sed -i '9{h;d}; 10{G}' "$system/sys/kernel/debug/noalias/audit"
	on_system audit --pid 301 --fail-on note && is 1 '^warning ALIAS  frames 0xe0000'
}

# kills: an audit of one process that is read back as one of all
audit_from_keeps_pid() {
	edited_audit '.pid = 4000 | .conflicts = [] | .frames = {}' &&
		is 0 "clean, no frame of process 4000 is mapped" || return 1
	run audit --from "$work/saved" --pid 4001
	says 2 "about process 4000 only"
}

# new_process PID TGID: in the bent system
new_process() {
	mkdir -p "$system/proc/$1"
	printf 'Name:\tTgid:\nTgid:\t%s\nPid:\t%s\n' "$2" "$1" >"$system/proc/$1/status"
}

# kills: "clean" of a process that does not exist, or of a thread: conflicts are
# those of its process
audit_pid_must_be_a_process() {
	new_system
	on_system audit --pid 4000
	says 2 "--pid is '4000': there is no such process" || return 1
	on_system audit --json --quiet --pid 4000 && says 2 "no such process" || return 1
	new_process 215 214
	on_system audit --pid 215 && says 2 "--pid is '215': a thread of process 214" || return 1
	new_process 4000 4000
	on_system audit --pid 4000 && is 0 "clean, no frame of process 4000" &&
		on_system audit --pid 214 && is 1 "aliased" || return 1
	echo "Name:	cut" >"$system/proc/4000/status"
	on_system audit --pid 4000 && says 2 "its status has no Tgid"
}

# kills: "clean" of a process that has ended before it could be looked at
audit_pid_ends_meanwhile() {
	local records pid
	new_system
	new_process 4000 4000
	records=$system/sys/kernel/debug/noalias/audit
	mv "$records" "$work/saved"
	mkfifo "$records"
	"$noalias" audit --sysroot "$system" --pid 4000 >"$work/out" 2>"$work/err" &
	pid=$!
	# Written only when somebody has opened it, which is after the first look.
	{
		rm "$system/proc/4000/status"
		cat "$work/saved"
	} >"$records"
	status=0
	wait $pid || status=$?
	says 2 "no such process"
}

# kills: a saved audit that knows nothing of a process, as one that saw it clean
audit_from_knows_the_process_or_says_so() {
	run audit --pid 4000 --from "$saved"
	says 2 "does not show whether process 4000 existed" || return 1
	edited_audit '.cut = ["unseen"] | .missed = [
		{"space":"process","pid":4000,"comm":"x","cut":["unseen"]}]' || [ "$status" = 1 ] || return 1
	run audit --pid 4000 --from "$work/saved"
	[ "$status" = 2 ] && grep -q "nothing found, but incomplete" "$work/out"
}

# kills: an incomplete audit called clean, or complete where it found something
audit_incomplete_fails() {
	edited_audit '.cut = ["conflicts"] | .frames.alias.ram = 9' &&
		is 1 "aliased.*, and incomplete" || return 1
	edited_audit '.cut = ["unseen"] | .conflicts = [] | .frames = {} | .missed = [
		{"space":"process","pid":214,"comm":"cam\u001b","cut":["unseen"]}]' &&
		[ "$status" = 2 ] && grep -qF 'process 214 (cam\x1b) (unseen)' "$work/out" &&
		grep -q 'nothing found, but incomplete' "$work/out" &&
		grep -q 'incomplete' "$work/err"
}

# kills: reserved memory as a note, or as less than other memory
audit_judges_reserved_as_memory() {
	edited_audit '(.conflicts[] | select(.kind == "device")).kind = "reserved"
		| .frames.alias.device = 0 | .frames.alias.reserved = 4' &&
		is 1 "^error   ALIAS  frames 0xe0000-0xe0003  \\(4 frames, reserved memory\\)" &&
		is 1 "^severity:   error for 6 frames, warning for 1 frame$"
}

# kills: a block for each place of one buffer, or the places not said
audit_groups() {
	edited_audit '.conflicts[1].group = 1 | .conflicts[0].group = 0 | .conflicts[2].group = 2
		| .conflicts += [.conflicts[1] | .first_frame = 2090000 | .nr_frames = 1]
		| .frames.alias.ram = 3' &&
		is 1 "^error   ALIAS  3 frames in 2 places  \\(system memory\\)" &&
		is 1 "^       frames 0x1fe400-0x1fe401  at b7f12000, slots 1-2" &&
		is 1 "^       frame 0x1fe410  at " && [ "$(grep -c ALIAS "$work/out")" = 2 ] || return 1
	run audit --json --pid 214 --from "$work/saved" &&
		[ "$(jq -c '[.conflicts[].group]' "$work/out")" = "[0,1,1]" ]
}

# kills: control characters above 0x7f, which do what escape does, and bytes that
# are no character
names_with_c1_are_plain() {
	run $'ma\xc2\x9b31mp\x9b' && says 2 'ma.xc2.x9b31mp.x9b' || return 1
	run $'m\xc3\xbcp' && says 2 $'m\xc3\xbcp' || return 1
	edited_audit '.conflicts[1].parties[0].comm = "cam\u009b31m"' && [ "$status" = 1 ] || return 1
	run audit --json --from "$work/saved"
	[ "$status" = 1 ] && ! grep -q $'\x9b' "$work/out" && grep -qF '"cam\u009b31m"' "$work/out" || return 1
	new_system
	sed -i $'s/ camera / cam\xc2\x9b31m\x9b /' "$system/sys/kernel/debug/noalias/buffers"
	on_system list --buffers
	is 0 'cam\?\?31m\? ' && ! grep -q $'\x9b' "$work/out" || return 1
	on_system list --buffers --json
	is 0 'cam.u009b31m.ufffd' && ! grep -q $'\x9b' "$work/out"
}
