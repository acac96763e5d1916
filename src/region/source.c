// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memory comes from: each way that was asked for adds its claims, and
 * together they are the region.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "boot.h"

/* what memmap= reserved --------------------------------------------------------- */

/* In pieces of our own: what region=auto takes, and what it cannot. */
static bool take_whole_blocks(const struct mirror_span *reserved, u64 block,
			      struct mirror_span *part)
{
	bool any = mirror_usable_part(reserved, block, part);

	if (!any)
		pr_notice("region=auto: memmap=%s is left out: no whole block of %s lies in it\n",
			  mirror_span_text(reserved, '$').s,
			  mirror_size_text(block).s);
	else if (part->size != reserved->size)
		pr_notice("region=auto: of memmap=%s whole blocks of %s are used, which are %s\n",
			  mirror_span_text(reserved, '$').s,
			  mirror_size_text(block).s,
			  mirror_span_text(part, '@').s);
	return any;
}

static int no_reservation(const struct mirror_boot *boot, u64 block)
{
	pr_err("region=auto: the running kernel has no memmap= argument that reserves a block of %s; %s\n",
	       mirror_size_text(block).s,
	       mirror_advise(boot, NULL, SZ_256M, block).s);
	return -ENXIO;
}

static int choose_spans(const struct mirror_boot *boot, u64 block,
			struct mirror_spans *spans)
{
	unsigned int i;

	for (i = 0; i < boot->reserved.nr; i++) {
		struct mirror_span part;

		if (!take_whole_blocks(&boot->reserved.span[i], block, &part))
			continue;
		if (spans->nr == MIRROR_MAX_CLAIMS) {
			pr_err("region=auto: memmap= reserves more than %d ranges; merge some, or name those to take\n",
			       MIRROR_MAX_CLAIMS);
			return -E2BIG;
		}
		spans->span[spans->nr++] = part;
	}
	return spans->nr ? 0 : no_reservation(boot, block);
}

/*
 * What a boot configuration says of the kernel stands in front of the boot line as one
 * reads it afterwards. It comes too late for memmap=, which does nothing there.
 */
static int check_bootconfig(void)
{
	char *text;
	bool names;
	int ret;

	ret = mirror_host_read("proc", "bootconfig", &text);
	/* Most kernels have been booted without one, and many know of none. */
	if (ret == -ENOENT)
		return 0;
	if (ret) {
		pr_err("the boot configuration, which may have kernel.memmap, cannot be read (%d)\n",
		       ret);
		return ret;
	}
	names = strstr(text, "kernel.memmap");
	kvfree(text);
	if (!names)
		return 0;
	pr_err("the boot configuration has kernel.memmap, which the kernel does not act on; write memmap= on the boot line itself, and take it out there\n");
	return -EINVAL;
}

static int read_boot(struct mirror_boot *boot)
{
	char *cmdline;
	int ret;

	ret = check_bootconfig();
	if (ret)
		return ret;
	ret = mirror_host_read("proc", "cmdline", &cmdline);
	if (ret) {
		pr_err("the kernel's command line, which says what memmap= reserved, cannot be read (%d)\n",
		       ret);
		return ret;
	}
	mirror_boot_parse(cmdline, boot);
	kvfree(cmdline);
	if (!boot->reserved.cut && !boot->stronger.cut)
		return 0;
	pr_err("more than %d memmap= ranges on the kernel command line; merge some\n",
	       MIRROR_BOOT_SPANS);
	return -E2BIG;
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

/* each way ----------------------------------------------------------------------- */

/**
 * struct wanted - region=, taken apart
 * @spans: ranges of memory
 * @bare: ranges without
 * @boot: what the boot line reserves
 */
struct wanted {
	struct mirror_spans spans;
	struct mirror_spans bare;
	struct mirror_boot boot;
};

static int claim_reserved(struct mirror_region *region, struct wanted *wanted,
			  const struct mirror_sources *from, u64 block)
{
	const struct mirror_host_says host = {
		.boot = &wanted->boot,
		.force = from->force,
	};

	return check_plain(CC_ATTR_MEM_ENCRYPT) ?:
	       mirror_claim_memmap(region, &wanted->spans, &host, block);
}

static int read_wanted(struct wanted *wanted, const char *text, u64 block)
{
	bool is_auto = mirror_is_word(text, "auto");
	int ret = 0;

	if (!is_auto)
		ret = mirror_parse_region(text, &wanted->spans, &wanted->bare);
	/* Where nothing is taken, nothing has to be reserved. */
	if (ret || (!is_auto && !wanted->spans.nr))
		return ret;
	ret = read_boot(&wanted->boot);
	if (ret || !is_auto)
		return ret;
	return choose_spans(&wanted->boot, block, &wanted->spans);
}

static int claim_region(struct mirror_region *region,
			const struct mirror_sources *from, u64 block)
{
	struct wanted *wanted;
	int ret;

	wanted = kvzalloc(sizeof(*wanted), GFP_KERNEL);
	if (!wanted)
		return -ENOMEM;
	ret = read_wanted(wanted, from->region, block);
	if (!ret && wanted->spans.nr)
		ret = claim_reserved(region, wanted, from, block);
	if (!ret)
		ret = mirror_claim_bare(region, &wanted->bare, block);
	kvfree(wanted);
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
 * mirror_sources_missing - say in the log how to give a region
 *
 * Context: Process context; may sleep.
 */
void mirror_sources_missing(void)
{
	static const struct mirror_span nowhere;
	struct mirror_boot *boot = kvzalloc(sizeof(*boot), GFP_KERNEL);
	char *cmdline;

	if (boot && !mirror_host_read("proc", "cmdline", &cmdline)) {
		mirror_boot_parse(cmdline, boot);
		kvfree(cmdline);
	}
	pr_err("no region given: nothing is claimed; %s; or boot with cma=256M, then load with cma=128M\n",
	       mirror_advise(boot, &nowhere, SZ_256M, SZ_4M).s);
	kvfree(boot);
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
 * mirror_claim_dt(), -EINVAL for force=, -E2BIG for more ranges of memmap= than can be
 * read, -ENOMEM, and -EOPNOTSUPP where memory is encrypted.
 */
struct mirror_region *mirror_region_open(const struct mirror_sources *from,
					 unsigned int max_order)
{
	const u64 block = (u64)PAGE_SIZE << max_order;
	struct mirror_region *region;
	int ret;

	ret = mirror_check_force(from->force);
	if (ret)
		return ERR_PTR(ret);
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	if (given(from->region))
		ret = claim_region(region, from, block);
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
