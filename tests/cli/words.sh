# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of completion and man pages; sourced by tests/cli/run.

# --- completion ---------------------------------------------------------------------------------------

# completes EXPECTED WORD...: the last word is being typed
completes() {
	local expected=$1
	shift
	PATH=$work:$PATH bash -c '
		. "$1"; shift
		COMP_WORDS=(noalias "$@") COMP_CWORD=$#
		_noalias
		printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' - "$top/cli/completion.bash" "$@" >"$work/out" 2>"$work/err"
	[ "$(cat "$work/out")" = "$expected" ] && [ ! -s "$work/err" ]
}

# kills: a command or an option that is not offered
completion_of_words() {
	completes "alloc audit" a &&
		completes "--version" --v &&
		completes "--size --sysroot" alloc --s && return 1
	completes "--size" alloc --s &&
		completes "--fail-on --from" audit --f &&
		completes "UC" alloc --type U &&
		completes "warning" audit --fail-on w &&
		completes "warning" audit --fail-on = w &&
		completes "kmap_purge" trace --event k &&
		completes "help" h &&
		completes "-V" -V &&
		completes "alloc audit" help a &&
		completes "" help audit a
}

# kills: heaps that are made up
completion_of_heaps() {
	printf '#!/bin/sh\n[ "$*" = "list --names" ] || exec %s "$@"\nprintf "system\\nsystem-uncached\\nvideo\\n"\n' \
		"$noalias" >"$work/noalias.list"
	chmod +x "$work/noalias.list"
	mv "$work/noalias" "$work/noalias.real"
	cp "$work/noalias.list" "$work/noalias"
	completes "system system-uncached" alloc --heap sys
	local result=$?
	mv "$work/noalias.real" "$work/noalias"
	return $result
}

# kills: names that the shell runs as commands, or expands
completion_of_hostile_heaps() {
	local result
	printf '%s\n' "vid\$(touch $work/run)" "vid\`touch $work/run\`" 'vid{a,b} $HOME' other >"$work/names"
	mv "$work/noalias" "$work/noalias.real"
	printf '#!/bin/sh\n[ "$*" = "list --names" ] || exec %s "$@"\ncat "%s/names"\n' \
		"$noalias" "$work" >"$work/noalias"
	chmod +x "$work/noalias"
	# They come quoted; completes takes the quotes away.
	completes "$(grep vid "$work/names" | sort | paste -sd' ')" alloc --heap vid
	result=$?
	mv "$work/noalias.real" "$work/noalias"
	[ $result = 0 ] && [ ! -e "$work/run" ]
}

# kills: a key that starts a program of the folder one is in
completion_runs_no_word_of_the_line() {
	printf '#!/bin/sh\ntouch "%s/run"\n' "$work" >"$work/stranger"
	chmod +x "$work/stranger"
	PATH=$work:$PATH bash -c '
		. "$1"
		COMP_WORDS=("$2" alloc --s) COMP_CWORD=2
		_noalias
		echo "${COMPREPLY[*]}"' - "$top/cli/completion.bash" "$work/stranger" >"$work/out" 2>"$work/err"
	[ "$(cat "$work/out")" = --size ] && [ ! -e "$work/run" ]
}

# kills: options of alloc that are offered to the command that it runs
completion_of_a_command() {
	completes "" alloc --size 8M -- true --s &&
		completes "$top/cli/noalias.c" alloc --size 8M cat "$top/cli/noalias.c"
}

# kills: an option that --help has and completion lacks, or the other way round
completion_agrees_with_help() {
	local command
	for command in "${commands[@]}"; do
		completes "$("$noalias" "$command" --help | grep -oE '^ {2,}(-., )?--[a-z-]+' |
			grep -oE -e '--[a-z-]+' | sort | xargs)" "$command" -- || return 1
	done
}

# kills: a value offered as an option, and an option where a value may be left out
completion_knows_who_takes_a_value() {
	completes "" audit --count -- && completes "" alloc --env "" &&
		completes "--ours" audit --watch --o && completes "note" audit --fail-on n
}

# --- man pages ------------------------------------------------------------------------------------------

# kills: an option that the manual forgot
man_has_each_option() {
	local command option
	for command in "${commands[@]}"; do
		[ -e "$top/man/noalias-$command.1" ] || return 1
		for option in $("$noalias" "$command" --help | grep -oE '^ {2,}(-., )?--[a-z-]+' |
			grep -oE -e '--[a-z-]+' | sort -u); do
			grep -qE -e "^\.It Fl (. , )?.*-${option#--}( |=|$)" "$top/man/noalias-$command.1" ||
				{ echo "$command $option" >"$work/out"; return 1; }
		done
	done
}

# kills: an example that loses its quotes on the way to the reader; one that is
# shown where nobody looks for it
man_examples_are_shown_as_written() {
	local shown written
	"$top/tests/cli/examples" | sort >"$work/shown"
	awk '/^\.Ed/ { here = 0 } here && sub(/^(# )?noalias /, "noalias ") { print }
		/^\.Bd -literal/ { here = 1 }' "$top"/man/noalias*.1 | sort >"$work/written"
	shown=$(wc -l <"$work/shown")
	written=$(grep -hcE '^(\.D[l1] |# )?noalias .' "$top"/man/noalias*.1 | paste -sd+ | bc)
	diff "$work/shown" "$work/written" >"$work/out" && [ "$shown" = "$written" ] &&
		[ "$shown" -gt 20 ]
}

# kills: an example that does not say what it promises
man_examples_with_jq_work() {
	local line nr=0
	while read -r line; do
		nr=$((nr + 1))
		(
			noalias() {
				[ "$1 $2" != "list --json" ] || {
					echo '{"heaps":[{"bytes":1},{"bytes":2}]}'
					return
				}
				"$noalias" "$1" --sysroot "$recorded" "${@:2}"
			}
			eval "$line"
		) >"$work/out" 2>"$work/err"
		[ ! -s "$work/err" ] || return 1
		case $line in
		*"list --json"*) [ "$(cat "$work/out")" = 3 ] ;;
		*"list --buffers"*) [ "$(cat "$work/out")" = "$(printf 'camera\nview\\040er\\054')" ] ;;
		*"audit --json"*) [ "$(cat "$work/out")" = "$(printf '214\n301')" ] ;;
		*"map --json"*) grep -q '"kind": "lent"' "$work/out" ;;
		*"doctor --json"*) true ;;
		*) false ;;
		esac || return 1
	done < <("$top/tests/cli/examples" | grep '| jq')
	[ $nr = 5 ]
}
