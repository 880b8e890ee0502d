/* The secrets file: what parses prints to a text that parses to equal keys; what does not parse
 * brings a whole error that holds nothing of the text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/secrets.h"

#include "tests/fuzz/config/require.h"

static bool begins(const char *text, const char *const *beginnings)
{
	for (; *beginnings; beginnings++)
		if (strncmp(text, *beginnings, strlen(*beginnings)) == 0)
			return true;
	return false;
}

/* Steps over digits. */
static const char *skip_digits(const char *text)
{
	return text + strspn(text, "0123456789");
}

static void require_secrecy(const struct config_error *error)
{
	static const char *const mets[] = {
		"a string of ",		  "an object", "an array", "a value that is no string",
		"text that is not shown", NULL
	};
	static const char *const members[] = { "", "/tunnel", "/psk", NULL };
	static const char string[] = "a string of ", keys[] = "/keys/";
	const char *rest = error->pointer;

	require(begins(error->met, mets));
	if (begins(error->met, (const char *const[]){ string, NULL }))
		require(strcmp(skip_digits(error->met + strlen(string)), " bytes") == 0);
	if (strncmp(rest, keys, strlen(keys)) == 0) {
		const char *const *member = members;

		rest = skip_digits(rest + strlen(keys));
		while (*member && strcmp(*member, rest) != 0)
			member++;
		require(*member);
	} else {
		require(!rest[0] || strcmp(rest, "/keys") == 0 || strcmp(rest, "/format") == 0);
	}
}

static void require_equal(const struct secrets *a, const struct secrets *b)
{
	require(a->n_keys == b->n_keys);
	for (size_t i = 0; i < a->n_keys; i++) {
		require(strcmp(a->keys[i].tunnel, b->keys[i].tunnel) == 0);
		require(secret_equal(&a->keys[i].psk, &b->keys[i].psk));
		require(secrets_find(a, b->keys[i].tunnel) == &a->keys[i].psk);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secrets *secrets, *again;
	struct config_error error;
	char *printed;
	int r;

	memset(&error, 0xff, sizeof(error));
	r = secrets_parse((const char *)data, size, &secrets, &error);
	if (r < 0) {
		require(r == -EBADMSG);
		require_error(&error, data, size);
		require_secrecy(&error);
		return 0;
	}
	printed = secrets_print(secrets);
	require(printed);
	require(secrets_parse(printed, strlen(printed), &again, &error) == 0);
	require_equal(secrets, again);
	free(printed);
	secrets_free(again);
	secrets_free(secrets);
	return 0;
}
