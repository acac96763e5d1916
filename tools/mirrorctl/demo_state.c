// SPDX-License-Identifier: GPL-2.0
/*
 * What "demo" sees of the mirror's state, through INFO and debugfs.
 *
 * debugfs may be closed to the user or not mounted at all. That is no failure
 * of the mirror: the demo goes on and says what it could not look at.
 */
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "debugfs.h"
#include "demo.h"
#include "device.h"

/* Pages on per-CPU lists are in no count by order, and cannot merge. */
void demo_drain(struct demo *d)
{
	int err = debugfs_write(d->opts, "drain", "1\n");

	if (!err)
		return;
	d->undrained = true;
	demo_unverified(d, "per-CPU lists could not be drained: %s",
			debugfs_reason(d->opts, err));
}

static void show_file(struct demo *d, const char *name)
{
	char *text;
	int err = debugfs_read(d->opts, name, &text);

	if (err) {
		demo_unverified(d, "%s could not be read: %s", name,
				debugfs_reason(d->opts, err));
		return;
	}
	demo_text(d, name, text);
	free(text);
}

void demo_show(struct demo *d)
{
	show_file(d, "buddyinfo");
	show_file(d, "pagetypeinfo");
}

static bool take_buddyinfo(struct demo *d, struct snapshot *snap)
{
	char *text;
	int err;

	memset(snap, 0, sizeof(*snap));
	if (debugfs_read(d->opts, "buddyinfo", &text))
		return false;
	err = snapshot_parse_buddyinfo(snap, text);
	free(text);
	if (!err)
		return true;
	demo_fail(d, "buddyinfo: line %d is not understood",
		  -err - SNAPSHOT_BAD_LINE);
	snapshot_free(snap);
	return false;
}

void demo_remember(struct demo *d)
{
	take_buddyinfo(d, &d->before);
}

/* Other files' blocks do not show in these two, so they must fit exactly. */
void demo_check_held(struct demo *d)
{
	struct mirror_mm_info now;
	unsigned long long pages = 0;
	int err = device_info(d->dev, &now);

	for (unsigned int i = 0; i < d->nr; i++)
		pages += block_pages(&d->blocks[i].alloc, 1);
	if (err)
		demo_fail(d, "INFO: %s", strerror(-err));
	else if (now.held_blocks != d->nr || now.held_pages != pages)
		demo_fail(d, "INFO says this file holds %llu blocks, %llu pages; it holds %u, %llu",
			  (unsigned long long)now.held_blocks,
			  (unsigned long long)now.held_pages, d->nr, pages);
	else
		demo_say(d, "INFO agrees: this file holds %u blocks, %llu pages; %llu are free.",
			 d->nr, pages, (unsigned long long)now.nr_free);
}

static unsigned int compare_zone(struct demo *d,
				 const struct zone_snapshot *was,
				 const struct zone_snapshot *is)
{
	unsigned int wrong = 0;

	for (unsigned int order = 0; order < was->nr_orders; order++) {
		unsigned long long now = is ? is->free[order] : 0;

		if (was->free[order] == now)
			continue;
		wrong++;
		demo_fail(d, "node %d, zone %s, order %u: %llu free blocks before, %llu after",
			  was->node, was->name, order, was->free[order], now);
	}
	return wrong;
}

static void compare_orders(struct demo *d)
{
	struct snapshot after;
	unsigned int wrong = 0;

	if (d->undrained || !d->before.nr || !take_buddyinfo(d, &after)) {
		demo_unverified(d, "that free blocks of every order are as many as before");
		return;
	}
	for (size_t i = 0; i < d->before.nr; i++) {
		const struct zone_snapshot *was = &d->before.zones[i];

		wrong += compare_zone(d, was, snapshot_zone(&after, was->node,
							    was->name));
	}
	snapshot_free(&after);
	if (wrong)
		demo_say(d, "(No fault if other programs used the mirror meanwhile.)");
	else
		demo_say(d, "Free blocks of every order are as many as before.");
}

void demo_compare(struct demo *d)
{
	struct mirror_mm_info now;
	int err = device_info(d->dev, &now);

	if (err)
		demo_fail(d, "INFO: %s", strerror(-err));
	else if (now.nr_free != d->info.nr_free || now.held_blocks)
		demo_fail(d, "free pages: %llu before, %llu after; blocks still held: %llu",
			  (unsigned long long)d->info.nr_free,
			  (unsigned long long)now.nr_free,
			  (unsigned long long)now.held_blocks);
	else
		demo_say(d, "INFO agrees: %llu pages free, as before.",
			 (unsigned long long)now.nr_free);
	compare_orders(d);
}

void demo_validate(struct demo *d)
{
	static const char clean[] = "check: clean";
	char *text;
	int err = debugfs_read(d->opts, "check", &text);

	if (err) {
		demo_unverified(d, "the mirror's own check: %s",
				debugfs_reason(d->opts, err));
		return;
	}
	if (!strncmp(text, clean, strlen(clean))) {
		demo_say(d, "The mirror's own validator says: clean.");
	} else {
		demo_text(d, "check", text);
		demo_fail(d, "the mirror's own validator found faults: %.*s",
			  (int)strcspn(text, "\n"), text);
	}
	free(text);
}
