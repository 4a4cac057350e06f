// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * without_rawio COMMAND...: runs it as a root that lacks CAP_SYS_RAWIO, as one in
 * a container does. 125: that could not be done.
 */
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2 || prctl(PR_CAPBSET_DROP, CAP_SYS_RAWIO, 0, 0, 0)) {
		fputs("without_rawio: no command, or not root\n", stderr);
		return 125;
	}
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 125;
}
