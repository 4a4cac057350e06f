// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * platform: port/user/na_platform.h gives the engine the same guarantees as the
 * kernel, and no more.
 */
#include <noalias/types.h>

#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

struct item {
	u32 value;
	struct list_head link;
};

static void expect_list(struct list_head *head, const char *should)
{
	char forth[64] = "", back[64] = "";
	struct item *item;
	size_t len = 0;

	list_for_each_entry(item, head, link)
		len += (size_t)snprintf(forth + len, sizeof(forth) - len, "%u",
					item->value);
	EXPECT_STR(forth, should);
	len = 0;
	list_for_each_entry_reverse(item, head, link)
		len += (size_t)snprintf(back + len, sizeof(back) - len, "%u",
					item->value);
	EXPECT_EQ(strlen(back), strlen(should));
	while (len--)
		EXPECT_EQ(back[len], should[strlen(should) - 1 - len]);
}

/* --- lists --- */

/* kills: add at the wrong end */
static void list_add_at_both_ends(void)
{
	struct item items[3] = { { .value = 1 }, { .value = 2 },
				 { .value = 3 } };
	LIST_HEAD(head);

	EXPECT(list_empty(&head));
	list_add_tail(&items[1].link, &head);
	list_add_tail(&items[2].link, &head);
	list_add(&items[0].link, &head);
	EXPECT(!list_empty(&head));
	expect_list(&head, "123");
	EXPECT_EQ(list_first_entry(&head, struct item, link)->value, 1);
	EXPECT_EQ(list_last_entry(&head, struct item, link)->value, 3);
	EXPECT(list_is_last(&items[2].link, &head));
	EXPECT(!list_is_last(&items[1].link, &head));
}

/* kills: neighbours not joined */
static void list_del_in_the_middle(void)
{
	struct item items[3] = { { .value = 1 }, { .value = 2 },
				 { .value = 3 } };
	LIST_HEAD(head);
	u32 i;

	for (i = 0; i < 3; i++)
		list_add_tail(&items[i].link, &head);
	list_del(&items[1].link);
	expect_list(&head, "13");
	list_del_init(&items[0].link);
	EXPECT(list_empty(&items[0].link));
	EXPECT(list_is_singular(&head));
	list_del(&items[2].link);
	EXPECT(list_empty(&head));
	EXPECT(!list_is_singular(&head));
	EXPECT(!list_first_entry_or_null(&head, struct item, link));
}

/* kills: an entry taken off twice */
static void list_del_twice_asserts(void)
{
	struct item item = { .value = 1 };
	LIST_HEAD(head);

	list_add(&item.link, &head);
	list_del(&item.link);
	EXPECT_ASSERT("POISON", list_del(&item.link));
}

/* kills: an entry put on a list twice in a row */
static void list_add_twice_asserts(void)
{
	struct item item = { .value = 1 };
	LIST_HEAD(head);

	list_add(&item.link, &head);
	EXPECT_ASSERT("entry", list_add(&item.link, &head));
}

/* kills: a walk that uses what it has just deleted */
static void list_for_each_safe_deletes(void)
{
	struct item items[4] = { { .value = 1 }, { .value = 2 },
				 { .value = 3 }, { .value = 4 } };
	struct item *item, *tmp;
	LIST_HEAD(head);
	u32 i;

	for (i = 0; i < 4; i++)
		list_add_tail(&items[i].link, &head);
	list_for_each_entry_safe(item, tmp, &head, link)
		if (item->value % 2)
			list_del(&item->link);
	expect_list(&head, "24");
}

