// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Life of the port: what the kernel offers is determined once, at init.
 */
#include "kmap.h"
#include "port.h"

int na_linux_port_init(struct na_port *port)
{
	int err = na_linux_types_check() ?: na_linux_tracking_check(port);

	if (err)
		return err;
	err = na_linux_kmap_init(port);
	if (err)
		return err;
	err = na_linux_clean_init(port);
	if (err)
		na_linux_kmap_fini(port);
	return err;
}

void na_linux_port_fini(struct na_port *port)
{
	na_linux_clean_fini(port);
	na_linux_kmap_fini(port);
}
