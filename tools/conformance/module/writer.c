// SPDX-License-Identifier: GPL-2.0
/*
 * Records of a state, as words. See protocol.h.
 */
#include <linux/export.h>
#include "driver.h"

/**
 * conf_begin - open a record
 * @w: where
 * @kind: enum conf_record_kind
 * @zone: CONF_ZONE()
 * @a: see the kind
 * @b: see the kind
 *
 * Return: for conf_end().
 */
u32 conf_begin(struct conf_writer *w, unsigned int kind, unsigned int zone,
	       unsigned int a, unsigned int b)
{
	u32 start = w->nr;

	conf_put(w, kind | zone << 8 | a << 16 | b << 24);
	conf_put(w, 0);
	return start;
}
EXPORT_SYMBOL_GPL(conf_begin);

/**
 * conf_end - close it, now that its length is known
 * @w: where
 * @start: from conf_begin()
 * @keep_empty: leave it there also without words
 */
void conf_end(struct conf_writer *w, u32 start, bool keep_empty)
{
	u32 nr = w->nr - start - 2;

	if (!nr && !keep_empty)
		w->nr = start;
	else if (start + 1 < w->max)
		w->words[start + 1] = nr;
}
EXPORT_SYMBOL_GPL(conf_end);

/**
 * conf_put_fields - a record of named fields
 * @w: where
 * @kind: CONF_REC_ZONE, CONF_REC_STAT or CONF_REC_PCP
 * @zone: CONF_ZONE()
 * @cpu: whose, 0 for CONF_REC_ZONE
 * @fields: the words
 * @nr: how many
 */
void conf_put_fields(struct conf_writer *w, unsigned int kind, unsigned int zone,
		     unsigned int cpu, const u32 *fields, unsigned int nr)
{
	u32 start = conf_begin(w, kind, zone, 0, cpu);
	unsigned int i;

	for (i = 0; i < nr; i++)
		conf_put(w, fields[i]);
	conf_end(w, start, true);
}
EXPORT_SYMBOL_GPL(conf_put_fields);
