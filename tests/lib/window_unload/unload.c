// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The shared library loaded, used by threads, and unloaded while they live.
 * Argument: its path. Speaks TAP; a case that goes wrong ends the program.
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
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define NR_THREADS 4

static struct {
	void *handle;
	__typeof__(noalias_window_open) *open;
	__typeof__(noalias_window_close) *close;
	__typeof__(noalias_window_local_map) *map;
	__typeof__(noalias_window_local_unmap) *unmap;
} lib;

static const char *path;
static int file;

static void expect(bool is_true, const char *what)
{
	if (is_true)
		return;
	printf("# not true: %s\nBail out! unload\n", what);
	exit(1);
}

#define EXPECT(cond) expect(cond, #cond)

static void *symbol(const char *name)
{
	void *found = dlsym(lib.handle, name);

	EXPECT(found);
	return found;
}

static void load(void)
{
	lib.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!lib.handle)
		printf("# %s\n", dlerror());
	EXPECT(lib.handle);
	lib.open = symbol("noalias_window_open");
	lib.close = symbol("noalias_window_close");
	lib.map = symbol("noalias_window_local_map");
	lib.unmap = symbol("noalias_window_local_unmap");
}

static void unload(void)
{
	EXPECT(!dlclose(lib.handle));
	/* Gone indeed, and not only counted down. */
	EXPECT(!dlopen(path, RTLD_NOW | RTLD_NOLOAD));
}

static void use(void)
{
	struct noalias_window_options options = {
		.size = sizeof(options), .local_depth = 1, .threads_max = 8,
	};
	struct noalias_window *window;
	void *addr;

	EXPECT(!lib.open(file, &options, &window));
	EXPECT(!lib.map(window, PAGE, 4, &addr));
	EXPECT(*(int *)addr == 4711);
	EXPECT(!lib.unmap(window, addr));
	EXPECT(!lib.close(window));
}

static pthread_barrier_t turn;

static void *use_and_outlive(void *arg)
{
	use();
	pthread_barrier_wait(&turn);
	/* Here the library goes. */
	pthread_barrier_wait(&turn);
	return arg;
}

static void use_with_threads(void)
{
	pthread_t threads[NR_THREADS];
	int i;

	load();
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, use_and_outlive,
				       NULL));
	pthread_barrier_wait(&turn);
	unload();
	pthread_barrier_wait(&turn);
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_join(threads[i], NULL));
}

static void fork_after_unload(void)
{
	int status;
	pid_t pid;

	load();
	use();
	unload();
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT(waitpid(pid, &status, 0) == pid && !status);
}

static void load_many_times(void)
{
	int i;

	for (i = 0; i < 200; i++) {
		load();
		use();
		unload();
	}
}

int main(int argc, char **argv)
{
	static const int number = 4711;

	if (argc != 2)
		return 2;
	path = argv[1];
	file = memfd_create("unload", 0);
	EXPECT(!ftruncate(file, 2 * PAGE));
	EXPECT(pwrite(file, &number, sizeof(number), PAGE) == sizeof(number));
	pthread_barrier_init(&turn, NULL, NR_THREADS + 1);
	/* kills: a destructor of a thread's number that is not there any more */
	use_with_threads();
	printf("ok 1 - unload_before_threads_end\n");
	/* kills: a handler of fork() that is not there any more */
	fork_after_unload();
	printf("ok 2 - unload_before_fork\n");
	/* kills: thread-specific keys, or room for threads' data, used up */
	load_many_times();
	printf("ok 3 - unload_many_times\n1..3\n");
	return 0;
}
