// SPDX-License-Identifier: GPL-2.0
/*
 * Who has a range, by /proc/iomem: for messages only.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "region.h"

/**
 * struct line - an entry of /proc/iomem
 * @start: first byte
 * @end: last byte
 * @name: who
 */
struct line {
	unsigned long long start;
	unsigned long long end;
	char name[64];
};

static bool parse_line(const char *text, struct line *line)
{
	return sscanf(skip_spaces(text), "%llx-%llx : %63[^\n]", &line->start,
		      &line->end, line->name) == 3;
}

/*
 * What begins or ends inside of the range is in its way. Of those around it the
 * innermost says most; it stands last.
 */
static bool is_in_the_way(const struct line *line, const struct mirror_span *s)
{
	return line->start > s->start || line->end < mirror_span_end(s) - 1;
}

static void find_owner(char *text, const struct mirror_span *s,
		       struct mirror_user_name *owner)
{
	struct line line;
	char *at;

	while ((at = strsep(&text, "\n"))) {
		if (!parse_line(at, &line) || line.end < s->start ||
		    line.start >= mirror_span_end(s))
			continue;
		snprintf(owner->s, sizeof(owner->s), "%s [mem %#llx-%#llx]",
			 line.name, line.start, line.end);
		if (is_in_the_way(&line, s))
			return;
	}
}

/**
 * mirror_iomem_owner - find who keeps a range from being requested
 * @s: the range
 * @owner: gets the name and the addresses, or a pointer to where to look
 *
 * Context: Process context; may sleep.
 */
void mirror_iomem_owner(const struct mirror_span *s, struct mirror_user_name *owner)
{
	char *text;

	strscpy(owner->s, "/proc/iomem says which", sizeof(owner->s));
	if (mirror_host_read("proc", "iomem", &text))
		return;
	find_owner(text, s, owner);
	kvfree(text);
}
