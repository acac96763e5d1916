// SPDX-License-Identifier: GPL-2.0
/*
 * Uses the mirror as another module of the kernel does, as the fuzzer of the device tells
 * it to. It never gives back what it does not hold: that is a module's duty, and would
 * take blocks of files away. What it may get wrong is the order, and pointers that are
 * none of the mirror's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mirror_mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_MCE
#include <asm/mce.h>
#include <asm/processor.h>
#endif
#include "user.h"

#define BULK_PAGES	64u

static bool hardware;
module_param(hardware, bool, 0444);
MODULE_PARM_DESC(hardware, "machine checks may be about the mirror, which cannot be undone");

/**
 * struct held - a block
 * @page: its first page, or NULL
 * @order: of it
 * @refs: that we have
 * @compound: its last reference is all of it
 * @split: each of its pages is a block of its own
 */
static struct held {
	struct mirror_page *page;
	unsigned int order;
	unsigned int refs;
	bool compound;
	bool split;
} slots[USER_SLOTS];

static struct mirror *mirror;
static DEFINE_MUTEX(lock);

static struct mirror_page *nth_page(const struct held *h, unsigned long nr)
{
	return mirror_pfn_to_page(mirror, mirror_page_to_pfn(mirror, h->page) + nr);
}

static void release(struct held *h)
{
	unsigned long i;

	if (!h->page)
		return;
	for (i = 1; h->split && i < 1ul << h->order; i++)
		WARN_ON(mirror_put_page(mirror, nth_page(h, i)));
	while (--h->refs)
		WARN_ON(mirror_put_page(mirror, h->page));
	/* With the last reference only the first page of any other block would go. */
	if (h->compound || h->split)
		WARN_ON(mirror_put_page(mirror, h->page));
	else
		WARN_ON(mirror_free_pages(mirror, h->page, h->order));
	*h = (struct held){};
}

static long alloc(struct held *h, const struct user_call *c)
{
	if (h->page)
		return -EBUSY;
	h->page = c->mask ? mirror_alloc_pages_nodemask(mirror, c->gfp, c->order, c->node,
							c->mask) :
			    mirror_alloc_pages(mirror, c->gfp, c->order, c->node);
	if (!h->page)
		return -ENOMEM;
	h->order = c->order;
	h->compound = c->order && c->gfp & __MIRROR_GFP_COMP;
	h->refs = 1;
	return 0;
}

/* With another reference a block that is not a compound one keeps its first page alone. */
static long free_block(struct held *h, const struct user_call *c)
{
	bool last = h->refs == 1;
	int ret;

	if (!h->page || h->split || !last)
		return -EBUSY;
	ret = mirror_free_pages(mirror, h->page, c->order);
	if (ret)
		return ret;
	WARN_ON(c->order != h->order);
	*h = (struct held){};
	return 0;
}

static long get(struct held *h)
{
	int ret = h->page ? mirror_get_page(mirror, h->page) : -EBUSY;

	if (!ret)
		h->refs++;
	return ret;
}

static long put(struct held *h)
{
	if (!h->page || h->refs < 2)
		return -EBUSY;
	h->refs--;
	return mirror_put_page(mirror, h->page);
}

static long split(struct held *h, const struct user_call *c)
{
	int ret;

	if (!h->page || h->split || h->refs > 1)
		return -EBUSY;
	ret = mirror_split_page(mirror, h->page, c->order);
	if (!ret)
		h->split = true;
	return ret;
}

static long look(const struct held *h)
{
	unsigned long pfn;
	char *address;

	if (!h->page)
		return -EBUSY;
	pfn = mirror_page_to_pfn(mirror, h->page);
	WARN_ON(mirror_pfn_to_page(mirror, pfn) != h->page);
	WARN_ON(mirror_page_to_phys(mirror, h->page) != (phys_addr_t)pfn << PAGE_SHIFT);
	address = mirror_page_address(mirror, h->page);
	if (address)
		memset(address, 0x5a, PAGE_SIZE << h->order);
	return !!address;
}

