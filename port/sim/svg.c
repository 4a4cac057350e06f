// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timeline as a picture. One lane for each CPU and one for the device; time
 * runs downwards; whims of the hardware are dashed and in another colour; the
 * failing step is red. To the right the frame in focus: its state in the
 * ledger, memory, and each CPU's cache and WC buffer. Colours follow the
 * reader's light or dark setting.
 */
#include "timeline.h"

#define GUTTER 52
#define LANE 232
#define CARD (LANE - 14)
#define LINE_CHARS 31
#define LINES_MAX 5
#define LINE_HEIGHT 14
#define CELL 60
#define LEDGER_CELL 96
#define HEAD 118

/* Plain classes, no variables: viewers other than browsers know those. */
static const char style[] =
"<style>\n"
"text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#20242a}\n"
".bg{fill:#fbfbf9}.mem{fill:#dfe6ee}.wb{fill:#e9ecef}.uc{fill:#bfe3c8}\n"
".dirty{fill:#f4b860}.clean{fill:#f8e7c6}.wc{fill:#cdb7f0}.sw{stroke:#c9ccc6}\n"
".t{font:600 15px system-ui,sans-serif}.h{font:600 12px system-ui,sans-serif}\n"
".s{font:12px system-ui,sans-serif;fill:#5b6470}.d{fill:#6b7280}.n{text-anchor:middle}\n"
".c{fill:#2f4b8f;font-weight:600}.w{fill:#0b5e64}.f{fill:#a1201a;font-weight:600}\n"
".k{fill:#fff;stroke:#c9ccc6}.kw{fill:#e2f3f3;stroke:#0b6e75;stroke-dasharray:4 3}\n"
".kf{fill:#fde7e4;stroke:#b3261e;stroke-width:2}.r{stroke:#d9dbd6}\n"
".a{stroke:#0b6e75;stroke-width:1.5;fill:none}.m{fill:#0b6e75}\n"
"@media (prefers-color-scheme:dark){\n"
"text{fill:#e6e8ea}.bg{fill:#15181c}.mem{fill:#2d3845}.wb{fill:#2a2f36}\n"
".uc{fill:#1f5a35}.dirty{fill:#a8691a}.clean{fill:#5a4722}.wc{fill:#56418a}\n"
".sw{stroke:#3a414a}.s,.d{fill:#98a1ab}.c{fill:#9db6f5}.w{fill:#8be0e4}\n"
".f{fill:#ff9d94}.k{fill:#1e2329;stroke:#3a414a}.kw{fill:#143237;stroke:#6fd3d8}\n"
".kf{fill:#4a1f1c;stroke:#ff8a80}.r{stroke:#2c3138}.a{stroke:#6fd3d8}.m{fill:#6fd3d8}\n"
"}\n</style>\n"
"<defs><marker id=\"m\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
"<path d=\"M0 0 8 4 0 8z\" class=\"m\"/></marker></defs>\n";

struct picture {
	FILE *out;
	u32 focus, y, state_x, width, height;
	bool used[SIM_CPUS_MAX + 1];
	u32 lane_x[SIM_CPUS_MAX + 1];
	struct sim_view shown;
	bool any;
};

