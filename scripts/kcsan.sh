#!/bin/bash
# Runs the programs that race in a guest with four CPUs, whose kernel has KCSAN, and
# prints KTAP. Each data race in the modules fails the guest; all that were seen are
# listed on stderr, with how often.
#   scripts/kcsan.sh
# ONLY=NAME... runs other programs; MIRROR_MM_SECONDS= is for how long race-all goes on.

. "$(dirname "$0")/lib.sh"

# What several tasks do at the same time, to one file, one mirror or one CPU. Not api-run:
# its timer comes every 50 us, and KCSAN makes its interrupt last longer than that.
PROGRAMS=(race-all stress device-race device-share device-grant device-zap device-owner
	neighbour neighbour-free submit submit-slots submit-hostile submit-guess load-slots
	hwpoison sysfs-tunables debugfs-control exhaust guest-hotplug.sh guest-hwpoison.sh)

# The line that KCSAN begins a report with, without the time, and how many there are.
reports() {
	cat "$BUILD"/logs/vmtest-kcsan*.log 2>/dev/null | grep -o 'BUG: KCSAN: .*' |
		sort | uniq -c | sort -rn
}

# A kernel that watches nothing has nothing to report either.
watched_enough() {
	local watched
	watched=$(tr -d '\r' <"$BUILD/logs/vmtest-kcsan.out" |
		sed -n 's/^# kcsan setup_watchpoints: //p')
	echo "${watched:-no} accesses of the modules were watched"
	[ "${watched:-0}" -gt 1000 ]
}

rm -f "$BUILD"/logs/vmtest-kcsan*.log
export ONLY=${ONLY:-${PROGRAMS[*]}} MIRROR_MM_SECONDS=${MIRROR_MM_SECONDS:-120}
status=0
"$ROOT/scripts/vmtest.sh" kcsan || status=$?
reports >&2
tap_start
tap_case "KCSAN has watched the modules" watched_enough
tap_end && exit "$status"
