/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The protocol of /dev/mirror_mm.
 *
 * Terms
 *   mirror   one page allocator, running on physical ranges that it claimed.
 *   block    one allocation as its holder sees it: 2^order contiguous pages.
 *   file     one open of the device, with all descriptors dup()ed, inherited
 *            or passed from it, and all mappings made through it.
 *
 * Ownership
 *   A block belongs to the file that allocated it. Only that file can free or
 *   map it, or grant it to others; for any other file its id and its offset do
 *   not exist. When the last descriptor is closed and the last mapping is gone,
 *   everything the file still holds goes back to the mirror, however the process
 *   ended. Ids and offsets are names within a file.
 *
 * Rights
 *   A descriptor that is open for reading only gives INFO, GET_MEMPOLICY,
 *   DROP_RIGHTS and mappings for reading; what changes something gives EBADF.
 *   What CAP_SYS_ADMIN at open allows is allowed to whoever uses the file later.
 *   CTL with DROP_RIGHTS takes rights away from the file for good, whoever holds
 *   it: a later use gives EPERM. CTL with GRANT makes a descriptor that can map
 *   one block and do nothing else, to be handed to another process.
 *
 * A block's life
 *   ALLOC returns an id and an mmap offset. mmap() the device at that offset,
 *   or at any page inside the block, with MAP_SHARED, as often as you like.
 *   Pages are inserted when touched, some neighbours with each. The content is
 *   zeros when a new holder first sees it. FREE ends the block at once: its
 *   mappings stay in the address space, but a touch gives SIGBUS. The mapping
 *   never shows what the pages are used for next. An offset is not handed out
 *   again while a mapping made with it exists.
 *
 *   Errors of mmap():
 *
 *   EINVAL   MAP_PRIVATE, or a length that runs past the block's end
 *   ENXIO    no live block of this file at that offset
 *   EACCES   for writing, without the right to it or through a descriptor that is
 *            not open for that
 *   ENODEV   the block has no memory behind it, because the module was loaded with
 *            region=test:
 *   EIO      the mirror is out of service
 *   EFAULT   from the kernel: mremap() would make the mapping grow
 *
 *   What is mapped for a device through an IOMMU, by vfio for one, stays mapped
 *   there after FREE, as the kernel does not tell vfio. Undo such a mapping first;
 *   nobody should have both a vfio device and this one who is not trusted with the
 *   memory of all.
 *
 * Versioning
 *   Structs grow at their end only. The size travels in the request number:
 *   an older program on a newer module gets zeros for what it does not know;
 *   a newer program on an older module works as long as the part that is
 *   unknown to the module holds zeros, and gets E2BIG otherwise. A size
 *   below the first published one gets EINVAL. Reserved fields and unknown
 *   flags must be zero, else EINVAL.
 *
 * Errors that every request can give
 *   EFAULT   the argument cannot be read or written
 *   EINVAL   reserved field or flag not zero, struct too small
 *   E2BIG    struct larger than the module's, with a part that is not zero
 *   ENOTTY   no such request
 *   EIO      the mirror found one of its own invariants broken and went out
 *            of service; the kernel log has the picture. INFO still answers.
 */
#ifndef _UAPI_LINUX_MIRROR_MM_H
#define _UAPI_LINUX_MIRROR_MM_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Raised when a request or a struct gains something. */
#define MIRROR_MM_API_VERSION	3

/*
 * Allocation flags. The names and meanings are those of <linux/gfp_types.h>;
 * the numbers are this interface's own and stay as they are, whatever kernel
 * runs below.
 */
#define __MIRROR_GFP_DMA		(1u << 0)
#define __MIRROR_GFP_HIGHMEM		(1u << 1)
#define __MIRROR_GFP_DMA32		(1u << 2)
#define __MIRROR_GFP_MOVABLE		(1u << 3)
#define __MIRROR_GFP_RECLAIMABLE	(1u << 4)
#define __MIRROR_GFP_HIGH		(1u << 5)
#define __MIRROR_GFP_IO			(1u << 6)
#define __MIRROR_GFP_FS			(1u << 7)
#define __MIRROR_GFP_ZERO		(1u << 8)
#define __MIRROR_GFP_DIRECT_RECLAIM	(1u << 9)
#define __MIRROR_GFP_KSWAPD_RECLAIM	(1u << 10)
#define __MIRROR_GFP_WRITE		(1u << 11)
#define __MIRROR_GFP_NOWARN		(1u << 12)
#define __MIRROR_GFP_RETRY_MAYFAIL	(1u << 13)
#define __MIRROR_GFP_NOFAIL		(1u << 14)
#define __MIRROR_GFP_NORETRY		(1u << 15)
#define __MIRROR_GFP_MEMALLOC		(1u << 16)
#define __MIRROR_GFP_COMP		(1u << 17)
#define __MIRROR_GFP_NOMEMALLOC		(1u << 18)
#define __MIRROR_GFP_HARDWALL		(1u << 19)
#define __MIRROR_GFP_THISNODE		(1u << 20)
#define __MIRROR_GFP_ALL		((1u << 21) - 1)

