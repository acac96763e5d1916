// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal: what it can show, and a picture on it that changes.
 *
 * A live picture is drawn on the alternate screen, so that what was there
 * before comes back. Signals arrive on a descriptor and not in a handler:
 * whatever ends the program, it passes term_close().
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "output.h"
#include "term.h"

/* Without line wrap: what is too wide is cut off. */
#define ENTER_PICTURE	"\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE_PICTURE	"\033[?7h\033[?25h\033[?1049l"
#define TO_TOP		"\033[H"
#define CLEAR_LINE	"\033[K"
#define CLEAR_BELOW	"\033[J"

/* A serial console answers, but knows no size. */
unsigned int term_width(void)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return size.ws_col ? size.ws_col : args_env_number("COLUMNS", 10000, 80);
}

static void measure(struct term *term)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	term->cols = term_width();
	term->rows = size.ws_row ? size.ws_row : args_env_number("LINES", 10000, 24);
}

/* By the variables: a static binary finds no locales in a small guest. */
static bool locale_is_utf8(void)
{
	static const char * const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
	}
	return false;
}

static bool is_terminal(void)
{
	const char *type = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(type && !strcmp(type, "dumb"));
}

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return is_terminal() && !(no_color && *no_color);
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int term_open(struct term *term, bool live)
{
	memset(term, 0, sizeof(*term));
	term->color = wants_color();
	term->unicode = locale_is_utf8();
	term->live = live && is_terminal();
	measure(term);
	term->signals = catch_signals();
	if (term->signals < 0)
		return -errno;
	if (term->live)
		fputs(ENTER_PICTURE, stdout);
	return 0;
}

static void show_live(const struct term *term, const char *text)
{
	fputs(TO_TOP, stdout);
	for (unsigned int row = 0; *text && row < term->rows; row++) {
		size_t len = strcspn(text, "\n");

		/* A newline on the last row would scroll. */
		printf("%s%.*s" CLEAR_LINE, row ? "\r\n" : "", (int)len, text);
		text += len;
		text += *text == '\n';
	}
	fputs(CLEAR_BELOW, stdout);
}

int term_show(const struct term *term, const char *text)
{
	if (term->live)
		show_live(term, text);
	else
		fputs(text, stdout);
	return out_flush();
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

enum term_event term_wait(struct term *term, double seconds)
{
	struct pollfd waiting = { .fd = term->signals, .events = POLLIN };
	double end = now() + seconds;
	struct signalfd_siginfo info;
	double left;

	for (left = seconds; left > 0; left = end - now()) {
		int ms = left > 3600 ? 3600 * 1000 : (int)(left * 1000) + 1;

		if (poll(&waiting, 1, ms) <= 0)
			continue;
		if (read(term->signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGWINCH)
			return TERM_QUIT;
		measure(term);
		return TERM_RESIZED;
	}
	return TERM_TIME_OVER;
}

void term_close(struct term *term, const char *last)
{
	if (term->live) {
		fputs(LEAVE_PICTURE, stdout);
		if (last)
			fputs(last, stdout);
		fflush(stdout);
	}
	close(term->signals);
}
