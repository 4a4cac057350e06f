/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An audit's result as metrics: text that is OpenMetrics and, because it has only
 * gauges, the format of Prometheus too.
 */
#ifndef NA_CLI_METRICS_H
#define NA_CLI_METRICS_H

#include "report.h"

/**
 * metrics_check() - may metrics be written to this path?
 *
 * It must be a regular file, or not exist; "-" is stdout.
 * Return: CLI_GO_ON, or CLI_TROUBLE after a message.
 */
int metrics_check(const char *path);

/**
 * metrics_write() - write what an audit has found
 * @path: file, which is replaced at once, or "-"
 * @report: as it was shown; NULL: the audit failed
 * @status: exit status of the audit
 *
 * Of an audit that failed or is incomplete there is no number of conflicts, which
 * could be taken for none. The time of the last complete audit is kept from the
 * file.
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int metrics_write(const char *path, const struct report *report, int status);

#endif
