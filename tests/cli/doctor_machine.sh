# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias doctor on machine, kernel, module and log; sourced by
# tests/cli/run after doctor.sh, which has what they share.

# --- machine -----------------------------------------------------------------

doctor_sees_no_pat() {
	doctor_system unloaded
	echo "quiet nopat" >"$system/proc/cmdline"
	changes 1 <<-'END'
	< ok       pat        the page attribute table is in use
	> PROBLEM  pat        the page attribute table was switched off at boot: there is no WC memory, only UC
	>                     -> remove nopat from the kernel's command line and reboot
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       UC memory: as on the tested Linux 6.1 686-pae
	END
}

doctor_sees_old_processor() {
	doctor_system loaded
	sed -i '/^flags/s/ pat / /; /^flags/s/ clflush / /; /^flags/s/ sse4_1 / /' "$system/proc/cpuinfo"
	changes 1 <<-'END'
	< ok       processor  CLFLUSHOPT cleans caches line by line; copies by AVX2 streaming loads
	< ok       pat        the page attribute table is in use
	> note     processor  has no CLFLUSH: each conversion writes back all caches of all processors
	>                     -> allocate rarely, in large buffers
	> note     reads      the processor has no streaming loads (MOVNTDQA, SSE4.1): reading WC memory is as slow as UC
	>                     -> let the CPU write such buffers, and read cached ones
	> PROBLEM  pat        the processor has no page attribute table: there is no WC memory, only UC
	>                     -> in a virtual machine, give it one with PAT (QEMU: -cpu max or host)
	END
}

# not_x86 ARCH WHY
not_x86() {
	doctor_system unloaded
	echo "$1" >"$system/proc/sys/kernel/arch"
	on_system doctor
	cat >"$work/expected" <<-END
	PROBLEM  machine    $1, Linux $release: the module has no port; $2
	                    -> use memory that the firmware keeps from the kernel (a no-map region), or cached memory with DMA_BUF_IOCTL_SYNC
	note     module     not loaded, and cannot be: the module has no port to $1
	ok       heap       system: the kernel's, cached (WB); OWNER
	note     heap       there is no system-uncached and no system-writecombine: programs that open these names fail or use another heap

	this machine promises: nothing: the module has no port to $1
	END
	doctor_text "$work/out" | diff "$work/expected" - && [ "$status" = 1 ]
}

# kills: a promise, or remedies for a module, where there is no port
doctor_sees_other_machine() {
	not_x86 aarch64 "a module cannot change the kernel's own cached mapping of memory" &&
		not_x86 armv7l "only high memory could be free of aliases, low memory is mapped by sections"
}

# kills: a promise in a Xen PV guest; none in another
doctor_sees_xen() {
	doctor_system unloaded
	mkdir -p "$system/sys/hypervisor"
	echo xen >"$system/sys/hypervisor/type"
	echo PV >"$system/sys/hypervisor/guest_type"
	changes 1 <<-'END' || return 1
	< note     hypervisor this is a virtual machine: the host's tables (EPT, NPT) may change memory types, which cannot be seen here
	> PROBLEM  hypervisor this is a Xen PV guest: the hypervisor owns its page tables, and the module refuses to load (Operation not supported)
	>                     -> use an HVM or PVH guest, or boot without Xen
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	< ok       signature  modules without a signature may be loaded
	> note     module     not loaded, and cannot be: the module refuses to load in a Xen PV guest
	< this machine promises: nothing: the module is not loaded
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> this machine promises: nothing: the module refuses to load in a Xen PV guest
	END
	echo PVH >"$system/sys/hypervisor/guest_type"
	changes 1 </dev/null || return 1
	rm "$system/sys/hypervisor/guest_type"
	changes 1 <<-'END'
	> note     hypervisor this is a guest of Xen, and /sys/hypervisor/guest_type does not say whether it is PV: there the module refuses to load
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       unknown: the module refuses to load in Xen PV guests, and /sys/hypervisor/guest_type does not say whether this is one
	END
}

# --- kernel ------------------------------------------------------------------

