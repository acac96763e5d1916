// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour highatomic: a pageblock is reserved for urgent requests of high order,
 * used by them alone, and given up again.
 */
#include "tour.h"

#define RESERVED	MIRROR_MIGRATE_HIGHATOMIC
#define URGENT		MIRROR_GFP_ATOMIC
/* Its page is to come out of the reserve in the end. */
#define PATIENT		MIRROR_GFP_KERNEL
#define TRIES		256

static unsigned long long pageblock(const struct tour *t)
{
	return 1ull << t->info.pb_order;
}

/* About 1 % of the zone in whole pageblocks, and none where that is not one. */
static unsigned long long most_reserved(const struct tour *t)
{
	unsigned long long share = t->start.zone.managed / 100;

	if (share < pageblock(t))
		return 0;
	return (share + pageblock(t) - 1) / pageblock(t) * pageblock(t);
}

static bool obstacle(const struct tour *t, FILE *out)
{
	unsigned long long need = tour_mark(&t->start, t->start.marks.high) +
				  4 * pageblock(t);

	if (!most_reserved(t)) {
		fprintf(out, "it needs a zone of %llu pages, as a zone\n"
			"reserves 1 %% of itself and no part of a pageblock,\n"
			"and zone %s of node %d has %llu; load the module\n"
			"with a larger region",
			100 * pageblock(t), t->zone, t->node, t->start.zone.managed);
		return true;
	}
	if (t->start.zone.highatomic >= most_reserved(t)) {
		fprintf(out, "%llu pages are reserved already, and no more\n"
			"can be; when nothing is held, writing to reset in\n"
			"debugfs gives them up",
			t->start.zone.highatomic);
		return true;
	}
	if (tour_usable(&t->start) > need)
		return false;
	fprintf(out, "it needs more than %llu free pages in zone %s of node\n"
		"%d, and there are %llu; give something back (mirrorctl free\n"
		"--all)",
		need, t->zone, t->node, tour_usable(&t->start));
	return true;
}

static bool explain_look(struct tour *t, FILE *out)
{
	fprintf(out, "A driver that must not wait cannot have memory\n"
		"compacted for it, so the zone may keep up to %llu pages, 1\n"
		"%% of it rounded up to pageblocks of %llu, for urgent\n"
		"requests of order 1 and above; %llu are reserved now.",
		most_reserved(t), pageblock(t), t->after.zone.highatomic);
	return true;
}

static int act_urgent(struct tour *t)
{
	int err = tour_alloc(t, tour_order(t), URGENT);

	snprintf(t->done, sizeof(t->done),
		 "asked for a block of order %u with GFP_ATOMIC, and %s",
		 tour_order(t), t->err ? "was refused" : "got it");
	return err;
}

static bool explain_at_ease(struct tour *t, FILE *out)
{
	unsigned long long low = tour_mark(&t->before, t->before.marks.low);

	if (t->err || t->after.zone.highatomic != t->before.zone.highatomic)
		return tour_surprise(t, out, "a block, and no change of what is reserved");
	fprintf(out, "With %llu pages free, far above low (%llu), the first\n"
		"attempt gave the block, and only a request for which the\n"
		"first attempt fails makes the zone reserve something.",
		tour_usable(&t->before), low);
	return true;
}

static bool explain_take_down(struct tour *t, FILE *out)
{
	unsigned long long low = tour_mark(&t->after, t->after.marks.low);
	unsigned long long size = 1ull << tour_order(t);

	if (t->err || tour_usable(&t->after) < low ||
	    tour_usable(&t->after) >= low + size)
		return tour_surprise(t, out, "a number of free pages just above low");
	fprintf(out, "%llu pages are free and low is %llu, so the next\n"
		"request of order %u, which needs %llu pages above the mark,\n"
		"fails at its first attempt.",
		tour_usable(&t->after), low, tour_order(t), size);
	return true;
}

static bool explain_reserve(struct tour *t, FILE *out)
{
	long long grew = t->after.zone.highatomic - t->before.zone.highatomic;

	if (t->err || grew != (long long)pageblock(t) ||
	    t->after.zone.pageblocks[RESERVED] !=
	    t->before.zone.pageblocks[RESERVED] + 1)
		return tour_surprise(t, out, "one pageblock more that is reserved");
	fprintf(out, "The first attempt failed, the second may use reserves\n"
		"since the request is urgent and cannot wait; as its order is\n"
		"not 0, the pageblock that its block came from became\n"
		"HighAtomic with all that is free in it: %lld pages are\n"
		"reserved more than before, and %llu of what is reserved are\n"
		"free.",
		grew, t->after.zone.highatomic_free);
	return true;
}

