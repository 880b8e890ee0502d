/* JSON with places: the scanner judges the grammar first and finds places, jansson gives values.
 *
 * The copy of the text has one byte before and one behind it, so that a sequence of objects becomes
 * an array without moving a byte.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/json_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/json_scan.h"

#define MET_BYTES sizeof(((struct config_error *)NULL)->met)
#define TOKEN_BYTES 256 /* of a pointer, decoded; longer keys are not looked up */

struct json_text {
	json_t *root;
	size_t len;  /* of the text with both extra bytes */
	char text[]; /* ' ' or '[', the bytes, ' ' or ']', NUL */
};

static void cleanup_json_text(struct json_text **json)
{
	json_text_free(*json);
}

/* Adds `n` bytes, or "..." when they would not leave room for it. False if so. */
static bool put_piece(char *pointer, size_t size, const char *piece, size_t n)
{
	static const char cut[] = "...";
	size_t used = strlen(pointer);

	if (used + sizeof(cut) > size)
		return false; /* was cut before */
	if (used + n + sizeof(cut) > size) {
		memcpy(pointer + used, cut, sizeof(cut));
		return false;
	}
	memcpy(pointer + used, piece, n);
	pointer[used + n] = '\0';
	return true;
}

void json_pointer_append(char *pointer, size_t size, const char *token)
{
	bool has_room = put_piece(pointer, size, "/", 1);

	for (; has_room && *token; token++) {
		if (*token == '~')
			has_room = put_piece(pointer, size, "~0", 2);
		else if (*token == '/')
			has_room = put_piece(pointer, size, "~1", 2);
		else
			has_room = put_piece(pointer, size, token, 1);
	}
}

/* Reads one reference token of a pointer behind its slash; moves the pointer to the next slash or
 * its end. False if the token is too long to be looked up. */
static bool next_token(const char **pointer, char token[static TOKEN_BYTES])
{
	const char *p = *pointer + 1;
	size_t used = 0;

	for (; *p && *p != '/'; p++) {
		if (used + 1 == TOKEN_BYTES)
			return false;
		if (p[0] == '~' && (p[1] == '0' || p[1] == '1'))
			token[used++] = *++p == '0' ? '~' : '/';
		else
			token[used++] = *p;
	}
	token[used] = '\0';
	*pointer = p;
	return true;
}

static bool find_in(const char *text, size_t at, const char *token, struct json_member *ret_member)
{
	bool is_object = text[at] == '{';
	struct json_member member;
	char name[TOKEN_BYTES];

	if (!is_object && text[at] != '[')
		return false;
	for (size_t index = 0; json_scan_next(text, &at, is_object, &member); index++) {
		if (is_object)
			json_scan_decode(text, member.key, name, sizeof(name));
		else
			snprintf(name, sizeof(name), "%zu", index);
		if (strcmp(name, token) == 0) {
			*ret_member = member;
			return true;
		}
	}
	return false;
}

/* Goes as deep as the pointer leads; true if to its end. */
static bool find(const struct json_text *json, const char *pointer, struct json_member *ret_member)
{
	char token[TOKEN_BYTES];

	ret_member->key = ret_member->value = json_scan_blank(json->text, 0);
	while (*pointer)
		if (!next_token(&pointer, token) ||
		    !find_in(json->text, ret_member->value, token, ret_member))
			return false;
	return true;
}

/* The first byte is not the file's. */
static void place_of(const struct json_text *json, size_t at, int *ret_line, int *ret_column)
{
	json_scan_place(json->text + 1, at > 0 ? at - 1 : 0, ret_line, ret_column);
}

void json_text_place(const struct json_text *json, const char *pointer, int of_key, int *ret_line,
		     int *ret_column)
{
	struct json_member member;

	find(json, pointer, &member);
	place_of(json, of_key ? member.key : member.value, ret_line, ret_column);
}

/* What foreign bytes may look like in a message: printable ASCII. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
}

/* Shows `n` bytes of foreign text at `at`, shortened. */
static void print_met(const struct json_text *json, size_t at, size_t n, char met[static MET_BYTES])
{
	static const char more[] = "...";
	size_t end = json->len - 1; /* of the file's bytes */
	size_t max = MET_BYTES - sizeof(more);

	if (at >= end) {
		snprintf(met, MET_BYTES, "the end of the text");
		return;
	}
	if (json->text[at] == '\0') {
		snprintf(met, MET_BYTES, "a NUL byte");
		return;
	}
	if (n > end - at)
		n = end - at;
	snprintf(met, MET_BYTES, "%.*s%s", (int)(n > max ? max : n), json->text + at,
		 n > max ? more : "");
	make_printable(met);
}

