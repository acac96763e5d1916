// SPDX-License-Identifier: GPL-2.0
/*
 * Takes snapshots: reads files of debugfs and has them parsed.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debugfs.h"
#include "output.h"
#include "snapshot.h"

struct source {
	enum snapshot_file file;
	const char *name;
	bool optional;
	int (*parse)(struct snapshot *snap, const char *text);
};

static const struct source sources[] = {
	{ SNAPSHOT_BUDDYINFO, "buddyinfo", false, snapshot_parse_buddyinfo },
	{ SNAPSHOT_PAGETYPEINFO, "pagetypeinfo", false,
	  snapshot_parse_pagetypeinfo },
	{ SNAPSHOT_ZONEINFO, "zoneinfo", true, snapshot_parse_zoneinfo },
};

void snapshot_explain(const char *name, int err)
{
	if (err < -SNAPSHOT_BAD_LINE)
		out_error("%s: line %d is not understood", name,
			  -err - SNAPSHOT_BAD_LINE);
	else if (err)
		out_error("out of memory");
}

static int read_source(const struct options *opts, const struct source *source,
		       struct snapshot *snap)
{
	char path[PATH_MAX], *text;
	int err;

	err = debugfs_read(opts, source->name, &text);
	if (err) {
		if (!source->optional)
			debugfs_explain(opts, source->name, err);
		return source->optional ? 0 : err;
	}
	err = source->parse(snap, text);
	free(text);
	snprintf(path, sizeof(path), "%s/%s", opts->debugfs, source->name);
	snapshot_explain(path, err);
	return err;
}

int snapshot_read(const struct options *opts, unsigned int files,
		  struct snapshot *snap)
{
	int err = 0;

	memset(snap, 0, sizeof(*snap));
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (!err && (files & sources[i].file))
			err = read_source(opts, &sources[i], snap);
	if (err)
		snapshot_free(snap);
	return err;
}

void snapshot_free(struct snapshot *snap)
{
	free(snap->zones);
	memset(snap, 0, sizeof(*snap));
}
