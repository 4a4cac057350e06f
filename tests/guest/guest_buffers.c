// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Helpers of the test programs that know the module: buffers, their contents,
 * and what is seen of both inside the kernel.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../../include/uapi/noalias.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SETTLE_MS 20000

/* --- heap and buffers ---------------------------------------------------------- */

const char *heap_name(void)
{
	const char *name = getenv("NA_HEAP");

	return name ? name : "system-uncached";
}

const char *heap_type(void)
{
	const char *name = heap_name();

	if (strstr(name, "-writecombine"))
		return "WC";
	return strstr(name, "-wb") ? "WB" : "UC";
}

/* From what the machine is told, not from what the module made of it. */
bool has_pat(void)
{
	return file_has("/proc/cpuinfo", " pat ") &&
	       !file_has("/proc/cmdline", "nopat");
}

int open_heap(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", heap_name());
	fd = open(path, O_RDWR | O_CLOEXEC);
	EXPECT(fd >= 0);
	return fd;
}

int alloc_on(int heap, uint64_t len)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	return data.fd;
}

int try_buffer(uint64_t len)
{
	int heap = open_heap(), fd = alloc_on(heap, len);

	close(heap);
	return fd;
}

int new_buffer(uint64_t len)
{
	int fd = try_buffer(len);

	if (fd < 0)
		say("buffer of %llu bytes: %s", (unsigned long long)len,
		    strerror(-fd));
	EXPECT(fd >= 0);
	return fd;
}

void *map_buffer(int fd, size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

int map_errno(int fd, size_t len, int prot, int flags, off_t offset)
{
	void *mem = mmap(NULL, len, prot, flags, fd, offset);
	int err = errno;

	if (mem == MAP_FAILED)
		return err;
	munmap(mem, len);
	return 0;
}

void *new_mapping(size_t len)
{
	int fd = new_buffer(len);
	void *mem = map_buffer(fd, len);

	close(fd);
	return mem;
}

static bool find_counter(const char *text, const char *name, uint64_t *value)
{
	size_t len = strlen(name);

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, name, len) && text[len] == ' ') {
			*value = strtoull(text + len, NULL, 10);
			return true;
		}
	}
	return false;
}

uint64_t counter(const char *name)
{
	char *text = read_text(DEBUGFS "counters");
	uint64_t value = 0;

	EXPECT(find_counter(text, name, &value));
	free(text);
	return value;
}

static const char *const held_names[] = {
	"frames_claimed", "frames_in_buffers", "frames_lent",
	"frames_quarantined", "frames_charged",
};

uint64_t nr_held(void)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(held_names); i++)
		nr += counter(held_names[i]);
	return nr;
}

static bool has_dmabuf(void)
{
	return !file_has("/sys/kernel/debug/dma_buf/bufinfo",
			 "Total 0 objects, 0 bytes");
}

bool wait_released(void)
{
	uint64_t end_ms = now_ms() + SETTLE_MS;

	while (nr_held() || has_dmabuf()) {
		if (now_ms() > end_ms)
			return false;
		sleep_ms(5);
	}
	return true;
}

void say_held(void)
{
	char *text = read_text(DEBUGFS "counters");
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(held_names); i++)
		if (find_counter(text, held_names[i], &value) && value)
			say("left behind: %s %llu", held_names[i],
			    (unsigned long long)value);
	free(text);
	if (has_dmabuf())
		say("left behind: a dma-buf");
}

/* Does the module tell this thread the same, through a heap? */
static bool is_told(const char *field, const char *limit)
{
	struct noalias_query_refusal query = { 0 };
	int heap = open_heap();
	bool is_same = !ioctl(heap, NOALIAS_IOC_QUERY_REFUSAL, &query) &&
		       !strcmp(query.field, field) &&
		       !strcmp(query.limit, limit) && query.err > 0;

	close(heap);
	if (!is_same)
		say("told: %s, allowed: %s, errno %d", query.field,
		    query.limit, query.err);
	return is_same;
}

bool refused(const char *field, const char *limit)
{
	char comm[16] = "", line[512], *text, *end;
	bool found;

	prctl(PR_GET_NAME, comm);
	text = read_text(DEBUGFS "refusals");
	EXPECT(text);
	end = strchr(text, '\n');
	if (end)
		*end = 0;
	snprintf(line, sizeof(line), "pid %d %s: %s is ", getpid(), comm,
		 field);
	found = !strncmp(text, line, strlen(line));
	snprintf(line, sizeof(line), ", allowed: %s (error -", limit);
	found = found && strstr(text, line);
	if (!found)
		say("last refusal: %s", text);
	free(text);
	return found && is_told(field, limit);
}

