// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the sequences made every rule fire often enough for "equal" to mean
 * something.
 */
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "sequence.h"
#include "util.h"

static bool is_excepted(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	while (at && *at) {
		size_t word = strcspn(at, ",");

		if (word == len && !strncmp(at, name, len))
			return true;
		at += word + (at[word] == ',');
	}
	return false;
}

static bool too_few(const char *side, unsigned int event, uint64_t nr,
		    unsigned int least)
{
	/* What this side cannot see is the other one's to show. */
	if (nr == CONF_UNSEEN || nr >= least)
		return false;
	printf("too few: %s %s %llu, at least %u\n", side, event_name(event),
	       (unsigned long long)nr, least);
	return true;
}

void coverage_check_names(const char *list)
{
	const char *at = list;

	while (at && *at) {
		size_t len = strcspn(at, ",");
		unsigned int i;

		for (i = 0; i < CONF_NR_EVENTS; i++)
			if (strlen(event_name(i)) == len &&
			    !strncmp(event_name(i), at, len))
				break;
		if (i == CONF_NR_EVENTS)
			die("--except-events: no event \"%.*s\"; a run ends with their table",
			    (int)len, at);
		at += len + (at[len] == ',');
	}
}

bool coverage_is_enough(const struct session *s, unsigned int least,
			const char *except)
{
	bool enough = true;
	unsigned int i;

	for (i = 0; i < CONF_NR_EVENTS; i++) {
		if (is_excepted(except, event_name(i)))
			continue;
		enough &= !too_few("reference", i, s->ref_events.nr[i], least);
		enough &= !too_few("mirror", i, s->mirror_events.nr[i], least);
	}
	return enough;
}
