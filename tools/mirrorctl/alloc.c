// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl alloc: take blocks, and keep them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "args.h"
#include "block.h"
#include "device.h"
#include "holder.h"
#include "output.h"

static int list_holders(const struct options *opts)
{
	struct json_object *obj;
	struct holder *holders;
	int nr = holder_list(&holders);

	if (nr < 0)
		return EXIT_FAILED;
	if (opts->json) {
		obj = json_object_new_object();
		json_object_object_add(obj, "holders",
				       holders_to_json(holders, nr));
		out_json(obj, JSON_C_TO_STRING_PRETTY);
	} else if (!nr) {
		puts("No holder: nothing is held by \"mirrorctl alloc\".");
	} else {
		holders_table(holders, nr);
		puts("\nGive back: mirrorctl free ID... | --holder hN | --all");
	}
	holder_list_free(holders, nr);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

static int set_policy(int dev, const struct alloc_request *req,
		      const struct mirror_mm_info *info)
{
	int err;

	if (req->policy < 0)
		return 0;
	err = device_set_policy(dev, req->policy, req->nodes);
	if (err)
		device_explain_policy(err, req->policy, info);
	return err;
}

static struct mirror_mm_alloc what_to_ask(const struct alloc_request *req)
{
	struct mirror_mm_alloc alloc = {
		.order = req->order,
		.gfp = req->gfp,
		.node = req->node,
	};

	if (req->nodes && req->policy < 0) {
		alloc.flags = MIRROR_MM_ALLOC_NODEMASK;
		alloc.nodemask = req->nodes;
	}
	return alloc;
}

/* What was taken before a failure goes back as the caller closes the file. */
static int take_blocks(int dev, const struct alloc_request *req,
		       struct mirror_mm_alloc *blocks,
		       struct mirror_mm_info *info)
{
	const struct mirror_mm_alloc alloc = what_to_ask(req);
	int err = set_policy(dev, req, info);

	if (err)
		return err;
	for (unsigned int i = 0; i < req->count; i++) {
		blocks[i] = alloc;
		err = device_alloc(dev, &blocks[i]);
		if (!err)
			continue;
		device_info(dev, info);
		device_explain_alloc(err, &alloc, info);
		if (i)
			out_hint("%u of %u blocks could be had; they went back.",
				 i, req->count);
		return err;
	}
	return 0;
}

static int wait_signal_or_end(double seconds)
{
	struct timespec limit = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (time_t)seconds) * 1e9),
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return sigtimedwait(&set, NULL, &limit);
}

static void print_json(const struct holder *h, const char *handle)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *blocks = json_object_new_array();

	for (size_t i = 0; i < h->nr; i++)
		json_object_array_add(blocks, block_to_json(&h->blocks[i]));
	json_object_object_add(obj, "holder",
			       handle ? json_object_new_string(handle) : NULL);
	json_object_object_add(obj, "blocks", blocks);
	out_json(obj, JSON_C_TO_STRING_PRETTY);
}

/* Stays until the time is over or somebody asks us to go. */
static int hold_here(int dev, const struct alloc_request *req,
		     const struct holder *h)
{
	if (req->opts->json) {
		print_json(h, NULL);
	} else {
		printf("Holding for %g seconds; Ctrl-C ends it earlier.\n",
		       req->hold);
		block_table(stdout, h->blocks, h->nr, h->page_size);
	}
	if (!out_flush())
		wait_signal_or_end(req->hold);
	close(dev);
	if (!req->opts->json)
		puts("Freed.");
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

static int print_left(const struct alloc_request *req, const struct holder *h)
{
	char handle[16], size[OUT_BYTES_LEN];
	unsigned long long pages = block_pages(h->blocks, h->nr);

	snprintf(handle, sizeof(handle), "h%u", h->number);
	if (req->opts->json) {
		print_json(h, handle);
	} else {
		printf("Holder %s keeps %zu block%s, %llu page%s (%s):\n",
		       handle, h->nr, h->nr == 1 ? "" : "s", pages,
		       pages == 1 ? "" : "s",
		       out_bytes(size, pages * h->page_size));
		block_table(stdout, h->blocks, h->nr, h->page_size);
		printf("Give back: mirrorctl free --holder %s, or free ID...\n",
		       handle);
	}
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}

static int leave_holder(int dev, const struct alloc_request *req,
			struct holder *h)
{
	struct holder_seat seat;
	int err;

	if (holder_seat(&seat)) {
		close(dev);
		return EXIT_FAILED;
	}
	err = holder_spawn(&seat, dev, h->page_size, h->blocks, h->nr);
	if (err) {
		out_error("cannot start a holder: %s", strerror(-err));
		out_hint("Nothing is held. --hold SECONDS needs no holder.");
		return EXIT_FAILED;
	}
	h->number = seat.number;
	return print_left(req, h);
}

static int take_and_keep(const struct alloc_request *req)
{
	struct mirror_mm_info info;
	struct holder h = { .nr = req->count };
	int ret = EXIT_FAILED;
	int dev;

	dev = device_open(req->opts, &info);
	if (dev < 0)
		return EXIT_FAILED;
	h.page_size = info.page_size;
	h.blocks = calloc(req->count, sizeof(*h.blocks));
	if (!h.blocks || take_blocks(dev, req, h.blocks, &info))
		close(dev);
	else if (req->hold >= 0)
		ret = hold_here(dev, req, &h);
	else
		ret = leave_holder(dev, req, &h);
	free(h.blocks);
	return ret;
}

int cmd_alloc(struct options *opts, int argc, char **argv)
{
	struct alloc_request req = {
		.opts = opts,
		.count = 1,
		.type = -1,
		.gfp = MIRROR_GFP_KERNEL,
		.node = MIRROR_MM_NODE_ANY,
		.policy = -1,
		.hold = -1,
	};

	if (args_parse(&alloc_argp, argc, argv, 0, &req))
		return EXIT_FAILED;
	return req.list ? list_holders(opts) : take_and_keep(&req);
}