# kills: a kernel that nobody tried called good, by its line or its flavour
doctor_knows_tested_kernels() {
	local other known
	for other in 6.12.17-amd64 6.12.17+deb13-amd64 6.1.0-50-586 6.1.99-686-pae \
		6.1.0-rc1-686-pae 6.1.0-50-rt-686-pae 6.10.0-50-686-pae 6.1.0-50-686-paex 6.1.0-; do
		doctor_system loaded
		echo $other >"$system/proc/sys/kernel/osrelease"
		mv "$system/boot/config-$release" "$system/boot/config-$other"
		changes 0 <<-END || return 1
		< ok       machine    i686, Linux $release
		> ok       machine    i686, Linux $other
		< ok       kernel     built with all that noalias needs (/boot/config-$release)
		< ok       tested     the module is tested on Debian's Linux 6.1 686-pae, and this is one of them
		> ok       kernel     built with all that noalias needs (/boot/config-$other)
		> note     tested     the module is tested on Debian's Linux 6.1 686-pae, 6.1 686, 6.1 amd64 and 6.12 amd64; $other is not one of them
		END
	done
	while IFS='|' read -r other known; do
		doctor_system unloaded
		echo "$other" >"$system/proc/sys/kernel/osrelease"
		mv "$system/boot/config-$release" "$system/boot/config-$other"
		on_system doctor
		is 1 "^ok +tested +the module is tested on Debian's Linux $known, and this is one of them$" &&
			is 1 "^with the module: +unknown: no module was built for this kernel$" || return 1
	done <<-'END'
	6.1.0-7-amd64|6.1 amd64
	6.1.0-50-686|6.1 686
	6.12.95+deb12-amd64|6.12 amd64
	END
}

# kills: a list of tested kernels that nobody boots, lacks one, or differs in README
tested_kernels_are_told_alike() {
	local line flavour target
	"$noalias" doctor --json --sysroot "$recorded" | jq -r '.tested_kernels[]' >"$work/known"
	sed -nE 's/^\| ([0-9.]+) ([a-z0-9-]+) \| `([a-z0-9.-]+)` \|.*/\1 \2 \3/p' "$top/README.md" >"$work/shown"
	[ -s "$work/known" ] && cut -d' ' -f1-2 "$work/shown" |
		diff - "$work/known" >"$work/out" || return 1
	{
		sed -n 's/.*{NA_TARGET:-\([^}]*\)}.*/\1/p' "$top/tests/vm/run"
		# An audit without the module knows more kernels; some entries are
		# in the newest only.
		grep -vE '"vm-(kcore|image|(special|lines)-sid)' "$top/test" |
			sed -n 's/.*NA_TARGET=\([a-z0-9.-]\+\) .*/\1/p'
	} | sort -u >"$work/booted"
	cut -d' ' -f3 "$work/shown" | sort | diff - "$work/booted" >"$work/out" || return 1
	while read -r line flavour target; do
		awk -v target="$target" -v flavour="$flavour" -v line="-$line" '
			$1 == target && $4 == flavour && index($1, line) { found = 1 }
			END { exit !found }' "$top/vm/prepare" || return 1
	done <"$work/shown"
}

# kills: an option found within another
doctor_reads_whole_words() {
	doctor_system loaded
	echo "quiet nopatience snopat xswiotlb=force swiotlb=forced" >"$system/proc/cmdline"
	changes 0 </dev/null
}

# kills: options that are not looked for; the same for a kernel that lacks them
doctor_sees_options() {
	doctor_system unloaded
	rm "$system/proc/modules"
	sed -i '/CONFIG_MODULES/d; /CONFIG_X86_PAT/d; s/CONFIG_KPROBES=y/# CONFIG_KPROBES is not set/' "$system"/boot/config-*
	changes 1 <<-'END' || return 1
	< ok       kernel     built with all that noalias needs (/boot/config-6.1.0-50-686-pae)
	> PROBLEM  kernel     built without CONFIG_MODULES (/boot/config-6.1.0-50-686-pae): it loads no modules
	>                     -> use a kernel that has it; Debian's have
	> PROBLEM  kernel     built without CONFIG_X86_PAT (/boot/config-6.1.0-50-686-pae): there is no WC memory
	>                     -> use a kernel that has it; Debian's have
	> note     kernel     built without CONFIG_KPROBES (/boot/config-6.1.0-50-686-pae): the kmap pool is emptied with set_pages_wb(), which costs more
	>                     -> use a kernel that has it; Debian's have
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	< ok       signature  modules without a signature may be loaded
	> note     module     not loaded, and cannot be: the kernel loads no modules
	< this machine promises: nothing: the module is not loaded
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> this machine promises: nothing: the kernel loads no modules
	END
	# Without high memory there is no kmap pool to empty.
	doctor_system unloaded
	sed -i '/CONFIG_KPROBES/d; /CONFIG_HIGHMEM/d' "$system"/boot/config-*
	changes 1 </dev/null
}

