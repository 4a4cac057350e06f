# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias doctor; sourced by tests/cli/run.
#
# The whole output is compared: tests/cli/doctor has it for a healthy machine
# with the module and without it, and a case names each line that differs.
# Nodes are links to devices that every machine has, known by their numbers.

doctor_base=

# doctor_system loaded|unloaded: a copy of the recorded system to bend
doctor_system() {
	doctor_base=$top/tests/cli/doctor/$1.txt
	new_system
	mkdir -p "$system/dev/dma_heap" "$system/sys/class/misc"
	: >"$system/proc/modules"
	add_heap class/dma_heap system zero 1:5
	if [ "$1" = unloaded ]; then
		rm -r "$system/sys/module/noalias"
		mkdir -p "$modules/build" "$modules/updates/dkms"
		: >"$modules/build/Makefile"
		echo "updates/dkms/noalias.ko: " >"$modules/modules.dep"
		printf 'ELF\0vermagic=%s SMP \0' $release >"$modules/updates/dkms/noalias.ko"
		return
	fi
	add_heap class/misc system-uncached null 1:3
	add_heap class/misc system-writecombine full 1:7
	add_device class/misc noalias random 1:8
	ln -s /dev/random "$system/dev/noalias"
}

release=6.1.0-50-686-pae
modules=$work/system/lib/modules/$release

# add_device CLASS NAME DEVICE NUMBER: what sysfs knows
add_device() {
	mkdir -p "$system/sys/$1/$2"
	echo "$4" >"$system/sys/$1/$2/dev"
}

# add_heap CLASS NAME DEVICE NUMBER: and its node, /dev/DEVICE of this machine
add_heap() {
	add_device "$@"
	ln -s "/dev/$3" "$system/dev/dma_heap/$2"
}

# What a node's owner is on this machine is no matter, but for two cases.
doctor_text() {
	sed "s/; owner [0-9]*, group [^,]*, mode [0-7]*/; OWNER/; s/version $version/version VERSION/" "$1"
}

# differs STATUS: of the last run, from the base by the lines on stdin alone
differs() {
	cp "$work/out" "$work/said"
	cat >"$work/expected"
	diff <(doctor_text "$doctor_base") <(doctor_text "$work/said") |
		grep '^[<>]' >"$work/differs"
	diff "$work/expected" "$work/differs" >"$work/out" &&
		[ "$status" = "$1" ] && [ ! -s "$work/err" ]
}

# changes STATUS: the same after a run
changes() {
	on_system doctor
	differs "$1"
}

# --- healthy machines --------------------------------------------------------

# kills: a healthy machine that is called ill; a promise of what was not tried
doctor_of_files_promises_nothing() {
	doctor_system loaded
	changes 0 </dev/null || return 1
	on_system doctor --quiet
	is 0 '^note +hypervisor' && ! grep -qE '^(ok|this|with) ' "$work/out" || return 1
	on_system doctor --json
	jq -e '.problems == false and .loaded and .is_tested_kernel
		and (.promise | test("no heap was tested"))
		and (has("with_the_module") | not)
		and (.heaps | map(.tried, .promise) == [false, "unknown", false, "unknown"])
		and (.findings | length == 15)' <"$work/out" >/dev/null
}

# kills: a promise of a module that is not there
doctor_without_module_promises_nothing() {
	doctor_system unloaded
	changes 1 </dev/null || return 1
	on_system doctor --json
	jq -e '.problems and (.loaded | not)
		and .promise == "nothing: the module is not loaded"
		and (.with_the_module | test("tested Linux 6.1 686-pae"))' \
		<"$work/out" >/dev/null
}

# --- what was tried ----------------------------------------------------------

# tries STATUS WORDS: a run with that module, compared as in changes
tries() {
	local real=$noalias
	build_fake || return 1
	noalias=$work/fake
	NA_FAKE=$2 on_system doctor
	noalias=$real
	differs "$1"
}

# kills: heaps that are not tried; a page that is not given back
doctor_tries_each_heap() {
	doctor_system loaded
	tries 0 "" <<-'END'
	> ok       tried      system-uncached: a page was allocated, is UC, promise: guaranteed, was written, read and freed
	> ok       tried      system-writecombine: a page was allocated, is WC, promise: guaranteed, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: guaranteed UC and WC memory, tested just now
	END
}

# kills: a heap believed by its name
doctor_sees_wrong_type() {
	doctor_system loaded
	tries 1 crossed <<-'END'
	> PROBLEM  tried      system-uncached: a page was allocated and is WC, promise: guaranteed; it should be UC
	>                     -> report it, with the output of noalias doctor --json and of dmesg
	> PROBLEM  tried      system-writecombine: a page was allocated and is UC, promise: guaranteed; it should be WC
	>                     -> report it, with the output of noalias doctor --json and of dmesg
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: UC memory: none, tested just now; WC memory: none, tested just now
	END
}

