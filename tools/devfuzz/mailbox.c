// SPDX-License-Identifier: GPL-2.0
/*
 * What outlives the guest: the input that is running, counts, and inputs that reached
 * something new. They lie in the memory of a PCI card, which on the host is a file, so
 * nothing has to be written out before a program that may end the kernel.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "devfuzz.h"
#include "mailbox.h"

#define SIZE	(32ul << 20)

static struct mailbox *box;
static time_t begun;

/**
 * mailbox_init - find it
 *
 * MAILBOX names the file of the card's memory; without it nothing outlives the guest.
 */
void mailbox_init(void)
{
	const char *path = getenv("MAILBOX");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (path && fd < 0)
		give_up("%s: %s", path, strerror(errno));
	box = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | (path ? 0 : MAP_ANONYMOUS),
		   fd, 0);
	if (box == MAP_FAILED)
		give_up("%s: %s", path ? path : "memory", strerror(errno));
	/* What an earlier program of this guest has counted stays. */
	begun = time(NULL) - box->seconds;
	box->magic = MAILBOX_MAGIC;
}

/**
 * mailbox_input - note which input runs now
 * @data: its bytes
 * @size: how many
 */
void mailbox_input(const uint8_t *data, size_t size)
{
	struct mailbox_input *input = &box->ring[(box->runs + 1) % MAILBOX_RING];

	input->size = size < MAILBOX_INPUT ? size : MAILBOX_INPUT;
	memcpy(input->data, data, input->size);
	input->number = ++box->runs;
}

/**
 * mailbox_count - count operations
 * @kind: their kind; NR_OPS for entries of SUBMIT
 * @nr: how many
 */
void mailbox_count(enum op_kind kind, uint64_t nr)
{
	box->operations[kind] += nr;
}

/**
 * mailbox_run_done - keep the other counts
 */
void mailbox_run_done(void)
{
	box->edges = coverage_edges();
	box->seconds = time(NULL) - begun;
}

/**
 * mailbox_found - note what was found
 * @text: in words
 */
void mailbox_found(const char *text)
{
	if (box)
		snprintf(box->found, sizeof(box->found), "%s", text);
}

/**
 * mailbox_unit - keep an input
 * @data: its bytes
 * @size: how many
 */
void mailbox_unit(const uint8_t *data, size_t size)
{
	uint32_t length = size;

	if (offsetof(struct mailbox, units) + box->end + sizeof(length) + size > SIZE)
		return;
	memcpy(box->units + box->end, &length, sizeof(length));
	memcpy(box->units + box->end + sizeof(length), data, size);
	box->end += sizeof(length) + size;
}

/**
 * mailbox_forget_units - keep none of those that were kept
 */
void mailbox_forget_units(void)
{
	box->end = 0;
}

static void keep_file(const char *path)
{
	uint8_t data[RECORD_BYTES * MAX_RECORDS];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return;
	size = read(fd, data, sizeof(data));
	close(fd);
	if (size > 0)
		mailbox_unit(data, size);
}

/**
 * mailbox_scan - keep what libFuzzer has put into its folder since the last time
 * @folder: that folder
 */
void mailbox_scan(const char *folder)
{
	static struct timespec newest;
	struct timespec latest = newest;
	char path[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(folder);

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (stat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (st.st_mtim.tv_sec < newest.tv_sec ||
		    (st.st_mtim.tv_sec == newest.tv_sec &&
		     st.st_mtim.tv_nsec <= newest.tv_nsec))
			continue;
		keep_file(path);
		if (st.st_mtim.tv_sec > latest.tv_sec ||
		    (st.st_mtim.tv_sec == latest.tv_sec && st.st_mtim.tv_nsec > latest.tv_nsec))
			latest = st.st_mtim;
	}
	closedir(dir);
	newest = latest;
}
