/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MIRROR_PM_H
#define _MIRROR_PM_H

#include <linux/notifier.h>
#include "core/mirror.h"

struct platform_device;

/**
 * struct mirror_pm - how a mirror takes part when the system hibernates
 * @m: the mirror
 * @notifier: told before programs are frozen and after they were thawed
 * @dev: asked once they are frozen
 * @event: PM_HIBERNATION_PREPARE or PM_RESTORE_PREPARE from that event to the one
 *         that ends it, otherwise 0. Only the task that changes the system's state
 *         calls us, so no lock covers it
 */
struct mirror_pm {
	const struct mirror *m;
	struct notifier_block notifier;
	struct platform_device *dev;
	unsigned long event;
};

#ifdef CONFIG_HIBERNATION
int mirror_pm_start(struct mirror_pm *pm, const struct mirror *m);
void mirror_pm_stop(struct mirror_pm *pm);
#else
static inline int mirror_pm_start(struct mirror_pm *pm, const struct mirror *m)
{
	return 0;
}

static inline void mirror_pm_stop(struct mirror_pm *pm)
{
}
#endif

#endif /* _MIRROR_PM_H */
