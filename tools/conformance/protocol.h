/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the comparison program says to the two drivers.
 *
 *   conformance (program) --ioctl--> /dev/conf_reference   the kernel's allocator,
 *                                                          nodes of the guest
 *                         --ioctl--> /dev/conf_mirror      mirror_mm, its nodes,
 *                                                          through mirror_mm.h
 *                         --SUBMIT-> /dev/mirror_mm        the same, as blocks
 *
 * The nodes are those from number 1 on that have memory: one or two. Lists count
 * them from 0. Node 0 is where the guest lives, and the mirror's is empty.
 *
 * Both drivers carry out the same operation list and answer with the same words,
 * so that two runs are equal where the words are. Page frames are told as offsets
 * from the first frame of the first node's lowest zone, without the gaps between
 * zones and nodes.
 */
#ifndef _CONFORMANCE_PROTOCOL_H
#define _CONFORMANCE_PROTOCOL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Slots hold what a list has allocated; a list names a slot, never a frame. */
#define CONF_SLOTS	131072
#define CONF_RUN_OPS	8192	/* operations of one CONF_RUN at most */
#define CONF_RUN_WORDS	65536	/* and words of its results */
#define CONF_BULK_MAX	512
#define CONF_CAN_MOVE	1	/* in @nr of ALLOC, order 0 only */
#define CONF_SPLIT_ORDER_MAX	5

#define CONF_FIRST_NODE	1
#define CONF_MAX_NODES	2
#define CONF_MAX_CPUS	2

/* @arg of GO_ON, DRAIN and TICK: one CPU. 0 is all of them, but for GO_ON. */
#define CONF_ONE_CPU(cpu)	((cpu) + 1)

/*
 * @arg of ALLOC and BULK: the node to prefer, and the nodes to allow, bit by
 * node; none means all, as a nodemask that is NULL does.
 */
#define CONF_NODES(prefer, allow)	((prefer) | (allow) << 8)
#define CONF_PREFERRED(arg)		((arg) & 0xffu)
#define CONF_ALLOWED(arg)		((arg) >> 8)

/*
 * Operations inside a segment, and what each answers: one word, CONF_BULK 1 + nr.
 *
 *   NOP        0
 *   ALLOC      slot = 2^order pages: the offset, or CONF_FAILED. With CONF_CAN_MOVE the
 *              holder of the single page could move it
 *   FREE       gives the slot's own reference back: 0. Of a split block the parts
 *              go in ascending order. A block that is not compound and still has a
 *              GET loses its tails and keeps the head
 *   GET        one more reference on the head: how many there are
 *   PUT        and back: how many are left. Skipped where it would be the last of
 *              a block that is not compound and larger than a page
 *   SPLIT      from now on single pages: 0. Skipped for compound blocks, order 0
 *              or above CONF_SPLIT_ORDER_MAX, and with a GET
 *   FREE_PART  frees page number @arg of a split slot: 0
 *   BULK       fills the empty ones of @nr slots from @slot with single pages: the
 *              call's return value, then the offset in each slot or CONF_FAILED.
 *              Skipped where one of the slots holds another kind of block
 *   FREE_BULK  gives the own references of @nr slots from @slot back with one call,
 *              the empty ones left out: how many. Skipped as BULK is
 *   GO_ON      what follows is done on the CPU in @arg, between segments, too: 0.
 *              Skipped where it is not online, and where segments may sleep. A
 *              list begins on CPU 0
 *
 * An operation that makes no sense for the slot (free an empty one, allocate into
 * a full one) answers CONF_SKIPPED and changes nothing, so that every part of a
 * list is a list.
 */
enum conf_opcode {
	CONF_NOP,
	CONF_ALLOC,
	CONF_FREE,
	CONF_GET,
	CONF_PUT,
	CONF_SPLIT,
	CONF_FREE_PART,
	CONF_BULK,
	CONF_FREE_BULK,
	CONF_GO_ON,
	CONF_NR_RUN_OPS,

	/* Between segments; the program does these, the drivers refuse them. */
	CONF_DRAIN = CONF_NR_RUN_OPS,	/* a CPU's lists by itself, or all by the one in turn */
	CONF_TICK,	/* one pass of the statistics tick: fold, decay, expire */
	CONF_TUNE,	/* tunable @order (enum conf_tunable) becomes @arg */
	CONF_CHECKPOINT,	/* compare the complete state */
	CONF_NR_OPS
};

