/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Advice and flags that the C library's headers may not know yet.
 */
#ifndef MMAN_CALLS_H
#define MMAN_CALLS_H

#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#endif
