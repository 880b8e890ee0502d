/* The word that was probably meant: Levenshtein distance, row by row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/nearest.h"

#include <string.h>

#define MAX_WORD_LEN 31

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int min = a < b ? a : b;

	return min < c ? min : c;
}

static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int row[MAX_WORD_LEN + 1];

	for (unsigned int j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

void nearest_offer(struct nearest *nearest, const char *text, const char *word)
{
	size_t text_len = strlen(text), word_len = strlen(word);
	unsigned int found;

	if (text_len > MAX_WORD_LEN || word_len > MAX_WORD_LEN)
		return;
	found = distance(text, text_len, word, word_len);
	if (found * 3 > word_len || (nearest->word && found >= nearest->distance))
		return;
	nearest->word = word;
	nearest->distance = found;
}
