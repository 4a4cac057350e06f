# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2034
# Debian packages, by what they are for; sourced by run, test, bench/run
# and packaging/build.

# Fetching and booting a stock kernel, building modules and guest programs; what
# tests/cli/examples reads the manual with is for the guest too.
vm_packages=(
	qemu-system-x86 cpio kmod xz-utils zstd make gcc gcc-12 libc6-dev
	python3-minimal gcc-i686-linux-gnu libc6-dev-i386-cross
	ca-certificates groff-base
)

# Programs of this machine under sanitizers, and their TAP.
c_packages=(make gcc libc6-dev python3 libasan8 libubsan1 libtsan2)
# KDUMP files; the command loads it when it meets one.
dump_packages=(libkdumpfile10)
# KDUMP files as QEMU writes them are put in order by makedumpfile.
image_packages=(makedumpfile)
# A guest of arm64, its module and its program; the same of 32-bit ARM.
arm64_packages=(qemu-system-arm gcc-12-aarch64-linux-gnu gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
armhf_packages=(qemu-system-arm gcc-12-arm-linux-gnueabihf gcc-arm-linux-gnueabihf libc6-dev-armhf-cross)
style_packages=(python3 universal-ctags)
cli_packages=(jq man-db groff-base bc)
# systemd-analyze; promtool is taken out of its package by tests/cli/fleet.
fleet_packages=(systemd)
lib_packages=(
	g++ binutils qemu-user gcc-i686-linux-gnu libc6-dev-i386-cross
	universal-ctags
)
toolchain_packages=(
	clang libclang-rt-dev musl-tools linux-libc-dev dpkg-dev jq binutils
	gcc-i686-linux-gnu libc6-dev-i386-cross
)
build_packages=(sparse man-db groff-base)

# A suite that is not named below has all.
all_packages() {
	echo "${vm_packages[@]}" "${c_packages[@]}" "${dump_packages[@]}" \
		"${image_packages[@]}" "${arm64_packages[@]}" "${armhf_packages[@]}" "${style_packages[@]}" "${cli_packages[@]}" "${fleet_packages[@]}" "${lib_packages[@]}" \
		"${toolchain_packages[@]}" "${build_packages[@]}"
}

# packages_of SUITE...: what these suites of ./test need, but for what their own
# commands install (tests/package/run).
packages_of() {
	local suite
	for suite; do
		case $suite in
		tap-selftest | hunt-selftest | mutants-check) echo python3 ;;
		style*) echo "${style_packages[@]}" ;;
		unit | sim* | scenario | bench-window) echo "${c_packages[@]}" ;;
		dump) echo "${c_packages[@]}" "${dump_packages[@]}" ;;
		cli-fleet)
			echo "${c_packages[@]}" "${cli_packages[@]}" \
				"${fleet_packages[@]}"
			;;
		cli*) echo "${c_packages[@]}" "${cli_packages[@]}" ;;
		lib*) echo "${c_packages[@]}" "${lib_packages[@]}" ;;
		toolchain*) echo "${c_packages[@]}" "${toolchain_packages[@]}" ;;
		build*) echo python3 "${vm_packages[@]}" "${build_packages[@]}" ;;
		vm-image-arm64) echo "${c_packages[@]}" "${vm_packages[@]}" "${arm64_packages[@]}" ;;
		vm-image-armhf) echo "${c_packages[@]}" "${vm_packages[@]}" "${armhf_packages[@]}" ;;
		vm-image*)
			echo "${c_packages[@]}" "${vm_packages[@]}" \
				"${dump_packages[@]}" "${image_packages[@]}"
			;;
		vm-*) echo python3 "${vm_packages[@]}" ;;
		docs*) echo "${c_packages[@]}" "${vm_packages[@]}" ;;
		*) all_packages ;;
		esac
	done
}

# Windows in user space, measured on the host.
bench_packages=(make gcc libc6-dev)

# The simulator: no QEMU, no root.
sim_packages=(make gcc libc6-dev)

# Debian packages and the userland that tests them.
package_packages=(
	dpkg-dev debhelper dh-dkms make gcc libc6-dev
	gcc-i686-linux-gnu libc6-dev-i386-cross libc6-i386
)
userland_packages=(mmdebstrap arch-test e2fsprogs)
