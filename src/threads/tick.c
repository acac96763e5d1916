// SPDX-License-Identifier: GPL-2.0
/*
 * What runs in the background: the statistics tick, and CPUs coming and going.
 *
 * Every stat_interval seconds each CPU folds its counters into the zones, lets
 * its lists shrink by what it did not use, and gives other nodes' memory back
 * that it has not touched for three ticks. The work is deferrable: an idle CPU is
 * not woken for it.
 *
 * Linux folds a CPU's counters when it goes idle (quiet_vmstat()), which modules cannot.
 * Here a shepherd, deferrable as well, looks for CPUs that missed a tick and left
 * differences behind, and wakes each of them once.
 *
 * A CPU that goes leaves nothing on its lists, and the sizes that are shared out
 * among CPUs are computed anew.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/slab.h>
#include "compat.h"
#include "threads/tick.h"

struct mirror_tick_work {
	struct delayed_work work;
	struct mirror *m;
	unsigned long last;	/* jiffies of the last tick; read by the shepherd */
};

static int online_state;
static int dead_state;

static unsigned long interval(const struct mirror *m)
{
	return round_jiffies_relative(READ_ONCE(m->tunables.stat_interval) * HZ);
}

static void refresh(struct mirror *m, unsigned int cpu)
{
	mirror_fold_cpu(m, cpu);
	mirror_pcp_tick(m, cpu);
}

static void tick(struct work_struct *work)
{
	struct mirror_tick_work *t = container_of(to_delayed_work(work),
						  struct mirror_tick_work, work);
	unsigned int cpu = smp_processor_id();

	refresh(t->m, cpu);
	WRITE_ONCE(t->last, jiffies);
	schedule_delayed_work_on(cpu, &t->work, interval(t->m));
}

static bool left_behind(const struct mirror_tick *t, unsigned int cpu)
{
	unsigned long interval = READ_ONCE(t->m->tunables.stat_interval) * HZ;
	unsigned long last = READ_ONCE(per_cpu_ptr(t->work, cpu)->last);

	return time_after(jiffies, last + interval + interval / 2) &&
	       mirror_cpu_has_diffs(t->m, cpu);
}

static void shepherd(struct work_struct *work)
{
	struct mirror_tick *t = container_of(to_delayed_work(work), struct mirror_tick,
					     shepherd);
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (left_behind(t, cpu))
			mod_delayed_work_on(cpu, mirror_percpu_wq,
					    &per_cpu_ptr(t->work, cpu)->work, 0);
	cpus_read_unlock();
	schedule_delayed_work(&t->shepherd, interval(t->m));
}

static long refresh_here(void *m)
{
	refresh(m, smp_processor_id());
	return 0;
}

/**
 * mirror_tick_step - let every CPU do what a statistics tick does to its lists
 * @m: the mirror
 *
 * For whoever cannot wait: the tick itself keeps its time. As vm.stat_refresh of
 * Linux 6.12, and so without kswapd's part.
 *
 * Context: Process context; waits for every CPU.
 */
void mirror_tick_step(struct mirror *m)
{
	unsigned int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, refresh_here, m);
	cpus_read_unlock();
}

static void cpus_changed(struct mirror *m)
{
	mutex_lock(&m->tunables_lock);
	mirror_pcp_update_all(m);
	mirror_refresh_thresholds(m);
	mutex_unlock(&m->tunables_lock);
}

static int cpu_online_cb(unsigned int cpu, struct hlist_node *node)
{
	struct mirror_tick *tick = hlist_entry(node, struct mirror_tick,
					       online_node);

	cpus_changed(tick->m);
	WRITE_ONCE(per_cpu_ptr(tick->work, cpu)->last, jiffies);
	schedule_delayed_work_on(cpu, &per_cpu_ptr(tick->work, cpu)->work,
				 interval(tick->m));
	return 0;
}

static int cpu_offline_cb(unsigned int cpu, struct hlist_node *node)
{
	struct mirror_tick *tick = hlist_entry(node, struct mirror_tick,
					       online_node);

	cancel_delayed_work_sync(&per_cpu_ptr(tick->work, cpu)->work);
	return 0;
}

/* Runs elsewhere, once nothing can run on @cpu any more. */
static int cpu_dead_cb(unsigned int cpu, struct hlist_node *node)
{
	struct mirror_tick *tick = hlist_entry(node, struct mirror_tick,
					       dead_node);

	mirror_drain_cpu(tick->m, cpu);
	mirror_fold_cpu(tick->m, cpu);
	cpus_changed(tick->m);
	return 0;
}

/**
 * mirror_tick_start - start a mirror's tick on every CPU
 * @t: filled in
 * @m: the mirror
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno.
 */
int mirror_tick_start(struct mirror_tick *t, struct mirror *m)
{
	unsigned int cpu;
	int ret;

	t->m = m;
	INIT_DEFERRABLE_WORK(&t->shepherd, shepherd);
	t->work = alloc_percpu(struct mirror_tick_work);
	if (!t->work)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct mirror_tick_work *w = per_cpu_ptr(t->work, cpu);

		w->m = m;
		INIT_DEFERRABLE_WORK(&w->work, tick);
	}
	ret = cpuhp_state_add_instance_nocalls(dead_state, &t->dead_node);
	if (ret)
		goto free;
	ret = cpuhp_state_add_instance(online_state, &t->online_node);
	if (ret)
		goto remove;
	schedule_delayed_work(&t->shepherd, interval(m));
	return 0;
remove:
	cpuhp_state_remove_instance_nocalls(dead_state, &t->dead_node);
free:
	free_percpu(t->work);
	return ret;
}

/**
 * mirror_tick_stop - stop it
 * @t: the tick
 *
 * Context: Process context; may sleep. None is running on return.
 */
void mirror_tick_stop(struct mirror_tick *t)
{
	cancel_delayed_work_sync(&t->shepherd);
	cpuhp_state_remove_instance(online_state, &t->online_node);
	cpuhp_state_remove_instance_nocalls(dead_state, &t->dead_node);
	free_percpu(t->work);
}

/**
 * mirror_tick_init - register with the host's CPU hotplug
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno.
 */
int mirror_tick_init(void)
{
	int ret;

	ret = cpuhp_setup_state_multi(CPUHP_BP_PREPARE_DYN, "mirror_mm:dead",
				      NULL, cpu_dead_cb);
	if (ret < 0)
		return ret;
	dead_state = ret;
	ret = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "mirror_mm:online",
				      cpu_online_cb, cpu_offline_cb);
	if (ret < 0) {
		cpuhp_remove_multi_state(dead_state);
		return ret;
	}
	online_state = ret;
	return 0;
}

/**
 * mirror_tick_exit - the opposite
 *
 * Context: Process context; may sleep. No tick is left.
 */
void mirror_tick_exit(void)
{
	cpuhp_remove_multi_state(online_state);
	cpuhp_remove_multi_state(dead_state);
}