/* The same for text that is no JSON: as far as a token would reach. */
static void print_met_token(const struct json_text *json, size_t at, char met[static MET_BYTES])
{
	const char *text = json->text + at;
	size_t n = strcspn(text, " \t\r\n,:[]{}\"");

	if (text[0] == '"')
		n = 2 + strcspn(text + 1, "\"\r\n");
	print_met(json, at, n > 0 ? n : 1, met);
}

static void print_met_value(const struct json_text *json, size_t at, char met[static MET_BYTES])
{
	if (json->text[at] == '{')
		snprintf(met, MET_BYTES, "an object");
	else if (json->text[at] == '[')
		snprintf(met, MET_BYTES, "an array of %zu", json_scan_count(json->text, at));
	else
		print_met(json, at, json_scan_skip(json->text, at) - at, met);
}

static void fill_error(const struct json_text *json, size_t at, const char *pointer,
		       struct config_error *ret_error)
{
	static const char cut[] = "...";

	if (at >= json->len)
		at = json->len - 1;
	place_of(json, at, &ret_error->line, &ret_error->column);
	snprintf(ret_error->pointer, sizeof(ret_error->pointer), "%s", pointer);
	if (strlen(pointer) >= sizeof(ret_error->pointer))
		memcpy(ret_error->pointer + sizeof(ret_error->pointer) - sizeof(cut), cut,
		       sizeof(cut));
	make_printable(ret_error->pointer);
}

void json_text_error(const struct json_text *json, const char *pointer,
		     struct config_error *ret_error, const char *format, ...)
{
	struct json_member member;
	bool is_found = find(json, pointer, &member);
	va_list args;

	fill_error(json, member.value, pointer, ret_error);
	if (is_found)
		print_met_value(json, member.value, ret_error->met);
	else
		snprintf(ret_error->met, sizeof(ret_error->met), "nothing");
	va_start(args, format);
	vsnprintf(ret_error->wanted, sizeof(ret_error->wanted), format, args);
	va_end(args);
}

void json_text_key_error(const struct json_text *json, const char *pointer,
			 struct config_error *ret_error, const char *format, ...)
{
	struct json_member member;
	va_list args;

	find(json, pointer, &member);
	fill_error(json, member.key, pointer, ret_error);
	print_met_value(json, member.key, ret_error->met);
	va_start(args, format);
	vsnprintf(ret_error->wanted, sizeof(ret_error->wanted), format, args);
	va_end(args);
}

/* Blanks `n` bytes, but for line ends. */
static void blank(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\n' && text[i] != '\r')
			text[i] = ' ';
}

/* The length of the comment at `text`, 0 for none, SIZE_MAX for one that has no end. */
static size_t comment_len(const char *text)
{
	const char *end;

	if (text[0] == '/' && text[1] == '/')
		return strcspn(text, "\r\n");
	if (text[0] != '/' || text[1] != '*')
		return 0;
	end = strstr(text + 2, "*/");
	return end ? (size_t)(end + 2 - text) : SIZE_MAX;
}

/* What lies outside of strings, as far as blanking has come. */
struct outside {
	char last;    /* the last byte that is no blank; NUL at the start */
	size_t comma; /* where, if it is a comma behind a value; else 0 */
	int depth;
	bool is_sequence;
};

/* Takes in one byte that stands outside of strings and comments. */
static void step_outside(char *text, size_t at, struct outside *outside)
{
	char c = text[at];

	if ((c == '}' || c == ']') && outside->comma)
		text[outside->comma] = ' ';
	if (c == '{' || c == '[')
		outside->depth++;
	if (c == '}' || c == ']')
		outside->depth--;
	if (c == ',' && outside->depth == 0 && outside->last == '}')
		outside->is_sequence = true;
	/* a comma that follows no value stays, and is an error */
	outside->comma = c == ',' && outside->last && !strchr("[{,:", outside->last) ? at : 0;
	outside->last = c;
}

/* Blanks what Azure's files hold beyond JSON, and makes an array of a sequence of objects. Returns
 * 0, or -EBADMSG with the place of a comment that has no end. */
