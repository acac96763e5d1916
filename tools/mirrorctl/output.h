/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages, amounts of memory and JSON, as every command prints them.
 */
#ifndef MIRRORCTL_OUTPUT_H
#define MIRRORCTL_OUTPUT_H

#include <json-c/json.h>

#include "mirrorctl.h"

/**
 * out_error() - say on stderr what went wrong
 * @fmt: one line without its end, as for printf()
 */
void out_error(const char *fmt, ...) __printf(1, 2);

/**
 * out_hint() - say on stderr what the user can do about it
 * @fmt: one line without its end, as for printf()
 */
void out_hint(const char *fmt, ...) __printf(1, 2);

/* Goes up when a reader of the JSON has to change, not when something is added. */
#define OUT_JSON_VERSION	1

/**
 * out_json() - print an object on stdout, with a version, and drop it
 * @obj: the object; the caller's reference ends here
 * @flags: JSON_C_TO_STRING_*; JSON_C_TO_STRING_PLAIN gives one line
 *
 * Return: 0, or -errno when stdout does not take it.
 */
int out_json(struct json_object *obj, int flags);

/**
 * out_flush() - bring out what was printed so far
 *
 * Return: 0, or -errno when stdout did not take it all.
 */
int out_flush(void);

/* Room for any text of out_bytes(). */
#define OUT_BYTES_LEN	24

/**
 * out_bytes() - an amount of memory for people: "4 KiB", "1.5 GiB"
 * @buf: at least OUT_BYTES_LEN bytes
 * @bytes: the amount
 *
 * Return: @buf.
 */
const char *out_bytes(char *buf, unsigned long long bytes);

/**
 * out_json_hex() - a 64-bit value as a JSON string
 * @value: an id or an offset
 *
 * Many JSON readers keep numbers as doubles and lose bits above 2^53, which an
 * id must not; so it travels as the text that the command line takes, too.
 *
 * Return: a new string object.
 */
struct json_object *out_json_hex(unsigned long long value);

#endif
