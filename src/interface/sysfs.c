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

static ssize_t min_free_kbytes_show(struct device *d,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  READ_ONCE(to_mirror(d)->m->tunables.min_free_kbytes));
}

static ssize_t min_free_kbytes_store(struct device *d,
				     struct device_attribute *attr,
				     const char *buf, size_t count)
{
	unsigned long value;

	if (kstrtoul(buf, 0, &value) ||
	    mirror_set_min_free_kbytes(to_mirror(d)->m, value))
		return refused(attr->attr.name, buf,
			       "give KiB, not more than the mirror has");
	return count;
}
static DEVICE_ATTR_RW(min_free_kbytes);

static ssize_t watermark_scale_factor_show(struct device *d,
					   struct device_attribute *attr,
					   char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_mirror(d)->m->tunables.watermark_scale_factor));
}

static ssize_t watermark_scale_factor_store(struct device *d,
					    struct device_attribute *attr,
					    const char *buf, size_t count)
{
	unsigned int value;

	if (kstrtouint(buf, 0, &value) ||
	    mirror_set_watermark_scale_factor(to_mirror(d)->m, value))
		return refused(attr->attr.name, buf, "give 1 to 3000");
	return count;
}
static DEVICE_ATTR_RW(watermark_scale_factor);

static ssize_t watermark_boost_factor_show(struct device *d,
					   struct device_attribute *attr,
					   char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_mirror(d)->m->tunables.watermark_boost_factor));
}

static ssize_t watermark_boost_factor_store(struct device *d,
					    struct device_attribute *attr,
					    const char *buf, size_t count)
{
	unsigned int value;

	if (kstrtouint(buf, 0, &value) || value > INT_MAX)
		return refused(attr->attr.name, buf, "give 0 to 2147483647");
	WRITE_ONCE(to_mirror(d)->m->tunables.watermark_boost_factor, value);
	return count;
}
static DEVICE_ATTR_RW(watermark_boost_factor);

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

static ssize_t percpu_pagelist_high_fraction_show(struct device *d,
						  struct device_attribute *attr,
						  char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_mirror(d)->m->tunables.percpu_pagelist_high_fraction));
}

static ssize_t percpu_pagelist_high_fraction_store(struct device *d,
						   struct device_attribute *attr,
						   const char *buf, size_t count)
{
	unsigned int value;

	if (kstrtouint(buf, 0, &value) ||
	    mirror_set_high_fraction(to_mirror(d)->m, value))
		return refused(attr->attr.name, buf, "give 0, or 8 and more");
	return count;
}
static DEVICE_ATTR_RW(percpu_pagelist_high_fraction);

static ssize_t stat_interval_show(struct device *d,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(to_mirror(d)->m->tunables.stat_interval));
}

static ssize_t stat_interval_store(struct device *d,
				   struct device_attribute *attr,
				   const char *buf, size_t count)
{
	unsigned int value;

	if (kstrtouint(buf, 0, &value) || !value || value > INT_MAX / HZ)
		return refused(attr->attr.name, buf, "give seconds, at least 1");
	WRITE_ONCE(to_mirror(d)->m->tunables.stat_interval, value);
	return count;
}
static DEVICE_ATTR_RW(stat_interval);

static ssize_t page_limit_show(struct device *d, struct device_attribute *attr,
			       char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_mirror(d)->page_limit));
}

static ssize_t page_limit_store(struct device *d, struct device_attribute *attr,
				const char *buf, size_t count)
{
	u64 value;

	if (kstrtou64(buf, 0, &value))
		return refused(attr->attr.name, buf, "give pages, 0 for no limit");
	WRITE_ONCE(to_mirror(d)->page_limit, value);
	return count;
}
static DEVICE_ATTR_RW(page_limit);

static struct attribute *mirror_sysfs_attrs[] = {
	&dev_attr_min_free_kbytes.attr,
	&dev_attr_watermark_scale_factor.attr,
	&dev_attr_watermark_boost_factor.attr,
	&dev_attr_lowmem_reserve_ratio.attr,
	&dev_attr_percpu_pagelist_high_fraction.attr,
	&dev_attr_stat_interval.attr,
	&dev_attr_page_limit.attr,
	NULL
};

static const struct attribute_group mirror_sysfs_group = {
	.attrs = mirror_sysfs_attrs,
};

const struct attribute_group *mirror_sysfs_groups[] = {
	&mirror_sysfs_group,
	NULL
};
