/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MIRROR_INSTANCE_H
#define _MIRROR_INSTANCE_H

#include <linux/types.h>
#include "region/region.h"

struct mirror_instance;

/**
 * struct mirror_params - what the administrator asked for
 * @from: where the memory is to come from
 * @nodes: nodes=, or NULL for those that @region names
 * @distance: distance=, or NULL for 10 and 20
 * @cpus: cpus=, or NULL for the host's map
 * @zones: zones=, or NULL for one NORMAL zone
 * @policy: policy=, or NULL for that of Linux 6.12
 * @min_free_kbytes: 0 for the default, from the size
 * @watermark_scale_factor: 0 for the default
 * @kmap_slots: pages of HIGHMEM that can be mapped at a time
 * @page_limit: most pages a file may hold, 0 for no limit
 */
struct mirror_params {
	struct mirror_sources from;
	char *nodes;
	char *distance;
	char *cpus;
	char *zones;
	char *policy;
	unsigned long min_free_kbytes;
	unsigned int watermark_scale_factor;
	unsigned int kmap_slots;
	u64 page_limit;
};

struct mirror_instance *mirror_instance_create(const struct mirror_params *p);
void mirror_instance_destroy(struct mirror_instance *instance);

#endif /* _MIRROR_INSTANCE_H */
