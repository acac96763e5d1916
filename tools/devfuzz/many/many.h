/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Very many operations of the device, in SUBMITs of up to 65536, each of which is judged
 * by a model that knows which blocks each file holds.
 *
 * The fuzzer of the folder above looks for what a few operations do together; this looks
 * for what takes millions: tables that fill and empty, generations that wrap, counters
 * that drift.
 */
#ifndef _MANY_H
#define _MANY_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/mirror_mm.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096ul
#define NR_FILES	8
#define NR_STALE	1024u
#define NR_MAPPED	16

enum file_kind { ADMIN, USER, READER, LIMITED, NR_KINDS };

/**
 * struct held - a block
 * @id: its name
 * @offset: where to map it
 * @pfn: first frame, or MIRROR_MM_PFN_HIDDEN
 * @order: of the block
 */
struct held {
	uint64_t id;
	uint64_t offset;
	uint64_t pfn;
	uint32_t order;
};

/**
 * struct slot - an entry of the table that leads from ids to blocks
 * @id: 0 for none
 * @at: which of the file's blocks
 */
struct slot {
	uint64_t id;
	uint32_t at;
};

/**
 * struct mapped - a mapping of a block, which may have been freed since
 * @addr: NULL for none
 * @size: bytes
 * @id: of the block
 */
struct mapped {
	char *addr;
	uint64_t size;
	uint64_t id;
};

/**
 * struct file - an open of the device, and what it holds
 * @fd: descriptor
 * @kind: how it was opened
 * @rights: MIRROR_MM_RIGHT_*
 * @limit: most pages it may hold, 0 for none
 * @policy: it has a memory policy
 * @pages: that it holds
 * @nr: blocks
 * @held: these, in any order
 * @table: the same by id
 * @stale: ids of blocks that were freed
 * @nr_stale: how many were, in all
 * @next: where a walk through @held has come to
 * @mapped: mappings of its blocks
 * @array: in a block of its own that is in none of the above, or NULL
 * @array_id: of that block, which no operation is about
 * @own_pages: that it has
 */
struct file {
	int fd;
	enum file_kind kind;
	uint32_t rights;
	uint64_t limit;
	bool policy;
	uint64_t pages;
	uint32_t nr;
	struct held *held;
	struct slot *table;
	uint64_t stale[NR_STALE];
	uint32_t nr_stale;
	uint32_t next;
	struct mapped mapped[NR_MAPPED];
	struct mirror_mm_op *array;
	uint64_t array_id;
	uint64_t own_pages;
};

/**
 * struct counts - what was done
 * @operations: results that SUBMITs gave
 * @submits: calls
 * @allocs: blocks that were given out
 * @frees: blocks that were given back
 * @refused: operations that were refused
 * @raced: operations of arrays that another thread changed meanwhile
 * @checks: times that `check` was read
 * @most_blocks: that were held at a time
 */
struct counts {
	uint64_t operations;
	uint64_t submits;
	uint64_t allocs;
	uint64_t frees;
	uint64_t refused;
	uint64_t raced;
	uint64_t checks;
	uint64_t most_blocks;
};

extern struct file files[NR_FILES];
extern struct counts counts;
extern struct mirror_mm_info idle;	/* of the mirror, with nothing held */

__attribute__((format(printf, 1, 2), noreturn)) void found(const char *format, ...);
uint32_t draw(uint32_t below);
uint64_t draw64(void);
long call(int fd, unsigned long request, void *arg);

/* model.c */
void model_init(void);
void model_reset(struct file *f);
void model_judge(struct file *f, const struct mirror_mm_op *asked,
		 const struct mirror_mm_op *op);
struct held *model_find(const struct file *f, uint64_t id);
uint64_t model_free_pages(void);
uint64_t model_blocks(void);

/* files.c */
void file_open(struct file *f);
void file_close(struct file *f);
void file_change(struct file *f);
void file_check(const struct file *f);
void map_some(struct file *f);
void read_check(void);
void check_free_pages(void);

/* entries.c */
uint32_t make_entries(struct file *f, struct mirror_mm_op *ops, uint32_t nr);
uint32_t draw_length(const struct file *f);

/* race.c */
void race_init(void);
void race(void);

#endif /* _MANY_H */