# kills: an old file of /boot believed before the running kernel
doctor_reads_config_gz() {
	doctor_system loaded
	{ echo "# CONFIG_DEBUG_FS is not set"; grep -v DEBUG_FS "$system/boot/config-$release"; } |
		gzip >"$system/proc/config.gz"
	changes 1 <<-'END' || return 1
	< ok       kernel     built with all that noalias needs (/boot/config-6.1.0-50-686-pae)
	> PROBLEM  kernel     built without CONFIG_DEBUG_FS (/proc/config.gz): audit, map, stat and list --buffers have nothing to read
	>                     -> use a kernel that has it; Debian's have
	END
	# Without gzip there is zcat; what is not read there is read in /boot.
	mkdir "$work/bin" && ln -s "$(command -v gzip)" "$work/bin/gzip"
	printf '#!/bin/sh\nexec %s -dc\n' "$(command -v gzip)" >"$work/bin/zcat"
	chmod +x "$work/bin/zcat" && rm "$work/bin/gzip"
	PATH=$work/bin on_system doctor
	is 1 "CONFIG_DEBUG_FS \(/proc/config.gz\)" || return 1
	PATH=/no/such/place on_system doctor
	differs 0 </dev/null
}

# kills: a reason that is kept back; an output without end
doctor_cannot_read_config_gz() {
	doctor_system unloaded
	rm "$system/boot/config-$release"
	echo "no gzip" >"$system/proc/config.gz"
	expect_unread() {
		differs 1 <<-END
		< ok       kernel     built with all that noalias needs (/boot/config-6.1.0-50-686-pae)
		> note     kernel     the configuration of Linux 6.1.0-50-686-pae is not known: $1
		${2:+>                     -> }${2:-< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae}
		${2:+< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
		}> with the module:       unknown: the kernel's configuration is not known
		END
	}
	on_system doctor
	expect_unread "/proc/config.gz: gzip cannot read it" || return 1
	PATH=/no/such/place on_system doctor
	expect_unread "/proc/config.gz: there is neither gzip nor zcat to read it" \
		"as root: apt install gzip" || return 1
	head -c 64M /dev/zero | gzip >"$system/proc/config.gz"
	on_system doctor
	expect_unread "/proc/config.gz: File too large" || return 1
	rm "$system/proc/config.gz"
	on_system doctor
	expect_unread "there is neither /boot/config-$release nor /proc/config.gz" \
		"as root: modprobe configs, if there is such a module; then run this again"
}

# kills: hope for a module where there is no word of how the kernel was built
doctor_sees_no_modules() {
	doctor_system unloaded
	rm "$system/boot/config-$release" "$system/proc/modules"
	on_system doctor
	is 1 "^PROBLEM +kernel +loads no modules: there is no /proc/modules$" &&
		is 1 "^this machine promises: nothing: the kernel loads no modules$" &&
		[ "$(grep -c ^PROBLEM "$work/out")" = 1 ]
}

doctor_sees_bouncing() {
	doctor_system loaded
	echo "quiet swiotlb=force" >"$system/proc/cmdline"
	changes 0 <<-'END'
	> note     devices    swiotlb=force: all devices use bounce buffers, so they cannot attach to buffers
	>                     -> remove swiotlb=force from the kernel's command line and reboot
	END
}

# --- module ------------------------------------------------------------------

# kills: headers that are asked for and there; a package that is not
doctor_sees_no_module_file() {
	doctor_system unloaded
	rm "$modules/modules.dep" "$modules/updates/dkms/noalias.ko"
	changes 1 <<-'END' || return 1
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	> PROBLEM  module     not loaded, and not built for Linux 6.1.0-50-686-pae
	>                     -> as root: apt install noalias-dkms; if it is there: dkms autoinstall -k 6.1.0-50-686-pae
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       unknown: no module was built for this kernel
	END
	rm "$modules/build/Makefile"
	changes 1 <<-'END'
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	> PROBLEM  module     not loaded, and not built for Linux 6.1.0-50-686-pae; this kernel's headers are not installed
	>                     -> as root: apt install noalias-dkms linux-headers-6.1.0-50-686-pae
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       unknown: no module was built for this kernel
	END
}

