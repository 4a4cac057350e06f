// SPDX-License-Identifier: GPL-2.0 OR MIT
#define _GNU_SOURCE
#include "heap_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "tap.h"

#define DMA_BUF_MAGIC 0x444d4142
#define NR_DMABUFS 64
#define NR_NODES 16

struct world world;

static char root[PATH_MAX / 2];

/* By inode: a descriptor may be duplicated. */
static struct dmabuf {
	ino_t inode;
	char maker[64];
} dmabufs[NR_DMABUFS];

/* Files whose text is a device number stand for nodes. */
static struct node {
	ino_t inode;
	dev_t dev;
} nodes[NR_NODES];

/* --- the real ones ----------------------------------------------------------- */

int __real_open64(const char *path, int flags, ...);
int __real_stat64(const char *path, struct stat *stat_of);
int __real_fstat64(int fd, struct stat *stat_of);
int __real_access(const char *path, int mode);
FILE *__real_fopen64(const char *path, const char *mode);
int __real_scandir64(const char *path, struct dirent ***entries,
		     int (*is_shown)(const struct dirent *),
		     int (*order)(const struct dirent **,
				  const struct dirent **));
int __real_ioctl(int fd, unsigned long request, void *arg);
int __real_fstatfs64(int fd, struct statfs *fs);
long __real_sysconf(int name);
int __real_fallocate64(int fd, int mode, off_t offset, off_t len);
int __real_memfd_create(const char *name, unsigned int flags);

int __wrap_open64(const char *path, int flags, ...);
int __wrap_stat64(const char *path, struct stat *stat_of);
int __wrap_fstat64(int fd, struct stat *stat_of);
int __wrap_access(const char *path, int mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
int __wrap_scandir64(const char *path, struct dirent ***entries,
		     int (*is_shown)(const struct dirent *),
		     int (*order)(const struct dirent **,
				  const struct dirent **));
int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_fstatfs64(int fd, struct statfs *fs);
long __wrap_sysconf(int name);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);
int __wrap_memfd_create(const char *name, unsigned int flags);

/* --- files ------------------------------------------------------------------- */

static struct dmabuf *dmabuf_of(int fd)
{
	struct stat stat_of;
	size_t i;

	if (fstat(fd, &stat_of))
		return NULL;
	for (i = 0; i < NR_DMABUFS; i++)
		if (dmabufs[i].inode == stat_of.st_ino && *dmabufs[i].maker)
			return &dmabufs[i];
	return NULL;
}

static const char *redirect(const char *path, char *room)
{
	if (strncmp(path, "/dev/", 5) && strncmp(path, "/sys/", 5))
		return path;
	snprintf(room, PATH_MAX, "%s%s", root, path);
	return room;
}

int __wrap_open64(const char *path, int flags, ...)
{
	char room[PATH_MAX];

	EXPECT(!(flags & O_CREAT));
	EXPECT(flags & O_CLOEXEC);
	if (world.denied && !strcmp(path, world.denied)) {
		errno = EACCES;
		return -1;
	}
	return __real_open64(redirect(path, room), flags);
}

/* Without a descriptor: there may be none left. */
static dev_t dev_of(ino_t inode)
{
	size_t i;

	for (i = 0; i < NR_NODES; i++)
		if (nodes[i].inode == inode)
			return nodes[i].dev;
	return 0;
}

static void make_node(struct stat *stat_of)
{
	stat_of->st_rdev = dev_of(stat_of->st_ino);
	if (stat_of->st_rdev)
		stat_of->st_mode = S_IFCHR | 0660;
}

int __wrap_stat64(const char *path, struct stat *stat_of)
{
	char room[PATH_MAX];

	if (__real_stat64(redirect(path, room), stat_of))
		return -1;
	make_node(stat_of);
	return 0;
}

int __wrap_fstat64(int fd, struct stat *stat_of)
{
	if (__real_fstat64(fd, stat_of))
		return -1;
	make_node(stat_of);
	return 0;
}

int __wrap_access(const char *path, int mode)
{
	char room[PATH_MAX];

	return __real_access(redirect(path, room), mode);
}

static FILE *open_fdinfo(int fd)
{
	const struct dmabuf *dmabuf = dmabuf_of(fd);
	char room[PATH_MAX];

	if (!dmabuf) {
		snprintf(room, sizeof(room), "/proc/self/fdinfo/%d", fd);
		return __real_fopen64(room, "re");
	}
	snprintf(room, sizeof(room), "%s/fdinfo", root);
	FILE *file = __real_fopen64(room, "w+e");

	EXPECT(file);
	fprintf(file, "pos:\t0\nflags:\t02\nsize:\t4096\ncount:\t1\n"
		"exp_name:\t%s\nname:\tsystem-uncached\n", dmabuf->maker);
	rewind(file);
	return file;
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	char room[PATH_MAX];
	int fd;

	EXPECT(!strcmp(mode, "re"));
	if (sscanf(path, "/proc/self/fdinfo/%d", &fd) == 1)
		return open_fdinfo(fd);
	return __real_fopen64(redirect(path, room), mode);
}

