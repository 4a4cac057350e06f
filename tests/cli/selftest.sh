# SPDX-License-Identifier: GPL-2.0 OR MIT
# shellcheck shell=bash disable=SC2154
# Cases of noalias selftest, with another module behind its library; sourced by
# tests/cli/run.

# MB/s of a machine as machines are: read and write of cached memory, UC, WC.
good_rates="10000 8000 60 100 70 4000"

# selftest_with WORDS [OPTION...]: what the module does, and NA_RATES
selftest_with() {
	local words="large $1" real=$noalias
	shift
	build_fake || return 1
	noalias=$work/fake
	NA_FAKE=$words NA_RATES=${NA_RATES-$good_rates} \
		on_system selftest "$@"
	noalias=$real
}

# kills: a step that is left out; a healthy machine found ill; a buffer kept
selftest_passes() {
	system=$recorded
	selftest_with "" && is 0 '^selftest: passed$' && [ ! -s "$work/err" ] || return 1
	for line in 'ok +type +system-uncached: UC, promise: guaranteed' \
		'ok +contents +system-writecombine: zeroed' \
		'ok +pins +system-uncached: ' 'ok +audit +clean' \
		'ok +times +system-uncached: reads take x166.7, writes x80.0 ' \
		'ok +times +system-writecombine: reads take x142.9, writes x2.0 '; do
		is 0 "^$line" || return 1
	done
}

# kills: each check that finds nothing; a problem that is not in the exit status
selftest_sees_each_problem() {
	local word line
	system=$recorded
	while read -r word line; do
		selftest_with "$word" && is 1 "^PROBLEM +$line" &&
			is 1 '^selftest: failed$' && [ ! -s "$work/err" ] || return 1
	done <<-'END'
	crossed type +system-uncached: WC, promise: guaranteed; it should be UC
	wrong type +system-writecombine: WC, promise: none; it should be WC
	no-query type +system-uncached: a buffer cannot be queried: query of system-uncached failed
	dirty contents +system-uncached: a new buffer is not zeroed
	torn contents +system-uncached: a second mapping shows other contents
	once contents +system-uncached: a buffer cannot be mapped twice
	apart contents +system-writecombine: is another one in another process
	spliced pins +system-uncached: vmsplice\(\) is not refused
	peeked pins +system-writecombine: process_vm_readv\(\) is not refused
	no-alloc buffer +system-uncached: 1 MiB cannot be allocated
	no-map buffer +system-uncached: it cannot be mapped
	END
}

# kills: times that are not judged; an emulator, or a host, taken for a machine
selftest_judges_times() {
	local cached="10000 8000 9000 7000 9000 7000"
	system=$recorded
	NA_RATES=$cached selftest_with "" &&
		is 1 '^PROBLEM +times +system-uncached: .* as cached memory does$' || return 1
	NA_RATES=$cached selftest_with guest &&
		is 0 '^note +times +system-uncached: .* as cached memory does$' &&
		is 0 '^selftest: passed; nothing is proven about caches$' || return 1
	selftest_with guest && is 0 '^selftest: passed$' || return 1
	selftest_with emulated && is 0 '^note +times +.* proves nothing: .*emulated' &&
		is 0 '^selftest: passed; nothing is proven about caches$' || return 1
	# WC memory that does not combine
	NA_RATES="10000 8000 60 100 70 110" selftest_with "" &&
		is 0 '^note +times +system-writecombine: .* fits neither' || return 1
	# UC memory whose writes are as fast as cached ones
	NA_RATES="10000 8000 60 7900 70 7900" selftest_with "" &&
		is 0 '^note +times +system-uncached: .* fits neither'
}

# kills: an alias, or an audit that saw not all, or none, called clean
selftest_audits() {
	new_system
	rm -rf "$system/sys/kernel/debug"
	selftest_with "" && is 0 '^note +audit +not audited' &&
		is 0 '^selftest: passed; page tables were not audited$' || return 1
	new_system
	sed -i 's/^end conflicts=3 cut=none/missed space=kernel cut=unseen\nend conflicts=3 cut=unseen/' \
		"$system/sys/kernel/debug/noalias/audit"
	selftest_with "" && is 1 '^PROBLEM +audit +incomplete' || return 1
	new_system
	sed -i 's/^conflict grade=alias kind=ram/conflict grade=alias kind=ours/
		s/^frames grade=alias ours=0 ram=2/frames grade=alias ours=2 ram=0/' \
		"$system/sys/kernel/debug/noalias/audit"
	selftest_with "" && is 1 '^PROBLEM +audit +frames of buffers'
}

# kills: JSON that no reader takes, or that promises more than was seen
selftest_json() {
	system=$recorded
	selftest_with emulated --json &&
		jq -e '.noalias_selftest == 1 and (.proves_types | not) and (.problems | not)
			and .machine.is_emulated and .audited
			and (.heaps | map(.type) == ["UC", "WC"])
			and (.findings | map(select(.name == "times")) | length == 2)' \
			<"$work/out" >/dev/null || return 1
	selftest_with no-wc --json &&
		jq -e '.proves_types and (.heaps | length == 1)' <"$work/out" >/dev/null || return 1
	run selftest --sysroot "$system" && says 2 "only this machine"
}

selftest_cases=(selftest_passes selftest_sees_each_problem selftest_judges_times
	selftest_audits selftest_json)
