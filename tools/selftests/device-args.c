// SPDX-License-Identifier: GPL-2.0
/*
 * Every bad argument of every request, one at a time, has the errno that the
 * protocol names; and a refused request changes nothing.
 */
#include <limits.h>
#include "fixture.h"

/* An address that no program has, and one that is the kernel's. */
#define NO_MEMORY	((void *)8)
#define KERNEL_MEMORY	((void *)(uintptr_t)0xffff888000000000ull)

/* A page of 126 slots and their head, by the slot, rounded up. */
#define BLOCK_BYTES	33

static const uint64_t requests[] = {
	MIRROR_MM_INFO, MIRROR_MM_ALLOC, MIRROR_MM_FREE, MIRROR_MM_SUBMIT,
	MIRROR_MM_CTL,
};

/* Bytes of the structs when they were first published. */
#define FIRST_INFO_SIZE		offsetof(struct mirror_mm_info, waiting_blocks)
#define FIRST_ALLOC_SIZE	offsetof(struct mirror_mm_alloc, nodemask)

static size_t first_size(uint64_t request)
{
	if (request == MIRROR_MM_INFO)
		return FIRST_INFO_SIZE;
	return request == MIRROR_MM_ALLOC ? FIRST_ALLOC_SIZE : _IOC_SIZE(request);
}

/* Room for the largest size that a request number can carry. */
static union {
	unsigned char byte[1 << _IOC_SIZEBITS];
	struct mirror_mm_info info;
	struct mirror_mm_alloc alloc;
	struct mirror_mm_free free;
	struct mirror_mm_submit submit;
	struct mirror_mm_ctl ctl;
} arg;

static void *clear_arg(void)
{
	memset(&arg, 0, sizeof(arg));
	return &arg;
}

/* An ALLOC that would work. */
static void *alloc_arg(void)
{
	clear_arg();
	arg.alloc.gfp = ST_GFP;
	arg.alloc.node = MIRROR_MM_NODE_ANY;
	return &arg;
}

TEST_F(mirror, info_answers_all_fields)
{
	struct mirror_mm_info info;

	memset(&info, 0xa5, sizeof(info));
	ASSERT_EQ(0, st_ioctl(self->fd, MIRROR_MM_INFO, &info));
	EXPECT_EQ(MIRROR_MM_API_VERSION, info.api_version);
	EXPECT_EQ(MIRROR_MM_IN_SERVICE, info.state);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), info.page_size);
	EXPECT_EQ(10, info.max_order);
	EXPECT_EQ(9, info.pb_order);
	EXPECT_EQ(1, info.nr_nodes);
	EXPECT_EQ(1, info.nr_ranges);
	EXPECT_EQ(MIRROR_MM_SUBMIT_MAX, info.max_submit);
	EXPECT_EQ(info.nr_pages, info.end_pfn - info.start_pfn);
	EXPECT_EQ(info.nr_pages, info.nr_free);
	EXPECT_EQ(0, info.held_pages);
	EXPECT_EQ(0, info.held_blocks);
	EXPECT_EQ(0, info.page_limit);
	EXPECT_GT(info.metadata_bytes, 16 * info.nr_pages);
	EXPECT_LE(info.metadata_bytes, 17 * info.nr_pages + (64 << 10));
	EXPECT_EQ(BLOCK_BYTES, info.block_bytes);
	EXPECT_EQ(MIRROR_MM_RIGHTS, info.rights);
	EXPECT_EQ(0, info.waiting_blocks);
	EXPECT_EQ(0, info.bad_pages);
}

TEST_F(mirror, info_follows_what_is_held)
{
	struct mirror_mm_alloc a, b;
	struct mirror_mm_info info;

	ASSERT_EQ(0, st_alloc(self->fd, 3, ST_GFP, &a));
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &b));
	ASSERT_EQ(0, st_info(self->fd, &info));
	EXPECT_EQ(9, info.held_pages);
	EXPECT_EQ(2, info.held_blocks);
	EXPECT_EQ(self->info.nr_free - 9, info.nr_free);
	ASSERT_EQ(0, st_free(self->fd, a.id));
	ASSERT_EQ(0, st_info(self->fd, &info));
	EXPECT_EQ(1, info.held_pages);
	EXPECT_EQ(1, info.held_blocks);
	EXPECT_EQ(self->info.nr_free - 1, info.nr_free);
}

