/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The three allocators of a guest: the kernel's, the mirror page by page, and
 * the mirror block by block.
 */
#ifndef CONFORMANCE_TARGETS_H
#define CONFORMANCE_TARGETS_H

#include "record.h"

#define DEBUGFS		"/sys/kernel/debug/mirror_mm/"
#define MIRROR_SYSFS	"/sys/class/misc/mirror_mm/"
#define SYSCTL		"/proc/sys/vm/"

/* They end the program where a device is missing. */
struct target *reference_open(void);
void mirror_open(struct target **as_pages, struct target **as_blocks);
/* Only then can the modules be unloaded. */
void mirror_close(void);

/* driver.c: the ioctls that /dev/conf_reference and /dev/conf_mirror share */
int driver_open(const char *path);
int driver_run(int fd, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags);
int driver_state(int fd, struct words *state);
int driver_events(int fd, struct conf_events *events);
int driver_between(int fd, const struct conf_op *op);
int driver_reset(int fd);

/* hotplug.c: the memory of the reference's nodes */

/**
 * struct hotplug - which memory blocks the nodes have
 * @block: their numbers, rising, the nodes one after another
 * @nr: how many of each node; of the first, they may come from the command line,
 *      and are otherwise found in sysfs
 * @nr_nodes: how many nodes have some
 * @movable: the last so many of each node become zone MOVABLE
 */
struct hotplug {
	unsigned int block[CONF_MAX_NODES][64];
	unsigned int nr[CONF_MAX_NODES];
	unsigned int nr_nodes;
	unsigned int movable;
};

extern struct hotplug hotplug;

/* Whether the node, counted from CONF_FIRST_NODE, is one that is compared. */
bool is_test_node(int node);
void hotplug_find(void);
/* Offline and online again: the free lists are as new. 0 or minus an errno. */
int hotplug_renew(void);

/* tunables.c: sysctls of both sides, and the marks */

/*
 * Keeps what the kernel has now: that is what a reset goes back to, and the end
 * of the program.
 */
void tunables_remember(void);
int tunables_reset_reference(void);
/* To the kernel's values as they were remembered, but for the marks. */
int tunables_reset_mirror(void);
int tune_reference(const struct conf_op *op);
/* What moves marks is left to marks_to_mirror(). */
int tune_mirror(const struct conf_op *op);
int marks_of_reference(struct marks *marks);
int marks_to_mirror(const struct marks *marks);

/* text.c: what both sides print, with what cannot be equal taken out */

#define MAX_COUNTERS	64

/* Counters that grow forever, as they were after the reset. */
struct text_base {
	unsigned int nr;
	struct {
		char name[64];
		unsigned long value;
	} counter[MAX_COUNTERS];
};

void text_base(struct text_base *base, bool reference);
char *text_now(const struct text_base *base, bool reference);
/* Prints the list of what is not compared, and why. */
void text_print_exceptions(void);

#endif /* CONFORMANCE_TARGETS_H */
