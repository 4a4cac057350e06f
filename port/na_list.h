/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Circular doubly linked lists with the kernel's names, for ports that have no
 * kernel: included by their <na_platform.h>, after NA_ASSERT. The names are in
 * include/noalias/port.h. An entry taken off a list cannot be used as if it
 * were still on it.
 */
#ifndef NA_LIST_H
#define NA_LIST_H

struct list_head {
	struct list_head *next, *prev;
};

/* Values of deleted entries: not NULL, so that a test for NULL cannot pass. */
#define NA_LIST_POISON ((struct list_head *)0x100)

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline void na_list_join(struct list_head *prev,
				     struct list_head *next)
{
	prev->next = next;
	next->prev = prev;
}

static inline void na_list_insert(struct list_head *entry,
				       struct list_head *prev,
				       struct list_head *next)
{
	(void)NA_ASSERT(prev->next == next && next->prev == prev);
	(void)NA_ASSERT(entry != prev && entry != next);
	na_list_join(prev, entry);
	na_list_join(entry, next);
}

static inline void na_list_remove(struct list_head *entry)
{
	(void)NA_ASSERT(entry->next != NA_LIST_POISON);
	(void)NA_ASSERT(entry->next->prev == entry &&
			entry->prev->next == entry);
	na_list_join(entry->prev, entry->next);
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	na_list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	na_list_insert(entry, head->prev, head);
}

static inline void list_del(struct list_head *entry)
{
	na_list_remove(entry);
	entry->next = NA_LIST_POISON;
	entry->prev = NA_LIST_POISON;
}

static inline void list_del_init(struct list_head *entry)
{
	na_list_remove(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	na_list_remove(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	na_list_remove(entry);
	list_add_tail(entry, head);
}

static inline int list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline int list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline int list_is_last(const struct list_head *entry,
			       const struct list_head *head)
{
	return entry->next == head;
}

/* All entries of @list, in their order, before the first of @head. */
static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	if (list_empty(list))
		return;
	na_list_join(list->prev, head->next);
	na_list_join(head, list->next);
	INIT_LIST_HEAD(list);
}

/* All entries of @list, in their order, after the last of @head. */
static inline void list_splice_tail_init(struct list_head *list,
					 struct list_head *head)
{
	list_splice_init(list, head->prev);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)

#define list_for_each(pos, head) \
	for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, __typeof__(*pos), member);	\
	     &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)			\
	for (pos = list_last_entry(head, __typeof__(*pos), member);	\
	     &pos->member != (head); pos = list_prev_entry(pos, member))
#define list_for_each_entry_safe(pos, tmp, head, member)		\
	for (pos = list_first_entry(head, __typeof__(*pos), member),	\
	     tmp = list_next_entry(pos, member);			\
	     &pos->member != (head);					\
	     pos = tmp, tmp = list_next_entry(tmp, member))

#endif
