// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Nodes of heaps. A node is identified by its device number, not by its name:
 * heaps of the module and of the kernel are found by their numbers in sysfs,
 * and others are reported with their number.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"
#include "file.h"

#define HEAP_DIR	"/dev/dma_heap"
#define NODES_MAX	16

/**
 * struct node - a node and its description
 * @name: in HEAP_DIR, or a path from the root
 * @what: description, as a part of a sentence
 * @is_ours: is it a heap of the module?
 * @is_taken: does it have the name of a heap of the module, but another device?
 * @is_unknown: is its memory type unknown?
 */
struct node {
	const char *name;
	char path[FILE_PATH_MAX];
	struct stat stat_of;
	char what[256];
	bool is_ours;
	bool is_taken;
	bool is_unknown;
};

/* --- device numbers ---------------------------------------------------------- */

static dev_t sysfs_dev(const char *class, const char *name)
{
	unsigned int major_nr, minor_nr;
	char path[FILE_PATH_MAX], word[32];

	snprintf(path, sizeof(path), "/sys/class/%s/%.255s/dev", class, name);
	doctor_word(word, sizeof(word), path);
	if (sscanf(word, "%u:%u", &major_nr, &minor_nr) != 2)
		return 0;
	return makedev(major_nr, minor_nr);
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       strlen(entry->d_name) < NOALIAS_NAME_LEN;
}

static int scan(const char *dir, struct dirent ***entries)
{
	char path[FILE_PATH_MAX];

	return scandir(file_path(path, dir), entries, is_shown, alphasort);
}

