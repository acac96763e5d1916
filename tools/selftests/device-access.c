// SPDX-License-Identifier: GPL-2.0
/*
 * What a debugger sees and changes, against a memfd as the model.
 *
 * The same mappings are made of a block and of a memfd with the same content, in two
 * windows of addresses. Reads and writes through /proc/PID/mem and ptrace at the same
 * places of both have to end alike: bytes, errno, and what the memory holds then.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include "fixture.h"

#define ORDER	3
#define PAGES	8ul
#define SIZE	(PAGES * ST_PAGE)
#define WINDOW	24ul

enum { DEVICE, MODEL, KINDS };

/**
 * struct pair - a block and its model
 * @fd: what is mapped
 * @offset: where in it
 * @whole: a mapping of all of it, outside of the window
 * @window: WINDOW pages of addresses
 */
struct pair {
	int fd[KINDS];
	uint64_t offset[KINDS];
	char *whole[KINDS];
	char *window[KINDS];
};

static int pair_init(struct pair *p, int fd, struct mirror_mm_alloc *block)
{
	int i;

	if (st_alloc(fd, ORDER, ST_GFP_MOVABLE, block))
		return -1;
	p->fd[DEVICE] = fd;
	p->offset[DEVICE] = block->offset;
	p->fd[MODEL] = memfd_create("model", MFD_CLOEXEC);
	p->offset[MODEL] = 0;
	if (p->fd[MODEL] < 0 || ftruncate(p->fd[MODEL], SIZE))
		return -1;
	for (i = 0; i < KINDS; i++) {
		p->whole[i] = st_map_at(p->fd[i], p->offset[i], SIZE);
		p->window[i] = mmap(NULL, WINDOW * ST_PAGE, PROT_NONE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p->whole[i] == MAP_FAILED || p->window[i] == MAP_FAILED)
			return -1;
		st_fill(p->whole[i], SIZE, 1);
	}
	return 0;
}

static bool same_content(const struct pair *p)
{
	return !memcmp(p->whole[DEVICE], p->whole[MODEL], SIZE);
}

/* the same for both ------------------------------------------------------------------- */

/* The places are in pages; 0 where both calls ended alike. */
static int map_both(struct pair *p, size_t at, size_t first, size_t nr, int prot)
{
	int error[KINDS], i;

	for (i = 0; i < KINDS; i++)
		error[i] = mmap(p->window[i] + at * ST_PAGE, nr * ST_PAGE, prot,
				MAP_SHARED | MAP_FIXED, p->fd[i],
				p->offset[i] + first * ST_PAGE) == MAP_FAILED ? errno : 0;
	return error[DEVICE] == error[MODEL] ? 0 : -1;
}

static int protect_both(struct pair *p, size_t at, size_t nr, int prot)
{
	int error[KINDS], i;

	for (i = 0; i < KINDS; i++)
		error[i] = mprotect(p->window[i] + at * ST_PAGE, nr * ST_PAGE, prot) ?
			   errno : 0;
	return error[DEVICE] == error[MODEL] ? 0 : -1;
}

