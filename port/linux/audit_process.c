// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of the page tables of processes.
 *
 * First all address spaces are collected, each once, in one pass over the tasks
 * under RCU. Then each is walked under its mmap lock, mapping by mapping, which
 * keeps the upper levels of its tables. The lowest level may be freed even so
 * (when it collapses into a huge page), by newer kernels after a grace period;
 * so it is copied under RCU and evaluated from the copy, outside of RCU, where
 * memory may be allocated and names looked up. It is mapped with
 * kmap_local_page(), because page tables may be in high memory.
 *
 * If a thread waits for the mmap lock, the walk drops it after the current
 * table and retakes it for the rest.
 *
 * A process can hold that lock for any time: a page fault on a FUSE file holds
 * it for reading, and a second thread that waits to write then blocks readers.
 * So the lock is only tried, for a limited time, and the process is reported as
 * unseen if it did not release it.
 *
 * Not found: address spaces without a task that something else holds (an open
 * /proc/PID/mem, vhost, io_uring).
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/mmap_lock.h>
#include <linux/path.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "audit.h"

#define TASKS_MIN 128u

/* --- address spaces ------------------------------------------------------- */

static bool take_mm(struct task_struct *task, struct na_linux_task *taken)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm) {
		mmgrab(mm);
		taken->mm = mm;
		strscpy(taken->comm, task->comm, sizeof(taken->comm));
	}
	task_unlock(task);
	return mm;
}

/* The leader may have exited while other threads still run. */
static bool take_process(struct task_struct *process,
			 struct na_linux_task *taken)
{
	struct task_struct *thread;

	for_each_thread(process, thread) {
		if (!take_mm(thread, taken))
			continue;
		taken->pid = task_tgid_nr(process);
		return true;
	}
	return false;
}

static void drop_tasks(struct na_audit_walker *walker)
{
	u32 i;

	for (i = 0; i < walker->nr_tasks; i++)
		mmdrop(walker->tasks[i].mm);
	kvfree(walker->tasks);
	walker->tasks = NULL;
	walker->nr_tasks = 0;
}

/* Returns false if there are more than @room. */
static bool fill_tasks(struct na_audit_walker *walker, u32 room)
{
	struct task_struct *process;
	bool fits = true;

	rcu_read_lock();
	for_each_process(process) {
		fits = walker->nr_tasks < room;
		if (!fits)
			break;
		if (take_process(process, &walker->tasks[walker->nr_tasks]))
			walker->nr_tasks++;
	}
	rcu_read_unlock();
	return fits;
}

static int compare_tasks(const void *left, const void *right)
{
	const struct na_linux_task *a = left, *b = right;

	if (a->mm != b->mm)
		return a->mm < b->mm ? -1 : 1;
	return a->pid - b->pid;
}

static int compare_pids(const void *left, const void *right)
{
	const struct na_linux_task *a = left, *b = right;

	return a->pid - b->pid;
}

/*
 * Of processes that share their memory, as after vfork(), the first is kept.
 * Sorted by pid, the order in which owners are listed.
 */
static void drop_shared(struct na_audit_walker *walker)
{
	struct na_linux_task *tasks = walker->tasks;
	u32 i, nr = 0;

	sort(tasks, walker->nr_tasks, sizeof(*tasks), compare_tasks, NULL);
	for (i = 0; i < walker->nr_tasks; i++) {
		if (nr && tasks[nr - 1].mm == tasks[i].mm)
			mmdrop(tasks[i].mm);
		else
			tasks[nr++] = tasks[i];
	}
	walker->nr_tasks = nr;
	sort(tasks, nr, sizeof(*tasks), compare_pids, NULL);
}

static int collect_tasks(struct na_audit_walker *walker)
{
	u32 room = TASKS_MIN;

	for (;; room *= 2) {
		walker->tasks = kvcalloc(room, sizeof(*walker->tasks),
					 GFP_KERNEL);
		if (!walker->tasks)
			return -ENOMEM;
		if (fill_tasks(walker, room))
			break;
		drop_tasks(walker);
	}
	drop_shared(walker);
	return 0;
}

/* --- page tables ---------------------------------------------------------- */

/**
 * struct block - result of one step of the walk
 * @vaddr: first address
 * @end: address after the last
 * @size: bytes that one entry maps
 * @nr: number of entries, in walker->entries; 0: a hole
 */
struct block {
	unsigned long vaddr;
	unsigned long end;
	unsigned long size;
	u32 nr;
};

static void take_entry(struct na_audit_walker *walker, struct block *block,
		       pteval_t entry, unsigned long size)
{
	walker->entries[0] = entry;
	block->size = size;
	block->nr = 1;
}

/*
 * Clamp to the table, whatever @block->end is: neither the table nor
 * walker->entries is longer. The next step reads the rest.
 */