/* Name of a heap of the kernel's class by its number, or "". */
static void kernel_name(dev_t dev, char *name, size_t size)
{
	struct dirent **entries = NULL;
	int nr = scan("/sys/class/dma_heap", &entries), i;

	*name = 0;
	for (i = 0; i < nr; i++) {
		if (!*name && sysfs_dev("dma_heap", entries[i]->d_name) == dev)
			snprintf(name, size, "%.63s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static struct doctor_heap *heap_named(struct doctor *doctor, const char *name)
{
	size_t i;

	for (i = 0; i < DOCTOR_HEAPS; i++)
		if (!strcmp(doctor->heaps[i].name, name))
			return &doctor->heaps[i];
	return NULL;
}

static struct doctor_heap *heap_with_dev(struct doctor *doctor, dev_t dev)
{
	size_t i;

	for (i = 0; i < DOCTOR_HEAPS; i++)
		if (doctor->heaps[i].dev && doctor->heaps[i].dev == dev)
			return &doctor->heaps[i];
	return NULL;
}

/*
 * --- devices
 * ------------------------------------------------------------------
 */

/* Heaps of the kernel itself: ordinary cached memory. */
static bool is_stock(const char *name)
{
	static const char *const names[] = {
		"system", "reserved", "linux,cma", "cma", "default_cma_region",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool is_claim(const char *name)
{
	return strstr(name, "uncached") || strstr(name, "writecombine");
}

/* Usual out-of-tree heaps do not change the direct map; PAT maps RAM cached. */
static void tell_foreign(const struct doctor *doctor, struct node *node)
{
	node->is_unknown = true;
	snprintf(node->what, sizeof(node->what),
		 "device %u:%u of another driver, memory type unknown%s",
		 major(node->stat_of.st_rdev), minor(node->stat_of.st_rdev),
		 is_claim(node->name) && doctor->is_x86 ?
		 " (cached on x86 with the usual code of such heaps)" :
		 "");
}

static void tell_kernels(const struct doctor *doctor, struct node *node)
{
	char name[NOALIAS_NAME_LEN];

	kernel_name(node->stat_of.st_rdev, name, sizeof(name));
	if (is_stock(name) && !strcmp(name, node->name))
		snprintf(node->what, sizeof(node->what),
			 "the kernel's, cached (WB)");
	else if (is_stock(name))
		snprintf(node->what, sizeof(node->what),
			 "the kernel's heap %s under another name, cached (WB)",
			 name);
	else if (!*name && is_stock(node->name) &&
		 !file_exists("/sys/class/dma_heap"))
		snprintf(node->what, sizeof(node->what),
			 "the kernel's by its name, cached (WB)");
	else
		tell_foreign(doctor, node);
}

static void tell_ours(const struct doctor_heap *heap, struct node *node)
{
	node->is_ours = true;
	if (!strcmp(heap->name, node->name))
		snprintf(node->what, sizeof(node->what), "the module's, %s",
			 noalias_memtype_name(heap->memtype));
	else
		snprintf(node->what, sizeof(node->what),
			 "the module's heap %s under another name, %s",
			 heap->name, noalias_memtype_name(heap->memtype));
}

static enum noalias_memtype memtype_of_word(const char *word)
{
	if (!strncmp(word, "wb", 2))
		return NOALIAS_MEMTYPE_WB;
	return !strncmp(word, "wc", 2) ? NOALIAS_MEMTYPE_WC :
					 NOALIAS_MEMTYPE_UC;
}

/* Of "NAME:uc:any NAME:wc:dma32"; UNKNOWN: there is no such name. */
static enum noalias_memtype memtype_in(char *words, const char *name)
{
	size_t len = strlen(name);
	char *word, *rest;

	for (word = strtok_r(words, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest))
		if (!strncmp(word, name, len) && word[len] == ':')
			return memtype_of_word(word + len + 1);
	return NOALIAS_MEMTYPE_UNKNOWN;
}

/* A heap that the module's parameter adds, which everybody may read. */
static bool tell_added(const struct doctor *doctor, struct node *node)
{
	enum noalias_memtype memtype;
	struct cli_file file;

	if (!doctor->is_loaded ||
	    sysfs_dev("misc", node->name) != node->stat_of.st_rdev ||
	    file_read_system("/sys/module/noalias/parameters/heaps", &file))
		return false;
	memtype = memtype_in(file.text, node->name);
	free(file.text);
	if (memtype == NOALIAS_MEMTYPE_UNKNOWN)
		return false;
	node->is_ours = true;
	snprintf(node->what, sizeof(node->what),
		 "the module's, %s, by its parameter heaps",
		 memtype == NOALIAS_MEMTYPE_WB ?
		 "cached (WB)" : noalias_memtype_name(memtype));
	return true;
}

static void tell(struct doctor *doctor, struct node *node)
{
	struct doctor_heap *heap;

	if (!S_ISCHR(node->stat_of.st_mode)) {
		node->is_unknown = true;
		snprintf(node->what, sizeof(node->what), "no device node");
		node->is_taken = heap_named(doctor, node->name);
		return;
	}
	heap = heap_with_dev(doctor, node->stat_of.st_rdev);
	if (heap)
		tell_ours(heap, node);
	else if (!tell_added(doctor, node))
		tell_kernels(doctor, node);
	/* Also if a node of one of our heaps has the name of the other. */
	node->is_taken = heap_named(doctor, node->name) &&
			 heap != heap_named(doctor, node->name);
}

/*
 * --- permissions
 * --------------------------------------------------------------
 */

static bool is_roots(const struct stat *stat_of)
{
	return !(stat_of->st_mode & S_IROTH) &&
	       !(stat_of->st_mode & S_IRGRP && stat_of->st_gid);
}

static void remedy_access(struct finding *finding,
			  const struct node *node)
{
	const char *user = getuid() ? doctor_user() : "USER";

	if (!is_roots(&node->stat_of))
		finding_remedy(finding, "as root: adduser %s %s; then log in again",
			      user, doctor_group(node->stat_of.st_gid));
	else if (node->is_ours)
		finding_remedy(finding, "as root: udevadm trigger --subsystem-match=misc, if the package noalias with its udev rule is installed; else groupadd -f noalias; chgrp noalias %s; chmod 660 %s; then adduser %s noalias",
			      node->path, node->path, user);
	else
		finding_remedy(finding, "as root: echo 'SUBSYSTEM==\"dma_heap\", GROUP=\"video\", MODE=\"0660\"' >/etc/udev/rules.d/60-dma-heap.rules; udevadm control --reload; udevadm trigger --subsystem-match=dma_heap; adduser %s video",
			      user);
}

static bool may_open(const struct node *node)
{
	char path[FILE_PATH_MAX];

	return !access(file_path(path, node->path), R_OK);
}

/* Root may open everything, so report for other users. */
static void add_node(struct doctor *doctor, const char *name,
		     const struct node *node)
{
	bool is_refused = !may_open(node);
	bool is_limited = !is_refused && !getuid() && is_roots(&node->stat_of);
	enum finding_state state =
		node->is_taken || (is_refused && node->is_ours) ?
		FINDING_PROBLEM : is_refused || is_limited || node->is_unknown ?
		FINDING_NOTE : FINDING_OK;
	struct finding *finding =
		doctor_add(doctor, name, state,
			   "%s: %s; owner %u, group %s, mode %04o%s%s",
			   node->name, node->what, node->stat_of.st_uid,
			   doctor_group(node->stat_of.st_gid),
			   node->stat_of.st_mode & 07777, is_refused ?
			   ": may not be opened by " : is_limited ?
			   ": may be opened by root only" : "",
			   is_refused ? doctor_user() : "");

	if (node->is_taken)
		finding_remedy(finding, "programs that open this name get that device; unload its driver, remove the node, then load noalias again: the driver that creates a node first keeps it");
	else if (is_refused || is_limited)
		remedy_access(finding, node);
}

/* --- each of them ------------------------------------------------------------ */

static bool look_at(const char *name, const char *path, struct node *node)
{
	char full[FILE_PATH_MAX];

	memset(node, 0, sizeof(*node));
	node->name = name;
	snprintf(node->path, sizeof(node->path), "%s", path);
	return !stat(file_path(full, path), &node->stat_of);
}

/* Open a heap by its own name, if that node is its device. */
static void note_way(struct doctor *doctor, const struct node *node)
{
	struct doctor_heap *heap =
		heap_with_dev(doctor, node->stat_of.st_rdev);

	if (heap && may_open(node) &&
	    (!*heap->node || !strcmp(heap->name, node->name)))
		snprintf(heap->node, sizeof(heap->node), "%s", node->name);
}

static void check_node(struct doctor *doctor, const char *name)
{
	char path[FILE_PATH_MAX];
	struct node node;

	snprintf(path, sizeof(path), HEAP_DIR "/%s", name);
	if (!look_at(name, path, &node)) {
		doctor_add(doctor, "heap", FINDING_NOTE,
			   "%s: a dangling link", name);
		return;
	}
	tell(doctor, &node);
	note_way(doctor, &node);
	add_node(doctor, "heap", &node);
}

static void check_all(struct doctor *doctor)
{
	struct dirent **entries = NULL;
	int nr = scan(HEAP_DIR, &entries), i;

	if (nr < 0 && errno != ENOENT)
		doctor_add(doctor, "heap", FINDING_NOTE,
			   HEAP_DIR " cannot be read: %s", strerror(errno));
	for (i = 0; i < nr; i++) {
		if (i < NODES_MAX || heap_named(doctor, entries[i]->d_name))
			check_node(doctor, entries[i]->d_name);
		free(entries[i]);
	}
	if (nr > NODES_MAX)
		doctor_add(doctor, "heap", FINDING_NOTE,
			   "there are %d more in " HEAP_DIR, nr - NODES_MAX);
	free(entries);
}

/*
 * --- missing nodes
 * -------------------------------------------------------------
 */

static bool has_node(const struct doctor_heap *heap)
{
	char path[FILE_PATH_MAX];

	snprintf(path, sizeof(path), HEAP_DIR "/%s", heap->name);
	return file_exists(path);
}

/* The module is loaded. */
static void check_missing(struct doctor *doctor, const struct doctor_heap *heap)
{
	struct finding *finding;

	if (!heap->dev) {
		doctor_add(doctor, "heap", FINDING_NOTE,
			   "the module did not create %s: this machine has no %s memory",
			   heap->name, noalias_memtype_name(heap->memtype));
		return;
	}
	if (has_node(heap))
		return;
	finding = doctor_add(doctor, "heap", FINDING_PROBLEM,
			     "there is no " HEAP_DIR "/%s, but the module has created its device",
			     heap->name);
	finding_remedy(finding, "as root: mkdir -p " HEAP_DIR "; mknod " HEAP_DIR "/%s c %u %u; a devtmpfs at /dev creates it itself",
		      heap->name, major(heap->dev), minor(heap->dev));
}

/* Names from Android and from drivers that use the same. */
static void check_names(struct doctor *doctor)
{
	char names[2 * NOALIAS_NAME_LEN + 8] = "";
	size_t i, len = 0;

	for (i = 0; i < DOCTOR_HEAPS_KNOWN; i++) {
		if (has_node(&doctor->heaps[i]))
			continue;
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s", len ? " and no " : "",
					doctor->heaps[i].name);
	}
	if (len)
		doctor_add(doctor, "heap", FINDING_NOTE,
			   "there is no %s: programs that open these names fail or use another heap",
			   names);
}

static void check_queries(struct doctor *doctor)
{
	dev_t dev = sysfs_dev("misc", "noalias");
	struct finding *finding;
	struct node node;

	if (!look_at("/dev/noalias", "/dev/noalias", &node)) {
		finding = doctor_add(doctor, "queries", FINDING_PROBLEM,
				     "there is no /dev/noalias: buffers cannot be queried");
		if (dev)
			finding_remedy(finding, "as root: mknod /dev/noalias c %u %u",
				      major(dev), minor(dev));
		return;
	}
	node.is_ours = S_ISCHR(node.stat_of.st_mode) &&
		       node.stat_of.st_rdev == dev;
	node.is_taken = !node.is_ours;
	snprintf(node.what, sizeof(node.what), "%s", node.is_ours ?
		 "the module's, for queries" :
		 "not the module's: buffers cannot be queried");
	add_node(doctor, "queries", &node);
}

void doctor_check_nodes(struct doctor *doctor)
{
	static const struct {
		const char *name;
		enum noalias_memtype memtype;
	} heaps[DOCTOR_HEAPS] = {
		{ "system-uncached", NOALIAS_MEMTYPE_UC },
		{ "system-writecombine", NOALIAS_MEMTYPE_WC },
		{ "system-uncached-dma32", NOALIAS_MEMTYPE_UC },
		{ "system-writecombine-dma32", NOALIAS_MEMTYPE_WC },
	};
	size_t i;

	for (i = 0; i < DOCTOR_HEAPS; i++) {
		doctor->heaps[i].name = heaps[i].name;
		doctor->heaps[i].memtype = heaps[i].memtype;
		if (doctor->is_loaded)
			doctor->heaps[i].dev = sysfs_dev("misc", heaps[i].name);
	}
	check_all(doctor);
	for (i = 0; doctor->is_loaded && i < DOCTOR_HEAPS; i++)
		if (doctor_expects_heap(doctor, i))
			check_missing(doctor, &doctor->heaps[i]);
	if (doctor->is_loaded)
		check_queries(doctor);
	else
		check_names(doctor);
}
