/* Memory that runs out: each allocation of a parser fails once, and each time the parser says so
 * and leaves nothing behind (the sanitizer looks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/device.h"
#include "config/secrets.h"
#include "document.h"
#include "tests/unit/rows.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

/* How many allocations succeed; less than 0: all. */
static long n_allowed = -1;

static bool is_allowed(void)
{
	if (n_allowed < 0)
		return true;
	if (n_allowed == 0)
		return false;
	n_allowed--;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return is_allowed() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_allowed() ? __real_calloc(n, size) : NULL;
}

static int parse_config(void)
{
	struct device_config *config;
	struct config_error error;
	int r = config_parse(DOCUMENT, sizeof(DOCUMENT) - 1, &config, &error);

	if (r == 0)
		config_free(config);
	return r;
}

static int parse_repeated_key(void)
{
	static const char text[] = "{\"a\":1,\"a\":2}";
	struct device_config *config;
	struct config_error error;
	int r = config_parse(text, sizeof(text) - 1, &config, &error);

	return r == -EBADMSG ? 0 : r;
}

static int parse_secrets(void)
{
	static const char text[] = "{\"format\":\"fairlead-secrets/1\","
				   "\"keys\":[{\"tunnel\":\"a\",\"psk\":\"b\"}]}";
	struct config_error error;
	struct secrets *secrets;
	int r = secrets_parse(text, sizeof(text) - 1, &secrets, &error);

	if (r == 0)
		secrets_free(secrets);
	return r;
}

static int read_file(void)
{
	char *text;
	size_t len;
	int r = config_read_file("config/schema.json", MAX_CONFIG_BYTES, false, &text, &len);

	if (r == 0)
		free(text);
	return r;
}

static const struct row {
	const char *name;
	int (*call)(void);
	long least; /* allocations of a good run, so that the row proves something */
} rows[] = {
	{ "a device configuration", parse_config, 50 },
	{ "a wrong device configuration", parse_repeated_key, 5 },
	{ "secrets", parse_secrets, 3 },
	{ "a file", read_file, 1 },
};

static void says_so(void **state)
{
	const struct row *row = *state;
	long n = 0;
	int r;

	do {
		n_allowed = n++;
		r = row->call();
		n_allowed = -1;
	} while (r == -ENOMEM);
	assert_int_equal(r, 0);
	assert_true(n > row->least);
}

int main(void)
{
	json_set_alloc_funcs(__wrap_malloc, free);
	return RUN_ROWS(rows, says_so);
}
