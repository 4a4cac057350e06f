// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The library in a plugin: loaded by dlopen() when threads exist already, and
 * used by them and by a later one. Argument: its path.
 */
#define _GNU_SOURCE
#include <libnoalias.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define NR_THREADS 3

static struct {
	__typeof__(noalias_window_open) *open;
	__typeof__(noalias_window_close) *close;
	__typeof__(noalias_window_map) *map;
	__typeof__(noalias_window_unmap) *unmap;
	__typeof__(noalias_error_message) *message;
} lib;

static struct noalias_window *window;
static pthread_barrier_t barrier;

static void expect(bool is_true, const char *what)
{
	if (is_true)
		return;
	fprintf(stderr, "not true: %s\n", what);
	exit(1);
}

#define EXPECT(cond) expect(cond, #cond)

static void use(unsigned char nr)
{
	unsigned char *page;
	void *addr;
	int i;

	for (i = 0; i < 100; i++) {
		EXPECT(!lib.map(window, nr * PAGE, PAGE, &addr));
		page = addr;
		EXPECT(page[i] == (i ? nr : 0));
		memset(page, nr, PAGE);
		EXPECT(!lib.unmap(window, addr, PAGE));
	}
	/* Each thread has a message of its own. */
	EXPECT(lib.map(window, (100 + nr) * PAGE, PAGE, &addr));
}

static void *thread(void *arg)
{
	unsigned char nr = *(unsigned char *)arg;
	char expected[32];

	pthread_barrier_wait(&barrier);
	/* The library comes here. */
	pthread_barrier_wait(&barrier);
	use(nr);
	pthread_barrier_wait(&barrier);
	snprintf(expected, sizeof(expected), "offset %u", (100 + nr) * PAGE);
	EXPECT(strstr(lib.message(), expected));
	return NULL;
}

static void load(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		fprintf(stderr, "%s\n", dlerror());
	EXPECT(handle);
	EXPECT((lib.open = dlsym(handle, "noalias_window_open")));
	EXPECT((lib.close = dlsym(handle, "noalias_window_close")));
	EXPECT((lib.map = dlsym(handle, "noalias_window_map")));
	EXPECT((lib.unmap = dlsym(handle, "noalias_window_unmap")));
	EXPECT((lib.message = dlsym(handle, "noalias_error_message")));
}

int main(int argc, char **argv)
{
	static unsigned char numbers[NR_THREADS + 1] = { 1, 2, 3, 4 };
	pthread_t threads[NR_THREADS];
	int fd = memfd_create("dlopen", MFD_CLOEXEC), i;

	EXPECT(argc == 2 && fd >= 0 && !ftruncate(fd, 8 * PAGE));
	EXPECT(!pthread_barrier_init(&barrier, NULL, NR_THREADS + 1));
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, thread, &numbers[i]));
	pthread_barrier_wait(&barrier);
	load(argv[1]);
	EXPECT(!lib.open(fd, NULL, &window));
	pthread_barrier_wait(&barrier);
	use(numbers[NR_THREADS]);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	EXPECT(!lib.close(window));
	return 0;
}
