/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What src/alloc.c and the headers of the layers above the core need on top of
 * the core's host: types of members that are never used here, and the answers
 * of src/compat.h, whose place this takes.
 */
#ifndef _HARNESS_LAYERS_H
#define _HARNESS_LAYERS_H

#define _MIRROR_COMPAT_H

#define EXPORT_SYMBOL_MIRROR(sym)	static_assert(sizeof(typeof(sym) *), #sym)

struct list_head {
	struct list_head *next, *prev;
};

struct xarray {
	void *head;
};

typedef struct { atomic_t refs; } refcount_t;
typedef unsigned int vm_fault_t;

struct page;
struct vm_area_struct;

#endif /* _HARNESS_LAYERS_H */