static void copy_table(struct na_audit_walker *walker, struct block *block,
		       pteval_t above)
{
	unsigned long idx = pte_index(block->vaddr);
	u32 i, nr = min((block->end - block->vaddr) >> PAGE_SHIFT,
			PTRS_PER_PTE - idx);
	struct page *page = pfn_to_page(na_pte_frame(above, PAGE_SIZE));
	pte_t *table = kmap_local_page(page);

	for (i = 0; i < nr; i++)
		walker->entries[i] = na_pte_read(&table[idx + i]);
	kunmap_local(table);
	block->end = block->vaddr + nr * PAGE_SIZE;
	block->size = PAGE_SIZE;
	block->nr = nr;
}

static void narrow(struct block *block, unsigned long size)
{
	block->end = na_linux_block_end(block->vaddr, size, block->end);
}

/*
 * Each level narrows the block to what its entry maps. The kernel's
 * pmd_addr_end() and similar macros do not do that for a folded level: they
 * return the given end, which their caller has clamped before.
 *
 * Upper entries are read once, into a copy, so that the entry that was tested
 * is the one that is followed.
 */
static void read_pmd(struct na_audit_walker *walker, struct block *block,
		     pud_t *pud)
{
	pteval_t entry = na_pte_read(pmd_offset(pud, block->vaddr));

	narrow(block, PMD_SIZE);
	if (!na_pte_is_present(entry))
		return;
	if (na_pte_is_leaf(entry, PMD_SIZE))
		take_entry(walker, block, entry, PMD_SIZE);
	else if (na_pte_is_table(entry))
		copy_table(walker, block, entry);
}

static void read_pud(struct na_audit_walker *walker, struct block *block,
		     p4d_t *p4d)
{
	pteval_t entry = na_pte_read(pud_offset(p4d, block->vaddr));
	pud_t pud = __pud(entry);

	narrow(block, PUD_SIZE);
	if (!na_pte_is_present(entry))
		return;
	if (na_pte_is_leaf(entry, PUD_SIZE))
		take_entry(walker, block, entry, PUD_SIZE);
	else
		read_pmd(walker, block, &pud);
}

/* On entry @block->end is the end of the caller's range. */
static void read_pgd(struct na_audit_walker *walker, struct block *block,
		     struct mm_struct *mm)
{
	pgd_t *pgd = pgd_offset(mm, block->vaddr);
	p4d_t p4d;

	block->nr = 0;
	narrow(block, PGDIR_SIZE);
	if (pgd_none(*pgd))
		return;
	p4d = READ_ONCE(*p4d_offset(pgd, block->vaddr));
	narrow(block, P4D_SIZE);
	if (!p4d_none(p4d))
		read_pud(walker, block, &p4d);
}

static int offer_block(struct na_audit_walker *walker,
		       const struct block *block)
{
	if (!block->nr)
		return 0;
	if (block->size == PAGE_SIZE)
		return na_linux_table_offer(walker, block->vaddr, block->nr);
	return na_linux_entry_offer(walker, block->vaddr, walker->entries[0],
				    block->size, (block->end - block->vaddr) >>
						 PAGE_SHIFT);
}

static bool should_let_go(struct mm_struct *mm)
{
	return mmap_lock_is_contended(mm) || need_resched() ||
	       fatal_signal_pending(current);
}

/* Walk from @vaddr on; advances @vaddr. */
static int read_tables(struct na_audit_walker *walker, struct mm_struct *mm,
		       unsigned long *vaddr, unsigned long end)
{
	struct block block;
	int err = 0;

	while (*vaddr < end && !err) {
		block.vaddr = *vaddr;
		block.end = end;
		rcu_read_lock();
		read_pgd(walker, &block, mm);
		rcu_read_unlock();
		err = offer_block(walker, &block);
		*vaddr = block.end;
		if (should_let_go(mm))
			break;
	}
	return err;
}

/* --- mappings ------------------------------------------------------------- */

static int read_vma(struct na_audit_walker *walker,
		    const struct na_linux_task *task,
		    struct vm_area_struct *vma, unsigned long *vaddr,
		    unsigned long to)
{
	struct na_linux_place place = { .task = task, .vma = vma };
	int err, err_end;

	*vaddr = max(*vaddr, vma->vm_start);
	na_audit_place_begin(walker->audit, &place.base);
	err = read_tables(walker, task->mm, vaddr, min(to, vma->vm_end));
	err_end = na_audit_place_end(walker->audit);
	return err ? err : err_end;
}

/* Walk to the end, or until another thread waits for the lock. */
static int read_vmas(struct na_audit_walker *walker,
		     const struct na_linux_task *task, unsigned long *vaddr,
		     unsigned long to)
{
	VMA_ITERATOR(vmi, task->mm, *vaddr);
	struct vm_area_struct *vma;
	int err;

	for_each_vma_range(vmi, vma, to) {
		err = read_vma(walker, task, vma, vaddr, to);
		if (err)
			return err;
		/*
		 * Decide by the address reached: mmap_lock_is_contended() may
		 * return something else once the waiter has run, and the rest
		 * of this mapping would be skipped.
		 */
		if (*vaddr < min(to, vma->vm_end) || should_let_go(task->mm))
			return 0;
	}
	*vaddr = to;
	return 0;
}

