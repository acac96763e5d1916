# shellcheck shell=bash
# What both fuzzers share. Source it after lib.sh and set
#   CORPUS    the folder of inputs that is kept in the tree
#   KEPT      or empty: another one, of inputs that were made by hand

check_seconds() {
	check_number FUZZ_SECONDS "$1" 1 1000000
}

corpus_is_small() {
	local files bytes
	files=$(find "$CORPUS" ${KEPT:+"$KEPT"} -type f | wc -l)
	bytes=$(find "$CORPUS" ${KEPT:+"$KEPT"} -type f -exec cat {} + | wc -c)
	echo "$files files, $bytes bytes"
	[ "$files" -gt 0 ] && [ "$files" -le "${CORPUS_FILES:-60}" ] && [ "$bytes" -le 102400 ]
}
