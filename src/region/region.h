/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory behind a mirror: ranges taken from the host, and their content.
 */
#ifndef _MIRROR_REGION_H
#define _MIRROR_REGION_H

#include <linux/err.h>
#include <linux/mm_types.h>
#include <linux/numa.h>
#include <linux/types.h>
#include "core/mirror.h"

#define MIRROR_MAX_CLAIMS	16

/**
 * struct mirror_span - a physical range as somebody names it
 * @start: first byte
 * @size: bytes
 * @nid: node that it becomes part of, NUMA_NO_NODE where nobody says so
 */
struct mirror_span {
	u64 start;
	u64 size;
	int nid;
};

static inline u64 mirror_span_end(const struct mirror_span *s)
{
	return s->start + s->size;
}

struct mirror_spans {
	unsigned int nr;
	struct mirror_span span[MIRROR_MAX_CLAIMS];
};

/* text.c */
struct mirror_text {
	char s[48];
};

struct mirror_text mirror_size_text(u64 size);
struct mirror_text mirror_span_text(const struct mirror_span *s, char separator);

/* number.c */
bool mirror_is_word(const char *text, const char *word);
const char *mirror_read_number(const char **text, u64 *value);
const char *mirror_read_size(const char **text, u64 *value);
const char *mirror_read_node(const char **text, int *nid);
const char *mirror_list_next(const char **text, bool *more);

/* parse.c */
int mirror_parse_region(const char *text, struct mirror_spans *spans,
			struct mirror_spans *bare);
int mirror_parse_cma(const char *text, struct mirror_spans *spans);
int mirror_parse_zones(const char *text, struct mirror_config *conf);

/* hostfile.c */

struct vfsmount;

struct vfsmount *mirror_hostfs_open(const char *type);
void mirror_hostfs_close(struct vfsmount *mnt);
int mirror_hostfs_read(struct vfsmount *mnt, const char *path, char **text);
int mirror_host_read(const char *type, const char *path, char **text);

/**
 * struct mirror_user_name - who uses a range, for messages
 * @s: name and addresses
 */
struct mirror_user_name {
	char s[128];
};

/* iomem.c */
void mirror_iomem_owner(const struct mirror_span *s, struct mirror_user_name *owner);

/* pci.c */
bool mirror_pci_device(const struct mirror_span *s, struct mirror_user_name *owner);
bool mirror_pci_window(const struct mirror_span *s, struct mirror_user_name *owner);

/* firmware.c */
int mirror_check_force(const char *force);
int mirror_check_firmware(const struct mirror_spans *spans, const char *force);

/* probe.c */
int mirror_probe(const struct mirror_span *s, u64 block);

/* region.c */

struct mirror_boot;
struct mirror_claim;

/**
 * struct mirror_claim_ops - a way to get memory
 * @name: for messages
 * @page: the host's page behind a byte of the claim; NULL where the host has no
 *        struct page for this memory
 * @bare: there is no memory behind it
 * @in_image: the host manages it, so an image of the hibernating host contains it
 * @release: gives the claim back to where it came from
 */
struct mirror_claim_ops {
	const char *name;
	struct page *(*page)(const struct mirror_claim *claim, u64 offset);
	bool bare;
	bool in_image;
	void (*release)(struct mirror_claim *claim);
};

/**
 * struct mirror_claim - one range that is ours
 * @span: where
 * @ops: how it was got; NULL until there is something to give back
 * @base: our standing write-back mapping, NULL where there is none
 * @base_size: bytes from the claim's start that @base shows; 0 for all of them
 * @priv: of @ops
 */
struct mirror_claim {
	struct mirror_span span;
	const struct mirror_claim_ops *ops;
	void *base;
	u64 base_size;
	void *priv;
};

struct mirror_kmap;
struct mirror_local_maps;

/**
 * struct mirror_region - all memory of one mirror, in address order
 * @nr: claims
 * @high_zones: zone types without a standing mapping, bit by mirror_zone_type
 * @kmap: permanent mappings; NULL where @high_zones is 0
 * @local: local mappings of each CPU
 * @claim: the claims
 */
struct mirror_region {
	unsigned int nr;
	u32 high_zones;
	struct mirror_kmap *kmap;
	struct mirror_local_maps __percpu *local;
	struct mirror_claim claim[MIRROR_MAX_CLAIMS];
};

struct mirror_claim *mirror_region_add(struct mirror_region *region);
void mirror_region_sort(struct mirror_region *region);
struct mirror_region *mirror_region_vmalloc(u64 start, u64 size);
void mirror_region_release(struct mirror_region *region);
unsigned int mirror_region_ranges(const struct mirror_region *region,
				  struct mirror_range *ranges);

/* claim.c */
__printf(3, 4)
int mirror_refuse(const struct mirror_span *s, int error, const char *fmt, ...);
int mirror_check_shape(const struct mirror_span *s, u64 block);
int mirror_take_reserved(struct mirror_claim *claim,
			 const struct mirror_span *s, u64 block);
bool mirror_usable_part(const struct mirror_span *s, u64 block,
			struct mirror_span *part);

/**
 * struct mirror_host_says - what a claim of reserved memory rests on
 * @boot: the boot line
 * @force: force=, or NULL or empty
 */
