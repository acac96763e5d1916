// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour watermark: how far down each kind of request may go.
 *
 * A request of order n is let in where more than mark + 2^n - 1 pages are free: what
 * it takes may be the whole block. The numbers compared are those that the allocator
 * compares, which lag behind the exact ones by what CPUs have not added yet.
 */
#include "tour.h"

#define URGENT		MIRROR_GFP_ATOMIC
#define UNBOUND		(MIRROR_GFP_NOWAIT | __MIRROR_GFP_MEMALLOC)

/* Whoever may not wait but is urgent goes down to 3/8 of min, as the kernel rounds. */
static unsigned long long urgent_floor(const struct tour_view *view)
{
	unsigned long long half = view->marks.min - view->marks.min / 2;

	return half - half / 4;
}

static bool obstacle(const struct tour *t, FILE *out)
{
	unsigned long long need = tour_mark(&t->start, t->start.marks.high) +
				  (4ull << tour_order(t));

	if (t->start.marks.min < 64) {
		fprintf(out, "the min mark of zone %s of node %d is %llu\n"
			"pages, too little to see anything; load the module\n"
			"with a larger region, or raise min_free_kbytes",
			t->zone, t->node, t->start.marks.min);
		return true;
	}
	if (tour_usable(&t->start) > need)
		return false;
	fprintf(out, "it needs more than %llu free pages in zone %s of node\n"
		"%d, to begin above the high mark, and there are %llu; give\n"
		"something back (mirrorctl free --all)",
		need, t->zone, t->node, tour_usable(&t->start));
	return true;
}

static bool explain_look(struct tour *t, FILE *out)
{
	const struct state_marks *marks = &t->after.marks;

	fprintf(out, "The zone has %llu free pages and three marks: a request\n"
		"is tried first against low (%llu), then against min (%llu),\n"
		"and how far below min it may go is a question of its flags;\n"
		"high (%llu) is where kswapd, once woken, would stop.",
		t->after.zone.free_exact, tour_mark(&t->after, marks->low),
		tour_mark(&t->after, marks->min), tour_mark(&t->after, marks->high));
	return true;
}

static bool explain_take_down(struct tour *t, FILE *out)
{
	unsigned long long low = tour_mark(&t->after, t->after.marks.low);
	unsigned long long size = 1ull << tour_order(t);

	if (t->err || tour_usable(&t->after) < low || tour_usable(&t->after) >= low + size)
		return tour_surprise(t, out, "a number of free pages just above low");
	fprintf(out, "%llu pages are free, and low is %llu: a request of\n"
		"order %u is let in while the free pages less %llu (all of\n"
		"its block but one) are above the mark, and %llu is not.",
		tour_usable(&t->after), low, tour_order(t), size - 1,
		tour_usable(&t->after) - size + 1);
	return true;
}

static int act_ask(struct tour *t)
{
	int err = tour_alloc(t, tour_order(t), TOUR_ORDINARY);

	snprintf(t->done, sizeof(t->done),
		 "asked for a block of order %u with GFP_KERNEL | __GFP_NORETRY, and %s",
		 tour_order(t), t->err ? "was refused" : "got it");
	return err;
}

static bool explain_ask(struct tour *t, FILE *out)
{
	unsigned long long left = tour_usable(&t->before) - (1ull << tour_order(t)) + 1;
	unsigned long long low = tour_mark(&t->before, t->before.marks.low);
	unsigned long long min = tour_mark(&t->before, t->before.marks.min);

	if (t->err || left > low || left <= min)
		return tour_surprise(t, out, "a block that is granted between low and min");
	fprintf(out, "%llu is not above low (%llu), so the first attempt\n"
		"failed; the request then wakes kswapd and tries again, and\n"
		"as %llu is above min (%llu), that was granted",
		left, low, left, min);
	if (t->after.zone.flags & STATE_KSWAPD_DUE)
		fputs(": the mirror has noted that kswapd is wanted.", out);
	else
		fputs("; a statistics tick has served what the mirror noted for kswapd.", out);
	return true;
}

static bool explain_to_min(struct tour *t, FILE *out)
{
	unsigned long long rest = (1ull << tour_order(t)) - 1;
	unsigned long long min = tour_mark(&t->after, t->after.marks.min);

	if (!t->err || tour_usable(&t->after) > min + rest)
		return tour_surprise(t, out, "a refusal once min is reached");
	fprintf(out, "%llu pages are free, which less %llu is not above min\n"
		"(%llu), so an ordinary request fails here too; as it may\n"
		"wait, it would now reclaim memory, but the mirror has none\n"
		"to reclaim, so it was refused.",
		tour_usable(&t->after), rest, min);
	return true;
}

static int act_urgent(struct tour *t)
{
	int err = tour_ask_until_refused(t, 0, URGENT);

	snprintf(t->done, sizeof(t->done),
		 "asked for single pages with GFP_ATOMIC until one was refused: %llu were granted",
		 t->given);
	return err;
}

static bool explain_urgent(struct tour *t, FILE *out)
{
	unsigned long long floor = urgent_floor(&t->after);

	if (!t->err || !t->given || t->after.zone.free > floor)
		return tour_surprise(t, out, "a refusal at 3/8 of min");
	fprintf(out, "GFP_ATOMIC has __GFP_HIGH, which lets it use half of\n"
		"min, and it cannot wait, which lets it use a quarter of what\n"
		"is left of min: it was refused with %llu pages free, not\n"
		"above %llu, and %llu pages were granted on the way; the mark\n"
		"is compared before a refill, which fetches many pages at\n"
		"once, so the zone may end below it; %llu pages are on the\n"
		"lists of CPU %u now.",
		t->after.zone.free, floor, t->given, t->after.cpu.count, t->cpu);
	return true;
}

static int act_unbound(struct tour *t)
{
	int err = tour_alloc(t, 0, UNBOUND);

	snprintf(t->done, sizeof(t->done),
		 "asked for one page with GFP_NOWAIT | __GFP_MEMALLOC, and %s",
		 t->err ? "was refused" : "got it");
	return err;
}

static bool explain_unbound(struct tour *t, FILE *out)
{
	if (t->err)
		return tour_surprise(t, out, "a page that is granted whatever the marks say");
	fprintf(out, "With %llu pages free, below every mark, the page was\n"
		"granted all the same%s: __GFP_MEMALLOC says that giving this\n"
		"page will soon free more, so no mark is compared, and the\n"
		"very last page is for such requests.",
		t->before.zone.free, t->after.cpu.count < t->before.cpu.count ?
		", from this CPU's list here, which the marks would have kept closed as well" : "");
	return true;
}

static const struct tour_step steps[] = {
	{ "Look at the marks", NULL, explain_look },
	{ "Take blocks down to low", tour_act_take_down, explain_take_down },
	{ "Ask below low", act_ask, explain_ask },
	{ "Ask down to min", tour_act_until_refused, explain_to_min },
	{ "Ask urgently", act_urgent, explain_urgent },
	{ "Ask without regard for marks", act_unbound, explain_unbound },
	{ "Give everything back", tour_act_give_back, tour_explain_give_back },
};

const struct tour_plan tour_watermark = {
	.name = "watermark",
	.about = "how far below the marks each kind of request may go",
	.obstacle = obstacle,
	.steps = steps,
	.nr = ARRAY_SIZE(steps),
};
