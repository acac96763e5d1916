// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memory comes from: each way that was asked for adds its claims, and
 * together they are the region.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "region.h"

static bool is_auto(const char *region)
{
	return sysfs_streq(region, "auto");
}

static int read_reserved(struct mirror_spans *reserved)
{
	char *cmdline;
	int ret;

	ret = mirror_read_cmdline(&cmdline);
	if (ret)
		return ret;
	ret = mirror_parse_memmap(cmdline, reserved);
	kfree(cmdline);
	if (ret)
		pr_err("more than %d memmap= ranges on the kernel command line; merge some\n",
		       MIRROR_MAX_CLAIMS);
	return ret;
}

static int read_spans(const char *region, struct mirror_spans *spans,
		      struct mirror_spans *reserved, struct mirror_spans *bare)
{
	int ret = 0;

	if (!is_auto(region))
		ret = mirror_parse_region(region, spans, bare);
	/* Where nothing is taken, nothing has to be reserved. */
	if (ret || (!spans->nr && bare->nr))
		return ret;
	ret = read_reserved(reserved);
	if (ret || !is_auto(region))
		return ret;
	*spans = *reserved;
	if (spans->nr)
		return 0;
	pr_err("region=auto: the running kernel has no memmap= argument; %s\n",
	       IS_ENABLED(CONFIG_X86) ? "boot with one, as in memmap=256M$4G" :
	       "this architecture reserves in its device tree, and a linux,mirror-mm node there is taken without region=");
	return -ENXIO;
}

/*
 * Where memory is encrypted, a reserved range is mapped plain for the kernel and
 * encrypted for programs: what the one clears or writes, the other cannot read. In
 * a guest whose memory is encrypted that is so for the DMA API's memory as well.
 */
static int check_plain(enum cc_attr encrypted)
{
	if (!cc_platform_has(encrypted))
		return 0;
	pr_err("the running kernel encrypts memory (SME, SEV or TDX), so it and its programs would not see the same content; boot with mem_encrypt=off, or a guest that is not confidential\n");
	return -EOPNOTSUPP;
}

static int claim_region(struct mirror_region *region, const char *text,
			u64 block)
{
	struct mirror_spans *spans, *reserved, *bare;
	int ret;

	spans = kcalloc(3, sizeof(*spans), GFP_KERNEL);
	if (!spans)
		return -ENOMEM;
	reserved = spans + 1;
	bare = spans + 2;
	ret = read_spans(text, spans, reserved, bare) ?:
	      (spans->nr ? check_plain(CC_ATTR_MEM_ENCRYPT) : 0) ?:
	      mirror_claim_memmap(region, spans, reserved, block) ?:
	      mirror_claim_bare(region, bare, block);
	kfree(spans);
	return ret;
}

static bool given(const char *parameter)
{
	return parameter && *parameter;
}

/**
 * mirror_sources_any - was anything asked for?
 * @from: what was asked for
 *
 * Context: Any.
 * Return: whether there is anything to claim.
 */
bool mirror_sources_any(const struct mirror_sources *from)
{
	return given(from->region) || given(from->cma) || from->dt;
}

/**
 * mirror_region_open - claim all that was asked for
 * @from: what was asked for, by one way or by several
 * @max_order: largest block
 *
 * Context: Process context; may sleep.
 * Return: the region, its claims in address order, or ERR_PTR() with one line in
 * the log and nothing left behind; the errors are those of
 * mirror_claim_memmap(), mirror_claim_bare(), mirror_claim_cma() and
 * mirror_claim_dt(), -ENOMEM, and -EOPNOTSUPP where memory is encrypted.
 */
struct mirror_region *mirror_region_open(const struct mirror_sources *from,
					 unsigned int max_order)
{
	const u64 block = (u64)PAGE_SIZE << max_order;
	struct mirror_region *region;
	int ret = 0;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	if (given(from->region))
		ret = claim_region(region, from->region, block);
	if (!ret && given(from->cma))
		ret = check_plain(CC_ATTR_GUEST_MEM_ENCRYPT) ?:
		      mirror_claim_cma(region, from->cma, block);
	if (!ret && from->dt)
		ret = check_plain(CC_ATTR_MEM_ENCRYPT) ?:
		      mirror_claim_dt(region, from->dt, block);
	if (ret) {
		mirror_region_release(region);
		return ERR_PTR(ret);
	}
	mirror_region_sort(region);
	return region;
}
