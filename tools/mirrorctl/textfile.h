/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole files of text, from debugfs, sysfs or /proc.
 */
#ifndef MIRRORCTL_TEXTFILE_H
#define MIRRORCTL_TEXTFILE_H

/**
 * textfile_read() - the whole text of one file
 * @path: of the file
 * @text: answer, to be freed by the caller
 *
 * Return: 0 or -errno; silent.
 */
int textfile_read(const char *path, char **text);

#endif