static long bulk(const struct user_call *c)
{
	static struct mirror_page *pages[BULK_PAGES];
	unsigned int nr = min(c->nr, BULK_PAGES), got;

	memset(pages, 0, sizeof(pages));
	got = c->mask ? mirror_alloc_pages_bulk_nodemask(mirror, c->gfp, c->node, c->mask, nr,
							 pages) :
			mirror_alloc_pages_bulk(mirror, c->gfp, c->node, nr, pages);
	WARN_ON(got > nr || mirror_free_pages_bulk(mirror, nr, pages) < got);
	return got;
}

/* A pointer that leads to no descriptor. */
static long stray(const struct user_call *c)
{
	struct mirror_page *page = (void *)(unsigned long)(c->value | 1);

	switch (c->nr % 6) {
	case 0:
		return mirror_free_pages(mirror, page, c->order);
	case 1:
		return mirror_get_page(mirror, page);
	case 2:
		return mirror_put_page(mirror, page);
	case 3:
		return mirror_split_page(mirror, page, c->order);
	case 4:
		return mirror_page_address(mirror, page) ? 0 : -ENXIO;
	default:
		return mirror_page_count(mirror, page) ? 0 : -ENXIO;
	}
}

#ifdef CONFIG_X86_MCE
/* Where nobody who reads the log takes an action but us: the severity is none. */
static long machine_check(const struct user_call *c)
{
	struct mce mce = {
		.status = c->status, .addr = c->value, .bank = c->nr, .misc = c->mask,
		.cpuvendor = boot_cpu_data.x86_vendor,
	};
	bool ours = mirror_pfn_to_page(mirror, (c->value &
				GENMASK_ULL(boot_cpu_data.x86_phys_bits - 1, 0)) >> PAGE_SHIFT);

	if (ours && !hardware)
		return -EPERM;
	mce_log(&mce);
	/* The chain of notifiers is called from a work item. */
	msleep(20);
	return 0;
}
#else
static long machine_check(const struct user_call *c)
{
	return -EOPNOTSUPP;
}
#endif

static void release_all(void)
{
	unsigned int i;

	for (i = 0; i < USER_SLOTS; i++)
		release(&slots[i]);
}

static long count(const struct held *h)
{
	int nr = h->page ? mirror_page_count(mirror, h->page) : 0;

	WARN_ON(h->page && nr != h->refs);
	return nr;
}

static long do_call(struct held *h, const struct user_call *c)
{
	switch (c->what) {
	case USER_ALLOC:
		return alloc(h, c);
	case USER_FREE:
		return free_block(h, c);
	case USER_GET:
		return get(h);
	case USER_PUT:
		return put(h);
	case USER_COUNT:
		return count(h);
	case USER_SPLIT:
		return split(h, c);
	case USER_ADDRESS:
		return look(h);
	case USER_BULK:
		return bulk(c);
	case USER_PFN:
		return !!mirror_pfn_to_page(mirror, c->value);
	case USER_STRAY:
		return stray(c);
	case USER_MACHINE_CHECK:
		return machine_check(c);
	case USER_RELEASE:
		release_all();
		return 0;
	default:
		return -EINVAL;
	}
}

static long user_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct user_call __user *user = (void __user *)arg;
	struct user_call c;
	struct held *h;
	long ret;

	if (cmd != USER_CALL)
		return -ENOTTY;
	if (copy_from_user(&c, user, sizeof(c)))
		return -EFAULT;
	h = &slots[c.slot % USER_SLOTS];
	mutex_lock(&lock);
	ret = do_call(h, &c);
	c.pfn = h->page ? mirror_page_to_pfn(mirror, h->page) : 0;
	mutex_unlock(&lock);
	return copy_to_user(user, &c, sizeof(c)) ? -EFAULT : ret;
}

static const struct file_operations user_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= user_ioctl,
};

static struct miscdevice user_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "mirror_mm_user",
	.mode	= 0600,
	.fops	= &user_fops,
};

static int __init user_init(void)
{
	int ret;

	mirror = mirror_mm_get();
	if (!mirror)
		return -ENODEV;
	ret = misc_register(&user_device);
	if (ret)
		mirror_mm_put(mirror);
	return ret;
}

static void __exit user_exit(void)
{
	misc_deregister(&user_device);
	release_all();
	mirror_mm_put(mirror);
}

module_init(user_init);
module_exit(user_exit);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Uses a mirror as the fuzzer of the device says");
MODULE_LICENSE("GPL");