TEST_F(mirror, struct_too_small_is_EINVAL)
{
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		for (size = 0; size < first_size(requests[i]); size++) {
			ASSERT_EQ(-EINVAL,
				  st_ioctl(self->fd,
					   st_resized(requests[i], size),
					   alloc_arg())) {
				TH_LOG("request %zu size %zu", i, size);
			}
		}
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, larger_struct_with_zeros_behind_works)
{
	static const size_t more[] = { 1, 4, 8, 64, 4096 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		int fd = self->fd;

		clear_arg();
		EXPECT_EQ(0, st_ioctl(fd, st_resized(MIRROR_MM_INFO,
						     sizeof(arg.info) + more[i]),
				      &arg));
		EXPECT_EQ(self->info.nr_pages, arg.info.nr_pages);
		alloc_arg();
		EXPECT_EQ(0, st_ioctl(fd, st_resized(MIRROR_MM_ALLOC,
						     sizeof(arg.alloc) + more[i]),
				      &arg));
		EXPECT_NE(0, arg.alloc.id);
		arg.free.id = arg.alloc.id;
		memset(arg.byte + 8, 0, sizeof(arg) - 8);
		EXPECT_EQ(0, st_ioctl(fd, st_resized(MIRROR_MM_FREE,
						     sizeof(arg.free) + more[i]),
				      &arg));
		clear_arg();
		EXPECT_EQ(0, st_ioctl(fd, st_resized(MIRROR_MM_SUBMIT,
						     sizeof(arg.submit) + more[i]),
				      &arg));
		clear_arg();
		EXPECT_EQ(0, st_ioctl(fd, st_resized(MIRROR_MM_CTL,
						     sizeof(arg.ctl) + more[i]),
				      &arg));
	}
	alloc_arg();
	EXPECT_EQ(0, st_ioctl(self->fd,
			      st_resized(MIRROR_MM_ALLOC, sizeof(arg) - 1), &arg));
}

/* The last byte alone, and the first one that the module does not know. */
TEST_F(mirror, larger_struct_with_something_behind_is_E2BIG)
{
	size_t i, known, size, at[2];
	int which;

	for (i = 1; i < ARRAY_SIZE(requests); i++) {
		known = _IOC_SIZE(requests[i]);
		for (size = known + 1; size < sizeof(arg); size = size * 2 + 3) {
			at[0] = known;
			at[1] = size - 1;
			for (which = 0; which < 2; which++) {
				if (requests[i] == MIRROR_MM_ALLOC)
					alloc_arg();
				else
					clear_arg();
				arg.byte[at[which]] = 0x80;
				ASSERT_EQ(-E2BIG,
					  st_ioctl(self->fd,
						   st_resized(requests[i], size),
						   &arg)) {
					TH_LOG("request %zu size %zu byte %zu",
					       i, size, at[which]);
				}
			}
		}
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

/* INFO only answers: a part that it does not know comes back as zeros. */
TEST_F(mirror, larger_info_gets_zeros_behind)
{
	const size_t more = 200;
	size_t i;

	memset(&arg, 0xa5, sizeof(arg));
	ASSERT_EQ(0, st_ioctl(self->fd, st_resized(MIRROR_MM_INFO,
						   sizeof(arg.info) + more),
			      &arg));
	EXPECT_EQ(self->info.nr_pages, arg.info.nr_pages);
	for (i = 0; i < more; i++)
		ASSERT_EQ(0, arg.byte[sizeof(arg.info) + i]);
	EXPECT_EQ(0xa5, arg.byte[sizeof(arg.info) + more]);
}

TEST_F(mirror, unknown_request_is_ENOTTY)
{
	unsigned int nr;

	for (nr = ARRAY_SIZE(requests); nr < 256; nr++)
		EXPECT_EQ(-ENOTTY, st_ioctl(self->fd,
					    _IOC(_IOC_READ | _IOC_WRITE,
						 MIRROR_MM_IOC_MAGIC, nr,
						 sizeof(arg.alloc)),
					    alloc_arg()));
	EXPECT_EQ(-ENOTTY, st_ioctl(self->fd,
				    _IOWR(MIRROR_MM_IOC_MAGIC + 1, 1,
					  struct mirror_mm_alloc), alloc_arg()));
	EXPECT_EQ(-ENOTTY, st_ioctl(self->fd, 0, alloc_arg()));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, memory_that_cannot_be_read_is_EFAULT)
{
	void *hole = mmap(NULL, ST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	size_t i;

	ASSERT_NE(MAP_FAILED, hole);
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, requests[i], NULL));
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, requests[i], NO_MEMORY));
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, requests[i], hole));
		EXPECT_EQ(-EFAULT,
			  st_ioctl(self->fd, requests[i], KERNEL_MEMORY));
		EXPECT_EQ(-EFAULT,
			  st_ioctl(self->fd, requests[i], (void *)-16ul));
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

