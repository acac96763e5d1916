// SPDX-License-Identifier: GPL-2.0
/*
 * From a byte to the value of a field: below 128 an extreme one, from there on one that
 * makes sense. Bits of the record make all of its fields extreme at once, or the same.
 */
#include "devfuzz.h"

static const uint64_t extremes[] = {
	0, 1, 2, 3, UINT32_MAX, UINT64_MAX, 1ull << 31, 1ull << 63, INT32_MAX, INT64_MAX,
	UINT32_MAX - 1, UINT64_MAX - 1, 4, 7, 8, 9, 10, 11, 12, 15, 16, 31, 32, 33, 62, 63,
	64, 65, 127, 128, 255, 256, 511, 512, 513, 1023, 1024, 4095, 4096, 4097, 40000,
	65535, 65536, 65537, 1ull << 20, 1ull << 21, (1ull << 21) - 1, 1ull << 24,
	1ull << 30, 1ull << 32, (1ull << 32) + 1, 1ull << 36, 1ull << 44, 1ull << 47,
	(1ull << 47) - 4096, 1ull << 51, 1ull << 52, 1ull << 62, ~0xfffull, ~0xffffull,
	0xffff800000000000ull, 0xffffffff00000000ull, 0x5a5a5a5a5a5a5a5aull,
};

/* Where in the table 0 and the two all-ones are: these are drawn more often. */
static const uint8_t corners[] = { 0, 4, 5, 6, 7, 8, 9, 1 };

uint8_t field(const struct record *r, unsigned int i)
{
	uint8_t b = r->arg[i % NR_ARGS];

	if ((r->ctl & CTL_PLAIN) == CTL_PLAIN)
		return b | 0x80;
	if (r->ctl & CTL_SAME)
		return r->arg[0] & 0x7f;
	return r->ctl & CTL_EXTREME ? b & 0x7f : b;
}

bool field_is_sound(const struct record *r, unsigned int i)
{
	return field(r, i) & 0x80;
}

static uint64_t extreme(uint8_t b)
{
	if (b < 64)
		return extremes[corners[b % ARRAY_SIZE(corners)]];
	return extremes[(b - 64) % ARRAY_SIZE(extremes)];
}

uint64_t field_u64(const struct record *r, unsigned int i)
{
	uint8_t b = field(r, i);

	return b & 0x80 ? b & 0x7f : extreme(b);
}

uint32_t field_u32(const struct record *r, unsigned int i)
{
	return field_u64(r, i);
}

uint32_t field_order(const struct record *r, unsigned int i)
{
	static const uint8_t sound[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 9, 10 };

	if (!field_is_sound(r, i))
		return field_u32(r, i);
	return sound[field(r, i) % ARRAY_SIZE(sound)];
}

uint32_t field_gfp(const struct record *r, unsigned int i)
{
	static const uint32_t sound[] = {
		MIRROR_GFP_KERNEL, MIRROR_GFP_KERNEL, MIRROR_GFP_KERNEL,
		MIRROR_GFP_HIGHUSER_MOVABLE, MIRROR_GFP_HIGHUSER_MOVABLE,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_RECLAIMABLE, MIRROR_GFP_USER,
		MIRROR_GFP_NOWAIT, MIRROR_GFP_ATOMIC, MIRROR_GFP_DMA32,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO, MIRROR_GFP_KERNEL | __MIRROR_GFP_COMP,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_THISNODE,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_MEMALLOC,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_NORETRY, MIRROR_GFP_DMA,
	};
	uint8_t b = field(r, i);

	if (b & 0x80)
		return sound[b % ARRAY_SIZE(sound)];
	if (b & 0x40 && !(r->ctl & CTL_SAME))
		return MIRROR_GFP_KERNEL ^ 1u << b % 32;
	return field_u32(r, i);
}

int32_t field_node(const struct record *r, unsigned int i)
{
	static const int8_t sound[] = { -1, -1, -1, -1, 0, 1 };

	if (!field_is_sound(r, i))
		return field_u32(r, i);
	return sound[field(r, i) % ARRAY_SIZE(sound)];
}

/* Sound ones are zero most of the time. */
uint32_t field_flags(const struct record *r, unsigned int i, uint32_t sound)
{
	if (!field_is_sound(r, i))
		return field_u32(r, i);
	return field(r, i) < 0xe0 ? 0 : field(r, i) & sound;
}

uint64_t field_nodemask(const struct record *r, unsigned int i)
{
	return field_is_sound(r, i) ? field(r, i) & 3 : field_u64(r, i);
}

/* Above @small the number is a large one. */
unsigned int field_times(const struct record *r, unsigned int i, uint8_t small)
{
	static const unsigned int large[] = {
		16, 17, 64, 127, 128, 129, 256, 1000, 1024, 4096, 10000, 20000, 40000,
	};
	uint8_t b = r->arg[i % NR_ARGS];

	return b < small ? 1 + b % 8 : large[b % ARRAY_SIZE(large)];
}

void field_alloc(const struct record *r, struct mirror_mm_alloc *arg)
{
	*arg = (struct mirror_mm_alloc){
		.order = field_order(r, ARG_ORDER),
		.gfp = field_gfp(r, ARG_GFP),
		.node = field_node(r, ARG_NODE),
		.flags = field_flags(r, ARG_FLAGS, MIRROR_MM_ALLOC_FLAGS),
		.nodemask = field_nodemask(r, ARG_MASK),
		.id = UINT64_MAX,
	};
}
