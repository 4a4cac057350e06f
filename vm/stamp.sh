# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# A folder of the cache is there as a whole or not at all. Its stamp, written
# last, holds the path and the size of each product, so that one that is
# half-made, moved, or lacks something is made again. Sourced by vm/prepare, whose
# variables it uses: format, and abi, tools for what the stamp says besides.

# write_stamp NEW FINAL PRODUCT...: for NEW, which is going to be FINAL
write_stamp() {
	local new=$1 final=$2 file
	shift 2
	{
		echo "format $format"
		echo "path $final"
		echo "abi $abi"
		echo "tools $tools"
		sed 's/^/package /' "$new/packages"
		for file in "$@"; do
			echo "size $(stat -L -c %s "$new/$file") $file"
		done
		echo "whole"
	} >"$new/stamp.new"
	mv "$new/stamp.new" "$new/stamp"
}

# stamp_holds DIR: is it whole? Sets stamp_abi and stamp_tools. No network, and
# one stat(1) as the only process.
stamp_holds() {
	local dir=$1 key a b want='' files=() whole=0 f=0 p=''
	stamp_abi='' stamp_tools=''
	[ -r "$dir/stamp" ] || return 1
	while read -r key a b; do
		case $key in
		format) f=$a ;;
		path) p="$a${b:+ $b}" ;;
		abi) stamp_abi=$a ;;
		tools) stamp_tools=$a ;;
		size) want+="$a"$'\n'; files+=("$dir/$b") ;;
		whole) whole=1 ;;
		esac
	done <"$dir/stamp"
	[ "$whole" = 1 ] && [ "$f" = "$format" ] && [ "$p" = "$dir" ] &&
		[ "$(stat -L -c %s "${files[@]}" 2>/dev/null)" = "${want%$'\n'}" ]
}

# put_in_place NEW FINAL: called with FINAL's lock held
put_in_place() {
	local old
	old=$(dirname "$2")/.old.$(basename "$2")
	rm -rf "$old"
	[ ! -e "$2" ] || mv "$2" "$old"
	mv "$1" "$2"
	rm -rf "$old"
}
