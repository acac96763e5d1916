# SPDX-License-Identifier: GPL-2.0
# Completion of mirrorctl for bash. Options are those that --help names.

_mirrorctl_options() {
	"$1" ${2:+"$2"} --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# The last of several words that a separator holds together.
_mirrorctl_joined() {
	local last=${2##*[,|]}
	local done=${2%"$last"}
	mapfile -t COMPREPLY < <(compgen -P "$done" -W "$1" -- "$last")
	compopt -o nospace
}

_mirrorctl_command() {
	local word
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case " $1 " in *" $word "*) echo "$word" && return ;; esac
	done
}

# The ids and the holders there are now.
_mirrorctl_held() {
	"$1" alloc --list 2>/dev/null | grep -oE "$2" | sort -u
}

_mirrorctl() {
	# shellcheck disable=SC2034 # _init_completion sets them all
	local cur prev words cword command
	local commands="info alloc free buddyinfo nodes zones watch demo tour help"
	local types="unmovable movable reclaimable"
	local tours="split pcp fallback watermark highatomic"
	local gfp="ATOMIC KERNEL NOWAIT NOIO NOFS USER HIGHUSER HIGHUSER_MOVABLE RECLAIM DMA
		HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS ZERO DIRECT_RECLAIM KSWAPD_RECLAIM
		WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL
		THISNODE"
	local policies="default local preferred preferred-many bind interleave weighted-interleave"

	_init_completion -n = 2>/dev/null || {
		cur=${COMP_WORDS[COMP_CWORD]}
		prev=${COMP_WORDS[COMP_CWORD - 1]}
	}
	command=$(_mirrorctl_command "$commands")
	case "$cur" in
	--*=*)
		prev=${cur%%=*}
		cur=${cur#*=}
		;;
	esac
	COMPREPLY=()
	case "$prev" in
	--type | -t) mapfile -t COMPREPLY < <(compgen -W "$types" -- "$cur") ;;
	--gfp) _mirrorctl_joined "$gfp" "$cur" ;;
	--policy) mapfile -t COMPREPLY < <(compgen -W "$policies" -- "$cur") ;;
	--order | -o) mapfile -t COMPREPLY < <(compgen -W "$(seq 0 10)" -- "$cur") ;;
	--holder) mapfile -t COMPREPLY < <(compgen -W "$(_mirrorctl_held "$1" '\bh[0-9]+')" -- "$cur") ;;
	--zone) mapfile -t COMPREPLY < <(compgen -W "DMA DMA32 Normal HighMem Movable" -- "$cur") ;;
	--device | --debugfs) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--count | -n | --node | --nodes | --hold | --interval | -i) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_mirrorctl_options "$1" "$command")" -- "$cur")
		elif [ -z "$command" ]; then
			mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
		elif [ "$command" = free ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_mirrorctl_held "$1" '0x[0-9a-f]+')" -- "$cur")
		elif [ "$command" = tour ]; then
			mapfile -t COMPREPLY < <(compgen -W "$tours" -- "$cur")
		elif [ "$command" = nodes ] || [ "$command" = zones ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	esac
}

complete -F _mirrorctl mirrorctl
