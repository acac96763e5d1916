/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loads that must be refused: with the errno that fits, one line in the log that
 * says what was wrong, and nothing left behind.
 */
#ifndef SELFTEST_REFUSE_H
#define SELFTEST_REFUSE_H

#include "load.h"

/* The parameters made by printf(). */
static __printf(1, 2) const char *params(const char *format, ...)
{
	static char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

#define HEX(x)	((unsigned long long)(x))

/* What the log has to say: one line of ours at pr_err's level, with @word. */
static void expect_one_line(struct __test_metadata *_metadata,
			    struct st_log *log, const char *word)
{
	unsigned int lines = 0;
	char text[1024];
	int level;

	while (st_log_next(log, &level, text, sizeof(text))) {
		if (level > 3)
			continue;
		lines++;
		EXPECT_EQ(3, level);
		EXPECT_EQ(0, strncmp(text, "mirror_mm: ", 11));
		EXPECT_NE(NULL, strstr(text, word)) {
			TH_LOG("no '%s' in '%s'", word, text);
		}
	}
	EXPECT_EQ(1, lines);
}

static void refused(struct __test_metadata *_metadata,
		    const struct st_before *before, const char *parameters,
		    int error, const char *word)
{
	struct st_log log;

	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(error, st_insmod("mirror_mm", parameters)) {
		TH_LOG("%s", parameters);
	}
	expect_one_line(_metadata, &log, word);
	st_log_close(&log);
	st_expect_gone(_metadata, before);
}

/* The parameters come last, as for printf(). */
#define REFUSED(error, word, ...)					\
	refused(_metadata, &self->before, params(__VA_ARGS__), error, word)

#endif /* SELFTEST_REFUSE_H */