# kills: the heap's promise for the buffer's; one heap's promise for both
doctor_sees_weak_promise() {
	doctor_system loaded
	tries 0 weak <<-'END' || return 1
	> note     tried      system-uncached: a page was allocated, is UC, promise: best effort, was written, read and freed
	> note     tried      system-writecombine: a page was allocated, is WC, promise: best effort, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: UC memory at best effort, tested just now; WC memory at best effort, tested just now
	END
	tries 0 half <<-'END' || return 1
	> ok       tried      system-uncached: a page was allocated, is UC, promise: guaranteed, was written, read and freed
	> note     tried      system-writecombine: a page was allocated, is WC, promise: best effort, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: guaranteed UC memory, tested just now; WC memory at best effort, tested just now
	END
	tries 1 wrong <<-'END'
	> PROBLEM  tried      system-uncached: a page was allocated and is UC, promise: none; it should be UC
	>                     -> report it, with the output of noalias doctor --json and of dmesg
	> PROBLEM  tried      system-writecombine: a page was allocated and is WC, promise: none; it should be WC
	>                     -> report it, with the output of noalias doctor --json and of dmesg
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: UC memory: none, tested just now; WC memory: none, tested just now
	END
}

# kills: a promise when nobody could be asked
doctor_cannot_ask() {
	doctor_system loaded
	tries 0 mute <<-'END'
	> note     tried      system-uncached: a page was allocated; its type cannot be queried without /dev/noalias
	> note     tried      system-writecombine: a page was allocated; its type cannot be queried without /dev/noalias
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: UC memory: unknown, the module cannot be asked; WC memory: unknown, the module cannot be asked
	END
}

# kills: each step whose failure is passed over, or leaves something behind
doctor_fails_at_each_step() {
	local word step text
	doctor_system loaded
	while IFS='|' read -r word step text; do
		tries 1 "$word" <<-END || return 1
		> PROBLEM  tried      system-uncached: $text${step:+: $step of system-uncached failed}
		> PROBLEM  tried      system-writecombine: $text${step:+: $step of system-writecombine failed}
		< this machine promises: unknown: files were read, no heap was tested
		> this machine promises: UC memory: unknown, not tested; WC memory: unknown, not tested
		END
	done <<-'END'
	no-open|open|cannot be opened
	no-alloc|alloc|a page cannot be allocated
	no-map|map|a page cannot be mapped
	no-query|query|a page cannot be queried
	dirty||a page is not zeroed
	END
}

# --- nodes -------------------------------------------------------------------

# kills: the module's word for a node that another driver made first
doctor_sees_foreign_node() {
	doctor_system loaded
	ln -sf /dev/zero "$system/dev/dma_heap/system-uncached"
	rm -r "$system/sys/class/dma_heap/system" "$system/dev/dma_heap/system"
	tries 1 "" <<-'END'
	< ok       heap       system: the kernel's, cached (WB); OWNER
	< ok       heap       system-uncached: the module's, UC; OWNER
	> PROBLEM  heap       system-uncached: device 1:5 of another driver, memory type unknown (cached on x86 with the usual code of such heaps); OWNER
	>                     -> programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it
	> ok       tried      system-writecombine: a page was allocated, is WC, promise: guaranteed, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: UC memory: unknown, not tested; guaranteed WC memory, tested just now
	END
}

# A name is not enough: its device is asked about too.
#
# kills: doctor-knows-four-heaps
doctor_knows_added_heaps() {
	doctor_system loaded
	mkdir -p "$system/sys/module/noalias/parameters"
	echo 'cma-uncached:uc:any cma:wc:dma32 none:uc:any' >"$system/sys/module/noalias/parameters/heaps"
	add_heap class/misc cma-uncached urandom 1:9
	ln -s /dev/zero "$system/dev/dma_heap/cma"
	add_device class/misc cma urandom 1:10
	run doctor --sysroot "$system"
	differs "$status" <<-'END'
	> ok       heap       cma: the kernel's heap system under another name, cached (WB); OWNER
	> ok       heap       cma-uncached: the module's, UC, by its parameter heaps; OWNER
	END
}

