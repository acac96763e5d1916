// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour fallback: a request whose own lists are empty takes from another type.
 *
 * First while whole pageblocks of another type are free, then when all memory has been
 * broken into pieces that are smaller than a pageblock, where types have to be mixed.
 * The pieces come about by taking everything and giving every second piece back; that
 * goes below all watermarks for a moment.
 */
#include <errno.h>

#include "tour.h"
#include "words.h"

#define OWN	MIRROR_MIGRATE_UNMOVABLE
/* Without regard for watermarks; it has to be able to take the last block. */
#define ANYHOW	(MIRROR_GFP_NOWAIT | __MIRROR_GFP_MEMALLOC)

/* The pieces that memory is broken into: the largest that are no pageblock. */
static unsigned int piece_order(const struct tour *t)
{
	return t->info.pb_order - 1;
}

/* Of the blocks of this order or above, as many as of this order they would be. */
static unsigned long long pieces(const struct tour_view *view, unsigned int type,
				 unsigned int order)
{
	unsigned long long nr = 0;

	for (unsigned int o = order; o < SNAPSHOT_ORDERS; o++)
		nr += view->zone.typed[type][o] << (o - order);
	return nr;
}

static long long pageblock_delta(const struct tour *t, unsigned int type)
{
	return t->after.zone.pageblocks[type] - t->before.zone.pageblocks[type];
}

static bool obstacle(const struct tour *t, FILE *out)
{
	const struct state_zone *zone = &t->start.zone;
	unsigned long long need = 8ull << t->info.pb_order;
	unsigned long long movable = pieces(&t->start, MIRROR_MIGRATE_MOVABLE,
					    t->info.max_order) << t->info.max_order;

	need += 2 * (t->start.marks.high + zone->boost);
	if (piece_order(t) <= tour_order(t)) {
		fprintf(out, "it needs pageblocks of order %u or above; here they are of order %u",
			tour_order(t) + 2, t->info.pb_order);
		return true;
	}
	if (movable >= need && zone->free > need)
		return false;
	fprintf(out, "it needs %llu pages in free Movable blocks of order %u\n"
		"in zone %s of node %d, and there are %llu; give something\n"
		"back (mirrorctl free --all), or load the module with a\n"
		"larger region",
		need, t->info.max_order, t->zone, t->node, movable);
	return true;
}

static bool explain_look(struct tour *t, FILE *out)
{
	const struct state_zone *zone = &t->after.zone;

	fprintf(out, "Memory is handed out by mobility so that what cannot\n"
		"move does not lie scattered: each pageblock of %llu pages\n"
		"has a type, %llu are Movable and %llu Unmovable here, and a\n"
		"request takes from the lists of its own type as long as they\n"
		"have something; after loading, all pageblocks are Movable.",
		1ull << t->info.pb_order,
		zone->pageblocks[MIRROR_MIGRATE_MOVABLE], zone->pageblocks[OWN]);
	return true;
}

/* Takes what the lists of a type have, in blocks of one order. */
static int take_pieces(struct tour *t, unsigned int type, unsigned int order,
		       __u32 gfp)
{
	struct tour_view now;
	unsigned long long nr;
	int err = tour_look(t, &now);

	if (err)
		return err;
	t->err = 0;
	for (nr = pieces(&now, type, order); nr && !err && !t->err; nr--)
		err = tour_wants_end(t) ? -EINTR : tour_alloc(t, order, gfp);
	return err == -EINTR ? 0 : err;
}

/*
 * Orders that pass by the per-CPU lists, from the largest down, so that a block is
 * taken from its own list and no refill reaches for more than there is.
 */
static int take_own(struct tour *t)
{
	unsigned int order;
	int err = 0;

	for (order = piece_order(t); !err && order >= tour_order(t); order--)
		err = take_pieces(t, OWN, order, ANYHOW);
	return err;
}

static int act_empty(struct tour *t)
{
	int err = take_own(t);

	snprintf(t->done, sizeof(t->done),
		 "took all free Unmovable blocks of %u pages or more: %llu blocks",
		 1u << tour_order(t), t->given);
	return err;
}

