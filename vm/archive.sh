# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Where packages come from: this machine's own Debian mirror, through an apt of
# our own. Sourced by vm/prepare, whose variables it uses: cache, target, suite,
# main_suite, arch, flavour, version, tmp. Sets abi, common, kbuild, compiler,
# packages.

# One line per binary archive: "URI suites components signed-by", with commas
# inside a field; "-" when there is no signed-by path.
list_archives() {
	local file dir=/etc/apt
	for file in "$dir"/sources.list "$dir"/sources.list.d/*.list; do
		[ -r "$file" ] && list_one_line "$file"
	done
	for file in "$dir"/sources.list.d/*.sources; do
		[ -r "$file" ] && list_deb822 "$file"
	done
	return 0
}

list_one_line() {
	awk '{ sub(/#.*/, "") } $1 == "deb" {
		key = "-"
		if (match($0, /\[[^]]*\]/)) {
			n = split(substr($0, RSTART + 1, RLENGTH - 2), o, " ")
			for (i = 1; i <= n; i++)
				if (o[i] ~ /^signed-by=/) key = substr(o[i], 11)
			$0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
		}
		comp = $4
		for (i = 5; i <= NF; i++) comp = comp "," $i
		print $2, $3, comp, key
	}' "$1"
}

list_deb822() {
	awk 'function flush(  n, u, i) {
		if (f["types"] ~ /(^| )deb( |$)/ && f["enabled"] !~ /^(no|false|0)$/) {
			key = f["signed-by"]
			if (key !~ /^\/[^ ]*$/) key = "-"
			gsub(/ +/, ",", f["suites"]); gsub(/ +/, ",", f["components"])
			n = split(f["uris"], u, " ")
			for (i = 1; i <= n; i++)
				print u[i], f["suites"], f["components"], key
		}
		delete f; name = ""
	}
	/^#/ { next }
	/^[ \t]*$/ { flush(); next }
	/^[ \t]/ { v = $0 }
	/^[^ \t]/ { name = tolower($0); sub(/:.*/, "", name)
		v = $0; sub(/^[^:]*:/, "", v) }
	{ gsub(/[ \t]+/, " ", v); sub(/^ /, "", v); sub(/ $/, "", v)
		f[name] = f[name] (f[name] == "" ? "" : " ") v }
	END { flush() }' "$1"
}

# The archive this machine itself uses for Debian's main suite; the wanted
# suite need not be the machine's own, every Debian mirror carries it.
find_mirror() {
	local codename
	if [ -n "${NOALIAS_MIRROR:-}" ]; then
		echo "$NOALIAS_MIRROR -"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	list_archives | awk -v own="$codename" -v want="$suite" '
		function has(list, x) { return index("," list ",", "," x ",") }
		!has($3, "main") { next }
		has($2, want) { print $1, $4; done = 1; exit }
		$1 ~ /debian\/?$/ && other == "" && (has($2, own) ||
			has($2, "stable") || has($2, "testing") ||
			has($2, "unstable") || has($2, "sid")) { other = $1 " " $4 }
		END { if (!done && other != "") print other }'
}

# print_source OPTIONS: busybox and such are in the main suite only.
print_source() {
	local uri key each
	read -r uri key < <(find_mirror) || true
	[ -n "${uri:-}" ] || die "no Debian mirror in /etc/apt; set NOALIAS_MIRROR to the URL of one"
	[ "$key" = - ] && key= || key=" signed-by=$key"
	for each in "$main_suite" "$suite"; do
		echo "deb [$1$key] $uri $each main"
	done | uniq
}

write_apt_root() {
	local apt=$1 arches
	arches=$(printf '%s\n' "$arch" amd64 | sort -u | paste -sd, -)
	mkdir -p "$apt"/{empty,cache/archives/partial} "$lists/partial"
	: >"$apt/status"
	print_source "target=Packages arch=$arches" >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-EOF
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Post-Invoke;
		#clear APT::Architectures;
		APT::Architecture "$arch";
		APT::Architectures { "${arches//,/\"; \"}"; };
		APT::Sandbox::User "root";
		APT::Default-Release "$suite";
		APT::Get::List-Cleanup "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::State "$apt";
		Dir::State::lists "$lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "$apt/empty";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$apt/empty";
	EOF
}

