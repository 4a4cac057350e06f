#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# A device behind an IOMMU that translates for it, and that does real DMA. It
# reaches 28 bits of address, and most of this memory lies above. Needs in
# /payload: noalias.ko, plant.ko, importer.ko, iommu_device.
# boot: --iommu --device edu --mem 6G --cpus 2
. /payload/lib.sh

begin_suite plant importer
for heap in system-uncached system-writecombine; do
	run_program iommu_device $heap any
done
end_suite importer plant
