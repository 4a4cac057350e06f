// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: results as JSON and as text, which the command's writers make of them.
 */
#include "audit_world.h"

#include <stdlib.h>

#include "report.h"
#include "color.h"

enum format { TEXT, JSON };

/* What was printed last. */
static struct text {
	char *text;
	size_t len;
} out;

static const char *print(const struct na_audit_result *r, enum format format)
{
	struct report report = { .result = *r };
	FILE *file;

	free(out.text);
	file = open_memstream(&out.text, &out.len);
	EXPECT(file && color_choose("never"));
	if (format == JSON)
		report_print_json(&report, false, file);
	else
		report_print_text(&report, file);
	EXPECT(!fclose(file));
	return out.text;
}

/* What a reader that we did not write makes of it. */
static void expect_python(const char *expression)
{
	char command[1024];
	FILE *python;

	snprintf(command, sizeof(command),
		 "python3 -c 'import json,sys\n"
		 "d=json.loads(sys.stdin.buffer.read().decode(\"utf-8\"))\n"
		 "sys.exit(not (%s))'", expression);
	python = popen(command, "w");
	EXPECT(python);
	fwrite(out.text, 1, out.len, python);
	EXPECT_EQ(pclose(python), 0);
}

/* kills: a comma too many or too few, with no conflict, one, and two */
static void json_is_well_formed(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	show(VMALLOC, 0, 100, 1, NA_AUDIT_UC);
	for (i = 0; i < 3; i++) {
		r = audit();
		print(r, JSON);
		expect_python("d[\"noalias_audit\"] == 1 and d[\"cut\"] == []");
		EXPECT_EQ(r->nr_conflicts, i);
		na_audit_result_destroy(r);
		show(CAMERA, i, 100 + 5 * i, 1, NA_AUDIT_WB);
		show(INIT, i, 105 + 5 * i, 1, NA_AUDIT_UC);
		tables.nr_shown -= i == 2;
	}
	end(NULL);
}

