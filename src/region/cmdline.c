// SPDX-License-Identifier: GPL-2.0
/*
 * What the boot line of the running kernel reserves, read as the kernel read it.
 *
 * Arguments are taken apart by next_arg() and numbers by memparse(), the kernel's
 * own, so quotes, "--", suffixes and overlong numbers mean here what they meant at
 * boot. memmap= arguments are applied one after the other:
 *
 *   SIZE$START              reserved; the one that is meant for us
 *   SIZE!START, SIZE#START  persistent memory, ACPI tables: they win over reserved
 *   SIZE%START-OLD+NEW      changes one type into another
 *   SIZE@START, SIZE        RAM, the end of RAM: neither adds nor takes
 *   exactmap                forgets all that came before
 *
 * x86 puts the highest type first where entries overlap, whatever their order.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include "boot.h"

/* Types of x86's memory map, as numbers behind '%'. */
#define TYPE_RESERVED	2

/* sets of bytes ---------------------------------------------------------------- */

static u64 end_of(u64 start, u64 size)
{
	return size > U64_MAX - start ? U64_MAX : start + size;
}

static void set_insert(struct mirror_boot_set *set, unsigned int i, u64 start,
		       u64 end)
{
	if (set->nr == MIRROR_BOOT_SPANS) {
		set->cut = true;
		return;
	}
	memmove(&set->span[i + 1], &set->span[i],
		(set->nr - i) * sizeof(*set->span));
	set->span[i] = (struct mirror_span){ start, end - start, NUMA_NO_NODE };
	set->nr++;
}

static void set_delete(struct mirror_boot_set *set, unsigned int i)
{
	set->nr--;
	memmove(&set->span[i], &set->span[i + 1],
		(set->nr - i) * sizeof(*set->span));
}

/* Spans that overlap or touch become one. */
static void set_add(struct mirror_boot_set *set, u64 start, u64 end)
{
	unsigned int i = 0;

	if (start >= end)
		return;
	while (i < set->nr && mirror_span_end(&set->span[i]) < start)
		i++;
	while (i < set->nr && set->span[i].start <= end) {
		start = min(start, set->span[i].start);
		end = max(end, mirror_span_end(&set->span[i]));
		set_delete(set, i);
	}
	set_insert(set, i, start, end);
}

static void set_remove(struct mirror_boot_set *set, u64 start, u64 end)
{
	unsigned int i = 0;

	while (i < set->nr) {
		u64 from = set->span[i].start;
		u64 to = mirror_span_end(&set->span[i]);

		if (start >= end || to <= start || from >= end) {
			i++;
			continue;
		}
		set_delete(set, i);
		if (from < start)
			set_insert(set, i++, from, start);
		if (to > end)
			set_insert(set, i++, end, to);
	}
}

/* memmap= ---------------------------------------------------------------------- */

/* Remembers an argument that sets nothing aside for us, for messages. */
static void note(struct mirror_boot *boot, char kind, const char *name,
		 const char *text, u64 start, u64 end)
{
	struct mirror_boot_other *other;

	if (boot->nr_others == MIRROR_BOOT_OTHERS)
		return;
	other = &boot->other[boot->nr_others++];
	other->kind = kind;
	other->start = start;
	other->end = end;
	snprintf(other->text, sizeof(other->text), "%s=%s", name, text);
}

static void change_type(struct mirror_boot *boot, u64 start, u64 end, u64 old,
			u64 new)
{
	if (!new && (!old || old == TYPE_RESERVED))
		set_remove(&boot->reserved, start, end);
	if (!new && !old)
		set_remove(&boot->stronger, start, end);
	if (new && old == TYPE_RESERVED)
		set_remove(&boot->reserved, start, end);
	if (new == TYPE_RESERVED)
		set_add(&boot->reserved, start, end);
	else if (new > TYPE_RESERVED)
		set_add(&boot->stronger, start, end);
}

static void apply_percent(struct mirror_boot *boot, char *at, u64 start,
			  u64 end)
{
	u64 old = 0, new = 0;

	if (*at == '-')
		old = memparse(at + 1, &at);
	if (*at == '+')
		new = memparse(at + 1, &at);
	/* The kernel ignores the whole of it then. */
	if (!*at)
		change_type(boot, start, end, old, new);
}

