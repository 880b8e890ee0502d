/* Command line options of a daemon.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void print_help(const struct options *options)
{
	printf("usage: %s [OPTION...]\n%s\n\n", options->program, options->purpose);
	for (const struct option_row *row = options->rows; row->name; row++)
		printf("  --%s %s\n        %s (default %s)\n", row->name, row->value_name,
		       row->help, *row->value ? *row->value : "none");
	printf("  --version\n  --help\n");
}

static const struct option_row *find_row(const struct options *options, const char *argument)
{
	if (strncmp(argument, "--", 2) != 0)
		return NULL;
	for (const struct option_row *row = options->rows; row->name; row++)
		if (strcmp(row->name, argument + 2) == 0)
			return row;
	return NULL;
}

int options_parse(const struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct option_row *row = find_row(options, argv[i]);

		if (strcmp(argv[i], "--help") == 0) {
			print_help(options);
			return 1;
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("%s %s\n%s", options->program, FAIRLEAD_VERSION, options->parts);
			return 1;
		}
		if (!row || i + 1 == argc) {
			fprintf(stderr, "%s: %s %s; see --help\n", options->program,
				row ? "a value is missing after" : "unknown argument", argv[i]);
			return -EINVAL;
		}
		*row->value = argv[++i];
	}
	return 0;
}
