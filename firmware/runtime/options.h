/* Command line options of a daemon: one table, from which the help text is printed too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

struct option_row {
	const char *name;	/* without the two dashes */
	const char *value_name; /* in the help text */
	const char *help;	/* half a line */
	const char **value;	/* holds the default, takes the option's value */
};

struct options {
	const char *program;
	const char *purpose; /* one line */
	const char *parts;   /* third-party parts and their versions, a line each */
	const struct option_row
		*rows; /* ends with name NULL; --help and --version come by themselves */
};

/* Parses the command line. Returns 0 to go on, 1 when help or version were printed and there is
 * nothing more to do, or -EINVAL when it is wrong, which has been said on standard error. */
__attribute__((warn_unused_result)) int options_parse(const struct options *options, int argc,
						      char **argv);
