/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is refused when a test says so. Part of builds with KUnit suites
 * only: every allocation of the core counts down to the one that fails.
 */
#ifndef _MIRROR_CORE_HOST_REFUSE_H
#define _MIRROR_CORE_HOST_REFUSE_H

/* Which allocation from now on fails, 1 for the next one; 0 for none. */
extern unsigned int mirror_host_refuse_nth;
bool mirror_host_refuses(void);

#define MIRROR_OR_REFUSE(call)	(mirror_host_refuses() ? NULL : alloc_hooks(call))

#undef kmalloc
#define kmalloc(...)		MIRROR_OR_REFUSE(kmalloc_noprof(__VA_ARGS__))
#undef kzalloc
#define kzalloc(...)		MIRROR_OR_REFUSE(kzalloc_noprof(__VA_ARGS__))
#undef kcalloc
#define kcalloc(n, size, gfp)						\
	MIRROR_OR_REFUSE(kmalloc_array_noprof(n, size, (gfp) | __GFP_ZERO))
#undef kmalloc_array
#define kmalloc_array(...)	MIRROR_OR_REFUSE(kmalloc_array_noprof(__VA_ARGS__))
#undef kmemdup
#define kmemdup(...)		MIRROR_OR_REFUSE(kmemdup_noprof(__VA_ARGS__))
#undef kvmalloc
#define kvmalloc(size, gfp)						\
	MIRROR_OR_REFUSE(__kvmalloc_node_noprof(PASS_BUCKET_PARAMS(size, NULL), \
						gfp, NUMA_NO_NODE))
#undef kvmalloc_array
#define kvmalloc_array(...)	MIRROR_OR_REFUSE(kvmalloc_array_noprof(__VA_ARGS__))
#undef __alloc_percpu
#define __alloc_percpu(size, align)					\
	MIRROR_OR_REFUSE(pcpu_alloc_noprof(size, align, false, GFP_KERNEL))

#endif /* _MIRROR_CORE_HOST_REFUSE_H */
