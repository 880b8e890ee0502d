/* A report for people and for programs, from one table of rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/report.h"

/* Text of at most 80 columns, but for names and words that are longer; two tunnels fit 24 lines. Of
 * each tunnel: head, rungs up to where it stops, and why. Foreign bytes outside printable ASCII
 * become '?'. Escape sequences for colour only if `is_coloured`. */
void report_print_text(const struct report *report, bool is_coloured, FILE *out);

/* One JSON object. Times are UTC (RFC 3339); what never happened is null. */
void report_print_json(const struct report *report, FILE *out);
