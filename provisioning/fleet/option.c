/* Options of a subcommand as rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/option.h"

#include <errno.h>
#include <string.h>

#define HELP_COLUMN 26

static const struct option_row *find_row(const struct option_row *rows, const char *name,
					 size_t len)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == len && memcmp(rows->name, name, len) == 0)
			return rows;
	return NULL;
}

static bool set_field(const struct option_row *row, void *options, const char *text,
		      char why_not[static MAX_SENTENCE_BYTES])
{
	void *field = (char *)options + row->offset;

	if (row->set)
		return row->set(options, text, why_not);
	if (row->argument)
		*(const char **)field = text;
	else
		*(bool *)field = true;
	return true;
}

/* Reads one option, and the argument behind it where it takes one; moves `i` to its last word. */
static int parse_one(const struct option_row *rows, int argc, char **argv, int *i, void *options,
		     char why_not[static MAX_SENTENCE_BYTES])
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	const char *text = equals ? equals + 1 : NULL;
	const struct option_row *row =
		find_row(rows, name, equals ? (size_t)(equals - name) : strlen(name));
	char inner[MAX_SENTENCE_BYTES] = "";

	if (!row) {
		snprintf(why_not, MAX_SENTENCE_BYTES, "%.60s: no such option", argv[*i]);
		return -EINVAL;
	}
	if (!row->argument && text) {
		snprintf(why_not, MAX_SENTENCE_BYTES, "--%s takes nothing", row->name);
		return -EINVAL;
	}
	if (row->argument && !text) {
		if (*i + 1 >= argc) {
			snprintf(why_not, MAX_SENTENCE_BYTES, "--%s takes %s", row->name,
				 row->argument);
			return -EINVAL;
		}
		text = argv[++*i];
	}
	if (!set_field(row, options, text, inner)) {
		snprintf(why_not, MAX_SENTENCE_BYTES, "--%s %.50s: %.80s", row->name,
			 text ? text : "", inner);
		return -EINVAL;
	}
	return 0;
}

int options_parse(const struct option_row *rows, int argc, char **argv, void *options,
		  char ret_why_not[static MAX_SENTENCE_BYTES])
{
	bool is_past = false;
	int n = 0;

	for (int i = 0; i < argc; i++) {
		if (is_past || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[n++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			is_past = true;
			continue;
		}
		if (argv[i][1] != '-') {
			snprintf(ret_why_not, MAX_SENTENCE_BYTES, "%.60s: no such option", argv[i]);
			return -EINVAL;
		}
		if (parse_one(rows, argc, argv, &i, options, ret_why_not) < 0)
			return -EINVAL;
	}
	return n;
}

/* Lines of help behind the first are indented as that one is. */
static void print_help(const char *help, int indent, FILE *out)
{
	while (*help) {
		int len = (int)strcspn(help, "\n");

		fprintf(out, "%*s%.*s\n", indent, "", len, help);
		help += len;
		help += *help == '\n';
		indent = HELP_COLUMN;
	}
}

void options_print(const struct option_row *rows, FILE *out)
{
	for (; rows->name; rows++) {
		int n = fprintf(out, "  --%s%s%s", rows->name, rows->argument ? " " : "",
				rows->argument ? rows->argument : "");

		print_help(rows->help, n < HELP_COLUMN ? HELP_COLUMN - n : 2, out);
	}
}
