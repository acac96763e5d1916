#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Very many operations of the device, inside a guest. MANY holds the program's arguments,
# MANY_PARAMS the module's.

# shellcheck disable=SC2086 # lists of parameters
insmod "$MIRROR_MM_KO" $MANY_PARAMS || exit 1
# What the module refuses it says in the log; the console would take most of the time.
dmesg -n 2
status=0
# shellcheck disable=SC2086 # a list of arguments
/mirror/many $MANY || status=$?
dmesg -n 7
[ "$status" = 0 ] || exit "$status"
rmmod mirror_mm