struct mirror_host_says {
	const struct mirror_boot *boot;
	const char *force;
};

int mirror_claim_memmap(struct mirror_region *region,
			struct mirror_spans *spans,
			const struct mirror_host_says *host, u64 block);

int mirror_claim_map(struct mirror_claim *claim, u64 size);

/* bare.c */
int mirror_claim_bare(struct mirror_region *region,
		      const struct mirror_spans *bare, u64 block);

/* dma.c */

struct platform_device;

#ifdef CONFIG_DMA_CMA
struct platform_device *mirror_dma_device(void);
int mirror_take_dma(struct mirror_claim *claim, struct platform_device *dev,
		    u64 size, u64 block);
#else
static inline struct platform_device *mirror_dma_device(void)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline int mirror_take_dma(struct mirror_claim *claim,
				  struct platform_device *dev, u64 size,
				  u64 block)
{
	return -EOPNOTSUPP;
}
#endif

/* cma.c */
int mirror_claim_cma(struct mirror_region *region, const char *text, u64 block);

/* dt.c */

struct device_node;

#ifdef CONFIG_OF
int mirror_claim_dt(struct mirror_region *region, struct device_node *np,
		    u64 block);
#else
static inline int mirror_claim_dt(struct mirror_region *region,
				  struct device_node *np, u64 block)
{
	return -EOPNOTSUPP;
}
#endif

/* source.c */

/**
 * struct mirror_sources - where the memory of a mirror is to come from
 * @region: region=, or NULL or empty; "auto" for all that memmap= reserved
 * @cma: cma=, or NULL or empty
 * @force: force=, or NULL or empty; lets @region have what the firmware does not call
 *         RAM
 * @dt: node of the device tree that names reserved memory, or NULL
 */
struct mirror_sources {
	char *region;
	char *cma;
	char *force;
	struct device_node *dt;
};

bool mirror_sources_any(const struct mirror_sources *from);
void mirror_sources_missing(void);
struct mirror_region *mirror_region_open(const struct mirror_sources *from,
					 unsigned int max_order);

/* attach.c */
#define MIRROR_KMAP_SLOTS	512
#define MIRROR_KMAP_SLOTS_MAX	65536

int mirror_region_attach(struct mirror_region *region, struct mirror *m,
			 unsigned int kmap_slots);
void mirror_region_detach(struct mirror_region *region);
const struct mirror_claim *mirror_claim_of(const struct mirror_region *region,
					   unsigned long pfn);
bool mirror_content_exists(const struct mirror_region *region,
			   unsigned long pfn);
bool mirror_page_is_high(const struct mirror *m, const struct mirror_page *page);

static inline u64 mirror_claim_offset(const struct mirror_claim *claim,
				      unsigned long pfn)
{
	return ((u64)pfn << PAGE_SHIFT) - claim->span.start;
}

/* Is the frame in the standing mapping of its claim? */
static inline bool mirror_has_standing(const struct mirror_claim *claim,
				       unsigned long pfn)
{
	return claim && claim->base &&
	       (!claim->base_size ||
		mirror_claim_offset(claim, pfn) < claim->base_size);
}

/* kmap.c */
struct mirror_kmap *mirror_kmap_create(unsigned int nr_slots);
void mirror_kmap_destroy(struct mirror_kmap *kmap);

/**
 * struct mirror_kmap_stat - how a table of permanent mappings is doing
 * @slots: there are
 * @used: slots with users
 * @unused: slots without, whose window is still there
 * @flushes: times that unused windows were taken down
 * @waits: times that somebody had to wait for a slot
 */
struct mirror_kmap_stat {
	unsigned int slots;
	unsigned int used;
	unsigned int unused;
	unsigned long flushes;
	unsigned long waits;
};

void mirror_kmap_stat(struct mirror_kmap *kmap, struct mirror_kmap_stat *stat);
int mirror_kmap_count(struct mirror_kmap *kmap, unsigned long pfn);

/* kmap_local.c */
struct mirror_local_maps __percpu *mirror_local_maps_create(void);

/* content.c */
void *mirror_content_address(const struct mirror *m,
			     const struct mirror_page *page);
struct mirror_page *mirror_content_page(const struct mirror *m, const void *address);
int mirror_content_zero(struct mirror *m, struct mirror_page *page,
			unsigned int order);
int mirror_content_copy(struct mirror *m, struct mirror_page *page,
			unsigned long offset, void *buf, int len, bool write);

/* insert.c */

/**
 * struct mirror_insertion - page frames to show to a program
 * @vma: its mapping
 * @addr: where in it
 * @pfn: first of a run of frames of one block
 * @nr: how many, all in one page table
 * @touched: address of the page whose fault this is
 * @revoked: becomes other than 0 before the frames are taken out of sight
 */
struct mirror_insertion {
	struct vm_area_struct *vma;
	unsigned long addr;
	unsigned long pfn;
	unsigned long nr;
	unsigned long touched;
	const u8 *revoked;
};

vm_fault_t mirror_content_insert(const struct mirror_region *region,
				 const struct mirror_insertion *in);

#endif /* _MIRROR_REGION_H */
