/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the boot line of the running kernel says about memory.
 */
#ifndef _MIRROR_BOOT_H
#define _MIRROR_BOOT_H

#include "region.h"

/* More than a boot line of 2048 bytes can name. */
#define MIRROR_BOOT_SPANS	256
#define MIRROR_BOOT_OTHERS	8

/**
 * struct mirror_boot_set - ranges, sorted and disjoint
 * @nr: how many
 * @cut: there were more than fit, and the set lacks some
 * @span: the ranges
 */
struct mirror_boot_set {
	unsigned int nr;
	bool cut;
	struct mirror_span span[MIRROR_BOOT_SPANS];
};

/**
 * struct mirror_boot_other - an argument that sets nothing aside for us
 * @kind: the mark between size and start; 'l' for a limit, 'm' for mem=, 'x' for
 *        exactmap
 * @start: first byte that it is about
 * @end: behind the last one
 * @text: the argument, cut where it is long
 */
struct mirror_boot_other {
	char kind;
	u64 start;
	u64 end;
	char text[48];
};

/**
 * struct mirror_boot - the boot line
 * @reserved: what memmap=SIZE$START set aside, and nothing undid
 * @stronger: what memmap= made something else of, which wins over reserved
 * @nr_others: entries of @other
 * @other: arguments for messages, the first ones
 */
struct mirror_boot {
	struct mirror_boot_set reserved;
	struct mirror_boot_set stronger;
	unsigned int nr_others;
	struct mirror_boot_other other[MIRROR_BOOT_OTHERS];
};

struct mirror_boot_text {
	char s[200];
};

/* cmdline.c */
void mirror_boot_parse(char *cmdline, struct mirror_boot *boot);
bool mirror_boot_covers(const struct mirror_boot *boot,
			const struct mirror_span *s);
bool mirror_boot_explain(const struct mirror_boot *boot,
			 const struct mirror_span *s, char *text, size_t size);

/* advice.c */
struct mirror_boot_text mirror_advise(const struct mirror_boot *boot,
				      const struct mirror_span *s, u64 size,
				      u64 block);

#endif /* _MIRROR_BOOT_H */
