// SPDX-License-Identifier: GPL-2.0
/*
 * cover.ko: which blocks of a module have run, on a kernel that was built
 * without KCOV and gcov.
 *
 * A module that is compiled with -fsanitize-coverage=trace-pc calls
 * __sanitizer_cov_trace_pc() at the beginning of each block. Here the address
 * that a call returns to is put into a table, once; it is never taken out.
 * /sys/kernel/debug/cover has all of them. What they are, tests/vm/cover finds
 * out from the module's code.
 *
 * The call may come from any context, so nothing is called from it, and a slot
 * is taken by cmpxchg().
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#define SLOTS_SHIFT 15

static struct dentry *file;
static unsigned long slots[1 << SLOTS_SHIFT];

/* The compiler's name. */
void __sanitizer_cov_trace_pc(void);

void notrace __sanitizer_cov_trace_pc(void)
{
	unsigned long addr = _RET_IP_, found;
	unsigned int i = hash_long(addr, SLOTS_SHIFT);
	unsigned int end = i + 64;

	for (; i < end; i++) {
		found = READ_ONCE(slots[i % ARRAY_SIZE(slots)]);
		if (!found)
			found = cmpxchg(&slots[i % ARRAY_SIZE(slots)], 0, addr);
		if (!found || found == addr)
			return;
	}
}
EXPORT_SYMBOL(__sanitizer_cov_trace_pc);

static int cover_show(struct seq_file *seq, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		if (slots[i])
			seq_printf(seq, "%lx\n", slots[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cover);

static int __init cover_init(void)
{
	file = debugfs_create_file("cover", 0400, NULL, NULL, &cover_fops);
	return 0;
}

static void __exit cover_exit(void)
{
	debugfs_remove(file);
}

module_init(cover_init);
module_exit(cover_exit);

MODULE_DESCRIPTION("noalias tests: which blocks of a module have run");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