#define CONF_FAILED	0xffffffffu
#define CONF_SKIPPED	0xfffffffeu
#define CONF_NOT_ZERO	0xfffffffdu	/* there is a page, not as clean as asked */

enum conf_tunable {
	CONF_MIN_FREE_KBYTES,
	CONF_WATERMARK_SCALE_FACTOR,
	CONF_WATERMARK_BOOST_FACTOR,
	CONF_LOWMEM_RESERVE_RATIO,	/* of the zones DMA32 and NORMAL */
	CONF_HIGH_FRACTION,		/* percpu_pagelist_high_fraction */
	CONF_NR_TUNABLES
};

/**
 * struct conf_op - one operation
 * @opcode: enum conf_opcode
 * @order: CONF_ALLOC: 2^order pages; CONF_TUNE: which
 * @nr: CONF_BULK, CONF_FREE_BULK: slots; CONF_ALLOC: 0 or CONF_CAN_MOVE
 * @gfp: __MIRROR_GFP_* bits; the reference driver translates
 * @slot: below CONF_SLOTS
 * @arg: CONF_FREE_PART, CONF_TUNE; CONF_ALLOC, CONF_BULK: CONF_NODES();
 *       CONF_GO_ON, CONF_DRAIN, CONF_TICK: CONF_ONE_CPU()
 */
struct conf_op {
	__u8 opcode;
	__u8 order;
	__u16 nr;
	__u32 gfp;
	__u32 slot;
	__u32 arg;
};

/**
 * struct conf_run - argument of CONF_IOC_RUN: one segment
 * @ops: user address of struct conf_op[@nr]
 * @words: user address of __u32[@max_words] for the results
 * @nr: operations
 * @max_words: room
 * @nr_words: out: words written
 * @flags: CONF_RUN_*
 *
 * Interrupts are off on all CPUs for the whole segment, but for CONF_RUN_MAY_SLEEP,
 * and one CPU works at a time.
 */
struct conf_run {
	__u64 ops;
	__u64 words;
	__u32 nr;
	__u32 max_words;
	__u32 nr_words;
	__u32 flags;
};

#define CONF_RUN_MAY_SLEEP	1	/* process context, for direct reclaim */

/**
 * struct conf_state - argument of CONF_IOC_STATE
 * @words: user address
 * @max_words: room; 524288 are enough for 512 MiB
 * @nr_words: out
 *
 * A state is a sequence of records, always in the same order: for each populated
 * zone of each node ZONE, STAT and then PCP of each CPU that is online, the FREE lists
 * by type and order, the LIST ones by CPU and index (empty lists are left out of both),
 * BLOCKS. A record is one struct conf_record and its words.
 */
struct conf_state {
	__u64 words;
	__u32 max_words;
	__u32 nr_words;
};

enum conf_record_kind {
	CONF_REC_ZONE,	/* enum conf_zone_field */
	CONF_REC_STAT,	/* b: CPU; enum conf_stat_field */
	CONF_REC_PCP,	/* b: CPU; enum conf_pcp_field */
	CONF_REC_FREE,	/* a: order, b: enum mirror_migratetype; offsets from the head */
	CONF_REC_LIST,	/* a: index of the list, b: CPU; offsets from the head */
	CONF_REC_BLOCKS,	/* migratetype of each pageblock, CONF_FAILED in a hole */
};

struct conf_record {
	__u8 kind;
	__u8 zone;	/* CONF_ZONE() */
	__u8 a;
	__u8 b;
	__u32 nr;	/* words that follow */
};

/* A zone of a node, where lists count the nodes from 0. */
#define CONF_ZONE(node, type)	((node) << 4 | (type))
#define CONF_ZONE_NODE(zone)	((zone) >> 4)
#define CONF_ZONE_TYPE(zone)	((zone) & 0xfu)

