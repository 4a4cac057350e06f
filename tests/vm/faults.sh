#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Every allocation that the module makes is refused once, and every copy from
# and to user space: nothing is left behind, and no leak. Only on kernels with
# fault injection: NA_TARGET=i386-6.1-debug, amd64-6.1-kasan. Needs in /payload:
# noalias.ko, na_fail.ko, plant.ko, importer.ko, consumer_test.ko, the programs
# faults_*, refusable.list (scripts/refusable).
# boot: --mem 2G --append retain_initrd
#
# retain_initrd, because kmemleak would read where the kernel has unmapped it:
# of a part that does not end with the object kmemleak is not told.
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

leaks=/sys/kernel/debug/kmemleak
seen=/tmp/faults.seen

# All of them: also what could wait, high memory, and single pages. The log
# would be long: na_fail.ko says where they were.
can_be_refused() {
	local kind file
	[ -w /proc/self/fail-nth ] || return 1
	for kind in failslab fail_page_alloc fail_usercopy; do
		echo 0 >/sys/kernel/debug/$kind/verbose || return 1
	done
	for file in failslab/ignore-gfp-wait fail_page_alloc/ignore-gfp-wait \
		fail_page_alloc/ignore-gfp-highmem; do
		echo N >/sys/kernel/debug/$file || return 1
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# The kernel's own words about its own warning; see faults_warning.c.
dma_buf_warns_once() {
	local status=0
	echo 0 >/proc/sys/kernel/panic_on_warn
	./faults_warning || status=1
	echo 1 >/proc/sys/kernel/panic_on_warn
	dmesg | grep -q 'WARNING: .* dma_buf_vmap' || status=1
	return $status
}

# kills: a call that asks for memory and is in none of the programs
every_place_was_refused() {
	local name status=0
	sort -u $seen >/tmp/seen.sorted
	while read -r name; do
		grep -qx "$name" /tmp/seen.sorted && continue
		echo "# $name asks for memory, or copies, and was never refused"
		status=1
	done <refusable.list
	echo "# $(wc -l </tmp/seen.sorted) functions were refused, of $(wc -l <refusable.list)"
	return $status
}

# --- leaks -------------------------------------------------------------------

# An object is a leak when it has been one for 5 s, at two searches.
search() {
	echo scan >$leaks
	sleep 6
	echo scan >$leaks
}

# has_not_lost MODULE: shows what it has lost. A record begins with "unreferenced
# object"; those of others are told too.
has_not_lost() {
	cat $leaks >/tmp/leaks
	awk -v module="$1" '/^unreferenced object/ { flush(); text = "" }
		{ text = text "# " $0 "\n" }
		function flush() {
			if (index(text, "[" module "]")) { printf "%s", text; bad = 1 }
			else if (text != "") { others++; told = told text }
		}
		END {
			flush()
			if (others) printf "# not of %s: %d\n%s", module, others, told
			exit bad
		}' /tmp/leaks
}

# The stack of whoever lost it may hold its address for long: not this shell's.
# What was found is not searched for again.
# kills: a search that finds nothing because it is not at work, or is not read
search_finds_planted_leak() {
	local nr
	echo clear >$leaks
	has_not_lost na_fail || return 1
	for nr in 1 2 3 4; do
		sh -c 'echo 1 >/sys/kernel/debug/na_fail/leak' || return 1
	done
	search
	! has_not_lost na_fail >/dev/null && echo clear >$leaks
}

# kills: an object of the slab that a refusal lost
nothing_leaked() {
	search
	has_not_lost noalias
}

# The kernel writes there on the way out of any call, and kills whoever it
# cannot tell: a copy refused there is none of the module's.
export GLIBC_TUNABLES=glibc.pthread.rseq=0

# run_where_kernel_warns PROGRAM: it warns, once, if it has no memory for the
# fields of a module's trace event. Here it may go on, whatever it warns of: the
# look at its log that follows sees all other warnings.
run_where_kernel_warns() {
	echo 0 >/proc/sys/kernel/panic_on_warn
	run_program "$1"
	echo 1 >/proc/sys/kernel/panic_on_warn
}

# As in guest_log.c: a refusal that the search itself met.
said_on_purpose='noalias test: |kmemleak: Cannot allocate a scan area|WARNING: .* event_define_fields'

# --- all of it ---------------------------------------------------------------

check "this kernel can refuse" can_be_refused
begin_suite plant importer na_fail
# KASAN's kernel has no kmemleak; any other without it would pass unsearched.
grep -q kasan /proc/version || check "this kernel searches for leaks" [ -w $leaks ]
if [ -w $leaks ]; then
	check "a search for leaks finds a planted one" search_finds_planted_leak
fi
mark_log dma_buf_vmap
check "dma_buf_vmap() warns once" dma_buf_warns_once
for heap in system-uncached system-writecombine; do
	run_program faults_heap $heap any
	run_program faults_device $heap any
done
run_program faults_audit
run_with_consumer faults_export
[ ! -w $leaks ] || check "nothing leaked" nothing_leaked
run_where_kernel_warns faults_module
[ ! -w $leaks ] || check "nothing leaked by loading" nothing_leaked
check "every place was refused" every_place_was_refused
end_suite na_fail importer plant