static void escape(FILE *out, const char *text, size_t len)
{
	for (; len && *text; text++, len--) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

/* Breaks @text at spaces. Returns the number of lines. */
static u32 wrap(const char *text, const char *line[LINES_MAX],
		size_t len[LINES_MAX])
{
	u32 nr = 0;
	size_t n;

	while (*text && nr < LINES_MAX) {
		n = strlen(text);
		if (n > LINE_CHARS) {
			for (n = LINE_CHARS; n && text[n] != ' ';)
				n--;
			n = n ? n : LINE_CHARS;
		}
		line[nr] = text;
		len[nr++] = n;
		text += n;
		while (*text == ' ')
			text++;
	}
	return nr;
}

static bool is_drawn(const struct picture *p, const struct sim_event *ev)
{
	return sim_timeline_keeps(ev, p->focus) && p->used[ev->col];
}

/* --- head ------------------------------------------------------------------- */

static void swatch(struct picture *p, u32 x, const char *color,
		   const char *label)
{
	fprintf(p->out, "<rect x=\"%u\" y=\"58\" width=\"14\" height=\"12\" rx=\"2\" class=\"%s sw\"/>"
		"<text x=\"%u\" y=\"68\" class=\"s\">%s</text>\n", x, color,
		x + 20, label);
}

static void draw_head(struct picture *p, const char *title)
{
	u32 col, x = p->state_x;

	fprintf(p->out, "<text x=\"16\" y=\"26\" class=\"t\">");
	escape(p->out, title, (size_t)(p->width - 40) / 8);
	fprintf(p->out, "</text>\n<text x=\"16\" y=\"46\" class=\"s\">time runs down; frame %u (%s memory) is followed on the right</text>\n",
		p->focus, p->focus < sim_timeline.nr_low ? "low" : "high");
	swatch(p, 16, "k", "a thread's step");
	swatch(p, 140, "kw", "hardware, by itself");
	swatch(p, 290, "dirty", "dirty line");
	swatch(p, 380, "clean", "clean line");
	swatch(p, 470, "wc", "WC buffer");
	for (col = 0; col <= sim_timeline.nr_cpus; col++) {
		if (!p->used[col])
			continue;
		fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"h\">", p->lane_x[col],
			HEAD - 14);
		if (col < sim_timeline.nr_cpus)
			fprintf(p->out, "CPU %u</text>\n", col);
		else
			fprintf(p->out, "device</text>\n");
	}
	fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"h\">ledger</text><text x=\"%u\" y=\"%u\" class=\"h n\">memory</text>\n",
		x, HEAD - 14, x + LEDGER_CELL + CELL / 2, HEAD - 14);
	for (col = 0; col < sim_timeline.nr_cpus; col++)
		fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"s n\">cache %u</text><text x=\"%u\" y=\"%u\" class=\"s n\">WC %u</text>\n",
			x + LEDGER_CELL + CELL + 2 * col * CELL + CELL / 2,
			HEAD - 14, col,
			x + LEDGER_CELL + 2 * CELL + 2 * col * CELL + CELL / 2,
			HEAD - 14, col);
}

/* --- the frame's state --------------------------------------------------------- */

static void cell(struct picture *p, u32 x, u32 width, u32 height,
		 const char *color, const char *text)
{
	fprintf(p->out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" class=\"%s\"/>",
		x + 1, p->y, width - 2, height, color);
	if (*text)
		fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"n\">%s</text>",
			x + width / 2, p->y + 15, text);
	fputc('\n', p->out);
}

static const char *words(const u8 *word, u8 mask)
{
	static char buf[4 * SIM_WORDS + 1];
	size_t at = 0;
	u32 i;

	for (i = 0; i < SIM_WORDS; i++)
		at += (size_t)(mask >> i & 1 ?
			snprintf(buf + at, sizeof(buf) - at, "%s%u",
				 i ? " " : "", word[i]) :
			snprintf(buf + at, sizeof(buf) - at, "%s·",
				 i ? " " : ""));
	return buf;
}

static void draw_cpu_state(struct picture *p, const struct sim_view *v,
			   u32 cpu, u32 height, bool say)
{
	u32 x = p->state_x + LEDGER_CELL + CELL + 2 * cpu * CELL;

	if (v->line[cpu])
		cell(p, x, CELL, height, v->line[cpu] == 2 ? "dirty" : "clean",
		     say ? words(v->line_word[cpu], 0xff) : "");
	if (v->wc_mask[cpu])
		cell(p, x + CELL, CELL, height, "wc",
		     say ? words(v->wc_word[cpu], v->wc_mask[cpu]) : "");
}

static void draw_state(struct picture *p, const struct sim_view *v,
		       u32 height)
{
	static const char *const states[] = {
		"system", "claimed", "buffer", "lent", "quarantine",
	};
	bool say = !p->any || memcmp(v, &p->shown, sizeof(*v));
	char text[32] = "";
	u32 cpu;

	if (say)
		snprintf(text, sizeof(text), "%s %s", states[v->state],
			 na_memtype_name((enum na_memtype)v->type));
	cell(p, p->state_x, LEDGER_CELL, height,
	     v->type == NA_WB ? "wb" : "uc", text);
	cell(p, p->state_x + LEDGER_CELL, CELL, height, "mem",
	     say ? words(v->mem, 0xff) : "");
	for (cpu = 0; cpu < sim_timeline.nr_cpus; cpu++)
		draw_cpu_state(p, v, cpu, height, say);
	p->shown = *v;
	p->any = true;
}

