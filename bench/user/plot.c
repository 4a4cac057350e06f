// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The picture: one column for each number of threads, a group of bars for
 * each case, time to the right on a logarithmic scale. A bar ends at the
 * median and carries it; the thin line spans all rounds. Colours follow the
 * reader's light or dark setting.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "user.h"

#define COLUMN		620
#define LABEL		196
#define PLOT		(COLUMN - LABEL - 76)
#define BAR		12
#define GAP		12
#define HEAD		112
#define DECADES		6

/* Plain classes, no variables: viewers other than browsers know those. */
static const char style[] =
"<style>\n"
"text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#20242a}\n"
".t{font:600 15px system-ui,sans-serif}.h{font:600 13px system-ui,sans-serif}\n"
".s,.g{font:12px system-ui,sans-serif}.s,.x{fill:#5b6470}.e{text-anchor:end}.n{text-anchor:middle}\n"
".bg{fill:#fbfbf9}.r{stroke:#d9dbd6}.v{stroke:#20242a}\n"
".c0{fill:#9aa3ad}.c1{fill:#c9ced4}.c2{fill:#0b6e75}.c3{fill:#e0a03a}.c4{fill:#8a78c8}.c5{fill:#c2604f}\n"
"@media (prefers-color-scheme:dark){\n"
"text{fill:#e6e8ea}.s,.x{fill:#98a1ab}.bg{fill:#15181c}.r{stroke:#2c3138}.v{stroke:#e6e8ea}\n"
".c0{fill:#6d7680}.c1{fill:#434a52}.c2{fill:#2fb5bd}.c3{fill:#b57c1e}.c4{fill:#7363b3}.c5{fill:#ad4a39}\n"
"}\n</style>\n";

struct picture {
	FILE *out;
	unsigned int x;
	unsigned int y;
};

static double place(double ns)
{
	double decades = log10(ns < 1 ? 1 : ns);

	return LABEL + PLOT * (decades > DECADES ? DECADES : decades) /
		       DECADES;
}

static bool is_shown(const struct bench_case *c, unsigned int nr_threads)
{
	return !c->counts_only && c->nr_threads == nr_threads;
}

static unsigned int group_height(const struct bench_case *c)
{
	return (unsigned int)__builtin_popcount(c->mask) * BAR + GAP;
}

static unsigned int column_height(unsigned int nr_threads)
{
	unsigned int i, height = 0;

	for (i = 0; i < cases_nr(); i++)
		if (is_shown(case_at(i), nr_threads))
			height += group_height(case_at(i));
	return height;
}

static void draw_grid(struct picture *p, unsigned int height)
{
	static const char *const labels[DECADES + 1] = {
		"1 ns", "10 ns", "100 ns", "1 us", "10 us", "100 us", "1 ms",
	};
	unsigned int i;
	double x;

	for (i = 0; i <= DECADES; i++) {
		x = p->x + place(pow(10, i));
		fprintf(p->out, "<path class=\"r\" d=\"M%.1f %uV%u\"/><text x=\"%.1f\" y=\"%u\" class=\"n x\">%s</text>\n",
			x, HEAD - 6, HEAD + height, x, HEAD - 12, labels[i]);
	}
}

static void draw_bar(struct picture *p, const struct bench_case *c,
		     unsigned int contender)
{
	double from = place(samples_min(&c->ns[contender]));
	double to = place(samples_max(&c->ns[contender]));
	double median = samples_median(&c->ns[contender]);
	double end = place(median);
	unsigned int mid = p->y + BAR / 2;

	fprintf(p->out, "<rect x=\"%u\" y=\"%u\" width=\"%.1f\" height=\"%u\" class=\"c%u\"/>",
		p->x + LABEL, p->y + 1, end - LABEL, BAR - 2, contender);
	fprintf(p->out, "<path class=\"v\" d=\"M%.1f %uH%.1f\"/>",
		p->x + from, mid, p->x + to);
	fprintf(p->out, "<text x=\"%.1f\" y=\"%u\">%s</text>\n",
		p->x + (to > end ? to : end) + 5, p->y + BAR - 2,
		amount(median));
	p->y += BAR;
}

static void draw_case(struct picture *p, const struct bench_case *c)
{
	unsigned int nr = (unsigned int)__builtin_popcount(c->mask), i;

	fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"g e\">%s</text>\n",
		p->x + LABEL - 8, p->y + nr * BAR / 2 + 4, case_label(c));
	for (i = 0; i < NR_CONTENDERS; i++)
		if (case_has(c, i))
			draw_bar(p, c, i);
	p->y += GAP;
}

static void draw_column(struct picture *p, unsigned int nr_threads,
			unsigned int height)
{
	unsigned int i;

	p->y = HEAD + 4;
	fprintf(p->out, "<text x=\"%u\" y=\"%u\" class=\"h\">%u thread%s</text>\n",
		p->x + 16, HEAD - 12, nr_threads, nr_threads > 1 ? "s" : "");
	draw_grid(p, height);
	for (i = 0; i < cases_nr(); i++)
		if (is_shown(case_at(i), nr_threads))
			draw_case(p, case_at(i));
}

static void draw_head(struct picture *p)
{
	unsigned int i, x = 16;

	fprintf(p->out, "<text x=\"16\" y=\"26\" class=\"t\">Windows in user space: time of a thread an access</text>\n"
		"<text x=\"16\" y=\"46\" class=\"s\">%u frames of %u bytes, %u CPUs; median, with the least and most of %u rounds; logarithmic; shorter is better</text>\n",
		data.nr, FRAME_LEN, setup.nr_cpus, options.nr_rounds);
	for (i = 0; i < NR_CONTENDERS; i++) {
		fprintf(p->out, "<rect x=\"%u\" y=\"60\" width=\"14\" height=\"12\" rx=\"2\" class=\"c%u\"/><text x=\"%u\" y=\"70\" class=\"g\">%s</text>\n",
			x, i, x + 20, contenders[i].label);
		x += 44 + 8 * (unsigned int)strlen(contenders[i].label);
	}
}

void plot_write(const char *path)
{
	unsigned int one = column_height(1), two = column_height(2);
	unsigned int height = (one > two ? one : two) + 4;
	struct picture p = { .out = fopen(path, "w") };

	if (!p.out)
		die("cannot open %s: %s", path, strerror(errno));
	fprintf(p.out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" role=\"img\">\n",
		2 * COLUMN, HEAD + height + 16, 2 * COLUMN,
		HEAD + height + 16);
	fputs(style, p.out);
	fprintf(p.out, "<rect width=\"100%%\" height=\"100%%\" class=\"bg\"/>\n");
	draw_head(&p);
	draw_column(&p, 1, height);
	p.x = COLUMN;
	draw_column(&p, 2, height);
	fprintf(p.out, "</svg>\n");
	if (fclose(p.out))
		die("cannot write %s: %s", path, strerror(errno));
}
