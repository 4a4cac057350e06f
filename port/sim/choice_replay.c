// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Choices from a schedule, and the schedule's text form.
 */
#include "choice.h"

static const char act_letters[NR_SIM_ACTS] = {
	[SIM_ACT_THREAD] = 'a',
	[SIM_ACT_TLB_FILL] = 'T',
	[SIM_ACT_TLB_EVICT] = 'E',
	[SIM_ACT_FILL] = 'C',
	[SIM_ACT_OWN] = 'M',
	[SIM_ACT_EVICT] = 'W',
	[SIM_ACT_DRAIN] = 'D',
	[SIM_ACT_IPI] = 'I',
	[SIM_ACT_TIMEOUT] = 'Z',
	[SIM_ACT_STORE] = 'S',
};

static const char digits[] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/* --- schedules ------------------------------------------------------------------ */

void sim_schedule_push(struct sim_schedule *s, struct sim_action action)
{
	if (s->nr == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->action = realloc(s->action, s->room * sizeof(*s->action));
		if (!s->action)
			abort();
	}
	s->action[s->nr++] = action;
}

void sim_schedule_copy(struct sim_schedule *to,
		       const struct sim_schedule *from)
{
	u32 i;

	to->nr = 0;
	to->merged = from->merged;
	for (i = 0; i < from->nr; i++)
		sim_schedule_push(to, from->action[i]);
}

void sim_schedule_free(struct sim_schedule *s)
{
	free(s->action);
	memset(s, 0, sizeof(*s));
}

static u32 count_same(const struct sim_schedule *s, u32 at)
{
	u32 n = 1;

	while (at + n < s->nr && !s->action[at + n].b &&
	       s->action[at + n].act == SIM_ACT_THREAD &&
	       s->action[at + n].a == s->action[at].a)
		n++;
	return n;
}

static u32 print_thread(FILE *out, const struct sim_schedule *s, u32 at)
{
	struct sim_action a = s->action[at];
	u32 n;

	if (a.b) {
		fprintf(out, "%c.%c", 'a' + a.a, digits[a.b & 63]);
		return 1;
	}
	n = count_same(s, at);
	if (n > 1)
		fprintf(out, "%u", n);
	fputc('a' + a.a, out);
	return n;
}

void sim_schedule_print(FILE *out, const struct sim_schedule *s)
{
	u32 at = 0;

	if (s->merged)
		fputc('x', out);
	while (at < s->nr) {
		struct sim_action a = s->action[at];

		if (a.act == SIM_ACT_THREAD) {
			at += print_thread(out, s, at);
			continue;
		}
		fprintf(out, "%c%c%c", act_letters[a.act], digits[a.a & 63],
			digits[a.b & 63]);
		at++;
	}
}

static int digit_value(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int parse_thread(const char **text, u32 count, struct sim_schedule *s)
{
	struct sim_action a = { SIM_ACT_THREAD, (u8)(**text - 'a'), 0 };
	int value = 0;

	(*text)++;
	if (**text == '.') {
		value = digit_value((*text)[1]);
		if (value < 0 || count != 1)
			return -1;
		*text += 2;
	}
	a.b = (u8)value;
	while (count--)
		sim_schedule_push(s, a);
	return 0;
}

static int parse_whim(const char **text, struct sim_schedule *s)
{
	const char *c = memchr(act_letters + 1, **text, NR_SIM_ACTS - 1);
	int a, b;

	if (!c)
		return -1;
	a = digit_value((*text)[1]);
	b = a < 0 ? -1 : digit_value((*text)[2]);
	if (b < 0)
		return -1;
	sim_schedule_push(s, (struct sim_action){ (u8)(c - act_letters),
						  (u8)a, (u8)b });
	*text += 3;
	return 0;
}

int sim_schedule_parse(const char *text, struct sim_schedule *s)
{
	unsigned long count;
	char *end;

	s->nr = 0;
	s->merged = *text == 'x';
	text += s->merged;
	while (*text) {
		count = 1;
		if (*text >= '0' && *text <= '9') {
			count = strtoul(text, &end, 10);
			text = end;
			if (!count || count > 1000000)
				return -1;
		}
		if (*text >= 'a' && *text < 'a' + SIM_THREADS_MAX) {
			if (parse_thread(&text, (u32)count, s))
				return -1;
		} else if (parse_whim(&text, s)) {
			return -1;
		}
	}
	return 0;
}

/* --- following one ------------------------------------------------------------------ */

static bool calm_event(const struct na_port *m, struct sim_action *a)
{
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++) {
		if (m->thread[tid].ipi.pending) {
			*a = (struct sim_action){ SIM_ACT_IPI,
				(u8)__builtin_ctz(m->thread[tid].ipi.pending),
				(u8)tid };
			return true;
		}
		*a = (struct sim_action){ SIM_ACT_STORE, (u8)tid, 0 };
		if (sim_is_possible(m, *a))
			return true;
		*a = (struct sim_action){ SIM_ACT_TIMEOUT, (u8)tid, 0 };
		if (sim_is_possible(m, *a))
			return true;
	}
	return false;
}

bool sim_calm_action(const struct na_port *m, struct sim_action *a)
{
	u32 set;

	*a = (struct sim_action){ SIM_ACT_THREAD, sim.last, 0 };
	if (sim_can_run(m, sim.last))
		return true;
	set = sim_runnable(m);
	if (!set)
		return calm_event(m, a);
	a->a = (u8)__builtin_ctz(set);
	return true;
}

static bool next_replay(struct sim_source *src, struct na_port *m,
			struct sim_action *a)
{
	struct sim_replay *r = container_of(src, struct sim_replay, src);

	while (r->at < r->schedule->nr) {
		*a = r->schedule->action[r->at++];
		if (sim_is_possible(m, *a))
			return true;
	}
	return sim_calm_action(m, a);
}

void sim_replay_init(struct sim_replay *r,
		     const struct sim_schedule *schedule)
{
	r->src.next = next_replay;
	r->schedule = schedule;
	sim.merge = schedule->merged;
	r->at = 0;
}
