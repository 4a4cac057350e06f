#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# /dev/noalias and the tracepoints, in the guest. Needs in /payload:
# noalias.ko, plant.ko, na_fail.ko, consumer_test.ko, the programs status_*;
# vivid makes the dma-bufs that are not ours.
# stock modules: vivid
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

events=/sys/kernel/tracing/events/noalias

# kills: a node that lets the module go while it is open, and stays behind
open_node_keeps_module() {
	exec 3</dev/noalias || return 1
	rmmod noalias 2>/dev/null && return 1
	exec 3<&-
	[ -c /dev/noalias ]
}

# kills: a node or a folder of events that stays
node_and_events_are_gone() {
	[ ! -e /dev/noalias ] && [ ! -e $events ] &&
		! grep -q noalias /proc/misc
}

# With names of commands the kernel patches the scheduler's tracepoints whenever an
# event begins or ends; QEMU may go on with the old code, and the guest stands
# still in asm_exc_int3() while the other CPU waits for it in text_poke_bp().
echo 0 >/sys/kernel/tracing/options/record-cmd
# The buffers of the trace grow with the first event; they are not ours.
echo 1 >/sys/kernel/tracing/events/module/module_load/enable
echo 0 >/sys/kernel/tracing/events/module/module_load/enable

check "there is no node before the module" node_and_events_are_gone
begin_suite plant na_fail consumer_test
# consumer_test uses what noalias exports.
users=1
check "the camera begins" begin_vivid n_devs=1 node_types=0x1

for heap in system-uncached system-writecombine; do
	run_program status_buffer $heap low
	run_program status_buffer $heap any
	run_program status_node $heap any
	run_program status_refusal $heap any
	run_program status_trace $heap low
	run_program status_trace_calls $heap low
	run_program status_trace $heap any
	run_program status_trace_calls $heap any
done

check "the camera ends" end_vivid
check "test modules unload" unload_all consumer_test na_fail plant
check "an open node keeps the module" open_node_keeps_module
check "unload while traced: events on" eval "echo 1 >$events/enable"
check "modules unload" unload_all noalias
check "node and events are gone" node_and_events_are_gone
check "modules load again" load_all noalias
end_suite
