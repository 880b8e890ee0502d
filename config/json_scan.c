/* A scanner over JSON text: the grammar of RFC 8259, by recursive descent of bounded depth.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/json_scan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/json_text.h"

#define KEY_BYTES 256 /* longer keys are shown and compared by their beginning */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void json_scan_place(const char *text, size_t at, int *ret_line, int *ret_column)
{
	size_t line_start = 0;
	int line = 1;

	for (size_t i = 0; i < at; i++)
		if (text[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	*ret_line = line;
	*ret_column = (int)(at - line_start) + 1;
}

size_t json_scan_blank(const char *text, size_t at)
{
	while (is_blank(text[at]))
		at++;
	return at;
}

static int fault(struct json_scan *scan, size_t at, const char *wanted)
{
	scan->at = at;
	scan->wanted = wanted;
	return -EBADMSG;
}

/* The token from `start` up to `*at` is good; stop if it is the one asked for. */
static int token_done(struct json_scan *scan, size_t start, size_t at, size_t *ret_at)
{
	if (scan->stop_at > start && scan->stop_at <= at)
		return fault(scan, start, NULL);
	*ret_at = at;
	return 0;
}

/* The hexadecimal digits of a \u escape as a number, or -1. */
static int parse_hex4(const char *text)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return -1;
		value = value * 16 + (int)((digit - digits) % 16);
	}
	return value;
}

static bool is_high_surrogate(int code)
{
	return code >= 0xd800 && code < 0xdc00;
}

static bool is_low_surrogate(int code)
{
	return code >= 0xdc00 && code < 0xe000;
}

/* The escape whose backslash stands at `at`; returns its length too. */
static int check_escape(struct json_scan *scan, size_t at, size_t *ret_len)
{
	const char *text = scan->text + at;
	int code, next = -1;

	if (text[1] && strchr("\"\\/bfnrt", text[1])) {
		*ret_len = 2;
		return 0;
	}
	code = text[1] == 'u' ? parse_hex4(text + 2) : -1;
	if (code < 0)
		return fault(scan, at, "an escape of JSON such as \\n, \\\\ or \\u0041");
	if (code == 0)
		return fault(scan, at, "no \\u0000");
	if (is_high_surrogate(code) && text[6] == '\\' && text[7] == 'u')
		next = parse_hex4(text + 8);
	if (is_low_surrogate(code) || (is_high_surrogate(code) && !is_low_surrogate(next)))
		return fault(scan, at, "both halves of a surrogate pair");
	*ret_len = is_high_surrogate(code) ? 12 : 6;
	return 0;
}

static int check_string(struct json_scan *scan, size_t start, size_t *ret_at)
{
	const char *text = scan->text;
	size_t at = start + 1, n;
	int r;

	while (text[at] != '"') {
		if (at >= scan->len)
			return fault(scan, start, "a closing quote to this string");
		if ((unsigned char)text[at] < 0x20)
			return fault(scan, at, "no line break or control character in a string");
		n = 1;
		r = text[at] == '\\' ? check_escape(scan, at, &n) : 0;
		if (r < 0)
			return r;
		at += n;
	}
	return token_done(scan, start, at + 1, ret_at);
}

static int check_number(struct json_scan *scan, size_t start, size_t *ret_at)
{
	static const char wanted[] = "a number as JSON writes it, such as 0, 12 or -1.5";
	const char *text = scan->text;
	size_t at = start + (text[start] == '-');

	if (!is_digit(text[at]) || (text[at] == '0' && is_digit(text[at + 1])))
		return fault(scan, start, wanted);
	while (is_digit(text[at]))
		at++;
	if (text[at] == '.') {
		if (!is_digit(text[++at]))
			return fault(scan, start, wanted);
		while (is_digit(text[at]))
			at++;
	}
	if (text[at] == 'e' || text[at] == 'E') {
		at += text[at + 1] == '+' || text[at + 1] == '-' ? 2 : 1;
		if (!is_digit(text[at]))
			return fault(scan, start, wanted);
		while (is_digit(text[at]))
			at++;
	}
	return token_done(scan, start, at, ret_at);
}

