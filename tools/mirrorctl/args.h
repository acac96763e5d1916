/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all commands do alike with their command line: one way to read a number,
 * one to refuse what is not understood.
 */
#ifndef MIRRORCTL_ARGS_H
#define MIRRORCTL_ARGS_H

#include <stddef.h>

#include "mirrorctl.h"

/* Whoever waits longer than that wants no end. */
#define ARGS_MAX_SECONDS	1000000
#define ARGS_MAX_COUNT		1000000

/**
 * args_parse() - argp_parse(), which says more of an unknown option
 * @argp: the parser
 * @argc: number of words
 * @argv: the words; the first is the command's full name
 * @flags: ARGP_*
 * @input: the parser's
 *
 * A word that is no option ends the program with EXIT_BAD_USAGE, and names the
 * option that is nearest to it and all that there are.
 *
 * Return: what argp_parse() returns.
 */
error_t args_parse(const struct argp *argp, int argc, char **argv,
		   unsigned int flags, void *input);

/**
 * args_parse_none() - parser of a command that has no option of its own
 * @key: from argp
 * @arg: likewise
 * @state: likewise; its input is the struct options
 *
 * Return: 0, or ARGP_ERR_UNKNOWN. A word that is no option ends the program.
 */
error_t args_parse_none(int key, char *arg, struct argp_state *state);

/**
 * args_number() - the value of an option, as number_parse() reads it
 * @state: for the refusal, which ends the program
 * @option: whose value it is: "--count"
 * @text: the value
 * @least: smallest that is taken
 * @most: largest that is taken
 *
 * Return: the number.
 */
unsigned long long args_number(struct argp_state *state, const char *option,
			       const char *text, unsigned long long least,
			       unsigned long long most);

/**
 * args_seconds() - a time, which may have a fraction
 * @state: for the refusal, which ends the program
 * @option: whose value it is: "--hold"
 * @text: the value
 * @least: smallest that is taken; the largest is ARGS_MAX_SECONDS
 *
 * Return: the seconds.
 */
double args_seconds(struct argp_state *state, const char *option,
		    const char *text, double least);

/**
 * args_env_number() - a number in the environment
 * @name: of the variable
 * @most: largest that is taken; the smallest is 1
 * @fallback: for a variable that is not set, or is no such number
 *
 * Return: the number.
 */
unsigned int args_env_number(const char *name, unsigned int most,
			     unsigned int fallback);

/**
 * args_nearest() - the name that a mistyped word was meant to be
 * @word: the word
 * @names: all that there are
 * @nr: how many
 *
 * Return: a name that begins with @word, or one that is at most a third of its
 * letters away from it, whatever the case; else NULL.
 */
const char *args_nearest(const char *word, const char *const *names, size_t nr);

/**
 * args_unknown() - refuse a name: say the nearest and all that there are
 * @state: the refusal ends the program
 * @what: what it should have been: "no allocation flag"
 * @word: the name
 * @names: all that there are
 * @nr: how many
 */
void args_unknown(struct argp_state *state, const char *what, const char *word,
		  const char *const *names, size_t nr);

/**
 * args_size() - an amount of memory: "64M", "4KiB"
 * @text: a number and a unit, K, M, G or T, with or without B or iB behind it
 * @bytes: answer
 *
 * Return: true where @text is one; a number without a unit is none.
 */
bool args_size(const char *text, unsigned long long *bytes);

#endif
