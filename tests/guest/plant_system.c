// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The auditor and our own memory: it reports no alias while buffers are used in
 * every way that is allowed, and reports each frame that is mapped cached, even
 * if it has no other mapping.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_importer.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NR 64u
#define LEN (NR * PAGE)

static const char *const heaps[] = { "system-uncached", "system-writecombine" };
static const char *const zones[] = { "any", "low" };

static void use(const char *heap, const char *zone)
{
	EXPECT(!setenv("NA_HEAP", heap, 1));
	use_zone(zone);
}

struct held {
	int fd;
	int importer;
	char *mem;
	uint32_t pfns[NR];
};

static void map_and_wait(void *arg)
{
	struct held *held = arg;
	char *mem = map_buffer(held->fd, LEN);

	mem[0]++;
	held->mem[1]++;
	raise(SIGSTOP);
}

static size_t nr_heaps(void)
{
	return has_pat() ? ARRAY_SIZE(heaps) : 1;
}

/* A buffer in two processes, a kernel mapping and a device. */
static void use_in_every_way(struct held *held, int bed)
{
	struct importer_map map = { .dir = DMA_BIDIRECTIONAL };
	int status;
	pid_t pid;

	held->fd = new_buffer(LEN);
	held->mem = map_buffer(held->fd, LEN);
	held->importer = new_import(held->fd);
	EXPECT(import_vmap(held->importer));
	import_write(held->importer, PAGE, 1);
	EXPECT_EQ(import_map(held->importer, &map), 0);
	pfns_of(bed, held->mem, NR, held->pfns);
	pid = start(map_and_wait, held);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
}

/* kills: an auditor that calls a user mapping and a vmap of one type a conflict */
static void heaps_in_use_are_clean(void)
{
	struct held held[ARRAY_SIZE(heaps)][ARRAY_SIZE(zones)];
	int bed = open_bed();
	char *audit;
	size_t i, j;

	for (i = 0; i < nr_heaps(); i++) {
		for (j = 0; j < ARRAY_SIZE(zones); j++) {
			use(heaps[i], zones[j]);
			use_in_every_way(&held[i][j], bed);
			EXPECT_EQ(look_at_page(bed, held[i][j].pfns[0]).high,
				  j == 0 && has_high_memory());
		}
	}
	audit = read_audit();
	EXPECT(audit_is_clean(audit));
	EXPECT_EQ(audit_nr_frames(audit, "mixed", "ram"), 0);
	/* It has looked at them, and at both processes. */
	EXPECT(audit_seen(audit, "frames") >=
	       nr_heaps() * ARRAY_SIZE(zones) * NR);
	EXPECT(audit_seen(audit, "processes") >=
	       2 + nr_heaps() * ARRAY_SIZE(zones));
}

/* kills: an auditor that asks for more than page tables to find its own */
static void freshly_loaded_system_is_clean(void)
{
	char *audit = read_audit(), *text = read_report();

	EXPECT(!find_line(audit, "conflict "));
	EXPECT(strstr(find_line(audit, "end "), " verdict=clean\n"));
	EXPECT(strstr(text, "verdict:    clean"));
	EXPECT(strstr(text, "cannot see: "));
}

/* --- frames that nobody maps ------------------------------------------------------- */

struct plan {
	const char *heap;
	const char *zone;
};

/* A buffer that no process maps; its frames, seen while one did. */
static int new_unmapped_buffer(int bed, uint32_t *pfns)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN);

	pfns_of(bed, mem, NR, pfns);
	EXPECT(!munmap(mem, LEN));
	return fd;
}

static const char *ledger_type(const struct plan *plan)
{
	return strcmp(plan->heap, "system-uncached") ? "WC" : "UC";
}

static void expect_ours(uint32_t pfn, const char *grade,
			const struct plan *plan, const char *space)
{
	char *audit = read_audit(), *text = read_report();
	const struct party *ledger;
	struct conflict conflict;
	char line[80], *block;

	EXPECT(find_conflict(audit, pfn, &conflict));
	EXPECT(!strcmp(conflict.kind, "ours"));
	EXPECT(!strcmp(conflict.grade, grade));
	EXPECT(find_party(&conflict, space, 0, 0));
	ledger = find_party(&conflict, "ledger", 0, 0);
	EXPECT(ledger);
	EXPECT(!strcmp(ledger->type, ledger_type(plan)));
	EXPECT(!strcmp(ledger->name, "buffer"));
	block = find_block(text, pfn);
	EXPECT(block);
	snprintf(line, sizeof(line), "\n       %-5snoalias ledger: buffer",
		 ledger_type(plan));
	EXPECT(strstr(block, line));
	EXPECT_EQ(audit_nr_frames(audit, grade, "ours"), conflict.nr);
	free(block);
	free(audit);
	free(text);
}

static void plant_on_ledger_frame(const struct plan *plan)
{
	uint32_t pfns[NR];
	int bed, fd;
	uint64_t va;

	use(plan->heap, plan->zone);
	bed = open_bed();
	fd = new_unmapped_buffer(bed, pfns);
	expect_clean_audit();
	va = make_mapping(bed, PLANT_VMAP, pfns[NR / 2], 1, PLANT_WB);
	expect_ours(pfns[NR / 2], "alias", plan, "vmalloc");
	unmake_mapping(bed, PLANT_VMAP, pfns[NR / 2], va);
	expect_clean_audit();
	close(fd);
	close(bed);
}

