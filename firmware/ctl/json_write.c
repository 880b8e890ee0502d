/* Writing JSON to a stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/json_write.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* The length of the UTF-8 sequence at `s` (RFC 3629 section 4), 0 if there is none. `s` ends in
 * NUL, which continues no sequence. */
static size_t sequence_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char second_first, second_last;
		size_t len;
	} rows[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last)
			continue;
		if (s[1] < rows[i].second_first || s[1] > rows[i].second_last)
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

static void write_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		size_t len = sequence_len(s);

		if (len == 0)
			fputs("\\ufffd", out);
		else if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(out, "\\u%04x", *s);
		else
			fwrite(s, 1, len, out);
		s += len ? len : 1;
	}
	fputc('"', out);
}

/* What stands ahead of a value: comma, new line, indentation, key. */
static void begin(struct json_writer *json, const char *key)
{
	if (json->depth)
		fprintf(json->out, "%s\n%*s", json->is_first ? "" : ",", 2 * json->depth, "");
	json->is_first = false;
	if (key) {
		write_string(json->out, key);
		fputs(": ", json->out);
	}
}

void json_write_open(struct json_writer *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->is_first = true;
}

void json_write_close(struct json_writer *json, char bracket)
{
	json->depth--;
	if (!json->is_first)
		fprintf(json->out, "\n%*s", 2 * json->depth, "");
	json->is_first = false;
	fputc(bracket, json->out);
	if (!json->depth)
		fputc('\n', json->out);
}

void json_write_text(struct json_writer *json, const char *key, const char *text)
{
	begin(json, key);
	write_string(json->out, text);
}

void json_write_number(struct json_writer *json, const char *key, uint64_t number)
{
	begin(json, key);
	fprintf(json->out, "%" PRIu64, number);
}

void json_write_decimal(struct json_writer *json, const char *key, uint64_t thousandths)
{
	begin(json, key);
	fprintf(json->out, "%" PRIu64 ".%03" PRIu64, thousandths / 1000, thousandths % 1000);
}

void json_write_bool(struct json_writer *json, const char *key, bool is_true)
{
	begin(json, key);
	fputs(is_true ? "true" : "false", json->out);
}

void json_write_null(struct json_writer *json, const char *key)
{
	begin(json, key);
	fputs("null", json->out);
}
