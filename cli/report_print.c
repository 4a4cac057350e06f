// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit output: numbers, and the choice of format.
 */
#include "report_print.h"

const char *const na_audit_blind[] = {
	"translations that a TLB still holds",
	"tables of an IOMMU, EPT or NPT",
	"address spaces that no task uses",
	"the firmware's own page tables",
	"the direct map of memory that devices bring along",
	NULL,
};

/* --- pieces of text ------------------------------------------------------- */

void na_put(struct na_sink *sink, const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	if (len)
		sink->put(sink, text, len);
}

void na_put_char(struct na_sink *sink, char c)
{
	sink->put(sink, &c, 1);
}

/* Sixteen bits at a time: 32-bit kernels have no 64-bit division. */
static u32 divide_by_ten(u64 *value)
{
	u64 quotient = 0;
	u32 rest = 0;
	int shift;

	for (shift = 48; shift >= 0; shift -= 16) {
		rest = rest << 16 | (u32)(*value >> shift & 0xffff);
		quotient = quotient << 16 | rest / 10;
		rest %= 10;
	}
	(void)NA_ASSERT(rest < 10);
	(void)NA_ASSERT(quotient * 10 + rest == *value);
	*value = quotient;
	return rest;
}

void na_put_dec(struct na_sink *sink, u64 value)
{
	char digits[20];
	u32 first = sizeof(digits);

	do
		digits[--first] = (char)('0' + divide_by_ten(&value));
	while (value && NA_ASSERT(first));
	(void)NA_ASSERT(digits[first] != '0' || first == sizeof(digits) - 1);
	sink->put(sink, digits + first, sizeof(digits) - first);
}

void na_put_ms(struct na_sink *sink, u64 ns)
{
	u32 tenth, i;

	for (i = 0; i < 5; i++)
		(void)divide_by_ten(&ns);
	tenth = divide_by_ten(&ns);
	na_put_dec(sink, ns);
	na_put_char(sink, '.');
	na_put_dec(sink, tenth);
}

void na_put_hex(struct na_sink *sink, u64 value, u32 width)
{
	char digits[16];
	u32 first = sizeof(digits);

	(void)NA_ASSERT(width <= sizeof(digits));
	do {
		digits[--first] = "0123456789abcdef"[value & 0xf];
		value >>= 4;
	} while (first && (value || sizeof(digits) - first < width));
	(void)NA_ASSERT(!value);
	sink->put(sink, digits + first, sizeof(digits) - first);
}

void na_put_va(struct na_sink *sink, u64 va)
{
	na_put_hex(sink, va, !(va >> 32) ? 8 : !(va >> 48) ? 12 : 16);
}

/* --- formats -------------------------------------------------------------- */

void na_audit_print_begin(const struct na_audit_result *result,
			  enum na_audit_format format, struct na_sink *sink)
{
	(void)result;
	if (format == NA_AUDIT_JSON)
		na_audit_json_begin(sink);
}

void na_audit_print_conflict(const struct na_audit_result *result, u32 idx,
			     enum na_audit_format format, struct na_sink *sink)
{
	if (!NA_ASSERT(idx < result->nr_conflicts))
		return;
	if (format == NA_AUDIT_JSON)
		na_audit_json_conflict(result, idx, sink);
	else
		na_audit_text_conflict(result, idx, sink);
}

void na_audit_print_end(const struct na_audit_result *result,
			enum na_audit_format format, struct na_sink *sink)
{
	if (format == NA_AUDIT_JSON)
		na_audit_json_end(result, sink);
	else
		na_audit_text_end(result, sink);
}

void na_audit_print(const struct na_audit_result *result,
		    enum na_audit_format format, struct na_sink *sink)
{
	u32 i;

	na_audit_print_begin(result, format, sink);
	for (i = 0; i < result->nr_conflicts; i++)
		na_audit_print_conflict(result, i, format, sink);
	na_audit_print_end(result, format, sink);
}
