// SPDX-License-Identifier: GPL-2.0
/*
 * Claims of ranges that were set aside when the host booted and that nobody
 * manages since.
 *
 * A range is accepted only where a memmap= argument or a device tree set it aside
 * for somebody like us. "Reserved" in the memory map is not enough: firmware tables and EFI
 * runtime code are reserved too, and writing there ends the machine.
 *
 * The checks run from the ones that look at the request alone to the ones that
 * touch the host, so that what is refused has left no trace.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include "region.h"

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
	pr_err("region %lluK@%#llx: %pV\n", s->size >> 10, s->start, &vaf);
	va_end(args);
	return error;
}

/* the request alone --------------------------------------------------------- */

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
	if (!s->size)
		return mirror_refuse(s, -EINVAL,
				     "size is 0; give at least one block of %lluK",
				     block >> 10);
	if (s->size < block)
		return mirror_refuse(s, -EINVAL,
				     "too small; give at least one block of %lluK",
				     block >> 10);
	if ((s->start | s->size) & (block - 1))
		return mirror_refuse(s, -EINVAL,
				     "start and size must be multiples of the largest block, %lluK",
				     block >> 10);
	if (mirror_span_end(s) < s->start ||
	    mirror_span_end(s) - 1 > iomem_resource.end)
		return mirror_refuse(s, -ERANGE,
				     "ends beyond %pa, the last physical address of this machine",
				     &iomem_resource.end);
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
					     "overlaps %lluK@%#llx; name each byte once",
					     s[-1].size >> 10, s[-1].start);
	}
	return 0;
}

/* what the host says --------------------------------------------------------- */

/* How such a range can become ours; only x86 reserves with memmap=. */
static int not_reserved(const struct mirror_span *s, int error,
			const char *what)
{
	if (IS_ENABLED(CONFIG_X86))
		return mirror_refuse(s, error, "%s; boot with memmap=%lluK$%#llx",
				     what, s->size >> 10, s->start);
	return mirror_refuse(s, error,
			     "%s; this architecture reserves in its device tree: a no-map node there, which memory-region of a linux,mirror-mm node names, is taken without region=",
			     what);
}

static int check_no_ram(const struct mirror_span *s)
{
	if (region_intersects(s->start, s->size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) == REGION_DISJOINT)
		return 0;
	return not_reserved(s, -EBUSY,
			    "is System RAM, wholly or in part, and the kernel uses it");
}

/* End of the stretch from @from on that memmap= arguments cover, or @from. */
static u64 covered_until(const struct mirror_spans *reserved, u64 from)
{
	unsigned int i;
	u64 end = from;

	for (i = 0; i < reserved->nr; i++) {
		const struct mirror_span *r = &reserved->span[i];

		if (r->start <= end && mirror_span_end(r) > end) {
			end = mirror_span_end(r);
			i = -1;
		}
	}
	return end;
}

static int check_covered(const struct mirror_span *s,
			 const struct mirror_spans *reserved)
{
	if (covered_until(reserved, s->start) >= mirror_span_end(s))
		return 0;
	return not_reserved(s, -ENXIO,
			    "no memmap= argument of the running kernel covers it");
}

/* is there memory? ------------------------------------------------------------ */

/* Bytes mapped at a time for the test; a 32-bit kernel has few addresses. */
#define PROBE_WINDOW	(BITS_PER_LONG == 64 ? SZ_1G : SZ_4M)

/* One word at the start of each largest block, past the caches. */
static u32 probe_word(u64 offset)
{
	return (u32)(offset >> PAGE_SHIFT) * 0x9e3779b1u ^ 0x6d697272u;
}

static void probe_write(void __iomem *base, u64 from, u64 len, u64 block)
{
	u64 at;

	for (at = 0; at < len; at += block)
		writel(probe_word(from + at), base + (size_t)at);
}

static bool probe_read(void __iomem *base, u64 from, u64 len, u64 block)
{
	u64 at;

	for (at = 0; at < len; at += block)
		if (readl(base + (size_t)at) != probe_word(from + at))
			return false;
	return true;
}

/* Writes all words of a range, or else reads them; window by window. */
static int probe_pass(const struct mirror_span *s, u64 block, bool write)
{
	u64 step = max_t(u64, block, PROBE_WINDOW), from, len;
	void __iomem *base;
	bool ok = true;

	for (from = 0; from < s->size && ok; from += step) {
		len = min_t(u64, PROBE_WINDOW, s->size - from);
		base = ioremap(s->start + from, len);
		if (!base)
			return -ENOMEM;
		if (write)
			probe_write(base, from, len, block);
		else
			ok = probe_read(base, from, len, block);
		iounmap(base);
		cond_resched();
	}
	return ok ? 0 : -EIO;
}

/*
 * Everything is written first and read afterwards, so that addresses which lead
 * to the same memory show too.
 */
static int probe(const struct mirror_span *s, u64 block)
{
	int ret = probe_pass(s, block, true) ?: probe_pass(s, block, false);

	if (ret == -ENOMEM)
		return mirror_refuse(s, ret,
				     "cannot be mapped for a test; is there too little vmalloc space?");
	if (ret)
		return mirror_refuse(s, ret,
				     "there is no memory behind it, or not everywhere: words written there do not read back; reserve a range that is RAM without the memmap= argument");
	return 0;
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
			     "%lluK of it cannot be mapped write-back; another mapping has it uncached, or there is too little vmalloc space%s",
			     size >> 10, IS_ENABLED(CONFIG_HIGHMEM) ?
			     ": put less into lowmem, as in zones=NORMAL:32M,HIGHMEM" : "");
}

static int take(struct mirror_claim *claim, const struct mirror_span *s,
		u64 block)
{
	int ret;

	claim->span = *s;
	if (!request_mem_region(s->start, s->size, "mirror_mm"))
		return mirror_refuse(s, -EBUSY,
				     "another driver has it, wholly or in part; /proc/iomem says which");
	claim->ops = &reserved_ops;
	ret = probe(s, block);
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
	return mirror_check_shape(s, block) ?: check_no_ram(s) ?:
	       take(claim, s, block);
}

static int check_all(struct mirror_spans *spans,
		     const struct mirror_spans *reserved, u64 block)
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
		ret = check_no_ram(&spans->span[i]);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_covered(&spans->span[i], reserved);
	return ret;
}

/**
 * mirror_claim_memmap - claim ranges that memmap= arguments reserved
 * @region: gets a claim for each
 * @spans: the ranges; sorted by address on return
 * @reserved: what memmap= arguments set aside
 * @block: bytes of the largest block, to which everything must be aligned
 *
 * Context: Process context; may sleep.
 * Return: 0, or with one line in the log -EINVAL for shape or overlap or too
 * many ranges, -ERANGE beyond the physical width, -EBUSY System RAM or another
 * driver's, -ENXIO not reserved by memmap=, -EIO nothing behind it, -ENOMEM. The
 * region is to be released then.
 */
int mirror_claim_memmap(struct mirror_region *region,
			struct mirror_spans *spans,
			const struct mirror_spans *reserved, u64 block)
{
	unsigned int i;
	int ret;

	ret = check_all(spans, reserved, block);
	for (i = 0; i < spans->nr && !ret; i++) {
		struct mirror_claim *claim = mirror_region_add(region);

		ret = claim ? take(claim, &spans->span[i], block) : -EINVAL;
	}
	return ret;
}