/* kills: the ledger not asked: only the mapping that is wrong can be seen */
static void wb_vmap_of_unmapped_uc_buffer(void)
{
	plant_on_ledger_frame(&(struct plan){ heaps[0], "any" });
}

/* kills: a ledger's WC taken for UC, or for no type */
static void wb_vmap_of_unmapped_wc_buffer(void)
{
	plant_on_ledger_frame(&(struct plan){ heaps[1], "any" });
}

/* kills: low frames taken for known because the direct map shows them */
static void wb_vmap_of_unmapped_low_uc_buffer(void)
{
	plant_on_ledger_frame(&(struct plan){ heaps[0], "low" });
}

/* kills: the same, where ledger and direct map say WC */
static void wb_vmap_of_unmapped_low_wc_buffer(void)
{
	plant_on_ledger_frame(&(struct plan){ heaps[1], "low" });
}

/* kills: a ledger whose word counts as cached, or a grade without the ledger */
static void uc_mapping_of_wc_buffer_is_mixed(void)
{
	struct plan plan = { heaps[1], "any" };
	uint32_t pfns[NR];
	int bed = open_bed();

	use(plan.heap, plan.zone);
	new_unmapped_buffer(bed, pfns);
	map_frame(bed, pfns[3], PLANT_UC);
	expect_ours(pfns[3], "mixed", &plan, "process");
}

/* kills: a stale kmap entry that the storm could leave, on memory of ours */
static void stale_kmap_of_unmapped_buffer(void)
{
	struct plan plan = { heaps[0], "high" };
	uint32_t pfns[NR];
	int bed = open_bed();

	use(plan.heap, plan.zone);
	new_unmapped_buffer(bed, pfns);
	make_mapping(bed, PLANT_STALE_KMAP, pfns[NR - 1], 1, 0);
	expect_ours(pfns[NR - 1], "alias", &plan, "kmap");
}

/* kills: frames that stay in the ledger after the buffer has gone */
static void wb_vmap_of_freed_buffer(void)
{
	uint32_t pfns[NR], kept;
	int bed = open_bed(), fd;

	use(heaps[0], "any");
	fd = new_unmapped_buffer(bed, pfns);
	kept = pfns[0];
	keep_pages(bed, &kept, 1);
	close(fd);
	make_mapping(bed, PLANT_VMAP, kept, 1, PLANT_WB);
	expect_clean_audit();
}

/* --- files -------------------------------------------------------------------------- */

static void try_as_user(void *arg)
{
	int dir = *(int *)arg;

	EXPECT(!setresgid(1000, 1000, 1000));
	EXPECT(!setresuid(1000, 1000, 1000));
	EXPECT_ERRNO(openat(dir, "audit", O_RDONLY), EACCES);
}

/* kills: files that any user may open who is handed the folder */
static void audit_is_for_root_only(void)
{
	int dir = open(DEBUGFS, O_RDONLY | O_DIRECTORY);
	struct stat stat;

	EXPECT(dir >= 0);
	EXPECT(!fstatat(dir, "audit", &stat, 0));
	EXPECT_EQ(stat.st_mode, S_IFREG | 0400);
	EXPECT(passes(start(try_as_user, &dir)));
}

/* kills: an audit at each read(): pieces of different audits */
static void audit_read_in_small_pieces_is_one_audit(void)
{
	int bed = open_bed(), fd = open(DEBUGFS "audit", O_RDONLY);
	uint32_t pfn = take_page(bed, PLANT_ANY);
	static char text[1u << 16];
	size_t len = 0;
	ssize_t got;

	EXPECT(fd >= 0);
	map_frame(bed, pfn, PLANT_UC);
	map_frame(bed, pfn, PLANT_WB);
	while ((got = read(fd, text + len, 7)) > 0)
		len += got;
	EXPECT(len && len < sizeof(text));
	EXPECT(audit_is_clean(text));
	EXPECT(find_line(text, "end "));
	EXPECT_EQ(text[len - 1], '\n');
}

/* kills: a name that ends its record, or forges another */
static void hostile_name_forges_no_record(void)
{
	static const char name[] = "a\nend x=\\\x1b\xff";
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_ANY);
	const struct party *party;
	struct conflict conflict;
	char *audit;

	EXPECT(!prctl(PR_SET_NAME, name));
	map_frame(bed, pfn, PLANT_UC);
	map_frame(bed, pfn, PLANT_WB);
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	party = find_party(&conflict, "process", getpid(), 0);
	EXPECT(party);
	EXPECT(!strcmp(party->comm, name));
	EXPECT(!find_line(find_line(audit, "end ") + 1, "end "));
	free(audit);
}

static const struct guest_case cases[] = {
	CASE(freshly_loaded_system_is_clean),
	CASE(heaps_in_use_are_clean),
	CASE(wb_vmap_of_unmapped_uc_buffer),
	CASE_PAT(wb_vmap_of_unmapped_wc_buffer),
	CASE(wb_vmap_of_unmapped_low_uc_buffer),
	CASE_PAT(wb_vmap_of_unmapped_low_wc_buffer),
	CASE_PAT(uc_mapping_of_wc_buffer_is_mixed),
	CASE(stale_kmap_of_unmapped_buffer),
	CASE(wb_vmap_of_freed_buffer),
	CASE(audit_is_for_root_only),
	CASE(audit_read_in_small_pieces_is_one_audit),
	CASE(hostile_name_forges_no_record),
};
GUEST_MAIN(cases)
