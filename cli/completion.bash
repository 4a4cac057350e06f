# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash
#
# bash completion for noalias. Needs nothing but bash itself; what it offers
# for --heap are the heaps of this machine.

_noalias_options() {
	local common='--help --color --sysroot'
	case $1 in
	list) echo "--json --buffers --names $common" ;;
	alloc) echo "--size --heap --type --fd --env --name --quiet --help --color" ;;
	audit) echo "--json --quiet --ours --pid --fail-on --watch --count --from $common" ;;
	map) echo "--json --svg --width --block --range --no-audit $common" ;;
	stat) echo "--json --all $common" ;;
	trace) echo "--json --event --pid --duration --count --from --help --color" ;;
	bench) echo "--json --size --rounds --type --help --color" ;;
	doctor) echo "--json --quiet $common" ;;
	esac
}

# As compgen: a word a line, so that names may hold spaces.
_noalias_reply() {
	case $1 in -[cdf]) compopt -o filenames 2>/dev/null ;; esac
	mapfile -t COMPREPLY < <(compgen "$@")
}

# The lines of stdin that begin with $1. Not by compgen, which expands its words:
# a name may hold anything, $(...) too, and comes out quoted.
_noalias_names() {
	local name
	while IFS= read -r name; do
		[[ $name != "$1"* ]] || COMPREPLY+=("$(printf %q "$name")")
	done
}

# The value of an option; fails when it takes none.
_noalias_value() {
	case $1 in
	--heap) _noalias_names "$2" < <("$3" list --names 2>/dev/null) ;;
	--type) _noalias_reply -W "UC WC" -- "$2" ;;
	--color) _noalias_reply -W "auto always never" -- "$2" ;;
	--fail-on) _noalias_reply -W "error warning note" -- "$2" ;;
	--event) _noalias_reply -W "alloc free convert purge kmap_purge tlb_flush call refusal" -- "$2" ;;
	--pid) _noalias_reply -W "$(cd /proc && echo [0-9]*)" -- "$2" ;;
	--svg | --from) _noalias_reply -f -- "$2" ;;
	--sysroot) _noalias_reply -d -- "$2" ;;
	--size | --fd | --env | --name | --count | --width | --block | --range | --duration | --rounds) ;;
	*) return 1 ;;
	esac
}

# Where in COMP_WORDS the command line that alloc runs begins, or nothing.
_noalias_prefixed() {
	local i word
	for ((i = 2; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--) echo $((i + 1)); return ;;
		--size | --heap | --type | --fd | --env | --name | --color)
			[ "${COMP_WORDS[i + 1]-}" != = ] || i=$((i + 1))
			i=$((i + 1))
			;;
		-*) ;;
		*) echo "$i"; return ;;
		esac
	done
}

# The command itself by name, what follows it by file.
_noalias_run() {
	if [ "$1" = "$COMP_CWORD" ]; then
		_noalias_reply -c -- "$2"
	else
		_noalias_reply -f -- "$2"
	fi
}

_noalias() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local commands='list alloc audit map stat trace bench doctor' first
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		_noalias_reply -W "$commands help --help --version -h -V" -- "$word"
		return
	fi
	if [ "${COMP_WORDS[1]}" = help ]; then
		[ "$COMP_CWORD" -gt 2 ] || _noalias_reply -W "$commands" -- "$word"
		return
	fi
	if [ "${COMP_WORDS[1]}" = alloc ]; then
		first=$(_noalias_prefixed)
		[ -z "$first" ] || { _noalias_run "$first" "$word"; return; }
	fi
	# bash makes three words of --option=value.
	if [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [ "$word" = = ]; then
		word=
	fi
	_noalias_value "$before" "$word" "${COMP_WORDS[0]}" && return
	_noalias_reply -W "$(_noalias_options "${COMP_WORDS[1]}")" -- "$word"
}

complete -F _noalias noalias
