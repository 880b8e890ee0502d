/* JSON with places: jansson's values, and the line and column of any of them.
 *
 * jansson gives a place for syntax errors only. This maps a JSON pointer (RFC 6901) to the place of
 * its value, bounds the depth at MAX_JSON_DEPTH, refuses repeated keys with the place of the second
 * one, and in its tolerant mode takes what Azure's files hold beyond JSON. Used in config and
 * provisioning only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "config/device.h"

enum json_text_mode {
	JSON_TEXT_STRICT,
	/* a UTF-8 BOM, comments and trailing commas are blanked to spaces of equal length, so that
	 * places stay true; a sequence of objects separated by commas is read as an array */
	JSON_TEXT_TOLERANT,
};

struct json_text;

/* Parses `len` bytes; the text is copied. The document may be any value, not only an object.
 * Returns 0 and an object that the caller frees with json_text_free, -EBADMSG with `ret_error`
 * filled (syntax, depth, repeated key, invalid UTF-8), or -ENOMEM. */
__attribute__((warn_unused_result)) int json_text_parse(const char *text, size_t len,
							enum json_text_mode mode,
							struct json_text **ret_json,
							struct config_error *ret_error);

/* The parsed document, owned by `json`. */
json_t *json_text_root(const struct json_text *json);

/* Finds the place of the value that `pointer` names; of its key, if `of_key`. For a pointer that
 * leads nowhere: the place of the deepest value on its way. Lines and columns count from 1. */
void json_text_place(const struct json_text *json, const char *pointer, int of_key, int *ret_line,
		     int *ret_column);

/* Fills an error for the value at `pointer`: its place, the text met (shortened) and a wanted
 * sentence built from the format. */
__attribute__((format(printf, 4, 5))) void json_text_error(const struct json_text *json,
							   const char *pointer,
							   struct config_error *ret_error,
							   const char *format, ...);

/* The same with the place and the text of the key. */
__attribute__((format(printf, 4, 5))) void json_text_key_error(const struct json_text *json,
							       const char *pointer,
							       struct config_error *ret_error,
							       const char *format, ...);

void json_text_free(struct json_text *json);

/* Appends one reference token, escaped as RFC 6901 asks, to a pointer of at most `size` bytes; a
 * pointer that would not fit ends in "...". */
void json_pointer_append(char *pointer, size_t size, const char *token);
