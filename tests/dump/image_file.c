// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a name may turn out to be, and what may happen to a file that is open.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../../port/dump/fault.h"
#include "../../port/dump/format.h"
#include "image_world.h"

static void save_elf(u64 len)
{
	make_save_elf(world_make(len), world_file(), EM_X86_64);
}

/* --- names --- */

static void no_file(void)
{
	EXPECT_FAILS(world_open(world_file(), NULL), "No such file");
	EXPECT(strstr(world_notes.error, world_path));
}

static void empty_file(void)
{
	make_save((struct make_bytes){ NULL, 0, 0 }, world_file());
	EXPECT_FAILS(world_open(world_path, NULL), ": is empty");
}

/* Opening one waits for a writer. kills: file-fifo-is-waited-for */
static void fifo(void)
{
	EXPECT(!mkfifo(world_file(), 0600));
	EXPECT_FAILS(world_open(world_path, NULL), "is a FIFO");
}

static void directory(void)
{
	EXPECT_FAILS(world_open("/", NULL), "/: is a directory");
}

static void dev_zero(void)
{
	const struct na_image_options raw = { .is_raw = true };

	EXPECT_FAILS(world_open("/dev/zero", NULL), "is a character device");
	EXPECT_FAILS(world_open("/dev/zero", &raw), "is a character device");
	EXPECT_FAILS(world_open("/dev/null", NULL), "is a character device");
}

