# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2034
# Debian packages, by what they are for; sourced by run, test and bench/run.

# Fetching and booting a stock kernel, building modules and guest programs.
vm_packages=(
	qemu-system-x86 cpio kmod xz-utils zstd make gcc-12 libc6-dev
	python3-minimal gcc-i686-linux-gnu libc6-dev-i386-cross
	ca-certificates bc groff-base linux-source-6.1
)

# Building and checking on the host.
host_packages=(
	make gcc libc6-dev python3 libasan8 libubsan1 libtsan2
	universal-ctags sparse man-db groff-base jq
	g++ binutils qemu-user gcc-i686-linux-gnu libc6-dev-i386-cross
	clang libclang-rt-dev musl-tools linux-libc-dev dpkg-dev
)

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
