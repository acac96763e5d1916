// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings within one process: which ones are allowed, what they show, and what
 * becomes of them when their block is freed.
 */
#include <signal.h>
#include "fixture.h"

#define ORDER	4
#define PAGES	16ul
#define SIZE	(PAGES * ST_PAGE)
/* Longer than any block, and still an address. */
#define TOO_LONG	(1ul << (sizeof(long) == 8 ? 40 : 30))

/* A block of order ORDER, mapped as a whole. */
static char *mapped_block(int fd, struct mirror_mm_alloc *block)
{
	char *addr;

	if (st_alloc(fd, ORDER, ST_GFP_MOVABLE, block))
		return MAP_FAILED;
	addr = st_map(fd, block);
	if (addr != MAP_FAILED)
		st_fill(addr, SIZE, block->id);
	return addr;
}

TEST_F(mirror, every_order_maps_and_keeps_what_is_written)
{
	struct mirror_mm_alloc block;
	unsigned int order;
	size_t size;
	void *addr;

	for (order = 0; order <= self->info.max_order; order++) {
		ASSERT_EQ(0, st_alloc(self->fd, order, ST_GFP, &block));
		size = st_block_size(&block);
		addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_not_zero(addr, size));
		st_fill(addr, size, order);
		EXPECT_EQ(0, st_differs(addr, size, order));
		ASSERT_EQ(0, munmap(addr, size));
		addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_differs(addr, size, order));
	}
}

TEST_F(mirror, part_of_a_block_shows_that_part)
{
	struct mirror_mm_alloc block;
	char *whole = mapped_block(self->fd, &block);
	size_t first, nr;
	char *part;

	ASSERT_NE(MAP_FAILED, whole);
	for (first = 0; first < PAGES; first++) {
		for (nr = 1; first + nr <= PAGES; nr += 3) {
			part = st_map_at(self->fd, block.offset + first * ST_PAGE,
					 nr * ST_PAGE);
			ASSERT_NE(MAP_FAILED, part);
			EXPECT_EQ(0, memcmp(part, whole + first * ST_PAGE,
					    nr * ST_PAGE));
			part[nr * ST_PAGE - 1] ^= 0x3c;
			EXPECT_EQ(part[nr * ST_PAGE - 1],
				  whole[(first + nr) * ST_PAGE - 1]);
			ASSERT_EQ(0, munmap(part, nr * ST_PAGE));
		}
	}
}

/* Even its length is counted in pages, as mmap() does. */
TEST_F(mirror, length_is_rounded_up_to_pages)
{
	struct mirror_mm_alloc block;
	char *whole = mapped_block(self->fd, &block), *part;

	ASSERT_NE(MAP_FAILED, whole);
	part = st_map_at(self->fd, block.offset, SIZE - ST_PAGE + 1);
	ASSERT_NE(MAP_FAILED, part);
	EXPECT_EQ(0, memcmp(whole, part, SIZE));
	EXPECT_EQ(EINVAL, st_map_errno(self->fd, block.offset, SIZE + 1,
				       PROT_READ, MAP_SHARED));
}

TEST_F(mirror, length_past_the_end_is_EINVAL)
{
	struct mirror_mm_alloc block, next;
	size_t first;

	/* Two neighbours: not even into a block of one's own. */
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &next));
	for (first = 0; first < PAGES; first++) {
		uint64_t offset = block.offset + first * ST_PAGE;
		size_t left = SIZE - first * ST_PAGE;

		EXPECT_EQ(0, st_map_errno(self->fd, offset, left, PROT_READ,
					  MAP_SHARED));
		EXPECT_EQ(EINVAL, st_map_errno(self->fd, offset, left + ST_PAGE,
					       PROT_READ, MAP_SHARED));
		EXPECT_EQ(EINVAL, st_map_errno(self->fd, offset, left + SIZE,
					       PROT_READ, MAP_SHARED));
		EXPECT_EQ(EINVAL, st_map_errno(self->fd, offset, TOO_LONG,
					       PROT_READ, MAP_SHARED));
	}
}

