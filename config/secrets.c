/* The secrets file, read by the scanner alone: a JSON library would leave copies of the keys in
 * freed memory, and an error here must not show what it met.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/secrets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/json_scan.h"

struct reader {
	char *text; /* a copy that ends in a NUL; wiped */
	size_t len;
	struct secrets *secrets;
	struct tunnel_secret *key; /* the one being read */
	struct config_error *error;
	char pointer[sizeof(((struct config_error *)NULL)->pointer)];
};

struct member {
	const char *name;
	int (*read)(struct reader *reader, size_t at);
};

static void reader_deinit(struct reader *reader)
{
	if (reader->text)
		secret_wipe_bytes(reader->text, reader->len);
	free(reader->text);
}

/* Fills the error with the kind of value at `at`, never with its text. */
__attribute__((format(printf, 3, 4))) static int wrong(struct reader *reader, size_t at,
						       const char *wanted, ...)
{
	struct config_error *error = reader->error;
	const char *text = reader->text;
	va_list args;

	json_scan_place(text, at, &error->line, &error->column);
	snprintf(error->pointer, sizeof(error->pointer), "%s", reader->pointer);
	va_start(args, wanted);
	vsnprintf(error->wanted, sizeof(error->wanted), wanted, args);
	va_end(args);
	if (text[at] == '"')
		snprintf(error->met, sizeof(error->met), "a string of %zu bytes",
			 json_scan_skip(text, at) - at - 2);
	else if (text[at] == '[')
		snprintf(error->met, sizeof(error->met), "an array of %zu",
			 json_scan_count(text, at));
	else
		snprintf(error->met, sizeof(error->met), "%s",
			 text[at] == '{' ? "an object" : "a value that is no string");
	return -EBADMSG;
}

static int syntax_wrong(struct reader *reader, const struct json_scan *scan)
{
	struct config_error *error = reader->error;

	json_scan_place(reader->text, scan->at, &error->line, &error->column);
	error->pointer[0] = '\0'; /* it might hold a key where a name belongs */
	snprintf(error->met, sizeof(error->met), "text that is not shown");
	snprintf(error->wanted, sizeof(error->wanted), "%s", scan->wanted);
	return -EBADMSG;
}

/* True, and the text in `buf`, for a string that fits. */
static bool get_string(struct reader *reader, size_t at, char *buf, size_t size)
{
	return reader->text[at] == '"' && json_scan_decode(reader->text, at, buf, size) < size;
}

static const struct member *find_member(const struct member *members, const char *name)
{
	for (; members->name; members++)
		if (strcmp(members->name, name) == 0)
			return members;
	return NULL;
}

/* Reads an object that must have each of these members once. */
static int read_object(struct reader *reader, size_t at, const struct member *members)
{
	size_t mark = strlen(reader->pointer), cursor = at;
	unsigned int seen = 0;
	struct json_member found;
	char name[16];
	int r;

	if (reader->text[at] != '{')
		return wrong(reader, at, "an object");
	while (json_scan_next(reader->text, &cursor, true, &found)) {
		const struct member *member = NULL;

		if (get_string(reader, found.key, name, sizeof(name)))
			member = find_member(members, name);
		if (!member)
			return wrong(reader, found.key, "a known key");
		snprintf(reader->pointer + mark, sizeof(reader->pointer) - mark, "/%s", name);
		if (seen & (1u << (member - members)))
			return wrong(reader, found.key, "each key once");
		seen |= 1u << (member - members);
		r = member->read(reader, found.value);
		if (r < 0)
			return r;
		reader->pointer[mark] = '\0';
	}
	for (const struct member *member = members; member->name; member++)
		if (!(seen & (1u << (member - members))))
			return wrong(reader, at, "the key \"%s\" in it", member->name);
	return 0;
}

static int read_format(struct reader *reader, size_t at)
{
	char format[sizeof(SECRETS_FORMAT)];

	if (!get_string(reader, at, format, sizeof(format)) || strcmp(format, SECRETS_FORMAT) != 0)
		return wrong(reader, at, "\"%s\"", SECRETS_FORMAT);
	return 0;
}

