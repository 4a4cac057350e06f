# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of lists of mappings, noalias audit --range and --type; sourced by
# tests/cli/run. tests/cli/image.c says what the image has.

# list OPTION...: of the made-up machine
list() {
	[ -e "$work/image" ] || {
		make -s -C "$top/tests/cli" OUT="$top/build/cli-fuzz" \
			"$top/build/cli-fuzz/image" &&
			"$top/build/cli-fuzz/image" "$work/image"
	} >"$work/err" 2>&1 || return 1
	run audit --dump "$work/image" "$@"
}

bar=0xfd000000-0xfd00ffff

# kills: list-of-the-first-mapping; a mapping that is not listed, or not as the image
# has it
range_lists_all_mappings() {
	list --range $bar
	is 0 "^range:      $bar, 16 frames$" &&
		is 0 "^PAT:        0 WB, 1 WC, 2 UC-, 3 UC, 4 WB, 5 WP, 6 UC-, 7 WT \(read\)$" &&
		is 0 "^MTRR:       default WB, enabled \(read\)$" &&
		is 0 "^MTRR:       variable 0xf0000000-0xffffffff UC$" &&
		is 0 "^listed:     3 mappings of 16 frames$" &&
		is 0 "^$bar  WC   entry WC   MTRR UC    07000000-07010000  process 214 \(camera\) .*  MIXED for 1 frame$" &&
		is 0 "^0xfd003000-0xfd003fff  UC-  entry UC-  MTRR UC    09000000-09001000  process 301 \(view\) .*  MIXED$" &&
		is 0 "^0xfd008000-0xfd00ffff  WC   entry WC   MTRR UC    ffffc90000010000-ffffc90000018000  vmalloc: attach$" &&
		is 0 "^verdict:    1 frame mixed" || return 1
	list --range 0xfd004000+0x1000
	is 0 "^listed:     1 mapping of 1 frame$" && is 0 "^verdict:    clean, no frame of the range" &&
		is 0 "^0xfd004000-0xfd004fff  WC .* 07004000-07005000  process 214" || return 1
	list --range 0xfe000000+1M
	is 0 "^listed:     0 mappings of 0 frames$"
}

# kills: list-pid-keeps-others, list-type-keeps-others; a mark that goes with the
# other mapping
range_selects_by_type_and_pid() {
	list --range $bar --type UC
	is 0 "^range: .*; mappings that are UC$" && is 0 "^listed:     1 mapping of 1 frame$" &&
		is 0 "^0xfd003000-.* process 301 .*MIXED$" || return 1
	list --range $bar --type UC- && is 0 "mappings whose entry is UC-$" && is 0 "^listed:     1 mapping of" &&
		is 0 "^0xfd003000" || return 1
	list --range $bar --type WB && is 0 "^listed:     0 mappings" || return 1
	list --range $bar --pid 214 && is 0 "^listed:     1 mapping of 16 frames$" && is 0 "process 214 " || return 1
	list --range $bar --pid 301 --type WC && is 0 "^listed:     0 mappings" || return 1
	list --type WC && is 0 "^range:      all addresses; mappings that are WC$" && is 0 "^listed:     2 mappings of 16 frames$" || return 1
	list --range $bar --pid 4000
	says 2 "--pid is '4000': .* has no such process"
}

# kills: list-marks-whole-mappings; conflicts of other frames in the report of a
# range
range_judges_its_frames_alone() {
	list && "$top/build/cli-fuzz/image" "$work/aliased" alias &&
		run audit --dump "$work/aliased" && is 1 "^error   ALIAS  frame" &&
		run audit --dump "$work/aliased" --range $bar && is 0 "^severity:   note for 1 frame$" &&
		run audit --dump "$work/aliased" --range 0-8M && is 1 "^severity:   error for 1 frame$" || return 1
	# The direct map is one mapping, of which one frame is in conflict.
	grep -qE "^0x0-0x.* WB .* direct map  ALIAS for 1 frame$" "$work/out"
}

