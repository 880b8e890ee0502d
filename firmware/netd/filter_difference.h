/* Is what the kernel holds what was asked for?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>

#include "base/limits.h"

/* Compares the rendered table with the one that nft lists (`nft --stateless list table`), word by
 * word: white space, commas and the order of a set's elements do not count. Returns 0 if they are
 * equal, 1 and a sentence with both places if not, or -ENOMEM. */
__attribute__((warn_unused_result)) int
filter_difference(const char *rendered, const char *listed,
		  char ret_where[static MAX_SENTENCE_BYTES]);
