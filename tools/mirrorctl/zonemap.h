/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Zones as a picture: one letter for each pageblock, where it lies.
 */
#ifndef MIRRORCTL_ZONEMAP_H
#define MIRRORCTL_ZONEMAP_H

#include <stdio.h>

#include <json-c/json.h>

/**
 * zonemap_draw() - draw all zones
 * @out: where to
 * @state: the whole text of debugfs "state"
 * @columns: how wide the picture may be
 *
 * Return: 0, -ENOMEM, or -EPROTO where the text is not what "state" prints;
 * then nothing was drawn.
 */
int zonemap_draw(FILE *out, const char *state, unsigned int columns);

/**
 * zonemap_json() - all zones with their pageblocks
 * @state: the whole text of debugfs "state"
 * @obj: answer: for each zone the pages of a pageblock, and of each pageblock
 *	in order its type, null for a hole, and its free pages
 *
 * Return: 0, -ENOMEM, or -EPROTO where the text is not what "state" prints;
 * then there is no answer.
 */
int zonemap_json(const char *state, struct json_object **obj);

#endif
