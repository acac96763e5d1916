/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core calls in its host, whichever that is: src/host.c in the kernel, the
 * harness in a process.
 */
#ifndef _MIRROR_CORE_HOST_CALLS_H
#define _MIRROR_CORE_HOST_CALLS_H

int mirror_host_for_each(unsigned int nr, void (*fn)(void *arg, unsigned int i),
			 void *arg, const char *what);
u64 mirror_host_available(void);
void *mirror_host_alloc_large(size_t size);
void mirror_host_free_large(void *p);

#endif /* _MIRROR_CORE_HOST_CALLS_H */
