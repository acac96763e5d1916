// SPDX-License-Identifier: GPL-2.0
/*
 * A mirror that goes out of service can clear no page any more, so it shows none: who
 * touches one that he never saw gets a signal, and never the last holder's data. The
 * mirror has a HIGHMEM zone, whose pages need a window to be cleared.
 */
#include <signal.h>
#include "harness.h"
#include "loader.h"

#define SECRET	0x5ec2e75ec2e75ec2ull
#define BLOCKS	8
#define ORDER	6
#define GFP	(MIRROR_GFP_HIGHUSER_MOVABLE | __MIRROR_GFP_NOWARN)

static int load_with_highmem(void)
{
	struct st_range range;
	char parameters[128];

	if (st_loaded_module("mirror_mm") && st_rmmod("mirror_mm"))
		return -EBUSY;
	if (!st_reserved(&range, 1))
		return -ENOENT;
	snprintf(parameters, sizeof(parameters),
		 "region=%#llx@%#llx zones=NORMAL:32M,HIGHMEM", (unsigned long long)range.size,
		 (unsigned long long)range.base);
	return st_insmod("mirror_mm", parameters);
}

/* The first word of each page is enough, and a guest is slow. */
static void write_pages(char *addr, size_t size, uint64_t word)
{
	size_t at;

	for (at = 0; at < size; at += ST_PAGE)
		*(uint64_t *)(addr + at) = word;
}

/* Every page of the mirror that one can get holds the secret afterwards. */
static uint64_t leave_secrets(void)
{
	struct mirror_mm_alloc block;
	uint64_t pages = 0;
	int fd = st_open();
	char *addr;

	while (fd >= 0 && !st_alloc(fd, ORDER, GFP, &block)) {
		addr = st_map(fd, &block);
		if (addr == MAP_FAILED)
			break;
		write_pages(addr, st_block_size(&block), SECRET);
		munmap(addr, st_block_size(&block));
		pages += 1ull << ORDER;
	}
	close(fd);
	return pages;
}

/* First block on the list that the next large request for highmem is served from. */
static unsigned long next_block(void)
{
	char *text = st_debugfs("state"), *at;
	unsigned long pfn = 0;

	at = text ? strstr(text, "\nfree 0 HighMem Movable 10: ") : NULL;
	if (at)
		pfn = strtoul(strchr(at, ':') + 1, NULL, 10);
	free(text);
	return pfn;
}

/* Damages the list and has the mirror come across that. */
static int break_mirror(int fd)
{
	struct mirror_mm_alloc block;
	char parameters[32];
	unsigned long pfn = next_block();
	int ret;

	if (!pfn)
		return -ENOENT;
	snprintf(parameters, sizeof(parameters), "pfn=%lu", pfn);
	ret = st_insmod("mirror_mm_break", parameters);
	if (ret)
		return ret;
	/* The one that comes across it may still be served from another zone. */
	ret = st_alloc(fd, 10, GFP, &block);
	if (!ret)
		ret = st_alloc(fd, 10, GFP, &block);
	return ret == -EIO ? 0 : -EPROTO;
}

/* How many pages at @addr can be read, and how many of those have the secret. */
static void count_pages(char *addr, size_t size, size_t *read, size_t *secret)
{
	uint64_t value;
	size_t at;

	for (at = 0; at < size; at += ST_PAGE) {
		if (st_peek(addr + at, &value))
			continue;
		++*read;
		*secret += value == SECRET;
	}
}

/**
 * struct holder - who has the pages now
 * @fd: its file
 * @block: some that it has touched, and some that it has not
 * @addr: where they are mapped
 */
struct holder {
	int fd;
	struct mirror_mm_alloc block[2][BLOCKS];
	char *addr[2][BLOCKS];
};

enum { TOUCHED, UNTOUCHED };

static int hold(struct holder *h)
{
	int i, which;

	h->fd = st_open();
	for (i = 0; i < 2 * BLOCKS; i++) {
		struct mirror_mm_alloc *block = &h->block[i % 2][i / 2];

		which = i % 2;
		if (st_alloc(h->fd, ORDER, GFP, block) || block->zone != MIRROR_ZONE_HIGHMEM)
			return -1;
		h->addr[which][i / 2] = st_map(h->fd, block);
		if (h->addr[which][i / 2] == MAP_FAILED)
			return -1;
		if (which == TOUCHED)
			st_fill(h->addr[which][i / 2], st_block_size(block), i);
	}
	return 0;
}

static void expect_nothing_shown(struct __test_metadata *_metadata, struct holder *h)
{
	size_t size = ST_PAGE << ORDER, read = 0, secret = 0, bus = 0;
	uint64_t words[64];
	char *again;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		char *addr = h->addr[UNTOUCHED][i];

		EXPECT_EQ(-EIO, st_proc_mem(getpid(), addr, words, sizeof(words), false));
		EXPECT_EQ(-EIO, st_proc_mem(getpid(), addr, words, sizeof(words), true));
		bus += st_count_signal(addr, size, SIGBUS);
		count_pages(addr, size, &read, &secret);
		/* Nor through a mapping that is made only now. */
		again = st_map(h->fd, &h->block[UNTOUCHED][i]);
		if (again != MAP_FAILED)
			count_pages(again, size, &read, &secret);
	}
	EXPECT_EQ(0, secret);
	EXPECT_EQ(0, read);
	EXPECT_EQ((size_t)BLOCKS << ORDER, bus);
	TH_LOG("%zu of %u pages read, %zu of them with the last holder's data", read,
	       BLOCKS << ORDER, secret);
}

/* What was seen before is still the holder's, as far as it is shown at all. */
static void expect_own_content(struct __test_metadata *_metadata, struct holder *h)
{
	size_t size = ST_PAGE << ORDER;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		ASSERT_EQ(0, st_peek_pages(h->addr[TOUCHED][i], size));
		EXPECT_EQ(0, st_differs(h->addr[TOUCHED][i], size, 2 * i));
	}
}

TEST(untouched_pages_are_never_shown_out_of_service)
{
	struct mirror_mm_info info;
	struct holder h;

	ASSERT_EQ(0, load_with_highmem());
	ASSERT_LT(0, leave_secrets());
	ASSERT_EQ(0, hold(&h));
	ASSERT_EQ(0, st_info(h.fd, &info));
	ASSERT_EQ(MIRROR_MM_IN_SERVICE, info.state);
	ASSERT_EQ(0, break_mirror(h.fd));
	ASSERT_EQ(0, st_info(h.fd, &info));
	ASSERT_EQ(MIRROR_MM_OUT_OF_SERVICE, info.state);
	expect_nothing_shown(_metadata, &h);
	expect_own_content(_metadata, &h);
	/* Rights can be given up whatever state the mirror is in. */
	EXPECT_EQ(0, st_drop_rights(h.fd, MIRROR_MM_RIGHTS));
	ASSERT_EQ(0, st_info(h.fd, &info));
	EXPECT_EQ(0, info.rights);
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, info.start_pfn);
	st_unmap_all();
	ASSERT_EQ(0, close(h.fd));

	/* A new mirror on the same range has nothing of it to show either. */
	ASSERT_EQ(0, st_rmmod("mirror_mm_break"));
	ASSERT_EQ(0, load_with_highmem());
	ASSERT_EQ(0, hold(&h));
	expect_own_content(_metadata, &h);
	EXPECT_EQ(NULL, st_check());
	for (int i = 0; i < BLOCKS; i++)
		EXPECT_EQ(0, st_not_zero(h.addr[UNTOUCHED][i], ST_PAGE << ORDER));
}

TEST_HARNESS_MAIN