/* kills: a field left out, or taken from the wrong party */
static void json_says_all(void)
{
	struct na_audit_result *r;

	begin();
	show(KMAP, 0x11, 1500, 2, NA_AUDIT_WB);
	show(CAMERA, 0xb7000, 1500, 2, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	r = audit();
	print(r, JSON);
	expect_python("len(d[\"conflicts\"]) == 1 and "
		      "d[\"frames\"][\"alias\"][\"ram\"] == 2 and "
		      "d[\"seen\"][\"walks\"] == 3");
	expect_python("[d[\"conflicts\"][0][k] for k in "
		      "(\"grade\",\"kind\",\"first_frame\",\"nr_frames\")] == "
		      "[\"alias\",\"ram\",1500,2]");
	expect_python("[d[\"conflicts\"][0][\"parties\"][0][k] for k in "
		      "(\"space\",\"type\",\"entry\",\"va\",\"va_end\",\"pid\","
		      "\"comm\",\"perms\",\"name\")] == [\"process\",\"UC\","
		      "\"UC-\",\"0xb7000000\",\"0xb7002000\",106,\"task6\","
		      "\"rw-s\",\"/dmabuf:frame\"]");
	expect_python("[d[\"conflicts\"][0][\"parties\"][1][k] for k in "
		      "(\"space\",\"type\",\"slot\")] == [\"kmap\",\"WB\",17]");
	end(r);
}

static struct na_audit_result *audit_named(const char *name)
{
	begin();
	tables.name = name;
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show(VIEWER, 9, 7, 1, NA_AUDIT_UC);
	return audit();
}

static void expect_name(const char *name, const char *python)
{
	struct na_audit_result *r;
	char expression[256];

	r = audit_named(name);
	print(r, JSON);
	snprintf(expression, sizeof(expression),
		 "d[\"conflicts\"][0][\"parties\"][0][\"name\"] == %s", python);
	expect_python(expression);
	end(r);
}

/* kills: any byte of a name that gets out of its string */
static void json_hostile_names(void)
{
	char every[96];
	int i;

	expect_name("a\"},{\\", "\"a\\\"},{\\\\\"");
	expect_name("\n\r\t\x1b[2J\x7f", "\"\\n\\r\\t\\x1b[2J\\x7f\"");
	/* Well-formed UTF-8 of two, three and four bytes stays. */
	expect_name("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
		    "\"\\u00e4\\u20ac\\U0001f427\"");
	/* Overlong, surrogate, too large, cut short, stray. */
	expect_name("\xc0\xaf.\xe0\x80\xaf.\xed\xa0\x80.\xf4\x90\x80\x80",
		    "\"?? . ??? . ??? . ????\".replace(\" \",\"\")"
		    ".replace(\"?\",\"\\ufffd\")");
	expect_name("\xf5\x80\x80\x80",
		    "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect_name("\xe2\x82", "\"\\ufffd\\ufffd\"");
	expect_name("\xff\x80z", "\"\\ufffd\\ufffdz\"");
	for (i = 1; i < 256; i += 90) {
		snprintf(every, sizeof(every), "%*s", 90, "");
		for (int j = 0; j < 90 && i + j < 256; j++)
			every[j] = (char)(i + j);
		expect_name(every, "d[\"conflicts\"][0][\"parties\"][0]"
			    "[\"name\"]");
	}
}

/* kills: a control character above 0x7f that reaches a terminal as it is */
static void json_hides_c1(void)
{
	struct na_audit_result *r;

	/* U+0080, U+009F, and U+00A0, which is none. */
	r = audit_named("\xc2\x80\xc2\x9f\xc2\xa0");
	print(r, JSON);
	EXPECT(strstr(out.text, "\"\\u0080\\u009f\xc2\xa0\""));
	end(r);
}

/* kills: what cannot be seen known to the manual only */
static void output_says_what_is_not_seen(void)
{
	static const char last[] =
		"the direct map of memory that devices bring along";
	struct na_audit_result *r;

	begin();
	r = audit();
	print(r, TEXT);
	EXPECT(strstr(strstr(out.text, "\ncannot see: "), last));
	print(r, JSON);
	EXPECT(strstr(strstr(out.text, "\"cannot_see\":["), last));
	end(r);
}

/* kills: a name that moves the cursor, or forges a line of the report */
static void text_hostile_names(void)
{
	struct na_audit_result *r;
	const char *at;

	r = audit_named("\n\x1b[2J\x9b\\\x7fverdict");
	for (at = print(r, TEXT); *at; at++)
		EXPECT(*at == '\n' || (*at >= ' ' && *at <= '~'));
	EXPECT(strstr(out.text, "\\x0a\\x1b[2J\\x9b\\x5c\\x7fverdict"));
	end(r);
}

/* kills: text that names frames, types or owners wrongly */
static void text_as_people_read_it(void)
{
	static const char should[] =
		"error   ALIAS  frames 0x5dc-0x5dd  (2 frames, system memory)\n"
		"       UC-  process 106 (task6)             b7000000-b7002000  in "
		"00000000-00000007 rw-s /dmabuf:frame\n"
		"       WB   kmap slots 17-18                00011000-00013000\n"
		"\n"
		"severity:   error for 2 frames\n"
		"seen: ";
	struct na_audit_result *r;

	begin();
	show(KMAP, 0x11, 1500, 2, NA_AUDIT_WB);
	show(CAMERA, 0xb7000, 1500, 2, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	r = audit();
	print(r, TEXT);
	out.text[sizeof(should) - 1] = 0;
	EXPECT_STR(out.text, should);
	print(r, TEXT);
	EXPECT(strstr(out.text, "\nverdict:    2 frames aliased "
		      "(2 of system memory)\n"));
	end(r);
}

/* kills: a block a conflict for one buffer; places lost, or without slots */
static void text_of_a_group(void)
{
	static const char should[] =
		"error   ALIAS  4 frames in 3 places  (system memory)\n"
		"       UC   process 106 (task6)             00000000..00006000 scattered"
		"  in 00000000-00000007 rw-s /dmabuf:frame\n"
		"       WB   kmap slots 10..30               0000a000..0001f000 scattered\n"
		"       frame 0x5dc  at 00000000, slot 10\n"
		"       frames 0x5de-0x5df  at 00002000, slots 29-30\n"
		"       frame 0x5e1  at 00005000, slot 20\n"
		"\n"
		"severity:   error for 4 frames\n"
		"seen: ";
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 1500, 6, NA_AUDIT_UC);
	show(KMAP, 10, 1500, 1, NA_AUDIT_WB);
	show(KMAP, 29, 1502, 2, NA_AUDIT_WB);
	show(KMAP, 20, 1505, 1, NA_AUDIT_WB);
	r = audit_finds(3);
	print(r, TEXT);
	out.text[sizeof(should) - 1] = 0;
	EXPECT_STR(out.text, should);
	print(r, JSON);
	expect_python("[c[\"group\"] for c in d[\"conflicts\"]] == [0,0,0]");
	end(r);
}

/* kills: a group of thousands written out, or its rest not counted */
static void text_of_a_large_group(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 100; i++) {
		show(CAMERA, 2 * i, 2 * i, 1, NA_AUDIT_UC);
		show(KMAP, 2 * i, 2 * i, 1, NA_AUDIT_WB);
	}
	r = audit();
	EXPECT(strstr(print(r, TEXT), "100 frames in 100 places"));
	EXPECT(strstr(out.text, "frame 0x1e  at 0001e000, slot 30\n"
		      "       and 84 more places\n\nseverity: "));
	end(r);
}

