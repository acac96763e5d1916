// SPDX-License-Identifier: GPL-2.0
/*
 * Another driver: takes a physical range, or the name of the device, and no more
 * than that.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static unsigned long long base;
module_param(base, ullong, 0444);
MODULE_PARM_DESC(base, "first physical address");

static unsigned long long size;
module_param(size, ullong, 0444);
MODULE_PARM_DESC(size, "bytes; 0 for no range");

static bool device;
module_param(device, bool, 0444);
MODULE_PARM_DESC(device, "take the name /dev/mirror_mm");

static const struct file_operations squat_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice squat_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mirror_mm",
	.fops = &squat_fops,
};

static int __init squat_init(void)
{
	int ret = 0;

	if (size && !request_mem_region(base, size, KBUILD_MODNAME))
		return -EBUSY;
	if (device)
		ret = misc_register(&squat_device);
	if (ret && size)
		release_mem_region(base, size);
	return ret;
}

static void __exit squat_exit(void)
{
	if (device)
		misc_deregister(&squat_device);
	if (size)
		release_mem_region(base, size);
}

module_init(squat_init);
module_exit(squat_exit);
MODULE_DESCRIPTION("Holds what mirror_mm must not take");
MODULE_LICENSE("GPL");
