/* Imports arbitrary bytes as Azure's files.
 *
 * A NUL separates files, at most four. Property: either there is a configuration that the box's
 * parser takes and that prints to the very same text, and secrets with the tunnel's key; or there
 * is at least one error finding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device.h"
#include "config/secrets.h"
#include "provisioning/fleet/import.h"

#define MAX_FILES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert, also there in a release build. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_result(const struct import_result *result)
{
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	_cleanup_free_ char *again = NULL;
	struct config_error error;

	must(config_parse(result->config, strlen(result->config), &config, &error) == 0);
	again = config_print(config);
	must(again && strcmp(again, result->config) == 0);
	must(secrets_parse(result->secrets, strlen(result->secrets), &secrets, &error) == 0);
	must(secrets->n_keys == 1 && secrets_find(secrets, config->tunnels[0].name));
}

static void print_findings(const struct findings *findings)
{
	for (int is_json = 0; is_json < 2; is_json++) {
		_cleanup_free_ char *text = NULL;
		size_t len, n_lines = 0;
		FILE *out = open_memstream(&text, &len);

		must(out && findings_print(findings, is_json, out) == 0);
		fclose(out);
		for (const char *c = text; *c; c++)
			n_lines += *c == '\n';
		must(n_lines == findings->n + (findings->n_dropped > 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct import_options options = { .wan = "wan0", .lan = "lan0" };
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	struct import_text texts[MAX_FILES];
	const char *at = (const char *)data, *end = at + size;
	size_t n = 0;

	do {
		const char *nul = n + 1 < MAX_FILES ? memchr(at, 0, (size_t)(end - at)) : NULL;

		texts[n++] = (struct import_text){ "input", at, (size_t)((nul ? nul : end) - at) };
		at = nul ? nul + 1 : end;
	} while (at < end);
	must(import_texts(texts, n, &options, &findings, &result) == 0);
	must((result.config != NULL) == (findings.n_errors == 0));
	if (result.config)
		check_result(&result);
	print_findings(&findings);
	return 0;
}
