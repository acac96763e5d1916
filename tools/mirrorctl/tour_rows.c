// SPDX-License-Identifier: GPL-2.0
/*
 * What a step of "tour" looks at, as a list of numbers and as JSON.
 */
#include <stdarg.h>
#include <stdio.h>

#include "names.h"
#include "tour.h"
#include "words.h"

static void add(struct tour_row *rows, size_t *nr, unsigned long long value,
		int type, const char *fmt, ...) __printf(5, 6);

static void add(struct tour_row *rows, size_t *nr, unsigned long long value,
		int type, const char *fmt, ...)
{
	struct tour_row *row = &rows[*nr];
	va_list args;

	if (*nr == TOUR_ROWS)
		return;
	va_start(args, fmt);
	vsnprintf(row->label, sizeof(row->label), fmt, args);
	va_end(args);
	row->value = value;
	row->type = type;
	++*nr;
}

static const char *list_name(unsigned int type)
{
	return type == STATE_CPU_OTHER ? "all but Movable" : words_type(type);
}

static void add_blocks(const struct tour *t, const struct tour_view *view,
		       struct tour_row *rows, size_t *nr)
{
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		for (unsigned int o = t->info.max_order + 1; o-- > 0;)
			add(rows, nr, view->zone.typed[type][o], type,
			    "free %s, order %u", words_type(type), o);
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		add(rows, nr, view->zone.pageblocks[type], type,
		    "pageblocks %s", words_type(type));
}

static void add_cpu(const struct tour *t, const struct tour_view *view,
		    struct tour_row *rows, size_t *nr)
{
	for (int type = 0; type < STATE_CPU_TYPES; type++)
		for (unsigned int o = 0; o <= t->info.max_order; o++)
			add(rows, nr, view->cpu.lists[type][o],
			    type == STATE_CPU_OTHER ? -1 : type,
			    "CPU %u: %s, order %u", t->cpu, list_name(type), o);
	add(rows, nr, view->cpu.count, -1, "CPU %u: pages on its lists", t->cpu);
	add(rows, nr, view->cpu.high, -1, "CPU %u: high", t->cpu);
}

size_t tour_rows(const struct tour *t, const struct tour_view *view,
		 struct tour_row *rows)
{
	const struct state_zone *zone = &view->zone;
	size_t nr = 0;

	add_blocks(t, view, rows, &nr);
	add_cpu(t, view, rows, &nr);
	add(rows, &nr, zone->free_exact, -1, "free pages of the zone");
	add(rows, &nr, zone->highatomic, -1, "pages in reserved pageblocks");
	add(rows, &nr, zone->highatomic_free, -1, "of these, free");
	add(rows, &nr, view->marks.min, -1, "mark min");
	add(rows, &nr, view->marks.low, -1, "mark low");
	add(rows, &nr, view->marks.high, -1, "mark high");
	add(rows, &nr, zone->boost, -1, "boost on top of each mark");
	add(rows, &nr, !!(zone->flags & STATE_KSWAPD_DUE), -1, "kswapd is wanted");
	add(rows, &nr, view->held_pages, -1, "pages held by this tour");
	return nr;
}

static void add_number(struct json_object *obj, const char *key,
		       unsigned long long value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

static struct json_object *orders_json(const struct tour *t,
				       const unsigned long long *blocks)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int o = 0; o <= t->info.max_order; o++)
		json_object_array_add(list, json_object_new_uint64(blocks[o]));
	return list;
}

static struct json_object *cpu_json(const struct tour *t,
				    const struct state_cpu *cpu)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *lists = json_object_new_object();

	add_number(obj, "cpu", cpu->cpu);
	add_number(obj, "count", cpu->count);
	add_number(obj, "high", cpu->high);
	add_number(obj, "high_min", cpu->high_min);
	add_number(obj, "high_max", cpu->high_max);
	add_number(obj, "batch", cpu->batch);
	add_number(obj, "free_count", cpu->free_count);
	add_number(obj, "alloc_factor", cpu->alloc_factor);
	for (int type = 0; type < STATE_CPU_TYPES; type++)
		json_object_object_add(lists, type == STATE_CPU_OTHER ? "other" :
				       key_of_type(type),
				       orders_json(t, cpu->lists[type]));
	json_object_object_add(obj, "lists", lists);
	return obj;
}

static void add_zone_json(const struct tour *t, struct json_object *obj,
			  const struct state_zone *zone)
{
	struct json_object *typed = json_object_new_object();
	struct json_object *blocks = json_object_new_object();

	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++) {
		json_object_object_add(typed, key_of_type(type),
				       orders_json(t, zone->typed[type]));
		add_number(blocks, key_of_type(type), zone->pageblocks[type]);
	}
	json_object_object_add(obj, "free_by_type", typed);
	json_object_object_add(obj, "pageblocks", blocks);
	add_number(obj, "managed", zone->managed);
	add_number(obj, "free", zone->free_exact);
	add_number(obj, "free_seen", zone->free);
	add_number(obj, "boost", zone->boost);
	add_number(obj, "highatomic", zone->highatomic);
	add_number(obj, "highatomic_free", zone->highatomic_free);
	json_object_object_add(obj, "kswapd_due",
			       json_object_new_boolean(zone->flags & STATE_KSWAPD_DUE));
}

struct json_object *tour_view_json(const struct tour *t,
				   const struct tour_view *view)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *marks = json_object_new_object();

	json_object_object_add(obj, "node", json_object_new_int(t->node));
	json_object_object_add(obj, "zone", json_object_new_string(t->zone));
	add_zone_json(t, obj, &view->zone);
	add_number(marks, "min", view->marks.min);
	add_number(marks, "low", view->marks.low);
	add_number(marks, "high", view->marks.high);
	json_object_object_add(obj, "watermarks", marks);
	json_object_object_add(obj, "pcp", cpu_json(t, &view->cpu));
	add_number(obj, "held_blocks", view->held_blocks);
	add_number(obj, "held_pages", view->held_pages);
	return obj;
}