#define __MIRROR_GFP_RECLAIM \
	(__MIRROR_GFP_DIRECT_RECLAIM | __MIRROR_GFP_KSWAPD_RECLAIM)

#define MIRROR_GFP_ATOMIC	(__MIRROR_GFP_HIGH | __MIRROR_GFP_KSWAPD_RECLAIM)
#define MIRROR_GFP_KERNEL \
	(__MIRROR_GFP_RECLAIM | __MIRROR_GFP_IO | __MIRROR_GFP_FS)
#define MIRROR_GFP_NOWAIT \
	(__MIRROR_GFP_KSWAPD_RECLAIM | __MIRROR_GFP_NOWARN)
#define MIRROR_GFP_NOIO		__MIRROR_GFP_RECLAIM
#define MIRROR_GFP_NOFS		(__MIRROR_GFP_RECLAIM | __MIRROR_GFP_IO)
#define MIRROR_GFP_USER		(MIRROR_GFP_KERNEL | __MIRROR_GFP_HARDWALL)
#define MIRROR_GFP_DMA		__MIRROR_GFP_DMA
#define MIRROR_GFP_DMA32	__MIRROR_GFP_DMA32
#define MIRROR_GFP_HIGHUSER	(MIRROR_GFP_USER | __MIRROR_GFP_HIGHMEM)
#define MIRROR_GFP_HIGHUSER_MOVABLE \
	(MIRROR_GFP_HIGHUSER | __MIRROR_GFP_MOVABLE)

/* Page mobility groups, in the order of /proc/pagetypeinfo with CMA. */
enum mirror_migratetype {
	MIRROR_MIGRATE_UNMOVABLE,
	MIRROR_MIGRATE_MOVABLE,
	MIRROR_MIGRATE_RECLAIMABLE,
	MIRROR_MIGRATE_HIGHATOMIC,
	MIRROR_MIGRATE_CMA,
	MIRROR_MIGRATE_ISOLATE,
	MIRROR_MIGRATE_TYPES
};

enum mirror_zone_type {
	MIRROR_ZONE_DMA,
	MIRROR_ZONE_DMA32,
	MIRROR_ZONE_NORMAL,
	MIRROR_ZONE_HIGHMEM,
	MIRROR_ZONE_MOVABLE,
	MIRROR_MAX_NR_ZONES
};

/* In place of a pfn where the file was not opened with CAP_SYS_ADMIN. */
#define MIRROR_MM_PFN_HIDDEN	(~(__u64)0)
/* In alloc.node: the node of the CPU that asks. */
#define MIRROR_MM_NODE_ANY	(-1)

/**
 * struct mirror_mm_info - answer of MIRROR_MM_INFO
 * @api_version: MIRROR_MM_API_VERSION of the module
 * @state: MIRROR_MM_IN_SERVICE or MIRROR_MM_OUT_OF_SERVICE
 * @page_size: bytes
 * @max_order: largest order that ALLOC takes
 * @pb_order: order at which mobility is grouped
 * @nr_nodes: nodes 0 to nr_nodes - 1 exist
 * @nr_ranges: claimed physical ranges, cut where one node ends and another begins
 * @max_submit: most operations that one SUBMIT takes
 * @nr_pages: pages the allocator manages
 * @nr_free: pages free now, those on per-CPU lists included
 * @held_pages: pages this file holds
 * @held_blocks: blocks this file holds
 * @page_limit: most pages this file may hold, 0 for no limit
 * @start_pfn: first page frame, MIRROR_MM_PFN_HIDDEN without CAP_SYS_ADMIN
 * @end_pfn: one past the last page frame, hidden likewise
 * @metadata_bytes: kernel memory the idle mirror uses to describe its pages
 * @block_bytes: kernel memory that each block held by a file adds. It is charged
 *               to the memory cgroup of the process that opened the file
 * @reserved: zero
 * @waiting_blocks: blocks that this file freed and that are still mapped, or
 *                  granted. They have no pages, but cost @block_bytes each
 * @bad_pages: pages that are kept out of use because the hardware reported them
 * @rights: MIRROR_MM_RIGHT_* that this file has
 * @reserved2: zero
 *
 * All fields are answers; what the caller leaves there is not looked at.
 */
