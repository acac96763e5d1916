// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/misc/mirror_mm: tunables with the names of the sysctls they mirror,
 * and page_limit, the most pages that a file opened from now on may hold.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/sysfs.h>
#include "device.h"

static struct mirror_device *to_mirror(struct device *d)
{
	return container_of(dev_get_drvdata(d), struct mirror_device, misc);
}

static ssize_t refused(const char *name, const char *buf, const char *right)
{
	pr_err("%s: \"%.*s\" is not taken; %s\n", name, (int)strcspn(buf, "\n"), buf,
	       right);
	return -EINVAL;
}

/* settings that are one number ------------------------------------------------------ */

/**
 * struct number - a setting
 * @attr: its file
 * @get: its value
 * @set: 0 or an errno; called with values up to @most
 * @most: the largest value that its type holds
 * @right: what would be right, for whoever gave something else
 */
struct number {
	struct device_attribute attr;
	u64 (*get)(const struct mirror_device *dev);
	int (*set)(struct mirror_device *dev, u64 value);
	u64 most;
	const char *right;
};

static ssize_t number_show(struct device *d, struct device_attribute *attr, char *buf)
{
	const struct number *number = container_of(attr, struct number, attr);

	return sysfs_emit(buf, "%llu\n", number->get(to_mirror(d)));
}

static ssize_t number_store(struct device *d, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	const struct number *number = container_of(attr, struct number, attr);
	u64 value;

	if (kstrtou64(buf, 0, &value) || value > number->most ||
	    number->set(to_mirror(d), value))
		return refused(attr->attr.name, buf, number->right);
	return count;
}

#define DEFINE_NUMBER(_name, _field, _most, _right)			\
static u64 get_##_name(const struct mirror_device *dev)			\
{									\
	return READ_ONCE(dev->_field);					\
}									\
static struct number number_##_name = {					\
	.attr = __ATTR(_name, 0644, number_show, number_store),		\
	.get = get_##_name,						\
	.set = set_##_name,						\
	.most = _most,							\
	.right = _right,						\
}

static int set_min_free_kbytes(struct mirror_device *dev, u64 value)
{
	return mirror_set_min_free_kbytes(dev->m, value);
}

DEFINE_NUMBER(min_free_kbytes, m->tunables.min_free_kbytes, ULONG_MAX,
	      "give KiB, not more than the mirror has");

static int set_watermark_scale_factor(struct mirror_device *dev, u64 value)
{
	return mirror_set_watermark_scale_factor(dev->m, value);
}

DEFINE_NUMBER(watermark_scale_factor, m->tunables.watermark_scale_factor, UINT_MAX,
	      "give 1 to 3000");

static int set_watermark_boost_factor(struct mirror_device *dev, u64 value)
{
	WRITE_ONCE(dev->m->tunables.watermark_boost_factor, value);
	return 0;
}

DEFINE_NUMBER(watermark_boost_factor, m->tunables.watermark_boost_factor, INT_MAX,
	      "give 0 to 2147483647");

static int set_percpu_pagelist_high_fraction(struct mirror_device *dev, u64 value)
{
	return mirror_set_high_fraction(dev->m, value);
}

DEFINE_NUMBER(percpu_pagelist_high_fraction, m->tunables.percpu_pagelist_high_fraction, UINT_MAX,
	      "give 0, or 8 and more");

static int set_stat_interval(struct mirror_device *dev, u64 value)
{
	if (!value)
		return -EINVAL;
	WRITE_ONCE(dev->m->tunables.stat_interval, value);
	return 0;
}

DEFINE_NUMBER(stat_interval, m->tunables.stat_interval, INT_MAX / HZ, "give seconds, at least 1");

static int set_page_limit(struct mirror_device *dev, u64 value)
{
	WRITE_ONCE(dev->page_limit, value);
	return 0;
}

DEFINE_NUMBER(page_limit, page_limit, U64_MAX, "give pages, 0 for no limit");

/* the one that is five ---------------------------------------------------------------- */

static ssize_t lowmem_reserve_ratio_show(struct device *d,
					 struct device_attribute *attr,
					 char *buf)
{
	struct mirror *m = to_mirror(d)->m;
	unsigned int type;
	int len = 0;

	/* All five of one setting. */
	mutex_lock(&m->tunables_lock);
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		len += sysfs_emit_at(buf, len, "%s%u", type ? "\t" : "",
				     m->tunables.lowmem_reserve_ratio[type]);
	mutex_unlock(&m->tunables_lock);
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t lowmem_reserve_ratio_store(struct device *d,
					  struct device_attribute *attr,
					  const char *buf, size_t count)
{
	unsigned int r[MIRROR_MAX_NR_ZONES];

	if (sscanf(buf, "%u %u %u %u %u", &r[0], &r[1], &r[2], &r[3], &r[4]) !=
	    MIRROR_MAX_NR_ZONES)
		return refused(attr->attr.name, buf,
			       "give five numbers: DMA, DMA32, Normal, HighMem, Movable");
	mirror_set_lowmem_reserve_ratio(to_mirror(d)->m, r);
	return count;
}
static DEVICE_ATTR_RW(lowmem_reserve_ratio);

static struct attribute *mirror_sysfs_attrs[] = {
	&number_min_free_kbytes.attr.attr,
	&number_watermark_scale_factor.attr.attr,
	&number_watermark_boost_factor.attr.attr,
	&dev_attr_lowmem_reserve_ratio.attr,
	&number_percpu_pagelist_high_fraction.attr.attr,
	&number_stat_interval.attr.attr,
	&number_page_limit.attr.attr,
	NULL
};

static const struct attribute_group mirror_sysfs_group = {
	.attrs = mirror_sysfs_attrs,
};

const struct attribute_group *mirror_sysfs_groups[] = {
	&mirror_sysfs_group,
	NULL
};
