#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The demonstration as a test, and what the kernel log says after it.
cd /payload || exit 2
# Newer kernels bring heaps of their own.
heaps=$(ls /dev/dma_heap 2>/dev/null)
./show >/result/show.txt 2>&1
status=$?
sed 's/^/# /' /result/show.txt

# kills: a purge that is skipped, an auditor that is blind, a demo that lies
[ $status = 0 ] && echo "ok 1 - demo_shows_alias_and_cure" ||
	echo "not ok 1 - demo_shows_alias_and_cure"
# kills: a module that stays, or leaves something behind
! grep -q noalias /proc/modules && [ "$(ls /dev/dma_heap 2>/dev/null)" = "$heaps" ] &&
	echo "ok 2 - demo_leaves_no_module_and_no_node" ||
	echo "not ok 2 - demo_leaves_no_module_and_no_node"
dmesg | grep -E 'WARNING|BUG|Oops|Bad page|leak' >/tmp/log
# kills: any complaint of the kernel that the demo survives
[ ! -s /tmp/log ] && echo "ok 3 - demo_leaves_kernel_log_clean" ||
	{ sed 's/^/# /' /tmp/log; echo "not ok 3 - demo_leaves_kernel_log_clean"; }
echo 1..3
exit $status
