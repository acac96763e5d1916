// SPDX-License-Identifier: GPL-2.0
/*
 * What is said when something is wrong, before the program ends.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "model.h"

static void (*print_history)(void *arg);
static void *history_arg;

/**
 * fuzz_set_history - say how to print what led to a fault
 * @print: prints it on stderr
 * @arg: for @print
 */
void fuzz_set_history(void (*print)(void *arg), void *arg)
{
	print_history = print;
	history_arg = arg;
}

/**
 * fuzz_found - something is wrong
 * @fmt: what
 *
 * abort() tells libFuzzer to keep the input.
 */
void fuzz_found(const char *fmt, ...)
{
	va_list args;

	if (print_history)
		print_history(history_arg);
	fputs("FOUND: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
