// SPDX-License-Identifier: GPL-2.0
/*
 * Is there memory behind a range, and everywhere another?
 *
 * One word at the start of each largest block is tried, past the caches. All are
 * written before the first is read, so that addresses which lead to the same memory
 * show too. What was there is put back, whatever came out: somebody may keep
 * something in reserved memory over a reload of the module.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/libnvdimm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "region.h"

/* Bytes mapped at a time; a 32-bit kernel has few addresses. */
#define PROBE_WINDOW	(BITS_PER_LONG == 64 ? SZ_1G : SZ_4M)

/**
 * struct probe - one range under test
 * @span: where
 * @block: bytes from one word to the next
 * @step: bytes from one window to the next, a multiple of @block
 * @saved: what was there, a word for each block
 * @written: windows that were written
 * @base: mapping of a window, past the caches, or NULL
 * @mapped: that window
 */
struct probe {
	const struct mirror_span *span;
	u64 block;
	u64 step;
	u32 *saved;
	u64 written;
	void __iomem *base;
	u64 mapped;
};

static u32 test_word(u64 nr)
{
	return (u32)nr * 0x9e3779b1u ^ 0x6d697272u;
}

static u64 nr_windows(const struct probe *p)
{
	return div64_u64(p->span->size + p->step - 1, p->step);
}

static u64 words_of_window(const struct probe *p, u64 window)
{
	u64 left = p->span->size - window * p->step;

	return div64_u64(min(p->step, left), p->block);
}

static u64 first_word(const struct probe *p, u64 window)
{
	return div64_u64(p->step, p->block) * window;
}

static u64 window_bytes(const struct probe *p, u64 window)
{
	return min_t(u64, PROBE_WINDOW,
		     p->span->size - window * p->step);
}

static u64 window_start(const struct probe *p, u64 window)
{
	return p->span->start + window * p->step;
}

static void unmap_window(struct probe *p)
{
	if (p->base)
		iounmap(p->base);
	p->base = NULL;
}

/* Stays until another one is mapped: most ranges have only one. */
static void __iomem *map_window(struct probe *p, u64 window)
{
	if (p->base && p->mapped == window)
		return p->base;
	unmap_window(p);
	p->base = ioremap(window_start(p, window), window_bytes(p, window));
	p->mapped = window;
	return p->base;
}

/*
 * Through the caches: the last user may have left a line there, which would win over
 * the words written past them. No line is left behind.
 */
static int save(struct probe *p)
{
	u64 window, i, nr = 0;
	void *base, *word;

	for (window = 0; window < nr_windows(p); window++) {
		base = memremap(window_start(p, window),
				window_bytes(p, window), MEMREMAP_WB);
		if (!base)
			return -ENOMEM;
		for (i = 0; i < words_of_window(p, window); i++) {
			word = base + (size_t)(i * p->block);
			p->saved[nr++] = READ_ONCE(*(u32 *)word);
			arch_wb_cache_pmem(word, sizeof(u32));
			arch_invalidate_pmem(word, sizeof(u32));
		}
		memunmap(base);
		cond_resched();
	}
	return 0;
}

static int write_all(struct probe *p)
{
	u64 window, i, first;
	void __iomem *base;

	for (window = 0; window < nr_windows(p); window++) {
		base = map_window(p, window);
		if (!base)
			return -ENOMEM;
		p->written = window + 1;
		first = first_word(p, window);
		for (i = 0; i < words_of_window(p, window); i++)
			writel(test_word(first + i),
			       base + (size_t)(i * p->block));
		cond_resched();
	}
	return 0;
}

static int read_all(struct probe *p)
{
	u64 window, i, first;
	void __iomem *base;
	bool same = true;

	for (window = 0; window < nr_windows(p) && same; window++) {
		base = map_window(p, window);
		if (!base)
			return -ENOMEM;
		first = first_word(p, window);
		for (i = 0; i < words_of_window(p, window); i++)
			same &= readl(base + (size_t)(i * p->block)) ==
				test_word(first + i);
		cond_resched();
	}
	return same ? 0 : -EIO;
}

/* The last one first: the first of two addresses of the same word was right. */
static int restore(struct probe *p)
{
	void __iomem *base;
	u64 i, first;

	while (p->written) {
		u64 window = p->written - 1;

		base = map_window(p, window);
		if (!base)
			return -ENOMEM;
		first = first_word(p, window);
		for (i = words_of_window(p, window); i--;)
			writel(p->saved[first + i],
			       base + (size_t)(i * p->block));
		/* Before somebody maps it in another way. */
		if (words_of_window(p, window))
			readl(base);
		p->written--;
		cond_resched();
	}
	return 0;
}

static int run(struct probe *p)
{
	int ret, restored;

	ret = save(p) ?: write_all(p) ?: read_all(p);
	restored = restore(p);
	unmap_window(p);
	if (restored)
		pr_warn("region %s: %llu words of its content could not be put back after the test\n",
			mirror_span_text(p->span, '@').s,
			first_word(p, p->written));
	return ret ?: restored;
}

/**
 * mirror_probe - find out whether a range is memory
 * @s: the range, of whole blocks; nobody else uses it
 * @block: bytes of the largest block
 *
 * Context: Process context; may sleep.
 * Return: 0, or with a line in the log -EIO where words that were written do not
 * read back, -ENOMEM. Its content is as before.
 */
int mirror_probe(const struct mirror_span *s, u64 block)
{
	struct probe p = {
		.span = s,
		.block = block,
		.step = max_t(u64, block, PROBE_WINDOW),
	};
	int ret = -ENOMEM;

	p.saved = kvmalloc_array(div64_u64(s->size, block), sizeof(*p.saved),
				 GFP_KERNEL);
	if (p.saved)
		ret = run(&p);
	kvfree(p.saved);
	if (ret == -ENOMEM)
		return mirror_refuse(s, ret,
				     "cannot be mapped for a test; is there too little vmalloc space?");
	if (ret)
		return mirror_refuse(s, ret,
				     "there is no memory behind it, or not everywhere: words written there do not read back; reserve a range that is RAM without the memmap= argument");
	return 0;
}