/* The struct ends in a page that is not there, also its unknown part. */
TEST_F(mirror, struct_across_the_end_of_memory_is_EFAULT)
{
	char *pages = mmap(NULL, 2 * ST_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mirror_mm_alloc *split;
	size_t i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + ST_PAGE, ST_PAGE));
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		memset(pages, 0, ST_PAGE);
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, requests[i],
					    pages + ST_PAGE - 8));
	}
	split = (void *)(pages + ST_PAGE - sizeof(*split));
	memset(split, 0, sizeof(*split));
	split->gfp = ST_GFP;
	EXPECT_EQ(-EFAULT, st_ioctl(self->fd,
				    st_resized(MIRROR_MM_ALLOC,
					       sizeof(*split) + 8), split));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

/* What cannot be told to the caller must not stay allocated. */
TEST_F(mirror, answer_that_cannot_be_written_is_EFAULT_and_undone)
{
	void *page = mmap(NULL, ST_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	memcpy(page, alloc_arg(), sizeof(arg.alloc));
	ASSERT_EQ(0, mprotect(page, ST_PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, st_ioctl(self->fd, MIRROR_MM_ALLOC, page));
	EXPECT_EQ(-EFAULT, st_ioctl(self->fd, MIRROR_MM_INFO, page));
	EXPECT_EQ(0, st_held_blocks(self->fd));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_F(mirror, order_too_large_is_EINVAL)
{
	const unsigned int orders[] = {
		self->info.max_order + 1, 16, 31, 32, 52, 63, 64, 1u << 31,
		UINT_MAX,
	};
	struct mirror_mm_alloc block;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(orders); i++)
		EXPECT_EQ(-EINVAL, st_alloc(self->fd, orders[i], ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(self->fd, self->info.max_order, ST_GFP, &block));
}

TEST_F(mirror, unknown_gfp_bit_is_EINVAL)
{
	struct mirror_mm_alloc block;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		if (!(1u << bit & __MIRROR_GFP_ALL))
			EXPECT_EQ(-EINVAL, st_alloc(self->fd, 0,
						    ST_GFP | 1u << bit, &block));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, known_gfp_bits_are_taken)
{
	/* Those zones are empty in this layout. */
	const unsigned int no_zone = __MIRROR_GFP_DMA | __MIRROR_GFP_DMA32;
	struct mirror_mm_alloc block;
	unsigned int bit;

	for (bit = 0; 1u << bit & __MIRROR_GFP_ALL; bit++)
		EXPECT_EQ(1u << bit & no_zone ? -ENOMEM : 0,
			  st_alloc(self->fd, 0, 1u << bit, &block)) {
			TH_LOG("gfp bit %u", bit);
		}
}

TEST_F(mirror, unknown_alloc_flag_is_EINVAL)
{
	struct mirror_mm_alloc block;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		if (!(1u << bit & MIRROR_MM_ALLOC_FLAGS))
			EXPECT_EQ(-EINVAL, st_alloc_flags(self->fd, 0, ST_GFP,
							  1u << bit, &block));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, zones_that_exclude_each_other_are_EINVAL)
{
	static const unsigned int zones[] = {
		__MIRROR_GFP_DMA, __MIRROR_GFP_DMA32, __MIRROR_GFP_HIGHMEM,
	};
	struct mirror_mm_alloc block;
	unsigned int a, b, more;

	for (a = 0; a < ARRAY_SIZE(zones); a++) {
		for (b = a + 1; b < ARRAY_SIZE(zones); b++) {
			more = zones[a] | zones[b];
			EXPECT_EQ(-EINVAL, st_alloc(self->fd, 0, ST_GFP | more,
						    &block));
			more |= __MIRROR_GFP_MOVABLE;
			EXPECT_EQ(-EINVAL, st_alloc(self->fd, 0, ST_GFP | more,
						    &block));
		}
	}
	EXPECT_EQ(-EINVAL, st_alloc(self->fd, 0, zones[0] | zones[1] | zones[2],
				    &block));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, movable_and_reclaimable_together_are_EINVAL)
{
	struct mirror_mm_alloc block;

	EXPECT_EQ(-EINVAL, st_alloc(self->fd, 0,
				    ST_GFP | __MIRROR_GFP_MOVABLE |
				    __MIRROR_GFP_RECLAIMABLE, &block));
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, unknown_node_is_ENODEV)
{
	const int nodes[] = {
		-2, self->info.nr_nodes, 63, 64, 1024, INT_MAX, INT_MIN,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		alloc_arg();
		arg.alloc.node = nodes[i];
		EXPECT_EQ(-ENODEV, st_ioctl(self->fd, MIRROR_MM_ALLOC, &arg));
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
	alloc_arg();
	arg.alloc.node = 0;
	EXPECT_EQ(0, st_ioctl(self->fd, MIRROR_MM_ALLOC, &arg));
	EXPECT_EQ(0, arg.alloc.node);
}

/* Garbage in the fields of the answer does no harm; every field is answered. */
TEST_F(mirror, alloc_answers_all_fields)
{
	unsigned int order;

	for (order = 0; order <= self->info.max_order; order++) {
		memset(&arg, 0xa5, sizeof(arg.alloc));
		arg.alloc.order = order;
		arg.alloc.gfp = ST_GFP_MOVABLE;
		arg.alloc.node = MIRROR_MM_NODE_ANY;
		arg.alloc.flags = 0;
		ASSERT_EQ(0, st_ioctl(self->fd, MIRROR_MM_ALLOC, &arg));
		EXPECT_EQ(order, arg.alloc.order);
		EXPECT_EQ(ST_GFP_MOVABLE, arg.alloc.gfp);
		EXPECT_EQ(0, arg.alloc.node);
		EXPECT_NE(0, arg.alloc.id);
		EXPECT_NE(0xa5a5a5a5a5a5a5a5ull, arg.alloc.id);
		EXPECT_EQ(0, arg.alloc.offset % ST_PAGE);
		EXPECT_NE(arg.alloc.pfn * ST_PAGE, arg.alloc.offset);
		EXPECT_EQ(0, arg.alloc.pfn % (1ull << order));
		EXPECT_GE(arg.alloc.pfn, self->info.start_pfn);
		EXPECT_LE(arg.alloc.pfn + (1ull << order), self->info.end_pfn);
		EXPECT_EQ(MIRROR_ZONE_NORMAL, arg.alloc.zone);
		EXPECT_EQ(MIRROR_MIGRATE_MOVABLE, arg.alloc.migratetype);
	}
}

TEST_F(mirror, free_of_an_unknown_id_is_ENOENT)
{
	struct mirror_mm_alloc block;
	unsigned int bit;

	EXPECT_EQ(-ENOENT, st_free(self->fd, 0));
	EXPECT_EQ(-ENOENT, st_free(self->fd, 1ull << 63));
	EXPECT_EQ(-ENOENT, st_free(self->fd, UINT64_MAX));
	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	for (bit = 0; bit < 64; bit++)
		EXPECT_EQ(-ENOENT, st_free(self->fd, block.id ^ 1ull << bit));
	EXPECT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(-ENOENT, st_free(self->fd, block.id));
}

TEST_F(mirror, free_with_something_reserved_is_EINVAL)
{
	struct mirror_mm_alloc block;
	unsigned int bit;

	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	for (bit = 0; bit < 32; bit++) {
		struct mirror_mm_free flags = { .id = block.id };
		struct mirror_mm_free reserved = { .id = block.id };

		flags.flags = 1u << bit;
		reserved.reserved = 1u << bit;
		EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_FREE, &flags));
		EXPECT_EQ(-EINVAL,
			  st_ioctl(self->fd, MIRROR_MM_FREE, &reserved));
	}
	EXPECT_EQ(1, st_held_blocks(self->fd));
	EXPECT_EQ(0, st_free(self->fd, block.id));
}

TEST_HARNESS_MAIN
