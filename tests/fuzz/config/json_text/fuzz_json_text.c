/* JSON with places. What parses in the strict mode parses to the same in the tolerant one; what
 * parses in the tolerant mode prints to a text that parses to the same in the strict one. Each
 * value is found under its pointer, and its place holds its text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/json_text.h"

#include "tests/fuzz/config/require.h"

struct walk {
	const struct json_text *json;
	const uint8_t *data;
	size_t size;
	char pointer[4096];
};

/* The offset of a place. */
static size_t offset_of(const struct walk *walk, int line, int column)
{
	size_t at = 0;

	for (; line > 1; at++)
		line -= walk->data[at] == '\n';
	return at + (size_t)column - 1;
}

static void require_place(const struct walk *walk, const json_t *value)
{
	struct config_error error;
	size_t at;

	json_text_error(walk->json, walk->pointer, &error, "x");
	require(strcmp(error.met, "nothing") != 0);
	at = offset_of(walk, error.line, error.column);
	/* the brackets of a sequence are not in the text */
	if (json_is_array(value) && !walk->pointer[0])
		return;
	require(at < walk->size);
	require(json_is_object(value) == (walk->data[at] == '{'));
	require(json_is_array(value) == (walk->data[at] == '['));
	require(json_is_string(value) == (walk->data[at] == '"'));
	require(json_is_true(value) == (walk->data[at] == 't'));
}

static void walk_value(struct walk *walk, json_t *value)
{
	size_t mark = strlen(walk->pointer), i;
	char index[24];
	const char *key;
	json_t *inner;

	if (mark > sizeof(walk->pointer) / 2)
		return;
	require_place(walk, value);
	json_object_foreach (value, key, inner) {
		if (strlen(key) > 200)
			continue; /* longer keys are not looked up */
		json_pointer_append(walk->pointer, sizeof(walk->pointer), key);
		walk_value(walk, inner);
		walk->pointer[mark] = '\0';
	}
	json_array_foreach (value, i, inner) {
		snprintf(index, sizeof(index), "%zu", i);
		json_pointer_append(walk->pointer, sizeof(walk->pointer), index);
		walk_value(walk, inner);
		walk->pointer[mark] = '\0';
	}
}

/* Parses; checks the error or the places. NULL when it does not parse. */
static struct json_text *parse(const uint8_t *data, size_t size, enum json_text_mode mode)
{
	struct walk walk = { .data = data, .size = size };
	struct config_error error;
	struct json_text *json;
	int r;

	memset(&error, 0xff, sizeof(error));
	r = json_text_parse((const char *)data, size, mode, &json, &error);
	if (r < 0) {
		require(r == -EBADMSG);
		require_error(&error, data, size);
		return NULL;
	}
	walk.json = json;
	if (size < 4096) /* places are found by a walk from the start */
		walk_value(&walk, json_text_root(json));
	return json;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_text *strict = parse(data, size, JSON_TEXT_STRICT);
	struct json_text *tolerant = parse(data, size, JSON_TEXT_TOLERANT), *again;
	char *printed;

	if (strict)
		require(tolerant && json_equal(json_text_root(strict), json_text_root(tolerant)));
	if (tolerant) {
		printed = json_dumps(json_text_root(tolerant), JSON_ENCODE_ANY);
		require(printed);
		again = parse((const uint8_t *)printed, strlen(printed), JSON_TEXT_STRICT);
		require(again && json_equal(json_text_root(tolerant), json_text_root(again)));
		json_text_free(again);
		free(printed);
	}
	json_text_free(strict);
	json_text_free(tolerant);
	return 0;
}
