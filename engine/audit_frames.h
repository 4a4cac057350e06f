/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The types with which each frame is mapped: a byte for each frame, in chunks
 * of 1024 frames that are allocated on demand and kept in a hash table by number.
 *
 * A byte has a bit for each type, and NA_FRAME_WANTED. Most chunks have one or
 * two different bytes: nothing is kept for the frames of the first, a bit for
 * each of the second. Uncached pages that are scattered over all memory take
 * 1/32768 of it so. Frames in conflict make a third byte, and then a chunk has
 * one for each frame: 1/4096. A frame takes the same room however often it is
 * mapped.
 */
#ifndef NA_ENGINE_AUDIT_FRAMES_H
#define NA_ENGINE_AUDIT_FRAMES_H

#include <noalias/audit_port.h>

/** NA_CHUNK_FRAMES - number of frames of a chunk. */
#define NA_CHUNK_FRAMES NA_AUDIT_CHUNK

/**
 * enum na_audit_form - how a chunk keeps its bytes
 * @NA_FORM_ONE: all frames have @all; there is no map
 * @NA_FORM_TWO: frames have @other where a bit of @map is set, otherwise @all
 * @NA_FORM_EACH: @map has a byte for each
 */
enum na_audit_form {
	NA_FORM_ONE,
	NA_FORM_TWO,
	NA_FORM_EACH,
};

/**
 * struct na_audit_chunk - types of consecutive frames; initialized to zeroes
 * @map: bits or bytes of the frames, or NULL
 * @all: a byte
 * @other: a byte
 * @form: enum na_audit_form
 */
struct na_audit_chunk {
	u8 *map;
	u8 all;
	u8 other;
	u8 form;
};

/**
 * struct na_audit_frames - all chunks; initialized to zeroes
 * @keys: hash table, at least half of it 0: na_audit_chunk_key() of the chunk.
 *	Apart from @slots, so that the many lookups of frames that have no chunk
 *	stay in the CPU's cache
 * @slots: the chunk of each key
 * @nr: number of chunks
 * @nr_slots: 0 or a power of two
 */
struct na_audit_frames {
	u32 *keys;
	struct na_audit_chunk *slots;
	u32 nr;
	u32 nr_slots;
};

/** na_audit_frames_fini() - free all chunks. */
void na_audit_frames_fini(struct na_audit_frames *frames,
			  struct na_port *port);

/** na_audit_frames_marks() - has this frame a bit? Context: any. */
bool na_audit_frames_marks(const struct na_audit_frames *frames,
			   unsigned long frame);

/** na_audit_frames_has() - is there a chunk for this frame? Context: any. */
bool na_audit_frames_has(const struct na_audit_frames *frames,
			 unsigned long frame);

/**
 * na_audit_frames_add() - set bits of frames @first up to @end
 * @frames: frames
 * @port: instance
 * @first: frame
 * @end: frame after the last, all of one chunk
 * @bits: bits to set
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int na_audit_frames_add(struct na_audit_frames *frames, struct na_port *port,
			unsigned long first, unsigned long end, u8 bits);

/**
 * na_audit_frames_join() - set bits of frames that have one already
 *
 * Parameters as na_audit_frames_add(), of any number of chunks. Context: may
 * sleep. Return: 0 or -ENOMEM.
 */
int na_audit_frames_join(struct na_audit_frames *frames, struct na_port *port,
			 unsigned long first, unsigned long end, u8 bits);

/**
 * na_audit_frames_get() - bits of a frame
 * @frames: frames
 * @first: frame
 * @end: frame after the last that is of interest
 * @next: receives the first frame after @first that may have other bits, @end
 *	at most
 *
 * Context: any.
 */
u8 na_audit_frames_get(const struct na_audit_frames *frames,
		       unsigned long first, unsigned long end,
		       unsigned long *next);

/**
 * na_audit_frames_any() - is there a byte like that?
 * @frames: frames
 * @is: says so of a byte
 *
 * Also a byte that the last of its frames has changed may be asked about.
 * Context: any.
 */
bool na_audit_frames_any(const struct na_audit_frames *frames,
			 bool (*is)(u8 byte));

/** na_audit_frames_count() - number of frames with a bit set. Context: any. */
u64 na_audit_frames_count(const struct na_audit_frames *frames);

/** na_chunk_end() - first frame of the next chunk, or @end if it is nearer. */
static inline unsigned long na_chunk_end(unsigned long frame,
					 unsigned long end)
{
	unsigned long next = (frame | (NA_CHUNK_FRAMES - 1)) + 1;

	/* The end of the very last chunk overflows to 0. */
	return next > frame && next < end ? next : end;
}

#endif