/* kills: whoever was cut not named, or with a name that forges the report */
static void text_of_the_missed(void)
{
	struct na_audit_missed missed[20] = {
		{ NA_SPACE_PROCESS, 7, "a\n(b)", NA_AUDIT_CUT_OWNERS },
		{ NA_SPACE_KERNEL, 0, "", NA_AUDIT_CUT_SIGHTINGS },
		{ NA_SPACE_LEDGER, 0, "", NA_AUDIT_CUT_CONFLICTS },
	};
	struct na_audit_result r = {
		.cut = NA_AUDIT_CUT_OWNERS | NA_AUDIT_CUT_SIGHTINGS,
		.missed = missed, .nr_missed = 3,
	};
	u32 i;

	EXPECT(strstr(print(&r, TEXT), "(sightings, owners): process 7"
		      " (a\\x0a(b)) (owners), the kernel (sightings), "
		      "the noalias ledger (conflicts)\n"));
	print(&r, JSON);
	expect_python("d[\"missed\"] == [{\"space\":\"process\",\"pid\":7,"
		      "\"comm\":\"a\\n(b)\",\"cut\":[\"owners\"]},"
		      "{\"space\":\"kernel\",\"cut\":[\"sightings\"]},"
		      "{\"space\":\"ledger\",\"cut\":[\"conflicts\"]}]");
	for (i = 3; i < 20; i++)
		missed[i] = missed[0];
	r.nr_missed = 20;
	r.nr_missed_more = 5;
	EXPECT(strstr(print(&r, TEXT), ", and 9 more\n"));
	print(&r, JSON);
	expect_python("d[\"missed_more\"] == 5 and len(d[\"missed\"]) == 20");
}

/* kills: a verdict of "clean" for an audit that was cut */
static void text_verdicts(void)
{
	struct na_audit_result r = { 0 };

	EXPECT(strstr(print(&r, TEXT),
		      "\nverdict:    clean, no frame is mapped "));
	r.ours_only = true;
	EXPECT(strstr(print(&r, TEXT),
		      "\nverdict:    clean, no frame held by noalias is "));
	r.cut = NA_AUDIT_CUT_FRAMES | NA_AUDIT_CUT_OWNERS;
	EXPECT(!strstr(print(&r, TEXT), "clean"));
	EXPECT(strstr(out.text, "INCOMPLETE: not everything was read or had room"
		      " (frames, owners)\n"));
	print(&r, JSON);
	expect_python("d[\"cut\"] == [\"frames\",\"owners\"]");
	r.nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS] = 1;
	r.nr_frames[NA_GRADE_ALIAS][NA_KIND_DEVICE] = 2;
	r.nr_frames[NA_GRADE_MIXED][NA_KIND_RAM] = 5;
	EXPECT(strstr(print(&r, TEXT), "\nverdict:    3 frames aliased"
		      " (1 of memory held by noalias, 2 of device memory),"
		      " 5 frames mixed (5 of system memory), and incomplete\n"));
}

/* kills: a digit lost above 32 bits, or at zero */
static void text_numbers(void)
{
	static const u64 numbers[] = {
		0, 9, 10, 4294967295ull, 4294967296ull, 99999999999ull,
		10000000000000000000ull, ~0ull,
	};
	struct na_audit_result r = { 0 };
	char should[64];
	u32 i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		r.duration_ns = numbers[i];
		snprintf(should, sizeof(should), "\"duration_ns\":%llu,\n",
			 numbers[i]);
		EXPECT(strstr(print(&r, JSON), should));
		snprintf(should, sizeof(should), "; %llu.%llu ms\n",
			 numbers[i] / 1000000, numbers[i] / 100000 % 10);
		EXPECT(strstr(print(&r, TEXT), should));
	}
}

static const struct tap_case cases[] = {
	TAP(json_is_well_formed),
	TAP(json_says_all),
	TAP(json_hostile_names),
	TAP(json_hides_c1),
	TAP(output_says_what_is_not_seen),
	TAP(text_hostile_names),
	TAP(text_as_people_read_it),
	TAP(text_of_a_group),
	TAP(text_of_a_large_group),
	TAP(text_of_the_missed),
	TAP(text_verdicts),
	TAP(text_numbers),
};

TAP_MAIN(cases)
