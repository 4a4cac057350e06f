/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: guest
 *
 * Shared by the test programs inside the virtual machine.
 *
 * A program has a table of cases and ends with GUEST_MAIN(). Each case runs in
 * a separate process, so it may crash, exhaust its descriptors or leave a
 * buffer. When it and all its children have exited, the runner checks what is
 * left: a case passes only if its expectations held and
 * - no frame is claimed, in a buffer, lent, quarantined or charged,
 * - no dma-buf exists,
 * - the kernel log got no WARN, BUG, oops, leak or out-of-memory line.
 * A case that cannot run fails, except one that needs something that the
 * machine lacks (high memory, a second CPU, PAT): that is skipped, and
 * tests/skips lists the suites where it may be. Arguments are the cases to run;
 * --list lists them all.
 *
 * NA_HEAP names the heap that the cases use (system-uncached).
 */
#ifndef GUEST_H
#define GUEST_H

#include <errno.h>
#include <linux/dma-heap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PAGE 4096u
#define KIB 1024ull
#define MIB (1024ull * KIB)
#define GIB (1024ull * MIB)

/* A buffer with more is refused, however much memory there is. */
#define BUFFER_LEN_MAX (sizeof(long) == 8 ? 256 * GIB : 2 * GIB - PAGE)
#define BUFFER_LEN_MAX_TEXT \
	(sizeof(long) == 8 ? "274877906944 bytes" : "2147479552 bytes")

/*
 * A multiple of 1 GiB around which a static program has nothing, 512 MiB before
 * it to 1.1 GiB behind it. The kernel lets a heap begin anywhere in the GiB
 * behind a program of 64 bit, in the 32 MiB behind one of 32.
 */
#ifdef __LP64__
#define FREE_BORDER (4 * GIB)
#else
#define FREE_BORDER GIB
#endif
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Not every program uses all functions of a header. */
#define ROOM __attribute__((unused)) static

#define DEBUGFS "/sys/kernel/debug/noalias/"
#define PARAMETERS "/sys/module/noalias/parameters/"

/* --- cases and expectations ---------------------------------------------- */

struct guest_case {
	const char *name;
	void (*run)(void);
	bool needs_pat;
	const char *const *says;	/* at most 16, NULL behind them */
};

#define CASE(fn) { #fn, fn }

/* Without PAT there are only two memory types. */
#define CASE_PAT(fn) { #fn, fn, .needs_pat = true }

/*
 * The kernel is to say these parts of lines while the case runs, each as often as
 * it stands here. Then none of them is a complaint.
 */