/* kills: move that leaves the entry on both lists */
static void list_move_and_splice(void)
{
	struct item items[4] = { { .value = 1 }, { .value = 2 },
				 { .value = 3 }, { .value = 4 } };
	LIST_HEAD(one);
	LIST_HEAD(other);

	list_add_tail(&items[0].link, &one);
	list_add_tail(&items[1].link, &one);
	list_add_tail(&items[2].link, &other);
	list_add_tail(&items[3].link, &other);
	list_splice_tail_init(&one, &other);
	EXPECT(list_empty(&one));
	expect_list(&other, "3412");
	list_splice_init(&one, &other);
	list_move(&items[1].link, &other);
	expect_list(&other, "2341");
	list_move_tail(&items[2].link, &other);
	expect_list(&other, "2413");
	list_splice_init(&other, &one);
	expect_list(&one, "2413");
	list_move(&items[1].link, &other);
	list_splice_init(&one, &other);
	expect_list(&other, "4132");
}

/* --- atomics, sort, container_of --- */

/* kills: cmpxchg that returns whether instead of what */
static void atomic_cmpxchg_returns_what_it_found(void)
{
	na_atomic32_t v;

	na_atomic32_set(&v, 5);
	EXPECT_EQ(na_atomic32_cmpxchg(&v, 4, 9), 5);
	EXPECT_EQ(na_atomic32_read(&v), 5);
	EXPECT_EQ(na_atomic32_cmpxchg(&v, 5, 9), 5);
	EXPECT_EQ(na_atomic32_read(&v), 9);
}

/* kills: addition that does not wrap as the ledger's pins need it */
static void atomic_add_of_negative(void)
{
	na_atomic32_t v;
	na_atomic64_t big;

	na_atomic32_set(&v, 96);
	na_atomic32_add(&v, -32u);
	EXPECT_EQ(na_atomic32_read(&v), 64);
	EXPECT_EQ(na_atomic32_add_return(&v, -64u), 0);
	na_atomic64_set(&big, 1ull << 40);
	na_atomic64_add(&big, (u64)-1ll);
	EXPECT_EQ(na_atomic64_read(&big), (1ull << 40) - 1);
}

/* kills: pointer swapped although it was not the old one */
static void ptr_cmpxchg_keeps_the_first(void)
{
	int one, other, *p = NULL;

	EXPECT(!na_ptr_cmpxchg(&p, NULL, &one));
	EXPECT(na_ptr_cmpxchg(&p, NULL, &other) == &one);
	EXPECT(na_ptr_load_acquire(&p) == &one);
}

static int compare(const void *one, const void *other)
{
	u32 a = *(const u32 *)one, b = *(const u32 *)other;

	return a < b ? -1 : a > b;
}

/* kills: sort by the wrong size */
static void sort_some_and_none(void)
{
	u32 values[] = { 3, 1, 2 };

	na_sort(values, 3, sizeof(values[0]), compare);
	EXPECT(values[0] == 1 && values[1] == 2 && values[2] == 3);
	na_sort(NULL, 0, sizeof(values[0]), compare);
}

/* kills: container_of that forgets the offset */
static void container_of_member(void)
{
	struct item item;

	EXPECT(container_of(&item.link, struct item, link) == &item);
}

/* --- locks --- */

/* kills: assert_held that is content with anybody's lock */
static void *assert_held_elsewhere(void *arg)
{
	na_mutex_t *mutex = arg;

	/* Not the thread that may jump: look instead of asserting. */
	return na_user_lock_is_mine(&mutex->lock) ? arg : NULL;
}

static void mutex_knows_its_owner(void)
{
	pthread_t thread;
	na_mutex_t mutex;
	void *is_held;

	na_mutex_init(&mutex);
	EXPECT_ASSERT("is_mine", na_mutex_assert_held(&mutex));
	na_mutex_lock(&mutex);
	na_mutex_assert_held(&mutex);
	EXPECT(!pthread_create(&thread, NULL, assert_held_elsewhere, &mutex));
	EXPECT(!pthread_join(thread, &is_held));
	EXPECT(!is_held);
	na_mutex_unlock(&mutex);
	EXPECT_ASSERT("is_mine", na_mutex_assert_held(&mutex));
}

