// SPDX-License-Identifier: GPL-2.0
/*
 * What the keys of "watch" do.
 *
 * Blocks that are taken here belong to this process, so whatever ends it gives them
 * back. The screen is the picture's, so what goes wrong is said in the line of events.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "debugfs.h"
#include "device.h"
#include "names.h"
#include "watch.h"
#include "words.h"

static bool open_device(struct watch_hand *hand, struct watch_events *events)
{
	int err;

	if (hand->dev >= 0)
		return true;
	hand->dev = open(hand->opts->device, O_RDWR | O_CLOEXEC);
	err = hand->dev < 0 ? -errno : device_info(hand->dev, &hand->info);
	if (!err)
		return true;
	watch_say(events, "cannot use %s: %s (\"mirrorctl info\" says more)",
		  hand->opts->device, strerror(-err));
	watch_let_go(hand);
	return false;
}

/* A request for the zone that is looked at; it may get a block of a lower one. */
static __u32 gfp_of_choice(const struct picture_choice *choice)
{
	static const struct word zones[] = {
		{ "DMA", MIRROR_GFP_DMA },
		{ "DMA32", MIRROR_GFP_DMA32 },
		{ "HighMem", __MIRROR_GFP_HIGHMEM },
		{ "Movable", __MIRROR_GFP_HIGHMEM },
	};

	for (size_t i = 0; choice->zone && i < ARRAY_SIZE(zones); i++)
		if (!strcasecmp(zones[i].name, choice->zone))
			return zones[i].value;
	return 0;
}

static void allocate(struct watch_hand *hand, struct watch_events *events)
{
	struct mirror_mm_alloc arg = {
		.order = hand->order,
		.gfp = MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN |
		       gfp_of_type(hand->type) | gfp_of_choice(hand->choice),
		.node = hand->choice->node < 0 ? MIRROR_MM_NODE_ANY :
						 hand->choice->node,
	};
	char where[40] = "";
	int err;

	if (!open_device(hand, events))
		return;
	if (hand->nr == WATCH_BLOCKS) {
		watch_say(events, "%u blocks are held, that is all there is room for",
			  hand->nr);
		return;
	}
	err = device_alloc(hand->dev, &arg);
	if (err) {
		watch_say(events, "you asked for order %u, %s: %s", arg.order,
			  key_of_type(hand->type), strerror(-err));
		return;
	}
	hand->ids[hand->nr++] = arg.id;
	if (arg.pfn != MIRROR_MM_PFN_HIDDEN)
		snprintf(where, sizeof(where), ", pfn %#llx",
			 (unsigned long long)arg.pfn);
	watch_say(events, "you took order %u, %s: node %d %s%s, in a pageblock that is %s",
		  arg.order, key_of_type(hand->type), arg.node,
		  words_zone(arg.zone), where, words_type(arg.migratetype));
}

static void free_newest(struct watch_hand *hand, struct watch_events *events,
			unsigned int nr)
{
	unsigned int freed = 0;
	int err = 0;

	if (!nr) {
		watch_say(events, "you hold nothing; a takes a block");
		return;
	}
	while (freed < nr && !err) {
		err = device_free(hand->dev, hand->ids[--hand->nr]);
		freed += !err;
	}
	if (err)
		watch_say(events, "cannot give a block back: %s", strerror(-err));
	else
		watch_say(events, "you gave %u block%s back and hold %u", freed,
			  freed == 1 ? "" : "s", hand->nr);
}

static void drain_lists(struct watch_hand *hand, struct watch_events *events)
{
	int err = debugfs_write(hand->opts, "drain", "1\n");

	if (err)
		watch_say(events, "cannot drain: %s",
			  debugfs_reason(hand->opts, err));
	else
		watch_say(events, "you drained the per-CPU lists of all CPUs");
}

static void change_order(struct watch_hand *hand, struct watch_events *events, int by)
{
	if (!open_device(hand, events))
		return;
	if (by < 0 && hand->order)
		hand->order--;
	else if (by > 0 && hand->order < hand->info.max_order)
		hand->order++;
}

static enum watch_next pause_or_go_on(struct watch_hand *hand)
{
	hand->paused = !hand->paused;
	return hand->paused ? WATCH_REDRAW : WATCH_REFRESH;
}

enum watch_next watch_key(struct watch_hand *hand, struct watch_events *events,
			  int key)
{
	switch (key) {
	case 'a':
		allocate(hand, events);
		break;
	case 'f':
		free_newest(hand, events, hand->nr ? 1 : 0);
		break;
	case 'g':
		free_newest(hand, events, hand->nr);
		break;
	case 'd':
		drain_lists(hand, events);
		break;
	case '+':
	case '=':
	case '-':
		change_order(hand, events, key == '-' ? -1 : 1);
		return WATCH_REDRAW;
	case 't':
		hand->type = (hand->type + 1) % (MIRROR_MIGRATE_RECLAIMABLE + 1);
		return WATCH_REDRAW;
	case 'h':
	case '?':
		hand->help = !hand->help;
		return WATCH_REDRAW;
	case 'p':
	case ' ':
		return pause_or_go_on(hand);
	case 's':
		return WATCH_REFRESH;
	case 'q':
		return WATCH_END;
	default:
		return WATCH_REDRAW;
	}
	return hand->paused ? WATCH_REDRAW : WATCH_REFRESH;
}

void watch_draw_keys(FILE *out, const struct watch_hand *hand)
{
	if (hand->help)
		fputs("a take, + - its order, t its type, f free, g free all; ", out);
	else
		fprintf(out, "%sa take order %u %s, f free (%u held), ",
			hand->paused ? "PAUSED, s step, " : "", hand->order,
			key_of_type(hand->type), hand->nr);
	fprintf(out, "d drain, p %s, %s", hand->paused ? "go on" : "pause",
		hand->help ? "s step, q quit" : "q quit, h help");
	fputc('\n', out);
}

void watch_let_go(struct watch_hand *hand)
{
	if (hand->dev >= 0)
		close(hand->dev);
	hand->dev = -1;
	hand->nr = 0;
}
