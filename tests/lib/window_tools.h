/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: window_tools
 *
 * What the tests of windows share: files whose pages carry their numbers, and
 * what the kernel says of the address space.
 */
#ifndef LIB_WINDOW_TOOLS_H
#define LIB_WINDOW_TOOLS_H

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE 4096u
#define KIB 1024u
#define MIB (1024u * 1024u)
#define MS 1000000ull

#define OPTIONS(...) \
	(&(struct noalias_window_options){ \
		.size = sizeof(struct noalias_window_options), __VA_ARGS__ })

/** file_of() - a memfd of @pages pages, each begins with its number. */
int file_of(unsigned int pages);

/** file_number() - write numbers into all pages of a file. */
void file_number(int fd, unsigned int pages);

/** file_seal() - nobody makes it shorter any more. */
void file_seal(int fd);

/** window_over() - open, or fail the case. */
struct noalias_window *window_over(int fd,
				   const struct noalias_window_options *options);

/** window_close() - close, or fail the case. */
void window_close(struct noalias_window *window);

/** map_at() - map, or fail the case. */
void *map_at(struct noalias_window *window, uint64_t offset, size_t len);

/** unmap() - unmap, or fail the case. */
void unmap(struct noalias_window *window, const void *addr, size_t len);

/** page_number() - what a page mapped at @addr begins with. */
unsigned int page_number(const void *addr);

/** check_page() - map page @page alone, read its number, unmap. */
void check_page(struct noalias_window *window, unsigned int page);

/** stats_of() - the counters now. */
struct noalias_window_stats stats_of(struct noalias_window *window);

/** first_slot() - address of slot 0. Nothing is mapped before and after. */
char *first_slot(struct noalias_window *window);

/** struct area - what the kernel has at an address. */
struct area {
	unsigned long start, end;
	char prot[5];
	unsigned long long offset, inode;
};

/** area_at() - false: nothing is there. */
bool area_at(const void *addr, struct area *area);

/** is_guarded() - is the address reserved, and nothing to be seen there? */
bool is_guarded(const void *addr);

/** signal_of() - signal that reading (or writing) at @addr raises; 0: none. */
int signal_of(const void *addr, bool writes);

/** lose_next_slot() - the next mapping of a file at a fixed address fails, and
 * somebody else's memory is there. Return: where, once that has happened.
 */
void *const *lose_next_slot(void);

/** dump_of() - what the dump writes; static memory. @nr receives its result. */
const char *dump_of(struct noalias_window *window, int *nr);

#endif