static int read_tunnel(struct reader *reader, size_t at)
{
	struct tunnel_secret *key = reader->key;

	if (!get_string(reader, at, key->tunnel, sizeof(key->tunnel)) ||
	    !tunnel_name_is_valid(key->tunnel))
		return wrong(reader, at,
			     "the name of a tunnel: 1 to 80 letters, digits, '.', '_' "
			     "or '-'");
	for (const struct tunnel_secret *other = reader->secrets->keys; other < key; other++)
		if (strcmp(other->tunnel, key->tunnel) == 0)
			return wrong(reader, at, "one key for each tunnel: /keys/%zu has this one",
				     (size_t)(other - reader->secrets->keys));
	return 0;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static int read_psk(struct reader *reader, size_t at)
{
	char psk[MAX_PSK_BYTES + 1];
	int r;

	if (!get_string(reader, at, psk, sizeof(psk)) || !is_printable(psk) ||
	    secret_from_bytes(psk, strlen(psk), &reader->key->psk) < 0)
		r = wrong(reader, at, "a shared key: 1 to 128 printable ASCII characters");
	else
		r = 0;
	secret_wipe_bytes(psk, sizeof(psk));
	return r;
}

static int read_keys(struct reader *reader, size_t at)
{
	static const struct member members[] = {
		{ "tunnel", read_tunnel },
		{ "psk", read_psk },
		{ 0 },
	};
	struct secrets *secrets = reader->secrets;
	struct json_member element;
	size_t n, i = 0, cursor = at;
	int r;

	n = reader->text[at] == '[' ? json_scan_count(reader->text, at) : 0;
	if (n < 1 || n > MAX_TUNNELS)
		return wrong(reader, at, "an array of 1 to %d", MAX_TUNNELS);
	secrets->keys = calloc(n, sizeof(*secrets->keys));
	if (!secrets->keys)
		return -ENOMEM;
	secrets->n_keys = n;
	for (; json_scan_next(reader->text, &cursor, false, &element); i++) {
		reader->key = &secrets->keys[i];
		snprintf(reader->pointer, sizeof(reader->pointer), "/keys/%zu", i);
		r = read_object(reader, element.value, members);
		if (r < 0)
			return r;
	}
	return 0;
}

int secrets_parse(const char *text, size_t len, struct secrets **ret_secrets,
		  struct config_error *ret_error)
{
	static const struct member members[] = {
		{ "format", read_format },
		{ "keys", read_keys },
		{ 0 },
	};
	_cleanup_(cleanup_secrets) struct secrets *secrets = calloc(1, sizeof(*secrets));
	_cleanup_(reader_deinit) struct reader reader = { .secrets = secrets, .error = ret_error };
	struct json_scan scan = { .len = len };
	int r;

	reader.text = malloc(len + 1);
	if (!secrets || !reader.text)
		return -ENOMEM;
	memcpy(reader.text, text, len);
	reader.text[len] = '\0';
	reader.len = len;
	scan.text = reader.text;
	if (json_scan_check(&scan) < 0)
		return syntax_wrong(&reader, &scan);
	r = read_object(&reader, json_scan_blank(reader.text, 0), members);
	if (r < 0)
		return r;
	*ret_secrets = steal(&secrets);
	return 0;
}

/* Prints a key as a JSON string: it is printable, so two characters need an escape. */
static char *print_psk(char *p, const struct secret *psk)
{
	*p++ = '"';
	for (size_t i = 0; i < psk->len; i++) {
		if (psk->bytes[i] == '"' || psk->bytes[i] == '\\')
			*p++ = '\\';
		*p++ = (char)psk->bytes[i];
	}
	*p++ = '"';
	return p;
}

char *secrets_print(const struct secrets *secrets)
{
	/* room for all at once: a buffer that grows would leave keys behind */
	const size_t frame = 64, key_frame = 64 + MAX_NAME_BYTES + 2 * MAX_PSK_BYTES;
	size_t size = frame + secrets->n_keys * key_frame;
	char *text = malloc(size), *p = text;

	if (!text)
		return NULL;
	p += snprintf(p, frame, "{\n  \"format\": \"%s\",\n  \"keys\": [", SECRETS_FORMAT);
	for (size_t i = 0; i < secrets->n_keys; i++) {
		p += snprintf(p, key_frame,
			      "%s\n    { \"tunnel\": \"%s\", \"psk\": ", i > 0 ? "," : "",
			      secrets->keys[i].tunnel);
		p = print_psk(p, &secrets->keys[i].psk);
		p += snprintf(p, 3, " }");
	}
	snprintf(p, size - (size_t)(p - text), "\n  ]\n}\n");
	return text;
}

const struct secret *secrets_find(const struct secrets *secrets, const char *tunnel)
{
	for (size_t i = 0; i < secrets->n_keys; i++)
		if (strcmp(secrets->keys[i].tunnel, tunnel) == 0)
			return &secrets->keys[i].psk;
	return NULL;
}

void secrets_free(struct secrets *secrets)
{
	if (!secrets)
		return;
	if (secrets->keys)
		secret_wipe_bytes(secrets->keys, secrets->n_keys * sizeof(*secrets->keys));
	free(secrets->keys);
	free(secrets);
}
