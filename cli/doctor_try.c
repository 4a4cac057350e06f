// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Test of each heap of the module: a page is allocated as programs do it,
 * queried, mapped, written, read, and freed.
 */
#include <stdint.h>
#include <stdio.h>

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>

#include "doctor.h"
#include "file.h"

static void failed(struct doctor *doctor, const struct doctor_heap *heap,
		   const char *what)
{
	doctor_add(doctor, "tried", FINDING_PROBLEM, "%s: %s: %s", heap->node,
		   what, noalias_error_message());
}

/* --- the page ---------------------------------------------------------------- */

static const char *look_into(volatile uint32_t *words, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (words[i])
			return "is not zeroed";
	for (i = 0; i < nr; i++)
		words[i] = (uint32_t)i * 0x9e3779b1u + 1;
	for (i = 0; i < nr; i++)
		if (words[i] != (uint32_t)i * 0x9e3779b1u + 1)
			return "does not keep what is written";
	return NULL;
}

/* Return: does the page behave as memory? If not, a finding was added. */
static bool try_mapping(struct doctor *doctor, const struct doctor_heap *heap,
			struct noalias_buffer *buffer)
{
	const char *wrong;
	void *address;

	if (noalias_buffer_map(buffer, NOALIAS_READ_WRITE, &address)) {
		failed(doctor, heap, "a page cannot be mapped");
		return false;
	}
	wrong = look_into(address, 1024);
	noalias_buffer_unmap(buffer, address);
	if (wrong)
		doctor_add(doctor, "tried", FINDING_PROBLEM,
			   "%s: a page %s", heap->node, wrong);
	return !wrong;
}

/*
 * --- type and promise
 * ----------------------------------------------------------
 */

static void judge(struct doctor *doctor, struct doctor_heap *heap,
		  const struct noalias_buffer_info *info)
{
	const char *type = noalias_memtype_name(info->memtype);
	const char *promise = noalias_promise_name(info->promise);
	struct finding *finding;

	heap->is_tried = true;
	if (info->memtype == NOALIAS_MEMTYPE_UNKNOWN || !info->id) {
		doctor_add(doctor, "tried", FINDING_NOTE,
			   "%s: a page was allocated; its type cannot be queried without /dev/noalias",
			   heap->node);
	} else if (info->memtype != heap->memtype ||
		   info->promise < NOALIAS_PROMISE_BEST_EFFORT) {
		heap->promise = NOALIAS_PROMISE_NONE;
		finding = doctor_add(doctor, "tried", FINDING_PROBLEM,
				     "%s: a page was allocated and is %s, promise: %s; it should be %s",
				     heap->node, type, promise,
				     noalias_memtype_name(heap->memtype));
		finding_remedy(finding, "report it, with the output of noalias doctor --json and of dmesg");
	} else {
		heap->promise = info->promise;
		doctor_add(doctor, "tried",
			   info->promise == NOALIAS_PROMISE_GUARANTEED ?
			   FINDING_OK : FINDING_NOTE,
			   "%s: a page was allocated, is %s, promise: %s, was written, read and freed",
			   heap->node, type, promise);
	}
}

static void try_buffer(struct doctor *doctor, struct doctor_heap *heap,
		       struct noalias_buffer *buffer)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	if (!try_mapping(doctor, heap, buffer))
		return;
	if (noalias_buffer_query(buffer, &info))
		failed(doctor, heap, "a page cannot be queried");
	else
		judge(doctor, heap, &info);
}

static void try_heap(struct doctor *doctor, struct doctor_heap *heap)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *opened;

	if (noalias_heap_open(heap->node, 0, &opened)) {
		failed(doctor, heap, "cannot be opened");
		return;
	}
	if (noalias_buffer_alloc(opened, 4096, &buffer)) {
		failed(doctor, heap, "a page cannot be allocated");
	} else {
		try_buffer(doctor, heap, buffer);
		noalias_buffer_close(buffer);
	}
	noalias_heap_close(opened);
}

void doctor_check_heaps(struct doctor *doctor)
{
	size_t i;

	/* With --sysroot there is no machine to test. */
	if (file_has_sysroot())
		return;
	for (i = 0; i < DOCTOR_HEAPS; i++)
		if (doctor->heaps[i].dev && *doctor->heaps[i].node)
			try_heap(doctor, &doctor->heaps[i]);
}
