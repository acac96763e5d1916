/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks in tables and in JSON.
 */
#ifndef MIRRORCTL_BLOCK_H
#define MIRRORCTL_BLOCK_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/mirror_mm.h>

/**
 * block_to_json() - one block as a JSON object
 * @alloc: the block as ALLOC answered
 *
 * Return: a new object: id and offset as hexadecimal strings, pfn null when
 * hidden, "type" as asked for, "pageblock" as the type where the block lies.
 */
struct json_object *block_to_json(const struct mirror_mm_alloc *alloc);

/**
 * block_from_json() - the reverse of block_to_json()
 * @obj: the object
 * @alloc: answer
 *
 * Return: 0, or -EPROTO when @obj does not describe a block.
 */
int block_from_json(struct json_object *obj, struct mirror_mm_alloc *alloc);

/**
 * block_table() - print blocks, one a line, below a heading
 * @out: where to
 * @blocks: what
 * @nr: how many
 * @page_size: bytes
 */
void block_table(FILE *out, const struct mirror_mm_alloc *blocks, size_t nr,
		 __u32 page_size);

/**
 * block_pages() - pages in some blocks
 * @blocks: the blocks
 * @nr: how many
 *
 * Return: the sum of 2^order.
 */
unsigned long long block_pages(const struct mirror_mm_alloc *blocks, size_t nr);

#endif
