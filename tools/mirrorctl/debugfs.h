/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's files in debugfs.
 */
#ifndef MIRRORCTL_DEBUGFS_H
#define MIRRORCTL_DEBUGFS_H

#include <stdbool.h>

#include "mirrorctl.h"

/**
 * debugfs_read() - the whole text of one file
 * @opts: names the folder
 * @name: of the file
 * @text: answer, to be freed by the caller
 *
 * Return: 0 or -errno; silent, see debugfs_explain().
 */
int debugfs_read(const struct options *opts, const char *name, char **text);

/**
 * debugfs_write() - write a text to one file, in one call
 * @opts: names the folder
 * @name: of the file
 * @text: what to write
 *
 * Return: 0 or -errno; silent.
 */
int debugfs_write(const struct options *opts, const char *name,
		  const char *text);

/**
 * debugfs_reason() - why a file of debugfs could not be used, and the way out
 * @opts: names the folder
 * @err: what debugfs_read() or debugfs_write() returned
 *
 * Return: a clause for the end of a sentence.
 */
const char *debugfs_reason(const struct options *opts, int err);

/**
 * lockdown_is_on() - does the kernel's file about it say so?
 * @text: of securityfs "lockdown": "none [integrity] confidentiality"
 *
 * Return: true where any mode but "none" is chosen.
 */
bool lockdown_is_on(const char *text);

/**
 * debugfs_explain() - say on stderr that a file could not be used, and why
 * @opts: names the folder
 * @name: of the file
 * @err: what debugfs_read() or debugfs_write() returned
 */
void debugfs_explain(const struct options *opts, const char *name, int err);

#endif
