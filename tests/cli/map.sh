# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias map; sourced by tests/cli/run.

# kills: a cell at the wrong address, a letter for the wrong kind
map_draws_what_is_there() {
	system=$recorded
	on_system map --width 64
	is 1 '^ +0x0 \.l\.{62}$' &&
		is 1 '^ +0x30000000 \.{28}:{36}$' &&
		is 1 '^ +0x40000000 :{36}~o:{26}$' &&
		is 1 '^ +0x60000000 :{6}k:{57}$' &&
		is 1 '^ +0x70000000 :{63}u$' &&
		is 1 '^ +\(2 GiB without memory\)$' &&
		is 1 '^ +0x1c0000000 :{63}U$' &&
		is 1 '^ +0x1d0000000 UUUu:{60}$' &&
		is 1 '^ +0x1e0000000 :{32}WWw:{29}$' &&
		is 1 '^ +0x1f0000000 :{57}!:{6}$'
}

# kills: frames counted twice: seen uncached because we made them so
map_counts_each_once() {
	system=$recorded
	on_system map --json
	[ "$status" = 1 ] && jq -e '.frames == {alias: 2, quarantined: 0, mixed: 1,
		claimed: 0, uc: 4096, wc: 2048, lent: 16, pool: 0, other: 512,
		kmap: 68, high: 1347554, low: 225180}
		and .has_audit and .has_frames and .frames_per_cell == 1024' \
		<"$work/out" >/dev/null
}

