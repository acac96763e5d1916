// SPDX-License-Identifier: GPL-2.0
/*
 * A mirror's state is a few pieces of memory, none of which moves after the
 * mirror was made: descriptors, types, zones, per-CPU lists and counters,
 * settings. Locks are among them; between two operations they are free, and they
 * have no part in a digest.
 */
#include <string.h>
#include "state.h"

/* pieces ------------------------------------------------------------------------ */

/**
 * struct piece - memory that is part of a state
 * @start: first byte
 * @size: how many
 * @lock: offset of the lock inside it
 * @lock_size: 0 where there is none
 */
struct piece {
	void *start;
	size_t size;
	size_t lock;
	size_t lock_size;
};

/* What is done with each piece. */
struct visit {
	void (*fn)(void *arg, const struct piece *piece);
	void *arg;
};

static void visit(const struct visit *v, void *start, size_t size)
{
	const struct piece piece = { .start = start, .size = size };

	v->fn(v->arg, &piece);
}

static void visit_locked(const struct visit *v, void *start, size_t size, size_t lock,
			 size_t lock_size)
{
	const struct piece piece = { start, size, lock, lock_size };

	v->fn(v->arg, &piece);
}

static void visit_zone(const struct visit *v, struct mirror_zone *zone)
{
	unsigned int cpu;

	visit_locked(v, zone, sizeof(*zone), offsetof(struct mirror_zone, lock),
		     sizeof(zone->lock));
	for_each_possible_cpu(cpu) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		visit_locked(v, pcp, sizeof(*pcp), offsetof(struct mirror_pcp, lock),
			     sizeof(pcp->lock));
	}
}

/* Counters that nothing is decided by, and settings. */
static void visit_rest(const struct visit *v, struct mirror *m)
{
	struct mirror_zone *zone;
	struct mirror_node *node;
	unsigned int i, cpu;

	visit(v, &m->tunables, sizeof(m->tunables));
	visit(v, &m->broken, sizeof(m->broken));
	visit(v, &m->nr_freeable, sizeof(m->nr_freeable));
	mirror_for_each_node(m, node, i) {
		visit(v, &node->totalreserve, sizeof(node->totalreserve));
		/* All of kswapd, which stands at the end. */
		visit(v, &node->kswapd_flags,
		      sizeof(*node) - offsetof(struct mirror_node, kswapd_flags));
	}
	for_each_possible_cpu(cpu)
		mirror_for_each_populated_zone(m, zone, i)
			visit(v, per_cpu_ptr(zone->stat, cpu), sizeof(*zone->stat));
}

static void visit_all(struct mirror *m, void (*fn)(void *arg, const struct piece *),
		      void *arg)
{
	const struct visit v = { fn, arg };
	struct mirror_zone *zone;
	unsigned int i;

	visit(&v, m->pages, m->nr_desc * sizeof(*m->pages));
	visit(&v, m->pageblock_type, DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order));
	mirror_for_each_populated_zone(m, zone, i)
		visit_zone(&v, zone);
	visit_rest(&v, m);
}

/* saving ------------------------------------------------------------------------ */

static void add_size(void *arg, const struct piece *piece)
{
	*(size_t *)arg += piece->size;
}

/**
 * state_size - how much a saved state takes
 * @m: the mirror
 *
 * Return: bytes; the same as long as the mirror lives.
 */
size_t state_size(struct mirror *m)
{
	size_t size = 0;

	visit_all(m, add_size, &size);
	return size;
}

static void save_piece(void *arg, const struct piece *piece)
{
	u8 **to = arg;

	memcpy(*to, piece->start, piece->size);
	*to += piece->size;
}

/**
 * state_save - copy a state
 * @m: the mirror, which nobody uses meanwhile
 * @buffer: of state_size() bytes
 */
void state_save(struct mirror *m, void *buffer)
{
	visit_all(m, save_piece, &buffer);
}

static void restore_piece(void *arg, const struct piece *piece)
{
	const u8 **from = arg;

	memcpy(piece->start, *from, piece->size);
	*from += piece->size;
}

/**
 * state_restore - go back to a state
 * @m: the mirror, which nobody uses meanwhile
 * @buffer: from state_save() of the same mirror
 */
void state_restore(struct mirror *m, const void *buffer)
{
	visit_all(m, restore_piece, &buffer);
}

/* digests ------------------------------------------------------------------------- */

static void mix(struct state_key *key, u64 word)
{
	key->a = (key->a ^ word) * 0x9e3779b97f4a7c15ull;
	key->a ^= key->a >> 29;
	key->b = (key->b + word) * 0xc2b2ae3d27d4eb4full;
	key->b ^= key->b >> 31;
}

static void mix_bytes(struct state_key *key, const void *start, size_t size)
{
	const u8 *bytes = start;
	u64 word;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		mix(key, word);
	}
	word = size;
	memcpy(&word, bytes, size);
	mix(key, word);
}

static void mix_piece(void *arg, const struct piece *piece)
{
	size_t after = piece->lock + piece->lock_size;

	mix_bytes(arg, piece->start, piece->lock);
	mix_bytes(arg, piece->start + after, piece->size - after);
}

/**
 * state_bytes_key - digest of every byte but those of locks
 * @m: the mirror
 *
 * Return: the digest; the same where nothing at all was written.
 */
struct state_key state_bytes_key(struct mirror *m)
{
	struct state_key key = { 1, 2 };

	visit_all(m, mix_piece, &key);
	return key;
}

/* What a descriptor means: a tail's links are what was left there once. */
static void mix_page(struct state_key *key, const struct mirror_page *page)
{
	u32 refs = atomic_read(&page->refs);

	mix(key, (u64)page->flags << 32 | refs);
	if (mirror_state_is_head(mirror_flags_state(page->flags)))
		mix(key, (u64)page->next << 32 | page->prev);
}

static void mix_zone(struct state_key *key, struct mirror_zone *zone)
{
	const struct visit v = { mix_piece, key };
	unsigned int cpu;

	visit_zone(&v, zone);
	for_each_possible_cpu(cpu) {
		struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);

		mix_bytes(key, stat->diff, sizeof(stat->diff));
	}
}

/**
 * state_key - digest of all that can have an influence on what comes
 * @m: the mirror
 *
 * Event counters have none, nor has what is left over in descriptors of tails.
 * Settings have, but are not part of it: they are the same in one search.
 *
 * Return: the digest.
 */
struct state_key state_key(struct mirror *m)
{
	struct state_key key = { 3, 4 };
	struct mirror_zone *zone;
	unsigned int i;
	u32 idx;

	for (idx = 0; idx < m->nr_desc; idx++)
		mix_page(&key, &m->pages[idx]);
	mix_bytes(&key, m->pageblock_type,
		  DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order));
	mirror_for_each_populated_zone(m, zone, i)
		mix_zone(&key, zone);
	return key;
}
