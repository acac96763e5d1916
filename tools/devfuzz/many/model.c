// SPDX-License-Identifier: GPL-2.0
/*
 * What each operation has to be answered with. Which blocks come is the device's choice;
 * that nobody else has them is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "many.h"

/* With fewer free pages than one in so many a plain request may fail. */
#define SPARE_PART	4

static uint32_t table_size;
/* Of each frame whether a block that we know the frames of has it. */
static uint8_t *frames;

static void *get_memory(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		found("memory for the model");
	return p;
}

/**
 * model_init - memory for what may be held
 */
void model_init(void)
{
	unsigned int i;

	for (table_size = 1024; table_size < 2 * idle.nr_pages; table_size *= 2)
		;
	frames = get_memory(idle.end_pfn - idle.start_pfn);
	for (i = 0; i < NR_FILES; i++) {
		files[i].held = get_memory(idle.nr_pages * sizeof(*files[i].held));
		files[i].table = get_memory(table_size * sizeof(*files[i].table));
	}
}

/* the table of ids ------------------------------------------------------------------- */

static uint32_t home_of(uint64_t id)
{
	return (id ^ id >> 31) * 0x9e3779b97f4a7c15ull >> 32 & (table_size - 1);
}

static struct slot *find_slot(const struct file *f, uint64_t id)
{
	uint32_t i = home_of(id);

	while (f->table[i].id && f->table[i].id != id)
		i = (i + 1) & (table_size - 1);
	return &f->table[i];
}

/* Those behind it move up, as a look-up ends at a hole. */
static void empty_slot(struct file *f, struct slot *slot)
{
	uint32_t hole = slot - f->table, i = hole;

	for (;;) {
		i = (i + 1) & (table_size - 1);
		if (!f->table[i].id)
			break;
		if (((i - home_of(f->table[i].id)) & (table_size - 1)) <
		    ((i - hole) & (table_size - 1)))
			continue;
		f->table[hole] = f->table[i];
		hole = i;
	}
	f->table[hole].id = 0;
}

/**
 * model_find - the block of an id
 * @f: whose
 * @id: any number
 *
 * Return: it, or NULL.
 */
struct held *model_find(const struct file *f, uint64_t id)
{
	const struct slot *slot = find_slot(f, id);

	return id && slot->id == id ? &f->held[slot->at] : NULL;
}

/* blocks ------------------------------------------------------------------------------ */

static void mark_frames(const struct held *b, uint8_t mark)
{
	uint64_t size = 1ull << b->order, first;

	if (b->pfn == MIRROR_MM_PFN_HIDDEN)
		return;
	if (b->pfn < idle.start_pfn || b->pfn + size > idle.end_pfn || b->pfn % size)
		found("pfn %#llx for order %u", (unsigned long long)b->pfn, b->order);
	first = b->pfn - idle.start_pfn;
	if (mark && memchr(&frames[first], 1, size))
		found("pfn %#llx of order %u overlaps a block that is held",
		      (unsigned long long)b->pfn, b->order);
	memset(&frames[first], mark, size);
}

static void add(struct file *f, const struct mirror_mm_alloc *arg)
{
	struct slot *slot = find_slot(f, arg->id);
	struct held *b = &f->held[f->nr];

	if (!arg->id || slot->id)
		found("id %#llx was given out twice, or is 0", (unsigned long long)arg->id);
	if (f->nr == idle.nr_pages)
		found("more blocks than pages");
	*b = (struct held){
		.id = arg->id, .offset = arg->offset, .pfn = arg->pfn, .order = arg->order,
	};
	mark_frames(b, 1);
	*slot = (struct slot){ .id = arg->id, .at = f->nr++ };
	f->pages += 1ull << b->order;
	counts.allocs++;
}

static void drop(struct file *f, struct held *b)
{
	struct held *last = &f->held[f->nr - 1];

	mark_frames(b, 0);
	f->pages -= 1ull << b->order;
	f->stale[f->nr_stale++ % NR_STALE] = b->id;
	empty_slot(f, find_slot(f, b->id));
	if (b != last) {
		find_slot(f, last->id)->at = b - f->held;
		*b = *last;
	}
	f->nr--;
	counts.frees++;
}

/**
 * model_reset - a file is gone
 * @f: the file
 */
void model_reset(struct file *f)
{
	while (f->nr)
		drop(f, &f->held[f->nr - 1]);
	f->nr_stale = 0;
	f->next = 0;
}

/**
 * model_free_pages - how many must be free
 *
 * Return: pages.
 */
uint64_t model_free_pages(void)
{
	uint64_t left = idle.nr_free;
	unsigned int i;

	for (i = 0; i < NR_FILES; i++)
		left -= files[i].pages + files[i].own_pages;
	return left;
}

/**
 * model_blocks - how many are held
 *
 * Return: blocks of all files.
 */
uint64_t model_blocks(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NR_FILES; i++)
		sum += files[i].nr;
	return sum;
}

/* ALLOC ------------------------------------------------------------------------------- */

static bool gfp_is_sound(uint32_t gfp)
{
	uint32_t zone = gfp & (__MIRROR_GFP_DMA | __MIRROR_GFP_DMA32 | __MIRROR_GFP_HIGHMEM);
	uint32_t both = __MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE;

	return !(gfp & ~__MIRROR_GFP_ALL) && !(zone & (zone - 1)) && (gfp & both) != both;
}

static bool takes_admin(const struct mirror_mm_alloc *arg)
{
	return arg->flags & MIRROR_MM_ALLOC_NOZERO ||
	       arg->gfp & (__MIRROR_GFP_HIGH | __MIRROR_GFP_MEMALLOC);
}