struct mirror_mm_info {
	__u32 api_version;
	__u32 state;
	__u32 page_size;
	__u32 max_order;
	__u32 pb_order;
	__u32 nr_nodes;
	__u32 nr_ranges;
	__u32 max_submit;
	__u64 nr_pages;
	__u64 nr_free;
	__u64 held_pages;
	__u64 held_blocks;
	__u64 page_limit;
	__u64 start_pfn;
	__u64 end_pfn;
	__u64 metadata_bytes;
	__u32 block_bytes;
	__u32 reserved;
	/* Since version 3. */
	__u64 waiting_blocks;
	__u64 bad_pages;
	__u32 rights;
	__u32 reserved2;
};

/* Pfns, NOZERO, __MIRROR_GFP_HIGH and __MIRROR_GFP_MEMALLOC; needs CAP_SYS_ADMIN. */
#define MIRROR_MM_RIGHT_ADMIN	(1u << 0)
/* ALLOC, and to set the memory policy; needs a descriptor open for writing. */
#define MIRROR_MM_RIGHT_ALLOC	(1u << 1)
/* FREE; needs a descriptor open for writing. */
#define MIRROR_MM_RIGHT_FREE	(1u << 2)
/* GRANT; needs a descriptor open for writing. */
#define MIRROR_MM_RIGHT_GRANT	(1u << 3)
/* To map for writing; needs a descriptor open for writing. */
#define MIRROR_MM_RIGHT_WRITE	(1u << 4)
#define MIRROR_MM_RIGHTS	((1u << 5) - 1)

#define MIRROR_MM_IN_SERVICE		0
#define MIRROR_MM_OUT_OF_SERVICE	1

/**
 * struct mirror_mm_alloc - argument of MIRROR_MM_ALLOC
 * @order: in: 2^order pages
 * @gfp: in: MIRROR_GFP_*: which zone, which mobility, how hard to try
 * @node: in: preferred node, or MIRROR_MM_NODE_ANY; out: where it came from
 * @flags: in: MIRROR_MM_ALLOC_*
 * @id: out: names the block in FREE; never 0
 * @offset: out: where to mmap() it, in bytes
 * @pfn: out: first page frame, or MIRROR_MM_PFN_HIDDEN
 * @zone: out: enum mirror_zone_type
 * @migratetype: out: type of the pageblock the block lies in
 * @nodemask: in: with MIRROR_MM_ALLOC_NODEMASK: nodes it may come from, bit by
 *            node; 0 for all. Not looked at without that flag
 *
 * Where it comes from: @node first, then the others in the order of its fallback
 * list, but only those in @nodemask; @node itself need not be among them. With
 * __MIRROR_GFP_THISNODE from @node or not at all. The file's memory policy (see
 * struct mirror_mm_mempolicy) decides only where the request says nothing of
 * this: @node is MIRROR_MM_NODE_ANY, no @nodemask, no __MIRROR_GFP_THISNODE.
 *
 * Before it would fail, a request that may use the last reserves (MEMALLOC, or
 * HIGH without DIRECT_RECLAIM) takes from nodes outside its nodemask and its
 * policy too, as it does in the kernel.
 *
 * Errors: EINVAL order too large, unknown gfp bit or flag, two zone bits that
 * exclude each other, MOVABLE with RECLAIMABLE; ENODEV no such node, or a bit in
 * @nodemask that is no node's;
 * EPERM a flag or gfp bit that needs MIRROR_MM_RIGHT_ADMIN: NOZERO,
 * __MIRROR_GFP_HIGH and __MIRROR_GFP_MEMALLOC, or MIRROR_MM_RIGHT_ALLOC was
 * dropped; EBADF not open for writing; ENOMEM nothing suitable is free, or the
 * memory cgroup of the opener has no room for another block's data; EDQUOT the
 * file's page limit.
 */
struct mirror_mm_alloc {
	__u32 order;
	__u32 gfp;
	__s32 node;
	__u32 flags;
	__u64 id;
	__u64 offset;
	__u64 pfn;
	__u32 zone;
	__u32 migratetype;
	/* Since version 2. */
	__u64 nodemask;
};

