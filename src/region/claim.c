// SPDX-License-Identifier: GPL-2.0
/*
 * Claims of ranges that were set aside when the host booted and that nobody
 * manages since.
 *
 * A range is accepted only where a memmap= argument or a device tree set it aside
 * for somebody like us. "Reserved" in the memory map is not enough: firmware tables and EFI
 * runtime code are reserved too, and writing there ends the machine. And since
 * memmap= reserves whatever address it is given, the firmware has to call it RAM, and
 * no device may have it.
 *
 * The checks run from the ones that look at the request alone to the ones that
 * touch the host, so that what is refused has left no trace.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/sort.h>
#include "boot.h"

/**
 * mirror_refuse - say in the log why a range cannot be ours
 * @s: the range
 * @error: to return
 * @fmt: what is wrong and what would be right; then its arguments
 *
 * Context: Any.
 * Return: @error.
 */
int mirror_refuse(const struct mirror_span *s, int error, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("region %s: %pV\n", mirror_span_text(s, '@').s, &vaf);
	va_end(args);
	return error;
}

/* the request alone --------------------------------------------------------- */

/**
 * mirror_usable_part - find the whole blocks in a range
 * @s: the range, which does not wrap around
 * @block: bytes of the largest block
 * @part: gets them
 *
 * Context: Any.
 * Return: whether there is one at least.
 */
bool mirror_usable_part(const struct mirror_span *s, u64 block,
			struct mirror_span *part)
{
	u64 start = round_up(s->start, block);
	u64 end = round_down(mirror_span_end(s), block);

	*part = (struct mirror_span){ start, end - start, s->nid };
	return start >= s->start && end > start;
}

static int not_whole_blocks(const struct mirror_span *s, u64 block)
{
	struct mirror_span part;

	if (!mirror_usable_part(s, block, &part))
		return mirror_refuse(s, -EINVAL,
				     "start and size must be multiples of the largest block, %s; there is no such block in it",
				     mirror_size_text(block).s);
	return mirror_refuse(s, -EINVAL,
			     "start and size must be multiples of the largest block, %s; the part of it that can be used is %s",
			     mirror_size_text(block).s,
			     mirror_span_text(&part, '@').s);
}

/**
 * mirror_check_shape - can a range be a claim, by its numbers alone?
 * @s: the range
 * @block: bytes of the largest block
 *
 * Context: Any.
 * Return: 0, or with a line in the log -EINVAL for a size or an alignment that
 * is not of whole blocks, -ERANGE beyond the physical width.
 */
int mirror_check_shape(const struct mirror_span *s, u64 block)
{
	if (s->size < block)
		return mirror_refuse(s, -EINVAL,
				     "%s; give at least one block of %s",
				     s->size ? "too small" : "size is 0",
				     mirror_size_text(block).s);
	if (mirror_span_end(s) < s->start ||
	    mirror_span_end(s) - 1 > iomem_resource.end)
		return mirror_refuse(s, -ERANGE,
				     "ends beyond %pa, the last physical address of this machine",
				     &iomem_resource.end);
	if ((s->start | s->size) & (block - 1))
		return not_whole_blocks(s, block);
	return 0;
}

