// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * confined: what a process may do, a line each: "NAME: " and "yes", the error or
 * the signal. The suite runs it as noalias-audit.service, and as root beside it,
 * who may do all of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	return unlink(path);
}

static int read_of(const char *path)
{
	char text[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC), got;

	if (fd < 0)
		return -1;
	got = (int)read(fd, text, sizeof(text));
	close(fd);
	if (!got)
		errno = ENODATA;
	return got > 0 ? 0 : -1;
}

/* --- what is refused -------------------------------------------------------- */

static int write_usr(void)	{ return create("/usr/confined"); }
static int write_etc(void)	{ return create("/etc/confined"); }
static int write_var(void)	{ return create("/var/lib/confined"); }
static int see_home(void)	{ return access("/home/confined", F_OK); }
static int see_tmp(void)	{ return access("/tmp/confined", F_OK); }
static int see_modules(void)	{ return access("/usr/lib/modules/confined", F_OK); }
static int inet(void)		{ return socket(AF_INET, SOCK_DGRAM, 0); }
static int local(void)		{ return socket(AF_UNIX, SOCK_DGRAM, 0); }
static int namespace(void)	{ return unshare(CLONE_NEWUSER); }

static int make_group(void)
{
	return mkdir("/sys/fs/cgroup/confined", 0700) ? -1 :
	       rmdir("/sys/fs/cgroup/confined");
}

static int mount_tmpfs(void)
{
	return mount("tmpfs", "/mnt", "tmpfs", 0, NULL) ? -1 : umount("/mnt");
}

/* Of 32 bits the C library takes an error for a personality. */
static int persona(void)
{
	return syscall(SYS_personality, ADDR_NO_RANDOMIZE) < 0 ? -1 : 0;
}

static int real_time(void)
{
	struct sched_param param = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_RR, &param);
}

static int set_uid_bit(void)
{
	int fd = open("/tmp/bit", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || unlink("/tmp/bit"))
		return -1;
	return fchmod(fd, 04700);
}

static int write_and_execute(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

/* Another network than process 1's? */
static int network(void)
{
	struct stat ours, first;

	if (stat("/proc/self/ns/net", &ours) || stat("/proc/1/ns/net", &first))
		return -1;
	errno = EXDEV;
	return ours.st_ino == first.st_ino ? 0 : -1;
}

static int new_privileges(void)
{
	errno = EPERM;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ? -1 : 0;
}

/* --- what an audit needs ---------------------------------------------------- */

static int read_kcore(void)	{ return read_of("/proc/kcore"); }
static int read_maps(void)	{ return read_of("/proc/1/maps"); }
static int read_audit(void)	{ return read_of("/sys/kernel/debug/noalias/audit"); }
static int write_metrics(void)	{ return create("/var/lib/prometheus/node-exporter/confined"); }

/* Real ones: they are hashed for who may not see them, or 0. */
static int read_addresses(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "re");
	unsigned long address = 0;

	if (!file)
		return -1;
	if (fscanf(file, "0x%lx", &address) != 1)
		address = 0;
	fclose(file);
	errno = EPERM;
	return address >= (sizeof(long) == 8 ? ~0ul << 47 : 0x80000000ul) ? 0 : -1;
}

static const struct {
	const char *name;
	int (*run)(void);
} deeds[] = {
	{ "write /usr", write_usr },
	{ "write /etc", write_etc },
	{ "write /var/lib", write_var },
	{ "see /home", see_home },
	{ "see /tmp", see_tmp },
	{ "make a control group", make_group },
	{ "see kernel modules", see_modules },
	{ "socket of IP", inet },
	{ "socket of the machine", local },
	{ "network", network },
	{ "namespace", namespace },
	{ "personality", persona },
	{ "real time", real_time },
	{ "set-user-ID", set_uid_bit },
	{ "write and execute", write_and_execute },
	{ "mount", mount_tmpfs },
	{ "new privileges", new_privileges },
	{ "read /proc/kcore", read_kcore },
	{ "read maps", read_maps },
	{ "read addresses", read_addresses },
	{ "read the module's audit", read_audit },
	{ "write metrics", write_metrics },
};

/* In a child, which a filter of system calls may kill. */
static void try(const char *name, int (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(run() < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(1);
	if (WIFSIGNALED(status))
		printf("%s: SIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
	else
		printf("%s: %s\n", name, WEXITSTATUS(status) ?
		       strerrorname_np(WEXITSTATUS(status)) : "yes");
}

static void say_capabilities(void)
{
	int capability;

	printf("capabilities:");
	for (capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
	     capability++)
		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0))
			printf(" %d", capability);
	puts("");
}

int main(void)
{
	size_t i;

	say_capabilities();
	fflush(stdout);
	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		try(deeds[i].name, deeds[i].run);
		fflush(stdout);
	}
	return 0;
}
