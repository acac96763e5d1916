// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that lead to PCI devices.
 *
 * The memory of a card that no driver holds is not busy, and it reads back what is
 * written. So it is looked for by name, before anything is written.
 */
#include <linux/kernel.h>
#include <linux/pci.h>
#include "region.h"

#ifdef CONFIG_PCI

static bool overlaps(const struct mirror_span *s, const struct resource *r)
{
	return r->flags & IORESOURCE_MEM && !(r->flags & IORESOURCE_UNSET) &&
	       resource_size(r) && r->start < mirror_span_end(s) &&
	       r->end >= s->start;
}

static void name_resource(struct mirror_user_name *owner, struct pci_dev *dev,
			  int i)
{
	const char *kind = "BAR";

	if (i == PCI_ROM_RESOURCE)
		kind = "ROM";
	else if (i >= PCI_BRIDGE_RESOURCES)
		kind = "bridge window";
	else if (i > PCI_ROM_RESOURCE)
		kind = "BAR of virtual functions";
	if (i < PCI_ROM_RESOURCE)
		snprintf(owner->s, sizeof(owner->s), "%s %s %d %pR",
			 pci_name(dev), kind, i, &dev->resource[i]);
	else
		snprintf(owner->s, sizeof(owner->s), "%s %s %pR", pci_name(dev),
			 kind, &dev->resource[i]);
}

static bool device_has(struct pci_dev *dev, const struct mirror_span *s,
		       struct mirror_user_name *owner)
{
	int i;

	for (i = 0; i < PCI_NUM_RESOURCES; i++) {
		if (!overlaps(s, &dev->resource[i]))
			continue;
		name_resource(owner, dev, i);
		return true;
	}
	return false;
}

/**
 * mirror_pci_device - find a PCI device that a range leads to
 * @s: the range
 * @owner: gets the name of the device and of its resource: a BAR, a ROM, a bridge's
 *         window
 *
 * Context: Process context; may sleep.
 * Return: whether some resource has a byte of it.
 */
bool mirror_pci_device(const struct mirror_span *s, struct mirror_user_name *owner)
{
	struct pci_dev *dev = NULL;
	bool has = false;

	/* Resources and buses stay as they are until then. */
	pci_lock_rescan_remove();
	for_each_pci_dev(dev) {
		has = device_has(dev, s, owner);
		if (has)
			break;
	}
	pci_dev_put(dev);
	pci_unlock_rescan_remove();
	return has;
}

/* Without better knowledge a root bus is given all addresses, which says nothing. */
static bool is_everything(const struct resource *r)
{
	return r == &iomem_resource ||
	       (!r->start && r->end >= iomem_resource.end);
}

static bool bus_has(struct pci_bus *bus, const struct mirror_span *s,
		    struct mirror_user_name *owner)
{
	struct resource *r;
	int i;

	pci_bus_for_each_resource(bus, r, i) {
		if (!r || is_everything(r) || !overlaps(s, r))
			continue;
		snprintf(owner->s, sizeof(owner->s), "%s %pR", r->name ?: "root bus", r);
		return true;
	}
	return false;
}

/**
 * mirror_pci_window - find the host bridge that a range leads to
 * @s: the range
 * @owner: gets the name of its bus and of the window
 *
 * Context: Process context; may sleep.
 * Return: whether some window has a byte of it.
 */
bool mirror_pci_window(const struct mirror_span *s, struct mirror_user_name *owner)
{
	struct pci_bus *bus = NULL;
	bool has = false;

	pci_lock_rescan_remove();
	while (!has && (bus = pci_find_next_bus(bus)))
		has = bus_has(bus, s, owner);
	pci_unlock_rescan_remove();
	return has;
}

#else

bool mirror_pci_device(const struct mirror_span *s, struct mirror_user_name *owner)
{
	return false;
}

bool mirror_pci_window(const struct mirror_span *s, struct mirror_user_name *owner)
{
	return false;
}

#endif /* CONFIG_PCI */
