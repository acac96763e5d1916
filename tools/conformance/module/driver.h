/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two drivers share: the device, the slots and the interpreter of the
 * operation lists. Each module brings its own struct conf_allocator.
 */
#ifndef _CONFORMANCE_DRIVER_H
#define _CONFORMANCE_DRIVER_H

#include <linux/fs.h>
#include <linux/types.h>
#include "../protocol.h"

#define CONF_TYPES	3	/* DMA32, NORMAL, MOVABLE */
#define CONF_ZONES	(CONF_MAX_NODES * CONF_TYPES)
/* Block size up to which requests fail at once, without heroic efforts. */
#define CONF_COSTLY_ORDER	3
#define CONF_PB_ORDER	9

/**
 * struct conf_view - what the events of enum conf_event are told from
 * @boost: watermark boost
 * @reserved: pages in HIGHATOMIC pageblocks
 * @largest: free blocks of the largest order
 * @count: pages on the per-CPU lists
 * @high: how many they may hold
 * @factor: log2 by which the next refill is scaled
 * @below_high: the flag
 */
struct conf_view {
	unsigned long boost;
	unsigned long reserved;
	unsigned long largest;
	int count;
	int high;
	int factor;
	bool below_high;
};

/**
 * struct conf_writer - words on their way to the program
 * @words: the buffer
 * @nr: words written; more than @max where they did not fit
 * @max: its length
 */
struct conf_writer {
	u32 *words;
	u32 nr;
	u32 max;
};

static inline void conf_put(struct conf_writer *w, u32 word)
{
	if (w->nr < w->max)
		w->words[w->nr] = word;
	w->nr++;
}

u32 conf_begin(struct conf_writer *w, unsigned int kind, unsigned int zone,
	       unsigned int a, unsigned int b);
void conf_end(struct conf_writer *w, u32 start, bool keep_empty);
void conf_put_fields(struct conf_writer *w, unsigned int kind, unsigned int zone,
		     unsigned int cpu, const u32 *fields, unsigned int nr);

/**
 * struct conf_allocator - one of the two that are compared
 * @name: of the device
 * @alloc: 2^order pages of nodes as in CONF_NODES(), or NULL
 * @can_move: marks a single page as one whose holder could move it
 * @free: the last reference but for those of @get
 * @get: one more reference on the head
 * @put: and back
 * @count: references on the head
 * @split: into single pages
 * @part: page number i of a block
 * @bulk: fill the NULL elements; what the call returned
 * @free_bulk: as @free, the single pages of an array with one call
 * @offset: first frame, counted from the first of the lowest zone, without the
 *          frames between two zones or nodes
 * @address: where the content of a page is
 * @view: fill CONF_ZONES views, of this CPU's lists; runs between operations
 * @state: write all records
 * @counters: the allocator's own counters of enum conf_event, from its beginning
 * @drain: all per-CPU lists of the nodes
 * @drain_own: this CPU's lists
 * @tick: one statistics tick of this CPU
 * @reset: forget what outlives the pages: boost, reserve, flags
 * @frees_at_home: a block is freed by the CPU that allocated it, which is wrong; may be
 *                 NULL
 * @may_wait: a segment with direct reclaim begins or has ended; may be NULL
 * @as_local: what follows runs as if the CPU were of the node that the driver's
 *            parameter names, or is over; may be NULL
 *
 * @alloc to @view are called with interrupts off, and so is @as_local; the others
 * are not. @drain, @drain_own and @tick are bound to the CPU that they are about.
 */
struct conf_allocator {
	const char *name;
	void *(*alloc)(u32 gfp, unsigned int order, u32 nodes);
	void (*can_move)(void *page);
	void (*free)(void *page, unsigned int order);
	void (*get)(void *page);
	void (*put)(void *page);
	int (*count)(void *page);
	void (*split)(void *page, unsigned int order);
	void *(*part)(void *page, unsigned int i);
	unsigned int (*bulk)(u32 gfp, unsigned int nr, void **pages, u32 nodes);
	void (*free_bulk)(void **pages, unsigned int nr);
	u32 (*offset)(const void *page);
	void *(*address)(const void *page);
	void (*view)(struct conf_view *views);
	void (*state)(struct conf_writer *w);
	void (*counters)(u64 *nr);
	void (*drain)(void);
	void (*drain_own)(void);
	void (*tick)(void);
	void (*reset)(void);
	bool (*frees_at_home)(void);
	void (*may_wait)(bool begins);
	void (*as_local)(bool begins);
};

struct conf_device;

struct conf_device *conf_driver_register(const struct conf_allocator *allocator,
					 const struct file_operations *fops);
void conf_driver_unregister(struct conf_device *dev);
long conf_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);
void *conf_symbol(const char *name);

#endif /* _CONFORMANCE_DRIVER_H */
