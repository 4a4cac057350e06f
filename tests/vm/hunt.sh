#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Stock drivers, each used a little, and audited while it is used and when it is
# gone. What is found is judged on the host (tests/hunt/run), which also says
# which cases this machine has: na_hunt=CASE,CASE... Here a case fails if the driver
# could not be used, or the audit is not complete. Needs in /payload: noalias.ko,
# the programs hunt_*, the noalias command.
# stock modules: comedi_test snd-hda-codec-generic snd-hda-intel snd-intel8x0 snd-ens1370 snd-dummy snd-aloop
# stock modules: xhci-pci ehci-pci uhci-hcd usb-storage sd_mod snd-usb-audio
# stock modules: bochs virtio-gpu qxl cirrus vmwgfx vgem vfb aty128fb radeonfb cirrusfb
# stock modules: vivid nvme e1000 e1000e virtio_net vmxnet3 8139cp pcnet32 tulip e100 ne2k-pci
# stock modules: virtio_pci virtio_blk virtio_scsi virtio-rng virtio_balloon virtio_console 9p 9pnet_virtio virtio_input evdev virtio_crypto
# stock modules: mptsas megaraid_sas sym53c8xx am53c974 vmw_pvscsi ahci sdhci-pci mmc_block
# stock modules: vfio-pci vfio_iommu_type1 uio_pci_generic ramoops dell_rbu phram slram mtdblock nd_pmem
#
# TAP on stdout; /result has CASE.json and CASE.after.json.
. /payload/lib.sh

results=/result

# --- what a case is made of ---------------------------------------------------

is_loaded() {
	[ -e "/sys/module/$(echo "$1" | tr - _)" ]
}

# load MODULE [OPTION...]: with what it needs
load() {
	local module=$1 need
	shift
	grep -q "^$module:" stock.needs || {
		echo "# this kernel has no $module"
		return 1
	}
	for need in $(sed -n "s/^$module://p" stock.needs); do
		is_loaded "$need" && continue
		if [ "$need" = "$module" ]; then
			insmod "$need.ko" "$@" || return 1
		else
			insmod "$need.ko" || return 1
		fi
	done
}

# Without the module no audit is complete on 32 bit; who audits is said here alone.
begin_audits() {
	# Or the kernel shows even root no address, and areas stay without a name.
	echo 1 >/proc/sys/kernel/kptr_restrict
	insmod noalias.ko
}

# audit NAME: an exit status of 2 is one that is not complete
audit() {
	./noalias audit --json >"$results/$1.json" 2>/tmp/said
	[ $? -lt 2 ] && return
	echo "# the audit $1 is not complete"
	tr -d '\r' </tmp/said | sed 's/^/# /'
	return 1
}

# wait_for PATTERN: what a driver makes when its device answers
wait_for() {
	local tries=100
	# shellcheck disable=SC2086
	until ls -d $1 >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "# no $1"; return 1; }
		usleep 100000
	done
}

# use PROGRAM ARGUMENT...: it holds what it uses while the audit runs
use() {
	"$@" -- sh ./run audit "$case"
}

# What the case loaded goes, last first, as far as it can.
unload_new() {
	local module rest=1
	while [ $rest = 1 ]; do
		rest=0
		for module in $(awk '{ print $1 }' /proc/modules); do
			grep -qx "$module" /tmp/modules.before && continue
			rmmod "$module" 2>/dev/null && rest=1
		done
	done
}

run_case() {
	case=$1
	awk '{ print $1 }' /proc/modules >/tmp/modules.before
	mark_log "$case"
	check "$case: used, and audited meanwhile" "use_$case"
	unload_new
	check "$case: audited when it was gone" audit "$case.after"
}

# --- sound ---------------------------------------------------------------------

hda() {
	load snd-hda-codec-generic || return 1
	load snd-hda-intel "$@" && wait_for /dev/snd/pcmC0D0p &&
		use ./hunt_sound
}

use_hda_snoop() { hda snoop=1; }
use_hda_nosnoop() { hda snoop=0; }
use_hda_nosnoop_fragmented() {
	./hunt_fragment -- sh ./run call "$case" hda snoop=0
}
use_ac97() { load snd-intel8x0 && wait_for /dev/snd/pcmC0D0p && use ./hunt_sound; }
use_es1370() { load snd-ens1370 && wait_for /dev/snd/pcmC0D0p && use ./hunt_sound; }
use_sound_dummy() { load snd-dummy && wait_for /dev/snd/pcmC0D0p && use ./hunt_sound; }
use_sound_loop() { load snd-aloop && wait_for /dev/snd/pcmC0D0p && use ./hunt_sound; }
use_usb_audio() {
	load xhci-pci && load snd-usb-audio && wait_for /dev/snd/pcmC0D0p &&
		use ./hunt_sound
}