TEST_F(mirror, private_mapping_is_EINVAL)
{
	struct mirror_mm_alloc block;
	int fd = self->fd;

	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	EXPECT_EQ(EINVAL, st_map_errno(fd, block.offset, SIZE,
				       PROT_READ | PROT_WRITE, MAP_PRIVATE));
	EXPECT_EQ(EINVAL, st_map_errno(fd, block.offset, ST_PAGE,
				       PROT_READ, MAP_PRIVATE));
	EXPECT_EQ(EINVAL, st_map_errno(fd, block.offset, ST_PAGE,
				       PROT_NONE, MAP_PRIVATE));
	EXPECT_EQ(0, st_map_errno(fd, block.offset, SIZE, PROT_READ, MAP_SHARED));
}

TEST_F(mirror, offset_that_is_no_block_is_ENXIO)
{
	struct mirror_mm_alloc block;
	unsigned int bit;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	EXPECT_EQ(ENXIO, st_map_errno(self->fd, block.offset + ST_PAGE, ST_PAGE,
				      PROT_READ, MAP_SHARED));
	EXPECT_EQ(ENXIO, st_map_errno(self->fd, block.offset - ST_PAGE, ST_PAGE,
				      PROT_READ, MAP_SHARED));
	/* No more bits than mmap() of a 32-bit program can name. */
	for (bit = __builtin_ctzl(ST_PAGE); bit < (sizeof(long) == 8 ? 62 : 44); bit++)
		EXPECT_EQ(ENXIO, st_map_errno(self->fd,
					      block.offset ^ 1ull << bit,
					      ST_PAGE, PROT_READ, MAP_SHARED)) {
			TH_LOG("offset bit %u", bit);
		}
	for (bit = 0; bit < 1024; bit++)
		EXPECT_EQ(bit * ST_PAGE == block.offset ? 0 : ENXIO,
			  st_map_errno(self->fd, bit * ST_PAGE, ST_PAGE,
				       PROT_READ, MAP_SHARED));
	/* Frame numbers are no offsets. */
	EXPECT_EQ(ENXIO, st_map_errno(self->fd, block.pfn * ST_PAGE, ST_PAGE,
				      PROT_READ, MAP_SHARED));
}

TEST_F(mirror, offset_of_a_freed_block_is_ENXIO)
{
	struct mirror_mm_alloc block;

	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(ENXIO, st_map_errno(self->fd, block.offset, SIZE, PROT_READ,
				      MAP_SHARED));
}

TEST_F(mirror, several_mappings_show_the_same_memory)
{
	struct mirror_mm_alloc block;
	uint64_t *map[8], value;
	int i, j;

	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	for (i = 0; i < 8; i++) {
		map[i] = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, map[i]);
	}
	for (i = 0; i < 8; i++) {
		map[i][600] = i + 1;
		for (j = 0; j < 8; j++) {
			EXPECT_EQ(0, st_peek(&map[j][600], &value));
			EXPECT_EQ(i + 1, value);
		}
	}
	ASSERT_EQ(0, munmap(map[3], st_block_size(&block)));
	EXPECT_EQ(SIGSEGV, st_peek(map[3], &value));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(i == 3 ? SIGSEGV : SIGBUS, st_peek(map[i], &value));
}

TEST_F(mirror, touch_after_free_is_SIGBUS)
{
	struct mirror_mm_alloc block;
	char *addr = mapped_block(self->fd, &block);
	char *part, *untouched;

	ASSERT_NE(MAP_FAILED, addr);
	part = st_map_at(self->fd, block.offset + 3 * ST_PAGE, 5 * ST_PAGE);
	ASSERT_NE(MAP_FAILED, part);
	ASSERT_EQ(0, st_peek_pages(part, 5 * ST_PAGE));
	untouched = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, untouched);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
	EXPECT_EQ(5, st_count_signal(part, 5 * ST_PAGE, SIGBUS));
	EXPECT_EQ(PAGES, st_count_signal(untouched, SIZE, SIGBUS));
	EXPECT_EQ(SIGBUS, st_poke(addr, 1));
	EXPECT_EQ(0, st_held_pages(self->fd));
}

/* Whoever gets the memory next is not seen through the old mapping. */
TEST_F(mirror, old_mapping_never_shows_the_next_holder)
{
	struct mirror_mm_alloc block, next;
	char *addr = mapped_block(self->fd, &block), *new;
	int i, same = 0;

	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	for (i = 0; i < 64; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP_MOVABLE, &next));
		EXPECT_NE(block.offset, next.offset);
		same += next.pfn == block.pfn;
		new = st_map(self->fd, &next);
		ASSERT_NE(MAP_FAILED, new);
		st_fill(new, SIZE, next.id);
		EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
		EXPECT_EQ(0, st_differs(new, SIZE, next.id));
	}
	EXPECT_EQ(1, same);
}

