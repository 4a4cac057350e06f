# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash
#
# Targets whose kernel is compiled here, because Debian has none with these
# checks built in; sourced by vm/prepare. Such a target's flavour is +NAME: the
# source is Debian's package linux-source-6.1, the configuration tinyconfig and
# vm/config/common, vm/config/ARCHITECTURE and vm/config/NAME. A target is made
# anew when one of these files has changed.

source_package=linux-source-6.1

# Grows when what is made here changes though the configuration does not.
compile_format=1

is_compiled() {
	[[ $flavour = +* ]]
}

config_files() {
	printf "$here/config/%s\n" common "$arch" "${flavour#+}"
}

# For the stamp: what the kernel is made from.
recipe() {
	{
		echo "$compile_format"
		config_files | xargs cat
	} | sha256sum | cut -c 1-16
}

compiled_packages() {
	packages=("$source_package:all" "busybox-static:$arch")
}

kbuild() {
	local linux_arch=x86_64
	[ "$arch" != i386 ] || linux_arch=i386
	nice -n 19 make -s -C "$tmp/source" -j"$(nproc)" ARCH=$linux_arch CC=gcc-12 \
		LOCALVERSION="-noalias-${flavour#+}" "$@"
}

# The words of make are shown only if it fails, the last of them.
made() {
	kbuild "$@" >"$tmp/log" 2>&1 || {
		tail -n 15 "$tmp/log" | sed 's/^/  /' >&2
		die "make ${*: -1} failed"
	}
}

# tinyconfig first, because what is not named shall be as small as can be; the
# last word on an option counts.
configure() {
	local config=$tmp/source/.config wanted line
	made tinyconfig
	wanted=$(config_files | xargs cat | grep '^CONFIG_')
	echo "$wanted" >>"$config"
	made olddefconfig
	# kconfig drops what depends on something else without a word.
	while read -r line; do
		if [[ $line = *=n ]]; then
			! grep -q "^${line%=n}=" "$config"
		else
			grep -qxF "$line" "$config"
		fi || die "the configuration came out without $line"
	done <<<"$wanted"
}

# What a module's build reads, as the kernel's own package of headers has it.
# A module wants the kernel's compiler, whatever this machine calls gcc.
copy_headers() {
	local to=$tmp/root/usr/src/linux-headers-$abi
	mkdir -p "$to"
	(
		cd "$tmp/source"
		{
			find . arch/x86 -maxdepth 1 -name 'Makefile*'
			find include scripts arch/x86/include -type f -o -type l
			find arch/x86 -path '*/scripts/*' -type f
			[ ! -e tools/objtool/objtool ] || echo tools/objtool/objtool
			printf '%s\n' .config Module.symvers
		} | sort -u | cpio -p -d -m --quiet "$to"
	)
	sed -i 's/^CC\t\t= $(CROSS_COMPILE)gcc$/&-12/' "$to/Makefile"
	grep -q '^CC.*gcc-12$' "$to/Makefile" || die "$to/Makefile is not as expected"
}

link_headers() {
	local link
	for link in build source; do
		ln -sfn "$dir/root/usr/src/linux-headers-$abi" "$tmp/root/lib/modules/$abi/$link"
	done
}

# Where make_kernel() finds it, as if a package had brought it.
copy_kernel() {
	mkdir -p "$tmp/root/boot"
	cp "$tmp/source/arch/x86/boot/bzImage" "$tmp/root/boot/vmlinuz-$abi"
	cp "$tmp/source/.config" "$tmp/root/boot/config-$abi"
}

compile() {
	local archive=$tmp/root/usr/src/$source_package.tar.xz
	"$here/../scripts/need" make gcc-12 flex bison bc libelf-dev libssl-dev dwarves
	mkdir "$tmp/source"
	tar -C "$tmp/source" --strip-components=1 -xJf "$archive"
	rm "$archive"
	configure
	abi=$(kbuild kernelrelease)
	progress "compiling linux $abi; takes 5 to 30 minutes"
	made bzImage modules
	progress "installing its modules and headers"
	made INSTALL_MOD_PATH="$tmp/root" INSTALL_MOD_STRIP=1 modules_install
	copy_headers
	link_headers
	copy_kernel
	rm -rf "$tmp/source"
}
