/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MIRROR_THREADS_KSWAPD_H
#define _MIRROR_THREADS_KSWAPD_H

#include <linux/workqueue.h>
#include "core/mirror.h"

/**
 * struct mirror_kswapd - who runs one mirror's kswapds
 * @m: the mirror
 * @work: started by a wake-up
 */
struct mirror_kswapd {
	struct mirror *m;
	struct delayed_work work;
};

void mirror_kswapd_start(struct mirror_kswapd *k, struct mirror *m);
void mirror_kswapd_stop(struct mirror_kswapd *k);

#endif /* _MIRROR_THREADS_KSWAPD_H */
