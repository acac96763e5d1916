/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fuzzer of /dev/mirror_mm: programs of operations, and what is known of the
 * device while one runs.
 *
 * An input is a list of records of 16 bytes, each of which is one operation, or one
 * entry of the SUBMIT before it. Any bytes mean something.
 */
#ifndef _DEVFUZZ_H
#define _DEVFUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <linux/mirror_mm.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		4096ul
/* Rights and granted descriptors; older modules have none. */
#define HAS_RIGHTS	(MIRROR_MM_API_VERSION >= 3)

#define RECORD_BYTES	16
#define MAX_RECORDS	96
#define NR_ARGS		14

/**
 * struct record - one operation
 * @op: enum op_kind, modulo their number
 * @ctl: CTL_*
 * @arg: what they mean is the operation's own business
 */
struct record {
	uint8_t op;
	uint8_t ctl;
	uint8_t arg[NR_ARGS];
};

#define CTL_SLOT	0x07	/* which descriptor */
#define CTL_INJECT	0x08	/* an allocation of the kernel fails */
#define CTL_SAME	0x10	/* all fields have the same extreme value */
#define CTL_EXTREME	0x20	/* all fields have extreme values */
#define CTL_PLAIN	0xc0	/* where both are set, all have sound ones */

enum op_kind {
	OP_ALLOC,
	OP_FREE,
	OP_INFO,
	OP_SUBMIT,
	OP_CTL,
	OP_IOCTL,
	OP_MAP,
	OP_UNMAP,
	OP_PROTECT,
	OP_REMAP,
	OP_ADVISE,
	OP_TOUCH,
	OP_ACCESS,
	OP_COPY,
	OP_MAP_ANYWHERE,
	OP_MAP_RAW,
	OP_GRANT,
	OP_DROP,
	OP_DUP,
	OP_PASS,
	OP_CLOSE,
	OP_FORK,
	OP_RACE,
	OP_FILE,
	OP_READ_TEXT,
	OP_WRITE_TEXT,
	OP_POISON,
	OP_CPU,
	OP_REPEAT,
	OP_FREE_MANY,
	OP_WAIT,
	OP_KERNEL,
	OP_SYSCALL,
	OP_OPEN,
	NR_OPS
};

extern const char * const op_names[NR_OPS];

/* fields.c: values of fields ---------------------------------------------------- */

uint8_t field(const struct record *r, unsigned int i);
bool field_is_sound(const struct record *r, unsigned int i);
uint32_t field_u32(const struct record *r, unsigned int i);
uint64_t field_u64(const struct record *r, unsigned int i);
uint32_t field_order(const struct record *r, unsigned int i);
uint32_t field_gfp(const struct record *r, unsigned int i);
int32_t field_node(const struct record *r, unsigned int i);
uint32_t field_flags(const struct record *r, unsigned int i, uint32_t sound);
uint64_t field_nodemask(const struct record *r, unsigned int i);
unsigned int field_times(const struct record *r, unsigned int i, uint8_t small);

/* The fields of an ALLOC, which are ARG_ORDER and so on in each record that has one. */
enum { ARG_ORDER, ARG_GFP, ARG_NODE, ARG_FLAGS, ARG_MASK, ARG_NEXT };
void field_alloc(const struct record *r, struct mirror_mm_alloc *arg);

/* world.c: what the program has ----------------------------------------------------- */

#define NR_SLOTS	8
#define NR_FILES	16
#define MAX_BLOCKS	0x20000u
#define NO_BLOCK	UINT32_MAX
#define NO_MODEL	(-1)

enum file_kind { FILE_ADMIN, FILE_USER, FILE_READER, FILE_WRITER, NR_FILE_KINDS };