# kills: a link that is nobody's; a heap that can be opened by it and is not
doctor_knows_links() {
	doctor_system loaded
	ln -s system-uncached "$system/dev/dma_heap/linux,cma-uncached"
	ln -s system "$system/dev/dma_heap/plain"
	ln -s nowhere "$system/dev/dma_heap/lost"
	changes 0 <<-'END' || return 1
	> ok       heap       linux,cma-uncached: the module's heap system-uncached under another name, UC; OWNER
	> note     heap       lost: a dangling link
	> ok       heap       plain: the kernel's heap system under another name, cached (WB); OWNER
	END
	rm "$system"/dev/dma_heap/{lost,plain,system-uncached}
	ln -sf /dev/null "$system/dev/dma_heap/linux,cma-uncached"
	tries 1 "" <<-'END'
	> ok       heap       linux,cma-uncached: the module's heap system-uncached under another name, UC; OWNER
	< ok       heap       system-uncached: the module's, UC; OWNER
	> PROBLEM  heap       there is no /dev/dma_heap/system-uncached, but the module has created its device
	>                     -> as root: mkdir -p /dev/dma_heap; mknod /dev/dma_heap/system-uncached c 1 3; a devtmpfs at /dev creates it itself
	> ok       tried      linux,cma-uncached: a page was allocated, is UC, promise: guaranteed, was written, read and freed
	> ok       tried      system-writecombine: a page was allocated, is WC, promise: guaranteed, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: guaranteed UC and WC memory, tested just now
	END
}

# kills: one of our heaps taken for the other; files taken for nodes
doctor_sees_crossed_nodes() {
	doctor_system loaded
	ln -sf /dev/full "$system/dev/dma_heap/system-uncached"
	rm "$system/dev/dma_heap/system-writecombine"
	echo text >"$system/dev/dma_heap/system-writecombine"
	rm "$system/dev/noalias"
	ln -s /dev/null "$system/dev/noalias"
	changes 1 <<-'END'
	< ok       heap       system-uncached: the module's, UC; OWNER
	< ok       heap       system-writecombine: the module's, WC; OWNER
	< ok       queries    /dev/noalias: the module's, for queries; OWNER
	> PROBLEM  heap       system-uncached: the module's heap system-writecombine under another name, WC; OWNER
	>                     -> programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it
	> PROBLEM  heap       system-writecombine: no device node; OWNER
	>                     -> programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it
	> PROBLEM  queries    /dev/noalias: not the module's: buffers cannot be queried; OWNER
	>                     -> programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it
	END
}

# kills: a heap of the kernel or of a vendor that is left out, or promised
doctor_lists_all_heaps() {
	doctor_system unloaded
	add_heap class/dma_heap reserved null 1:3
	add_heap class/dma_heap qcom,display full 1:7
	ln -s /dev/random "$system/dev/dma_heap/system-uncached"
	changes 1 <<-'END' || return 1
	> note     heap       qcom,display: device 1:7 of another driver, memory type unknown; OWNER
	> ok       heap       reserved: the kernel's, cached (WB); OWNER
	< note     heap       there is no system-uncached and no system-writecombine: programs that open these names fail or use another heap
	> PROBLEM  heap       system-uncached: device 1:8 of another driver, memory type unknown (cached on x86 with the usual code of such heaps); OWNER
	>                     -> programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it
	> note     heap       there is no system-writecombine: programs that open these names fail or use another heap
	END
	doctor_system unloaded
	ln -sf /dev/null "$system/dev/dma_heap/system"
	changes 1 <<-'END' || return 1
	< ok       heap       system: the kernel's, cached (WB); OWNER
	> note     heap       system: device 1:3 of another driver, memory type unknown; OWNER
	END
	rm -r "$system/sys/class/dma_heap"
	changes 1 <<-'END'
	< ok       heap       system: the kernel's, cached (WB); OWNER
	> ok       heap       system: the kernel's by its name, cached (WB); OWNER
	END
}

# kills: a directory of nodes without a bound
doctor_lists_so_many() {
	local i
	doctor_system unloaded
	for i in {10..40}; do
		ln -s /dev/full "$system/dev/dma_heap/a$i"
	done
	on_system doctor
	is 1 "^note +heap +there are 16 more in /dev/dma_heap" &&
		[ "$(grep -c '^note     heap       a[0-9]*:' "$work/out")" = 16 ]
}

doctor_sees_missing_nodes() {
	doctor_system loaded
	rm "$system/dev/dma_heap/system-uncached" "$system/dev/noalias"
	changes 1 <<-'END'
	< ok       heap       system-uncached: the module's, UC; OWNER
	< ok       queries    /dev/noalias: the module's, for queries; OWNER
	> PROBLEM  heap       there is no /dev/dma_heap/system-uncached, but the module has created its device
	>                     -> as root: mkdir -p /dev/dma_heap; mknod /dev/dma_heap/system-uncached c 1 3; a devtmpfs at /dev creates it itself
	> PROBLEM  queries    there is no /dev/noalias: buffers cannot be queried
	>                     -> as root: mknod /dev/noalias c 1 8
	END
}

