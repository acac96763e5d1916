/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal: what it can show, and a picture on it that changes.
 */
#ifndef MIRRORCTL_TERM_H
#define MIRRORCTL_TERM_H

#include <stdbool.h>
#include <termios.h>

/**
 * struct term - where frames go
 * @live: each frame takes the place of the one before
 * @color: escape sequences for colours are welcome
 * @colors: how many colours it has: 8, 256 or more
 * @unicode: glyphs beyond ASCII are welcome
 * @cols: width
 * @rows: height
 * @signals: descriptor on which SIGINT and the like arrive
 * @keys: single keys are read from stdin
 * @key: the last one, in lower case
 * @modes: of stdin, as they were before it gave single keys
 */
struct term {
	bool live;
	bool color;
	unsigned int colors;
	bool unicode;
	unsigned int cols;
	unsigned int rows;
	int signals;
	bool keys;
	int key;
	struct termios modes;
};

/**
 * term_width() - how wide stdout is
 *
 * Return: columns; $COLUMNS, or 80, where it does not tell.
 */
unsigned int term_width(void);

enum term_event {
	TERM_TIME_OVER,
	TERM_RESIZED,
	TERM_KEY,
	TERM_QUIT,
};

/**
 * term_open() - look at stdout and get ready
 * @term: answer
 * @live: frames shall replace each other, where stdout can do that
 *
 * From here on, signals that ask to quit are events of term_wait().
 *
 * Return: 0 or -errno.
 */
int term_open(struct term *term, bool live);

/**
 * term_take_keys() - let single keys be events of term_wait()
 * @term: from term_open()
 *
 * Return: false, with nothing changed, where stdin is no terminal, or that of another
 * job.
 */
bool term_take_keys(struct term *term);

/**
 * term_show() - bring one frame out
 * @term: where
 * @text: lines; cut to the height where frames replace each other
 *
 * Return: 0, or -errno when stdout does not take it.
 */
int term_show(const struct term *term, const char *text);

/**
 * term_wait() - let time pass
 * @term: measured anew when it was resized; tells which key was pressed
 * @seconds: how long
 *
 * Return: what ended the wait.
 */
enum term_event term_wait(struct term *term, double seconds);

/**
 * term_close() - leave the terminal as it was
 * @term: from term_open()
 * @last: frame that stays visible, or NULL
 */
void term_close(struct term *term, const char *last);

#endif
