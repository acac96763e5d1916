// SPDX-License-Identifier: GPL-2.0
/*
 * Mistakes that the mirror must refuse, as fast as it may be. The kernel's log
 * must have a line about each, which scripts/bench.sh looks for.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mirror_mm.h>
#include "bench.h"

#define GFP		(__MIRROR_GFP_THISNODE | __MIRROR_GFP_NOWARN)
#define ORDER		3
#define NOT_CALLED	1

static int free_twice(void)
{
	struct mirror_page *page = mirror_alloc_pages(bench_instance, GFP, 0, 0);

	if (!page || mirror_free_pages(bench_instance, page, 0))
		return NOT_CALLED;
	return mirror_free_pages(bench_instance, page, 0);
}

static int free_another_order(void)
{
	struct mirror_page *page = mirror_alloc_pages(bench_instance, GFP,
						      ORDER, 0);
	int ret;

	if (!page)
		return NOT_CALLED;
	ret = mirror_free_pages(bench_instance, page, ORDER - 1);
	/* It is still what it was. */
	if (mirror_free_pages(bench_instance, page, ORDER))
		return NOT_CALLED;
	return ret;
}

/* A pointer that is no page of any mirror. */
static int free_foreign(void)
{
	static u64 foreign[8];

	return mirror_free_pages(bench_instance, (struct mirror_page *)foreign, 0);
}

/**
 * bench_misuse - make mistakes
 * @refusals: what came of them
 *
 * Return: 0 where each was refused as it is documented, or -EPROTO.
 */
int bench_misuse(struct bench_refusal refusals[BENCH_REFUSALS])
{
	static int (*const mistakes[])(void) = {
		free_twice, free_another_order, free_foreign
	};
	static const struct bench_refusal wanted[] = {
		{ "double-free", -EINVAL },
		{ "wrong-order", -EINVAL },
		{ "foreign-page", -ENXIO },
	};
	unsigned int i;
	int ret = 0;

	BUILD_BUG_ON(ARRAY_SIZE(wanted) != BENCH_REFUSALS);
	for (i = 0; i < BENCH_REFUSALS; i++) {
		refusals[i] = wanted[i];
		refusals[i].seen = mistakes[i]();
		if (refusals[i].seen != wanted[i].wanted)
			ret = -EPROTO;
	}
	return ret;
}