static bool explain_ordinary(struct tour *t, FILE *out)
{
	unsigned long long rest = (1ull << tour_order(t)) - 1;
	unsigned long long min = tour_mark(&t->after, t->after.marks.min);

	if (!t->err || tour_usable(&t->after) > min + rest ||
	    t->after.zone.highatomic_free != t->before.zone.highatomic_free)
		return tour_surprise(t, out, "a refusal that leaves the reserve as it is");
	fprintf(out, "%llu pages are free, but for an ordinary request the\n"
		"%llu of the reserve do not count: %llu less %llu is not\n"
		"above min (%llu), so it was refused and nothing of the\n"
		"reserve was touched.",
		t->after.zone.free, t->after.zone.highatomic_free,
		tour_usable(&t->after), rest, min);
	return true;
}

static bool explain_use(struct tour *t, FILE *out)
{
	unsigned long long size = 1ull << tour_order(t);
	unsigned long long was = t->before.zone.highatomic_free;
	unsigned long long is = t->after.zone.highatomic_free;

	if (t->err || was - is != size || t->last.type != RESERVED)
		return tour_surprise(t, out, "a block that comes out of the reserve");
	fprintf(out, "For the urgent request the reserve counts and is looked\n"
		"at first: of the %llu pages free in it, %llu were given and\n"
		"%llu stay, where the ordinary request was refused a moment\n"
		"ago.",
		was, size, is);
	return true;
}

static int act_patient(struct tour *t)
{
	struct tour_view now = t->before;
	int err = 0;

	t->err = 0;
	while (!err && !t->err && t->asked < TRIES && !tour_wants_end(t) &&
	       now.zone.highatomic == t->before.zone.highatomic) {
		err = tour_alloc(t, 0, PATIENT);
		if (!err)
			err = tour_look(t, &now);
	}
	snprintf(t->done, sizeof(t->done),
		 "asked for single pages with GFP_KERNEL: %llu of %llu were granted",
		 t->given, t->asked);
	return err;
}

static bool explain_unreserve(struct tour *t, FILE *out)
{
	long long less = t->before.zone.highatomic - t->after.zone.highatomic;

	if (t->err || less != (long long)pageblock(t))
		return tour_surprise(t, out, "one pageblock less that is reserved");
	fprintf(out, "The last of these pages was refused at min at first,\n"
		"and before a request that may wait fails, a pageblock of the\n"
		"reserve is given up for it: it became %s, %lld pages are\n"
		"reserved less than before, and the request was granted.",
		t->after.zone.pageblocks[MIRROR_MIGRATE_UNMOVABLE] >
		t->before.zone.pageblocks[MIRROR_MIGRATE_UNMOVABLE] ?
		"Unmovable, as the request is" : "that of the request's type", less);
	return true;
}

static bool explain_give_back(struct tour *t, FILE *out)
{
	bool good = tour_explain_give_back(t, out);

	if (t->after.zone.highatomic == t->start.zone.highatomic)
		return good;
	fprintf(out, " But %llu pages are reserved where there were %llu;\n"
		"writing to reset in debugfs gives them up, when nothing is\n"
		"held.",
		t->after.zone.highatomic, t->start.zone.highatomic);
	return false;
}

static const struct tour_step steps[] = {
	{ "Look at the reserve", NULL, explain_look },
	{ "Ask urgently while there is plenty", act_urgent, explain_at_ease },
	{ "Take blocks down to low", tour_act_take_down, explain_take_down },
	{ "Ask urgently", act_urgent, explain_reserve },
	{ "Ask in the ordinary way", tour_act_until_refused, explain_ordinary },
	{ "Ask urgently again", act_urgent, explain_use },
	{ "Ask patiently", act_patient, explain_unreserve },
	{ "Give everything back", tour_act_give_back, explain_give_back },
};

const struct tour_plan tour_highatomic = {
	.name = "highatomic",
	.about = "a pageblock is reserved for urgent requests, and given up again",
	.obstacle = obstacle,
	.steps = steps,
	.nr = ARRAY_SIZE(steps),
};
