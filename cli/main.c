// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the command begins; programs that test it have a main() of their own.
 */
#include "command.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
