// SPDX-License-Identifier: GPL-2.0
/*
 * The part of coverage that has to lie in mirror_mm.ko itself: where its
 * counters are. mirror_mm_gcov.ko does the rest.
 */
#include <linux/export.h>
#include "gcov.h"

/* There is no program's end to merge at. */
void __gcov_merge_add(s64 *counters, unsigned int nr)
{
}

/**
 * mirror_gcov_objects - the objects that count
 * @nr: how many
 *
 * Context: Any.
 * Return: the first.
 */
const struct gcov_object *const *mirror_gcov_objects(unsigned int *nr)
{
	*nr = mirror_gcov_stop - mirror_gcov_start;
	return mirror_gcov_start;
}
EXPORT_SYMBOL_GPL(mirror_gcov_objects);