static uint64_t mask_of(const struct mirror_mm_alloc *arg)
{
	return arg->flags & MIRROR_MM_ALLOC_NODEMASK ? arg->nodemask : 0;
}

static int due_of_rights(const struct file *f, uint32_t right)
{
	return f->rights & right ? 0 : f->kind == READER ? -EBADF : -EPERM;
}

/* But for supply. */
static int due_of_alloc(const struct file *f, const struct mirror_mm_alloc *arg)
{
	int due = due_of_rights(f, MIRROR_MM_RIGHT_ALLOC);

	if (due)
		return due;
	if (arg->flags & ~MIRROR_MM_ALLOC_FLAGS || !gfp_is_sound(arg->gfp) ||
	    arg->order > idle.max_order)
		return -EINVAL;
	if (takes_admin(arg) && !(f->rights & MIRROR_MM_RIGHT_ADMIN))
		return -EPERM;
	if (mask_of(arg) >> idle.nr_nodes || arg->node < -1 || arg->node >= (int)idle.nr_nodes)
		return -ENODEV;
	return 0;
}

static bool is_plain(const struct file *f, const struct mirror_mm_alloc *arg)
{
	return !arg->order && !arg->flags && arg->node == MIRROR_MM_NODE_ANY && !f->policy &&
	       arg->gfp == MIRROR_GFP_KERNEL;
}

static void judge_refusal(const struct file *f, const struct mirror_mm_alloc *asked, int ret,
			  bool above)
{
	if (ret == -EDQUOT && !above)
		found("EDQUOT with %llu of %llu pages, for order %u",
		      (unsigned long long)(f->pages + f->own_pages),
		      (unsigned long long)f->limit, asked->order);
	if (ret == -ENOMEM && is_plain(f, asked) &&
	    model_free_pages() > idle.nr_pages / SPARE_PART)
		found("a plain page is refused while %llu pages are free",
		      (unsigned long long)model_free_pages());
	counts.refused++;
}

/* Urgent requests may leave their nodemask before they would fail. */
static void judge_place(const struct mirror_mm_alloc *asked, const struct mirror_mm_alloc *got)
{
	uint64_t mask = mask_of(asked);

	if (got->node < 0 || got->node >= (int)idle.nr_nodes ||
	    got->zone >= MIRROR_MAX_NR_ZONES || got->migratetype >= MIRROR_MIGRATE_TYPES)
		found("node %d, zone %u, type %u", got->node, got->zone, got->migratetype);
	if (asked->gfp & (__MIRROR_GFP_HIGH | __MIRROR_GFP_MEMALLOC))
		return;
	if (mask && !(mask >> got->node & 1))
		found("node %d for the nodemask %#llx", got->node, (unsigned long long)mask);
	if (asked->gfp & __MIRROR_GFP_THISNODE && asked->node >= 0 && got->node != asked->node)
		found("node %d for THISNODE of %d", got->node, asked->node);
}

static void judge_alloc(struct file *f, const struct mirror_mm_alloc *asked,
			const struct mirror_mm_op *op)
{
	int due = due_of_alloc(f, asked);
	bool above = !due && f->limit &&
		     f->pages + f->own_pages + (1ull << asked->order) > f->limit;
	bool hidden;

	if (due ? op->result != due :
		  op->result && op->result != -ENOMEM && op->result != -EDQUOT)
		found("ALLOC order %#x gfp %#x node %d flags %#x mask %#llx gives %d, not %d",
		      asked->order, asked->gfp, asked->node, asked->flags,
		      (unsigned long long)asked->nodemask, op->result, due);
	if (!due && above && op->result != -EDQUOT)
		found("%d for a request above the file's limit", op->result);
	if (op->result) {
		judge_refusal(f, asked, op->result, above);
		return;
	}
	if (op->alloc.order != asked->order || op->alloc.gfp != asked->gfp)
		found("ALLOC changes the request");
	judge_place(asked, &op->alloc);
	hidden = op->alloc.pfn == MIRROR_MM_PFN_HIDDEN;
	if (hidden != !(f->rights & MIRROR_MM_RIGHT_ADMIN))
		found("pfn %#llx with rights %#x", (unsigned long long)op->alloc.pfn, f->rights);
	add(f, &op->alloc);
}

/* all ---------------------------------------------------------------------------------- */

static void judge_free(struct file *f, const struct mirror_mm_free *asked,
		       const struct mirror_mm_op *op)
{
	struct held *b = model_find(f, asked->id);
	int due = asked->flags || asked->reserved ? -EINVAL :
						    due_of_rights(f, MIRROR_MM_RIGHT_FREE);

	if (!due && !b)
		due = -ENOENT;
	if (op->result != due)
		found("FREE id %#llx flags %#x reserved %#x gives %d, not %d",
		      (unsigned long long)asked->id, asked->flags, asked->reserved, op->result,
		      due);
	if (due)
		counts.refused++;
	else
		drop(f, b);
}

/**
 * model_judge - is this the answer that is due? Notes what it changes
 * @f: who asked
 * @asked: the operation as it was put into the array
 * @op: as it is in the array now
 */
void model_judge(struct file *f, const struct mirror_mm_op *asked,
		 const struct mirror_mm_op *op)
{
	int due;

	if (op->opcode != asked->opcode)
		found("SUBMIT changes an opcode");
	switch (asked->opcode) {
	case MIRROR_MM_OP_ALLOC:
		judge_alloc(f, &asked->alloc, op);
		return;
	case MIRROR_MM_OP_FREE:
		judge_free(f, &asked->free, op);
		return;
	}
	due = asked->opcode == MIRROR_MM_OP_NOP ? 0 : -EOPNOTSUPP;
	if (op->result != due)
		found("opcode %#x gives %d", asked->opcode, op->result);
	counts.refused += !!due;
}