static struct noalias_query_refusal last_refusal(void)
{
	struct noalias_query_refusal query = { 0 };
	int heap = open_heap();

	EXPECT(!ioctl(heap, NOALIAS_IOC_QUERY_REFUSAL, &query));
	close(heap);
	return query;
}

uint64_t told_value(void)
{
	return last_refusal().value;
}

bool told_remedy(const char *remedy)
{
	struct noalias_query_refusal query = last_refusal();

	if (strcmp(query.remedy, remedy))
		say("remedy: %s", query.remedy);
	return !strcmp(query.remedy, remedy);
}

/* --- contents -------------------------------------------------------------------- */

static uint32_t word_at(size_t idx, uint32_t seed)
{
	uint32_t word = (uint32_t)idx * 2654435761u ^ seed * 2246822519u;

	return (word ^ word >> 15) * 3266489917u | 1;
}

void fill(void *mem, size_t len, uint32_t seed)
{
	volatile uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++)
		word[i] = word_at(i, seed);
}

bool holds(const void *mem, size_t len, uint32_t seed)
{
	const volatile uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++) {
		if (word[i] == word_at(i, seed))
			continue;
		say("word %zu is %08x, should be %08x", i, word[i],
		    word_at(i, seed));
		return false;
	}
	return true;
}

bool is_zero(const void *mem, size_t len)
{
	const uint32_t *word = mem;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++) {
		if (!word[i])
			continue;
		say("word %zu is %08x, should be 0", i, word[i]);
		return false;
	}
	return true;
}

/* --- inside the kernel ---------------------------------------------------------------- */

#define NA_FAIL "/sys/kernel/debug/na_fail/"

static int scan_look(const char *text, struct look *look)
{
	return sscanf(text,
		      "pfn %lu type %15s special %d write %d high %d kmap %d direct %15s",
		      &look->pfn, look->type, &look->special, &look->write,
		      &look->high, &look->kmap, look->direct);
}

int look_at(const volatile void *addr, struct look *look)
{
	int fd = open(NA_FAIL "look", O_RDWR | O_CLOEXEC), err = 0;
	char text[160];
	ssize_t len;

	EXPECT(fd >= 0);
	snprintf(text, sizeof(text), "%lu", (unsigned long)addr);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (err)
		return err;
	EXPECT(len > 0);
	text[len] = 0;
	EXPECT_EQ(scan_look(text, look), 7);
	return 0;
}

static void expect_page(const struct look *look, size_t idx)
{
	bool good = !strcmp(look->type, heap_type()) && look->special &&
		    !look->kmap &&
		    !strcmp(look->direct, look->high ? "none" : heap_type());

	if (!good)
		say("page %zu: pfn %lu type %s special %d kmap %d direct %s",
		    idx, look->pfn, look->type, look->special, look->kmap,
		    look->direct);
	EXPECT(good);
}

/* The whole system's conflicts; those of frames that are not ours are not
 * this module's doing and are left to the suite.
 */
static void expect_auditor_content(void)
{
	char *text = read_text(DEBUGFS "audit");
	bool content = text && strstr(text, "\nframes grade=alias ours=0 ") &&
		       strstr(text, "\nframes grade=mixed ours=0 ") &&
		       strstr(text, " cut=none missed_more=0 ");

	if (!content)
		say("auditor: %s", text ? text : strerror(errno));
	EXPECT(content);
	free(text);
}

void expect_no_alias(const void *mem, size_t len)
{
	struct look look;
	size_t idx;

	expect_auditor_content();

	for (idx = 0; idx < len / PAGE; idx++)
		if (!look_at((const char *)mem + idx * PAGE, &look))
			expect_page(&look, idx);
}

void memory_in_pieces(unsigned int nr)
{
	static int fd = -1;
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nr);

	if (fd < 0)
		fd = open(NA_FAIL "pieces", O_WRONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, text, len), len);
}

static int fail_fd = -1;

void fail_call(const char *symbol, unsigned long nth, bool all, long value)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%s %lu %s %ld", symbol, nth,
			   all ? "all" : "once", value);

	if (fail_fd < 0)
		fail_fd = open(NA_FAIL "fail", O_RDWR | O_CLOEXEC);
	EXPECT(fail_fd >= 0);
	EXPECT_EQ(write(fail_fd, text, len), len);
}

struct calls fail_off(void)
{
	struct calls calls;
	char text[64];
	ssize_t len;

	EXPECT_EQ(write(fail_fd, "off", 3), 3);
	len = read(fail_fd, text, sizeof(text) - 1);
	EXPECT(len > 0);
	text[len] = 0;
	EXPECT_EQ(sscanf(text, "calls %lu failed %lu", &calls.nr,
			 &calls.failed), 2);
	return calls;
}
