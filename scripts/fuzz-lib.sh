# shellcheck shell=bash
# What both fuzzers share. Source it after lib.sh and set
#   CORPUS    the folder of inputs that is kept in the tree

check_seconds() {
	check_number FUZZ_SECONDS "$1" 1 1000000
}

# corpus_is_small [FOLDER...]: of more inputs
corpus_is_small() {
	local files bytes
	files=$(find "$CORPUS" "$@" -type f | wc -l)
	bytes=$(find "$CORPUS" "$@" -type f -exec cat {} + | wc -c)
	echo "$files files, $bytes bytes"
	[ "$files" -gt 0 ] && [ "$files" -le "${CORPUS_FILES:-60}" ] && [ "$bytes" -le 102400 ]
}
