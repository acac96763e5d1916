/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The orders of which many blocks are asked for, as HOT_ORDER(name, order): those of the
 * per-CPU lists up to MIRROR_PCP_COSTLY_ORDER, and a huge page's. Include it with
 * HOT_ORDER() defined, as often as there is something to make of each.
 */
HOT_ORDER(0, 0)
HOT_ORDER(1, 1)
HOT_ORDER(2, 2)
HOT_ORDER(3, 3)
HOT_ORDER(huge, MIRROR_HOST_HUGE_ORDER)
#undef HOT_ORDER
