/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Touching memory that may answer with SIGBUS or SIGSEGV, and living on.
 */
#ifndef MIRRORCTL_FAULT_H
#define MIRRORCTL_FAULT_H

#include <stdbool.h>

/**
 * fault_guard() - call a function, and come back even if it faults
 * @fn: what to call; should not hold anything that needs to be given back
 * @arg: for @fn
 * @ret: what @fn returned
 *
 * Not to be nested, and for one thread only.
 *
 * Return: 0, or the number of the signal that ended @fn.
 */
int fault_guard(int (*fn)(void *arg), void *arg, int *ret);

/**
 * fault_on_touch() - read one byte
 * @addr: of the byte
 *
 * Return: 0, or the number of the signal that came instead.
 */
int fault_on_touch(void *addr);

#endif
