// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of an image: life, and the calls that the engine makes.
 *
 * Of a file each reading gives the same, so that a suspect is confirmed by
 * nothing but the instant at which the file was written. Of the running machine
 * it is read again from the root; before each round the list of address spaces
 * is read anew, because a table of one that has gone may be anything by then.
 */
#include <noalias/audit_port.h>

#include "dump_internal.h"

/* --- life ------------------------------------------------------------------ */

/* A register that the machine does not have would be taken for nothing. */
static int check_registers(const struct na_dump *dump)
{
	enum na_arch arch = dump->kernel.arch;
	bool is_arm = arch == NA_ARCH_ARM64 || arch == NA_ARCH_ARM;

	if (is_arm && dump->options.has_pat)
		return na_notes_fail(dump->notes,
				     "--pat is a register of x86, and the kernel is of %s: its memory types are in --mair",
				     na_arch_name(arch));
	if (!is_arm && dump->options.has_mair)
		return na_notes_fail(dump->notes,
				     "--mair is a register of ARM, and the kernel is of %s: its memory types are in --pat",
				     na_arch_name(arch));
	return 0;
}

static int find_kernel(struct na_dump *dump)
{
	const struct na_dump_options *options = &dump->options;

	if (na_kernel_open(dump->image, &options->kernel, dump->notes,
			   &dump->kernel) ||
	    check_registers(dump) ||
	    na_kernel_list_spaces(&dump->kernel, &options->kernel))
		return -1;
	dump->arch = na_arch_calls(dump->kernel.arch);
	dump->shape = na_paging_shape(dump->kernel.paging);
	dump->arch->find_types(dump);
	na_resources_find(dump);
	na_regions_find(dump);
	return 0;
}

int na_dump_open(const struct na_dump_options *options, struct na_notes *notes,
		 struct na_dump **result)
{
	struct na_dump *dump = calloc(1, sizeof(*dump));

	if (!dump)
		return na_notes_fail(notes, "out of memory");
	dump->options = *options;
	dump->notes = notes;
	if (na_image_open(options->path, &options->image, notes,
			  &dump->image) || find_kernel(dump)) {
		na_dump_close(dump);
		return -1;
	}
	*result = dump;
	return 0;
}

void na_dump_close(struct na_dump *dump)
{
	if (!dump)
		return;
	na_names_destroy(dump->areas);
	na_kernel_close(&dump->kernel);
	na_image_close(dump->image);
	free(dump->resources.items);
	free(dump);
}

const struct na_image_about *na_dump_image(const struct na_dump *dump)
{
	return na_image_about(dump->image);
}

const struct na_kernel *na_dump_kernel(const struct na_dump *dump)
{
	return &dump->kernel;
}

/* In a running machine processes have come and gone since. */
static int list_spaces(struct na_dump *dump)
{
	if (!na_dump_image(dump)->is_live)
		return 0;
	return na_kernel_list_spaces(&dump->kernel, &dump->options.kernel);
}

int na_dump_audit(struct na_dump *dump, const struct na_audit_limits *limits,
		  struct na_audit_result **result)
{
	int err;

	if (list_spaces(dump))
		return -EIO;
	err = na_audit_run_tables(&dump->port, limits, result);
	return dump->notes->error[0] && !err ? -EIO : err;
}

int na_dump_list(struct na_dump *dump, const struct na_audit_choice *choice,
		 const struct na_audit_limits *limits,
		 struct na_audit_result **result)
{
	int err;

	if (list_spaces(dump))
		return -EIO;
	err = na_audit_list(&dump->port, choice, limits, result);
	return dump->notes->error[0] && !err ? -EIO : err;
}

const struct na_dump_registers *na_dump_registers(const struct na_dump *dump)
{
	return &dump->registers;
}

bool na_dump_name_area(struct na_dump *dump, u64 va, char *name, size_t size)
{
	struct na_mapping area;

	if (!dump->areas)
		dump->areas = na_names_create(&dump->kernel);
	if (!dump->areas || !na_names_area(dump->areas, va, &area) ||
	    !area.name[0])
		return false;
	snprintf(name, size, "%s", area.name);
	return true;
}

/* --- calls of the engine ----------------------------------------------------- */

bool na_port_is_dying(struct na_port *port)
{
	(void)port;
	return false;
}

static u64 count_frames(const struct na_dump *dump)
{
	const struct na_image_about *about = na_dump_image(dump);
	u64 nr = 0;
	u32 i;

	for (i = 0; i < about->nr_ranges; i++)
		nr += (about->ranges[i].end - about->ranges[i].start) >> 12;
	return nr;
}

int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **result)
{
	struct na_audit_walker *walker = calloc(1, sizeof(*walker));
	u64 nr_frames;

	if (!walker)
		return -ENOMEM;
	walker->dump = container_of(port, struct na_dump, port);
	walker->audit = audit;
	walker->names = na_names_create(&walker->dump->kernel);
	if (!walker->names) {
		free(walker);
		return -ENOMEM;
	}
	/* Processes may share tables, and the kernel maps some many times. */
	nr_frames = count_frames(walker->dump);
	walker->tables_max = 16 * nr_frames + (1u << 20);
	*result = walker;
	return 0;
}