/* Private memory with the same content, as a neighbour. */
static int anon_both(struct pair *p, size_t at, size_t nr, int prot)
{
	char *addr;
	int i;

	for (i = 0; i < KINDS; i++) {
		addr = mmap(p->window[i] + at * ST_PAGE, nr * ST_PAGE,
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (addr == MAP_FAILED)
			return -1;
		st_fill(addr, nr * ST_PAGE, at);
		if (mprotect(addr, nr * ST_PAGE, prot))
			return -1;
	}
	return 0;
}

static int unmap_both(struct pair *p, size_t at, size_t nr)
{
	return munmap(p->window[DEVICE] + at * ST_PAGE, nr * ST_PAGE) ||
	       munmap(p->window[MODEL] + at * ST_PAGE, nr * ST_PAGE) ? -1 : 0;
}

/* One access, @at bytes into the windows. */
static void access_both(struct __test_metadata *_metadata, struct pair *p, size_t at,
			size_t length, bool write)
{
	static char buf[KINDS][WINDOW << 16];
	ssize_t done[KINDS];
	int i;

	for (i = 0; i < KINDS; i++) {
		/* What is written differs from place to place. */
		st_fill(buf[i], (length + 7) & ~7ul, at + length);
		done[i] = st_proc_mem(getpid(), p->window[i] + at, buf[i], length, write);
	}
	ASSERT_EQ(done[MODEL], done[DEVICE]) {
		TH_LOG("%s of %zu bytes at page %zu, byte %zu", write ? "write" : "read",
		       length, at / ST_PAGE, at % ST_PAGE);
	}
	ASSERT_EQ(0, memcmp(buf[DEVICE], buf[MODEL], length));
	if (write)
		ASSERT_TRUE(same_content(p));
}

/* An access that begins or ends near the edge of a page more often than not. */
static void any_access(struct __test_metadata *_metadata, struct pair *p, uint64_t *seed)
{
	size_t pages = WINDOW - 4, at = st_below(seed, pages) * ST_PAGE, length;

	if (st_below(seed, 2))
		at += ST_PAGE - 1 - st_below(seed, 16);
	else
		at += st_below(seed, ST_PAGE);
	switch (st_below(seed, 3)) {
	case 0:
		length = 1 + st_below(seed, 32);
		break;
	case 1:
		length = 1 + st_below(seed, 3 * ST_PAGE);
		break;
	default:
		length = (1 + st_below(seed, PAGES)) * ST_PAGE + st_below(seed, 16);
	}
	if (at + length > WINDOW * ST_PAGE)
		length = WINDOW * ST_PAGE - at;
	access_both(_metadata, p, at, length, st_below(seed, 2));
}

static void many_accesses(struct __test_metadata *_metadata, struct pair *p,
			  uint64_t *seed, unsigned int nr)
{
	while (nr--)
		any_access(_metadata, p, seed);
}

/* layouts ------------------------------------------------------------------------------- */

static const int prots[] = {
	PROT_READ | PROT_WRITE, PROT_READ, PROT_WRITE, PROT_NONE,
};

/* Which part of the block; it lies in the middle of the window with holes around. */
static const struct {
	size_t first;
	size_t nr;
} parts[] = {
	{ 0, 1 }, { 3, 1 }, { PAGES - 1, 1 }, { 0, PAGES / 2 }, { 2, 3 },
	{ PAGES / 2, PAGES / 2 }, { 0, PAGES },
};

#define AT	6ul

TEST_F(mirror, access_ends_where_the_mapping_ends)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed();
	struct pair p;
	size_t i, j;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		for (j = 0; j < ARRAY_SIZE(prots); j++) {
			size_t nr = parts[i].nr, end = (AT + nr) * ST_PAGE;

			ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
			ASSERT_EQ(0, map_both(&p, AT, parts[i].first, nr, prots[j]));
			access_both(_metadata, &p, AT * ST_PAGE, SIZE, false);
			access_both(_metadata, &p, AT * ST_PAGE, SIZE, true);
			access_both(_metadata, &p, end - 5, 10, false);
			access_both(_metadata, &p, end - 5, 10, true);
			access_both(_metadata, &p, end, 8, true);
			access_both(_metadata, &p, AT * ST_PAGE - 5, 10, false);
			many_accesses(_metadata, &p, &seed, 20);
		}
	}
}

TEST_F(mirror, access_heeds_what_the_mapping_allows_page_by_page)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed();
	unsigned int round, n;
	struct pair p;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	for (round = 0; round < 40; round++) {
		ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
		ASSERT_EQ(0, map_both(&p, AT, 0, PAGES, prots[round % 4]));
		for (n = 0; n < 4; n++)
			ASSERT_EQ(0, protect_both(&p, AT + st_below(&seed, PAGES - 1),
						  1 + st_below(&seed, 2),
						  prots[st_below(&seed, 4)]));
		if (round % 2)
			ASSERT_EQ(0, unmap_both(&p, AT + 1 + st_below(&seed, PAGES - 2), 1));
		many_accesses(_metadata, &p, &seed, 30);
	}
}

/* Parts of the block beside each other in any order, beside other memory. */
TEST_F(mirror, access_goes_on_in_the_neighbour_that_is_mapped)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed();
	unsigned int round;
	struct pair p;
	size_t at, nr, first;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	for (round = 0; round < 40; round++) {
		ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
		for (at = 0; at < WINDOW - PAGES; at += nr) {
			nr = 1 + st_below(&seed, 4);
			first = st_below(&seed, PAGES - nr);
			switch (st_below(&seed, 4)) {
			case 0:
				break;
			case 1:
				ASSERT_EQ(0, anon_both(&p, at, nr,
						       prots[st_below(&seed, 4)]));
				break;
			default:
				ASSERT_EQ(0, map_both(&p, at, first, nr,
						      prots[st_below(&seed, 4)]));
			}
		}
		many_accesses(_metadata, &p, &seed, 30);
	}
}