# kills: JSON that lacks what the text has, or is none
range_json_has_all() {
	list --range $bar --json
	[ "$status" = 0 ] && jq -e '
		.source.build_id == "00112233445566778899aabbccddeeff00112233" and .conflicts[0].maker == "process" and
		.range == {"start": "0xfd000000", "end": "0xfd010000"}
		and .registers.pat == {"from": "read", "types": ["WB","WC","UC-","UC","WB","WP","UC-","WT"]}
		and .registers.mtrrs.from == "read" and .registers.mtrrs.enabled
		and .registers.mtrrs.default == "WB"
		and (.registers.mtrrs.ranges | length) == 1
		and (.registers.mtrrs.ranges[0] | .start == "0xf0000000" and .end == "0x000100000000" and .type == "UC")
		and (.mappings | length) == 3
		and (.mappings[1] | .space == "process" and .pid == 301 and .comm == "view" and .type == "UC"
			and .entry == "UC-" and .mtrr == "UC" and .first_frame == 1036291 and .nr_frames == 1
			and .va == "0x09000000" and .va_end == "0x09001000" and .conflict == "mixed" and .conflict_frames == 1)
		and (.mappings[2] | .space == "vmalloc" and .name == "vmalloc: attach" and .conflict == "none")' \
		<"$work/out" >/dev/null || return 1
	list --range $bar --type WC --json
	jq -e '.range.type == "WC" and (.mappings | length) == 2' <"$work/out" >/dev/null || return 1
	list --json && jq -e 'has("range") or has("mappings") or has("registers") | not' <"$work/out" >/dev/null
}

# kills: list-saved-forgets-its-type; a saved list that is read as an audit of all
range_from_file_is_the_same() {
	local option
	for option in "--range $bar" "--range $bar --type UC-" "--range 0-1M" "--type WC --pid 214"; do
		# shellcheck disable=SC2086
		list $option --json && cp "$work/out" "$work/saved" &&
			run audit --from "$work/saved" --json && cmp "$work/out" "$work/saved" || return 1
		# shellcheck disable=SC2086
		list $option && cp "$work/out" "$work/text" && run audit --from "$work/saved" &&
			diff <(grep -v ^seen: "$work/text") <(grep -v ^seen: "$work/out") >/dev/null || return 1
	done
}

# edited_list FILTER: a saved list after jq has been at it, read back
edited_list() {
	list --range $bar --json && jq "$1" "$work/out" >"$work/saved" && run audit --from "$work/saved"
}

# kills: a list believed although a part of it says no
range_from_contradiction() {
	edited_list . && [ "$status" = 0 ] || return 1
	edited_list '.mappings[0].nr_frames = 0' && says 2 "is not within \"range\"" &&
		edited_list '.mappings[0].first_frame = 1' && says 2 "is not within \"range\"" &&
		edited_list '.mappings[2].nr_frames = 9' && says 2 "is not within \"range\"" &&
		edited_list 'del(.range)' && says 2 "without a \"range\"" &&
		edited_list '.range.end = "0xfd000000"' && says 2 "\"range\" is empty" &&
		edited_list '.range.start = "0xfd000001"' && says 2 "not that of a frame" &&
		edited_list '.mappings[1].conflict = "none"' && says 2 "contradicts its \"conflict_frames\"" &&
		edited_list '.mappings[2] |= (.conflict = "alias" | .conflict_frames = 1)' && says 2 "not of one mind" &&
		edited_list '.conflicts = [] | .frames = {}' && says 2 "not of one mind" &&
		edited_list '.mappings[0].type = "UC-"' && says 2 "UC- is not an effective type" &&
		edited_list '.mappings[0].mtrr = "WX"' && says 2 "a word is unknown" &&
		edited_list '.registers.pat.types |= .[1:]' && says 2 "fewer than 8 types" &&
		edited_list '.registers.pat.types += ["WB"]' && says 2 "more than 8 types" &&
		edited_list '.registers.mtrrs.ranges[0].end = "0x0"' && says 2 "ends before it begins" &&
		edited_list '.registers.mtrrs.ranges = [range(321) | {"start": "0x0", "end": "0x1000", "type": "UC"}]' &&
		says 2 "too many MTRRs, allowed: 320"
}

