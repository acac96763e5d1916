// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation.
 *
 * The image of a hibernating system contains the memory that the host manages.
 * What was reserved at boot, by memmap= or by no-map, is not in it. Blocks there
 * would come back with the content that the kernel which reads the image has left
 * in them, so the system does not hibernate while any is held. Descriptors and
 * page tables are the host's memory; where nothing is held nothing is lost.
 *
 * Held blocks are counted twice. The notifier refuses before anything has been
 * done. Programs run on after it, so the callbacks of a device look again: freeze
 * once programs are frozen, freeze_noirq once the drivers are. A kernel thread that
 * allocates even later loses the content, which restore_noirq says. The host calls
 * none of them when it suspends to RAM or to idle, which keeps all memory.
 *
 * The same callbacks run in a kernel that is about to be replaced by an image. It
 * and its programs are given up, with all that they have in memory, so blocks need
 * not keep it from that. The callbacks cannot tell the two apart; the notifier can.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/sched.h>
#include <linux/suspend.h>
#include <xen/xen.h>
#include "pm.h"
#include "region/region.h"

/**
 * struct held - what would be lost
 * @pages: in blocks that somebody holds
 * @blocks: how many
 * @claims: ranges with such blocks
 * @first: the first one of these
 */
struct held {
	unsigned long pages;
	unsigned long blocks;
	unsigned int claims;
	const struct mirror_claim *first;
};

/*
 * Descriptors say which range a block is of, and unlike counters they are exact
 * while pages move between lists. A head is skipped together with its block, and no
 * block crosses the end of a claim.
 */
static void count_claim(const struct mirror *m, const struct mirror_claim *claim,
			struct held *held)
{
	unsigned long end = mirror_span_end(&claim->span) >> PAGE_SHIFT;
	unsigned long pfn = claim->span.start >> PAGE_SHIFT, nr;
	unsigned long before = held->blocks;

	for (; pfn < end; pfn += nr) {
		u32 idx = mirror_pfn_to_idx(m, pfn), flags;

		if (IS_ALIGNED(pfn, 1ul << m->max_order))
			cond_resched();
		nr = 1;
		if (idx == MIRROR_NIL)
			continue;
		flags = mirror_page_flags(&m->pages[idx]);
		if (!mirror_state_is_head(mirror_flags_state(flags)))
			continue;
		nr <<= mirror_flags_order(flags);
		if (mirror_flags_state(flags) != MIRROR_PAGE_USED)
			continue;
		held->pages += nr;
		held->blocks++;
	}
	if (held->blocks == before)
		return;
	if (!held->claims++)
		held->first = claim;
}

static void count_held(const struct mirror *m, struct held *held)
{
	unsigned int i;

	for (i = 0; i < m->region->nr; i++) {
		const struct mirror_claim *claim = &m->region->claim[i];

		if (!claim->ops->bare && !claim->ops->in_image)
			count_claim(m, claim, held);
	}
}

static int report_held(const struct mirror *m, const char *event,
		       const char *reason)
{
	struct held held = {};

	count_held(m, &held);
	if (!held.blocks)
		return 0;
	return mirror_refuse(&held.first->span, -EBUSY,
			     "%s: %lu page(s) in %lu block(s) are held here%s, %s",
			     event, held.pages, held.blocks,
			     held.claims > 1 ? " and in other ranges" : "",
			     reason);
}

static int refuse_if_held(const struct mirror *m)
{
	return report_held(m, "hibernation refused",
			   "and the image would not contain them; end the programs that have /dev/mirror_mm open and unload the modules that use mirror_mm, or suspend to RAM");
}

static int notify(struct notifier_block *nb, unsigned long event, void *unused)
{
	struct mirror_pm *pm = container_of(nb, struct mirror_pm, notifier);
	int ret;

	switch (event) {
	case PM_HIBERNATION_PREPARE:
		ret = refuse_if_held(pm->m);
		if (ret)
			return notifier_from_errno(ret);
		fallthrough;
	case PM_RESTORE_PREPARE:
		pm->event = event;
		return NOTIFY_OK;
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		pm->event = 0;
		return NOTIFY_OK;
	}
	return NOTIFY_DONE;
}

/*
 * Without an event the module was loaded after the notifiers had been called, or
 * Xen freezes devices to save the guest or to migrate it, with all of its memory.
 */
static bool makes_image(const struct mirror_pm *pm)
{
	if (!pm->event)
		return !xen_domain();
	return pm->event == PM_HIBERNATION_PREPARE;
}

static int freeze(struct device *dev)
{
	const struct mirror_pm *pm = dev_get_drvdata(dev);

	return makes_image(pm) ? refuse_if_held(pm->m) : 0;
}

/* The state is that of the image, so what is held was taken after freeze_noirq. */
static int restore(struct device *dev)
{
	const struct mirror_pm *pm = dev_get_drvdata(dev);

	if (makes_image(pm))
		report_held(pm->m, "content lost",
			    "and the image does not contain them; a kernel module allocated them while devices were frozen");
	return 0;
}

static const struct dev_pm_ops pm_ops = {
	.freeze = freeze,
	.freeze_noirq = freeze,
	.restore_noirq = restore,
};

/* A type has callbacks without a driver, which could be unbound by hand. */
static const struct device_type pm_type = {
	.name = "mirror_mm-pm",
	.pm = &pm_ops,
};

/**
 * mirror_pm_start - keep the system from hibernating while content would be lost
 * @pm: filled in
 * @m: the mirror, with its region
 *
 * Context: Process context; may sleep. Before anybody can allocate.
 * Return: 0 or an errno.
 */
int mirror_pm_start(struct mirror_pm *pm, const struct mirror *m)
{
	int ret;

	pm->m = m;
	pm->event = 0;
	pm->notifier.notifier_call = notify;
	pm->dev = platform_device_alloc("mirror_mm-pm", PLATFORM_DEVID_AUTO);
	if (!pm->dev)
		return -ENOMEM;
	pm->dev->dev.type = &pm_type;
	platform_set_drvdata(pm->dev, pm);
	ret = platform_device_add(pm->dev);
	if (ret) {
		platform_device_put(pm->dev);
		/* As in mirror_dma_device(): there was no memory for its name. */
		return ret == -EINVAL ? -ENOMEM : ret;
	}
	ret = register_pm_notifier(&pm->notifier);
	if (ret)
		platform_device_unregister(pm->dev);
	return ret;
}

/**
 * mirror_pm_stop - let the system hibernate again
 * @pm: from mirror_pm_start(); nobody holds a block any more
 *
 * Context: Process context; may sleep. None of its callbacks runs on return.
 */
void mirror_pm_stop(struct mirror_pm *pm)
{
	unregister_pm_notifier(&pm->notifier);
	platform_device_unregister(pm->dev);
}