doctor_sees_wrong_vermagic() {
	doctor_system unloaded
	printf 'ELF\0vermagic=6.1.0-49-686-pae SMP \0' >"$modules/updates/dkms/noalias.ko"
	changes 1 <<-'END'
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	> PROBLEM  module     not loaded; updates/dkms/noalias.ko was built for Linux 6.1.0-49-686-pae, this is 6.1.0-50-686-pae
	>                     -> as root: dkms autoinstall -k 6.1.0-50-686-pae
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       unknown: no module was built for this kernel
	END
}

doctor_sees_lockdown() {
	doctor_system unloaded
	mkdir -p "$system/sys/kernel/security" "$system/sys/firmware/efi/efivars"
	echo "none [integrity] confidentiality" >"$system/sys/kernel/security/lockdown"
	printf '\6\0\0\0\1' >"$system/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	changes 1 <<-'END'
	< ok       signature  modules without a signature may be loaded
	> note     signature  the kernel is locked down (integrity), Secure Boot is on: only modules with a known signature load
	>                     -> enrol the key that DKMS signs with, as root: mokutil --import /var/lib/dkms/mok.pub, then reboot
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> with the module:       unknown: only modules with a signature that the kernel knows are loaded
	END
}

doctor_sees_disabled_modules() {
	doctor_system unloaded
	echo 1 >"$system/proc/sys/kernel/modules_disabled"
	changes 1 <<-'END'
	< PROBLEM  module     not loaded; updates/dkms/noalias.ko is there
	<                     -> as root: modprobe noalias; if it fails, see dmesg
	< ok       signature  modules without a signature may be loaded
	> PROBLEM  modules    kernel.modules_disabled is 1: no module loads until reboot
	>                     -> remove it from /etc/sysctl.d and reboot
	> note     module     not loaded, and cannot be: kernel.modules_disabled is 1
	< this machine promises: nothing: the module is not loaded
	< with the module:       UC and WC memory: as on the tested Linux 6.1 686-pae
	> this machine promises: nothing: kernel.modules_disabled is 1
	END
}

doctor_sees_version() {
	doctor_system loaded
	echo 0.0.1 >"$system/sys/module/noalias/version"
	changes 0 <<-'END'
	< ok       module     loaded, version VERSION
	> note     module     loaded, version 0.0.1; this command is of version VERSION
	>                     -> as root: modprobe -r noalias && modprobe noalias; or reboot
	END
}

doctor_sees_quarantine() {
	doctor_system loaded
	sed -i 's/^frames_quarantined 0/frames_quarantined 3/' "$system/sys/kernel/debug/noalias/counters"
	changes 1 <<-'END' || return 1
	> PROBLEM  quarantine 3 frames could not be made safe and will not be used again
	>                     -> see dmesg for the reason; a reboot frees them
	END
	sed -i 's/^frames_quarantined 3/frames_quarantined 1/' "$system/sys/kernel/debug/noalias/counters"
	changes 1 <<-'END'
	> PROBLEM  quarantine 1 frame could not be made safe and will not be used again
	>                     -> see dmesg for the reason; a reboot frees them
	END
}

# --- files and log -----------------------------------------------------------

doctor_sees_mounts() {
	doctor_system loaded
	sed -i '/debugfs/d; /tracefs/d' "$system/proc/self/mounts"
	changes 0 <<-'END'
	< ok       pat        the page attribute table is in use
	> ok       pat        the processor has a page attribute table, and it is not disabled
	< ok       debugfs    /sys/kernel/debug can be read
	< ok       tracefs    /sys/kernel/tracing can be read
	> note     debugfs    not mounted: audit, map, stat and list --buffers cannot work
	>                     -> as root: mount -t debugfs debugfs /sys/kernel/debug
	> note     tracefs    not mounted: trace cannot work
	>                     -> as root: mount -t tracefs tracefs /sys/kernel/tracing
	END
}

