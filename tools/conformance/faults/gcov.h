/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What gcc 12 leaves in an object compiled with -fprofile-arcs, and where the
 * linker script beside this file gathers it.
 */
#ifndef _MIRROR_FAULTS_GCOV_H
#define _MIRROR_FAULTS_GCOV_H

#include <linux/seq_file.h>
#include <linux/types.h>

#if __GNUC__ != 12
#error "the layout below is that of gcc 12; compare it with your compiler's"
#endif

#define GCOV_KINDS	8

/**
 * struct gcov_counters - counters of one kind of a function
 * @num: how many
 * @values: the counters
 */
struct gcov_counters {
	unsigned int num;
	s64 *values;
};

/**
 * struct gcov_function - a function of an object
 * @owner: the object it was emitted in; another one where a copy was dropped
 * @ident: its number in the .gcno file
 * @lineno_checksum: of its place in the source
 * @cfg_checksum: of its blocks
 * @arcs: how often each was passed; the only kind that -fprofile-arcs makes
 */
struct gcov_function {
	const struct gcov_object *owner;
	unsigned int ident;
	unsigned int lineno_checksum;
	unsigned int cfg_checksum;
	struct gcov_counters arcs;
};

/**
 * struct gcov_object - an object file
 * @version: of the format
 * @next: unused here
 * @stamp: the same as in the .gcno file
 * @checksum: likewise
 * @filename: of the .gcda file that a program would write at its end
 * @merge: unused here
 * @nr_functions: length of @functions
 * @functions: NULL elements are of functions that were dropped
 */
struct gcov_object {
	unsigned int version;
	struct gcov_object *next;
	unsigned int stamp;
	unsigned int checksum;
	const char *filename;
	void *merge[GCOV_KINDS];
	unsigned int nr_functions;
	const struct gcov_function *const *functions;
};

/* Both ends of what gcov.lds gathers. */
extern const struct gcov_object *const mirror_gcov_start[];
extern const struct gcov_object *const mirror_gcov_stop[];

/* gcc refers to it from every object, to merge counters at a program's end. */
void __gcov_merge_add(s64 *counters, unsigned int nr);

const struct gcov_object *const *mirror_gcov_objects(unsigned int *nr);

/* A line for a function that counts: see mirror_mm_gcov.c. */
static inline void gcov_show_function(struct seq_file *seq, const struct gcov_function *fn)
{
	unsigned int i;

	seq_printf(seq, "gcov-function %u %u %u", fn->ident,
		   fn->lineno_checksum, fn->cfg_checksum);
	for (i = 0; i < fn->arcs.num; i++)
		seq_printf(seq, " %lld", fn->arcs.values[i]);
	seq_putc(seq, '\n');
}

static inline void gcov_each_function(struct seq_file *seq, const struct gcov_object *object,
				      void (*visit)(struct seq_file *seq,
						    const struct gcov_function *fn))
{
	unsigned int i;

	for (i = 0; i < object->nr_functions; i++)
		if (object->functions[i] && object->functions[i]->owner == object)
			visit(seq, object->functions[i]);
}

/* The counters of all objects, as text. */
static inline void gcov_show(struct seq_file *seq, const struct gcov_object *const *objects,
			     unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		seq_printf(seq, "gcov-object %u %u %u %s\n", objects[i]->version,
			   objects[i]->stamp, objects[i]->checksum,
			   objects[i]->filename);
		gcov_each_function(seq, objects[i], gcov_show_function);
	}
}

#endif /* _MIRROR_FAULTS_GCOV_H */
