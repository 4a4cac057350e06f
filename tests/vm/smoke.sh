#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# On any kernel, also one that the other suites do not know: the module loads,
# gives memory of each type, the auditor finds nothing wrong with that and
# names an alias that is planted, and all of it goes again. With high memory
# also: no CPU keeps a translation. Newer kernels keep their TLB flush to
# themselves; NA_WITHOUT=FLUSH_TLB_ALL tests/vm/run smoke --append na_own_flush=1
# tests what takes its place. Needs in /payload: noalias.ko, plant.ko,
# consumer_test.ko, the programs plant_border and export_tlb, the noalias command.
# test modules: plant consumer_test
# boot: --mem 2G
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# look TYPE: by the ledger a process has a buffer of that type, and the auditor
# finds no fault with it
look() {
	grep -q "^held [0-9]* [0-9]* $1 buffer" $debugfs/frames &&
		audit_is_clean
}

# kills: a heap that promises one type and gives another; a way of converting
# that this kernel takes for a fault
is_given_and_clean() {
	./noalias alloc --quiet --type "$1" --size 8M -- sh ./run look "$1"
}

# kills: a buffer that outlives its process
is_given_back() {
	! grep "^held " $debugfs/frames && leaves_nothing
}

# kills: NA_WITHOUT that does not reach the build
flush_is_our_own() {
	! grep -q __flush_tlb_all noalias.ko
}

[ "${1-}" != look ] || { look "$2"; exit; }

[ -z "${na_own_flush-}" ] || check "flush is our own" flush_is_our_own
begin_suite plant
for type in UC WC; do
	check "8 MiB of $type, audited clean" is_given_and_clean $type
	check "$type is given back" is_given_back
done
run_program plant_border
if grep -q '^HighTotal: *[1-9]' /proc/meminfo; then
	run_with_consumer export_tlb
fi
end_suite plant