static int make_strict(struct json_text *json, bool *ret_is_sequence, size_t *ret_at)
{
	char *text = json->text;
	struct outside outside = { 0 };

	if (strncmp(text + 1, "\xef\xbb\xbf", 3) == 0)
		blank(text + 1, 3);
	for (size_t at = 1; at + 1 < json->len; at++) {
		size_t n = comment_len(text + at);

		if (n == SIZE_MAX) {
			*ret_at = at;
			return -EBADMSG;
		}
		if (n > 0) {
			blank(text + at, n);
			at += n - 1;
			continue;
		}
		if (strchr(" \t\r\n", text[at]))
			continue; /* blanks, and a NUL that is refused later */
		step_outside(text, at, &outside);
		if (text[at] == '"')
			for (at++; at + 1 < json->len && text[at] != '"'; at++)
				at += text[at] == '\\';
	}
	if (outside.is_sequence) {
		text[0] = '[';
		text[json->len - 1] = ']';
	}
	*ret_is_sequence = outside.is_sequence;
	return 0;
}

static void syntax_error(const struct json_text *json, size_t at, const char *pointer,
			 const char *wanted, struct config_error *ret_error)
{
	fill_error(json, at, pointer, ret_error);
	print_met_token(json, at, ret_error->met);
	snprintf(ret_error->wanted, sizeof(ret_error->wanted), "%s", wanted);
}

/* jansson found what the grammar does not tell. It says where it stopped: behind the token, or in
 * it. As the grammar is right, all else that it may report means that memory is out. */
static int value_error(const struct json_text *json, const json_error_t *found,
		       struct config_error *ret_error)
{
	struct json_scan scan = { .text = json->text,
				  .len = json->len,
				  .stop_at = (size_t)found->position };
	enum json_error_code code = json_error_code(found);
	int line, column;

	if (code != json_error_duplicate_key && code != json_error_invalid_utf8 &&
	    code != json_error_numeric_overflow)
		return -ENOMEM;
	if (json_scan_check(&scan) == 0)
		scan.at = (size_t)found->position;
	syntax_error(json, scan.at, scan.pointer,
		     code == json_error_invalid_utf8 ? "UTF-8" : "a number that is not that large",
		     ret_error);
	if (code == json_error_duplicate_key) {
		json_text_place(json, scan.pointer, 1, &line, &column);
		snprintf(ret_error->wanted, sizeof(ret_error->wanted),
			 "each key once: it stands in line %d, column %d too", line, column);
	}
	return -EBADMSG;
}

static int check_text(const struct json_text *json, bool is_sequence,
		      struct config_error *ret_error)
{
	static const char utf16[] = "UTF-8: this is UTF-16, as an older PowerShell writes it; save "
				    "it again with Out-File -Encoding utf8";
	struct json_scan scan = { .text = json->text,
				  .len = json->len,
				  .is_sequence = is_sequence };
	const char *text = json->text + 1;

	if (json_scan_check(&scan) == 0)
		return 0;
	if (strncmp(text, "\xff\xfe", 2) == 0 || strncmp(text, "\xfe\xff", 2) == 0)
		scan.wanted = utf16;
	else if (scan.at == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		scan.wanted = "no byte order mark";
	syntax_error(json, scan.at, scan.pointer, scan.wanted, ret_error);
	return -EBADMSG;
}

int json_text_parse(const char *text, size_t len, enum json_text_mode mode,
		    struct json_text **ret_json, struct config_error *ret_error)
{
	_cleanup_(cleanup_json_text) struct json_text *json = NULL;
	bool is_sequence = false;
	json_error_t found;
	size_t at;
	int r;

	json = malloc(sizeof(*json) + len + 3);
	if (!json)
		return -ENOMEM;
	json->root = NULL;
	json->len = len + 2;
	json->text[0] = ' ';
	memcpy(json->text + 1, text, len);
	memcpy(json->text + 1 + len, " ", 2);
	if (mode == JSON_TEXT_TOLERANT && make_strict(json, &is_sequence, &at) < 0) {
		syntax_error(json, at, "", "a closing */ to this comment", ret_error);
		return -EBADMSG;
	}
	r = check_text(json, is_sequence, ret_error);
	if (r < 0)
		return r;
	json->root =
		json_loadb(json->text, json->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &found);
	if (!json->root)
		return value_error(json, &found, ret_error);
	*ret_json = steal(&json);
	return 0;
}

json_t *json_text_root(const struct json_text *json)
{
	return json->root;
}

void json_text_free(struct json_text *json)
{
	if (!json)
		return;
	json_decref(json->root);
	free(json);
}
