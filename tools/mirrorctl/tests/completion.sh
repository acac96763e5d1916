#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The completions: what they offer is what mirrorctl takes. Prints TAP.
# MIRRORCTL names the program.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/tap.sh"
cd "$(dirname "$0")/../completions" || exit 1
: "${MIRRORCTL:?}"
# shellcheck source=/dev/null
. ./mirrorctl.bash

details() { echo "offered: ${COMPREPLY[*]}"; }

# Sets COMPREPLY for a line whose last word is to be completed.
complete_line() {
	COMP_WORDS=("$MIRRORCTL" "$@")
	COMP_CWORD=$#
	COMP_LINE="mirrorctl $*"
	COMP_POINT=${#COMP_LINE}
	COMPREPLY=()
	_mirrorctl "$MIRRORCTL" 2>/dev/null
}

# offers "WORD..." LINE...: exactly these, in any order.
offers() {
	local wanted=$1 same=1
	shift
	complete_line "$@"
	[ "$(tr ' ' '\n' <<<"$wanted" | sort)" = "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" ] && same=0
	result "$same" "after \"$*\": $wanted"
}

# Each word is one that the program knows: it fails at the device, not at the word.
all_known() {
	local option=$1 word status bad=""
	complete_line alloc "$option" ""
	for word in "${COMPREPLY[@]}"; do
		"$MIRRORCTL" --device /nonexistent alloc "$option" "$word" >/dev/null 2>&1
		status=$?
		[ "$status" = 1 ] || bad="$bad $word"
	done
	[ "${#COMPREPLY[@]}" -ge 3 ] && [ -z "$bad" ]
	result $? "all words for $option are known${bad:+, but not:$bad}"
}

offers "alloc" al
offers "buddyinfo" b
offers "free" --json f
offers "movable" alloc --type m
offers "movable" alloc -t m
offers "movable" alloc --type=m
offers "interleave" alloc --policy i
offers "KERNEL,NORETRY KERNEL,NOWAIT KERNEL,NOWARN KERNEL,NOIO KERNEL,NOFS KERNEL,NOFAIL KERNEL,NOMEMALLOC" \
	alloc --gfp KERNEL,NO
offers "--count" alloc --cou
offers "--map" zones --m
offers "split pcp fallback watermark highatomic" tour ""
offers "watermark" --json tour w
offers "" alloc --count ""
all_known --type
all_known --gfp
all_known --policy

# Every command of the program is offered, and every one that is offered is there.
complete_line ""
[ "$(printf '%s\n' "${COMPREPLY[@]}" | grep -vx help | sort)" = \
	"$("$MIRRORCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  .*/\1/p' | sort)" ]
result $? "the commands are those of --help"

# zsh has the same words.
words_of() { perl -0777 -ne "print \$1 if /\\b$2=[(\"]([^)\"]*)/" "$1" | xargs; }
complete_line tour ""
for name in "${COMPREPLY[@]}"; do
	"$MIRRORCTL" --device /nonexistent tour "$name" >/dev/null 2>&1
	[ $? = 1 ]
	result $? "there is a tour $name"
done
for name in gfp types policies tours; do
	words=$(words_of mirrorctl.bash "$name")
	[ -n "$words" ] && [ "$words" = "$(words_of _mirrorctl "$name")" ]
	result $? "bash and zsh offer the same $name"
done
zsh -n _mirrorctl
result $? "zsh can read its own"

tap_end
