// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, open and close: options, the file, address space.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extensible.h"
#include "window.h"

#define DEFAULT_LEN		(16u << 20)
#define DEFAULT_SLOTS_MIN	16u
#define DEFAULT_THREADS		64u
#define GROWTH_GRANULES		(1ull << 26)
#define FLAGS_ALL (NOALIAS_WINDOW_READONLY | NOALIAS_WINDOW_NO_SHRINK | \
		   NOALIAS_WINDOW_POPULATE | NOALIAS_WINDOW_TRACK)
/* Mappings of a new process, with some reserve. */
#define OTHER_MAPPINGS		256u

/* --- options --------------------------------------------------------------- */

static int check_range(const char *field, u32 value, u32 max)
{
	if (value <= max)
		return 0;
	return lib_fail(EINVAL, "%s is %u, must be at most %u", field, value,
			max);
}

static int check_granule(u32 granule, u32 page)
{
	if (granule < NOALIAS_WINDOW_GRANULE_MIN ||
	    granule > NOALIAS_WINDOW_GRANULE_MAX || granule & (granule - 1))
		return lib_fail(EINVAL, "granule is %u, must be a power of two from %u to %u",
				granule, NOALIAS_WINDOW_GRANULE_MIN,
				NOALIAS_WINDOW_GRANULE_MAX);
	if (granule % page)
		return lib_fail(EINVAL, "granule is %u, must be a multiple of the file's page, %u",
				granule, page);
	return 0;
}

static int check_options(const struct noalias_window_options *options)
{
	int err;

	if (options->flags & ~FLAGS_ALL)
		return lib_fail(EINVAL, "flags are %#x, known are %#x",
				options->flags, FLAGS_ALL);
	err = check_range("nr_slots", options->nr_slots,
			  NOALIAS_WINDOW_SLOTS_MAX);
	if (!err)
		err = check_range("batch_max", options->batch_max,
				  options->nr_slots);
	if (!err)
		err = check_range("local_depth", options->local_depth,
				  NOALIAS_WINDOW_LOCAL_MAX);
	if (!err)
		err = check_range("threads_max", options->threads_max,
				  NOALIAS_WINDOW_THREADS_MAX);
	return err;
}

static u32 default_slots(u32 granule)
{
	u32 nr = DEFAULT_LEN / granule;

	return nr > DEFAULT_SLOTS_MIN ? nr : DEFAULT_SLOTS_MIN;
}

/* Fill in the defaults, for a file with pages of @page bytes. */
static int complete_options(struct noalias_window_options *options,
			    const struct noalias_window_options *given,
			    u32 page)
{
	int err = 0;

	memset(options, 0, sizeof(*options));
	if (given)
		err = lib_take("options", options, given, sizeof(*options));
	if (err)
		return err;
	if (!options->granule)
		options->granule = page;
	err = check_granule(options->granule, page);
	if (err)
		return err;
	if (!options->nr_slots)
		options->nr_slots = default_slots(options->granule);
	if (!options->threads_max)
		options->threads_max = DEFAULT_THREADS;
	return check_options(options);
}

/* --- limits of the system --------------------------------------------------- */

/* Each slot may be a mapping, and so may each gap between two. */
static int check_map_count(u32 nr_slots)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned max = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &max) != 1)
		max = 0;
	fclose(file);
	if (!max || nr_slots + OTHER_MAPPINGS <= max)
		return 0;
	return lib_fail(ENOMEM, "nr_slots is %u, the limit is %u: vm.max_map_count is %u",
			nr_slots, max > OTHER_MAPPINGS ? max - OTHER_MAPPINGS :
			0, max);
}

static int try_map(int fd, int prot, u32 granule)
{
	void *addr = mmap(NULL, granule, prot, MAP_SHARED, fd, 0);

	if (addr == MAP_FAILED)
		return errno;
	munmap(addr, granule);
	return 0;
}

/* Mapping an empty file of hugetlbfs for writing would grow it. */
static int try_map_empty(int fd, int prot, u32 granule)
{
	int err = try_map(fd, PROT_READ, granule);
	int mode = fcntl(fd, F_GETFL) & O_ACCMODE;

	if (!err && prot & PROT_WRITE && mode != O_RDWR)
		err = EACCES;
	return err;
}

/*
 * Try mmap() on the file, before there is anything to undo. It accepts
 * /dev/zero, but each mapping is separate memory that ends at the mapping's
 * length: slots of all granules but the first would raise SIGBUS, and the first
 * would lose its data when its slot is reclaimed.
 */