/* Words of the ZONE, STAT and PCP records. The NUMA counters are all CPUs' together. */
enum conf_zone_field {
	CONF_ZONE_START,
	CONF_ZONE_SPANNED,
	CONF_ZONE_PRESENT,
	CONF_ZONE_MANAGED,
	CONF_ZONE_FREE,
	CONF_ZONE_FREE_CMA,
	CONF_ZONE_DRIFT_MARK,
	CONF_ZONE_MIN,
	CONF_ZONE_LOW,
	CONF_ZONE_HIGH,
	CONF_ZONE_PROMO,
	CONF_ZONE_BOOST,
	CONF_ZONE_RESERVED_HIGHATOMIC,
	CONF_ZONE_FREE_HIGHATOMIC,
	CONF_ZONE_BOOSTED,
	CONF_ZONE_BELOW_HIGH,
	CONF_ZONE_RECLAIM_ACTIVE,
	CONF_ZONE_KSWAPD_DUE,	/* kswapd was asked to see to it since the last TICK */
	CONF_ZONE_KSWAPD_ORDER,	/* largest order that the node's was asked for since then */
	CONF_ZONE_RESERVE_NORMAL,
	CONF_ZONE_RESERVE_MOVABLE,
	CONF_ZONE_NUMA_HIT,
	CONF_ZONE_NUMA_MISS,
	CONF_ZONE_NUMA_FOREIGN,
	CONF_ZONE_NUMA_INTERLEAVE,
	CONF_ZONE_NUMA_LOCAL,
	CONF_ZONE_NUMA_OTHER,
	CONF_NR_ZONE_FIELDS
};

/* A CPU's part of the counters that is not folded into the zone's yet. */
enum conf_stat_field {
	CONF_STAT_DRIFT,
	CONF_STAT_DRIFT_CMA,
	CONF_STAT_THRESHOLD,
	CONF_NR_STAT_FIELDS
};

enum conf_pcp_field {
	CONF_PCP_COUNT,
	CONF_PCP_HIGH,
	CONF_PCP_HIGH_MIN,
	CONF_PCP_HIGH_MAX,
	CONF_PCP_BATCH,
	CONF_PCP_FREE_COUNT,
	CONF_PCP_ALLOC_FACTOR,
	CONF_PCP_FLAGS,
	CONF_PCP_EXPIRE,
	CONF_NR_PCP_FIELDS
};

/* What the drivers see happen to the nodes between two operations. */
enum conf_event {
	CONF_EVENT_ALLOC_PCP,
	CONF_EVENT_ALLOC_BUDDY,
	CONF_EVENT_ALLOC_BULK,
	CONF_EVENT_FAILED_0,
	CONF_EVENT_FAILED_LOW,
	CONF_EVENT_FAILED_COSTLY,
	CONF_EVENT_FAILED_BULK,
	CONF_EVENT_CLAIM,
	CONF_EVENT_STEAL,
	CONF_EVENT_BOOST,
	CONF_EVENT_RESERVE,
	CONF_EVENT_UNRESERVE,
	CONF_EVENT_BELOW_HIGH_SET,
	CONF_EVENT_BELOW_HIGH_CLEAR,
	CONF_EVENT_PCP_REFILL,
	CONF_EVENT_PCP_FLUSH,
	CONF_EVENT_PCP_EMPTIED,
	CONF_EVENT_PCP_HIGH_UP,
	CONF_EVENT_PCP_HIGH_DOWN,
	CONF_EVENT_FACTOR_UP,
	CONF_EVENT_FACTOR_DOWN,
	CONF_EVENT_MERGED_LARGEST,
	CONF_EVENT_PGALLOC,
	CONF_EVENT_PGFREE,
	CONF_EVENT_ALLOCSTALL,
	CONF_EVENT_GO_ON,	/* the work was handed to the other CPU */
	CONF_EVENT_FREE_BULK,
	CONF_EVENT_FREE_REMOTE,	/* on another CPU than the one that allocated */
	CONF_NR_EVENTS
};

/**
 * struct conf_events - argument of CONF_IOC_EVENTS: counts since CONF_IOC_RESET
 * @nr: by enum conf_event; CONF_UNSEEN where this driver cannot see it
 */
struct conf_events {
	__u64 nr[CONF_NR_EVENTS];
};

#define CONF_UNSEEN	(~(__u64)0)

#define CONF_IOC_RUN	_IOWR('C', 1, struct conf_run)
#define CONF_IOC_STATE	_IOWR('C', 2, struct conf_state)
#define CONF_IOC_DRAIN	_IO('C', 3)	/* argument: as @arg of the operation */
#define CONF_IOC_TICK	_IO('C', 4)	/* likewise */
#define CONF_IOC_EVENTS	_IOR('C', 5, struct conf_events)
/*
 * Free every slot, drain, forget reserve, boost and flags, start the counts anew.
 * The free lists keep their order: for a pristine node the program then takes the
 * node's memory offline and online again, and writes to the mirror's "reset".
 */
#define CONF_IOC_RESET	_IO('C', 6)

#endif /* _CONFORMANCE_PROTOCOL_H */
