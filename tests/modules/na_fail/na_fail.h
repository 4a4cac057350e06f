/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: na_fail
 *
 * What test programs in the guest need from inside the kernel, as files of
 * debugfs in na_fail/. A program opens a file, writes one request and reads
 * the answer from the same descriptor.
 *
 * fail: "SYMBOL NTH once|all VALUE" makes the NTH call of a kernel function
 *	by the writing thread, or all from the NTH on, return VALUE without
 *	being entered. "off" ends that; so does closing the file. The answer
 *	is "calls N failed M".
 * look: "ADDRESS" reads the page table entry of an address of the writer, and
 *	what else the kernel has mapped of that frame.
 * hold: "FD" keeps a kernel mapping of a dma-buf until the file is closed.
 *	The answer is "ADDRESS LENGTH".
 * leak: writing to it loses 4096 bytes of memory, that a search for leaks has
 *	something to find.
 * lock: "PID" holds the mmap lock of a process until the file is closed.
 * pieces: "NR" leaves no block of more than NR frames for buffers of noalias,
 *	whoever asks, until the file is closed.
 * refused: "on" counts, until "off", in which functions of noalias a kernel with
 *	fault injection refused something. The answer is "NAME COUNT" lines.
 */
#ifndef NA_FAIL_H
#define NA_FAIL_H

#include <linux/fs.h>
#include <linux/ptrace.h>

#define NA_REQUEST_MAX 128

/**
 * na_get_request() - copy a request and end it with a zero byte
 * @text: NA_REQUEST_MAX bytes
 * @user: where it is
 * @len: its length
 *
 * Return: 0, -EINVAL too long, -EFAULT.
 */
int na_get_request(char *text, const char __user *user, size_t len);

extern const struct file_operations na_fail_fops;
extern const struct file_operations na_look_fops;
extern const struct file_operations na_hold_fops;
extern const struct file_operations na_leak_fops;
extern const struct file_operations na_lock_fops;
extern const struct file_operations na_pieces_fops;
extern const struct file_operations na_refused_fops;

/** na_fail_instead() - a probed function returns @value, without being entered.
 * Its probe returns 1 then, and has a post handler: the kernel would otherwise
 * turn it into a jump, which cannot change where it returns to.
 */
void na_fail_instead(struct pt_regs *regs, long value);

/** na_fail_fini() - remove the probe. */
void na_fail_fini(void);

/** na_refused_fini() - likewise. */
void na_refused_fini(void);

#endif
