/* Import: from texts that Azure printed to a box's configuration and secrets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device.h"
#include "config/json_text.h"
#include "config/secrets.h"
#include "provisioning/fleet/translate.h"

struct import {
	size_t n_files;
	struct azure_file *files; /* owned */
	bool is_broken;		  /* one of them is no JSON, or no more than a value */
	struct azure_inventory inventory;
	const struct import_options *options;
	struct findings *findings;
};

static void import_deinit(struct import *import)
{
	azure_inventory_deinit(&import->inventory);
	for (size_t i = 0; i < import->n_files; i++)
		json_text_free(import->files[i].json);
	free(import->files);
}

void import_result_deinit(struct import_result *result)
{
	if (result->secrets)
		secret_wipe_bytes(result->secrets, strlen(result->secrets));
	free(result->secrets);
	free(result->config);
	free(result->summary);
	*result = (struct import_result){ 0 };
}

/* What the parser met may be a key, so that only what it wanted is told. */
static void tell_syntax(struct import *import, const struct azure_file *file,
			const struct config_error *error)
{
	struct finding_place place = {
		.file = file->number,
		.path = file->path,
		.line = error->line,
		.column = error->column,
		.pointer = error->pointer,
	};

	import->is_broken = true;
	finding_add(import->findings, FINDING_ERROR, &place, NULL,
		    "this is no JSON that Azure prints: wanted %s", error->wanted);
}

static int add_text(struct import *import, const struct import_text *text)
{
	struct azure_file *file = &import->files[import->n_files];
	struct config_error error;
	const json_t *root;
	int r;

	*file = (struct azure_file){ .number = import->n_files, .path = text->path };
	import->n_files++;
	r = json_text_parse(text->bytes, text->len, JSON_TEXT_TOLERANT, &file->json, &error);
	if (r == -EBADMSG) {
		tell_syntax(import, file, &error);
		return 0;
	}
	if (r < 0)
		return r;
	root = json_text_root(file->json);
	import->is_broken |= !json_is_object(root) && !json_is_array(root);
	return azure_inventory_add(&import->inventory, file, import->findings);
}

/* The box's own parser has the last word. */
static int check_config(struct import *import, const struct site *site, const char *text)
{
	_cleanup_(cleanup_config) struct device_config *parsed = NULL;
	struct config_error error;
	int r = config_parse(text, strlen(text), &parsed, &error);

	if (r != -EBADMSG)
		return r;
	azure_error(import->findings, &site->node, NULL,
		    "a box would refuse the configuration made of this: %s must be %s",
		    error.pointer, error.wanted);
	return 0;
}

/* "tunnel cn to 198.51.100.10", or "tunnels cn-0 to 198.51.100.10, cn-1 to 198.51.100.11". */
static void print_tunnels(const struct device_config *config, char *buf, size_t size)
{
	char gateway[ADDR_TEXT_BYTES];
	size_t used = 0;

	for (size_t i = 0; i < config->n_tunnels && used < size; i++) {
		const struct tunnel *tunnel = &config->tunnels[i];

		used += (size_t)snprintf(buf + used, size - used, "%s%s to %s",
					 i > 0			 ? ", "
					 : config->n_tunnels > 1 ? "tunnels "
								 : "tunnel ",
					 tunnel->name, addr_print(&tunnel->gateway, gateway));
	}
}

static char *print_summary(const struct device_config *config)
{
	char tunnels[SITE_MAX_GATEWAYS * (MAX_NAME_BYTES + ADDR_TEXT_BYTES + 16)];
	char ike[SUITE_TEXT_BYTES], esp[SUITE_TEXT_BYTES];
	const struct tunnel *tunnel = &config->tunnels[0];
	char *summary = NULL;

	print_tunnels(config, tunnels, sizeof(tunnels));
	if (asprintf(&summary, "site %s: %s, %zu Azure and %zu office %s, best suites %s and %s",
		     config->site, tunnels, config->n_azure_prefixes, config->n_office_prefixes,
		     config->n_office_prefixes == 1 ? "prefix" : "prefixes",
		     ike_suite_print(&tunnel->ike_suites[0], ike),
		     esp_suite_print(&tunnel->esp_suites[0], esp)) < 0)
		return NULL;
	return summary;
}

static int print_site(struct import *import, const struct site *site,
		      struct import_result *ret_result)
{
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	_cleanup_(import_result_deinit) struct import_result result = { 0 };
	int r;

	r = translate_site(site, import->options->wan, import->options->lan, &config, &secrets);
	if (r < 0)
		return r;
	result.config = config_print(config);
	result.secrets = secrets_print(secrets);
	result.summary = print_summary(config);
	if (!result.config || !result.secrets || !result.summary)
		return -ENOMEM;
	r = check_config(import, site, result.config);
	if (r < 0 || import->findings->n_errors > 0)
		return r;
	*ret_result = result;
	result = (struct import_result){ 0 };
	return 0;
}

int import_texts(const struct import_text *texts, size_t n, const struct import_options *options,
		 struct findings *findings, struct import_result *ret_result)
{
	_cleanup_(import_deinit) struct import import = {
		.files = calloc(n, sizeof(*import.files)),
		.options = options,
		.findings = findings,
	};
	_cleanup_(cleanup_site) struct site *site = NULL;
	int r = 0;

	if (!import.files)
		return -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_text(&import, &texts[i]);
	/* what a damaged file lacks is not missing */
	if (r < 0 || import.is_broken)
		return r;
	site = site_join(&import.inventory, &import.files[0], &options->site, findings);
	if (findings->n_errors > 0)
		return 0;
	return site ? print_site(&import, site, ret_result) : -ENOMEM;
}
