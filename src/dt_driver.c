// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of the device tree node that describes a mirror.
 *
 * The node is looked at once, when the module is loaded. The mirror then lives as
 * long as the module does: a driver cannot refuse to let go of a device, but
 * there may be open files and mappings. So there is nothing to do when the device
 * goes, and no way to let it go by hand.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include "dt_driver.h"

/* What the one look asks for and finds. */
static struct {
	const struct mirror_params *params;
	struct device_node *node;
	struct mirror_instance *instance;
} found;

static const struct of_device_id mirror_dt_match[] = {
	{ .compatible = "linux,mirror-mm" },
	{ }
};
MODULE_DEVICE_TABLE(of, mirror_dt_match);

static struct platform_driver mirror_dt_driver = {
	.driver = {
		.name = "mirror_mm",
		.of_match_table = mirror_dt_match,
	},
};

/*
 * The driver core adds a line of its own to any other error than -ENXIO and
 * -ENODEV; ours has been written, and the load fails with ours.
 */
static int probe(struct platform_device *dev)
{
	struct mirror_params params = *found.params;

	if (found.node) {
		pr_err("device tree: %pOF: the one mirror of this module is %pOF; name all memory-region in that one, which goes on without this\n",
		       dev->dev.of_node, found.node);
		return -ENXIO;
	}
	found.node = dev->dev.of_node;
	params.from.dt = found.node;
	found.instance = mirror_instance_create(&params);
	return IS_ERR(found.instance) ? -ENXIO : 0;
}

/**
 * mirror_dt_create - make the mirror that the device tree describes
 * @p: what the parameters say; their memory comes in addition
 *
 * Context: Process context; may sleep. Once.
 * Return: the instance, to be destroyed before mirror_dt_exit(); NULL where no
 * node is compatible; or ERR_PTR() with a line in the log and nothing left.
 */
struct mirror_instance * __init mirror_dt_create(const struct mirror_params *p)
{
	int ret;

	found.params = p;
	ret = platform_driver_probe(&mirror_dt_driver, probe);
	found.params = NULL;
	if (ret && ret != -ENODEV)
		return ERR_PTR(ret);
	return found.instance;
}

/**
 * mirror_dt_exit - forget the driver
 *
 * Context: Process context; may sleep. After mirror_dt_create(), where it gave an
 * instance.
 */
void mirror_dt_exit(void)
{
	if (found.instance)
		platform_driver_unregister(&mirror_dt_driver);
	found.instance = NULL;
}
