// SPDX-License-Identifier: GPL-2.0
/*
 * Free memory as a picture: one bar for each order, stacked by migratetype.
 *
 * The largest order is on top: a split is seen to fall down the rows and a
 * merge to climb up. One block of order 10 has as many pages as 1024 of order
 * 0, so bars in proportion would hide all small orders; by default a bar's
 * length is the logarithm of its pages. What splits it by type is in
 * proportion, but a type that is there gets one cell at least.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "names.h"
#include "output.h"
#include "palette.h"
#include "picture.h"
#include "words.h"

/* Columns of a row before its bar, and behind it for the counts by type. */
#define COLS_BEFORE	36
#define COLS_BEHIND	18
#define COLS_BAR_MIN	12
#define COLS_BAR_MAX	120

struct type_look {
	const char *glyph;
	char ascii;
};

static const struct type_look looks[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = { "▓", '=' },
	[MIRROR_MIGRATE_MOVABLE] = { "█", '#' },
	[MIRROR_MIGRATE_RECLAIMABLE] = { "▒", '+' },
	[MIRROR_MIGRATE_HIGHATOMIC] = { "░", '!' },
	[MIRROR_MIGRATE_CMA] = { "▚", '%' },
	[MIRROR_MIGRATE_ISOLATE] = { "▞", '-' },
};

/* With colours, the colour alone tells the type. */
static void put_cells(FILE *out, const struct term *term, unsigned int type,
		      unsigned int cells)
{
	if (cells)
		fputs(palette_on(term, type), out);
	for (unsigned int i = 0; i < cells; i++) {
		if (term->unicode)
			fputs(term->color ? "█" : looks[type].glyph, out);
		else
			fputc(term->color ? '#' : looks[type].ascii, out);
	}
	if (cells)
		fputs(palette_off(term), out);
}

bool picture_shows(const struct picture_choice *choice,
		   const struct zone_snapshot *zone)
{
	if (!zone->nr_orders)
		return false;
	if (choice->node >= 0 && choice->node != zone->node)
		return false;
	return !choice->zone || !strcasecmp(choice->zone, zone->name);
}

static void add_zone(struct picture *pic, const struct zone_snapshot *zone)
{
	if (!pic->zones++)
		snprintf(pic->label, sizeof(pic->label), "node %d, zone %s",
			 zone->node, zone->name);
	else
		snprintf(pic->label, sizeof(pic->label), "%u zones together",
			 pic->zones);
	if (zone->nr_orders > pic->nr_orders)
		pic->nr_orders = zone->nr_orders;
	for (unsigned int order = 0; order < zone->nr_orders; order++) {
		pic->blocks[order] += zone->free[order];
		pic->total += zone->free[order] << order;
		for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
			pic->typed[type][order] += zone->typed[type][order];
	}
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		pic->pageblocks[type] += zone->pageblocks[type];
	pic->capped |= zone->capped;
	pic->scale += zone->managed;
	pic->listed += zone->pcp;
	pic->boost += zone->boost;
}

bool picture_make(struct picture *pic, const struct snapshot *snap,
		  const struct picture_choice *choice)
{
	memset(pic, 0, sizeof(*pic));
	pic->types = snap->types;
	for (size_t i = 0; i < snap->nr; i++)
		if (picture_shows(choice, &snap->zones[i]))
			add_zone(pic, &snap->zones[i]);
	if (pic->scale < pic->total)
		pic->scale = pic->total;
	return pic->zones;
}

static unsigned int bar_width(const struct term *term)
{
	unsigned int used = COLS_BEFORE + COLS_BEHIND + 1;

	if (term->cols < used + COLS_BAR_MIN)
		return COLS_BAR_MIN;
	return term->cols - used < COLS_BAR_MAX ? term->cols - used :
						  COLS_BAR_MAX;
}

static unsigned int bar_cells(unsigned long long pages,
			      const struct picture *pic, unsigned int width,
			      bool linear)
{
	double part = linear ? (double)pages / pic->scale :
			       log2(pages + 1.0) / log2(pic->scale + 1.0);

	return (unsigned int)(part * width + 0.5);
}

static unsigned int largest(const unsigned int *cells)
{
	unsigned int best = 0;

	for (unsigned int type = 1; type < MIRROR_MIGRATE_TYPES; type++)
		if (cells[type] > cells[best])
			best = type;
	return best;
}

/* In proportion, but one cell at least for what is there at all. */
static void share_cells(const unsigned long long *blocks, unsigned int width,
			unsigned int *cells)
{
	unsigned long long sum = 0;
	unsigned int used = 0;

	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		sum += blocks[type];
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++) {
		cells[type] = sum ? blocks[type] * width / sum : 0;
		cells[type] += blocks[type] && !cells[type];
		used += cells[type];
	}
	for (; sum && used < width; used++)
		cells[largest(cells)]++;
	for (; used > width && cells[largest(cells)] > 1; used--)
		cells[largest(cells)]--;
}

