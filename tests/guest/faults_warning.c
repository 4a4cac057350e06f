// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * dma_buf_vmap() of 6.1 warns when an exporter's vmap fails, whatever the
 * reason, once until the machine boots again. This lets it do so, while the
 * suite has told the kernel to live on after a warning; it has no runner, which
 * would call that a failure. After it faults_device may fail each allocation.
 */
#include "heap_importer.h"

int main(void)
{
	struct importer_vmap vmap = { 0 };
	int importer = new_import(new_buffer(PAGE));

	fail_call("vmap", 1, false, 0);
	EXPECT_EQ(import_call(importer, IMPORTER_VMAP, &vmap), -ENOMEM);
	EXPECT(fail_off().failed);
	return 0;
}
