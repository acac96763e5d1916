// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, amounts of memory and JSON, as every command prints them.
 *
 * Results go to stdout; errors and advice go to stderr, so that a pipe behind
 * mirrorctl never sees them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "output.h"

static void message(const char *prefix, const char *fmt, va_list args)
{
	fflush(stdout);
	fputs(prefix, stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

void out_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message("mirrorctl: ", fmt, args);
	va_end(args);
}

void out_hint(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message("           ", fmt, args);
	va_end(args);
}

int out_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	return errno ? -errno : -EIO;
}

int out_json(struct json_object *obj, int flags)
{
	struct json_object *whole = json_object_new_object();

	json_object_object_add(whole, "version",
			       json_object_new_int(OUT_JSON_VERSION));
	json_object_object_foreach(obj, key, value)
		json_object_object_add(whole, key, json_object_get(value));
	json_object_put(obj);
	puts(json_object_to_json_string_ext(whole, flags |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(whole);
	return out_flush();
}

const char *out_bytes(char *buf, unsigned long long bytes)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned int unit = 0;
	double value = bytes;

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	/* Whole numbers without a point, others with one digit behind it. */
	snprintf(buf, OUT_BYTES_LEN, "%.*f %s",
		 value == (unsigned long long)value ? 0 : 1, value, units[unit]);
	return buf;
}

struct json_object *out_json_hex(unsigned long long value)
{
	char text[20];

	snprintf(text, sizeof(text), "%#llx", value);
	return json_object_new_string(text);
}
