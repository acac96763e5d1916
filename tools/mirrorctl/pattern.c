// SPDX-License-Identifier: GPL-2.0
/*
 * A content for each block that no other block has: written and compared.
 *
 * The content is a sequence of 64-bit numbers made of a seed and their place,
 * mixed until each bit depends on both. A page that lies in the wrong place of
 * the right block is found as well as one of another block.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"

#define CHUNK_WORDS	8192
#define CHUNK_BYTES	(CHUNK_WORDS * sizeof(__u64))

/* Two rounds of an odd factor and a shift from the upper to the lower half. */
static __u64 number_at(__u64 seed, __u64 place)
{
	__u64 x = seed + place;

	x = (x ^ (x >> 33)) * 0xa0761d6478bd642full;
	x = (x ^ (x >> 29)) * 0xe7037ed1a0b428dbull;
	return x ^ (x >> 32);
}

static size_t chunk_at(const struct pattern_job *job, size_t offset)
{
	size_t left = job->size - offset;

	return left < CHUNK_BYTES ? left : CHUNK_BYTES;
}

static void fill(__u64 *words, const struct pattern_job *job, size_t offset)
{
	size_t nr = chunk_at(job, offset) / sizeof(*words);

	for (size_t i = 0; i < nr; i++)
		words[i] = number_at(job->seed, offset / sizeof(*words) + i);
}

static int compare(struct pattern_job *job, size_t offset,
		   const unsigned char *got, const void *expected)
{
	const unsigned char *want = expected;
	size_t len = chunk_at(job, offset), i = 0;

	if (!memcmp(got, want, len))
		return 0;
	while (i < len && got[i] == want[i])
		i++;
	job->bad = offset + i;
	return -EILSEQ;
}

int pattern_write(void *arg)
{
	static __u64 words[CHUNK_WORDS];
	struct pattern_job *job = arg;

	for (size_t at = 0; at < job->size; at += CHUNK_BYTES) {
		fill(words, job, at);
		memcpy(job->mem + at, words, chunk_at(job, at));
	}
	return 0;
}

int pattern_check(void *arg)
{
	static __u64 words[CHUNK_WORDS];
	struct pattern_job *job = arg;
	int err;

	for (size_t at = 0; at < job->size; at += CHUNK_BYTES) {
		fill(words, job, at);
		err = compare(job, at, job->mem + at, words);
		if (err)
			return err;
	}
	return 0;
}

static int read_kernel(const struct pattern_job *job, size_t offset,
		       unsigned char *to)
{
	off_t addr = (off_t)job->mem + offset;
	size_t left = chunk_at(job, offset);

	while (left) {
		ssize_t got = pread(job->fd, to, left, addr);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		to += got;
		addr += got;
		left -= got;
	}
	return 0;
}

int pattern_check_kernel(void *arg)
{
	static unsigned char got[CHUNK_BYTES];
	static __u64 words[CHUNK_WORDS];
	struct pattern_job *job = arg;
	int err;

	for (size_t at = 0; at < job->size; at += CHUNK_BYTES) {
		err = read_kernel(job, at, got);
		if (err)
			return err;
		fill(words, job, at);
		err = compare(job, at, got, words);
		if (err)
			return err;
	}
	return 0;
}

int pattern_check_zero(void *arg)
{
	static const __u64 zeros[CHUNK_WORDS];
	struct pattern_job *job = arg;
	int err;

	for (size_t at = 0; at < job->size; at += CHUNK_BYTES) {
		err = compare(job, at, job->mem + at, zeros);
		if (err)
			return err;
	}
	return 0;
}