/*
 * Short pauses first, because most locks are released soon. Time spent here is
 * not left for later processes except for a minimum, so a thousand held locks
 * take little longer than five. Return: 0; -EBUSY timeout; -EINTR.
 */
static int lock_mm(struct na_audit_walker *walker, struct mm_struct *mm)
{
	u32 pause_ms = 1, left_ms = clamp(walker->wait_ms,
					  NA_LINUX_WAIT_LEAST_MS,
					  NA_LINUX_WAIT_ONE_MS);
	unsigned long begun;
	u32 spent_ms;

	while (!mmap_read_trylock(mm)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!left_ms)
			return -EBUSY;
		begun = jiffies;
		schedule_timeout_killable(msecs_to_jiffies(pause_ms));
		spent_ms = max(jiffies_to_msecs(jiffies - begun), 1u);
		walker->wait_ms -= min(spent_ms, walker->wait_ms);
		left_ms -= min(spent_ms, left_ms);
		pause_ms = min(2 * pause_ms, 32u);
	}
	return 0;
}

static int read_task(struct na_audit_walker *walker,
		     const struct na_linux_task *task, unsigned long from,
		     unsigned long to)
{
	int err;

	while (from < to) {
		err = lock_mm(walker, task->mm);
		if (err == -EBUSY)
			return na_audit_unseen(walker->audit);
		if (err)
			return err;
		err = read_vmas(walker, task, &from, to);
		mmap_read_unlock(task->mm);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int na_linux_mm_read(struct na_audit_walker *walker, struct mm_struct *mm,
		     unsigned long from, unsigned long to)
{
	struct na_linux_task task = { .mm = mm };

	return read_task(walker, &task, from, to);
}

static int walk_task(struct na_audit_walker *walker,
		     const struct na_linux_task *task)
{
	int err;

	/* The process has exited since: no memory, no mappings. */
	if (!mmget_not_zero(task->mm))
		return 0;
	err = na_audit_process_begin(walker->audit, task->pid, task->comm);
	if (!err) {
		err = read_task(walker, task, 0, TASK_SIZE_MAX);
		na_audit_process_end(walker->audit);
	}
	/* The last mmput() waits for the process's I/O, maybe for ever. */
	mmput_async(task->mm);
	return err;
}

int na_linux_tasks_walk(struct na_audit_walker *walker)
{
	int err = collect_tasks(walker);
	u32 i;

	for (i = 0; i < walker->nr_tasks && !err; i++)
		err = walk_task(walker, &walker->tasks[i]);
	drop_tasks(walker);
	return err;
}

/* --- names ---------------------------------------------------------------- */

static const char *file_name(struct na_audit_walker *walker,
			     struct vm_area_struct *vma)
{
	const char *path = d_path(&vma->vm_file->f_path, walker->path,
				  sizeof(walker->path));

	return IS_ERR(path) ? "[unnamed file]" : path;
}

static const char *mapping_name(struct na_audit_walker *walker,
				struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;
	const char *name = NULL;

	if (vma->vm_file)
		return file_name(walker, vma);
	if (vma->vm_ops && vma->vm_ops->name)
		name = vma->vm_ops->name(vma);
	if (name)
		return name;
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack &&
	    vma->vm_end >= mm->start_stack)
		return "[stack]";
	return "[anon]";
}

/* A long path is cut at the front: its end is more useful. */
static void copy_name(char *to, size_t room, const char *name)
{
	static const char dots[] = "...";
	size_t len = strlen(name);

	if (len < room) {
		memcpy(to, name, len + 1);
		return;
	}
	memcpy(to, dots, sizeof(dots) - 1);
	to += sizeof(dots) - 1;
	room -= sizeof(dots) - 1;
	memcpy(to, name + len + 1 - room, room);
}

void na_linux_task_describe(struct na_audit_walker *walker,
			    const struct na_linux_place *place,
			    struct na_audit_owner *owner)
{
	struct vm_area_struct *vma = place->vma;

	owner->space = NA_SPACE_PROCESS;
	owner->pid = place->task->pid;
	owner->start = vma->vm_start;
	owner->end = vma->vm_end;
	owner->perms[0] = vma->vm_flags & VM_READ ? 'r' : '-';
	owner->perms[1] = vma->vm_flags & VM_WRITE ? 'w' : '-';
	owner->perms[2] = vma->vm_flags & VM_EXEC ? 'x' : '-';
	owner->perms[3] = vma->vm_flags & VM_MAYSHARE ? 's' : 'p';
	strscpy(owner->comm, place->task->comm, sizeof(owner->comm));
	copy_name(owner->name, sizeof(owner->name),
		  mapping_name(walker, vma));
	mmgrab(place->task->mm);
	owner->handle = place->task->mm;
}
