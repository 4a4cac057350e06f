// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Processes with hostile names. A process chooses its name, which must not
 * become a line, a field or a terminal escape in the output.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <linux/dma-buf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {
	"a\nb", "\n\n\n", "a\n9 x y UC 4096", "\033[2J\033[H", "a\rb", "a\tb",
	"\a\b\f\v", "\x9b" "31m", "\xff\xfe\xc3", "a b", " ", "\\n", "a\\",
	"\"quoted\"", "%s%n%x", "x: len is 1, al", "", "\x7f",
};

static void call_me(const char *name)
{
	EXPECT(!prctl(PR_SET_NAME, name));
}

static bool is_plain(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c; c++) {
		if ((*c >= ' ' && *c < 0x7f) || *c == '\n' || *c == '\t')
			continue;
		say("byte 0x%02x in the text", *c);
		return false;
	}
	return true;
}

static unsigned int count_lines(const char *text)
{
	unsigned int nr = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		nr++;
	}
	return nr;
}

static unsigned int count_fields(const char *line)
{
	unsigned int nr = 0;

	while (*line && *line != '\n') {
		line += strspn(line, " ");
		nr += *line && *line != '\n';
		line += strcspn(line, " \n");
	}
	return nr;
}

/* kills: names printed raw, or escaped for lines only */
static void buffers_hostile_name(void)
{
	const char *line;
	char *text;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		call_me(names[i]);
		fd = new_buffer(PAGE);
		text = read_text(DEBUGFS "buffers");
		EXPECT(text && is_plain(text));
		EXPECT_EQ(count_lines(text), 2);
		line = strchr(text, '\n') + 1;
		EXPECT_EQ(count_fields(line), 14);
		free(text);
		close(fd);
	}
}

/* kills: the same in the list of refusals, where a name could also look like
 * the rest of a line
 */
static void refusals_hostile_name(void)
{
	char start[64], *text, *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		call_me(names[i]);
		EXPECT_EQ(try_buffer(0), -EINVAL);
		text = read_text(DEBUGFS "refusals");
		EXPECT(text && is_plain(text));
		end = strchr(text, '\n');
		EXPECT(end);
		*end = 0;
		EXPECT_EQ(snprintf(start, sizeof(start), "pid %d ", getpid()),
			  (int)strspn(text, "pid 0123456789"));
		EXPECT_EQ(strcspn(text + strlen(start), " ") + strlen(start) +
			  strlen(" len is 0, allowed: 1 or more (error -22)"),
			  strlen(text));
		free(text);
	}
}

static char *read_fdinfo(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return read_text(path);
}

/* kills: a name that adds lines to /proc/PID/fdinfo */
static void fdinfo_hostile_name(void)
{
	unsigned int nr_lines;
	char *text;
	size_t i;
	int fd;

	call_me("plain");
	text = read_fdinfo(new_buffer(PAGE));
	EXPECT(text && strstr(text, ":plain\n"));
	nr_lines = count_lines(text);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		call_me(names[i]);
		fd = new_buffer(PAGE);
		text = read_fdinfo(fd);
		EXPECT(text && is_plain(text));
		EXPECT_EQ(count_lines(text), nr_lines);
		close(fd);
	}
}

/* kills: an owner's name that cannot be replaced, or that leaks then */
static void set_name_of_buffer(void)
{
	int fd = new_buffer(PAGE), i;

	for (i = 0; i < 100; i++)
		EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, "camera"));
	EXPECT(strstr(read_fdinfo(fd), "name:\tcamera\n"));
}

static unsigned long inode_of(int fd)
{
	struct stat stat_of;

	EXPECT(!fstat(fd, &stat_of));
	return stat_of.st_ino;
}

/* kills: a name of a buffer printed raw, cut, or kept when it is set anew */
static void buffers_has_the_name(void)
{
	static const char *const given[] = {
		"cam0", "two words", "line\n1 x UC", "\x1b[31m\xff\\",
		"0123456789012345678901234567890",
	};
	static const char *const said[] = {
		"cam0", "two\\040words", "line\\0121\\040x\\040UC",
		"\\033[31m\\377\\134", "0123456789012345678901234567890",
	};
	int fd = new_buffer(PAGE);
	char line[256], *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(given); i++) {
		EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, given[i]));
		snprintf(line, sizeof(line), " %lu %s alive\n", inode_of(fd),
			 said[i]);
		text = read_text(DEBUGFS "buffers");
		EXPECT(text && is_plain(text) && count_lines(text) == 2);
		EXPECT(strstr(text, line));
		free(text);
	}
	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, ""));
	EXPECT(file_has(DEBUGFS "buffers", " - alive\n"));
}

