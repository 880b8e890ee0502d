/* The word of a vocabulary that was probably meant.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* Starts as { 0 }; `word` is NULL until an offered word is near enough. */
struct nearest {
	const char *word; /* as offered */
	unsigned int distance;
};

/* Offers a word for `text`. It is taken when fewer letters are wrong (Levenshtein distance) than in
 * the words before, and at most a third of its letters. Words of more than 31 bytes never are. */
void nearest_offer(struct nearest *nearest, const char *text, const char *word);