# Runs an apt tool quietly; its words are shown only if it fails.
try_quietly() {
	"$@" >"$tmp/log" 2>&1 || {
		grep -E '^(E|Err|W)[: ]' "$tmp/log" | tail -n 8 | sed 's/^/  /' >&2
		return 1
	}
}

quietly() {
	try_quietly "$@" ||
		die "'${1##*/} ${*: -1}' failed (network? mirror?); run the same command again"
}

# The lists are shared by all targets, and apt fetches only what has changed.
# Those that apt stumbles over are not kept, or it would do so again.
read_lists() {
	progress "reading the package lists of ${suites// / and }"
	try_quietly apt-get -c "$tmp/apt/apt.conf" --error-on=any update && return
	rm -rf "$lists"
	! grep -qE 'does not have a Release file|404 +Not Found' "$tmp/log" ||
		die "the mirror does not have ${suites// / or }, or has it no more; Debian keeps old suites at archive.debian.org: set NOALIAS_MIRROR"
	die "the package lists cannot be read (network? mirror?); run the same command again"
}

# depends_of PACKAGE: names of what it depends on; nothing if there is none
depends_of() {
	{ apt-cache -c "$tmp/apt/apt.conf" show --no-all-versions "$1" 2>/dev/null || true; } |
		sed -n 's/^\(Pre-\)\{0,1\}Depends: //p' | tr -d ' ' | tr ',|' '\n' |
		sed 's/(.*//; s/:.*//'
}

# A target that is named by a version is of no use with another one.
check_version() {
	[ "$version" = - ] || [[ $abi =~ ^${version//./\\.}[.+-] ]] ||
		die "$suite has moved on: linux-image-$flavour is $abi there, no $version; see 'A new target' in vm/README.md"
}

# The ABI number changes at point releases, so it is read from the meta
# package. What an image consists of, and which version the name of linux-kbuild
# has, differs from suite to suite. linux-kbuild holds programs that run here,
# not in the guest.
resolve_packages() {
	local headers part
	! is_compiled || { compiled_packages; return; }
	abi=$(depends_of "linux-image-$flavour" | sed -n 's/^linux-image-//p' | head -n 1)
	[ -n "$abi" ] || die "$suite has no linux-image-$flavour for $arch (any more)"
	check_version
	headers=$(depends_of "linux-headers-$abi")
	[ -n "$headers" ] ||
		die "$suite has no linux-headers-$abi for the linux-image-$abi that is newest; is the mirror in mid-update? try later"
	common=$(grep -Ex 'linux-headers-.*-common(-rt)?' <<<"$headers") &&
		kbuild=$(grep -x 'linux-kbuild-.*' <<<"$headers") ||
		die "linux-headers-$abi depends on no -common or on no linux-kbuild, but on: ${headers//$'\n'/ }"
	compiler=$(grep -Eo '^gcc-[0-9]+|compiler-gcc-[0-9]+' <<<"$headers" | head -n 1)
	compiler=${compiler#compiler-}
	packages=("$common" "$kbuild:amd64")
	for part in "linux-image-$abi" "linux-headers-$abi" busybox-static \
		$(depends_of "linux-image-$abi" | sed -nE '/^linux-(base|binary|modules)-/p'); do
		packages+=("$part:$arch")
	done
}

# download DIR WHAT PACKAGE...
download() {
	local to=$1 what=$2
	shift 2
	progress "downloading $what"
	mkdir "$to"
	(cd "$to" && quietly apt-get -c "$tmp/apt/apt.conf" download "$@")
	[ "$(find "$to" -name '*.deb' | wc -l)" = $# ] ||
		die "the download is not whole; run the same command again"
}

# Another target's run may change the lists while these are not locked.
fetch() {
	local lock suites=$suite
	[ "$suite" = "$main_suite" ] || suites="$main_suite $suite"
	lists=$cache/.lists
	exec {lock}>"$cache/.lock.lists"
	flock "$lock"
	write_apt_root "$tmp/apt"
	read_lists
	resolve_packages
	download "$tmp/debs" "${packages[*]%:*}" "${packages[@]}"
	[ "$tools_suite" = - ] || fetch_tools
	exec {lock}>&-
}
