// SPDX-License-Identifier: GPL-2.0
/*
 * Users in the kernel that allocate, share, split and free blocks without a pause
 * until the module is unloaded. What they do is right, so no call may be refused.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mirror_mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>

#define USERS	3
#define HELD	16

static ulong low = ULONG_MAX;
module_param(low, ulong, 0444);
MODULE_PARM_DESC(low, "first frame that was handed out so far");
static ulong high;
module_param(high, ulong, 0444);
MODULE_PARM_DESC(high, "last head that was handed out so far");
static ulong refused;
module_param(refused, ulong, 0444);
MODULE_PARM_DESC(refused, "calls that were refused so far");

static struct mirror *mirror;
static struct task_struct *users[USERS];

struct held {
	struct mirror_page *page;
	unsigned int order;
	bool compound;
};

static void take(struct held *h, u32 random)
{
	unsigned long pfn;
	u32 gfp = MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN;

	h->order = random % 6;
	h->compound = random & 64;
	if (h->compound)
		gfp |= __MIRROR_GFP_COMP;
	h->page = mirror_alloc_pages(mirror, gfp, h->order, MIRROR_MM_NODE_ANY);
	if (!h->page)
		return;
	pfn = mirror_page_to_pfn(mirror, h->page);
	/* Lost updates do not matter: these are for orientation. */
	WRITE_ONCE(low, min(READ_ONCE(low), pfn));
	WRITE_ONCE(high, max(READ_ONCE(high), pfn));
}

static int split_and_free(const struct held *h)
{
	unsigned long i, pfn = mirror_page_to_pfn(mirror, h->page);
	int ret = mirror_split_page(mirror, h->page, h->order);

	for (i = 0; i < 1ul << h->order; i++)
		ret |= mirror_free_pages(mirror, mirror_pfn_to_page(mirror, pfn + i), 0);
	return ret;
}

/* By one of the ways that a block can go. */
static int give(const struct held *h, u32 random)
{
	switch (random % 4) {
	case 0:
		return mirror_get_page(mirror, h->page) |
		       mirror_free_pages(mirror, h->page, h->order) |
		       mirror_put_page(mirror, h->page);
	case 1:
		/* The last put of a block that is not compound frees one page of it. */
		return mirror_get_page(mirror, h->page) |
		       mirror_put_page(mirror, h->page) |
		       (h->compound || !h->order ? mirror_put_page(mirror, h->page) :
			mirror_free_pages(mirror, h->page, h->order));
	case 2:
		if (!h->compound || !h->order)
			return split_and_free(h);
		fallthrough;
	default:
		return mirror_free_pages(mirror, h->page, h->order);
	}
}

static int user_main(void *unused)
{
	struct held held[HELD] = {};
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, get_random_u32());
	while (!kthread_should_stop()) {
		u32 random = prandom_u32_state(&rnd);
		struct held *h = &held[random % HELD];

		if (h->page && give(h, random >> 8))
			WRITE_ONCE(refused, READ_ONCE(refused) + 1);
		take(h, random >> 16);
		cond_resched();
	}
	for (i = 0; i < HELD; i++)
		if (held[i].page &&
		    mirror_free_pages(mirror, held[i].page, held[i].order))
			pr_err("a block was not freed\n");
	return 0;
}

static void churn_exit(void)
{
	unsigned int i;

	for (i = 0; i < USERS; i++)
		if (!IS_ERR_OR_NULL(users[i]))
			kthread_stop(users[i]);
	mirror_mm_put(mirror);
}

static int __init churn_init(void)
{
	unsigned int i;

	mirror = mirror_mm_get();
	if (!mirror)
		return -ENODEV;
	for (i = 0; i < USERS; i++) {
		users[i] = kthread_run(user_main, NULL, "churn/%u", i);
		if (IS_ERR(users[i])) {
			churn_exit();
			return PTR_ERR(users[i]);
		}
	}
	return 0;
}

module_init(churn_init);
module_exit(churn_exit);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Users of a mirror that never pause");
MODULE_LICENSE("GPL");