/* A descriptor for reading, of a file that may write otherwise. */
TEST_F(mirror, access_heeds_what_the_descriptor_allows)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed();
	struct pair p, reading;
	char path[32];
	size_t j;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	reading = p;
	reading.fd[DEVICE] = st_grant(self->fd, block.id, 0);
	ASSERT_GE(reading.fd[DEVICE], 0);
	reading.offset[DEVICE] = 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p.fd[MODEL]);
	reading.fd[MODEL] = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(reading.fd[MODEL], 0);
	for (j = 0; j < ARRAY_SIZE(prots); j++) {
		ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
		ASSERT_EQ(0, map_both(&reading, AT, 1, 4, prots[j] & ~PROT_WRITE));
		ASSERT_EQ(0, protect_both(&reading, AT + 1, 2, prots[j]));
		many_accesses(_metadata, &reading, &seed, 50);
	}
}

/* A freed block is to its mappings what a truncated memfd is. */
TEST_F(mirror, access_to_a_freed_block_is_that_to_a_truncated_file)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed(), word;
	struct pair p;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
	ASSERT_EQ(0, map_both(&p, AT, 0, PAGES, PROT_READ | PROT_WRITE));
	ASSERT_EQ(0, anon_both(&p, AT + PAGES, 1, PROT_READ | PROT_WRITE));
	ASSERT_EQ(0, anon_both(&p, AT - 1, 1, PROT_READ | PROT_WRITE));
	many_accesses(_metadata, &p, &seed, 10);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, ftruncate(p.fd[MODEL], 0));
	EXPECT_EQ(-EIO, st_proc_mem(getpid(), p.window[DEVICE] + AT * ST_PAGE, &word,
				    sizeof(word), false));
	/* Its whole mappings would fault now. */
	p.whole[DEVICE] = p.window[DEVICE] + (AT + PAGES) * ST_PAGE;
	p.whole[MODEL] = p.window[DEVICE] + (AT + PAGES) * ST_PAGE;
	ASSERT_EQ(0, unmap_both(&p, AT + PAGES, WINDOW - AT - PAGES));
	access_both(_metadata, &p, AT * ST_PAGE, 1, false);
	access_both(_metadata, &p, AT * ST_PAGE - 5, 10, false);
	access_both(_metadata, &p, (AT - 1) * ST_PAGE, SIZE, false);
	access_both(_metadata, &p, (AT + PAGES) * ST_PAGE - 5, 10, false);
}

/* ptrace -------------------------------------------------------------------------------- */

static void peek_and_poke(struct __test_metadata *_metadata, struct pair *p, pid_t pid,
			  uint64_t *seed)
{
	size_t at = (AT - 1 + st_below(seed, PAGES + 2)) * ST_PAGE - st_below(seed, 12);
	long got[KINDS], done[KINDS];
	int error[KINDS], i;

	for (i = 0; i < KINDS; i++) {
		errno = 0;
		got[i] = ptrace(PTRACE_PEEKDATA, pid, p->window[i] + at, 0);
		error[i] = errno;
		done[i] = ptrace(PTRACE_POKEDATA, pid, p->window[i] + at, (long)at);
		if (done[i])
			done[i] = -errno;
	}
	ASSERT_EQ(error[MODEL], error[DEVICE]);
	ASSERT_EQ(done[MODEL], done[DEVICE]);
	ASSERT_EQ(got[MODEL], got[DEVICE]);
	ASSERT_TRUE(same_content(p));
}

TEST_F(mirror, ptrace_ends_where_the_mapping_ends)
{
	struct mirror_mm_alloc block;
	uint64_t seed = st_seed();
	int status, round;
	struct pair p;
	pid_t pid;

	ASSERT_EQ(0, pair_init(&p, self->fd, &block));
	ASSERT_EQ(0, unmap_both(&p, 0, WINDOW));
	ASSERT_EQ(0, map_both(&p, AT, 1, PAGES - 2, PROT_READ | PROT_WRITE));
	ASSERT_EQ(0, protect_both(&p, AT + 2, 1, PROT_READ));
	ASSERT_EQ(0, protect_both(&p, AT + 4, 1, PROT_NONE));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	for (round = 0; round < 300; round++)
		peek_and_poke(_metadata, &p, pid, &seed);
	EXPECT_EQ(0, ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(0, st_wait(pid));
}

TEST_HARNESS_MAIN
