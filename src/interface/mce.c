// SPDX-License-Identifier: GPL-2.0
/*
 * Machine checks of x86: uncorrected errors in memory of the mirror.
 *
 * The kernel hands what the CPUs log to a chain of notifiers, in process context.
 * Its own, which calls memory_failure(), can do nothing about memory that it does
 * not manage and says "memory outside kernel control". This one looks for errors
 * in the mirror. Errors that firmware reports through ACPI (GHES) come by the same
 * chain, with a bank that no CPU has.
 */
#include <linux/bits.h>
#include <linux/notifier.h>
#include <asm/mce.h>
#include <asm/processor.h>
#include "device.h"

/*
 * Is it an error of memory? On AMD's scalable MCA that is what has the poison bit:
 * a memory controller's bank logs addresses of its own, not the system's.
 */
static bool is_about_memory(struct mce *mce)
{
	if (boot_cpu_has(X86_FEATURE_SMCA))
		return mce->status & MCI_STATUS_POISON;
	return mce_is_memory_error(mce);
}

/* The address is the system's then, whatever the processor's banks log. */
static bool is_from_firmware(const struct mce *mce)
{
	return mce->bank == (u8)-1 && mce->status & MCI_STATUS_ADDRV;
}

static bool is_usable(struct mce *mce)
{
	return is_from_firmware(mce) ||
	       (is_about_memory(mce) && mce_usable_address(mce));
}

static int machine_check(struct notifier_block *nb, unsigned long unused, void *data)
{
	struct mirror_device *dev = container_of(nb, struct mirror_device, mce);
	struct mce *mce = data;
	int ret;
	u64 pfn;

	if (!mce || mce_is_correctable(mce) || !is_usable(mce))
		return NOTIFY_DONE;
	pfn = (mce->addr & GENMASK_ULL(boot_cpu_data.x86_phys_bits - 1, 0)) >> PAGE_SHIFT;
	if (pfn > ULONG_MAX || mirror_pfn_to_idx(dev->m, pfn) == MIRROR_NIL)
		return NOTIFY_DONE;
	ret = mirror_memory_failure(dev, pfn, true);
	if (!ret || ret == -EHWPOISON)
		mce->kflags |= MCE_HANDLED_UC;
	return NOTIFY_OK;
}

/**
 * mirror_mce_register - hear of machine checks from now on
 * @dev: the device
 *
 * Context: Process context; may sleep.
 */
void mirror_mce_register(struct mirror_device *dev)
{
	dev->mce.notifier_call = machine_check;
	/* As for non-volatile memory, which the kernel does not manage either. */
	dev->mce.priority = MCE_PRIO_NFIT;
	mce_register_decode_chain(&dev->mce);
}

/**
 * mirror_mce_unregister - hear of them no longer
 * @dev: the device
 *
 * Context: Process context; waits until those under way are dealt with.
 */
void mirror_mce_unregister(struct mirror_device *dev)
{
	mce_unregister_decode_chain(&dev->mce);
}
