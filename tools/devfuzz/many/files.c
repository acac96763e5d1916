// SPDX-License-Identifier: GPL-2.0
/*
 * Opens of the device, what they say of themselves, and mappings of their blocks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../admin.h"
#include "many.h"

#define DEVICE		"/dev/mirror_mm"
#define CHECK		"/sys/kernel/debug/mirror_mm/check"
#define PAGE_LIMIT	"/sys/class/misc/mirror_mm/page_limit"
/* Of the block that a file has its arrays in, now and then. */
#define ARRAY_ORDER	4

static void set_admin(bool on)
{
	int error = admin_set(on);

	if (error)
		found("CAP_SYS_ADMIN: %s", strerror(error));
}

static void set_limit(uint64_t limit)
{
	char text[24];
	int fd = open(PAGE_LIMIT, O_WRONLY | O_CLOEXEC);
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);

	if (fd < 0 || write(fd, text, len) != len)
		found("%s: %s", PAGE_LIMIT, strerror(errno));
	close(fd);
}

/* A block for arrays, which no operation of any array is about. */
static void make_array(struct file *f)
{
	struct mirror_mm_alloc arg = {
		.order = ARRAY_ORDER, .gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};

	f->own_pages = 0;
	f->array_id = 0;
	f->array = NULL;
	if (f->kind == READER || (f->limit && f->limit < 1000) ||
	    call(f->fd, MIRROR_MM_ALLOC, &arg))
		return;
	f->own_pages = 1ull << ARRAY_ORDER;
	f->array_id = arg.id;
	f->array = mmap(NULL, PAGE << ARRAY_ORDER, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd,
			arg.offset);
	if (f->array == MAP_FAILED)
		found("mmap: %s", strerror(errno));
}

/**
 * file_open - open the device, in one way or another
 * @f: filled in
 */
void file_open(struct file *f)
{
	static const uint64_t limits[] = { 1, 100, 3000, 20000 };

	f->kind = draw(3) ? ADMIN : draw(NR_KINDS);
	f->limit = f->kind == LIMITED ? limits[draw(ARRAY_SIZE(limits))] : 0;
	f->policy = false;
	f->rights = f->kind == READER ? MIRROR_MM_RIGHT_ADMIN : MIRROR_MM_RIGHTS;
	if (f->kind == USER)
		f->rights &= ~MIRROR_MM_RIGHT_ADMIN;
	if (f->limit)
		set_limit(f->limit);
	if (f->kind == USER)
		set_admin(false);
	f->fd = open(DEVICE, (f->kind == READER ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (f->kind == USER)
		set_admin(true);
	if (f->limit)
		set_limit(0);
	if (f->fd < 0)
		found("%s: %s", DEVICE, strerror(errno));
	make_array(f);
	file_check(f);
}

static void unmap(struct mapped *m)
{
	if (m->addr)
		munmap(m->addr, m->size);
	m->addr = NULL;
}

/**
 * file_close - close it, with all that it holds
 * @f: the file
 */
void file_close(struct file *f)
{
	unsigned int i;

	for (i = 0; i < NR_MAPPED; i++)
		unmap(&f->mapped[i]);
	if (f->array)
		munmap(f->array, PAGE << ARRAY_ORDER);
	close(f->fd);
	f->array = NULL;
	f->own_pages = 0;
	model_reset(f);
}

/**
 * file_change - a policy, or a right less
 * @f: the file
 */
void file_change(struct file *f)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_SET_MEMPOLICY };

	if (!draw(16)) {
		arg.cmd = MIRROR_MM_CTL_DROP_RIGHTS;
		arg.drop_rights.rights = 1u << draw(5);
		if (call(f->fd, MIRROR_MM_CTL, &arg))
			found("DROP_RIGHTS fails");
		f->rights &= ~arg.drop_rights.rights;
		return;
	}
	arg.mempolicy.mode = draw(MIRROR_MPOL_MAX);
	arg.mempolicy.nodemask = draw(1u << idle.nr_nodes);
	if (!call(f->fd, MIRROR_MM_CTL, &arg))
		f->policy = true;
}

/* Blocks that were freed and are still mapped. */
static uint64_t waiting(const struct file *f)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < NR_MAPPED; i++)
		nr += f->mapped[i].addr && !model_find(f, f->mapped[i].id);
	return nr;
}

static void expect(const char *what, uint64_t is, uint64_t due)
{
	if (is != due)
		found("INFO of a file says %llu for %s, not %llu", (unsigned long long)is, what,
		      (unsigned long long)due);
}

/**
 * file_check - INFO says what the model has
 * @f: the file
 */
void file_check(const struct file *f)
{
	struct mirror_mm_info info;
	long ret = call(f->fd, MIRROR_MM_INFO, &info);

	if (ret)
		found("INFO gives %ld", ret);
	expect("pages", info.held_pages, f->pages + f->own_pages);
	expect("blocks", info.held_blocks, f->nr + !!f->array);
	expect("blocks that wait", info.waiting_blocks, waiting(f));
	expect("rights", info.rights, f->rights);
	expect("limit", info.page_limit, f->limit);
	if (info.state != MIRROR_MM_IN_SERVICE)
		found("the mirror went out of service");
}

static bool is_mapped(const struct file *f, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < NR_MAPPED; i++)
		if (f->mapped[i].addr && f->mapped[i].id == id)
			return true;
	return false;
}

/**
 * map_some - map a block and touch it, in place of another mapping
 * @f: the file
 *
 * What it shows is the business of the other fuzzer; here a block that is mapped takes
 * another way when it is freed.
 */
void map_some(struct file *f)
{
	struct mapped *m = &f->mapped[draw(NR_MAPPED)];
	const struct held *b;

	unmap(m);
	if (!f->nr || f->kind == READER || !(f->rights & MIRROR_MM_RIGHT_WRITE))
		return;
	b = &f->held[draw(f->nr)];
	if (is_mapped(f, b->id))
		return;
	m->size = PAGE << b->order;
	m->id = b->id;
	m->addr = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, b->offset);
	if (m->addr == MAP_FAILED)
		found("mmap of a block that is held: %s", strerror(errno));
	if (draw(2))
		m->addr[draw(m->size / PAGE) * PAGE] = 1;
}

/**
 * read_check - the mirror finds nothing wrong with itself
 */
void read_check(void)
{
	static char text[8192];
	int fd = open(CHECK, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0)
		found("%s: %s", CHECK, strerror(errno));
	close(fd);
	text[len] = '\0';
	if (strcmp(text, "check: clean\n"))
		found("%s", text);
	counts.checks++;
}

/**
 * check_free_pages - as many are free as nobody holds, and another file can have one
 */
void check_free_pages(void)
{
	struct mirror_mm_alloc arg = { .gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY };
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC), tries = 0;
	struct mirror_mm_info info;
	long ret;

	/* What the tick moves at this moment is counted twice. */
	do {
		if (tries++)
			usleep(1000);
		if (call(fd, MIRROR_MM_INFO, &info))
			found("INFO fails");
	} while (info.nr_free != model_free_pages() && tries < 200);
	if (info.nr_free != model_free_pages())
		found("%llu pages are free, not %llu", (unsigned long long)info.nr_free,
		      (unsigned long long)model_free_pages());
	ret = call(fd, MIRROR_MM_ALLOC, &arg);
	if (ret && info.nr_free > idle.nr_pages / 4)
		found("another file is refused a page (%ld) while %llu are free", ret,
		      (unsigned long long)info.nr_free);
	close(fd);
}
