// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl info: what the mirror is, what is free, who holds what.
 */
#include <stdio.h>
#include <unistd.h>

#include "args.h"
#include "block.h"
#include "device.h"
#include "holder.h"
#include "output.h"

static const char doc[] =
	"Show the mirror's geometry, how much is free, what it costs, and what\n"
	"the holders of \"mirrorctl alloc\" keep." DOC_DETAILS
	"Page frame numbers are hidden from whoever lacks CAP_SYS_ADMIN. Blocks\n"
	"that other programs hold through the device are not listed: nobody but\n"
	"their owner can see them. They count as not free.\n"
	"\n"
	"Example:\n"
	"  mirrorctl info --json";

static const struct argp info_argp = {
	.parser = args_parse_none,
	.doc = doc,
	.children = options_children,
};

static bool in_service(const struct mirror_mm_info *info)
{
	return info->state == MIRROR_MM_IN_SERVICE;
}

static double bytes_per_page(const struct mirror_mm_info *info)
{
	return info->nr_pages ? (double)info->metadata_bytes / info->nr_pages : 0;
}

static struct json_object *pfn_json(__u64 pfn)
{
	return pfn == MIRROR_MM_PFN_HIDDEN ? NULL : json_object_new_uint64(pfn);
}

static struct json_object *info_to_json(const struct mirror_mm_info *info)
{
	const struct {
		const char *key;
		__u64 value;
	} numbers[] = {
		{ "api_version", info->api_version },
		{ "page_size", info->page_size },
		{ "max_order", info->max_order },
		{ "pageblock_order", info->pb_order },
		{ "nr_nodes", info->nr_nodes },
		{ "nr_ranges", info->nr_ranges },
		{ "max_submit", info->max_submit },
		{ "nr_pages", info->nr_pages },
		{ "nr_free", info->nr_free },
		{ "page_limit", info->page_limit },
		{ "metadata_bytes", info->metadata_bytes },
		{ "block_bytes", info->block_bytes },
	};
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "state",
			       json_object_new_string(in_service(info) ?
						      "in service" :
						      "out of service"));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_object_object_add(obj, numbers[i].key,
				       json_object_new_uint64(numbers[i].value));
	json_object_object_add(obj, "metadata_bytes_per_page",
			       json_object_new_double(bytes_per_page(info)));
	json_object_object_add(obj, "start_pfn", pfn_json(info->start_pfn));
	json_object_object_add(obj, "end_pfn", pfn_json(info->end_pfn));
	return obj;
}

static unsigned long long held_pages(const struct holder *holders, int nr)
{
	unsigned long long pages = 0;

	for (int i = 0; i < nr; i++)
		pages += block_pages(holders[i].blocks, holders[i].nr);
	return pages;
}

static void print_json(const struct mirror_mm_info *info,
		       const struct holder *holders, int nr)
{
	struct json_object *obj = info_to_json(info);

	json_object_object_add(obj, "held_pages",
			       json_object_new_uint64(held_pages(holders, nr)));
	json_object_object_add(obj, "holders", holders_to_json(holders, nr));
	out_json(obj, JSON_C_TO_STRING_PRETTY);
}

static void print_range(const struct mirror_mm_info *info)
{
	char size[OUT_BYTES_LEN], base[OUT_BYTES_LEN];

	printf("  memory      %llu pages of %u bytes: %s\n",
	       (unsigned long long)info->nr_pages, info->page_size,
	       out_bytes(size, info->nr_pages * info->page_size));
	if (info->start_pfn == MIRROR_MM_PFN_HIDDEN)
		printf("  range       %u claimed; pfns are hidden without CAP_SYS_ADMIN\n",
		       info->nr_ranges);
	else
		printf("  range       %u claimed, pfn %#llx to %#llx, from %s up\n",
		       info->nr_ranges, (unsigned long long)info->start_pfn,
		       (unsigned long long)info->end_pfn - 1,
		       out_bytes(base, info->start_pfn * info->page_size));
}

static void print_use(const struct mirror_mm_info *info, unsigned long long held)
{
	char size[OUT_BYTES_LEN];

	printf("  free        %llu pages (%s, %.1f%%), per-CPU lists included\n",
	       (unsigned long long)info->nr_free,
	       out_bytes(size, info->nr_free * info->page_size),
	       info->nr_pages ? 100.0 * info->nr_free / info->nr_pages : 0);
	printf("  held        %llu pages (%s) by holders of mirrorctl\n", held,
	       out_bytes(size, held * info->page_size));
	if (info->page_limit)
		printf("  limit       %llu pages for one open file\n",
		       (unsigned long long)info->page_limit);
}

static void print_geometry(const struct mirror_mm_info *info)
{
	char small[OUT_BYTES_LEN], large[OUT_BYTES_LEN];

	printf("  orders      0 to %u: blocks of %s to %s\n", info->max_order,
	       out_bytes(small, info->page_size),
	       out_bytes(large, (__u64)info->page_size << info->max_order));
	printf("  pageblock   order %u (%s): mobility is grouped in these\n",
	       info->pb_order,
	       out_bytes(large, (__u64)info->page_size << info->pb_order));
	printf("  nodes       %u\n", info->nr_nodes);
	printf("  submit      up to %u operations in one call\n",
	       info->max_submit);
}

static void print_cost(const struct mirror_mm_info *info)
{
	char size[OUT_BYTES_LEN];

	printf("  metadata    %.2f bytes a page (%s in all), and %u bytes for each block held\n",
	       bytes_per_page(info), out_bytes(size, info->metadata_bytes),
	       info->block_bytes);
}

static void print_text(const struct options *opts,
		       const struct mirror_mm_info *info,
		       const struct holder *holders, int nr)
{
	printf("%s: %s, interface version %u\n", opts->device,
	       in_service(info) ? "in service" :
	       "OUT OF SERVICE, see the kernel log", info->api_version);
	print_range(info);
	print_use(info, held_pages(holders, nr));
	print_geometry(info);
	print_cost(info);
	if (nr > 0)
		putchar('\n');
	holders_table(holders, nr);
}

int cmd_info(struct options *opts, int argc, char **argv)
{
	struct mirror_mm_info info;
	struct holder *holders;
	int dev, nr;

	if (args_parse(&info_argp, argc, argv, 0, opts))
		return EXIT_FAILED;
	dev = device_open(opts, &info);
	if (dev < 0)
		return EXIT_FAILED;
	close(dev);
	/* The mirror's own answer is worth printing without the holders. */
	nr = holder_list(&holders);
	if (opts->json)
		print_json(&info, holders, nr);
	else
		print_text(opts, &info, holders, nr);
	holder_list_free(holders, nr);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}
