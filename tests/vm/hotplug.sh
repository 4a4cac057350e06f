#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# CPUs that go and come back while buffers are made, mapped and freed beside a
# storm of kmaps and vmaps. Needs in /payload: noalias.ko, plant.ko,
# importer.ko, bug2014.ko, storm.ko, the programs heap_* and plant_storm.
# boot: --mem 3G --cpus 4
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

cpus=/sys/devices/system/cpu
turns=/tmp/turns

# Until the file goes; one line for each CPU that went and came back.
turn_cpus() {
	local cpu
	while [ -e $turns ]; do
		for cpu in 3 2 1; do
			echo 0 >$cpus/cpu$cpu/online && echo 1 >$cpus/cpu$cpu/online &&
				echo $cpu >>$turns.done
		done
	done
}

# kills: a CPU that is counted once; an area for those online at load only
begin_turns() {
	: >$turns
	: >$turns.done
	turn_cpus &
	turner=$!
}

end_turns() {
	rm -f $turns
	wait $turner
}

# Without many of them nothing was tested.
cpus_have_turned() {
	echo "# $(wc -l <$turns.done) times a CPU went and came back"
	[ "$(wc -l <$turns.done)" -ge 20 ]
}

all_cpus_are_back() {
	[ "$(cat $cpus/online)" = 0-3 ]
}

begin_suite plant importer bug2014 na_fail
check "the storm begins" load_all storm
begin_turns
for heap in system-uncached system-writecombine; do
	run_program heap_storm $heap any
	run_program heap_view $heap any
	run_program heap_fd $heap any
done
check "the storm ends" unload_all storm
run_program plant_storm
end_turns
check "CPUs went and came back" cpus_have_turned
check "all CPUs are back" all_cpus_are_back
check "the auditor finds nothing" audit_is_clean
end_suite na_fail bug2014 importer plant