void na_port_audit_end(struct na_audit_walker *walker)
{
	na_names_destroy(walker->names);
	free(walker);
}

u64 na_port_audit_memory(struct na_audit_walker *walker)
{
	return count_frames(walker->dump);
}

int na_port_audit_walk(struct na_audit_walker *walker)
{
	return na_walk_all(walker);
}

enum na_frame_kind na_port_audit_kind(struct na_audit_walker *walker,
				      struct na_run run, u32 *nr)
{
	return na_resources_kind(walker->dump, run, nr);
}

/* --- owners ------------------------------------------------------------------ */

/* A long path is cut at the front: its end is more useful. */
static void copy_name(char *to, const char *name)
{
	size_t len = strlen(name);

	if (len < NA_AUDIT_NAME_MAX)
		memcpy(to, name, len + 1);
	else
		snprintf(to, NA_AUDIT_NAME_MAX, "...%s",
			 name + len - (NA_AUDIT_NAME_MAX - 4));
}

static void describe_process(const struct na_dump_place *place,
			     struct na_audit_owner *owner)
{
	const struct na_kernel_space *space = place->space;

	owner->space = NA_SPACE_PROCESS;
	owner->pid = space->pid;
	owner->start = place->start;
	owner->end = place->last + 1;
	memcpy(owner->perms, place->mapping.perms, sizeof(owner->perms));
	memcpy(owner->comm, space->comm, sizeof(owner->comm) - 1);
	copy_name(owner->name, place->mapping.name[0] ? place->mapping.name :
						      "[anon]");
}

static void describe_region(const struct na_dump *dump,
			    const struct na_dump_place *place,
			    struct na_audit_owner *owner)
{
	const struct na_region *region = place->region;
	u64 top = dump->kernel.layout.fixmap_end - 4096;

	owner->space = region->space;
	owner->start = region->start;
	owner->end = region->last + 1;
	if (region->space == NA_SPACE_FIXMAP)
		snprintf(owner->name, sizeof(owner->name), "fixmap idx %llu",
			 (top - place->start) >> 12);
	else
		snprintf(owner->name, sizeof(owner->name), "%s", region->name);
}

/*
 * The user half of the firmware's tables and the like is the kernel's. The
 * handle is the root table, for both, in units of the smallest: it is never 0.
 */
#define ROOT_SHIFT 5

void na_port_audit_describe(struct na_audit_walker *walker,
			    struct na_audit_place *base,
			    struct na_audit_owner *owner)
{
	const struct na_dump_place *place =
		container_of(base, struct na_dump_place, base);
	const struct na_kernel_space *space = place->space;
	u64 root = space ? space->root : walker->dump->kernel.root;

	if (place->region) {
		describe_region(walker->dump, place, owner);
	} else if (space->is_process) {
		describe_process(place, owner);
	} else {
		owner->space = NA_SPACE_KERNEL;
		owner->start = place->start;
		owner->end = place->last + 1;
		snprintf(owner->name, sizeof(owner->name), "%s", space->comm);
	}
	owner->handle = (void *)(uintptr_t)(root >> ROOT_SHIFT);
}

void na_port_audit_release(struct na_audit_walker *walker,
			   const struct na_audit_owner *owner)
{
	(void)walker;
	(void)owner;
}

/* --- reading again ------------------------------------------------------------ */

/*
 * Within a round each suspect comes once, by frame, owner and address. The first
 * that does not come after the last one begins another round.
 */
static bool comes_after(const struct na_sighting *sighting,
			const struct na_sighting *last)
{
	if (sighting->run.first.nr != last->run.first.nr)
		return sighting->run.first.nr > last->run.first.nr;
	if (sighting->owner != last->owner)
		return sighting->owner > last->owner;
	return sighting->va > last->va;
}

static int begin_round(struct na_audit_walker *walker,
		       const struct na_sighting *sighting)
{
	struct na_dump *dump = walker->dump;
	bool is_same = walker->last_reread.run.nr &&
		       comes_after(sighting, &walker->last_reread);

	walker->last_reread = *sighting;
	if (is_same || !na_dump_image(dump)->is_rereadable)
		return 0;
	return na_kernel_list_spaces(&dump->kernel, &dump->options.kernel);
}

static bool is_listed(const struct na_kernel *kernel, u64 root)
{
	u32 i;

	if (root == kernel->root)
		return true;
	for (i = 0; i < kernel->nr_spaces; i++)
		if (kernel->spaces[i].root == root)
			return true;
	return false;
}

int na_port_audit_reread(struct na_audit_walker *walker,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting)
{
	u64 root = (u64)(uintptr_t)owner->handle << ROOT_SHIFT;
	u64 len = (u64)sighting->run.nr << 12;
	int err;

	/* The engine knows no such error; na_dump_audit() returns it. */
	if (begin_round(walker, sighting))
		return 0;
	if (!is_listed(&walker->dump->kernel, root))
		return 0;
	memset(&walker->filter, 0, sizeof(walker->filter));
	walker->nr_tables = 0;
	err = na_walk_range(walker, root, sighting->va,
			    sighting->va + len - 1);
	if (!err && walker->is_lost)
		err = na_audit_unseen(walker->audit);
	walker->is_lost = false;
	return err;
}
