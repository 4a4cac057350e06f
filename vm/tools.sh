# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Kernels of later suites are built by programs and a compiler that do not run
# on this machine, or that it does not have. Their suite's own are unpacked into
# a folder of the cache, one for all targets of a suite and a compiler, and
# vm/enter runs a command with that folder's usr/ in the place of /usr. Nothing
# is installed. Sourced by vm/prepare, whose variables it uses: cache, main_suite,
# kbuild, compiler, tmp. Sets tools.

# What kbuild runs, besides the compiler and what linux-kbuild's programs need.
tools_programs='bash dash binutils coreutils diffutils findutils grep mawk sed make xz-utils zstd'

# tools_products DIR: one of each package that would be missed
tools_products() {
	(cd "$1" && ls usr/bin/{sh,bash,as,ld,make,awk,sed,grep,find,xz,zstd} \
		"usr/bin/x86_64-linux-gnu-$compiler" \
		usr/lib*/ld-linux-x86-64.so.2)
}

# Called with the package lists locked.
fetch_tools() {
	local needs debs=$tmp/tools.debs
	[ -n "$compiler" ] || die "linux-headers-$abi depends on no gcc-N"
	tools=tools-$main_suite-$compiler
	! stamp_holds "$cache/$tools" || return 0
	needs=$(depends_of "$kbuild:amd64")
	progress "downloading $compiler and what else builds modules there"
	mkdir -p "$debs/partial"
	# shellcheck disable=SC2086
	quietly apt-get -c "$tmp/apt/apt.conf" -o APT::Default-Release="$main_suite" \
		-o Dir::Cache::archives="$debs" -y --no-install-recommends \
		--download-only install $tools_programs $needs "$compiler-x86-64-linux-gnu"
}

# Called in a directory of its own, which becomes the tools' folder. Only usr/ is
# of use. awk and its like are links that a package's script would make.
unpack_tools() {
	local new=$1
	unpack "$tmp/tools.debs" "$new/root" "$new/packages"
	mv "$new/root/usr" "$new/usr"
	rm -rf "$new/root" "$new"/usr/share/{doc,info,locale,man}
	ln -s mawk "$new/usr/bin/awk"
	mkdir -p "$new"/usr/{local,src}
	# shellcheck disable=SC2046
	write_stamp "$new" "$cache/$tools" $(tools_products "$new")
}

# Another target may have made them while this one's were on their way.
make_tools() {
	local lock new
	[ "$tools" != - ] && [ -d "$tmp/tools.debs" ] || return 0
	exec {lock}>"$cache/.lock.$tools"
	flock "$lock"
	if ! stamp_holds "$cache/$tools"; then
		progress "unpacking $compiler of $main_suite"
		new=$cache/.new.$tools
		rm -rf "$new"
		mkdir "$new"
		unpack_tools "$new"
		put_in_place "$new" "$cache/$tools"
	fi
	exec {lock}>&-
}