# kills: a line that people ask about and the doctor passes over
doctor_reads_the_log() {
	local see='>                     -> docs/troubleshooting.md, "In the kernel'"'"'s log"'
	doctor_system loaded
	cp "$top/tests/cli/doctor/messages.txt" "$system/dev/kmsg"
	changes 0 <<-END
	> note     log        "map pfn RAM range req", 1 line: a driver mapped RAM without a change of its type: that mapping is cached
	$see
	> note     log        "map pfn expected mapping type", 1 line: a mapping of device memory was refused (EINVAL): another mapping has another type
	$see
	> note     log        "conflicting memory types", 1 line: device memory was requested with two types; the second was refused or changed
	$see
	> note     log        "PAT: memtype_reserve failed", 1 line: device memory was requested with two types, or with more than one that it has
	$see
	> note     log        "reserve_ram_pages_type failed", 1 line: a driver was refused (EBUSY) a type for RAM that has another type already
	$see
	> note     log        "ioremap_change_attr failed", 1 line: the direct map could not get the type of a mapping, which was refused: no alias
	$see
	> note     log        "freeing invalid memtype", 2 lines: a driver freed a range that it never reserved: its bug, no alias
	$see
	> note     log        "ioremap error for", 1 line: a driver was refused device memory: it is mapped with another type
	$see
	> note     log        "ioremap memtype_reserve failed", 1 line: a driver was refused device memory: its range has two types, or RAM in it
	$see
	> note     log        "ioremap on RAM at", 1 line: a driver was refused RAM as if it were device memory: no alias
	$see
	> note     log        "mapping multiple BARs", 1 line: a driver mapped more than its device's range, all with one type
	$see
	> note     log        "iounmap: bad address", 1 line: a driver unmapped what is not mapped: its bug, no alias
	$see
	> note     log        "CPA: called for zero pte", 1 line: a driver wanted another type at an address where nothing is mapped, and was refused
	$see
	> note     log        "contiguous chunk is too small", 1 line: an importer without an IOMMU needs one physical run: its QBUF failed (EFAULT)
	$see
	> note     log        "Error getting dmabuf scatterlist", 1 line: a device was refused a buffer: its QBUF failed (EINVAL)
	$see
	> note     log        "failed to attach dmabuf", 2 lines: the buffer's driver refused a device: its QBUF failed
	$see
	> note     log        "failed to map scatterlist", 1 line: a device cannot reach the memory of videobuf2 that it was given (EIO)
	$see
	> note     log        "vmap allocation for size", 1 line: the kernel's address space for vmalloc is full: vmalloc= makes it larger on 32 bit
	$see
	> note     log        "vmalloc_node_range for size", 1 line: the kernel's address space for vmalloc is full (the line of newer kernels)
	$see
	> note     log        "swiotlb buffer is full", 1 line: a device uses bounce buffers; our heaps refuse such a device
	$see
	> note     log        "with the DMA bounce buffer", 1 line: a device needs bounce buffers, and the kernel has none
	$see
	> note     log        "using DMA bounce buffers", 1 line: memory is encrypted, and devices use bounce buffers: our heaps refuse them
	$see
	> note     log        "overflow (mask", 1 line: a device was refused memory that it cannot address
	$see
	> note     log        "not ours (10:", 1 line: a node with the name of the module's is another device
	$see
	END
}

# kills: a line that the doctor sends people to the manual for, and it has none
manual_knows_the_log() {
	local part
	sed -nE '/^static const struct message/,/^};/s/.*\{ "([^"]*)".*/\1/p' \
		"$top/cli/doctor_log.c" >"$work/known"
	[ "$(wc -l <"$work/known")" -ge 24 ] || return 1
	sed -n '/^## In the kernel/,/^## The module does not load/p' "$top/docs/troubleshooting.md" >"$work/page"
	while read -r part; do
		grep -qF "$part" "$work/page" || { echo "$part" >"$work/out"; return 1; }
		grep -qF "$part" "$top/tests/cli/doctor/messages.txt" || return 1
	done <"$work/known"
}

# kills: a line that a guest has seen its kernel print, and nobody can look up
manual_knows_lines_of_guests() {
	local how part
	sed -n '/^list_.*() {/,/^}/s/.*\(said\|heard\) [0-9]* \([^'"'"']*\).*/\1 \2/p' \
		"$top/tests/vm/lines.sh" >"$work/list"
	[ "$(wc -l <"$work/list")" -ge 20 ] || return 1
	while read -r how part; do
		grep -qF "$part" "$top/docs/troubleshooting.md" &&
			{ [ "$how" = heard ] || grep -qF "\"$part\"," "$top/cli/doctor_log.c"; } ||
			{ echo "$part" >"$work/out"; return 1; }
	done <"$work/list"
}
