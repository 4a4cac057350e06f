#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# In the guest: a suite's chosen cases with each module of /payload/mutants,
# one after the other, for tests/mutants/guest.py. Each NAME there has
# noalias.ko, only (the cases) and case (the one that counts). All of them run
# first with the module as it should be; and where more failed than the case
# that counts, those of a mutant run with it again: where they pass, the guest is
# as good as before.
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
	# Line by line: the guest may die of the next one.
	{
		status=0
		timeout 300 sh "./$suite.sh" 2>&1 || status=$?
		echo $status >/tmp/status
	} | tee /tmp/suite
	status=$(cat /tmp/status)
	echo "mutants: $2 ends with status $status"
	[ $status = 0 ]
}

# no_more_failed DIR: what every suite looks at after its cases was as it should
# be, to its end.
no_more_failed() {
	grep -q '^1\.\.' /tmp/suite &&
		! sed -n 's/^not ok [0-9]* - //p' /tmp/suite | grep -vxFf "$1/case" | grep -q .
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
	no_more_failed "$dir" && continue
	[ -e /sys/module/noalias ] && exit 0
	run_with sound.ko sound "$dir" || exit 0
done
exit 0
