// SPDX-License-Identifier: GPL-2.0
/*
 * The colour of each migratetype on a terminal: as in the pictures where it can show
 * any colour, the nearest of its 256 or its 8 otherwise.
 */
#include <stdio.h>

#include <linux/mirror_mm.h>

#include "mirrorctl.h"
#include "palette.h"

/* The second is the nearest of a terminal's eight, as its escape sequence has it. */
static const struct {
	unsigned int rgb;
	unsigned int ansi;
} colors[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = { PALETTE_UNMOVABLE, 31 },
	[MIRROR_MIGRATE_MOVABLE] = { PALETTE_MOVABLE, 34 },
	[MIRROR_MIGRATE_RECLAIMABLE] = { PALETTE_RECLAIMABLE, 33 },
	[MIRROR_MIGRATE_HIGHATOMIC] = { PALETTE_HIGHATOMIC, 35 },
	[MIRROR_MIGRATE_CMA] = { PALETTE_CMA, 36 },
	[MIRROR_MIGRATE_ISOLATE] = { PALETTE_ISOLATE, 32 },
};

/* Of the cube of 6 * 6 * 6 colours, whose steps are 0, 95, 135, 175, 215, 255. */
static unsigned int cube_step(unsigned int value)
{
	if (value < 48)
		return 0;
	return value < 115 ? 1 : (value - 35) / 40;
}

static void make(char *text, size_t len, const struct term *term, int type)
{
	unsigned int rgb = colors[type].rgb;
	unsigned int red = rgb >> 16, green = rgb >> 8 & 0xff, blue = rgb & 0xff;

	if (term->colors > 256)
		snprintf(text, len, "\033[38;2;%u;%u;%um", red, green, blue);
	else if (term->colors == 256)
		snprintf(text, len, "\033[38;5;%um", 16 + 36 * cube_step(red) +
			 6 * cube_step(green) + cube_step(blue));
	else
		snprintf(text, len, "\033[%um", colors[type].ansi);
}

const char *palette_on(const struct term *term, int type)
{
	static char texts[MIRROR_MIGRATE_TYPES][24];

	if (!term->color)
		return "";
	if (type < 0 || type >= MIRROR_MIGRATE_TYPES)
		return "\033[1m";
	make(texts[type], sizeof(texts[type]), term, type);
	return texts[type];
}

const char *palette_bold(const struct term *term)
{
	return palette_on(term, -1);
}

const char *palette_off(const struct term *term)
{
	return term->color ? "\033[0m" : "";
}
