/* Options of a subcommand as rows, from which they are read and their help is printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/limits.h"

struct option_row {
	const char *name;     /* without dashes; NULL ends the rows */
	const char *argument; /* what it takes, as help names it; NULL for nothing */
	const char *help;
	/* Where the text goes, a const char *; or for an option that takes nothing a bool. */
	size_t offset;
	/* Set, it reads the text into the struct at `options` instead. Returns false, and why not,
	 * to be read as "--name TEXT: why not". */
	bool (*set)(void *options, const char *text, char ret_why_not[static MAX_SENTENCE_BYTES]);
};

/* Reads "--name TEXT" and "--name=TEXT" anywhere; "--" ends options, "-" is an operand. Moves the
 * operands to the front of `argv`. Returns how many there are, or -EINVAL and why not. */
__attribute__((warn_unused_result)) int options_parse(const struct option_row *rows, int argc,
						      char **argv, void *options,
						      char ret_why_not[static MAX_SENTENCE_BYTES]);

/* Prints a line or more for each row. */
void options_print(const struct option_row *rows, FILE *out);
