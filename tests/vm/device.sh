#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Devices of all kinds and the addresses that they get, and what is done for
# them when an access of the CPU ends. Needs in /payload: noalias.ko, plant.ko,
# importer.ko, na_fail.ko, device_*. With this much memory the kernel has bounce buffers,
# and would use them.
# boot: --mem 6G --cpus 2
. /payload/lib.sh

begin_suite plant importer na_fail
for heap in system-uncached system-writecombine; do
	run_program device_address $heap any
	run_program device_sync $heap any
done
end_suite na_fail importer plant
