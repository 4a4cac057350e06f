# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash
#
# Images of the guest's memory, for vm/boot: QEMU's monitor writes them. It says
# nothing when it succeeds, and it says it has failed in more than one way, so
# an image counts if QEMU was silent and the file has a size that can be.
#
# Uses out, work, monitor_fd, qemu_pid and said of vm/boot.
# shellcheck disable=SC2154

# hmp COMMAND...: each argument a line for the monitor; succeeds if it had nothing
# to say to any of them, but for warnings.
hmp() {
	local from words
	from=$(stat -c %s "$said")
	printf '%s\n' "$@" 'print /d 70000000+1' >&"$monitor_fd"
	until words=$(answers_from "$from") && grep -qx 70000001 <<<"$words"; do
		kill -0 "$qemu_pid" 2>/dev/null || return 1
		sleep 0.05
	done
	words=$(grep -vx 70000001 <<<"$words") || return 0
	sed 's/^/vm\/boot: QEMU: /' <<<"$words" >&2
	# One says that there is no VMCOREINFO, the only one that images have.
	! grep -qv '^warning: ' <<<"$words"
}

# What the monitor has said since its output had $1 bytes, without the commands,
# which it repeats letter by letter with an escape sequence between.
answers_from() {
	tail -c "+$(($1 + 1))" "$said" | tr -d '\r' |
		grep -av -e '(qemu)' -e $'\e' -e '^QEMU .* monitor' -e '^$'
}

# Start and length of each run of the guest's memory, in hexadecimal, from
# QEMU's own map; a ROM or a device's memory is none.
runs_of_memory() {
	local from
	from=$(stat -c %s "$said")
	hmp 'info mtree -f' 2>/dev/null || :
	answers_from "$from" | awk '
		/^FlatView/ { on = 0 }
		/^ AS "memory"/ { on = 1 }
		on && /\(prio [0-9]+, ram\): (pc\.ram|ram[0-9]+)( |$)/ { print $1 }' |
		while IFS=- read -r start end; do
			printf '0x%x 0x%x\n' "0x$start" $((0x$end - 0x$start + 1))
		done
}

# pieces_of_memory: the same in pieces, because QEMU takes a length of 32 bits
pieces_of_memory() {
	local start len piece most=$((1 << 30))
	while read -r start len; do
		for ((piece = start; piece < start + len; piece += most)); do
			printf '0x%x 0x%x\n' $piece \
				$((start + len - piece < most ? start + len - piece : most))
		done
	done
}

# One file in which a byte's offset is its physical address. QEMU would write the
# gaps too, and read every register of every device for that.
write_raw() {
	local name=$1 start len piece=$work/piece nr=0
	runs_of_memory | pieces_of_memory >"$work/pieces"
	: >"$out/$name"
	while read -r start len; do
		nr=$((nr + 1))
		hmp "pmemsave $start $len \"$piece\"" || return 1
		[ "$(stat -c %s "$piece")" = $((len)) ] || return 1
		dd if="$piece" of="$out/$name" bs=1M seek=$((start)) oflag=seek_bytes \
			conv=sparse,notrunc status=none || return 1
		rm -f "$piece"
	done <"$work/pieces"
	[ $nr -gt 0 ]
}

# write_image NAME FORMAT
write_image() {
	local name=$1 options
	case $2 in
	elf) options= ;;
	paging) options='-p ' ;;
	kdump-zlib) options='-z ' ;;
	raw) write_raw "$name"; return ;;
	*) echo "vm/boot: there is no format '$2' of an image" >&2; return 1 ;;
	esac
	hmp "dump-guest-memory $options\"$out/$name\"" && [ -s "$out/$name" ]
}

is_a_name() {
	[[ $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] && [ ! -e "$out/$1" ] &&
		[[ ! $1 =~ ^(result|status|dmesg|console.log|tables|images)$ ]]
}

# dump_memory NAME FORMAT: the guest stands meanwhile. Prints the monitor's next
# commands: a register that nobody else uses tells the payload. OUT/images lists
# what was written.
dump_memory() {
	local name=$1 format=$2 byte=0xa5
	# Whatever it was asked before has been answered then.
	hmp 'info status' 2>/dev/null || :
	if ! is_a_name "$name"; then
		echo "vm/boot: an image of memory cannot have the name '$name'" >&2
	elif hmp stop && write_image "$name" "$format"; then
		echo "$name $format" >>"$out/images"
		byte=0x5a
	else
		echo "vm/boot: the image $name of memory could not be written" >&2
		rm -f "${out:?}/$name"
	fi
	printf '%s\n' cont "o/b 0x2ff $byte"
}

# Images of an earlier run, by the list that it left.
remove_images() {
	local name
	[ ! -f "$out/images" ] || while read -r name _; do
		rm -f "${out:?}/$name"
	done <"$out/images"
	rm -f "$out/images"
}

# Has the payload asked for images that are not there?
lacks_images() {
	local asked written=0
	asked=$(grep -ac '^vm/boot: dump memory' "$out/live.log") || :
	[ ! -f "$out/images" ] || written=$(wc -l <"$out/images")
	[ "$asked" != "$written" ]
}
