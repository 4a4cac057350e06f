# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash
#
# bash completion for noalias. Needs nothing but bash itself and the command,
# which knows its options: it holds no list of them.

# What the command says that it takes (cli/command.h). It is the one in the path
# and never the word on the line: a key must not start a program of the folder
# that one happens to be in.
_noalias_ask() {
	command noalias --complete "$@" 2>/dev/null
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

# Into the caller's options, values (of those that take one) and is_prefix.
_noalias_read() {
	local line
	while read -r line; do
		case $line in
		--) is_prefix=1 ;;
		*=*)
			options+=("${line%%=*}")
			values[${line%%=*}]=${line#*=}
			;;
		*) options+=("$line") ;;
		esac
	done < <(_noalias_ask "$1")
}

# A value of which is known that it may be one of these, or such a thing.
_noalias_value() {
	case $1 in
	@heaps) _noalias_names "$2" < <(command noalias list --names 2>/dev/null) ;;
	@pids) _noalias_reply -W "$(cd /proc && echo [0-9]*)" -- "$2" ;;
	@files) _noalias_reply -f -- "$2" ;;
	@folders) _noalias_reply -d -- "$2" ;;
	*) _noalias_reply -W "$1" -- "$2" ;;
	esac
}

# Where in COMP_WORDS the command line that may follow begins, or nothing.
_noalias_prefixed() {
	local i word
	for ((i = 2; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--) echo $((i + 1)); return ;;
		-*)
			[ -n "${values[$word]+is set}" ] || continue
			[ "${COMP_WORDS[i + 1]-}" != = ] || i=$((i + 1))
			i=$((i + 1))
			;;
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

_noalias_command() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local options=() is_prefix='' first
	local -A values=()
	_noalias_read "${COMP_WORDS[1]}"
	if [ -n "$is_prefix" ]; then
		first=$(_noalias_prefixed)
		[ -z "$first" ] || { _noalias_run "$first" "$word"; return; }
	fi
	# bash makes three words of --option=value.
	if [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [ "$word" = = ]; then
		word=
	fi
	if [ -n "${values[$before]+is set}" ]; then
		_noalias_value "${values[$before]}" "$word"
	else
		_noalias_reply -W "${options[*]}" -- "$word"
	fi
}

_noalias() {
	local word=${COMP_WORDS[COMP_CWORD]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		_noalias_reply -W "$(_noalias_ask) help --help --version -h -V" -- "$word"
	elif [ "${COMP_WORDS[1]}" = help ]; then
		[ "$COMP_CWORD" -gt 2 ] || _noalias_reply -W "$(_noalias_ask)" -- "$word"
	else
		_noalias_command
	fi
}

complete -F _noalias noalias
