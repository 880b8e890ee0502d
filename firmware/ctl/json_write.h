/* Writing JSON (RFC 8259) to a stream, value by value, with indentation.
 *
 * Reading JSON is jansson's work, in config and provisioning; what `fairlead` says is small and
 * flat enough to be written by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
	FILE *out;
	int depth;
	bool is_first; /* nothing stands in the open object or array yet */
};

/* `key` is NULL in an array and for the document itself. Objects and arrays are closed by whoever
 * opened them, with the same bracket's partner. */
void json_write_open(struct json_writer *json, const char *key, char bracket);
void json_write_close(struct json_writer *json, char bracket);

/* Text is written as valid UTF-8 whatever it holds: each byte that is none becomes U+FFFD. */
void json_write_text(struct json_writer *json, const char *key, const char *text);
void json_write_number(struct json_writer *json, const char *key, uint64_t number);
/* A number with three decimals; for `thousandths` 12345: 12.345. */
void json_write_decimal(struct json_writer *json, const char *key, uint64_t thousandths);
void json_write_bool(struct json_writer *json, const char *key, bool is_true);
void json_write_null(struct json_writer *json, const char *key);