int __wrap_scandir64(const char *path, struct dirent ***entries,
		     int (*is_shown)(const struct dirent *),
		     int (*order)(const struct dirent **,
				  const struct dirent **))
{
	char room[PATH_MAX];

	return __real_scandir64(redirect(path, room), entries, is_shown, order);
}

int __wrap_fstatfs64(int fd, struct statfs *fs)
{
	if (__real_fstatfs64(fd, fs))
		return -1;
	if (dmabuf_of(fd))
		fs->f_type = DMA_BUF_MAGIC;
	return 0;
}

long __wrap_sysconf(int name)
{
	if (name == _SC_PHYS_PAGES && world.memory_pages)
		return (long)world.memory_pages;
	return __real_sysconf(name);
}

/* --- calls ------------------------------------------------------------------- */

/* Return: 0, or -1 and errno when this call has to fail. */
static int begin_call(enum world_call call)
{
	struct world_failure *failure = &world.failures[call];

	world.nr_calls[call]++;
	if (!failure->times)
		return 0;
	if (failure->after) {
		failure->after--;
		return 0;
	}
	failure->times--;
	errno = failure->err;
	return -1;
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
	if (begin_call(WORLD_RESERVE))
		return -1;
	return __real_fallocate64(fd, mode, offset, len);
}

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	if (flags & world.unknown_memfd_flags) {
		errno = EINVAL;
		return -1;
	}
	return __real_memfd_create(name, flags);
}

static void mark_dmabuf(int fd, const char *maker)
{
	struct stat stat_of;
	size_t i;

	EXPECT(!fstat(fd, &stat_of));
	for (i = 0; i < NR_DMABUFS && *dmabufs[i].maker; i++)
		;
	EXPECT(i < NR_DMABUFS);
	dmabufs[i].inode = stat_of.st_ino;
	snprintf(dmabufs[i].maker, sizeof(dmabufs[i].maker), "%s", maker);
}

int world_dmabuf(const char *maker, uint64_t len)
{
	int fd = __real_memfd_create("dmabuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	EXPECT(fd >= 0);
	EXPECT(!ftruncate(fd, (off_t)len));
	mark_dmabuf(fd, maker);
	return fd;
}

static void name_of(int fd, char *name, size_t len)
{
	char link[64], path[PATH_MAX];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, sizeof(path) - 1);
	EXPECT(got > 0);
	path[got] = 0;
	snprintf(name, len, "%s", strrchr(path, '/') + 1);
}