/* kills: a deadlock with oneself that hangs instead of speaking */
static void mutex_lock_twice_asserts(void)
{
	na_mutex_t mutex;

	na_mutex_init(&mutex);
	na_mutex_lock(&mutex);
	EXPECT_ASSERT("is_mine", na_mutex_lock(&mutex));
	na_mutex_unlock(&mutex);
}

/* kills: unlock of a lock that is somebody else's */
static void unlock_unheld(void)
{
	na_mutex_t mutex;
	na_spin_t spin;

	na_mutex_init(&mutex);
	na_spin_init(&spin);
	EXPECT_SAFE("is_mine", na_mutex_unlock(&mutex));
	EXPECT_SAFE("is_mine", na_spin_unlock(&spin));
	na_might_sleep();
}

/* kills: a mutex, or anything that sleeps, under a spinlock */
static void sleep_under_spinlock_asserts(void)
{
	na_mutex_t mutex;
	na_spin_t spin;

	na_mutex_init(&mutex);
	na_spin_init(&spin);
	na_spin_lock(&spin);
	na_spin_assert_held(&spin);
	EXPECT_ASSERT("spins_held", na_mutex_lock(&mutex));
	EXPECT_ASSERT("spins_held", na_might_sleep());
	na_spin_unlock(&spin);
	na_might_sleep();
	EXPECT_ASSERT("is_mine", na_spin_assert_held(&spin));
}

/* --- assertions --- */

/* kills: an assertion that is a statement only; a condition evaluated twice */
static void assert_evaluates_to_truth(void)
{
	int calls = 0;
	bool is_true = true;

	EXPECT(NA_ASSERT(++calls));
	EXPECT_EQ(calls, 1);
	EXPECT_SAFE("calls > 1", is_true = NA_ASSERT(calls > 1));
	EXPECT(!is_true);
	EXPECT(NA_CHECK(4) == 1);
	EXPECT(!NA_CHECK(calls > 1));
}

static bool refuses(const char *file, int line, const char *cond)
{
	(void)file;
	(void)line;
	(void)cond;
	return false;
}

/* A process of its own: what does it say, and does it abort? */
static int run_assert(na_assert_hook_t hook, char *said, size_t size)
{
	int fds[2], status = 0;
	ssize_t len;
	pid_t pid;

	EXPECT(!pipe(fds));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		na_assert_hook = hook;
		(void)NA_ASSERT(1 > 2);
		_exit(0);
	}
	close(fds[1]);
	len = read(fds[0], said, size - 1);
	said[len > 0 ? len : 0] = 0;
	close(fds[0]);
	EXPECT(waitpid(pid, &status, 0) == pid);
	return status;
}

/* kills: a failed assertion that goes on because nobody set a hook */
static void assert_without_hook_aborts(void)
{
	char said[256];
	int status = run_assert(NULL, said, sizeof(said));

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	EXPECT(strstr(said, "platform.c:"));
	EXPECT(strstr(said, "1 > 2"));
}

/* kills: a hook that cannot say no */
static void assert_hook_refuses_aborts(void)
{
	char said[256];
	int status = run_assert(refuses, said, sizeof(said));

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct tap_case cases[] = {
	TAP(list_add_at_both_ends),
	TAP(list_del_in_the_middle),
	TAP(list_del_twice_asserts),
	TAP(list_add_twice_asserts),
	TAP(list_for_each_safe_deletes),
	TAP(list_move_and_splice),
	TAP(atomic_cmpxchg_returns_what_it_found),
	TAP(atomic_add_of_negative),
	TAP(ptr_cmpxchg_keeps_the_first),
	TAP(sort_some_and_none),
	TAP(container_of_member),
	TAP(mutex_knows_its_owner),
	TAP(mutex_lock_twice_asserts),
	TAP(unlock_unheld),
	TAP(sleep_under_spinlock_asserts),
	TAP(assert_evaluates_to_truth),
	TAP(assert_without_hook_aborts),
	TAP(assert_hook_refuses_aborts),
};

TAP_MAIN(cases)
