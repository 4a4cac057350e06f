// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LAST	"noalias_audit_last_complete_timestamp_seconds"

/* Names of drivers are few, those of device files need not be. */
#define MAKERS_MAX	32u

/**
 * struct maker - frames in conflict that one has made
 * @name: as report_maker() says; "other": all for which there was no room
 * @nr_frames: by enum severity
 */
struct maker {
	char name[REPORT_MAKER_MAX];
	u64 nr_frames[NR_SEVERITIES];
};

/* --- text -------------------------------------------------------------------- */

static void put_family(FILE *out, const char *name, const char *unit,
		       const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
}

/* Of printable ASCII only, with what the format escapes. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value >= ' ' && *value <= '~' ? *value : '?', out);
	}
	fputc('"', out);
}

static void put_info(FILE *out, const struct report *report)
{
	const struct report_source *source = report ? &report->source : NULL;

	put_family(out, "noalias_build_info", NULL,
		   "The command and the kernel that it audited; always 1.");
	fputs("noalias_build_info{", out);
	put_label(out, "version", NOALIAS_VERSION);
	fputc(',', out);
	put_label(out, "kernel", source ? source->kernel : "");
	fputc(',', out);
	put_label(out, "build_id", source ? source->build_id : "");
	fputc(',', out);
	put_label(out, "source", source ? report_origin_name(source->origin) :
					  "");
	fputs("} 1\n", out);
}

/* --- conflicts ------------------------------------------------------------------ */

static struct maker *find_maker(struct maker *makers, u32 *nr,
				const char *name)
{
	u32 i;

	for (i = 0; i < *nr; i++)
		if (!strcmp(makers[i].name, name))
			return &makers[i];
	if (*nr == MAKERS_MAX - 1)
		name = "other";
	if (*nr == MAKERS_MAX)
		return &makers[MAKERS_MAX - 1];
	snprintf(makers[*nr].name, sizeof(makers[*nr].name), "%s", name);
	return &makers[(*nr)++];
}

static u32 count_makers(const struct report *report, struct maker *makers)
{
	const struct na_audit_result *result = &report->result;
	const struct na_audit_conflict *conflict = result->conflicts;
	char name[REPORT_MAKER_MAX];
	struct maker *maker;
	u32 i, nr = 0;

	for (i = 0; i < result->nr_conflicts; i++, conflict++) {
		report_maker(result, conflict, name);
		maker = find_maker(makers, &nr, name);
		maker->nr_frames[report_severity(report, i)] +=
			conflict->run.nr;
	}
	return nr;
}

static void put_makers(FILE *out, const struct report *report)
{
	static const char name[] = "noalias_audit_maker_conflict_frames";
	struct maker makers[MAKERS_MAX] = { 0 };
	u32 i, severity, nr = count_makers(report, makers);

	put_family(out, name, "frames",
		   "Page frames in conflict, by who made the mappings.");
	for (i = 0; i < nr; i++) {
		for (severity = 0; severity < NR_SEVERITIES; severity++) {
			if (!makers[i].nr_frames[severity])
				continue;
			fprintf(out, "%s{", name);
			put_label(out, "maker", makers[i].name);
			fprintf(out, ",severity=\"%s\"} %llu\n",
				severity_name((enum severity)severity),
				(unsigned long long)
				makers[i].nr_frames[severity]);
		}
	}
}

static void put_conflicts(FILE *out, const struct report *report)
{
	static const char name[] = "noalias_audit_conflict_frames";
	u32 severity;

	put_family(out, name, "frames", "Page frames in conflict.");
	for (severity = 0; severity < NR_SEVERITIES; severity++)
		fprintf(out, "%s{severity=\"%s\"} %llu\n", name,
			severity_name((enum severity)severity),
			(unsigned long long)
			report_count(report, (enum severity)severity));
	put_makers(out, report);
}

/* --- all of it --------------------------------------------------------------------- */

static void put_gauge(FILE *out, const char *name, const char *unit,
		      const char *help, double value)
{
	put_family(out, name, unit, help);
	fprintf(out, "%s %.17g\n", name, value);
}

static void put_audit(FILE *out, const struct report *report, int status,
		      double last)
{
	bool is_complete = report && !report->result.cut;

	put_info(out, report);
	put_gauge(out, "noalias_audit_complete", NULL,
		  "1: the last audit saw everything; 0: it failed or did not, and no conflicts are counted.",
		  is_complete);
	put_gauge(out, "noalias_audit_exit_status", NULL,
		  "Exit status of the last audit: 0 clean, 1 found, 2 trouble.",
		  status);
	put_gauge(out, "noalias_audit_timestamp_seconds", "seconds",
		  "When the last audit ended.", (double)time(NULL));
	if (is_complete)
		last = (double)time(NULL);
	if (last > 0)
		put_gauge(out, LAST, "seconds",
			  "When the last complete audit ended.", last);
	if (report)
		put_gauge(out, "noalias_audit_duration_seconds", "seconds",
			  "How long the last audit took.",
			  (double)report->result.duration_ns / 1e9);
	if (is_complete)
		put_conflicts(out, report);
	fputs("# EOF\n", out);
}

/* --- the file ------------------------------------------------------------------------ */

static bool is_stdout(const char *path)
{
	return !strcmp(path, "-");
}

int metrics_check(const char *path)
{
	struct stat about;

	if (is_stdout(path))
		return CLI_GO_ON;
	if (strlen(path) > FILE_PATH_MAX - 8)
		return cli_trouble("--metrics: the name has %zu bytes, allowed: 1 to %d",
				   strlen(path), FILE_PATH_MAX - 8);
	if (lstat(path, &about))
		return errno == ENOENT && *path ? CLI_GO_ON :
		       cli_trouble("--metrics is '%s': %s", path,
				   strerror(errno));
	if (S_ISREG(about.st_mode))
		return CLI_GO_ON;
	return cli_trouble("--metrics is '%s': it is there and no regular file",
			   path);
}

/* 0: there was none, or it is not known. */
static double read_last(const char *path)
{
	struct cli_file file;
	const char *line;
	double last;

	if (is_stdout(path) || file_read(path, &file))
		return 0;
	line = strstr(file.text, "\n" LAST " ");
	last = line ? strtod(line + sizeof("\n" LAST), NULL) : 0;
	free(file.text);
	return last > 0 && last < 1e15 ? last : 0;
}

/* Readers see the old file or the new one, whole. */
static int replace(const char *path, const char *temporary, FILE *file)
{
	bool is_lost = fflush(file) || ferror(file) ||
		       fchmod(fileno(file), 0644) || fsync(fileno(file));
	int err = is_lost ? errno : 0;

	if (fclose(file) && !err)
		err = errno;
	if (!err && rename(temporary, path))
		err = errno;
	if (!err)
		return CLI_CLEAN;
	unlink(temporary);
	return cli_trouble("--metrics %s: %s", path, strerror(err));
}

int metrics_write(const char *path, const struct report *report, int status)
{
	double last = read_last(path);
	char temporary[FILE_PATH_MAX];
	FILE *file;
	int fd;

	if (is_stdout(path)) {
		put_audit(stdout, report, status, 0);
		return CLI_CLEAN;
	}
	/* The file may have become something else since the last audit. */
	if (metrics_check(path) != CLI_GO_ON)
		return CLI_TROUBLE;
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return cli_trouble("--metrics %s: %s", path, strerror(errno));
	put_audit(file, report, status, last);
	return replace(path, temporary, file);
}