static int probe(const struct noalias_window *window, int fd, u32 granule)
{
	int prot = window->is_readonly ? PROT_READ : PROT_READ | PROT_WRITE;
	int err;

	if (lib_file_is_zero(fd))
		return lib_fail(ENODEV, "fd %d is /dev/zero, whose mappings do not share their bytes; use a memfd",
				fd);
	err = na_atomic64_read(&window->length) ?
	      try_map(fd, prot, granule) : try_map_empty(fd, prot, granule);
	if (!err)
		return 0;
	if (err == EACCES)
		return lib_fail(err, "fd %d is not open for reading%s", fd,
				window->is_readonly ? "" : " and writing");
	return lib_fail(err, "fd %d cannot be mapped: %s", fd, strerror(err));
}

/* --- parts of a window ------------------------------------------------------- */

/* A file of length 0 that is not regular reports no length. */
static int check_length(int fd, u64 length)
{
	if (length || lib_file_is_regular(fd))
		return 0;
	return lib_fail(EINVAL, "fd %d has no length: set options.length",
			fd);
}

static int find_length(struct noalias_window *window, int fd,
		       const struct noalias_window_options *options)
{
	u64 length;
	int err = lib_file_length(fd, &length);

	if (err)
		return lib_fail(err, "fd %d: %s", fd, strerror(err));
	if (options->length && (length || lib_file_is_regular(fd)))
		return lib_fail(EINVAL, "length is %" PRIu64 ", must be 0: the file has the length %llu",
				options->length, length);
	window->fixed_length = options->length;
	window->may_shrink = !options->length &&
			     !(options->flags & NOALIAS_WINDOW_NO_SHRINK) &&
			     lib_file_can_shrink(fd);
	na_atomic64_set(&window->length,
			options->length ? options->length : length);
	return 0;
}

/*
 * Frame numbers, rounded up to a leaf of the ledger, must fit into a word;
 * offsets are signed.
 */
static u64 longest(u64 granule)
{
	const u64 words = ULONG_MAX & ~((1ul << NA_LEDGER_LEAF_SHIFT) - 1);
	u64 max = (INT64_MAX - granule) / granule;

	return (max < words ? max : words) * granule;
}

static u64 default_length_max(u64 length, u64 granule)
{
	u64 max = 2 * length > GROWTH_GRANULES * granule ?
		  2 * length : GROWTH_GRANULES * granule;

	return max < longest(granule) ? max : longest(granule);
}

/* Frames of the ledger, which takes a word for each 1024 of them. */
static int find_length_max(struct noalias_window *window,
			   const struct noalias_window_options *options)
{
	u64 length = na_atomic64_read(&window->length);
	u64 max = options->length_max, granule = options->granule;

	if (!max)
		max = default_length_max(length, granule);
	if (max > longest(granule))
		return lib_fail(EFBIG, "length_max is %llu, the limit is %llu with granules of %llu",
				max, longest(granule), granule);
	if (max < length)
		return lib_fail(EFBIG, "length_max is %llu, the file has %llu",
				max, length);
	window->length_max = (max + granule - 1) / granule * granule;
	return 0;
}

static int open_port(struct noalias_window *window, int fd,
		     const struct noalias_window_options *options)
{
	struct na_port *port = &window->port;

	port->shift = window->shift;
	port->prot = window->is_readonly ? PROT_READ : PROT_READ | PROT_WRITE;
	port->populates = options->flags & NOALIAS_WINDOW_POPULATE;
	port->nr_cpus = options->threads_max + 1;
	port->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (port->fd < 0)
		return lib_fail(errno, "fd %d: %s", fd, strerror(errno));
	na_user_port_init(port);
	return 0;
}

static void close_port(struct noalias_window *window)
{
	close(window->port.fd);
	na_user_port_fini(&window->port);
}

static int open_engine(struct noalias_window *window,
		       const struct noalias_window_options *options)
{
	struct na_window_config config = {
		.nr_slots = options->nr_slots,
		.batch_max = options->batch_max,
		.local_depth = options->local_depth,
	};
	int err;

	err = na_machine_init(&window->machine, &window->port,
			      (unsigned long)(window->length_max >>
					      window->shift));
	if (err)
		return lib_fail(-err, "no memory for length_max of %" PRIu64,
				(uint64_t)window->length_max);
	err = na_window_set_create(&window->machine, &config, &window->set);
	if (err) {
		na_machine_fini(&window->machine);
		return lib_fail(-err, "no memory or addresses for %u slots of %u",
				options->nr_slots, options->granule);
	}
	window->base = na_window_addr(window->set, 0);
	lib_window_heat(window);
	if (!window->track)
		window->hot->range = (size_t)window->nr_slots << window->shift;
	return 0;
}