static bool explain_empty(struct tour *t, FILE *out)
{
	unsigned int order = tour_order(t);

	if (pieces(&t->after, OWN, order))
		return tour_surprise(t, out, "no free Unmovable block that is\n"
				     "large enough for the next request");
	if (!t->given)
		fprintf(out, "There was no free Unmovable block of order %u or above", order);
	else
		fprintf(out, "There is no free Unmovable block of order %u or\n"
			"above any more", order);
	fprintf(out, ", so the next Unmovable request of that order finds\n"
		"nothing on the lists of its own type, while %llu pages are\n"
		"free on those of others.",
		t->after.zone.free_exact);
	return true;
}

static int act_request(struct tour *t)
{
	unsigned int order = tour_order(t);
	int err = tour_alloc(t, order, TOUR_ORDINARY);

	if (t->err)
		snprintf(t->done, sizeof(t->done), "asked for an Unmovable\n"
			 "block of order %u, and was refused",
			 order);
	else
		snprintf(t->done, sizeof(t->done), "asked for an Unmovable\n"
			 "block of order %u, and got the one at pfn %#llx,\n"
			 "which lies in a pageblock that is %s now",
			 order, (unsigned long long)t->last.pfn,
			 words_type(t->last.type));
	return err;
}

/* The type that lost pageblocks to the request's, or -1. */
static int loser(const struct tour *t)
{
	long long won = pageblock_delta(t, OWN);

	for (int type = 0; won > 0 && type < MIRROR_MIGRATE_TYPES; type++)
		if (pageblock_delta(t, type) == -won)
			return type;
	return -1;
}

/* The largest order of which a type had a free block. */
static unsigned int largest(const struct tour_view *view, unsigned int type)
{
	unsigned int order = SNAPSHOT_ORDERS - 1;

	while (order && !view->zone.typed[type][order])
		order--;
	return order;
}

static bool explain_steal(struct tour *t, FILE *out)
{
	fprintf(out, "The block was taken from a pageblock that is %s and\n"
		"stays so: too little of it was free, or in use by what\n"
		"cannot move, to be worth a claim.",
		words_type(t->last.type));
	return true;
}

static bool explain_claim(struct tour *t, FILE *out)
{
	long long won = pageblock_delta(t, OWN);
	int from = loser(t);
	unsigned int high;

	if (t->err || (from < 0 && t->last.type == OWN))
		return tour_surprise(t, out, "a pageblock of another type that becomes Unmovable");
	if (from < 0)
		return explain_steal(t, out);
	high = largest(&t->before, from);
	if (high >= t->info.pb_order && won != 1ll << (high - t->info.pb_order))
		return tour_surprise(t, out, "all pageblocks of one free\n"
				     "block that become Unmovable");
	fprintf(out, "No Unmovable block was large enough, so the largest\n"
		"free block of another type was looked for, Reclaimable\n"
		"before Movable where they are alike: it was a %s one of\n"
		"order %u, and ",
		words_type(from), high);
	if (high >= t->info.pb_order)
		fprintf(out, "the %lld pageblock%s that it consists of became\n"
			"Unmovable with all of its %llu pages; as it was the\n"
			"largest there is, what is left of it serves\n"
			"Unmovable requests for long, and types come to lie\n"
			"in as few pageblocks of others as can be.",
			won, won == 1 ? "" : "s", 1ull << high);
	else
		fprintf(out, "its pageblock became Unmovable, with what is free in it.");
	return true;
}

static bool is_upper(const struct tour_block *block)
{
	return block->pfn >> block->order & 1;
}

/* Every second piece: each keeps its buddy from merging. */
static int give_half_back(struct tour *t, size_t from)
{
	unsigned int order = piece_order(t);
	int err = 0;

	for (size_t i = t->nr; !err && i-- > from;)
		if (t->blocks[i].order == order && is_upper(&t->blocks[i]) &&
		    t->blocks[i].type == MIRROR_MIGRATE_MOVABLE)
			err = tour_free(t, i);
	return err;
}

