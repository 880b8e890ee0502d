/* A scanner over JSON text (RFC 8259): says where, which jansson does not.
 *
 * json_scan_check judges the grammar; the other functions walk text that has passed it, so they
 * need no checks of their own. Offsets are bytes from the start of the text, which ends in a NUL.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/device.h"

struct json_scan {
	const char *text;
	size_t len;
	bool is_sequence; /* the document is an array whose elements must be objects */
	size_t stop_at;	  /* name the string or number that holds the byte before; 0 for none */

	/* written by json_scan_check, when it does not return 0 */
	size_t at; /* offset of what is wrong, or of the string or number to name */
	char pointer[sizeof(((struct config_error *)NULL)->pointer)];
	const char *wanted; /* NULL when it stopped at `stop_at` */
};

/* Checks grammar and depth, and refuses \u0000. Returns 0, or -EBADMSG with the fields above
 * filled. Whether bytes are UTF-8 and numbers are in range is left to the reader of the values. */
__attribute__((warn_unused_result)) int json_scan_check(struct json_scan *scan);

/* Line and column of an offset, both from 1; columns count bytes. */
void json_scan_place(const char *text, size_t at, int *ret_line, int *ret_column);

/* The offset behind blanks; behind the value that starts at `at`. */
size_t json_scan_blank(const char *text, size_t at);
size_t json_scan_skip(const char *text, size_t at);

/* A member of an object, or an element of an array, where both offsets are the same. */
struct json_member {
	size_t key;
	size_t value;
};

/* Steps through the container at `*at` ('{' or '['), which moves along. False at its end. */
bool json_scan_next(const char *text, size_t *at, bool is_object, struct json_member *ret_member);

/* How many elements the array at `at` has. */
size_t json_scan_count(const char *text, size_t at);

/* Decodes the string whose quote stands at `at` into UTF-8. Returns its length and a
 * NUL-terminated text, or `size` when it is too long, with what fits. */
size_t json_scan_decode(const char *text, size_t at, char *buf, size_t size);
