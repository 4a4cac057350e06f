#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Large special entries: only on kernels that make them, 6.12 and later on 64 bit.
# Both auditors. Needs in /payload: noalias.ko, plant.ko, the program
# plant_special.
# stock modules: vfio-pci vfio_iommu_type1
# test modules: plant
# boot: --mem 2G --append mem=1G --iommu --device pci-testdev,membar=16M
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

bar_device() {
	local folder
	for folder in /sys/bus/pci/devices/*; do
		[ "$(cat "$folder/vendor") $(cat "$folder/device")" = '0x1b36 0x0005' ] &&
			echo "${folder##*/}" && return
	done
	return 1
}

# They stay.
give_to_vfio() {
	local module
	NA_BAR_DEVICE=$(bar_device) || return 1
	export NA_BAR_DEVICE
	while read -r module; do
		insmod "$module.ko" || return 1
	done <stock.list
	echo vfio-pci >"/sys/bus/pci/devices/$NA_BAR_DEVICE/driver_override" &&
		echo "$NA_BAR_DEVICE" >/sys/bus/pci/drivers_probe &&
		[ -e "/sys/bus/pci/devices/$NA_BAR_DEVICE/driver" ]
}

check "a device belongs to vfio-pci" give_to_vfio
begin_suite plant
run_program plant_special
export NA_AUDITOR=kcore
run_program plant_special
end_suite plant