static int act_break(struct tour *t)
{
	unsigned int order = piece_order(t);
	size_t from = t->nr;
	int err = take_own(t);

	if (!err)
		err = take_pieces(t, MIRROR_MIGRATE_RECLAIMABLE, order,
				  ANYHOW | __MIRROR_GFP_RECLAIMABLE);
	if (!err)
		err = take_pieces(t, MIRROR_MIGRATE_MOVABLE, order,
				  ANYHOW | __MIRROR_GFP_MOVABLE);
	if (!err)
		err = give_half_back(t, from);
	if (!err)
		err = tour_write(t, "stat_refresh");
	snprintf(t->done, sizeof(t->done),
		 "took everything that is left, what is Movable in blocks of\n"
		 "order %u, and gave every second one of these back",
		 order);
	return err;
}

static bool explain_break(struct tour *t, FILE *out)
{
	unsigned int order = piece_order(t);
	unsigned long long nr = t->after.zone.typed[MIRROR_MIGRATE_MOVABLE][order];

	if (!nr || pieces(&t->after, MIRROR_MIGRATE_MOVABLE, order + 1) ||
	    pieces(&t->after, MIRROR_MIGRATE_RECLAIMABLE, order + 1) ||
	    pieces(&t->after, OWN, tour_order(t)))
		return tour_surprise(t, out, "free Movable blocks that are\n"
				     "half a pageblock each, and no larger\n"
				     "ones");
	fprintf(out, "That is what fragmented memory looks like: %llu pages\n"
		"are free, and %llu of them lie in blocks of %u pages whose\n"
		"buddies are in use, so no block of order %u can be had, as\n"
		"no whole pageblock is free.",
		t->after.zone.free_exact, nr << order, 1u << order, order + 1);
	return true;
}

static bool explain_boost(const struct tour *t, FILE *out)
{
	unsigned long long was = t->before.zone.boost, is = t->after.zone.boost;

	if (is > was) {
		fprintf(out, " As types mix now, all watermarks were raised\n"
			"by %llu pages (the boost), to have kswapd free some\n"
			"memory before that happens again.",
			is - was);
		return true;
	}
	if (is && is == was)
		fprintf(out, " The boost of %llu pages was there already.", is);
	else
		fprintf(out, " No boost of the watermarks was seen;\n"
			"watermark_boost_factor may be 0, or a statistics\n"
			"tick worked it off in between.");
	return is;
}

static bool explain_mix(struct tour *t, FILE *out)
{
	unsigned long long size = 1ull << t->info.pb_order;
	unsigned int high = largest(&t->before, MIRROR_MIGRATE_MOVABLE);

	if (t->err || t->last.type != OWN || pageblock_delta(t, OWN) != 1 ||
	    loser(t) != MIRROR_MIGRATE_MOVABLE || high >= t->info.pb_order)
		return tour_surprise(t, out, "a Movable pageblock that is\n"
				     "claimed though part of it is in use");
	fprintf(out, "The largest free block of another type was a Movable\n"
		"one of order %u, so the pageblock around it was looked at:\n"
		"its free pages count, and those in use that cannot be moved,\n"
		"which for the mirror are all, and with %llu or more of %llu\n"
		"the pageblock becomes Unmovable, while what is in use in it\n"
		"stays where it is.",
		high, size / 2, size);
	return explain_boost(t, out);
}

static const struct tour_step steps[] = {
	{ "Look at the types", NULL, explain_look },
	{ "Empty the Unmovable lists", act_empty, explain_empty },
	{ "Ask for an Unmovable block", act_request, explain_claim },
	{ "Break all memory into pieces", act_break, explain_break },
	{ "Ask for an Unmovable block again", act_request, explain_mix },
	{ "Give everything back", tour_act_give_back, tour_explain_give_back },
};

const struct tour_plan tour_fallback = {
	.name = "fallback",
	.about = "a request whose own type has nothing claims a pageblock of another",
	.obstacle = obstacle,
	.steps = steps,
	.nr = ARRAY_SIZE(steps),
};