# --- pictures ------------------------------------------------------------------

screen() {
	load "$@" && wait_for '/dev/dri/card*' && use ./hunt_screen
}

use_bochs() { screen bochs; }
use_virtio_gpu() { load virtio_pci && screen virtio-gpu; }
use_qxl() { screen qxl; }
use_cirrus() { screen cirrus; }
use_vmwgfx() { screen vmwgfx; }
use_vgem() { screen vgem; }
# One imports what the other has. Without qxl: loaded again it panics, for its
# interrupt comes before there is a handler's data.
use_screens() {
	load virtio_pci && load vgem && load bochs && screen virtio-gpu
}
frame_buffer() {
	load "$@" && wait_for '/dev/fb*' &&
		use ./hunt_file write '/dev/fb*' 0 65536
}
use_bochs_console() { frame_buffer bochs; }
use_virtio_gpu_console() { load virtio_pci && frame_buffer virtio-gpu; }
use_vfb() { frame_buffer vfb vfb_enable=1; }
use_aty128fb() { frame_buffer aty128fb; }
use_cirrusfb() { frame_buffer cirrusfb; }
use_vesafb() { wait_for /dev/fb0 && use ./hunt_file write /dev/fb0 0 65536; }
use_vivid() { load vivid n_devs=1 && wait_for /dev/video0 && use ./hunt_video; }
use_vivid_contiguous() {
	load vivid n_devs=1 allocators=1,1 && wait_for /dev/video0 && use ./hunt_video
}

# --- measuring -----------------------------------------------------------------

use_comedi() { load comedi_test && wait_for /dev/comedi0 && use ./hunt_comedi 65536; }

# --- disks ---------------------------------------------------------------------

# disk MODULE DEVICE: read while the audit runs
disk() {
	load sd_mod && load "$1" && wait_for "$2" || return 1
	dd if="$2" of=/dev/null bs=64k count=64 2>/dev/null || return 1
	use ./hunt_file write "$2" 0 65536
}

use_nvme() { disk nvme /dev/nvme0n1; }
use_ahci() { disk ahci /dev/sda; }
use_mptsas() { disk mptsas /dev/sda; }
use_megaraid() { disk megaraid_sas /dev/sda; }
use_sym53c8xx() { disk sym53c8xx /dev/sda; }
use_am53c974() { disk am53c974 /dev/sda; }
use_pvscsi() { disk vmw_pvscsi /dev/sda; }
use_sdhci() { load mmc_block && disk sdhci-pci /dev/mmcblk0; }
use_virtio_blk() { load virtio_pci && disk virtio_blk /dev/vda; }
use_virtio_scsi() { load virtio_pci && disk virtio_scsi /dev/sda; }
use_usb_storage() { load xhci-pci && disk usb-storage /dev/sda; }
use_usb2_storage() { load uhci-hcd && load ehci-pci && disk usb-storage /dev/sda; }
use_pmem() { disk nd_pmem /dev/pmem0; }
# Memory of the device that other devices, and programs, may have (6.2).
use_nvme_cmb() {
	load nvme && wait_for /dev/nvme0n1 &&
		use ./hunt_file write '/sys/bus/pci/devices/*/p2pmem/allocate' 0 65536
}
use_9p() {
	load virtio_pci && load 9p && load 9pnet_virtio && mkdir -p /tmp/9p &&
		mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose hunt /tmp/9p &&
		use ./hunt_file '/tmp/9p/hunt' 0 4096
	local status=$?
	umount /tmp/9p
	return $status
}

# --- nets ----------------------------------------------------------------------

net() {
	load "$@" && wait_for /sys/class/net/eth0 || return 1
	ifconfig eth0 10.0.2.15 up && ping -c 1 -w 60 10.0.2.2 >/dev/null &&
		audit "$case"
	local status=$?
	ifconfig eth0 down
	return $status
}

use_e1000() { net e1000; }
use_e1000e() { net e1000e; }
use_vmxnet3() { net vmxnet3; }
use_rtl8139() { net 8139cp; }
use_pcnet32() { net pcnet32; }
use_tulip() { net tulip; }
use_e100() { net e100; }
use_ne2k() { net ne2k-pci; }
use_virtio_net() { load virtio_pci && net virtio_net; }