/* An offset does not come back while something is mapped there. */
TEST_F(mirror, offset_is_not_reused_while_mapped)
{
	struct mirror_mm_alloc block, next;
	char *addr = mapped_block(self->fd, &block);
	int i;

	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	for (i = 0; i < 5000; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP_MOVABLE, &next));
		ASSERT_FALSE(next.offset >= block.offset &&
			     next.offset < block.offset + SIZE);
		ASSERT_NE(block.id, next.id);
		ASSERT_EQ(0, st_free(self->fd, next.id));
	}
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

TEST_F(mirror, hole_in_the_middle_of_a_mapping)
{
	struct mirror_mm_alloc block;
	char *addr = mapped_block(self->fd, &block), *again;

	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, munmap(addr + 4 * ST_PAGE, 8 * ST_PAGE));
	EXPECT_EQ(8, st_count_signal(addr, SIZE, SIGSEGV));
	EXPECT_EQ(8, st_count_signal(addr, SIZE, 0));
	again = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, again);
	EXPECT_EQ(0, st_differs(again, SIZE, block.id));
	EXPECT_EQ(0, memcmp(addr + 12 * ST_PAGE, again + 12 * ST_PAGE,
			    4 * ST_PAGE));
	ASSERT_EQ(0, munmap(again, SIZE));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(8, st_count_signal(addr, SIZE, SIGSEGV));
	EXPECT_EQ(8, st_count_signal(addr, SIZE, SIGBUS));
}

TEST_F(mirror, mremap_does_not_grow)
{
	struct mirror_mm_alloc block;
	char *addr;
	void *part;

	addr = mapped_block(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(MAP_FAILED, mremap(addr, SIZE, SIZE + ST_PAGE, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap(addr, SIZE, 2 * SIZE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(MAP_FAILED, mremap(addr, 0, SIZE, MREMAP_MAYMOVE));
	part = st_map_at(self->fd, block.offset, ST_PAGE);
	ASSERT_NE(MAP_FAILED, part);
	EXPECT_EQ(MAP_FAILED, mremap(part, ST_PAGE, SIZE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, st_differs(addr, SIZE, block.id));
}

TEST_F(mirror, moved_and_shrunk_mapping_goes_with_its_block)
{
	char *room = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct mirror_mm_alloc block;
	char *addr = mapped_block(self->fd, &block);

	ASSERT_NE(MAP_FAILED, room);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(room, mremap(addr, SIZE, SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, room));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGSEGV));
	EXPECT_EQ(0, st_differs(room, SIZE, block.id));
	ASSERT_EQ(room, mremap(room, SIZE, 3 * ST_PAGE, 0));
	EXPECT_EQ(0, st_differs(room, 3 * ST_PAGE, block.id));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(3, st_count_signal(room, 3 * ST_PAGE, SIGBUS));
}

TEST_F(mirror, protection_is_respected)
{
	struct mirror_mm_alloc block;
	char *addr = mapped_block(self->fd, &block), *map;
	uint64_t value;

	ASSERT_NE(MAP_FAILED, addr);
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, self->fd, block.offset);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, st_peek(map, &value));
	EXPECT_EQ(SIGSEGV, st_poke(map, 1));
	ASSERT_EQ(0, mprotect(map, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, st_poke(map, value));
	ASSERT_EQ(0, mprotect(map, SIZE, PROT_NONE));
	EXPECT_EQ(SIGSEGV, st_peek(map, &value));
	ASSERT_EQ(0, mprotect(map, SIZE, PROT_READ));
	EXPECT_EQ(0, st_differs(map, SIZE, block.id));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(SIGBUS, st_peek(map, &value));
}

TEST_F(mirror, mapping_of_a_descriptor_for_reading_is_read_only)
{
	struct mirror_mm_alloc block;
	char *map;
	int fd;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	fd = st_grant(self->fd, block.id, 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(EACCES, st_map_errno(fd, 0, ST_PAGE, PROT_READ | PROT_WRITE,
				       MAP_SHARED));
	map = mmap(NULL, ST_PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(-1, mprotect(map, ST_PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(SIGSEGV, st_poke(map, 1));
	EXPECT_EQ(0, st_not_zero(map, ST_PAGE));
}

TEST_HARNESS_MAIN
