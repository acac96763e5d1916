// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal: what it can show, and a picture on it that changes.
 *
 * A live picture is drawn on the alternate screen, so that what was there
 * before comes back. Signals arrive on a descriptor and not in a handler:
 * whatever ends the program, it passes term_close().
 */
#include <ctype.h>
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

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* As the terminfo database names them: DEC's of old, and what says so itself. */
static bool is_monochrome(const char *type)
{
	return (!strncmp(type, "vt", 2) && type[2] >= '0' && type[2] <= '9') ||
	       ends_in(type, "-m") || ends_in(type, "-mono");
}

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *type = getenv("TERM");

	return is_terminal() && !(no_color && *no_color) &&
	       !(type && is_monochrome(type));
}

static unsigned int count_colors(void)
{
	const char *more = getenv("COLORTERM"), *type = getenv("TERM");

	if (more && (!strcmp(more, "truecolor") || !strcmp(more, "24bit")))
		return 1 << 24;
	return type && strstr(type, "256color") ? 256 : 8;
}

/* @fd is the descriptor that they arrive on so far, or -1. */
static int catch_signals(int fd, bool stop)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	if (stop)
		sigaddset(&set, SIGTSTP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	fd = signalfd(fd, &set, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int term_open(struct term *term, bool live)
{
	memset(term, 0, sizeof(*term));
	term->color = wants_color();
	term->colors = count_colors();
	term->unicode = locale_is_utf8();
	term->live = live && is_terminal();
	measure(term);
	term->signals = catch_signals(-1, false);
	if (term->signals < 0)
		return term->signals;
	if (term->live)
		fputs(ENTER_PICTURE, stdout);
	return 0;
}

/* What is typed no longer shows, and does not wait for Enter. */
static bool single_keys(struct term *term)
{
	struct termios modes = term->modes;

	modes.c_lflag &= ~(ICANON | ECHO);
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	return !tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

bool term_take_keys(struct term *term)
{
	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &term->modes))
		return false;
	term->keys = single_keys(term);
	/* Ctrl-Z is an event as well: the shell gets its terminal back as it was. */
	if (term->keys)
		catch_signals(term->signals, true);
	return term->keys;
}

static void stop_here(struct term *term)
{
	if (term->live)
		fputs(LEAVE_PICTURE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term->modes);
	raise(SIGSTOP);
	single_keys(term);
	if (term->live)
		fputs(ENTER_PICTURE, stdout);
	measure(term);
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

/* Returns whether there was an event; the answer is in @event. */
static bool take_signal(struct term *term, enum term_event *event)
{
	struct signalfd_siginfo info;

	if (read(term->signals, &info, sizeof(info)) != sizeof(info))
		return false;
	*event = TERM_RESIZED;
	if (info.ssi_signo == SIGTSTP)
		stop_here(term);
	else if (info.ssi_signo == SIGWINCH)
		measure(term);
	else
		*event = TERM_QUIT;
	return true;
}

/* What arrows and the like send begins with an escape, and means nothing here. */
static bool take_key(struct term *term)
{
	unsigned char keys[16];
	ssize_t len = read(STDIN_FILENO, keys, 1);

	if (len <= 0) {
		/* A terminal that went away would be ready for ever. */
		term->keys = len < 0 && errno == EINTR;
		return false;
	}
	if (keys[0] == '\033') {
		struct pollfd more = { .fd = STDIN_FILENO, .events = POLLIN };

		if (poll(&more, 1, 20) > 0 &&
		    read(STDIN_FILENO, keys, sizeof(keys)) < 0)
			term->keys = false;
		return false;
	}
	term->key = tolower(keys[0]);
	return true;
}

enum term_event term_wait(struct term *term, double seconds)
{
	struct pollfd waiting[] = {
		{ .fd = term->signals, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	double end = now() + seconds;
	enum term_event event;
	double left;

	for (left = seconds; left > 0; left = end - now()) {
		int ms = left > 3600 ? 3600 * 1000 : (int)(left * 1000) + 1;

		if (poll(waiting, term->keys ? 2 : 1, ms) <= 0)
			continue;
		if (waiting[0].revents && take_signal(term, &event))
			return event;
		if (term->keys && waiting[1].revents && take_key(term))
			return TERM_KEY;
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
	if (term->keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &term->modes);
	close(term->signals);
}