# kills: cells whose frames do not sum up, whatever their size
map_sums_agree() {
	local block
	system=$recorded
	for block in 64K 1M 256M; do
		on_system map --json --block $block
		jq -e '([.cells[].frames.uc // 0] | add) == 4096
			and ([.cells[].frames.alias // 0] | add) == 2
			and ([.cells[].frames.kmap // 0] | add) == 68' \
			<"$work/out" >/dev/null || return 1
	done
}

# kills: a picture that is not one; colours, legend or numbers missing in it
map_svg_is_a_picture() {
	system=$recorded
	on_system map --svg "$work/map.svg"
	[ "$status" = 1 ] && [ ! -s "$work/out" ] &&
		python3 -c 'import sys, xml.dom.minidom
svg = xml.dom.minidom.parse(sys.argv[1]).documentElement
rects = svg.getElementsByTagName("rect")
assert len(rects) > 6000, len(rects)
assert sum(r.getAttribute("fill") == "#d7191c" for r in rects) == 2
height, width = float(svg.getAttribute("height")), float(svg.getAttribute("width"))
for r in rects[1:]:
    assert float(r.getAttribute("x")) + float(r.getAttribute("width")) <= width
    assert float(r.getAttribute("y")) + float(r.getAttribute("height")) <= height
' "$work/map.svg" 2>"$work/err" || return 1
	on_system map --svg /no/such/dir/x.svg && says 2 "/no/such/dir/x.svg" &&
		on_system map --svg x --json && says 2 "choose one"
}

# kills: a range that is drawn from somewhere else, or not to its last byte; too
# many cells
map_range() {
	system=$recorded
	on_system map --json --block 4K --width 8 --range 0x1fe3f8000-0x1fe400001
	jq -e '[.cells[] | select(.kind == "alias")] | length > 0' <"$work/out" >/dev/null || return 1
	on_system map --block 4K --range 0x7fee1000-0x7fee2000 --width 16
	is 1 '^ +0x7fee0000 U{16}$' || return 1
	cp "$work/out" "$work/whole"
	# The same frame: by its last byte, by a length.
	on_system map --block 4K --range 0x7fee1000-0x7fee1fff --width 16 && cmp "$work/out" "$work/whole" &&
		on_system map --block 4K --range 0x7fee1000+4K --width 16 && cmp "$work/out" "$work/whole" || return 1
	on_system map --range 100G-101G && says 2 "memory ends at 0x200000000" &&
		on_system map --block 4K && says 2 "--block is 4 KiB: that makes 2097152 cells"
}

# kills: runs with a gap between them united; one within another that ends it
map_runs_stay_apart() {
	new_system
	printf '%s\n' 'noalias_frames 1' 'total 1000' 'ram 0 1000 low' 'held 10 1 UC buffer' \
		'held 12 1 UC buffer' 'held 20 8 WC buffer' 'held 22 1 WC buffer' \
		>"$system/sys/kernel/debug/noalias/frames"
	on_system map --no-audit --json
	is 0 . && jq -e '.frames.uc == 2 and .frames.wc == 8' <"$work/out" >/dev/null
}

# kills: an address that --range takes for another one, or does not take
map_labels_go_into_range() {
	local labels width block
	system=$recorded
	for width in 8 16; do
		for block in 4M 16M; do
			on_system map --width $width --block $block
			cp "$work/out" "$work/whole"
			mapfile -t labels < <(awk '/^ +0x/ { print $1 }' "$work/whole")
			[ ${#labels[@]} -gt 5 ] || return 1
			on_system map --width $width --block $block --range "${labels[1]}-${labels[4]}"
			# The three rows between them, as they were.
			grep -E '^ +0x' "$work/out" >"$work/rows"
			cmp "$work/rows" <(grep -E '^ +0x' "$work/whole" | sed -n 2,4p) || return 1
		done
	done
}

# kills: a map that shows no conflict because nobody has looked
map_says_that_it_has_not_looked() {
	local audit
	new_system
	audit=$system/sys/kernel/debug/noalias/audit
	rm "$audit"
	on_system map
	is 2 "^not drawn: conflicts, there was no audit$" &&
		grep -q "the map shows no conflicts" "$work/err" || return 1
	on_system map --json
	[ "$status" = 2 ] && jq -e '.has_audit == false' <"$work/out" >/dev/null || return 1
	on_system map --no-audit
	is 0 "^not drawn: conflicts" && [ ! -s "$work/err" ] || return 1
	echo 'audit version=2' >"$audit"
	on_system map
	says 2 "$audit: line 1: it ends too early"
}

# kills: an audit that had no room, drawn as one that found nothing
map_says_that_the_audit_is_cut() {
	local audit
	new_system
	audit=$system/sys/kernel/debug/noalias/audit
	sed -i 's/cut=none/cut=conflicts/' "$audit"
	grep -q 'cut=conflicts' "$audit" || return 1
	on_system map
	[ "$status" = 1 ] && grep -q "audit is incomplete" "$work/err" || return 1
	sed -i "$found_nothing; s/verdict=found/verdict=incomplete/" "$audit"
	on_system map
	[ "$status" = 2 ] && grep -q "audit is incomplete" "$work/err"
}

# kills: rows wider than the terminal
map_fits_the_terminal() {
	local columns widest
	for columns in 40 80 132 200; do
		widest=$(COLUMNS=$columns "$noalias" map --sysroot "$recorded" |
			sed -n '3,/^$/p' | awk '{ if (length > n) n = length } END { print n }')
		[ "$widest" -le $columns ] && [ "$widest" -gt $((columns / 3)) ] || return 1
	done
}

# kills: a picture without buffers that does not say so
map_without_frames() {
	new_system
	rm "$system/sys/kernel/debug/noalias/frames"
	on_system map --json
	[ "$status" = 1 ] && grep -q "buffers are not drawn" "$work/err" &&
		jq -e '.has_frames == false and .frames.high == 1347554
			and .frames.low == 225180' <"$work/out" >/dev/null || return 1
	# What anybody but root sees.
	sed -i 's/^[0-9a-f]*-[0-9a-f]*/00000000-00000000/' "$system/proc/iomem"
	on_system map && [ "$status" = 2 ] && grep -q "only root may read it" "$work/err"
}
