#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# In the guest: a suite's chosen cases with each module of /payload/mutants,
# one after the other, for tests/mutants/guest.py. Each NAME there has
# noalias.ko and only, the cases. All of them run first with the module as it
# should be; and those of a mutant that failed run with it again: where they
# pass, the guest is as good as before.
cd /payload || exit 2
suite=$(cat mutants.suite)
mv noalias.ko sound.ko
mkdir /tmp/control

# run_with MODULE NAME DIR
run_with() {
	cp "$1" noalias.ko
	cp "$3/only" only
	[ -s only ] || rm only
	echo "mutants: $2 begins"
	status=0
	timeout 300 sh "./$suite.sh" 2>&1 || status=$?
	echo "mutants: $2 ends with status $status"
	[ $status = 0 ]
}

for dir in mutants/*; do
	[ -s "$dir/only" ] || { : >/tmp/control/only; break; }
	cat "$dir/only" >>/tmp/control/only
done
# One case that fails here says nothing about the others.
run_with sound.ko control /tmp/control
[ ! -e /sys/module/noalias ] || exit 1
for dir in mutants/*; do
	name=${dir#mutants/}
	run_with "$dir/noalias.ko" "$name" "$dir" && continue
	[ -e /sys/module/noalias ] && exit 0
	run_with sound.ko sound "$dir" || exit 0
done
exit 0
