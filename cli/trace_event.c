// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lines of tracefs. They look like
 *
 *	camera-214   [001] .....  17.093652: noalias_convert: pfn=0x1ffe24 nr=1
 *
 * A task chooses its name: it may contain spaces, brackets, anything. Its end
 * is found backwards, from the last " [001] " before the event. An unknown
 * event is printed unchanged.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "color.h"
#include "json_out.h"
#include "trace.h"

#define EVENT		": noalias_"
#define TASK_WIDTH	20
#define NAME_WIDTH	10
#define ERRNO_MAX	4095

/* --- parsing ------------------------------------------------------------------ */

static bool parse_lost(struct trace_event *event, const char *line)
{
	const char *lost = strstr(line, "[LOST ");

	return !strncmp(line, "CPU:", 4) && lost &&
	       sscanf(lost, "[LOST %" SCNu64 " EVENTS]", &event->lost) == 1;
}

static bool has_digits_only(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* "17.093652": strtod() would accept more than JSON does. */
static bool parse_seconds(struct trace_event *event, const char *text)
{
	size_t whole = strspn(text, "0123456789"), part;

	if (!whole || text[whole] != '.')
		return false;
	part = strspn(text + whole + 1, "0123456789");
	if (!part || text[whole + 1 + part] || whole + part > 24)
		return false;
	event->seconds = strtod(text, NULL);
	return true;
}

/* "camera-214" */
static bool parse_task(struct trace_event *event, char *task)
{
	char *dash = strrchr(task, '-');
	char *end;

	if (!dash)
		return false;
	*dash++ = 0;
	dash[strcspn(dash, " ")] = 0;
	if (!has_digits_only(dash) || strlen(dash) > 9)
		return false;
	event->pid = (int)strtol(dash, &end, 10);
	event->comm = task + strspn(task, " ");
	return true;
}

/* "camera-214   [001] ..... 17.093652" */
static bool parse_head(struct trace_event *event, char *head)
{
	char *bracket = NULL, *at, *cpu, *seconds;
	size_t len;

	for (at = head; (at = strstr(at, " [")); at++)
		bracket = at;
	if (!bracket)
		return false;
	*bracket = 0;
	cpu = bracket + 2;
	len = strspn(cpu, "0123456789");
	seconds = strrchr(cpu, ' ');
	if (!len || len > 5 || cpu[len] != ']' || !seconds)
		return false;
	event->cpu = (unsigned int)strtoul(cpu, NULL, 10);
	return parse_seconds(event, seconds + 1) && parse_task(event, head);
}

/* " key=" after a value; spaces within a value are not followed by one. */
static char *find_next_key(char *at)
{
	size_t len;

	for (; (at = strchr(at, ' ')); at++) {
		len = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
		if (len && at[1 + len] == '=')
			return at;
	}
	return NULL;
}

/* False if there are too many. */
static bool parse_fields(struct trace_event *event, char *at)
{
	struct trace_field *field;
	char *next, *equals;
	size_t len;

	while (at) {
		at += strspn(at, " ");
		equals = strchr(at, '=');
		if (!equals)
			return true;
		if (event->nr_fields == TRACE_FIELDS_MAX)
			return false;
		next = find_next_key(equals + 1);
		if (next)
			*next++ = 0;
		*equals = 0;
		field = &event->fields[event->nr_fields++];
		field->key = at;
		field->value = equals + 1;
		len = strlen(equals + 1);
		if (len > 1 && equals[1] == '"' && equals[len] == '"') {
			equals[len] = 0;
			field->value++;
		}
		at = next;
	}
	return true;
}

bool trace_is_ours(const char *line)
{
	return strstr(line, EVENT);
}

bool trace_parse(struct trace_event *event, char *line)
{
	char *name = NULL, *at, *colon;

	memset(event, 0, sizeof(*event));
	if (parse_lost(event, line))
		return true;
	/* The task's name may contain our words; the event comes after it. */
	for (at = line; (at = strstr(at, EVENT)); at++) {
		name = at;
		if (at > line && at[-1] >= '0' && at[-1] <= '9')
			break;
	}
	if (!name)
		return false;
	*name = 0;
	name += strlen(EVENT);
	colon = strchr(name, ':');
	if (!colon || !parse_head(event, line))
		return false;
	*colon = 0;
	event->name = name;
	return parse_fields(event, colon + 1);
}

const char *trace_field(const struct trace_event *event, const char *key)
{
	unsigned int i;

	for (i = 0; i < event->nr_fields; i++)
		if (!strcmp(event->fields[i].key, key))
			return event->fields[i].value;
	return "";
}

/* --- words -------------------------------------------------------------------- */

static uint64_t number(const struct trace_event *event, const char *key)
{
	return strtoull(trace_field(event, key), NULL, 0);
}

/* The name of a task may contain terminal escapes. */
static int print_safe(const char *text)
{
	int width = 0;

	for (; *text; text++)
		if (*text >= ' ' && *text <= '~')
			width += putchar(*text) >= 0;
		else
			width += printf("\\x%02x", (unsigned char)*text);
	return width;
}

static void print_field(const struct trace_event *event, const char *key)
{
	print_safe(trace_field(event, key));
}

static void print_bytes(uint64_t bytes)
{
	if (bytes >= 1 << 20)
		printf("%.1f MiB", (double)bytes / (1 << 20));
	else
		printf("%.0f KiB", (double)bytes / 1024);
}

static void print_time(const struct trace_event *event)
{
	uint64_t ns = number(event, "ns");

	if (*trace_field(event, "ns"))
		printf(", %.1f us", (double)ns / 1000);
}

static void print_result(const struct trace_event *event)
{
	long err = strtol(trace_field(event, "err"), NULL, 10);

	if (err == -EUCLEAN)
		printf(", %squarantined%s", color(COLOR_BAD),
		       color(COLOR_PLAIN));
	else if (err)
		printf(", %sfailed: %s%s", color(COLOR_BAD),
		       err < 0 && err >= -ERRNO_MAX ? strerror((int)-err) :
						      "unknown error",
		       color(COLOR_PLAIN));
}

static void print_run(const struct trace_event *event)
{
	uint64_t nr = number(event, "nr"), runs = number(event, "runs");

	printf("%" PRIu64 " frame%s from ", nr, nr == 1 ? "" : "s");
	print_field(event, "pfn");
	if (runs > 1)
		printf(" in %" PRIu64 " runs", runs);
}

static void say_alloc(const struct trace_event *event)
{
	if (number(event, "id"))
		printf("buffer %" PRIu64 ": ", number(event, "id"));
	print_bytes(number(event, "len"));
	putchar(' ');
	print_field(event, "type");
	fputs(" of ", stdout);
	print_field(event, "heap");
}

static void say_free(const struct trace_event *event)
{
	say_alloc(event);
	fputs(", made by process ", stdout);
	print_field(event, "owner");
}

static void say_convert(const struct trace_event *event)
{
	print_field(event, "from");
	fputs(" -> ", stdout);
	print_field(event, "to");
	fputs(": ", stdout);
	print_run(event);
}

static void say_purge(const struct trace_event *event)
{
	uint64_t hits = number(event, "hits"), left = number(event, "left");

	print_run(event);
	printf(", %s%" PRIu64 " stale%s", color(hits ? COLOR_WARN :
					       COLOR_PLAIN),
	       hits, color(COLOR_PLAIN));
	if (left)
		printf(", %s%" PRIu64 " in use%s", color(COLOR_BAD), left,
		       color(COLOR_PLAIN));
}

static void say_kmap_purge(const struct trace_event *event)
{
	printf("kmap pool: %" PRIu64 " entries before, %" PRIu64 " after",
	       number(event, "before"), number(event, "after"));
}

static void say_tlb_flush(const struct trace_event *event)
{
	printf("on %" PRIu64 " CPUs", number(event, "cpus"));
}

static void say_call(const struct trace_event *event)
{
	print_field(event, "name");
	printf("(%" PRIu64 " pages) by ", number(event, "nr"));
	print_field(event, "caller");
}

static void say_refusal(const struct trace_event *event)
{
	print_field(event, "field");
	fputs(" is ", stdout);
	print_field(event, "value");
	fputs(", allowed: ", stdout);
	print_field(event, "limit");
}

static void say_fields(const struct trace_event *event)
{
	unsigned int i;

	for (i = 0; i < event->nr_fields; i++) {
		fputs(i ? " " : "", stdout);
		print_safe(event->fields[i].key);
		putchar('=');
		print_safe(event->fields[i].value);
	}
}

static const struct sentence {
	const char *name;
	void (*say)(const struct trace_event *event);
} sentences[] = {
	{ "alloc", say_alloc },
	{ "free", say_free },
	{ "convert", say_convert },
	{ "purge", say_purge },
	{ "kmap_purge", say_kmap_purge },
	{ "tlb_flush", say_tlb_flush },
	{ "call", say_call },
	{ "refusal", say_refusal },
};

static const struct sentence *find_sentence(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (!strcmp(name, sentences[i].name))
			return &sentences[i];
	return NULL;
}

void trace_print_text(const struct trace_event *event, double start)
{
	const struct sentence *sentence;
	int width;

	if (event->lost) {
		printf("%s%" PRIu64 " events were lost here%s\n",
		       color(COLOR_WARN), event->lost, color(COLOR_PLAIN));
		return;
	}
	printf("%s%11.6f%s  ", color(COLOR_DIM), event->seconds - start,
	       color(COLOR_PLAIN));
	width = print_safe(event->comm) + printf("-%d", event->pid);
	printf("%*s  %s", width < TASK_WIDTH ? TASK_WIDTH - width : 0, "",
	       color(COLOR_BOLD));
	width = print_safe(event->name);
	printf("%*s%s  ", width < NAME_WIDTH ? NAME_WIDTH - width : 0, "",
	       color(COLOR_PLAIN));
	sentence = find_sentence(event->name);
	if (sentence) {
		sentence->say(event);
		print_time(event);
		print_result(event);
	} else {
		say_fields(event);
	}
	putchar('\n');
}

/* --- JSON ----------------------------------------------------------------------- */

static bool is_plain_number(const char *text)
{
	return has_digits_only(text) && strlen(text) < 20;
}

static void put_field(struct json_out *out, const struct trace_field *field)
{
	if (is_plain_number(field->value))
		put_number(out, field->key, strtoull(field->value, NULL, 10));
	else if (!strcmp(field->key, "err"))
		put_real(out, field->key,
			 (double)strtol(field->value, NULL, 10), 0);
	else
		put_text(out, field->key, field->value);
}

void trace_print_json(const struct trace_event *event)
{
	struct json_out out = { .file = stdout };
	unsigned int i;

	put_open(&out, NULL, '{');
	if (event->lost) {
		put_number(&out, "lost", event->lost);
		put_end(&out, '}');
		return;
	}
	put_real(&out, "time", event->seconds, 6);
	put_text(&out, "event", event->name);
	put_text(&out, "task", event->comm);
	put_number(&out, "task_pid", (uint64_t)event->pid);
	put_number(&out, "cpu", event->cpu);
	for (i = 0; i < event->nr_fields; i++)
		put_field(&out, &event->fields[i]);
	put_end(&out, '}');
}