/**
 * struct file - one open of the device
 * @kind: how it was opened
 * @rights: that it has as far as we know
 * @nr_fds: descriptors
 * @twin: descriptor of another open of the same kind, for second opinions, or -1
 * @limit: most pages it may hold, 0 for none
 * @pages: that it holds
 * @blocks: that it holds
 * @most_blocks: that it held since chunks of its table could last go back
 * @left: mappings of it that were left where the kernel put them
 * @policy: it has a memory policy, so where blocks come from is not asked
 * @ended: the last descriptor and the last mapping are gone
 */
struct file {
	enum file_kind kind;
	uint32_t rights;
	unsigned int nr_fds;
	int twin;
	uint64_t limit;
	uint64_t pages;
	uint64_t blocks;
	uint64_t most_blocks;
	unsigned int left;
	bool policy;
	bool ended;
};

/**
 * struct slot - a descriptor of the program
 * @fd: or -1
 * @file: its file, an index
 * @block: of a granted descriptor the block, or NO_BLOCK
 * @writable: a granted descriptor may map for writing
 */
struct slot {
	int fd;
	int file;
	uint32_t block;
	bool writable;
};

/**
 * struct block - one that the program got
 * @id: from the answer
 * @offset: likewise
 * @pfn: likewise
 * @order: likewise
 * @file: which file holds or held it
 * @live: it was not freed
 * @model: memfd that is its model, or NO_MODEL
 * @unknown: its content was not cleared
 */
struct block {
	uint64_t id;
	uint64_t offset;
	uint64_t pfn;
	uint32_t order;
	uint8_t file;
	bool live;
	bool unknown;
	int8_t model;
};

/**
 * struct world - all that is known while a program runs
 * @slots: descriptors
 * @files: opens of the device
 * @nr_files: how many
 * @blocks: in the order in which they came
 * @nr_blocks: how many
 * @neighbour: a file that stays open and holds nothing
 * @info: of the mirror, when it was idle
 * @free_at_start: pages
 * @spare: with fewer free pages a plain request may fail
 * @bare: there is no memory behind the pages, so nothing is mapped or granted
 * @tuned: settings of the mirror were changed, or a page was reported
 * @poisoned: pages were reported; what mappings show is no longer compared
 * @hardware: a machine check was about a page, which cannot be undone
 * @waited: the program has
 * @user_pfn: of the last page that the module that uses the mirror got, or 0
 * @left: mappings that were left where the kernel put them, of all files
 * @steps: that this program may still take
 */
struct world {
	struct slot slots[NR_SLOTS];
	struct file files[NR_FILES];
	int nr_files;
	struct block *blocks;
	uint32_t nr_blocks;
	int neighbour;
	struct mirror_mm_info info;
	uint64_t free_at_start;
	uint64_t spare;
	bool bare;
	bool tuned;
	bool poisoned;
	bool hardware;
	bool waited;
	uint64_t user_pfn;
	unsigned int left;
	unsigned int steps;
};

extern struct world world;

void world_init(void);
void world_begin(void);
void world_end(void);
int open_device(enum file_kind kind);
struct slot *get_slot(const struct record *r);
void slot_close(struct slot *slot);
struct slot *slot_for_new(const struct record *r);
struct file *slot_file(const struct slot *slot);
int file_twin(struct file *file);
int may_change(const struct slot *slot, uint32_t right);

struct block *pick_block(const struct record *r, unsigned int i);
uint64_t pick_id(const struct record *r, unsigned int i, struct block **block);
struct block *block_by_id(int file, uint64_t id);
void block_add(int file, const struct mirror_mm_alloc *arg, bool unknown);
void block_gone(struct block *block);
void file_end(int file);

/* call.c: calls --------------------------------------------------------------------- */

long call(int fd, unsigned long request, void *arg);
/* How many allocations of the kernel were made to fail since injection began. */
void inject_begin(const struct record *r, unsigned int i);
bool inject_end(void);
/* A signal comes in the middle of a long call, where the record says so. */
void alarm_begin(const struct record *r);
void alarm_end(void);
void alarm_init(void);
bool nothing_scarce(void);