/* Leave the content as the last holder left it. Needs CAP_SYS_ADMIN. */
#define MIRROR_MM_ALLOC_NOZERO	(1u << 0)
/* Look at nodemask. */
#define MIRROR_MM_ALLOC_NODEMASK (1u << 1)
#define MIRROR_MM_ALLOC_FLAGS	(MIRROR_MM_ALLOC_NOZERO | MIRROR_MM_ALLOC_NODEMASK)

/**
 * struct mirror_mm_free - argument of MIRROR_MM_FREE
 * @id: from ALLOC
 * @flags: zero
 * @reserved: zero
 *
 * Errors: ENOENT no block of this file has that id: never had, freed already,
 * or another file's; EBADF not open for writing; EPERM MIRROR_MM_RIGHT_FREE was
 * dropped.
 */
struct mirror_mm_free {
	__u64 id;
	__u32 flags;
	__u32 reserved;
};

enum mirror_mm_opcode {
	MIRROR_MM_OP_NOP,
	MIRROR_MM_OP_ALLOC,
	MIRROR_MM_OP_FREE,
};

/**
 * struct mirror_mm_op - one operation of a SUBMIT
 * @opcode: enum mirror_mm_opcode
 * @result: out: 0, or minus the errno that the single call would give;
 *          EOPNOTSUPP for an unknown opcode
 * @alloc: for MIRROR_MM_OP_ALLOC
 * @free: for MIRROR_MM_OP_FREE
 * @reserved: sizes the union; no need to clear it
 */
struct mirror_mm_op {
	__u32 opcode;
	__s32 result;
	union {
		struct mirror_mm_alloc alloc;
		struct mirror_mm_free free;
		__u64 reserved[7];
	};
};

/**
 * struct mirror_mm_submit - argument of MIRROR_MM_SUBMIT
 * @ops: user address of an array of struct mirror_mm_op
 * @nr: its length, at most MIRROR_MM_SUBMIT_MAX
 * @flags: zero
 *
 * Carries the operations out one after the other, in order, each as the single
 * call would. One that fails does not stop the ones behind it.
 *
 * Returns how many were carried out and have their result in the array. Fewer
 * than @nr means that a signal came or that the next element could not be read
 * or written; an operation whose result could not be written was undone. @nr of 0
 * returns 0. A signal is looked at between operations only, so a call that repeats
 * what is left always advances.
 *
 * Errors, where not even one was done: EFAULT the first could not be read or told
 * its result; EINVAL @nr above the limit; EIO the mirror is out of service.
 */
struct mirror_mm_submit {
	__u64 ops;
	__u32 nr;
	__u32 flags;
};

#define MIRROR_MM_SUBMIT_MAX	65536

/* Modes of a memory policy: the names and numbers of set_mempolicy(2). */
enum mirror_mpol_mode {
	MIRROR_MPOL_DEFAULT,
	MIRROR_MPOL_PREFERRED,
	MIRROR_MPOL_BIND,
	MIRROR_MPOL_INTERLEAVE,
	MIRROR_MPOL_LOCAL,
	MIRROR_MPOL_PREFERRED_MANY,
	MIRROR_MPOL_WEIGHTED_INTERLEAVE,
	MIRROR_MPOL_MAX
};

/**
 * struct mirror_mm_mempolicy - where blocks of a file come from by default
 * @mode: enum mirror_mpol_mode
 * @next_node: out: the node that the next request would start from, where nodes
 *             take turns; MIRROR_MM_NODE_ANY for the other modes. Zero to set
 * @nodemask: bit by node
 *
 *   DEFAULT              the node of the CPU that asks, then its fallback list
 *   LOCAL                the same
 *   PREFERRED            the lowest node of @nodemask, then its fallback list
 *   PREFERRED_MANY       the nodes of @nodemask by distance from the CPU, without
 *                        waiting; then all nodes
 *   BIND                 the nodes of @nodemask by distance from the CPU, and no
 *                        others. Requests for a zone below the mirror's highest,
 *                        MOVABLE not counted, are not bound
 *   INTERLEAVE           each node of @nodemask in turn, then its fallback list
 *   WEIGHTED_INTERLEAVE  likewise, each node as many times in a row as
 *                        nodeN/weight in debugfs says
 *
 * The rules are those of set_mempolicy(2). DEFAULT and LOCAL want an empty
 * @nodemask, the others a filled one; PREFERRED with an empty one is LOCAL. Nodes
 * without memory, and bits that are no node's, are dropped; what is left must not
 * be empty. There are no mode flags: they are about nodes that come and go under a
 * task, and the nodes of a mirror do not.
 *
 * The policy is the file's, shared by all who use the descriptor. It says nothing
 * about blocks that exist, and begins as DEFAULT. Setting one makes taking turns
 * begin anew.
 *
 * Errors: EINVAL unknown mode, or a nodemask against these rules; EBADF, EPERM to
 * set one: as ALLOC.
 */
