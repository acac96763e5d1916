/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls to /dev/mirror_mm, and what their errors mean to a user.
 */
#ifndef MIRRORCTL_DEVICE_H
#define MIRRORCTL_DEVICE_H

#include <linux/mirror_mm.h>

#include "mirrorctl.h"

/**
 * device_open() - open the device and read what it is
 * @opts: names the device
 * @info: answer of MIRROR_MM_INFO
 *
 * Says on stderr what is wrong and how to put it right.
 *
 * Return: a descriptor that exec() closes, or -errno.
 */
int device_open(const struct options *opts, struct mirror_mm_info *info);

/**
 * device_info() - ask again
 * @fd: the device
 * @info: answer
 *
 * Return: 0 or -errno; silent.
 */
int device_info(int fd, struct mirror_mm_info *info);

/**
 * device_alloc() - take one block
 * @fd: the device
 * @alloc: what is wanted; filled in with what came
 *
 * Return: 0 or -errno; silent, see device_explain_alloc().
 */
int device_alloc(int fd, struct mirror_mm_alloc *alloc);

/**
 * device_set_policy() - say where blocks of this file come from by default
 * @fd: the device
 * @mode: enum mirror_mpol_mode
 * @nodes: bit by node
 *
 * Return: 0 or -errno; silent, see device_explain_policy().
 */
int device_set_policy(int fd, unsigned int mode, __u64 nodes);

/**
 * device_explain_policy() - say on stderr why a policy was refused
 * @err: what device_set_policy() returned
 * @mode: what was asked for
 * @info: what the device says of itself
 */
void device_explain_policy(int err, unsigned int mode,
			   const struct mirror_mm_info *info);

/**
 * device_free() - give one block back
 * @fd: the device
 * @id: of the block
 *
 * Return: 0 or -errno; silent.
 */
int device_free(int fd, __u64 id);

/**
 * device_map() - map a whole block
 * @fd: the device
 * @alloc: the block
 * @page_size: from INFO
 * @map: answer
 *
 * Return: 0 or -errno; silent.
 */
int device_map(int fd, const struct mirror_mm_alloc *alloc, __u32 page_size,
	       void **map);

/**
 * device_explain_alloc() - say on stderr why ALLOC failed and what to do
 * @err: what device_alloc() returned
 * @alloc: what was wanted
 * @info: of the device
 */
void device_explain_alloc(int err, const struct mirror_mm_alloc *alloc,
			  const struct mirror_mm_info *info);

#endif
