#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Memory that is added to a running machine, and taken away while it is audited.
# Needs in /payload: noalias.ko, na_fail.ko, the program hot_memory.
# boot: --mem 1G --hot-mem 512M
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

blocks=/sys/devices/system/memory
audits=/tmp/audits

nr_blocks() {
	find $blocks -maxdepth 1 -name 'memory[0-9]*' | wc -l
}

# wait_blocks NR: until so many blocks are there, a minute at most
wait_blocks() {
	local tries=300
	while [ "$(nr_blocks)" != "$1" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.2
	done
}

# ask WHAT NR: add or remove memory; NR blocks must be there afterwards
ask() {
	echo "vm/boot: $1 memory"
	wait_blocks "$2"
}

# online ZONE: all blocks that are offline
online() {
	local block nr=0
	for block in "$blocks"/memory[0-9]*; do
		[ "$(cat "$block/state")" = offline ] || continue
		echo "online_$1" >"$block/state" || return 1
		nr=$((nr + 1))
	done
	[ $nr -gt 0 ]
}

# Until the file goes; one line for each audit that found nothing.
audit_on() {
	while [ -e $audits ]; do
		grep -q '^end .* verdict=clean$' $debugfs/audit || return 1
		echo clean >>$audits.done
	done
}

begin_audits() {
	: >$audits
	: >$audits.done
	audit_on &
	auditor=$!
	wait_audits 2
}

# wait_audits NR: until so many more have ended
wait_audits() {
	local last
	last=$(($(wc -l <$audits.done) + $1))
	while [ "$(wc -l <$audits.done)" -lt $last ]; do
		kill -0 $auditor 2>/dev/null || return 1
		sleep 0.1
	done
}

end_audits() {
	rm $audits
	wait $auditor
}

begin_suite na_fail
before=$(nr_blocks)

# kills: frames that nobody has a place for: ERANGE for each allocation
check "memory is added" ask add $((before + 4))
check "and goes online" online kernel
run_program hot_memory system-uncached any
run_program hot_memory system-writecombine any

# kills: an audit that reads page tables after they went with their memory
check "more is added" ask add $((before + 8))
check "it goes online, movable" online movable
check "audits begin" begin_audits
check "it is taken away" ask remove $((before + 4))
check "audits go on" wait_audits 2
check "audits end, all clean" end_audits
run_program hot_memory system-uncached any
end_suite na_fail
