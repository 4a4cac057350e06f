#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The audit through /proc/kcore finds what the module's finds: each kind of
# alias, planted, and judged by the same programs. Needs in /payload: as audit.sh,
# and kcore_records.
# boot: --mem 6G --append hugepagesz=1G --append hugepages=1
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# kills: an audit that needs the module
clean_without_module() {
	[ ! -e /sys/module/noalias ] || return 1
	./noalias audit --json >/tmp/json 2>/dev/null || return 1
	grep -q '"source":{"kind":"kcore","file":"/proc/kcore"' /tmp/json &&
		grep -q '"confirmed":true' /tmp/json &&
		grep -q '"lost":\[\]' /tmp/json &&
		grep -q '"cut":\[\]' /tmp/json
}

# kills: a clean verdict on memory of noalias by who does not know which that is
ours_needs_the_module() {
	./noalias audit --ours --quiet 2>/tmp/err
	[ $? = 2 ] && grep -q 'the module is not loaded' /tmp/err || return 1
	./noalias audit --kcore --ours 2>/tmp/err
	[ $? = 2 ] && grep -q "the module's ledger" /tmp/err
}

# kills: a clean verdict for what a user without rights could not read
refused_to_others() {
	su -s /bin/sh nobody -c '/payload/noalias audit --kcore' 2>/tmp/err
	[ $? = 2 ] || return 1
	grep -q '/proc/kcore: .*root' /tmp/err && return
	sed 's/^/# /' /tmp/err
	return 1
}

# kills: the same for a root that a container has
refused_without_rawio() {
	./without_rawio ./noalias audit --kcore 2>/tmp/err
	[ $? = 2 ] && grep -q '/proc/kcore: .*CAP_SYS_RAWIO' /tmp/err
}

# kills: a watch that needs the module, or that reads page tables once
watch_without_module() {
	./noalias audit --watch=0.05 --count 3 --json >/tmp/json 2>/dev/null || return 1
	[ "$(grep -c '"source":{"kind":"kcore"' /tmp/json)" = 3 ] &&
		[ "$(grep -c '"cut":\[\]' /tmp/json)" = 3 ] &&
		tail -n 1 /tmp/json | grep -q '^{"event":"end","audits":3,.*"came":0,"went":0}$'
}

echo 'root:x:0:0:root:/:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh' >/etc/passwd
check "kcore: clean_without_module" clean_without_module
check "kcore: watch_without_module" watch_without_module
check "kcore: ours_needs_the_module" ours_needs_the_module
check "kcore: refused_to_others" refused_to_others
check "kcore: refused_without_rawio" refused_without_rawio
begin_suite plant importer bug2014 na_fail
export NA_AUDITOR=kcore
run_program plant_kinds
run_program plant_regions
run_program plant_border
run_program plant_reach
run_program plant_list
run_program plant_watch
end_suite na_fail bug2014 importer plant
