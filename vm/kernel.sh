# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Makes what was downloaded usable without being installed. Sourced by
# vm/prepare, whose variables it uses: target, dir, abi, common, tmp.

# unpack DEBS ROOT LIST: LIST gets their names and versions
unpack() {
	local deb
	mkdir "$2"
	printf '%s\0' "$1"/*.deb | xargs -0 -P 2 -I '{}' dpkg-deb -x '{}' "$2"
	for deb in "$1"/*.deb; do
		# shellcheck disable=SC2016
		dpkg-deb -W --showformat='${Package} ${Version} ${Architecture}\n' "$deb"
	done >"$3"
}

# Later suites have all below /usr; depmod and modprobe -d look below /lib. The
# packages of a kernel that is compiled here have nothing there: a link that leads
# nowhere could not be made a folder later.
extract() {
	progress "unpacking"
	unpack "$tmp/debs" "$tmp/root" "$tmp/packages"
	mkdir -p "$tmp/root/usr/lib"
	[ -e "$tmp/root/lib" ] || ln -s usr/lib "$tmp/root/lib"
	check_versions
}

# Image, headers and kbuild must be one build; mirrors in mid-update differ.
check_versions() {
	[ "$(awk '/^linux-/ { print $2 }' "$tmp/packages" | sort -u | wc -l)" = 1 ] || {
		sed 's/^/  /' "$tmp/packages" >&2
		die "the mirror offers kernel packages of different versions; try later"
	}
}

# The headers' Makefile includes another by its place on an installed system.
# BTF for a module needs the kernel's vmlinux with debug information; asking
# for it without only makes noise (struct module follows autoconf.h instead).
relocate() {
	local final=$dir/root headers=$tmp/root/usr/src/linux-headers-$abi
	sed -i "s|/usr/src/|$final/usr/src/|g" "$headers/Makefile"
	grep -q "^include $final/usr/src/" "$headers/Makefile" ||
		die "$headers/Makefile is not as expected"
	sed -i '/^CONFIG_DEBUG_INFO_BTF_MODULES=/d' "$headers/include/config/auto.conf"
	# The headers ask dpkg-architecture, which make does not run. A compiler for
	# x86-64 compiles for i386 too.
	[[ $arch != arm* ]] ||
		echo "override CROSS_COMPILE = $cross" >>"$headers/.kernelvariables"
	ln -sfn "$final/usr/src/linux-headers-$abi" "$tmp/root/lib/modules/$abi/build"
	ln -sfn "$final/usr/src/$common" "$tmp/root/lib/modules/$abi/source"
	depmod -b "$tmp/root" "$abi"
}

# byte_at FILE OFFSET LENGTH: an unsigned little-endian number
byte_at() {
	od -An -v -t "u$3" -j "$2" -N "$3" --endian=little "$1" | tr -d ' '
}

# The setup header of a bzImage (Documentation/x86/boot.rst) says where the
# compressed ELF image is; its last four bytes are the plain size.
extract_vmlinux() {
	local image=$1 out=$2 sects offset len size
	sects=$(byte_at "$image" 497 1)
	offset=$(byte_at "$image" 584 4)
	len=$(byte_at "$image" 588 4)
	offset=$(((sects + 1) * 512 + offset))
	size=$(byte_at "$image" $((offset + len - 4)) 4)
	dd if="$image" of="$out.packed" bs=1M status=none iflag=skip_bytes,count_bytes \
		skip="$offset" count=$((len - 4))
	case $(od -An -t x1 -N 4 "$out.packed" | tr -d ' ') in
	fd377a58) xz -dc <"$out.packed" >"$out" ;;
	28b52ffd) zstd -qdc <"$out.packed" >"$out" ;;
	*) die "the kernel in $image is packed in a way that is not known here" ;;
	esac
	rm "$out.packed"
	[ "$(stat -c %s "$out")" = "$size" ] || die "$image did not unpack to its stated size"
}

# QEMU starts an uncompressed kernel by its PVH entry alone, and 32-bit kernels
# without PAE are built without it: those are booted packed.
make_kernel() {
	local root=$tmp/root image
	for image in "$root/boot/vmlinuz-$abi" "$root/lib/modules/$abi/vmlinuz"; do
		[ ! -f "$image" ] || cp "$image" "$tmp/bzImage"
	done
	[ -f "$tmp/bzImage" ] || die "no vmlinuz in $(paste -sd ' ' "$tmp/packages")"
	! grep -qx CONFIG_PVH=y "$root/usr/src/linux-headers-$abi/.config" ||
		extract_vmlinux "$tmp/bzImage" "$tmp/vmlinux"
}

make_base() {
	local base=$tmp/base busybox
	busybox=$tmp/root/bin/busybox
	[ -f "$busybox" ] || busybox=$tmp/root/usr/bin/busybox
	mkdir -p "$base"/{bin,sbin,usr/bin,usr/sbin,etc,proc,sys,dev,tmp,run,root,payload,result,out/result}
	cp "$busybox" "$base/bin/busybox"
	ln -s busybox "$base/bin/sh"
	(cd "$base" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$tmp/base.cpio"
	rm -r "$base"
}
