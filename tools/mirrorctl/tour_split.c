// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour split: a block falls apart, and comes together again.
 *
 * It takes movable blocks of an order that passes by the per-CPU lists, so that each
 * step changes free lists and nothing else.
 */
#include "tour.h"

#define TYPE	MIRROR_MIGRATE_MOVABLE

static unsigned long long pages_of(unsigned int order)
{
	return 1ull << order;
}

static bool obstacle(const struct tour *t, FILE *out)
{
	unsigned int order = tour_order(t);

	for (unsigned int o = t->info.max_order; o > order; o--)
		if (t->start.zone.typed[TYPE][o])
			return false;
	fprintf(out, "it needs a free Movable block of order %u or above in\n"
		"zone %s of node %d, and there is none; give something back\n"
		"(mirrorctl free --all), or load the module with a larger\n"
		"region",
		order + 1, t->zone, t->node);
	return true;
}

static bool explain_look(struct tour *t, FILE *out)
{
	const unsigned long long *blocks = t->after.zone.typed[TYPE];
	unsigned int top = t->info.max_order;

	fprintf(out, "%llu pages are free, and %llu of them lie in Movable\n"
		"blocks of the largest order, %u: a free block is kept as\n"
		"large as its free neighbours let it become, and one that is\n"
		"too large for a request is cut only when the request comes.",
		t->after.zone.free_exact, blocks[top] << top, top);
	return true;
}

static int act_take(struct tour *t)
{
	unsigned int order = tour_order(t);
	int err = tour_alloc(t, order, TOUR_MOVABLE);

	if (t->err)
		snprintf(t->done, sizeof(t->done), "asked for a Movable block\n"
			 "of order %u (%llu pages), and was refused",
			 order, pages_of(order));
	else
		snprintf(t->done, sizeof(t->done), "asked for a Movable block\n"
			 "of order %u (%llu pages), and got the one at pfn\n"
			 "%#llx",
			 order, pages_of(order), (unsigned long long)t->last.pfn);
	return err;
}

/* The orders in between have to be empty, or one of them would have been taken. */
static bool was_smallest(const struct tour *t, unsigned int order, unsigned int high)
{
	for (unsigned int o = order; o < high; o++)
		if (t->before.zone.typed[TYPE][o])
			return false;
	return true;
}

static void explain_halves(FILE *out, unsigned int order, unsigned int high)
{
	unsigned int cuts = high - order;

	if (cuts == 1)
		fprintf(out, "No Movable block of order %u was free", order);
	else
		fprintf(out, "No Movable block of order %u to %u was free", order,
			high - 1);
	fprintf(out, ", so one of order %u (%llu pages) was taken off its\n"
		"list and halved %u time%s; each upper half became a free\n"
		"block, %llu pages in all, and the lower half that was left,\n"
		"%llu pages, is what the request got.",
		high, pages_of(high), cuts, cuts == 1 ? "" : "s",
		pages_of(high) - pages_of(order), pages_of(order));
}

static bool explain_take(struct tour *t, FILE *out)
{
	unsigned int order = tour_order(t);
	int high = tour_moved_blocks(t, TYPE, order, -1);

	if (t->err || high < 0 || !was_smallest(t, order, high))
		return tour_surprise(t, out, "the smallest free Movable block\n"
				     "that is large enough, cut down where it\n"
				     "is too large");
	if ((unsigned int)high > order) {
		explain_halves(out, order, high);
		return true;
	}
	fprintf(out, "A free Movable block of exactly %llu pages was there,\n"
		"so it was taken off its list, which had %llu before and has %llu\n"
		"now, and nothing had to be cut.",
		pages_of(order), t->before.zone.typed[TYPE][order],
		t->after.zone.typed[TYPE][order]);
	return true;
}

/* Index of the block that the tour took first, or second. */
static int act_free_at(struct tour *t, size_t i)
{
	int err = 0;

	if (i >= t->nr) {
		snprintf(t->done, sizeof(t->done), "nothing: there is no such block to give back");
		return 0;
	}
	err = tour_free(t, i);
	snprintf(t->done, sizeof(t->done), "gave the block at pfn %#llx back",
		 (unsigned long long)t->last.pfn);
	return err;
}

static int act_free_second(struct tour *t)
{
	return act_free_at(t, 1);
}

static int act_free_first(struct tour *t)
{
	return act_free_at(t, 0);
}

static bool is_held(const struct tour *t, unsigned long long pfn)
{
	for (size_t i = 0; i < t->nr; i++)
		if (t->blocks[i].pfn <= pfn &&
		    pfn - t->blocks[i].pfn < pages_of(t->blocks[i].order))
			return true;
	return false;
}

static bool explain_alone(struct tour *t, FILE *out, unsigned int order)
{
	unsigned long long buddy = t->last.pfn ^ pages_of(order);

	fprintf(out, "The buddy of a block is the one whose pfn differs in\n"
		"the bit of its order alone: here %#llx, which %s, so the two\n"
		"cannot become one and the block was put on the list of order\n"
		"%u as it is.",
		buddy, is_held(t, buddy) ? "this tour still holds" :
		"is not a free block of that order", order);
	return true;
}

static bool explain_free(struct tour *t, FILE *out)
{
	unsigned int order = t->last.order;
	int high = tour_moved_blocks(t, TYPE, order, 1);

	if (high < 0)
		return tour_surprise(t, out, "a block that is put on its\n"
				     "list, merged with each buddy that is\n"
				     "free");
	if ((unsigned int)high == order)
		return explain_alone(t, out, order);
	fprintf(out, "Its buddy at pfn %#llx was free, so both became one\n"
		"block of order %u, whose own buddy was looked for in turn:\n"
		"%u merge%s in all, one free block less of each order from %u\n"
		"to %d, and one more of order %d, where ",
		(unsigned long long)t->last.pfn ^ pages_of(order), order + 1,
		high - order, high - order == 1 ? "" : "s", order, high - 1, high);
	if ((unsigned int)high == t->info.max_order)
		fputs("it ends as there is no larger order.", out);
	else
		fputs("it ends as the next buddy is not free.", out);
	return true;
}

static const struct tour_step steps[] = {
	{ "Look at the free blocks", NULL, explain_look },
	{ "Take a block", act_take, explain_take },
	{ "Take another of the same size", act_take, explain_take },
	{ "Give the second back", act_free_second, explain_free },
	{ "Give the first back", act_free_first, explain_free },
	{ "Give everything back", tour_act_give_back, tour_explain_give_back },
};

const struct tour_plan tour_split = {
	.name = "split",
	.about = "a free block is cut down for a request, and merges again",
	.obstacle = obstacle,
	.steps = steps,
	.nr = ARRAY_SIZE(steps),
};