static void apply_range(struct mirror_boot *boot, char mark, char *at, u64 size)
{
	u64 start = memparse(at, &at), end = end_of(start, size);

	switch (mark) {
	case '$':
		set_add(&boot->reserved, start, end);
		break;
	case '!':
	case '#':
		set_add(&boot->stronger, start, end);
		break;
	case '%':
		apply_percent(boot, at, start, end);
		break;
	}
}

static void apply_memmap(struct mirror_boot *boot, char *text)
{
	u64 size, start = 0, end = U64_MAX;
	char mark, *at;

	if (!strncmp(text, "exactmap", 8)) {
		boot->reserved.nr = 0;
		boot->stronger.nr = 0;
		note(boot, 'x', "memmap", text, 0, U64_MAX);
		return;
	}
	size = memparse(text, &at);
	if (at == text)
		return;
	mark = *at;
	if (mark && strchr("$@!#%", mark)) {
		apply_range(boot, mark, at + 1, size);
		start = memparse(at + 1, NULL);
		end = end_of(start, size);
	} else {
		mark = 'l';
		start = size;
	}
	if (mark != '$')
		note(boot, mark, "memmap", text, start, end);
}

static void apply_memmap_list(struct mirror_boot *boot, char *list)
{
	char *text;

	while ((text = strsep(&list, ",")))
		apply_memmap(boot, text);
}

/* the line --------------------------------------------------------------------- */

/**
 * mirror_boot_parse - find what a kernel's command line sets aside
 * @cmdline: all of it; is taken apart
 * @boot: gets what memmap= reserves, sorted and disjoint, and what else there is
 *
 * Context: Any.
 */
void mirror_boot_parse(char *cmdline, struct mirror_boot *boot)
{
	char *name, *value, *at = skip_spaces(cmdline);
	unsigned int i;

	memset(boot, 0, sizeof(*boot));
	while (*at) {
		at = next_arg(at, &name, &value);
		if (!value && !strcmp(name, "--"))
			break;
		if (!value)
			continue;
		if (!strcmp(name, "memmap"))
			apply_memmap_list(boot, value);
		else if (!strcmp(name, "mem") && memparse(value, NULL))
			note(boot, 'm', "mem", value, memparse(value, NULL),
			     U64_MAX);
	}
	for (i = 0; i < boot->stronger.nr; i++)
		set_remove(&boot->reserved, boot->stronger.span[i].start,
			   mirror_span_end(&boot->stronger.span[i]));
}

/**
 * mirror_boot_covers - did the boot line reserve all of a range?
 * @boot: what it says
 * @s: the range
 *
 * Context: Any.
 * Return: whether it did.
 */
bool mirror_boot_covers(const struct mirror_boot *boot,
			const struct mirror_span *s)
{
	unsigned int i;

	for (i = 0; i < boot->reserved.nr; i++) {
		const struct mirror_span *r = &boot->reserved.span[i];

		if (r->start <= s->start &&
		    mirror_span_end(r) >= mirror_span_end(s))
			return true;
	}
	return false;
}

/* What an argument does, and what to write for a reservation. */
static const char *explain_kind(char kind)
{
	switch (kind) {
	case '!':
		return "makes persistent memory; to reserve it, write $ in place of !";
	case '#':
		return "marks ACPI tables; to reserve it, write $ in place of #";
	case '@':
		return "adds RAM for the kernel and reserves nothing";
	case '%':
		return "changes types of memory; to reserve, write memmap=SIZE$START";
	case 'x':
		return "drops the memmap= arguments before it; write memmap=SIZE$START behind it";
	case 'l':
		return "limits the kernel's memory; to reserve, write SIZE$START and escape the $";
	default:
		return "limits the kernel's memory; to reserve, write memmap=SIZE$START";
	}
}

/**
 * mirror_boot_explain - why an argument of the boot line does not help
 * @boot: what the boot line says
 * @s: a range that it does not reserve, or NULL for any
 * @text: gets the argument, what it does, and what to write instead
 * @size: of @text
 *
 * Context: Any.
 * Return: whether there is such an argument; @text is as it was where not.
 */
bool mirror_boot_explain(const struct mirror_boot *boot,
			 const struct mirror_span *s, char *text, size_t size)
{
	const struct mirror_boot_other *o;

	for (o = boot->other; o < boot->other + boot->nr_others; o++) {
		if (s && (o->start >= mirror_span_end(s) || o->end <= s->start))
			continue;
		snprintf(text, size, "%s %s", o->text, explain_kind(o->kind));
		return true;
	}
	return false;
}
