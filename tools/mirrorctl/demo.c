// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl demo: a guided tour that verifies as it goes.
 *
 * This file has the order of the steps and the words for a newcomer; what is
 * done lies in demo_blocks.c, what is looked at in demo_state.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "args.h"
#include "demo.h"
#include "device.h"
#include "output.h"

static const char doc[] =
	"Take one block of every order and mobility type, write to it, read it\n"
	"back in two ways, give all back, and check that everything has merged\n"
	"as it was." DOC_DETAILS
	"It explains each step. Run it as root: without debugfs and its drain\n"
	"it cannot show or compare the free lists; it then says what it could\n"
	"not verify. That alone is no failure. Programs that use the mirror at\n"
	"the same time make the counts differ.\n"
	"\n"
	"With --json only a summary is printed: ok, each block, failures, and\n"
	"what could not be verified.\n"
	"\n"
	"Exit code: 0 nothing found wrong, 1 something was.";

static const struct argp demo_argp = {
	.parser = args_parse_none,
	.doc = doc,
	.children = options_children,
};

static void introduce(struct demo *d)
{
	const struct mirror_mm_info *info = &d->info;
	unsigned long long need = 3 * ((2ull << info->max_order) - 1);
	char size[OUT_BYTES_LEN];

	d->small = info->nr_free < 2 * need ||
		   (info->page_limit && info->page_limit < need);
	if (d->opts->json)
		return;
	demo_say(d, "This is mirror_mm: a second page allocator, running on %llu pages (%s)",
		 (unsigned long long)info->nr_pages,
		 out_bytes(size, info->nr_pages * info->page_size));
	demo_say(d, "of memory that the kernel itself does not use. Orders 0 to %u: blocks of",
		 info->max_order);
	demo_say(d, "1, 2, 4, ... %llu contiguous pages.", 1ull << info->max_order);
}

static void look_before(struct demo *d)
{
	demo_step(d, "Look at the free memory before");
	demo_say(d, "Each column counts free blocks of one order, from order 0 on the left.");
	demo_say(d, "Pages on per-CPU lists are put back first, so that all free ones show.");
	demo_drain(d);
	demo_remember(d);
	demo_show(d);
}

static bool allocate(struct demo *d)
{
	demo_step(d, "Take one block of every order and mobility type");
	demo_say(d, "The type says what may later happen to a block, so that blocks that");
	demo_say(d, "cannot move are kept together. The allocator groups them by pageblock.");
	return demo_allocate(d);
}

static void use(struct demo *d)
{
	demo_step(d, "Map each block twice and write to every byte");
	demo_say(d, "Each block gets a content that no other has.");
	demo_map(d);
	demo_write(d);

	demo_step(d, "Read back through the second mapping");
	demo_read_second(d);

	demo_step(d, "Read back through the kernel's own view of the range");
	demo_say(d, "These pages have no struct page. A read of /proc/self/mem is therefore");
	demo_say(d, "served by the module, from the kernel's write-back mapping of the range.");
	demo_read_kernel(d);
}

static void look_during(struct demo *d)
{
	demo_step(d, "Look at the free memory while the blocks are held");
	demo_say(d, "Large blocks were split: what was left over of each became one free");
	demo_say(d, "block of each smaller order.");
	demo_check_held(d);
	demo_show(d);
}

static void give_back(struct demo *d)
{
	demo_step(d, "Give all blocks back");
	demo_free(d);
	demo_touch(d);
	demo_unmap(d);
}

static void look_after(struct demo *d)
{
	demo_step(d, "Look at the free memory after");
	demo_say(d, "Each freed block meets its buddy and merges, up to the largest order.");
	demo_say(d, "Pageblocks may keep the type they got: that is the grouping's memory.");
	demo_drain(d);
	demo_show(d);
	if (!d->opts->json)
		putchar('\n');
	demo_compare(d);
	demo_validate(d);
}

static void run(struct demo *d)
{
	introduce(d);
	look_before(d);
	if (!allocate(d))
		return;
	use(d);
	look_during(d);
	give_back(d);
	look_after(d);
}

int cmd_demo(struct options *opts, int argc, char **argv)
{
	struct demo d = { .opts = opts };
	int ret;

	if (args_parse(&demo_argp, argc, argv, 0, opts))
		return EXIT_FAILED;
	d.dev = device_open(opts, &d.info);
	if (d.dev < 0)
		return EXIT_FAILED;
	d.failures = json_object_new_array();
	d.unverified = json_object_new_array();
	run(&d);
	ret = demo_verdict(&d);

	json_object_put(d.failures);
	json_object_put(d.unverified);
	snapshot_free(&d.before);
	free(d.blocks);
	close(d.dev);
	return ret;
}