#define CASE_SAYS(fn, ...) \
	{ #fn, fn, .says = (const char *const[]){ __VA_ARGS__, NULL } }

#define GUEST_MAIN(cases) \
	int main(int argc, char **argv) \
	{ \
		return guest_main(argc, argv, cases, ARRAY_SIZE(cases)); \
	}

int guest_main(int argc, char **argv, const struct guest_case *cases,
	       size_t nr);

/** say() - print a comment line in the TAP output. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** end_case() - the case has failed; ends the process. */
void end_case(const char *file, int line, const char *what)
	__attribute__((noreturn));

void expect_eq(const char *file, int line, const char *what, long long is,
	       long long should);

/* Ends the case, or the child of a case, with a failure. */
#define EXPECT(cond) \
	do { \
		if (!(cond)) \
			end_case(__FILE__, __LINE__, #cond); \
	} while (0)

#define EXPECT_EQ(is, should) \
	expect_eq(__FILE__, __LINE__, #is, (long long)(is), (long long)(should))

/* @call is a system call in the style of libc: -1 and errno. */
#define EXPECT_ERRNO(call, error) \
	do { \
		errno = 0; \
		EXPECT_EQ(call, -1); \
		expect_eq(__FILE__, __LINE__, "errno of " #call, errno, \
			  error); \
	} while (0)

/* --- files ---------------------------------------------------------------- */

/** read_text() - a whole file as a string; free() it. NULL and errno. */
char *read_text(const char *path);

/** write_text() - one write() of the string. Return: 0 or a negative errno. */
int write_text(const char *path, const char *text);

/** file_has() - does the file hold @part? False when it cannot be read. */
bool file_has(const char *path, const char *part);

/**
 * shrink_caches() - let the kernel's slab caches give back what they keep, before
 * somebody counts objects: free ones, and what KASAN has in quarantine, which was
 * freed and counts as in use.
 */
void shrink_caches(void);

/** nr_open_fds() - number of open descriptors of this process. */
unsigned int nr_open_fds(void);

/* What a machine may lack. */
enum guest_lack {
	NO_HIGH_MEMORY,
	NO_SECOND_CPU,
	NO_PAT,
	NO_MEMORY_ABOVE_4G,
	NO_HUGE_PAGES,
	NO_LINGERING,
	NO_LARGE_ENTRY,
	NO_DMA_OPS,
	NO_FIXED_ADDRESS,
	NR_LACKS,
};

/** skip_case() - this machine lacks what the case needs. */
void skip_case(enum guest_lack lack) __attribute__((noreturn));

/** use_zone() - the parameter zone; as need_high_memory() for "high". */
void use_zone(const char *zone);

/** meminfo() - bytes of @field of /proc/meminfo; ends the case if it has none. */
uint64_t meminfo(const char *field);

/** low_memory() - bytes in the kernel's direct map: all without high memory. */
uint64_t low_memory(void);

/** has_high_memory() - enough to allocate some of it? */
bool has_high_memory(void);

/** need_high_memory() - skip the case if there is none. */
void need_high_memory(void);

/** need_second_cpu() - skip the case if there is one CPU. */
void need_second_cpu(void);

/**
 * need_lingering() - skip the case where no translation stays in a TLB: a kernel
 * with CONFIG_DEBUG_PAGEALLOC empties that of a CPU with each page. Asks plant.ko.
 */
void need_lingering(void);

/**
 * need_large_entries() - skip the case where the direct map has none: such a kernel
 * takes the entry of each free page. Asks plant.ko.
 */
void need_large_entries(void);

/** log_begin() - names a case in the log, where the functions below read on. */
void log_begin(const char *name);

/**
 * log_is_as_expected() - did the kernel say each of @says (NULL: none) as often as
 * it is in there since log_begin(), and is there no complaint beside them? Says what
 * differs.
 */
bool log_is_as_expected(const char *const *says);

/** log_has() - did the kernel log get @part since the case began? */
bool log_has(const char *part);

/* --- heap and buffers ------------------------------------------------------ */

const char *heap_name(void);
const char *heap_type(void);	/* "UC", "WC" or "WB", by its name */

/** has_pat() - does this kernel use the page attribute table? Without, no WC. */
bool has_pat(void);

/** use_small_pages() - no transparent huge page in @mem, of @len bytes. */
void use_small_pages(void *mem, size_t len);

/** frame_behind() - the frame of the caller's page at @mem, which is present. */
uint64_t frame_behind(const void *mem);

/** frame_in() - the same, with /proc/self/pagemap already open: for many. */
uint64_t frame_in(int pagemap, const void *mem);

/** need_huge_pages() - transparent ones, which RT kernels do not have. */
void need_huge_pages(void);

/**
 * dofork_is_let() - may MADV_DOFORK take MADV_DONTFORK back on areas like ours?
 *
 * Later kernels refuse it on areas that drivers fill. Asked of the vdso, which is
 * one that we did not make.
 */
bool dofork_is_let(void);

/** open_heap() - open the heap NA_HEAP; ends the case on failure. */
int open_heap(void);

/** alloc_on() - a read-write buffer. Return: fd or a negative errno. */
int alloc_on(int heap, uint64_t len);

/** try_buffer() - alloc_on() with a heap opened for it. */
int try_buffer(uint64_t len);

/** new_buffer() - the same; ends the case on failure. */
int new_buffer(uint64_t len);

/** map_buffer() - map it shared, read and write; ends the case on failure. */
void *map_buffer(int fd, size_t len);

/** map_errno() - mmap() that is expected to fail. Return: errno, 0: mapped. */
int map_errno(int fd, size_t len, int prot, int flags, off_t offset);

/** new_mapping() - a new buffer, mapped, its fd closed. */
void *new_mapping(size_t len);

/** counter() - read a counter in debugfs; ends the case if there is none. */
uint64_t counter(const char *name);

/** nr_held() - frames claimed, in buffers, lent, quarantined and charged. */
uint64_t nr_held(void);

/** say_held() - print these numbers, and whether a dma-buf is left. */
void say_held(void);

/** wait_released() - nothing held within a few seconds? */
bool wait_released(void);

/** refused() - is "pid PID COMM: FIELD is ..., allowed: LIMIT" the newest in
 * debugfs, and does this thread read the same?
 */
bool refused(const char *field, const char *limit);

/** told_value() - value in this thread's last refusal. */
uint64_t told_value(void);

/** told_remedy() - is that the remedy in it? */
bool told_remedy(const char *remedy);

/* --- contents -------------------------------------------------------------- */

/** fill() and holds() - a pattern that depends on @seed and the offset. */
void fill(void *mem, size_t len, uint32_t seed);
bool holds(const void *mem, size_t len, uint32_t seed);

/** is_zero() - nothing but zero bytes? */
bool is_zero(const void *mem, size_t len);

/* --- processes -------------------------------------------------------------- */

/** start() - @fn in a child, which ends with 0 if @fn returns. */
pid_t start(void (*fn)(void *), void *arg);

/** passes() - wait for a child: did it end with 0? */
bool passes(pid_t pid);

/** killed() - kill -9 and wait: did the signal end it? */
bool killed(pid_t pid);

/** send_fd() - pass @fd through a unix socket. Return: 0 or a negative errno. */
int send_fd(int socket, int fd);

/** receive_fd() - Return: the descriptor or a negative errno. */
int receive_fd(int socket);

void sleep_ms(unsigned int ms);
uint64_t now_ms(void);

/** rounds() - how often a race is tried: @nr, by day (no NA_THOROUGH) a third. */
unsigned int rounds(unsigned int nr);

/* --- inside the kernel: tests/modules/na_fail ------------------------------- */

struct look {
	unsigned long pfn;
	char type[16];		/* of the page table entry */
	int special;
	int write;
	int high;		/* high memory? */
	int kmap;		/* has the kmap pool an entry for the frame? */
	char direct[16];	/* type in the direct map, or "none" */
};

/** look_at() - 0, or a negative errno when nothing is mapped there. */
int look_at(const volatile void *addr, struct look *look);

/** expect_no_alias() - every page present in the mapping has the heap's type
 * there, none other in the direct map and no entry in the kmap pool; and the
 * auditor finds no conflict of a frame of ours. Ends the case otherwise.
 */
void expect_no_alias(const void *mem, size_t len);

struct calls {
	unsigned long nr;
	unsigned long failed;
};

/** fail_call() - the @nth call of @symbol by this thread, or all from it on,
 * return @value, until fail_off(). Ends the case when that cannot be had.
 */
void fail_call(const char *symbol, unsigned long nth, bool all, long value);
struct calls fail_off(void);

/** memory_in_pieces() - until the case ends no block of more than @nr frames is
 * to be had for a buffer.
 */
void memory_in_pieces(unsigned int nr);

#endif