/* What to say instead of `wanted` when something at `at` is known to be no JSON. */
static int fault_or_hint(struct json_scan *scan, size_t at, const char *wanted)
{
	switch (scan->text[at]) {
	case '/':
		return fault(scan, at, "no comment: JSON has none");
	case '\'':
		return fault(scan, at, "double quotes around strings");
	default:
		return fault(scan, at, wanted);
	}
}

static int check_word(struct json_scan *scan, size_t at, size_t *ret_at)
{
	static const char *const words[] = { "true", "false", "null", NULL };

	for (const char *const *word = words; *word; word++) {
		size_t n = strlen(*word);

		if (strncmp(scan->text + at, *word, n) == 0) {
			*ret_at = at + n;
			return 0;
		}
	}
	return fault_or_hint(scan, at,
			     "a value: object, array, string in double quotes, number, "
			     "true, false or null");
}

static int check_value(struct json_scan *scan, size_t at, unsigned int depth, size_t *ret_at);

/* One value under the token `name` of the pointer, which is kept when something is wrong. */
static int check_named(struct json_scan *scan, size_t at, const char *name, unsigned int depth,
		       size_t *ret_at)
{
	size_t mark = strlen(scan->pointer);
	int r;

	json_pointer_append(scan->pointer, sizeof(scan->pointer), name);
	r = check_value(scan, at, depth, ret_at);
	if (r == 0)
		scan->pointer[mark] = '\0';
	return r;
}

static int check_member(struct json_scan *scan, size_t start, unsigned int depth, size_t *ret_at)
{
	char name[KEY_BYTES];
	size_t at;
	int r;

	if (scan->text[start] != '"')
		return fault_or_hint(scan, start, "a key in double quotes");
	r = check_string(scan, start, &at);
	if (r < 0 && scan->wanted)
		return r;
	json_scan_decode(scan->text, start, name, sizeof(name));
	if (r < 0) {
		json_pointer_append(scan->pointer, sizeof(scan->pointer), name);
		return r;
	}
	at = json_scan_blank(scan->text, at);
	if (scan->text[at] != ':')
		return fault_or_hint(scan, at, "a colon behind the key");
	return check_named(scan, json_scan_blank(scan->text, at + 1), name, depth, ret_at);
}

static int check_element(struct json_scan *scan, size_t at, size_t index, unsigned int depth,
			 size_t *ret_at)
{
	char name[24];

	if (scan->is_sequence && depth == 1 && scan->text[at] != '{')
		return fault(scan, at, "an object, as the others of this sequence");
	snprintf(name, sizeof(name), "%zu", index);
	return check_named(scan, at, name, depth, ret_at);
}

static int check_container(struct json_scan *scan, size_t at, unsigned int depth, size_t *ret_at)
{
	const char *text = scan->text;
	bool is_object = text[at] == '{';
	char close = is_object ? '}' : ']';
	int r;

	static_assert(MAX_JSON_DEPTH == 32, "the sentence names it");
	if (depth >= MAX_JSON_DEPTH)
		return fault(scan, at, "fewer levels of nesting (at most 32)");
	at = json_scan_blank(text, at + 1);
	for (size_t index = 0; text[at] != close; index++) {
		if (index > 0) {
			if (text[at] != ',')
				return fault_or_hint(scan, at,
						     is_object ? "a comma or }" : "a comma or ]");
			at = json_scan_blank(text, at + 1);
			if (text[at] == close)
				return fault(scan, at, "no comma before the closing bracket");
		}
		r = is_object ? check_member(scan, at, depth + 1, &at)
			      : check_element(scan, at, index, depth + 1, &at);
		if (r < 0)
			return r;
		at = json_scan_blank(text, at);
	}
	*ret_at = at + 1;
	return 0;
}

