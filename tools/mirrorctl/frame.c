// SPDX-License-Identifier: GPL-2.0
/*
 * One frame of "watch" as JSON.
 */
#include <stdio.h>
#include <time.h>

#include "frame.h"
#include "names.h"

static void add_number(struct json_object *obj, const char *key,
		       unsigned long long value)
{
	json_object_object_add(obj, key, json_object_new_uint64(value));
}

static struct json_object *counts_to_json(const unsigned long long *counts,
					  unsigned int nr)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < nr; i++)
		json_object_array_add(list, json_object_new_uint64(counts[i]));
	return list;
}

static struct json_object *types_to_json(const struct zone_snapshot *zone,
					 unsigned int types)
{
	struct json_object *obj = json_object_new_object();

	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		if (types & (1u << type))
			json_object_object_add(obj, key_of_type(type),
					       counts_to_json(zone->typed[type],
							      zone->nr_orders));
	return obj;
}

static struct json_object *pageblocks_to_json(const struct zone_snapshot *zone,
					      unsigned int types)
{
	struct json_object *obj = json_object_new_object();

	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		if (types & (1u << type))
			add_number(obj, key_of_type(type),
				   zone->pageblocks[type]);
	return obj;
}

static void add_zoneinfo(struct json_object *obj,
			 const struct zone_snapshot *zone)
{
	struct json_object *marks = json_object_new_object();

	add_number(obj, "pages", zone->nr_free);
	add_number(obj, "pcp_pages", zone->pcp);
	add_number(obj, "managed", zone->managed);
	add_number(marks, "boost", zone->boost);
	add_number(marks, "min", zone->min);
	add_number(marks, "low", zone->low);
	add_number(marks, "high", zone->high);
	add_number(marks, "promo", zone->promo);
	json_object_object_add(obj, "watermarks", marks);
}

static struct json_object *zone_to_json(const struct snapshot *snap,
					const struct zone_snapshot *zone)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "node", json_object_new_int(zone->node));
	json_object_object_add(obj, "zone", json_object_new_string(zone->name));
	json_object_object_add(obj, "free",
			       counts_to_json(zone->free, zone->nr_orders));
	json_object_object_add(obj, "free_by_type",
			       types_to_json(zone, snap->types));
	json_object_object_add(obj, "capped",
			       json_object_new_boolean(zone->capped));
	json_object_object_add(obj, "pageblocks",
			       pageblocks_to_json(zone, snap->types));
	if (snap->have_zoneinfo)
		add_zoneinfo(obj, zone);
	return obj;
}

struct json_object *frame_to_json(const struct snapshot *snap,
				  const struct picture_choice *choice)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *zones = json_object_new_array();
	struct timespec now;
	char time[32];

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(time, sizeof(time), "%lld.%03ld", (long long)now.tv_sec,
		 now.tv_nsec / 1000000);
	json_object_object_add(obj, "time", json_object_new_double_s(0, time));
	for (size_t i = 0; i < snap->nr; i++)
		if (picture_shows(choice, &snap->zones[i]))
			json_object_array_add(zones,
					      zone_to_json(snap,
							   &snap->zones[i]));
	json_object_object_add(obj, "zones", zones);
	return obj;
}
