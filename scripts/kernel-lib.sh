# shellcheck shell=bash
# Kernels that are built for the guests, and kept. Source it after lib.sh and set
#   KERNEL_SOURCE   the source, or an own tree of it
#   KERNEL_FOLDER   where it is kept
# and define made_for, which prints what it is made from.

# make_kernel FOLDER ARGUMENT...
make_kernel() {
	local folder=$1
	shift
	env -u MAKEFLAGS -u MFLAGS make -s -C "$KERNEL_SOURCE" ARCH=x86_64 \
		"O=$folder" "-j$(nproc)" "$@" >&2
}

# A copy of the text is kept in the folder.
fresh() { cmp -s "$KERNEL_FOLDER/.made-for" <(made_for); }