/* arena.c: memory to pass, some of it bad ----------------------------------------------- */

void arena_init(void);
/* Where the argument lies, with what @from has written there where that is possible. */
void *arena_place(uint8_t how, const void *from, size_t size, bool *good);
/* 0 or the signal */
int try_read(const void *addr, uint64_t *value);
int try_write(void *addr, uint64_t value);
int try_copy(void *to, const void *from, size_t size);

/* windows.c: mappings and their model ---------------------------------------------------- */

#define WINDOW_PAGES	24ul

void windows_init(void);
void windows_reset(void);
void windows_compare(void);
bool windows_used(void);
bool windows_show(int file);
void model_revoke(struct block *block);
char *window_device(void);
/* What a call has written to a mapping of the device comes to its model as well. */
void windows_adopt(const void *at, size_t size);
void op_map(const struct record *r);
void op_unmap(const struct record *r);
void op_protect(const struct record *r);
void op_remap(const struct record *r);
void op_advise(const struct record *r);
void op_touch(const struct record *r);
void op_access(const struct record *r);
void op_copy(const struct record *r);
/* What a child sees; its exit code. */
int windows_child(const struct record *r);

/* op_*.c: the other operations ----------------------------------------------------------- */

void op_alloc(const struct record *r);
void op_free(const struct record *r);
void op_info(const struct record *r);
void op_ctl(const struct record *r);
void op_ioctl(const struct record *r);
void op_grant(const struct record *r);
void op_drop(const struct record *r);
unsigned int op_submit(const struct record *r, unsigned int nr);
void op_map_anywhere(const struct record *r);
void op_map_raw(const struct record *r);
void unmap_left(void);
void op_dup(const struct record *r);
void op_pass(const struct record *r);
void op_close(const struct record *r);
void op_fork(const struct record *r);
void op_race(const struct record *r);
void op_file(const struct record *r);
void op_read_text(const struct record *r);
void op_write_text(const struct record *r);
void op_poison(const struct record *r);
void op_cpu(const struct record *r);
void op_free_many(const struct record *r);
void op_wait(const struct record *r);
void op_kernel(const struct record *r);
void kernel_init(void);
void kernel_release(void);
void op_syscall(const struct record *r);
void op_open(const struct record *r);
bool may_be_slow(void);
void race_init(void);
void cpu_restore(void);
void text_init(void);
/* An argument that means the file of this name, where there is one. */
uint8_t text_index(const char *name);
/* Undoes what was set. */
void text_restore(void);
/* NULL where `check` says clean. */
const char *text_check(void);
void text_reset(void);

void check_alloc(const struct slot *slot, const struct mirror_mm_alloc *asked, long ret,
		 bool injected);
void check_neighbour(void);
/* INFO agrees with what we know of the file. */
void check_books(const struct slot *slot);
long due_of_free(const struct slot *slot, const struct mirror_mm_free *arg,
		 const struct block *block);

/* coverage.c, mailbox.c, report.c ---------------------------------------------------------- */

void coverage_init(void);
void coverage_begin(void);
/* Takes over what was reached since the last time. */
void coverage_take(void);
/* Counts as an edge that was reached; small numbers. */
void coverage_note(unsigned int note);
void coverage_stop(void);
unsigned int coverage_edges(void);

void mailbox_init(void);
void mailbox_input(const uint8_t *data, size_t size);
void mailbox_count(enum op_kind kind, uint64_t nr);
void mailbox_run_done(void);
void mailbox_found(const char *text);
void mailbox_unit(const uint8_t *data, size_t size);
void mailbox_forget_units(void);
void mailbox_scan(const char *folder);

extern bool loud;
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
/* A finding: the program ends. */
__attribute__((format(printf, 1, 2), noreturn)) void found(const char *format, ...);
/* What cannot be done here at all. */
__attribute__((format(printf, 1, 2), noreturn)) void give_up(const char *format, ...);

#endif /* _DEVFUZZ_H */