static int compare_spans(const void *a, const void *b)
{
	const struct mirror_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int check_overlap(const struct mirror_spans *spans)
{
	unsigned int i;

	for (i = 1; i < spans->nr; i++) {
		const struct mirror_span *s = &spans->span[i];

		if (mirror_span_end(s - 1) > s->start)
			return mirror_refuse(s, -EINVAL,
					     "overlaps %s; name each byte once",
					     mirror_span_text(s - 1, '@').s);
	}
	return 0;
}

/* what the host says --------------------------------------------------------- */

static int check_no_ram(const struct mirror_span *s,
			const struct mirror_boot *boot, u64 block)
{
	if (region_intersects(s->start, s->size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) == REGION_DISJOINT)
		return 0;
	return mirror_refuse(s, -EBUSY,
			     "is System RAM, wholly or in part, and the kernel uses it; %s",
			     mirror_advise(boot, s, s->size, block).s);
}

static int check_covered(const struct mirror_span *s,
			 const struct mirror_boot *boot, u64 block)
{
	struct mirror_user_name owner;
	bool is_pci;

	if (mirror_boot_covers(boot, s))
		return 0;
	is_pci = mirror_pci_device(s, &owner) || mirror_pci_window(s, &owner);
	return mirror_refuse(s, -ENXIO,
			     "no memmap= argument of the running kernel reserves all of it%s%s; %s",
			     is_pci ? ", and PCI devices have addresses there: " : "",
			     is_pci ? owner.s : "",
			     mirror_advise(boot, s, s->size, block).s);
}

/* Not even force= lets anybody write to a card. */
static int check_no_device(const struct mirror_span *s)
{
	struct mirror_user_name owner;

	if (!mirror_pci_device(s, &owner))
		return 0;
	return mirror_refuse(s, -EBUSY,
			     "it is the memory of a device, wholly or in part: %s; reserve a range that is RAM without the memmap= argument",
			     owner.s);
}

/* taking it -------------------------------------------------------------------- */

static void release_reserved(struct mirror_claim *claim)
{
	if (claim->base)
		memunmap(claim->base);
	release_mem_region(claim->span.start, claim->span.size);
}

static const struct mirror_claim_ops reserved_ops = {
	.name = "reserved",
	.release = release_reserved,
};

/**
 * mirror_claim_map - make the standing mapping of a claim
 * @claim: a claim without one
 * @size: bytes from its start that need one
 *
 * Context: Process context; may sleep.
 * Return: 0, or -ENOMEM with a line in the log.
 */
int mirror_claim_map(struct mirror_claim *claim, u64 size)
{
	const struct mirror_span *s = &claim->span;

	if (size <= SIZE_MAX)
		claim->base = memremap(s->start, size, MEMREMAP_WB);
	claim->base_size = size;
	if (claim->base)
		return 0;
	return mirror_refuse(s, -ENOMEM,
			     "%s of it cannot be mapped write-back; another mapping has it uncached, or there is too little vmalloc space%s",
			     mirror_size_text(size).s, IS_ENABLED(CONFIG_HIGHMEM) ?
			     ": put less into lowmem, as in zones=NORMAL:32M,HIGHMEM" : "");
}

static int take_range(struct mirror_claim *claim, const struct mirror_span *s,
		      u64 block)
{
	struct mirror_user_name owner;
	int ret;

	claim->span = *s;
	if (!request_mem_region(s->start, s->size, "mirror_mm")) {
		mirror_iomem_owner(s, &owner);
		return mirror_refuse(s, -EBUSY,
				     "another driver has it, wholly or in part: %s",
				     owner.s);
	}
	claim->ops = &reserved_ops;
	/* Once more: until the request nothing kept a card from being plugged in there. */
	ret = check_no_device(s) ?: mirror_probe(s, block);
	if (ret)
		return ret;
	/* With highmem the size depends on the zones: mirror_region_attach(). */
	return IS_ENABLED(CONFIG_HIGHMEM) ? 0 : mirror_claim_map(claim, s->size);
}

/**
 * mirror_take_reserved - take a range that nobody manages
 * @claim: becomes the claim; to be released also after an error
 * @s: where
 * @block: bytes of the largest block
 *
 * The caller has made sure that the range was set aside for us.
 *
 * Context: Process context; may sleep.
 * Return: 0, or with one line in the log -EINVAL, -ERANGE, -EBUSY, -EIO or
 * -ENOMEM as mirror_claim_memmap() has them.
 */
int mirror_take_reserved(struct mirror_claim *claim,
			 const struct mirror_span *s, u64 block)
{
	return mirror_check_shape(s, block) ?: check_no_ram(s, NULL, block) ?:
	       check_no_device(s) ?: take_range(claim, s, block);
}

static int check_all(struct mirror_spans *spans,
		     const struct mirror_host_says *host, u64 block)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < spans->nr && !ret; i++)
		ret = mirror_check_shape(&spans->span[i], block);
	if (ret)
		return ret;
	sort(spans->span, spans->nr, sizeof(*spans->span), compare_spans, NULL);
	ret = check_overlap(spans);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_no_ram(&spans->span[i], host->boot, block);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_covered(&spans->span[i], host->boot, block);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_no_device(&spans->span[i]);
	return ret ?: mirror_check_firmware(spans, host->force);
}

/**
 * mirror_claim_memmap - claim ranges that memmap= arguments reserved
 * @region: gets a claim for each
 * @spans: the ranges; sorted by address on return
 * @host: what the boot line sets aside, and force=
 * @block: bytes of the largest block, to which everything must be aligned
 *
 * Context: Process context; may sleep.
 * Return: 0, or with one line in the log -EINVAL for shape or overlap or too
 * many ranges, -ERANGE beyond the physical width, -EBUSY System RAM, a device's or
 * another driver's, -ENXIO not reserved by memmap= or no RAM by the firmware's map,
 * -EIO nothing behind it, -ENOMEM. The region is to be released then.
 */
int mirror_claim_memmap(struct mirror_region *region,
			struct mirror_spans *spans,
			const struct mirror_host_says *host, u64 block)
{
	unsigned int i;
	int ret;

	ret = spans->nr ? check_all(spans, host, block) : 0;
	for (i = 0; i < spans->nr && !ret; i++) {
		struct mirror_claim *claim = mirror_region_add(region);

		ret = claim ? take_range(claim, &spans->span[i], block) : -EINVAL;
	}
	return ret;
}
