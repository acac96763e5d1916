/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The windows, among the files that work on them.
 */
#ifndef _DEVFUZZ_WINDOWS_H
#define _DEVFUZZ_WINDOWS_H

#include "devfuzz.h"

enum { DEVICE, MODEL, NR_WINDOWS };

extern char *window[NR_WINDOWS];

void access_init(void);
int window_prot(uint8_t b);
void window_range(const struct record *r, unsigned int i, size_t *at, size_t *nr);
int slot_may_map(const struct slot *slot, int prot, bool *writable);

#endif /* _DEVFUZZ_WINDOWS_H */
