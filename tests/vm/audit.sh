#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The auditor, in the guest: right in both directions, and while everything
# moves. Needs in /payload: noalias.ko, plant.ko, importer.ko, bug2014.ko,
# na_fail.ko, storm.ko, the programs plant_*, the noalias command.
# boot: --mem 6G --append hugepagesz=1G --append hugepages=1
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

begin_suite plant importer bug2014 na_fail
run_program plant_system
run_program plant_kinds
run_program plant_regions
run_program plant_border
run_program plant_reach
run_program plant_flood
run_program plant_command
run_program plant_storm
end_suite na_fail bug2014 importer plant