static void make_and_send(void *arg)
{
	int fd = new_buffer(PAGE);

	EXPECT_EQ(send_fd(*(int *)arg, fd), 0);
}

/* Return: a process with this number that does nothing; -1: it was taken. */
static pid_t occupy(pid_t pid)
{
	char text[16];
	pid_t child;

	snprintf(text, sizeof(text), "%d", pid - 1);
	EXPECT(!write_text("/proc/sys/kernel/ns_last_pid", text));
	child = fork();
	if (!child)
		for (;;)
			pause();
	if (child == pid)
		return child;
	killed(child);
	return -1;
}

/* kills: a dead maker shown as if it lived: not waited for, and with a number
 * that another process has now
 */
static void buffers_maker_is_gone(void)
{
	int sockets[2], fd;
	pid_t maker, again = -1;
	unsigned int i;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	maker = start(make_and_send, &sockets[0]);
	fd = receive_fd(sockets[1]);
	EXPECT(fd >= 0);
	EXPECT(!waitid(P_PID, maker, NULL, WEXITED | WNOWAIT));
	EXPECT(file_has(DEBUGFS "buffers", " gone\n"));
	EXPECT(passes(maker));
	EXPECT(file_has(DEBUGFS "buffers", " gone\n"));
	for (i = 0; again < 0 && i < 200; i++)
		again = occupy(maker);
	EXPECT_EQ(again, maker);
	EXPECT(file_has(DEBUGFS "buffers", " gone\n"));
	EXPECT(killed(again));
}

/* kills: a buffer without its owner, size, heap or type */
static void buffers_tells_the_owner(void)
{
	int fd = new_buffer(5 * PAGE);
	char *mem, line[128], *text;

	call_me("owner");
	mem = map_buffer(fd, 5 * PAGE);
	text = read_text(DEBUGFS "buffers");
	snprintf(line, sizeof(line), " %s %s 20480 ", heap_name(), heap_type());
	EXPECT(mem && text && strstr(text, line));
	snprintf(line, sizeof(line), " 1 0 0 %d input_names %lu %d:input_names alive\n",
		 getpid(), inode_of(fd), getpid());
	EXPECT(strstr(text, line));
	text = read_fdinfo(fd);
	EXPECT(strstr(text, "size:\t20480\n"));
	snprintf(line, sizeof(line), "exp_name:\t%s\n", heap_name());
	EXPECT(strstr(text, line));
	snprintf(line, sizeof(line), "name:\t%d:input_names\n", getpid());
	EXPECT(strstr(text, line));
}

static unsigned int count_own_lines(const char *text)
{
	unsigned int nr = 0;
	char start[32];

	snprintf(start, sizeof(start), "pid %d ", getpid());
	for (text = strstr(text, start); text; text = strstr(text + 1, start))
		nr++;
	return nr;
}

/* kills: a list of refusals that one loop fills, or that loses its order */
static void refusals_many(void)
{
	unsigned int i;

	for (i = 0; i < 100; i++)
		EXPECT_EQ(try_buffer(0), -EINVAL);
	EXPECT_EQ(try_buffer(1ull << 63), -ENOMEM);
	EXPECT(refused("len", BUFFER_LEN_MAX_TEXT));
	EXPECT_EQ(count_own_lines(read_text(DEBUGFS "refusals")), 1);
}

static const struct guest_case cases[] = {
	CASE(buffers_hostile_name),
	CASE(refusals_hostile_name),
	CASE(fdinfo_hostile_name),
	CASE(set_name_of_buffer),
	CASE(buffers_has_the_name),
	CASE(buffers_maker_is_gone),
	CASE(buffers_tells_the_owner),
	CASE(refusals_many),
};
GUEST_MAIN(cases)
