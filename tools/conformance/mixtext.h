/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mixes as text: a mix's name, then the fields that are to be different.
 *
 *   full+comp=90+order=0/0/0/5+goal=900/1000
 *
 * It has no blanks and nothing that a shell replaces, so that it goes through
 * scripts and into a guest as it is.
 */
#ifndef CONFORMANCE_MIXTEXT_H
#define CONFORMANCE_MIXTEXT_H

#include <stdio.h>

#include "mixes.h"

/*
 * Makes @mix what @text says; it then refers to @text. Where a field is there
 * twice, the last one counts. NULL, or what is wrong, to be freed.
 */
char *mix_parse(struct mix *mix, const char *text);
/* All fields of a mix, each with its '+'; to be freed. */
char *mix_fields(const struct mix *mix);
/* The fields that there are, a line or more for each. */
void mix_explain_fields(FILE *out);
/* Every mix as a line that mix_parse() takes back. */
void mix_list(FILE *out);

#endif /* CONFORMANCE_MIXTEXT_H */