static int check_value(struct json_scan *scan, size_t at, unsigned int depth, size_t *ret_at)
{
	char c = scan->text[at];

	if (c == '{' || c == '[')
		return check_container(scan, at, depth, ret_at);
	if (c == '"')
		return check_string(scan, at, ret_at);
	if (c == '-' || is_digit(c))
		return check_number(scan, at, ret_at);
	return check_word(scan, at, ret_at);
}

int json_scan_check(struct json_scan *scan)
{
	size_t at;
	int r;

	scan->pointer[0] = '\0';
	r = check_value(scan, json_scan_blank(scan->text, 0), 0, &at);
	if (r < 0)
		return r;
	at = json_scan_blank(scan->text, at);
	if (at < scan->len)
		return fault_or_hint(scan, at, "nothing behind the end of the document");
	return 0;
}

static size_t skip_string(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

size_t json_scan_skip(const char *text, size_t at)
{
	unsigned int depth = 0;

	do {
		at = json_scan_blank(text, at);
		switch (text[at]) {
		case '{':
		case '[':
			depth++;
			at++;
			break;
		case '}':
		case ']':
			depth--;
			at++;
			break;
		case '"':
			at = skip_string(text, at);
			break;
		case ',':
		case ':':
			at++;
			break;
		default:
			at += strcspn(text + at, " \t\r\n,:[]{}\"");
		}
	} while (depth > 0);
	return at;
}

bool json_scan_next(const char *text, size_t *at, bool is_object, struct json_member *ret_member)
{
	struct json_member member;

	/* past the opening bracket or the comma, unless the container ends here */
	member.key = json_scan_blank(text, *at);
	if (text[member.key] == '}' || text[member.key] == ']')
		return false;
	member.key = json_scan_blank(text, member.key + 1);
	if (text[member.key] == '}' || text[member.key] == ']')
		return false;
	member.value = member.key;
	if (is_object) {
		member.value = json_scan_blank(text, skip_string(text, member.key));
		member.value = json_scan_blank(text, member.value + 1);
	}
	*at = json_scan_skip(text, member.value);
	*ret_member = member;
	return true;
}

size_t json_scan_count(const char *text, size_t at)
{
	struct json_member element;
	size_t n = 0;

	while (json_scan_next(text, &at, false, &element))
		n++;
	return n;
}

/* One character as UTF-8 (RFC 3629); returns its length. */
static size_t encode_utf8(unsigned int c, char buf[static 4])
{
	static const unsigned char lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--) {
		buf[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	buf[0] = (char)(lead[n] | c);
	return n;
}

/* One escape at `text`, which begins with a backslash. Returns how many bytes it takes. */
static size_t decode_escape(const char *text, char buf[static 4], size_t *ret_n)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *found = strchr(from, text[1]);
	int code;

	if (text[1] != 'u') {
		buf[0] = found ? to[found - from] : text[1];
		*ret_n = 1;
		return 2;
	}
	code = parse_hex4(text + 2);
	if (is_high_surrogate(code)) {
		code = 0x10000 + ((code - 0xd800) << 10) + (parse_hex4(text + 8) - 0xdc00);
		*ret_n = encode_utf8((unsigned int)code, buf);
		return 12;
	}
	*ret_n = encode_utf8((unsigned int)code, buf);
	return 6;
}

size_t json_scan_decode(const char *text, size_t at, char *buf, size_t size)
{
	size_t used = 0;

	for (at++; text[at] != '"';) {
		char one[4] = { text[at] };
		size_t n = 1;

		at += text[at] == '\\' ? decode_escape(text + at, one, &n) : 1;
		if (used + n >= size) {
			buf[used] = '\0';
			return size;
		}
		memcpy(buf + used, one, n);
		used += n;
	}
	buf[used] = '\0';
	return used;
}
