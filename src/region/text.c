// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes and ranges as people write them: 256M@4G, and not 262144K@0x100000000.
 *
 * What is printed here can be given to region=, and to memmap= with '$' for '@'.
 */
#include <linux/kernel.h>
#include <linux/sizes.h>
#include "region.h"

/**
 * mirror_size_text - a number of bytes, in the largest unit that fits
 * @size: bytes
 *
 * Context: Any.
 * Return: the text, as in 64M or 1536M or 4097.
 */
struct mirror_text mirror_size_text(u64 size)
{
	static const char units[] = "KMGTPE";
	struct mirror_text text;
	int unit = -1;

	while (size && !(size & (SZ_1K - 1))) {
		size >>= 10;
		unit++;
	}
	if (unit < 0)
		scnprintf(text.s, sizeof(text.s), "%llu", size);
	else
		scnprintf(text.s, sizeof(text.s), "%llu%c", size, units[unit]);
	return text;
}

/* 4G and 512M say more than their digits; 0xf8000000 more than 3968M. */
static struct mirror_text address_text(u64 address)
{
	struct mirror_text text;
	u64 unit = address < SZ_1G ? SZ_1M : SZ_1G;

	if (!(address & (unit - 1)))
		return mirror_size_text(address);
	scnprintf(text.s, sizeof(text.s), "%#llx", address);
	return text;
}

/**
 * mirror_span_text - a range
 * @s: the range
 * @separator: '@', or '$' for an argument of the kernel
 *
 * Context: Any.
 * Return: the text, as in 256M@4G or 96M@0x100400000.
 */
struct mirror_text mirror_span_text(const struct mirror_span *s, char separator)
{
	struct mirror_text text;

	scnprintf(text.s, sizeof(text.s), "%s%c%s",
		  mirror_size_text(s->size).s, separator,
		  address_text(s->start).s);
	return text;
}
