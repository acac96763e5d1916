// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl alloc: what looks like a request, but is not written as one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "args.h"
#include "device.h"
#include "names.h"
#include "output.h"
#include "rundir.h"

/* The kernel's own, where there is no device to ask. */
#define USUAL_MAX_ORDER	10

static unsigned int max_order(const struct options *opts)
{
	struct mirror_mm_info info;
	int fd = open(opts->device, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -1 : device_info(fd, &info);

	if (fd >= 0)
		close(fd);
	return err ? USUAL_MAX_ORDER : info.max_order;
}

void alloc_refuse_size(struct argp_state *state, const char *option,
		       const char *text)
{
	const struct alloc_request *req = state->input;
	unsigned long long page = sysconf(_SC_PAGESIZE), bytes;
	unsigned int max = max_order(req->opts), order = 0;
	char size[OUT_BYTES_LEN];

	if (!args_size(text, &bytes))
		argp_error(state,
			   "%s \"%s\": blocks are 2^N pages; say which by --order N, from 0 to %u",
			   option, text, max);
	while (order < max && page << order < bytes)
		order++;
	if (page << order >= bytes)
		argp_error(state, "%s \"%s\": blocks are 2^N pages; use --order %u (%s)",
			   option, text, order, out_bytes(size, page << order));
	argp_error(state,
		   "%s \"%s\": blocks are 2^N pages, and the largest is order %u (%s); use --order %u --count %llu",
		   option, text, max, out_bytes(size, page << max), max,
		   (bytes - 1) / (page << max) + 1);
}

static void refuse_number(struct argp_state *state, const char *text,
			  unsigned long long value)
{
	const struct alloc_request *req = state->input;
	unsigned long long page = sysconf(_SC_PAGESIZE);
	char size[OUT_BYTES_LEN];

	if (value > max_order(req->opts))
		argp_error(state, "takes no argument, not \"%s\"; did you mean --count %s?",
			   text, text);
	argp_error(state,
		   "takes no argument, not \"%s\"; did you mean --order %s (%llu page%s, %s) or --count %s?",
		   text, text, 1ull << value, value ? "s" : "",
		   out_bytes(size, page << value), text);
}

void alloc_refuse_argument(struct argp_state *state, const char *text)
{
	unsigned long long value;
	const char *option = NULL;
	unsigned int handle;
	char bad[48];
	__u32 gfp;

	if (number_parse(text, ARGS_MAX_COUNT, &value))
		refuse_number(state, text, value);
	if (args_size(text, &value))
		alloc_refuse_size(state, "no argument", text);
	if (handle_parse(text, &handle))
		argp_error(state,
			   "takes no argument, not \"%s\"; a holder's blocks are given back by: mirrorctl free --holder %s",
			   text, text);
	if (!strcasecmp(text, "list"))
		option = "--list";
	if (option)
		argp_error(state, "takes no argument, not \"%s\"; did you mean %s?",
			   text, option);
	if (alloc_type(text) >= 0)
		option = "--type";
	else if (policy_from_name(text) >= 0)
		option = "--policy";
	else if (gfp_parse(text, &gfp, bad, sizeof(bad)))
		option = "--gfp";
	if (option)
		argp_error(state, "takes no argument, not \"%s\"; did you mean %s %s?",
			   text, option, text);
	argp_error(state,
		   "takes no argument, not \"%s\"; all is said by options, such as --order 3",
		   text);
}
