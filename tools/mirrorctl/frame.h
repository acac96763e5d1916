/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One frame of "watch" as JSON.
 */
#ifndef MIRRORCTL_FRAME_H
#define MIRRORCTL_FRAME_H

#include <json-c/json.h>

#include "picture.h"

/**
 * frame_to_json() - all zones that are to be shown, each for itself
 * @snap: with all files
 * @choice: which
 *
 * Return: a new object.
 */
struct json_object *frame_to_json(const struct snapshot *snap,
				  const struct picture_choice *choice);

#endif
