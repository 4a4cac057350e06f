// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * image_bench MIB FRAMES_GIB [MODE [ONCE]]: how fast an image is audited.
 *
 * Makes an image with MIB of page tables of 64 processes, whose entries map
 * frames of FRAMES_GIB of memory: at random (MODE random, the worst for every
 * cache) or in runs of 16 (MODE runs, as of a program). One table in 4096 has a
 * WC entry of a frame that the direct map has WB: an alias, for which the audit
 * has three walks. Then it is audited, as often as takes a second, or once, for
 * a count of instructions.
 *
 * Prints the entries of page tables, each counted once, that an audit comes
 * through in a second; large entries of the direct map are not counted. The image is a file
 * without a name in the current folder.
 */
#include <dump/dump.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NR_PROCESSES	64u
#define DIRECT		273u	/* index of the direct map's entry */
#define TABLE		0x67ull
#define LEAF		0x8000000000000067ull
#define LARGE		0xe3ull
#define FIRST_PAGE	512u

struct made {
	u64 (*pages)[512];
	u64 nr_pages;
	u64 next;
	u64 nr_frames;
	bool is_random;
	u64 seed;
	u64 run_first;
};

static u64 draw(struct made *made)
{
	made->seed ^= made->seed << 13;
	made->seed ^= made->seed >> 7;
	made->seed ^= made->seed << 17;
	return made->seed;
}

static u64 take_page(struct made *made)
{
	if (made->next == made->nr_pages) {
		fprintf(stderr, "image_bench: too many page tables\n");
		exit(2);
	}
	return made->next++;
}

static u64 draw_frame(struct made *made, u32 i)
{
	if (made->is_random)
		return 256 + draw(made) % made->nr_frames;
	if (!(i % 16))
		made->run_first = 256 + draw(made) % made->nr_frames;
	return made->run_first + i % 16;
}

static u64 make_table(struct made *made, u64 nr)
{
	u64 table = take_page(made);
	u32 i;

	for (i = 0; i < 512; i++)
		made->pages[table][i] = draw_frame(made, i) << 12 | LEAF;
	if (nr % 4096 == 77)
		made->pages[table][5] |= 8;
	return table;
}

static void make_process(struct made *made, u64 root, u64 nr_tables)
{
	u64 pgd = take_page(made), pud = take_page(made), pmd = 0, i;

	made->pages[pgd][DIRECT] = made->pages[root][DIRECT];
	made->pages[pgd][511] = made->pages[root][511];
	made->pages[pgd][0] = pud << 12 | TABLE;
	for (i = 0; i < nr_tables; i++) {
		if (!(i % 512)) {
			pmd = take_page(made);
			made->pages[pud][i / 512] = pmd << 12 | TABLE;
		}
		made->pages[pmd][i % 512] = make_table(made, i) << 12 | TABLE;
	}
}

static u64 make_kernel(struct made *made)
{
	u64 root = take_page(made), pud = take_page(made), i;

	made->pages[root][DIRECT] = pud << 12 | TABLE;
	made->pages[root][511] = take_page(made) << 12 | TABLE;
	for (i = 0; i < 64; i++)
		made->pages[pud][i] = i << 30 | LARGE;
	return root;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const struct na_notes *notes, const char *what)
{
	fprintf(stderr, "image_bench: %s: %s\n", what, notes->error);
	exit(2);
}

static void audit(struct na_dump *dump, struct na_notes *notes)
{
	struct na_audit_result *result;

	if (na_dump_audit(dump, NULL, &result))
		fail(notes, "audit");
	na_audit_result_destroy(result);
}

static void measure(const char *path, u64 root, u64 nr_entries, bool once)
{
	const struct na_dump_options options = {
		.path = path, .image.is_raw = true, .kernel.root = root << 12,
	};
	double begun, spent = 0;
	static struct na_notes notes;
	struct na_dump *dump;
	u64 nr_audits = 0;

	if (na_dump_open(&options, &notes, &dump))
		fail(&notes, path);
	while (spent < 1 && !(once && nr_audits)) {
		begun = seconds();
		audit(dump, &notes);
		spent += seconds() - begun;
		nr_audits++;
	}
	printf("%" PRIu64 " audits, %u address spaces, %.1f M entries: %.0f M entries/s\n",
	       (uint64_t)nr_audits, na_dump_kernel(dump)->nr_spaces,
	       (double)nr_entries / 1e6,
	       (double)nr_entries * (double)nr_audits / spent / 1e6);
	na_dump_close(dump);
}

int main(int argc, char **argv)
{
	u64 nr_tables = argc > 2 ? strtoull(argv[1], NULL, 10) << 8 : 0;
	struct made made = {
		.nr_pages = nr_tables + nr_tables / 256 + FIRST_PAGE + 512,
		.next = FIRST_PAGE, .seed = 88172645463325252ull,
		.is_random = argc < 4 || strcmp(argv[3], "runs"),
	};
	char path[40];
	u64 root;
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	u32 i;

	if (!nr_tables || fd < 0 ||
	    ftruncate(fd, (off_t)(made.nr_pages * 4096))) {
		fprintf(stderr, "usage: image_bench MIB FRAMES_GIB [random|runs [once]]\n");
		return 2;
	}
	made.nr_frames = (strtoull(argv[2], NULL, 10) << 18) - 512;
	made.pages = mmap(NULL, made.nr_pages * 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	if (made.pages == MAP_FAILED)
		return 2;
	root = make_kernel(&made);
	for (i = 0; i < NR_PROCESSES; i++)
		make_process(&made, root, nr_tables / NR_PROCESSES);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	measure(path, root, nr_tables << 9, argc > 4);
	return 0;
}
