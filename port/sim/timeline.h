/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: timeline
 *
 * A readable record of events by CPU. Recorded only while sim.tracing is set,
 * in a run that is replayed to be shown.
 */
#ifndef SIM_TIMELINE_H
#define SIM_TIMELINE_H

#include <stdio.h>

#include "sched.h"

enum sim_event_kind {
	SIM_EV_CALL,		/* a call of the scenario begins */
	SIM_EV_STEP,		/* something a thread did */
	SIM_EV_WHIM,		/* something the hardware did by itself */
	SIM_EV_FAIL,		/* the invariant breaks */
};

/** struct sim_view - one frame as the hardware has it. */
struct sim_view {
	u8 state, type;		/* by the ledger */
	u8 mem[SIM_WORDS];
	u8 line[SIM_CPUS_MAX];	/* 0 none, 1 clean, 2 dirty */
	u8 line_word[SIM_CPUS_MAX][SIM_WORDS];
	u8 wc_mask[SIM_CPUS_MAX];
	u8 wc_word[SIM_CPUS_MAX][SIM_WORDS];
};

struct sim_event {
	u64 step;
	enum sim_event_kind kind;
	u8 col;			/* CPU; nr_cpus: the device */
	s8 from;		/* CPU that asked, for an interrupt; else -1 */
	u32 frames;
	char text[104];
	struct sim_view view[SIM_FRAMES_MAX]; /* after the step */
};

struct sim_timeline {
	struct sim_event *event;
	u32 nr, room;
	u32 nr_viewed;
	u32 nr_cpus, nr_frames, nr_low;
};

extern struct sim_timeline sim_timeline;

/** sim_note() - the current thread did something with @frames. */
#define sim_note(frames, ...)						\
	do {								\
		if (unlikely(sim.tracing))				\
			sim_timeline_note(frames, __VA_ARGS__);		\
	} while (0)

__attribute__((format(printf, 2, 3)))
void sim_timeline_note(u32 frames, const char *fmt, ...);
void sim_timeline_call(const char *text);
/** sim_timeline_device() - the last event was caused by the device. */
void sim_timeline_device(struct na_port *m);
/** sim_timeline_action() - before @action happens. */
void sim_timeline_action(struct na_port *m, struct sim_action action);
/** sim_timeline_step_end() - the state after the step belongs to its events. */
void sim_timeline_step_end(struct na_port *m);
/** sim_timeline_fail() - the verdict as the last event. */
void sim_timeline_fail(struct na_port *m);
void sim_timeline_begin(struct na_port *m);
void sim_timeline_free(void);
/** sim_timeline_word() - a shared word is about to change. */
void sim_timeline_word(const na_atomic32_t *v, u32 value, const char *where);

/** sim_word_op(), sim_word_frames() - is the word the ledger's, of whom? */
enum sim_op sim_word_op(const void *v);
u32 sim_word_frames(const void *v);

/** sim_timeline_print() - as text; @all: not only what concerns the blamed. */
void sim_timeline_print(FILE *out, u32 focus, bool all, bool color);
/** sim_timeline_focus() - the frame to follow: blamed, else most touched. */
u32 sim_timeline_focus(void);
/** sim_timeline_keeps() - does the event belong into a picture of @focus? */
bool sim_timeline_keeps(const struct sim_event *ev, u32 focus);
/** sim_view_describe() - "memory 0 7 · CPU 1 dirty 0 0". */
const char *sim_view_describe(const struct sim_view *view, u32 nr_cpus);
/** sim_svg_write() - as a picture. Return: 0 or -1. */
int sim_svg_write(const char *path, u32 focus, const char *title,
		  const char *id);

#endif
