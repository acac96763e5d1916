#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# What `make run` does inside the guest. The shell is busybox.
set -e

mirror=/sys/kernel/debug/mirror_mm

step() { printf '\n# %s\n' "$*"; }

step "insmod mirror_mm.ko region=256M@4G"
insmod /mirror/mirror_mm.ko region=256M@4G
dmesg | grep 'mirror_mm:' | tail -n 3

step "ls -l /dev/mirror_mm"
ls -l /dev/mirror_mm

step "cat $mirror/buddyinfo"
cat $mirror/buddyinfo

step "cat $mirror/pagetypeinfo"
cat $mirror/pagetypeinfo

step "mirrorctl demo"
mirrorctl demo

step "rmmod mirror_mm"
rmmod mirror_mm
