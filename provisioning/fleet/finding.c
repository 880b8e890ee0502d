/* Findings: what is wrong with the input, where, and what to do about it.
 *
 * Texts come from strangers' files: what a terminal would obey is taken out when a finding is
 * added, so that one finding stays one line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"

struct finding {
	enum finding_level level;
	size_t order; /* of adding, to keep the sort stable */
	size_t file;
	int line, column;
	char *path;
	char *pointer;
	char *sentence;
	char *command; /* or NULL */
};

static const char *const level_names[] = {
	[FINDING_ERROR] = "error",
	[FINDING_NOTE] = "note",
};

static void finding_deinit(struct finding *finding)
{
	free(finding->path);
	free(finding->pointer);
	free(finding->sentence);
	free(finding->command);
}

void findings_deinit(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		finding_deinit(&findings->rows[i]);
	free(findings->rows);
	*findings = (struct findings){ 0 };
}

/* Control characters, C1 ones (U+0080 to U+009F) included, and what is no UTF-8 become '?'. */
static void make_printable(char *text)
{
	json_t *valid = json_string(text);

	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		bool is_c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

		if (is_c1)
			c[0] = c[1] = '?';
		if (*c < 0x20 || *c == 0x7f || (!valid && *c >= 0x80))
			*c = '?';
	}
	json_decref(valid);
}

static char *printable_copy(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		make_printable(copy);
	return copy;
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->line == b->line && a->column == b->column && a->file == b->file &&
	       strcmp(a->pointer, b->pointer) == 0 && strcmp(a->sentence, b->sentence) == 0;
}

static bool is_known(const struct findings *findings, const struct finding *finding)
{
	for (size_t i = 0; i < findings->n; i++)
		if (is_same(&findings->rows[i], finding))
			return true;
	return false;
}

/* Copies place and text; false when memory is out. */
static bool fill(struct finding *finding, const struct finding_place *place, const char *command,
		 const char *text)
{
	finding->file = place->file;
	finding->line = place->line;
	finding->column = place->column;
	finding->path = printable_copy(place->path);
	finding->pointer = printable_copy(place->pointer);
	finding->command = command ? printable_copy(command) : NULL;
	if (asprintf(&finding->sentence, "%s%s%s", text, command ? ": " : "",
		     command ? command : "") < 0)
		finding->sentence = NULL;
	if (finding->sentence)
		make_printable(finding->sentence);
	return finding->path && finding->pointer && finding->sentence &&
	       (finding->command || !command);
}

/* Takes over what the finding owns, or leaves it. */
static int keep(struct findings *findings, const struct finding *finding)
{
	struct finding *rows;

	rows = realloc(findings->rows, (findings->n + 1) * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	findings->rows = rows;
	rows[findings->n++] = *finding;
	return 0;
}

void finding_add(struct findings *findings, enum finding_level level,
		 const struct finding_place *place, const char *command, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	struct finding finding = { .level = level, .order = findings->n };
	bool is_whole;
	va_list args;

	findings->n_errors += level == FINDING_ERROR;
	if (findings_is_full(findings)) {
		findings->n_dropped++;
		return;
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	is_whole = text && fill(&finding, place, command, text);
	if (is_whole && is_known(findings, &finding)) {
		finding_deinit(&finding);
	} else if (!is_whole || keep(findings, &finding) < 0) {
		findings->n_dropped++;
		finding_deinit(&finding);
	}
}

static int compare(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static int print_text(const struct finding *finding, FILE *out)
{
	return fprintf(out, "%s:%d:%d: %s: %s%s\n", finding->path, finding->line, finding->column,
		       *finding->pointer ? finding->pointer : "/",
		       finding->level == FINDING_NOTE ? "note: " : "", finding->sentence);
}

static int print_json(const struct finding *finding, FILE *out)
{
	json_t *row = json_pack(
		"{s:s, s:s, s:i, s:i, s:s, s:s, s:s*}", "level", level_names[finding->level],
		"file", finding->path, "line", finding->line, "column", finding->column, "pointer",
		finding->pointer, "sentence", finding->sentence, "command", finding->command);
	_cleanup_free_ char *text = row ? json_dumps(row, JSON_COMPACT) : NULL;

	json_decref(row);
	return text ? fprintf(out, "%s\n", text) : -1;
}

int findings_print(const struct findings *findings, bool is_json, FILE *out)
{
	static const char *const dropped[] = {
		"%zu more findings are not shown\n",
		"{\"level\":\"note\",\"sentence\":\"%zu more findings are not shown\"}\n",
	};
	_cleanup_free_ struct finding *sorted = NULL;

	if (findings->n > 0) {
		sorted = malloc(findings->n * sizeof(*sorted));
		if (!sorted)
			return -ENOMEM;
		memcpy(sorted, findings->rows, findings->n * sizeof(*sorted));
		qsort(sorted, findings->n, sizeof(*sorted), compare);
	}
	for (size_t i = 0; i < findings->n; i++)
		if ((is_json ? print_json : print_text)(&sorted[i], out) < 0)
			return -EIO;
	if (findings->n_dropped > 0 && fprintf(out, dropped[is_json], findings->n_dropped) < 0)
		return -EIO;
	return fflush(out) ? -EIO : 0;
}