# kills: a list of the module's conflicts, of which it has no others; a field that
# is not named
range_says_what_it_cannot() {
	system=$recorded
	on_system audit --range $bar && says 2 "of which --sysroot has none" || return 1
	run audit --from "$saved" --range $bar && says 2 "--range and --type read page tables" &&
		run audit --type WB && says 2 "--type WB is nearly all memory: give a --range" &&
		run audit --type XX && says 2 "--type is 'XX', allowed: UC, UC-, WC, WT, WP, WB" &&
		run audit --range 5 && says 2 "--range is '5', allowed: two addresses and a -" &&
		run audit --range 8K-4K && says 2 "--range is '4K', allowed: 8193 to 4503599627370496 bytes" &&
		run audit --range 4503599627370496+1 && says 2 "allowed: 0 to 4503599627366400" &&
		list --range $bar --ours && says 2 "--ours is about the module's ledger"
}

# kills: a guess that is shown as if it had been read
range_says_what_is_assumed() {
	list --range $bar --pat 0x0007040600070406
	is 0 "^PAT:        0 WB, 1 WT, 2 UC-, 3 UC, 4 WB, 5 WT, 6 UC-, 7 UC \(given\)$" &&
		is 0 "^0xfd008000-.*  UC   entry WT   MTRR UC "
}

# --- pictures ------------------------------------------------------------------

# kills: map-type-of-another-mapping; a device that is not drawn because it is no
# memory
map_by_type_draws_a_device() {
	list --range 0xfcffc000-0xfd011fff --json && cp "$work/out" "$work/saved" || return 1
	run map --types --from "$work/saved" --width 64
	is 0 '^ +0xfcfc0000 {61}-{4}$' && is 0 '^ +0xfd000000 WWW~W{12}-- +$' &&
		is 0 '^  U  mapped UC +4 KiB$' && is 0 '^  W  mapped WC +64 KiB$' &&
		is 0 '^  -  .* 88 KiB$' && ! grep -q "not drawn" "$work/out" || return 1
	run map --types --from "$work/saved" --json
	is 0 . && jq -e '.by_type and .frames == {alias: 0, mixed: 1, type_wc: 16, type_uc: 1,
		type_wt: 0, type_wb: 0, range: 22}' <"$work/out" >/dev/null || return 1
	run map --types --from "$work/saved" --svg "$work/map.svg" && [ "$status" = 0 ] &&
		[ "$(grep -o 'fill="#1b9e8f"' "$work/map.svg" | wc -l)" = 16 ]
}

# kills: map-by-type-forgets-errors; a picture of an incomplete list that looks
# complete
map_by_type_judges_as_the_audit() {
	list && "$top/build/cli-fuzz/image" "$work/aliased" alias &&
		run audit --dump "$work/aliased" --range 0-8M --json && cp "$work/out" "$work/saved" &&
		run map --types --from "$work/saved" && is 1 '^ +0x400000 B*!B*$' || return 1
	list --range $bar --json && jq '.cut = ["sightings"]' "$work/out" >"$work/saved" &&
		run map --types --from "$work/saved" && [ "$status" = 2 ] &&
		grep -q "the list is incomplete" "$work/err"
}

# kills: a picture of nothing, or of something else, instead of an error
map_by_type_says_what_it_needs() {
	run map --types && says 2 "give one of them" &&
		run map --types --from "$saved" --range 0-1M && says 2 "give one of them" &&
		run map --from "$saved" && says 2 "goes with --types only" &&
		run map --types --range 0-1M --no-audit && says 2 "choose one of them" &&
		run map --types --from "$saved" && says 2 "lists no mappings: save one with audit --range A-B --json" || return 1
	system=$recorded
	on_system map --types --range 0-1M && says 2 "of which --sysroot has none"
}
