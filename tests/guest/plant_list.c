// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The command "noalias audit" with --range and --type: what is planted is listed
 * with its type, whether it is in conflict or not.
 */
#define _GNU_SOURCE
#include "plant_ask.h"

#define DEVICE_PFN	0xd0000u	/* where no device of this machine is */
#define NR_FRAMES	4u

/*
 * The line of the mapping at @va that the list has, or NULL. Conflicts name
 * mappings too; a line of the list begins with the physical address.
 */
static char *line_at(const char *text, uint64_t va)
{
	char pattern[32];
	const char *at, *line;

	/* 8, 12 or 16 digits */
	snprintf(pattern, sizeof(pattern), "  %0*llx-", va >> 48 ? 16 :
		 va >> 32 ? 12 : 8, (unsigned long long)va);
	for (at = text; (at = strstr(at, pattern)); at++) {
		for (line = at; line > text && line[-1] != '\n'; line--)
			;
		if (!strncmp(line, "0x", 2))
			return strndup(line, strcspn(line, "\n"));
	}
	return NULL;
}

static void expect_line(const struct answer *answer, uint64_t va,
			const char *type, const char *owner)
{
	char *line = line_at(answer->text, va);

	if (!line)
		say("%.1500s", answer->text);
	EXPECT(line);
	say("%s", line);
	EXPECT(strstr(line, type));
	EXPECT(strstr(line, owner));
}

static struct answer list(uint32_t pfn, uint32_t nr, const char *options)
{
	return ask("audit --range %#llx+%#llx %s", pfn * 4096ull,
		   nr * 4096ull, options);
}

/* kills: a list of what conflicts only; the type of another mapping */
static void list_of_a_device(void)
{
	int bed = open_bed();
	uint64_t va = make_mapping(bed, PLANT_IOREMAP, DEVICE_PFN, NR_FRAMES,
				   PLANT_WC);
	struct answer answer = list(DEVICE_PFN, NR_FRAMES, "");

	EXPECT_EQ(answer.status, 0);
	EXPECT(strstr(answer.text, "\nPAT:        0 WB, 1 WC, "));
	EXPECT(strstr(answer.text, "7 WT (read)\n"));
	EXPECT(strstr(answer.text, "\nMTRR:       default "));
	EXPECT(strstr(answer.text, "\nlisted:     1 mapping of 4 frames\n"));
	expect_line(&answer, va, "  WC   entry WC ", "vmalloc");
	EXPECT(strstr(answer.text, "clean, no frame of the range "));
	answer = list(DEVICE_PFN, NR_FRAMES, "--type WC");
	expect_line(&answer, va, "  WC ", "vmalloc");
	answer = list(DEVICE_PFN, NR_FRAMES, "--type UC");
	EXPECT_EQ(answer.status, 0);
	EXPECT(strstr(answer.text, "\nlisted:     0 mappings of 0 frames\n"));
	answer = ask("audit --type WC");
	expect_line(&answer, va, "  WC ", "vmalloc");
	unmake_mapping(bed, PLANT_IOREMAP, DEVICE_PFN, va);
	answer = list(DEVICE_PFN, NR_FRAMES, "");
	EXPECT_EQ(answer.status, 0);
	EXPECT(strstr(answer.text, "\nlisted:     0 mappings of 0 frames\n"));
}

/* kills: --pid or --type that lists others, or loses its own */
static void list_of_one_process(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_BARE);
	uint64_t mem = (uintptr_t)map_frame(bed, pfn, PLANT_WC);
	uint64_t va = make_mapping(bed, PLANT_VMAP, pfn, 1, PLANT_UC);
	struct answer answer = list(pfn, 1, "");
	char pid[32], owner[48];

	snprintf(owner, sizeof(owner), "process %d (", getpid());
	expect_line(&answer, mem, "  WC   entry WC ", owner);
	expect_line(&answer, mem, "  WC   entry WC ", "MIXED");
	expect_line(&answer, va, "  UC-  entry UC- ", "vmalloc");
	snprintf(pid, sizeof(pid), "--pid %d", getpid());
	answer = list(pfn, 1, pid);
	EXPECT(strstr(answer.text, "\nlisted:     1 mapping of 1 frame\n"));
	expect_line(&answer, mem, "  WC ", owner);
	answer = list(pfn, 1, "--type UC");
	EXPECT(!line_at(answer.text, mem));
	expect_line(&answer, va, "  UC- ", "vmalloc");
	EXPECT_EQ(list(pfn, 1, "--fail-on warning").status, 1);
	answer = list(pfn, 1, "--pid 1");
	EXPECT(strstr(answer.text, "\nlisted:     0 mappings of 0 frames\n"));
}

/* kills: a page of the direct map that is not listed because it is WB */
static void list_of_ordinary_memory(void)
{
	int bed = open_bed();
	uint32_t pfn = take_page(bed, PLANT_LOW);
	uint64_t mem = (uintptr_t)map_frame(bed, pfn, PLANT_WB);
	struct answer answer = list(pfn, 1, "--type WB");

	EXPECT_EQ(answer.status, 0);
	EXPECT(strstr(answer.text, "  direct map\n"));
	expect_line(&answer, mem, "  WB   entry WB   MTRR none ", "process");
}

static const struct guest_case cases[] = {
	CASE_PAT(list_of_a_device),
	CASE_PAT(list_of_one_process),
	CASE(list_of_ordinary_memory),
};
GUEST_MAIN(cases)
