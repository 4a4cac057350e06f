#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Images of this guest's memory with conflicts planted in it; tests/image/run
# boots this and audits them. Needs in /payload: noalias.ko, plant.ko,
# image_planted, the noalias command.
# stock modules: qemu_fw_cfg
# boot: --mem 1G --dump --vmcoreinfo
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

[ ! -e qemu_fw_cfg.ko ] || insmod qemu_fw_cfg.ko || exit 1
begin_suite plant
run_program image_planted
end_suite plant