# kills: a heap that the machine cannot have called missing
doctor_sees_no_wc_heap() {
	doctor_system loaded
	rm -r "$system/sys/class/misc/system-writecombine" "$system/dev/dma_heap/system-writecombine"
	tries 0 "" <<-'END'
	< ok       heap       system-writecombine: the module's, WC; OWNER
	> note     heap       the module did not create system-writecombine: this machine has no WC memory
	> ok       tried      system-uncached: a page was allocated, is UC, promise: guaranteed, was written, read and freed
	< this machine promises: unknown: files were read, no heap was tested
	> this machine promises: guaranteed UC memory, tested just now; no WC memory
	END
}

# as_camera: a run as user 1000 below the recorded system
as_camera() {
	chmod 755 "$work"
	status=0
	setpriv --reuid 1000 --regid 1000 --clear-groups "$work/noalias" doctor \
		--sysroot "$system" >"$work/out" 2>"$work/err" || status=$?
}

# make_node NAME NUMBER MODE GROUP
make_node() {
	rm -f "$system/dev/dma_heap/$1"
	mknod "$system/dev/dma_heap/$1" c "${2%:*}" "${2#*:}" &&
		chgrp "$4" "$system/dev/dma_heap/$1" && chmod "$3" "$system/dev/dma_heap/$1"
}

# A device of this machine that its user may not open stands for ours.
sees_refusal_as_user() {
	local device number
	device=$(find /dev -maxdepth 1 -type c ! -readable | head -n 1)
	number=$(stat -c %t:%T "$device") || return 1
	echo "$((16#${number%:*})):$((16#${number#*:}))" >"$system/sys/class/misc/system-uncached/dev"
	ln -sf "$device" "$system/dev/dma_heap/system-uncached"
	on_system doctor
	is 1 "^PROBLEM +heap +system-uncached: the module's, UC; .*: may not be opened by"
}

# Root may open everything, so root asks as another user, and for others.
doctor_sees_group() {
	doctor_system loaded
	if [ "$(id -u)" != 0 ]; then
		sees_refusal_as_user
		return
	fi
	make_node system-uncached 1:3 640 990 && make_node system 1:5 600 0 || return 1
	as_camera
	is 1 "^PROBLEM +heap +system-uncached: the module's, UC; owner 0, group noalias, mode 0640: may not be opened by camera$" &&
		is 1 "^ +-> as root: adduser camera noalias; then log in again$" &&
		is 1 "^note +heap +system: the kernel's, cached \(WB\); owner 0, group root, mode 0600: may not be opened by camera$" &&
		is 1 "SUBSYSTEM==\"dma_heap\", GROUP=\"video\", .* adduser camera video$" &&
		[ "$(grep -c ^PROBLEM "$work/out")" = 1 ] || return 1
	make_node system-uncached 1:3 600 0
	on_system doctor
	is 0 "^note +heap +system-uncached: the module's, UC; owner 0, group root, mode 0600: may be opened by root only$" &&
		is 0 "chmod 660 /dev/dma_heap/system-uncached; then adduser USER noalias$" &&
		is 0 "^note +heap +system: .* mode 0600: may be opened by root only$" &&
		is 0 "adduser USER video$"
}

version=$(sed -n 's/^#define NOALIAS_VERSION "\(.*\)"/\1/p' "$top/include/noalias/version.h")
doctor_cases=(doctor_of_files_promises_nothing doctor_without_module_promises_nothing
	doctor_tries_each_heap doctor_sees_wrong_type doctor_sees_weak_promise
	doctor_cannot_ask doctor_fails_at_each_step
	doctor_sees_foreign_node doctor_knows_added_heaps doctor_knows_links doctor_sees_crossed_nodes
	doctor_lists_all_heaps doctor_lists_so_many doctor_sees_missing_nodes
	doctor_sees_no_wc_heap doctor_sees_group
	doctor_sees_no_pat doctor_sees_old_processor doctor_sees_other_machine
	doctor_sees_xen doctor_knows_tested_kernels tested_kernels_are_told_alike
	doctor_sees_options doctor_reads_whole_words doctor_reads_config_gz doctor_cannot_read_config_gz
	doctor_sees_no_modules doctor_sees_bouncing
	doctor_sees_no_module_file doctor_sees_wrong_vermagic doctor_sees_lockdown
	doctor_sees_disabled_modules doctor_sees_version doctor_sees_quarantine
	doctor_sees_mounts doctor_reads_the_log manual_knows_the_log
	manual_knows_lines_of_guests)
