/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share: the device, memory that may fault, and text.
 *
 * Calls of the device give 0 or minus the errno, so that a test compares one
 * number. Nothing here judges; that is left to the tests.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#include <linux/mirror_mm.h>

#define ST_DEVICE	"/dev/mirror_mm"
/* A second device node, for the tests that make one. */
#define ST_NODE		"/tmp/mirror_mm.node"
#define ST_DEBUGFS	"/sys/kernel/debug/mirror_mm"
/* Programs run on kernels with 4 KiB and with 64 KiB pages. */
#define ST_PAGE		((unsigned long)getpagesize())
#define ST_MAX_ORDERS	16
#define ST_MAX_ROWS	16

/* An allocation without special wishes, of each mobility. */
#define ST_GFP		MIRROR_GFP_KERNEL
#define ST_GFP_MOVABLE	MIRROR_GFP_HIGHUSER_MOVABLE
#define ST_GFP_RECLAIM	(MIRROR_GFP_KERNEL | __MIRROR_GFP_RECLAIMABLE)

/* The same request with another size of its struct. */
static inline unsigned long st_resized(unsigned long request, size_t size)
{
	return _IOC(_IOC_DIR(request), _IOC_TYPE(request), _IOC_NR(request),
		    size);
}

/* device.c: the device --------------------------------------------------- */

/* With and without CAP_SYS_ADMIN in effect at that moment; a descriptor. */
int st_open(void);
int st_open_unprivileged(void);
/* With O_RDONLY, O_WRONLY or O_RDWR. */
int st_open_mode(int mode);
/* Any request, with any argument. */
int st_ioctl(int fd, unsigned long request, void *arg);
int st_info(int fd, struct mirror_mm_info *info);
int st_alloc_flags(int fd, unsigned int order, unsigned int gfp,
		   unsigned int flags, struct mirror_mm_alloc *block);
int st_alloc(int fd, unsigned int order, unsigned int gfp,
	     struct mirror_mm_alloc *block);
int st_free(int fd, uint64_t id);
/* A descriptor for one block, or minus the errno; @flags are MIRROR_MM_GRANT_*. */
int st_grant(int fd, uint64_t id, unsigned int flags);
int st_drop_rights(int fd, uint64_t rights);
/* The result of an operation that nobody carried out. */
#define ST_NOT_DONE	0x5a5a5a5a
/* Returns the operations done, or minus the errno. */
int st_submit(int fd, struct mirror_mm_op *ops, unsigned int nr);
void st_op_alloc(struct mirror_mm_op *op, unsigned int order, unsigned int gfp);
void st_op_free(struct mirror_mm_op *op, uint64_t id);
uint64_t st_held_pages(int fd);
uint64_t st_held_blocks(int fd);
uint64_t st_waiting_blocks(int fd);
uint64_t st_nr_free(int fd);

static inline size_t st_block_size(const struct mirror_mm_alloc *block)
{
	return ST_PAGE << block->order;
}

/* MAP_FAILED with errno, as mmap() itself; NULL where the block is not used. */
void *st_map_at(int fd, uint64_t offset, size_t length);
void *st_map(int fd, const struct mirror_mm_alloc *block);
/* The errno that mapping there ends with; a mapping that works is undone. */
int st_map_errno(int fd, uint64_t offset, size_t length, int prot, int flags);

/* A node of the device's at ST_NODE, with that mode; 0 or minus the errno. */
int st_make_node(unsigned int mode);

/* Lets go of everything of the device that this process holds. */
void st_unmap_all(void);
void st_close_all(void);

/* memory.c: memory that may fault ----------------------------------------- */

/* 0, or the signal that the access ended with. */
int st_peek(const void *addr, uint64_t *value);
int st_poke(void *addr, uint64_t value);
/* 0, or the signal that the first page of @length to fault ended with. */
int st_peek_pages(const void *addr, size_t length);
/* How many of the pages at @addr answer an access with @sig. */
size_t st_count_signal(const void *addr, size_t length, int sig);

/* A pattern that differs in each word of each page and for each @tag. */
void st_fill(void *addr, size_t length, uint64_t tag);
/* Words that are not the pattern's, and words that are not zero. */
size_t st_differs(const void *addr, size_t length, uint64_t tag);
size_t st_not_zero(const void *addr, size_t length);
/* First and last word of each page only: for tests that map a lot. */
void st_mark(void *addr, size_t length, uint64_t tag);
size_t st_unmarked(const void *addr, size_t length, uint64_t tag);

/* Through /proc/PID/mem: -errno, or the number of bytes. */
ssize_t st_proc_mem(pid_t pid, void *addr, void *buf, size_t length, bool write);

/* A child that dies with its parent; as fork(). */
pid_t st_fork(void);
/* Makes this process one of an ordinary user, for good; 0 or minus the errno. */
int st_become_nobody(void);
/* Exit code of a child, or 128 + the signal it died of. */
int st_wait(pid_t pid);

/* random numbers; the first call says in a comment which seed it is */
uint64_t st_seed(void);
uint64_t st_random(uint64_t *state);
static inline unsigned int st_below(uint64_t *state, unsigned int limit)
{
	return st_random(state) % limit;
}

/* text.c: debugfs and other files ------------------------------------------- */

/* The whole text, to be freed; NULL with errno. */
char *st_read(const char *path);
/* 0, or minus the errno. */
int st_write(const char *path, const char *text);
/* The same for a file of the mirror's debugfs folder. */
char *st_debugfs(const char *name);
int st_debugfs_write(const char *name, const char *text);
/* Empties the per-CPU lists. */
int st_drain(void);
/* NULL where `check` says clean, or else what it says; static storage. */
const char *st_check(void);
/* Cuts the next line off; NULL at the end. */
char *st_line(char **text);
/* Number behind @name in a file of lines "name number"; -1 for none. */
long long st_number(const char *text, const char *name);

/**
 * struct st_row - one line of buddyinfo
 * @node: its number
 * @zone: its name
 * @nr_orders: columns
 * @nr: free blocks of each order
 */
struct st_row {
	int node;
	char zone[16];
	unsigned int nr_orders;
	unsigned long nr[ST_MAX_ORDERS];
};

struct st_buddyinfo {
	unsigned int nr_rows;
	struct st_row row[ST_MAX_ROWS];
};

/* 0, or minus the errno; EPROTO where the text is not what it should be. */
int st_parse_buddyinfo(const char *text, struct st_buddyinfo *info);
/* Drains first, so that all that is free is counted. */
int st_buddyinfo(struct st_buddyinfo *info);
unsigned long st_free_pages(const struct st_buddyinfo *info);
bool st_same_buddyinfo(const struct st_buddyinfo *a,
		       const struct st_buddyinfo *b);
void st_print_buddyinfo(const char *title, const struct st_buddyinfo *info);
/* A number of the first populated zone in zoneinfo, such as "low"; -1. */
long st_zoneinfo_number(const char *name);

#endif /* SELFTEST_H */
