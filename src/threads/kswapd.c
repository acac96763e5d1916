// SPDX-License-Identifier: GPL-2.0
/*
 * Runs kswapd for the nodes that were woken: a work item for all of them, which comes a
 * stat_interval after the wake-up. It is not deferrable, so that a boost ends on an idle
 * machine, too. What a run does is in core/kswapd.c.
 */
#include "threads/kswapd.h"

static void serve(struct work_struct *work)
{
	struct mirror_kswapd *k = container_of(to_delayed_work(work), struct mirror_kswapd, work);

	mirror_serve_kswapd(k->m);
}

/* In any context that allocates, so nothing but a timer is started. */
static void wake(void *kswapd)
{
	struct mirror_kswapd *k = kswapd;

	schedule_delayed_work(&k->work, READ_ONCE(k->m->tunables.stat_interval) * HZ);
}

/**
 * mirror_kswapd_start - run a mirror's kswapds from now on
 * @k: filled in
 * @m: the mirror
 *
 * Context: Process context.
 */
void mirror_kswapd_start(struct mirror_kswapd *k, struct mirror *m)
{
	k->m = m;
	INIT_DELAYED_WORK(&k->work, serve);
	m->wake_kswapd_arg = k;
	/* Pairs with the smp_load_acquire() in mirror_wakeup_kswapd(). */
	smp_store_release(&m->wake_kswapd, wake);
}

/**
 * mirror_kswapd_stop - run them no more
 * @k: from mirror_kswapd_start()
 *
 * Context: Process context; may sleep. Nobody asks the mirror for pages any more.
 */
void mirror_kswapd_stop(struct mirror_kswapd *k)
{
	WRITE_ONCE(k->m->wake_kswapd, NULL);
	cancel_delayed_work_sync(&k->work);
}
