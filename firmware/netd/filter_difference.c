/* Comparing the table that was rendered with the one that is loaded.
 *
 * The whole text is compared, not a mark in it: a rule that is missing, changed or added shows,
 * whoever did it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/filter_difference.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define N_BEFORE 3 /* words shown of each side, equal ones and what follows */
#define N_AFTER 4

struct words {
	char *text;
	size_t n;
	char **word; /* into text */
};

static void words_deinit(struct words *words)
{
	free(words->text);
	free(words->word);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Makes one word of the three of a map's element, key : value. */
static void join_pairs(struct words *words)
{
	size_t n = 0;

	for (size_t i = 0; i < words->n; i++) {
		bool is_colon = !strcmp(words->word[i], ":") && n > 0 && i + 1 < words->n;
		char *gap;

		if (!is_colon) {
			words->word[n++] = words->word[i];
			continue;
		}
		for (gap = words->word[n - 1]; gap < words->word[i + 1]; gap++)
			if (!*gap)
				*gap = ' ';
		i++;
	}
	words->n = n;
}

/* Sorts what stands between "elements = {" and "}". */
static void sort_elements(struct words *words)
{
	for (size_t i = 0; i + 2 < words->n; i++) {
		size_t first = i + 3, end;

		if (strcmp(words->word[i], "elements") || strcmp(words->word[i + 1], "=") ||
		    strcmp(words->word[i + 2], "{"))
			continue;
		for (end = first; end < words->n && strcmp(words->word[end], "}"); end++)
			;
		qsort(&words->word[first], end - first, sizeof(char *), compare_words);
		i = end;
	}
}

static int words_init(struct words *words, const char *text)
{
	char *rest, *word;

	words->text = strdup(text);
	words->word = calloc(strlen(text) / 2 + 1, sizeof(char *)); /* as many as can be */
	if (!words->text || !words->word)
		return -ENOMEM;
	rest = words->text;
	while ((word = strsep(&rest, " \t\n,")))
		if (*word)
			words->word[words->n++] = word;
	join_pairs(words);
	sort_elements(words);
	return 0;
}

/* The words around number `at`, as one text. */
static const char *print_words(const struct words *words, size_t at, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = at < N_BEFORE ? 0 : at - N_BEFORE; i < at + N_AFTER && used < size; i++) {
		if (i >= words->n) {
			snprintf(buf + used, size - used, "(end)");
			break;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s ", words->word[i]);
	}
	return buf;
}

int filter_difference(const char *rendered, const char *listed,
		      char ret_where[static MAX_SENTENCE_BYTES])
{
	_cleanup_(words_deinit) struct words want = { 0 }, have = { 0 };
	char want_text[64], have_text[64];
	size_t i = 0;
	int r;

	r = words_init(&want, rendered);
	if (r < 0)
		return r;
	r = words_init(&have, listed);
	if (r < 0)
		return r;
	while (i < want.n && i < have.n && !strcmp(want.word[i], have.word[i]))
		i++;
	if (i == want.n && i == have.n)
		return 0;
	snprintf(ret_where, MAX_SENTENCE_BYTES, "loaded: %s| asked for: %s",
		 print_words(&have, i, have_text, sizeof(have_text)),
		 print_words(&want, i, want_text, sizeof(want_text)));
	return 1;
}