struct mirror_mm_mempolicy {
	__u32 mode;
	__s32 next_node;
	__u64 nodemask;
};

/**
 * struct mirror_mm_drop_rights - give rights of the file up
 * @rights: MIRROR_MM_RIGHT_* to drop; those it does not have are passed over
 *
 * There is no way back, for nobody who holds the file. INFO tells what is left.
 * Mappings that exist stay as they are. Works out of service too.
 *
 * Errors: EINVAL a bit that is no right's.
 */
struct mirror_mm_drop_rights {
	__u64 rights;
};

/**
 * struct mirror_mm_grant - a descriptor that maps one block and can do nothing else
 * @id: of a block of this file
 * @flags: MIRROR_MM_GRANT_WRITE: it may map for writing
 * @fd: out: the descriptor, close-on-exec. Zero to ask
 *
 * The block lies at offset 0 of it; mmap() past its end gives EINVAL, after FREE ENXIO.
 * The descriptor may be handed to another process, which needs no right to open the
 * device, and cannot allocate, free, or map anything else through it. It keeps nothing:
 * FREE, and the end of this file, end the block there as well.
 *
 * Errors: ENOENT as FREE; EINVAL unknown flag, or @fd not zero; EACCES WRITE without
 * MIRROR_MM_RIGHT_WRITE; EBADF not open for writing; EPERM MIRROR_MM_RIGHT_GRANT was
 * dropped; ENODEV a block without memory; EMFILE, ENFILE, ENOMEM no more descriptors,
 * or no memory for one.
 */
struct mirror_mm_grant {
	__u64 id;
	__u32 flags;
	__s32 fd;
};

#define MIRROR_MM_GRANT_WRITE	(1u << 0)
#define MIRROR_MM_GRANT_FLAGS	MIRROR_MM_GRANT_WRITE

enum mirror_mm_ctl_cmd {
	MIRROR_MM_CTL_SET_MEMPOLICY,
	MIRROR_MM_CTL_GET_MEMPOLICY,
	/* Since version 3. */
	MIRROR_MM_CTL_DROP_RIGHTS,
	MIRROR_MM_CTL_GRANT,
};

/**
 * struct mirror_mm_ctl - argument of MIRROR_MM_CTL
 * @cmd: enum mirror_mm_ctl_cmd
 * @flags: zero
 * @mempolicy: for SET_MEMPOLICY; answer of GET_MEMPOLICY
 * @drop_rights: for DROP_RIGHTS
 * @grant: for GRANT, and its answer
 * @reserved: sizes the union; what the command's member leaves of it must be zero
 *
 * Errors: EOPNOTSUPP unknown command; EINVAL a reserved field or flag; what the
 * command's own struct says.
 */
struct mirror_mm_ctl {
	__u32 cmd;
	__u32 flags;
	union {
		struct mirror_mm_mempolicy mempolicy;
		struct mirror_mm_drop_rights drop_rights;
		struct mirror_mm_grant grant;
		__u64 reserved[7];
	};
};

#define MIRROR_MM_IOC_MAGIC	0xB6

#define MIRROR_MM_INFO	 _IOWR(MIRROR_MM_IOC_MAGIC, 0, struct mirror_mm_info)
#define MIRROR_MM_ALLOC	 _IOWR(MIRROR_MM_IOC_MAGIC, 1, struct mirror_mm_alloc)
#define MIRROR_MM_FREE	 _IOWR(MIRROR_MM_IOC_MAGIC, 2, struct mirror_mm_free)
#define MIRROR_MM_SUBMIT _IOWR(MIRROR_MM_IOC_MAGIC, 3, struct mirror_mm_submit)
#define MIRROR_MM_CTL	 _IOWR(MIRROR_MM_IOC_MAGIC, 4, struct mirror_mm_ctl)

#endif /* _UAPI_LINUX_MIRROR_MM_H */
