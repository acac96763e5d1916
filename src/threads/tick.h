/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MIRROR_THREADS_TICK_H
#define _MIRROR_THREADS_TICK_H

#include <linux/types.h>
#include <linux/workqueue.h>
#include "core/mirror.h"

/**
 * struct mirror_tick - the statistics tick of one mirror
 * @m: the mirror
 * @work: one item for each CPU
 * @shepherd: looks for CPUs that missed a tick
 * @online_node: among the instances that hear of CPUs coming and going
 * @dead_node: among those that hear of CPUs that are gone for good
 */
struct mirror_tick {
	struct mirror *m;
	struct mirror_tick_work __percpu *work;
	struct delayed_work shepherd;
	struct hlist_node online_node;
	struct hlist_node dead_node;
};

int mirror_tick_start(struct mirror_tick *tick, struct mirror *m);
void mirror_tick_stop(struct mirror_tick *tick);
void mirror_tick_step(struct mirror *m);
int mirror_tick_init(void);
void mirror_tick_exit(void);

#endif /* _MIRROR_THREADS_TICK_H */
