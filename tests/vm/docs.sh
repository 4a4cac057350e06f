#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The command lines and examples of the documents that need the module, one
# after the other, as tests/docs/run wrote them down.
. /payload/lib.sh

# kills: a command line of a document that fails, or does not exist any more
run_line() {
	sh -c "$1" >/tmp/out 2>&1 </dev/null && return
	sed 's/^/# /' /tmp/out
	return 1
}

PATH=/payload:$PATH
begin_suite
while IFS= read -r line; do
	check "$line" run_line "$line"
done <docs.list
end_suite