static void socket_file(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 world_file());
	EXPECT(!bind(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	EXPECT_FAILS(world_open(world_path, NULL), world_path);
}

static int open_as_nobody(void *unused)
{
	(void)unused;
	if (!getuid() && (setgid(65534) || setuid(65534)))
		return 3;
	if (world_open(world_path, NULL) != -1)
		return 4;
	return strstr(world_notes.error, "Permission denied") ? 0 : 5;
}

/* Exit status of a child that runs @run; 128 and more: killed. */
static int in_child(int (*run)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		int ret = run(arg);

		/* Not exit(): the file is the parent's. */
		_exit(ret);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void not_readable(void)
{
	save_elf(PAGE);
	EXPECT(!chmod(world_path, 0));
	EXPECT_EQ(in_child(open_as_nobody, NULL), 0);
	world_forget();
}

/* The handler of SIGBUS writes it as it is. kills: file-name-raw */
static void name_of_two_lines(void)
{
	char name[sizeof(world_path) + 8];

	save_elf(PAGE);
	snprintf(name, sizeof(name), "%s\n\033x", world_path);
	EXPECT(!rename(world_path, name));
	EXPECT(!world_open(name, NULL));
	unlink(name);
	EXPECT(!strcmp(world_image->file.name + strlen(world_path), "??x"));
	world_forget();
}

/* kills: file-name-hides-the-reason */
static void name_that_is_long(void)
{
	char name[1000] = "/tmp/";

	memset(name + 5, 'x', 200);
	EXPECT_FAILS(world_open(name, NULL), "xxx: No such file");
	memset(name + 5, 'x', sizeof(name) - 6);
	EXPECT_FAILS(world_open(name, NULL), "xxx: File name too long");
}

/* What is on procfs has no length and no mapping, and is an ELF core or none. */
static void file_of_procfs(void)
{
	EXPECT_FAILS(world_open("/proc/self/maps", NULL),
		     "/proc/self/maps: ELF: ");
}

/* --- what happens to it --- */

/* kills: file-unmapped-is-missing */
static void file_that_is_not_mapped(void)
{
	struct na_file *file;

	save_elf(8 * PAGE);
	EXPECT(!world_open(world_path, NULL));
	file = &world_image->file;
	EXPECT(file->map);
	na_fault_unwatch(file);
	munmap((void *)(uintptr_t)file->map, (size_t)file->len);
	file->map = NULL;
	world_expect_pages(0, 8 * PAGE);
	EXPECT(!truncate(world_path, (off_t)file->len - 1));
	EXPECT(!world_has_page(7 * PAGE));
	EXPECT(world_has_page(6 * PAGE));
	world_forget();
}

static void file_that_grows(void)
{
	save_elf(8 * PAGE);
	EXPECT(!world_open(world_path, NULL));
	EXPECT(!truncate(world_path, 1 << 20));
	world_expect_pages(0, 8 * PAGE);
	world_forget();
}

static int read_what_is_gone(void *said)
{
	u64 buf[PAGE / 8];
	const u64 *page;

	if (dup2(*(int *)said, STDERR_FILENO) < 0 ||
	    world_open(world_path, NULL) || truncate(world_path, 4096))
		return 3;
	page = na_image_page(world_image, 7 * PAGE, buf);
	return page && page[0] ? 4 : 5;
}

/* kills: fault-not-watched, fault-status-0 */
static void file_that_is_truncated_ends_the_process(void)
{
	char text[300] = "", should[200];
	int pipe_fds[2];

	save_elf(8 * PAGE);
	EXPECT(!pipe(pipe_fds));
	EXPECT_EQ(in_child(read_what_is_gone, &pipe_fds[1]), NA_FAULT_STATUS);
	EXPECT(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
	snprintf(should, sizeof(should),
		 "noalias: %s: was truncated while it was read, or its device fails\n",
		 world_path);
	EXPECT_STR(text, should);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	world_forget();
}

static volatile int nr_others;

static void other_handler(int nr)
{
	(void)nr;
	nr_others++;
	_exit(42);
}

/* A mapping of somebody else, whose handler was there first. */
static int fault_of_another(void *unused)
{
	volatile char *map;
	int fd;

	(void)unused;
	signal(SIGBUS, other_handler);
	if (world_open(world_path, NULL))
		return 3;
	fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	return map[0] ? 4 : 5;
}

/* kills: fault-of-another-is-ours */
static void fault_of_another_is_passed_on(void)
{
	save_elf(PAGE);
	EXPECT_EQ(in_child(fault_of_another, NULL), 42);
	world_forget();
}

static void *handler_of_sigbus(void)
{
	struct sigaction action;

	EXPECT(!sigaction(SIGBUS, NULL, &action));
	return (void *)(uintptr_t)action.sa_sigaction;
}

/* kills: fault-stays */
static void handler_goes_with_the_last_image(void)
{
	void *before = handler_of_sigbus();
	static struct na_notes notes;
	struct na_image *second;

	save_elf(PAGE);
	EXPECT(!world_open(world_path, NULL));
	EXPECT(handler_of_sigbus() != before);
	EXPECT(!na_image_open(world_path, NULL, &notes, &second));
	world_close();
	EXPECT(handler_of_sigbus() != before);
	na_image_close(second);
	EXPECT(handler_of_sigbus() == before);
	world_forget();
}

/* kills: notes-raw */
static void words_of_two_lines(void)
{
	static struct na_notes notes;

	na_notes_fail(&notes, "%s: broken", "a\nb\033[2J");
	na_notes_assume(&notes, "%s", "a\rb");
	na_notes_lose(&notes, "%s", "a\x7f");
	EXPECT_STR(notes.error, "a?b?[2J: broken");
	EXPECT_STR(notes.assumed.lines[0], "a?b");
	EXPECT_STR(notes.lost.lines[0], "a?");
}

static void names(void)
{
	EXPECT_STR(na_arch_name(NA_ARCH_X86_64), "x86-64");
	EXPECT_STR(na_arch_name(NA_ARCH_ARM), "arm");
	EXPECT_STR(na_arch_name(NR_NA_ARCHS), "??");
	EXPECT_STR(na_image_format_name(NA_IMAGE_KCORE), "/proc/kcore");
	EXPECT_STR(na_image_format_name(NR_NA_IMAGE_FORMATS), "??");
}

static const struct tap_case cases[] = {
	TAP(no_file),
	TAP(empty_file),
	TAP(fifo),
	TAP(directory),
	TAP(dev_zero),
	TAP(socket_file),
	TAP(not_readable),
	TAP(name_of_two_lines),
	TAP(name_that_is_long),
	TAP(file_of_procfs),
	TAP(file_that_is_not_mapped),
	TAP(file_that_grows),
	TAP(file_that_is_truncated_ends_the_process),
	TAP(fault_of_another_is_passed_on),
	TAP(handler_goes_with_the_last_image),
	TAP(words_of_two_lines),
	TAP(names),
};

TAP_MAIN(cases)