static int answer_alloc(int fd, struct dma_heap_allocation_data *data)
{
	char name[64];

	if (begin_call(WORLD_ALLOC))
		return -1;
	EXPECT_EQ(data->fd, 0);
	EXPECT_EQ(data->fd_flags, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(data->heap_flags, 0);
	EXPECT(data->len && data->len % 4096 == 0);
	name_of(fd, name, sizeof(name));
	data->fd = (uint32_t)world_dmabuf(name, data->len);
	return 0;
}

static int answer_sync(int fd, const struct dma_buf_sync *sync)
{
	if (begin_call(WORLD_SYNC))
		return -1;
	EXPECT(dmabuf_of(fd));
	EXPECT(sync->flags & DMA_BUF_SYNC_RW);
	EXPECT(!(sync->flags & ~(uint64_t)DMA_BUF_SYNC_VALID_FLAGS_MASK));
	world.last_sync = sync->flags;
	return 0;
}

static int answer_range(const struct noalias_sync *sync)
{
	if (begin_call(WORLD_SYNC_RANGE))
		return -1;
	EXPECT(dmabuf_of(sync->fd));
	EXPECT(sync->flags & DMA_BUF_SYNC_RW);
	EXPECT(!(sync->flags & ~(uint32_t)DMA_BUF_SYNC_VALID_FLAGS_MASK));
	EXPECT(!sync->reserved[0] && !sync->reserved[1]);
	world.last_range = *sync;
	return 0;
}

/* As the kernel: it may not shrink, and must be writable. */
static int answer_udmabuf(const struct udmabuf_create *create)
{
	int seals = fcntl((int)create->memfd, F_GET_SEALS), fd;

	if (begin_call(WORLD_UDMABUF))
		return -1;
	EXPECT(seals >= 0 && seals & F_SEAL_SHRINK);
	EXPECT(!(seals & F_SEAL_WRITE));
	EXPECT_EQ(create->flags, UDMABUF_FLAGS_CLOEXEC);
	EXPECT_EQ(create->offset, 0);
	EXPECT(create->size && create->size % 4096 == 0);
	fd = fcntl((int)create->memfd, F_DUPFD_CLOEXEC, 0);
	EXPECT(fd >= 0);
	mark_dmabuf(fd, "udmabuf");
	return fd;
}

static int answer_heap(struct noalias_query_heap *query)
{
	EXPECT(!query->flags);
	EXPECT(!query->properties);
	if (query->index >= world.nr_heaps) {
		errno = ENOENT;
		return -1;
	}
	*query = world.heaps[query->index];
	return 0;
}

static int answer_buffer(struct noalias_query_buffer *query)
{
	const struct dmabuf *dmabuf = dmabuf_of(query->fd);
	uint32_t i;

	EXPECT(!query->flags);
	for (i = 0; dmabuf && i < world.nr_heaps; i++) {
		if (strcmp(world.heaps[i].name, dmabuf->maker))
			continue;
		query->memtype = world.heaps[i].memtype;
		query->promise = world.buffer_promise;
		query->id = dmabuf->inode;
		memcpy(query->heap, world.heaps[i].name, sizeof(query->heap));
		return 0;
	}
	errno = dmabuf ? ENODEV : EINVAL;
	return -1;
}

static int answer_refusal(struct noalias_query_refusal *query)
{
	if (begin_call(WORLD_REFUSAL))
		return -1;
	EXPECT(!query->flags && !query->reserved0 && !query->reserved[0]);
	if (!world.refusal.nr) {
		errno = ENOENT;
		return -1;
	}
	world.refusal.nr += world.is_refusing;
	*query = world.refusal;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	/* The constant's type has a sign on some machines. */
	switch ((unsigned int)request) {
	case (unsigned int)DMA_HEAP_IOCTL_ALLOC:
		return answer_alloc(fd, arg);
	case (unsigned int)DMA_BUF_IOCTL_SYNC:
		return answer_sync(fd, arg);
	case (unsigned int)NOALIAS_IOC_SYNC:
		return answer_range(arg);
	case (unsigned int)UDMABUF_CREATE:
		return answer_udmabuf(arg);
	case (unsigned int)NOALIAS_IOC_QUERY_HEAP:
		return begin_call(WORLD_QUERY) ? -1 : answer_heap(arg);
	case (unsigned int)NOALIAS_IOC_QUERY_BUFFER:
		return begin_call(WORLD_QUERY) ? -1 : answer_buffer(arg);
	case (unsigned int)NOALIAS_IOC_QUERY_REFUSAL:
		return answer_refusal(arg);
	default:
		tap_say("unknown ioctl %#lx", request);
		tap_end_case();
	}
}

/* --- making the machine ------------------------------------------------------ */

static void make_parents(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
}

void world_file(const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	make_parents(full);
	file = __real_fopen64(full, "w");
	EXPECT(file);
	fputs(text, file);
	EXPECT(!fclose(file));
}

void world_node(const char *name, const char *dev)
{
	unsigned int major_nr, minor_nr;
	char path[256], room[PATH_MAX];
	struct stat stat_of;
	size_t i = 0;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	world_file(path, dev);
	EXPECT(!__real_stat64(redirect(path, room), &stat_of));
	while (i < NR_NODES && nodes[i].inode &&
	       nodes[i].inode != stat_of.st_ino)
		i++;
	EXPECT(i < NR_NODES);
	EXPECT_EQ(sscanf(dev, "%u:%u", &major_nr, &minor_nr), 2);
	nodes[i].inode = stat_of.st_ino;
	nodes[i].dev = makedev(major_nr, minor_nr);
}

void world_remove(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	EXPECT(!remove(full));
}

void world_link(const char *name, const char *target)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/dev/dma_heap/%s", root, name);
	EXPECT(!symlink(target, path));
}

void world_kernel_heap(const char *name, const char *dev)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/class/dma_heap/%s/dev", name);
	world_file(path, dev);
	world_node(name, dev);
}

static void add_heap(const char *name, uint32_t memtype, const char *dev)
{
	struct noalias_query_heap *heap = &world.heaps[world.nr_heaps];
	char path[256];

	heap->index = world.nr_heaps++;
	heap->memtype = memtype;
	heap->promise = NOALIAS_IOC_GUARANTEED;
	heap->zone = NOALIAS_IOC_ZONE_HIGH;
	heap->nr_buffers = 3;
	heap->used = 12288;
	heap->limit = 1 << 20;
	EXPECT_EQ(sscanf(dev, "%u:%u", &heap->dev_major, &heap->dev_minor), 2);
	snprintf(heap->name, sizeof(heap->name), "%s", name);
	snprintf(path, sizeof(path), "/sys/class/misc/%s/dev", name);
	world_file(path, dev);
	world_node(name, dev);
}

void world_module(void)
{
	world_file("/dev/noalias", "");
	world_file("/sys/module/noalias/refcnt", "0");
	add_heap("system-uncached", NOALIAS_IOC_UC, "10:60");
	add_heap("system-writecombine", NOALIAS_IOC_WC, "10:61");
	world.buffer_promise = NOALIAS_IOC_GUARANTEED;
}

static void remove_root(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	if (system(command))
		tap_say("%s stays", root);
}

void world_begin(void)
{
	const char *tmp = getenv("TMPDIR");

	memset(&world, 0, sizeof(world));
	memset(nodes, 0, sizeof(nodes));
	snprintf(root, sizeof(root), "%s/noalias-heap.XXXXXX",
		 tmp ? tmp : "/tmp");
	EXPECT(mkdtemp(root));
	atexit(remove_root);
}