# --- other virtio ----------------------------------------------------------------

use_virtio_rng() {
	load virtio_pci && load virtio-rng && wait_for /dev/hwrng &&
		dd if=/dev/hwrng of=/dev/null bs=64 count=4 2>/dev/null && audit "$case"
}
use_virtio_balloon() { load virtio_pci && load virtio_balloon && audit "$case"; }
use_virtio_console() {
	load virtio_pci && load virtio_console && wait_for '/dev/vport*' && audit "$case"
}
use_virtio_input() {
	load virtio_pci && load evdev && load virtio_input && wait_for '/dev/input/event*' && audit "$case"
}
use_virtio_crypto() { load virtio_pci && load virtio_crypto && audit "$case"; }

# --- devices given to programs -----------------------------------------------------

# address_of VENDOR DEVICE
address_of() {
	local folder
	for folder in /sys/bus/pci/devices/*; do
		[ "$(cat "$folder/vendor") $(cat "$folder/device")" = "$1 $2" ] || continue
		echo "${folder##*/}"
		return
	done
	return 1
}

# give_to DRIVER ADDRESS
give_to() {
	echo "$1" >"/sys/bus/pci/devices/$2/driver_override" &&
		echo "$2" >/sys/bus/pci/drivers_probe && [ -e "/sys/bus/pci/devices/$2/driver" ]
}

edu() { address_of 0x1234 0x11e8; }
ivshmem() { address_of 0x1af4 0x1110; }

use_vfio() {
	load vfio_iommu_type1 && load vfio-pci && give_to vfio-pci "$(edu)" &&
		use ./hunt_vfio "$(edu)"
}
use_uio() {
	load uio_pci_generic && give_to uio_pci_generic "$(edu)" &&
		use ./hunt_file write "/sys/bus/pci/devices/$(edu)/resource0" 0 4096
}
use_bar() {
	echo 1 >"/sys/bus/pci/devices/$(ivshmem)/enable"
	use ./hunt_file write "/sys/bus/pci/devices/$(ivshmem)/resource2" 0 65536
}
use_bar_wc() {
	echo 1 >"/sys/bus/pci/devices/$(ivshmem)/enable"
	use ./hunt_file write "/sys/bus/pci/devices/$(ivshmem)/resource2_wc" 0 65536
}
use_hpet() { wait_for /dev/hpet && use ./hunt_file /dev/hpet 0 4096; }
use_devmem() { use ./hunt_file /dev/mem 0x10000 0x10000; }
use_devmem_sync() { use ./hunt_file sync /dev/mem 0x10000 0x10000; }
use_devmem_rom_sync() { use ./hunt_file sync /dev/mem 0xf0000 0x10000; }

# --- memory that firmware or the administrator set aside -----------------------------

use_nothing() { audit "$case"; }
use_ramoops_name() { load ramoops mem_name=hunt && audit "$case"; }
use_ramoops_address() {
	load ramoops mem_address=0x38000000 mem_size=0x100000 record_size=0x20000 && audit "$case"
}
use_phram() {
	load mtdblock && load phram phram=hunt,0x38000000,1Mi && wait_for /dev/mtdblock0 &&
		dd if=/dev/mtdblock0 of=/dev/null bs=64k 2>/dev/null && audit "$case"
}
use_slram() {
	load mtdblock && load slram map=hunt,0x38000000,0x38100000 && wait_for /dev/mtdblock0 &&
		dd if=/dev/mtdblock0 of=/dev/null bs=64k 2>/dev/null && audit "$case"
}
# An update of Dell's firmware waits in memory for the next boot.
use_dell_rbu() {
	local data=/sys/devices/platform/dell_rbu
	load dell_rbu && echo packet >$data/image_type && echo 4096 >$data/packet_size &&
		echo init >$data/image_type
	wait_for /sys/class/firmware/dell_rbu/loading || { audit "$case"; return; }
	echo 1 >/sys/class/firmware/dell_rbu/loading
	dd if=/dev/urandom of=/sys/class/firmware/dell_rbu/data bs=4096 count=16 2>/dev/null
	echo 0 >/sys/class/firmware/dell_rbu/loading
	sleep 1
	audit "$case"
}

# --- all ---------------------------------------------------------------------------

case ${1-} in
audit) audit "$2"; exit ;;
call) case=$2; shift 2; "$@"; exit ;;
esac

check "the auditor begins" begin_audits
for each in $(echo "${na_hunt:-nothing}" | tr , ' '); do
	run_case "$each"
done
end_verdict