static void draw_bar(FILE *out, const struct term *term,
		     const struct picture *pic, unsigned int order,
		     unsigned int width, bool linear)
{
	unsigned long long blocks[MIRROR_MIGRATE_TYPES];
	unsigned int cells[MIRROR_MIGRATE_TYPES], used = 0;

	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		blocks[type] = pic->typed[type][order];
	share_cells(blocks, bar_cells(pic->blocks[order] << order, pic, width,
				      linear), cells);
	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++) {
		put_cells(out, term, type, cells[type]);
		used += cells[type];
	}
	if (used)
		fprintf(out, "%*s", used < width ? (int)(width - used) : 0, "");
}

/* "U3 M60": how many of the blocks are of which type. */
static void draw_counts(FILE *out, const struct term *term,
			const struct picture *pic, unsigned int order)
{
	unsigned int room = COLS_BEHIND;

	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++) {
		char text[24];
		unsigned int len;

		if (!pic->typed[type][order])
			continue;
		len = snprintf(text, sizeof(text), " %c%llu",
			       words_type(type)[0], pic->typed[type][order]);
		if (len > room)
			break;
		room -= len;
		fprintf(out, "%s%s%s", palette_on(term, type), text,
			palette_off(term));
	}
}

static void draw_order(FILE *out, const struct term *term,
		       const struct picture *pic, const struct picture *before,
		       unsigned int order, bool linear)
{
	char size[OUT_BYTES_LEN], change[24] = "";
	long page = sysconf(_SC_PAGESIZE);

	if (before && before->blocks[order] != pic->blocks[order])
		snprintf(change, sizeof(change), "%+lld",
			 (long long)(pic->blocks[order] -
				     before->blocks[order]));
	fprintf(out, "%5u %8s %7llu %-5s %6llu ", order,
		out_bytes(size, (unsigned long long)page << order),
		pic->blocks[order], change, pic->blocks[order] << order);
	draw_bar(out, term, pic, order, bar_width(term), linear);
	if (term->cols >= COLS_BEFORE + COLS_BEHIND + COLS_BAR_MIN)
		draw_counts(out, term, pic, order);
	fputc('\n', out);
}

static void draw_head(FILE *out, const struct picture_frame *frame)
{
	const struct picture *pic = frame->pic;
	char size[OUT_BYTES_LEN], clock[16];
	time_t now = time(NULL);

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	fprintf(out, "mirror_mm  %s  %llu pages free (%s)  %s\n%s", pic->label,
		pic->total, out_bytes(size, pic->total * sysconf(_SC_PAGESIZE)),
		clock, frame->line);
	fprintf(out, "%s%5s %8s %7s %-5s %6s %s%s\n", palette_bold(frame->term),
		"ORDER", "BLOCK", "FREE", "", "PAGES",
		frame->choice->linear ? "in proportion to pages" :
		"one step longer: twice the pages", palette_off(frame->term));
}

static void draw_type(FILE *out, const struct term *term,
		      const struct picture *pic, unsigned int type)
{
	unsigned long long pages = 0;

	for (unsigned int order = 0; order < pic->nr_orders; order++)
		pages += pic->typed[type][order] << order;
	/* The unusual types only while there is something to tell. */
	if (type > MIRROR_MIGRATE_RECLAIMABLE && !pages &&
	    !pic->pageblocks[type])
		return;
	fputs("  ", out);
	put_cells(out, term, type, 2);
	fprintf(out, " %-11s %9llu free pages %s%5llu pageblocks\n",
		words_type(type), pages, pic->capped ? "or more " : "",
		pic->pageblocks[type]);
}

static const char *pressure(const struct zone_snapshot *zone)
{
	if (zone->nr_free > zone->high)
		return "above high: at ease";
	if (zone->nr_free > zone->low)
		return "below high: getting short";
	if (zone->nr_free > zone->min)
		return "below low: reclaim is due";
	return "below min: only reserves left";
}

static void draw_zone(FILE *out, const struct zone_snapshot *zone)
{
	fprintf(out, "node %d %s: %llu of %llu pages free, and %llu on per-CPU lists\n",
		zone->node, zone->name, zone->nr_free, zone->managed, zone->pcp);
	fprintf(out, "  watermarks min %llu, low %llu, high %llu; free is %s\n",
		zone->min, zone->low, zone->high, pressure(zone));
}

void picture_draw(FILE *out, const struct picture_frame *frame)
{
	const struct snapshot *snap = frame->snap;
	const struct picture *pic = frame->pic;

	draw_head(out, frame);
	for (unsigned int order = pic->nr_orders; order-- > 0;)
		draw_order(out, frame->term, pic, frame->before, order,
			   frame->choice->linear);
	fputc('\n', out);
	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		if (pic->types & (1u << type))
			draw_type(out, frame->term, pic, type);
	if (!snap->have_zoneinfo)
		return;
	for (size_t i = 0; i < snap->nr; i++)
		if (picture_shows(frame->choice, &snap->zones[i]))
			draw_zone(out, &snap->zones[i]);
}
