// SPDX-License-Identifier: GPL-2.0
/*
 * The device of a conformance driver: takes operation lists, carries them out on
 * one allocator, answers with words. See protocol.h.
 *
 *   driver.c    device, buffers, ioctls
 *   turns.c     segments, and which CPU works
 *   interpret.c slots and operations
 *   writer.c    what a state is written with
 *   reference.c the kernel's allocator           mirror.c  mirror_mm
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "interpret.h"

/**
 * struct conf_device - one side, as the program sees it
 * @misc: the device
 * @lock: one ioctl at a time
 * @interpreter: what it drives
 * @ops: the operations of a run
 * @words: the answer
 */
struct conf_device {
	struct miscdevice misc;
	struct mutex lock;	/* held for an ioctl */
	struct conf_interpreter interpreter;
	struct conf_op ops[CONF_RUN_OPS];
	u32 *words;
};

/* Answers of a run, and the largest state: a word for each free page and some more. */
#define WORDS	BIT(19)

/**
 * conf_symbol - address of a kernel symbol that modules do not get to see
 * @name: of the function
 *
 * Context: Process context; may sleep.
 * Return: the address, or NULL.
 */
void *conf_symbol(const char *name)
{
	static unsigned long (*lookup)(const char *name);
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	void *address;

	if (!lookup) {
		if (register_kprobe(&probe))
			return NULL;
		lookup = (void *)probe.addr;
		unregister_kprobe(&probe);
	}
	address = (void *)lookup(name);
	if (!address)
		pr_err("this kernel has no symbol %s\n", name);
	return address;
}
EXPORT_SYMBOL_GPL(conf_symbol);

static long run(struct conf_device *dev, struct conf_run __user *arg)
{
	struct conf_writer w = { .words = dev->words };
	struct conf_run run;

	if (copy_from_user(&run, arg, sizeof(run)))
		return -EFAULT;
	if (run.nr > CONF_RUN_OPS || run.max_words > CONF_RUN_WORDS ||
	    run.flags & ~CONF_RUN_MAY_SLEEP)
		return -EINVAL;
	if (copy_from_user(dev->ops, u64_to_user_ptr(run.ops),
			   run.nr * sizeof(*dev->ops)))
		return -EFAULT;
	w.max = run.max_words;
	if (!conf_list_ok(dev->ops, run.nr, w.max))
		return -EINVAL;
	conf_interpret(&dev->interpreter, dev->ops, run.nr, &w,
		       run.flags & CONF_RUN_MAY_SLEEP);
	run.nr_words = w.nr;
	if (copy_to_user(u64_to_user_ptr(run.words), dev->words,
			 w.nr * sizeof(u32)) ||
	    copy_to_user(arg, &run, sizeof(run)))
		return -EFAULT;
	return 0;
}

static long state(struct conf_device *dev, struct conf_state __user *arg)
{
	struct conf_writer w = { .words = dev->words, .max = WORDS };
	struct conf_state state;
	unsigned long flags;

	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	local_irq_save(flags);
	dev->interpreter.allocator->state(&w);
	local_irq_restore(flags);
	if (w.nr > state.max_words || w.nr > w.max)
		return -ENOSPC;
	state.nr_words = w.nr;
	if (copy_to_user(u64_to_user_ptr(state.words), dev->words,
			 w.nr * sizeof(u32)) ||
	    copy_to_user(arg, &state, sizeof(state)))
		return -EFAULT;
	return 0;
}

static long events(struct conf_device *dev, struct conf_events __user *arg)
{
	struct conf_events events;

	conf_events(&dev->interpreter, &events);
	return copy_to_user(arg, &events, sizeof(events)) ? -EFAULT : 0;
}

static int do_between(void *fn)
{
	void (**between)(void) = fn;

	(*between)();
	return 0;
}

/* Where one CPU is online, nothing is to be told from what it did before. */
static long on_cpu(unsigned int cpu, void (*fn)(void))
{
	if (num_online_cpus() > 1)
		return smp_call_on_cpu(cpu, do_between, &fn, false);
	return cpu ? 0 : do_between(&fn);
}

/* @which: 0 for all, which the CPU in turn does, or CONF_ONE_CPU(). */
static long drain(struct conf_device *dev, unsigned long which)
{
	const struct conf_allocator *allocator = dev->interpreter.allocator;

	if (!which)
		return on_cpu(dev->interpreter.cpu, allocator->drain);
	return on_cpu(which - CONF_ONE_CPU(0), allocator->drain_own);
}

/* Each CPU has its own tick. */
static long tick(struct conf_device *dev, unsigned long which)
{
	const struct conf_allocator *allocator = dev->interpreter.allocator;
	unsigned int cpu;
	long ret = 0;

	for_each_online_cpu(cpu)
		if (!ret && (!which || which == CONF_ONE_CPU(cpu)))
			ret = on_cpu(cpu, allocator->tick);
	return ret;
}

static long ioctl_locked(struct conf_device *dev, unsigned int cmd,
			 unsigned long value)
{
	void __user *arg = (void __user *)value;

	switch (cmd) {
	case CONF_IOC_RUN:
		return run(dev, arg);
	case CONF_IOC_STATE:
		return state(dev, arg);
	case CONF_IOC_EVENTS:
		return events(dev, arg);
	case CONF_IOC_DRAIN:
		return drain(dev, value);
	case CONF_IOC_TICK:
		return tick(dev, value);
	case CONF_IOC_RESET:
		conf_reset(&dev->interpreter);
		return 0;
	default:
		return -ENOTTY;
	}
}

/**
 * conf_ioctl - the one file operation of both sides' devices
 * @filp: the misc device has put itself into its private_data
 * @cmd: CONF_IOC_*
 * @arg: its argument
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno.
 */
long conf_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct conf_device *dev = container_of(filp->private_data,
					       struct conf_device, misc);
	long ret;

	mutex_lock(&dev->lock);
	ret = ioctl_locked(dev, cmd, arg);
	mutex_unlock(&dev->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(conf_ioctl);

static void free_device(struct conf_device *dev)
{
	vfree(dev->words);
	vfree(dev);
}

/**
 * conf_driver_register - show a side's device
 * @allocator: what it drives
 * @fops: of the caller's module, which they pin; conf_ioctl() is among them
 *
 * Context: Process context; may sleep.
 * Return: the device, or ERR_PTR().
 */
struct conf_device *conf_driver_register(const struct conf_allocator *allocator,
					 const struct file_operations *fops)
{
	struct conf_device *dev = vzalloc(sizeof(*dev));
	int ret = -ENOMEM;

	if (!dev)
		return ERR_PTR(ret);
	mutex_init(&dev->lock);
	dev->interpreter.allocator = allocator;
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.mode = 0600;
	dev->misc.name = allocator->name;
	dev->misc.fops = fops;
	dev->words = vzalloc(WORDS * sizeof(u32));
	if (dev->words) {
		conf_reset(&dev->interpreter);
		ret = misc_register(&dev->misc);
	}
	if (!ret)
		return dev;
	free_device(dev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(conf_driver_register);

/**
 * conf_driver_unregister - free what the lists left, and go
 * @dev: the device
 *
 * Context: Process context; may sleep.
 */
void conf_driver_unregister(struct conf_device *dev)
{
	misc_deregister(&dev->misc);
	conf_reset(&dev->interpreter);
	free_device(dev);
}
EXPORT_SYMBOL_GPL(conf_driver_unregister);

MODULE_DESCRIPTION("Drives a page allocator by operation lists, for comparison");
MODULE_LICENSE("GPL");
