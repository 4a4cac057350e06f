#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The command lines and examples of the documents that need the module, one
# after the other, as tests/docs/run wrote them down.
. /payload/lib.sh

# kills: a command line of a document that fails, or does not exist any more
run_line() {
	sh -c "$2" >/tmp/out 2>&1 </dev/null
	[ $? -le "$1" ] && return
	sed 's/^/# /' /tmp/out
	return 1
}

PATH=/payload:$PATH
begin_suite
while read -r most line; do
	check "$line" run_line "$most" "$line"
done <docs.list
end_suite
