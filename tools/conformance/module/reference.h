/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two parts of the reference's driver: reference.c asks the kernel for memory,
 * reference_state.c looks at what is left.
 */
#ifndef _CONFORMANCE_REFERENCE_H
#define _CONFORMANCE_REFERENCE_H

#include <linux/mmzone.h>
#include "driver.h"

/* Nodes that are compared; set once when the driver is loaded. */
extern unsigned int conf_nr_nodes;

unsigned int conf_nr_zones(void);
struct zone *conf_nth_zone(unsigned int i);
bool conf_node_is_ours(int nid);
u32 conf_pageblock_type(unsigned long pfn);

u32 reference_offset(const void *page);
void reference_view(struct conf_view *views);
void reference_state(struct conf_writer *w);
void reference_forget_numa(unsigned int i);

#endif /* _CONFORMANCE_REFERENCE_H */