/* --- events ------------------------------------------------------------------------ */

static void draw_arrow(struct picture *p, const struct sim_event *ev)
{
	u32 from, to, y = p->y + 12;

	if (ev->from < 0 || !p->used[(u32)ev->from])
		return;
	from = p->lane_x[(u32)ev->from];
	to = p->lane_x[ev->col];
	if (from < to)
		from += CARD;
	else
		to += CARD;
	fprintf(p->out, "<path class=\"a\" marker-end=\"url(#m)\" d=\"M%u %uH%u\"/>\n", from, y, to);
}

static void draw_event(struct picture *p, const struct sim_event *ev)
{
	static const char *const card[] = { NULL, "k", "kw", "kf" };
	static const char *const ink[] = { "c", "", "w", "f" };
	const char *line[LINES_MAX];
	size_t len[LINES_MAX];
	u32 nr = wrap(ev->text, line, len), i, x = p->lane_x[ev->col];
	u32 height = nr * LINE_HEIGHT + 8;

	draw_state(p, &ev->view[p->focus], height + 6);
	if (card[ev->kind])
		fprintf(p->out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"4\" class=\"%s\"/>\n",
			x, p->y, CARD, height, card[ev->kind]);
	fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"d\" text-anchor=\"end\">%llu</text>\n",
		GUTTER - 10, p->y + 15, ev->step);
	for (i = 0; i < nr; i++) {
		fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"%s\">", x + 7,
			p->y + 15 + i * LINE_HEIGHT, ink[ev->kind]);
		escape(p->out, line[i], len[i]);
		fprintf(p->out, "</text>\n");
	}
	draw_arrow(p, ev);
	p->y += height + 6;
}

static u32 measure(struct picture *p)
{
	const char *line[LINES_MAX];
	size_t len[LINES_MAX];
	u32 i, height = HEAD;

	for (i = 0; i < sim_timeline.nr; i++)
		if (is_drawn(p, &sim_timeline.event[i]))
			height += wrap(sim_timeline.event[i].text, line, len) *
				  LINE_HEIGHT + 14;
	return height;
}

static void lay_out(struct picture *p)
{
	u32 i, col, x = GUTTER;

	for (i = 0; i < sim_timeline.nr; i++) {
		const struct sim_event *ev = &sim_timeline.event[i];

		if (ev->from < 0 && sim_timeline_keeps(ev, p->focus))
			p->used[ev->col] = true;
	}
	for (col = 0; col <= sim_timeline.nr_cpus; col++) {
		p->lane_x[col] = x;
		x += p->used[col] ? LANE : 0;
	}
	p->state_x = x + 8;
	p->width = p->state_x + LEDGER_CELL + CELL +
		   2 * CELL * sim_timeline.nr_cpus + 16;
	p->height = measure(p) + 40;
}

int sim_svg_write(const char *path, u32 focus, const char *title,
		  const char *id)
{
	struct picture p = { .focus = focus, .y = HEAD };
	u32 i, col;

	p.out = fopen(path, "w");
	if (!p.out)
		return -1;
	lay_out(&p);
	fprintf(p.out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" role=\"img\">\n",
		p.width, p.height, p.width, p.height);
	fputs(style, p.out);
	fprintf(p.out, "<rect width=\"100%%\" height=\"100%%\" class=\"bg\"/>\n");
	draw_head(&p, title);
	for (col = 0; col <= sim_timeline.nr_cpus; col++)
		if (p.used[col])
			fprintf(p.out, "<path class=\"r\" d=\"M%u %uV%u\"/>\n",
				p.lane_x[col] - 7, HEAD - 8, p.height - 36);
	for (i = 0; i < sim_timeline.nr; i++)
		if (is_drawn(&p, &sim_timeline.event[i]))
			draw_event(&p, &sim_timeline.event[i]);
	fprintf(p.out, "<text x=\"16\" y=\"%u\" class=\"s\">replay: ", p.height - 14);
	escape(p.out, id, (size_t)p.width / 7);
	fprintf(p.out, "</text>\n</svg>\n");
	return fclose(p.out) ? -1 : 0;
}
