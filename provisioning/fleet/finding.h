/* Findings: what is wrong with the input, where, and what to do about it. All of them at once.
 *
 * A line for people is "FILE:LINE:COLUMN: /json/pointer: sentence", notes with "note: " before the
 * sentence; the document itself has the pointer "/" there. For programs it is one JSON object a
 * line: level, file, line, column, pointer (RFC 6901), sentence, and command where one helps.
 * A sentence never holds a secret; whoever adds one sees to that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* More than anybody reads; the rest is counted only, since to find a place takes a walk through the
 * file. */
#define MAX_FINDINGS 100

enum finding_level {
	FINDING_ERROR, /* nothing is written */
	FINDING_NOTE,  /* worth knowing; the import goes on */
};

/* Where something stands. All text is copied when a finding is added. */
struct finding_place {
	size_t file;	     /* number of the file on the command line: findings are sorted by it */
	const char *path;    /* as given on the command line */
	int line, column;    /* from 1 */
	const char *pointer; /* RFC 6901, "" for the document */
};

struct finding;

struct findings {
	size_t n;
	struct finding *rows; /* owned */
	size_t n_errors;      /* calls, those that were not kept included */
	size_t n_dropped;     /* over the bound or for lack of memory */
};

static inline bool findings_is_full(const struct findings *findings)
{
	return findings->n == MAX_FINDINGS;
}

/* Adds a finding; the same sentence at the same place is kept once. `command`, or NULL, is the `az`
 * command that prints what is missing or mends what is wrong; it is put behind the sentence, which
 * then ends in "print it with" or the like. Control characters become '?'. */
__attribute__((format(printf, 5, 6))) void
finding_add(struct findings *findings, enum finding_level level, const struct finding_place *place,
	    const char *command, const char *format, ...);

/* Prints all, in the order of files, lines and columns. Returns 0, or -ENOMEM or -EIO when not all
 * could be printed. */
__attribute__((warn_unused_result)) int findings_print(const struct findings *findings,
						       bool is_json, FILE *out);

void findings_deinit(struct findings *findings);