static void close_engine(struct noalias_window *window)
{
	na_window_set_destroy(window->set);
	na_machine_fini(&window->machine);
}

static int make_hot(struct noalias_window *window)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct lib_hot *hot = mmap(NULL, page, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (hot == MAP_FAILED)
		return lib_fail(ENOMEM, "no memory for a window");
	if (madvise(hot, page, MADV_WIPEONFORK)) {
		munmap(hot, page);
		return lib_fail(EOPNOTSUPP, "this kernel has no MADV_WIPEONFORK (4.14 has)");
	}
	hot->is_alive = 1;
	window->hot = hot;
	return 0;
}

void lib_window_heat(struct noalias_window *window)
{
	u64 length = na_atomic64_read(&window->length);

	if (window->may_shrink || window->track)
		return;
	if (length > window->length_max)
		length = window->length_max;
	na_atomic64_set(&window->hot->length, length);
}

static void free_window(struct noalias_window *window)
{
	if (window->hot)
		munmap(window->hot, (size_t)sysconf(_SC_PAGESIZE));
	lib_track_destroy(window->track);
	free(window);
}

/* --- calls -------------------------------------------------------------------- */

static int fill_window(struct noalias_window *window, int fd,
		       const struct noalias_window_options *options)
{
	int err;

	window->shift = (u32)__builtin_ctz(options->granule);
	window->nr_slots = options->nr_slots;
	window->local_depth = options->local_depth;
	window->is_readonly = options->flags & NOALIAS_WINDOW_READONLY;
	err = find_length(window, fd, options);
	if (!err)
		err = find_length_max(window, options);
	if (!err)
		err = check_map_count(options->nr_slots);
	if (!err)
		err = probe(window, fd, options->granule);
	if (!err)
		err = check_length(fd, na_atomic64_read(&window->length));
	if (!err)
		err = make_hot(window);
	if (!err && options->flags & NOALIAS_WINDOW_TRACK) {
		window->track = lib_track_create();
		if (!window->track)
			err = lib_fail(ENOMEM, "no memory to track maps");
	}
	return err;
}

static int open_window(struct noalias_window *window, int fd,
		       const struct noalias_window_options *options)
{
	int err = fill_window(window, fd, options);

	if (!err)
		err = open_port(window, fd, options);
	if (err)
		return err;
	err = open_engine(window, options);
	if (err)
		close_port(window);
	return err;
}

LIB_PUBLIC int noalias_window_open(int fd,
				   const struct noalias_window_options *given,
				   struct noalias_window **result)
{
	struct noalias_window_options options;
	struct noalias_window *window;
	int err;

	lib_watch_bugs();
	if (!result)
		return lib_fail(EINVAL, "window is NULL");
	if (fcntl(fd, F_GETFD) < 0)
		return lib_fail(EBADF, "fd %d is not open", fd);
	err = complete_options(&options, given, lib_file_page(fd));
	if (err)
		return err;
	window = calloc(1, sizeof(*window));
	if (!window)
		return lib_fail(ENOMEM, "no memory for a window");
	err = open_window(window, fd, &options);
	if (err) {
		free_window(window);
		return err;
	}
	*result = window;
	return 0;
}

/*
 * For a window of the parent, whose locks may be held for ever, and for one
 * with a lost slot, which the engine would not destroy. The memory of the
 * engine and of the list of maps is leaked.
 */
static void abandon(struct noalias_window *window)
{
	na_user_port_abandon(&window->port);
	close(window->port.fd);
	window->track = NULL;
	free_window(window);
}

LIB_PUBLIC int noalias_window_close(struct noalias_window *window)
{
	bool is_ours;
	u64 nr;

	if (!window)
		return 0;
	is_ours = lib_window_is_ours(window);
	nr = is_ours ? na_window_nr_users(window->set) : 0;
	if (nr)
		return lib_fail(EBUSY, "%llu maps have not been unmapped", nr);
	if (is_ours)
		na_window_purge_all(window->set);
	if (!is_ours || na_window_stat(window->set, NA_WINDOW_LOST)) {
		abandon(window);
		return 0;
	}
	close_engine(window);
	close_port(window);
	free_window(window);
	return 0;
}
