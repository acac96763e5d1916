/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events that are counted by node and CPU, by their names in /proc/vmstat. A new one is a
 * line here, and a mirror_count_event() where it happens.
 *
 * There is no guard: who includes this has defined MIRROR_NODE_EVENT() for each line.
 */
MIRROR_NODE_EVENT(kswapd_high_wmark_hit_quickly),
MIRROR_NODE_EVENT(pageoutrun),
#undef MIRROR_NODE_EVENT
